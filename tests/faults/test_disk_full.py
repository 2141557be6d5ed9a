"""No room on the database's disk, and none where uploads come in and are unpacked: said so, and nothing half there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.api.workers import ended, jingtu
from tests.faults import full, scene
from tests.faults.conftest import Cluster, Right, using
from tests.faults.moments import BEFORE_COMMIT
from tests.faults.process import HOME, Jingtu, backends

STEP = 128 * 1024
Disk = Callable[..., AbstractContextManager[tuple[str, full.Leave]]]


def a_full_disk(cluster: Cluster, of: str = "old") -> AbstractContextManager[tuple[str, full.Leave]]:
    return (full.database_on_a_file_system if full.may_mount() else full.database_under_a_limit)(cluster, of)


@pytest.mark.parametrize("disk", [a_full_disk, full.database_under_a_limit])
def test_a_load_that_finds_the_databases_disk_full_says_so_changes_nothing_and_goes_in_once_there_is_room(
    cluster: Cluster, right: Right, delivery: Path, django_db_blocker: DjangoDbBlocker, disk: Disk
) -> None:
    with disk(cluster) as (url, leave), django_db_blocker.unblock(), using(url):
        nothing = scene.fingerprint(url, scene.WAITING)
        for room in itertools.count(
            0, STEP
        ):  # it ends in the first thing that it writes, and later and later
            leave(room)
            with Jingtu(url, *scene.words(delivery)) as command:
                if command.code() == 0:
                    break
                assert "磁盘已满" in command.err() and "Traceback" not in command.err(), command.err()
            leave(None)
            assert scene.fingerprint(url, scene.VISIBLE) == right.old
            assert scene.fingerprint(url, scene.WAITING) == nothing
            assert scene.answers() == right.old_answers
        leave(None)
        assert room > 0
        assert scene.fingerprint(url, scene.WAITING) == right.waiting


@pytest.mark.parametrize(
    "table", ["release", "load", "loadissue", "feature", "quarantinedrow", "keptrow", "leftout"]
)
def test_a_load_says_that_the_disk_is_full_whichever_table_it_was_that_found_no_room(
    url: str, right: Right, delivery: Path, table: str
) -> None:
    nothing = scene.fingerprint(url, scene.WAITING)
    with psycopg.connect(url) as database:
        database.execute(f"""
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE disk_full USING MESSAGE = 'no room in {table}'; END $$;
            CREATE TRIGGER no_room BEFORE INSERT ON spatial_{table} EXECUTE FUNCTION no_room()
        """)
    with Jingtu(url, *scene.words(delivery)) as command:
        assert command.code() == 1
    assert command.err().startswith("数据库的磁盘已满"), command.err()
    assert scene.fingerprint(url, scene.VISIBLE) == right.old
    assert scene.fingerprint(url, scene.WAITING) == nothing


def test_a_switch_that_finds_the_databases_disk_full_changes_nothing_and_is_made_once_there_is_room(
    cluster: Cluster, right: Right, django_db_blocker: DjangoDbBlocker
) -> None:
    with a_full_disk(cluster) as (url, leave), django_db_blocker.unblock(), using(url):
        assert scene.fingerprint(url, scene.VISIBLE) == right.old
        leave(0)
        with Jingtu(url, "unpublish", scene.OLD) as command:
            refused = command.code() == 1
            assert refused == ("磁盘已满" in command.err()), command.err()
        leave(None)
        if refused:
            assert scene.fingerprint(url, scene.VISIBLE) == right.old
            with Jingtu(url, "unpublish", scene.OLD) as command:
                assert command.code() == 0, command.err()
        assert refused or not full.may_mount()  # a limit on one table leaves room in the others
        with Jingtu(url, "publish", scene.OLD) as command:
            assert command.code() == 0, command.err()
        assert scene.without_revision(scene.answers()) == scene.without_revision(right.old_answers)


def test_a_database_that_cannot_write_its_log_ends_the_load_and_has_the_old_data_whole_once_it_can(
    cluster: Cluster, url: str, right: Right, delivery: Path
) -> None:
    nothing = scene.fingerprint(url, scene.WAITING)
    with Jingtu(url, *scene.words(delivery)) as command:
        command.go_to(lambda name: name == BEFORE_COMMIT)
        for pid in (cluster.pid(), *backends(url)):
            full.limit_server(cluster, pid, 0)
        assert command.code() == 1
        assert "数据库" in command.err() and "Traceback" not in command.err(), command.err()
    connections["default"].close()
    cluster.private.stop()
    assert cluster.private.ensure() == cluster.url
    assert scene.fingerprint(url, scene.VISIBLE) == right.old
    assert scene.fingerprint(url, scene.WAITING) == nothing
    with Jingtu(url, *scene.words(delivery)) as command:
        assert command.code() == 0, command.err()
    assert scene.fingerprint(url, scene.WAITING) == right.waiting


def test_a_delivery_that_cannot_be_unpacked_for_want_of_room_is_not_called_damaged(
    url: str, right: Right, delivery: Path
) -> None:
    temporary = HOME / "temporary"
    with full.room_in(temporary) as leave:
        with Jingtu(url, *scene.words(delivery)) as command:
            leave(command.process.pid, 20_000)
            assert command.code() == 1
        assert command.err().startswith("本机的磁盘已满") and "Traceback" not in command.err(), command.err()
        assert scene.fingerprint(url, scene.VISIBLE) == right.old
        with Jingtu(url, *scene.words(delivery)) as command:
            leave(command.process.pid, None)
            assert command.code() == 0, command.err()
        assert scene.fingerprint(url, scene.WAITING) == right.waiting


def test_an_upload_without_room_is_503_and_a_job_without_room_has_failed_until_there_is_some(
    cluster: Cluster,
    right: Right,
    delivery: Path,
    free_port: int,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """In the order in which a delivery goes: received, kept, unpacked, written into the database."""
    home = HOME / "small"
    with (
        a_full_disk(cluster) as (url, leave_database),
        full.room_in(home) as leave,
        django_db_blocker.unblock(),
        using(url),
        jingtu(url, "Ctrl-C", "serve", JINGTU_PORT=str(free_port), JINGTU_HOME=str(home)) as server,
        jingtu(url, "worker is ready", "worker", JINGTU_HOME=str(home)) as worker,
        httpx2.Client(base_url=f"http://127.0.0.1:{free_port}", timeout=30) as client,
    ):
        header = scene.steward()
        fields = {"layer": scene.LAYER, "county": scene.COUNTY, "release": scene.NEW, "commit": "true"}
        fields["data_date"] = scene.NEW_DAY.isoformat()
        small = delivery.read_bytes()

        def hand_in(content: bytes) -> httpx2.Response:
            sent = {"files": (delivery.name, content)}
            return client.post("/loads", data=fields, files=sent, headers=header)

        def failure() -> Any:
            sent = hand_in(small)
            assert sent.status_code == 202, sent.text
            return ended(client, sent.json()["job"], header)["failure"]

        for pid in (server.pid, worker.pid):
            leave(pid, 0)
        for content in (small, small + bytes(3_000_000)):
            refused = hand_in(content)
            assert (refused.status_code, refused.json()["code"]) == (503, "disk_full"), refused.text
            assert re.search("磁盘已满", refused.json()["detail"])
            assert int(refused.headers["retry-after"]) >= 1
        assert not list((home / "uploads").iterdir())
        leave(server.pid, None)
        leave(worker.pid, len(small) + 20_000)
        # Where no disk can be mounted it is the worker whose files are limited; its child has a limit of its own.
        assert not full.may_mount() or failure()["code"] == "disk_full"
        leave(worker.pid, None)
        leave_database(0)
        told = failure()
        assert told["code"] == "disk_full" and "数据库的磁盘已满" in told["detail"]
        leave_database(None)
        assert scene.fingerprint(url, scene.VISIBLE) == right.old
        assert failure() is None
        assert scene.fingerprint(url, scene.WAITING) == right.waiting
        assert not list((home / "uploads").iterdir())
