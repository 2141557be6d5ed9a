"""Loads as jobs in a real worker: done, watched, cancelled, killed at every moment, and two at once."""

from __future__ import annotations

import io
import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import psycopg
import pytest
import shapely
from django.db import connection
from fastapi.testclient import TestClient

from loaders.pipeline import load
from spatial.models import Feature, Job, KeptRow, Load, LoadIssue, QuarantinedRow, Release
from tests.api.conftest import Bearer
from tests.api.workers import ended, held, server, until, wait_until_blocked, worker
from tests.factories import known_county
from tests.grid import grid
from tests.loaders import files
from tests.settings import TEST_HOME

PLAN = grid("""
    A . B . C
    . . . . .
    D . E . F
""")
BOW_TIE = shapely.MultiPolygon([shapely.Polygon([PLAN.point(letter).coords[0] for letter in "AEBD"])])
LAYER = "suspected_plot"
FIELDS = {"layer": LAYER, "county": "652301", "release": "R1", "commit": "true"}
LAYER_LOCK = f"SELECT pg_advisory_xact_lock(hashtextextended('jingtu load {LAYER}', 0))"
MOMENTS = {
    "before the first row is read": "SELECT FROM spatial_job FOR UPDATE",
    "when all rows are read": LAYER_LOCK,
    "before the release is written": "LOCK TABLE spatial_release IN SHARE MODE",
    "before the load is written": "LOCK TABLE spatial_load IN SHARE MODE",
    "before the features are written": "LOCK TABLE spatial_feature IN SHARE MODE",
    "before what stays is remembered": "LOCK TABLE spatial_keptrow IN SHARE MODE",
    "before gaps are written": "LOCK TABLE spatial_leftout IN SHARE MODE",
    "before the quarantine is written": "LOCK TABLE spatial_quarantinedrow IN SHARE MODE",
    "before the issues are written": "LOCK TABLE spatial_loadissue IN SHARE MODE",
}


@pytest.fixture
def url(test_database_url: str) -> str:
    """The queue's own tables are not Django's: they are emptied here."""
    with psycopg.connect(test_database_url, autocommit=True) as database:
        database.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return test_database_url


@pytest.fixture
def steward(bearer: Callable[..., Bearer]) -> Bearer:
    return bearer("steward", "652301")


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """Two rows that go in, one of them mended, and one that waits."""
    rows = [
        (PLAN.polygon("ABED"), {"DKBM": "A1", "DKMC": "示例一"}),
        (PLAN.polygon("BCFE"), {"DKBM": "A2", "DKMC": "示例二"}),
        (BOW_TIE, {"DKBM": "A3", "DKMC": "示例三"}),
    ]
    return files.geojson(tmp_path / "疑似.geojson", rows)


def hand_in(client: TestClient, header: Bearer, path: Path, **fields: str) -> str:
    sent = client.post(
        "/loads", data=FIELDS | fields, files={"files": (path.name, path.read_bytes())}, headers=header
    )
    assert sent.status_code == 202, sent.text
    assert sent.headers["location"] == f"/jobs/{sent.json()['job']}"
    return str(sent.json()["job"])


def contents() -> list[tuple[Any, ...]]:
    return sorted(Feature.objects.values_list("layer", "key", "county", "content"))


def test_a_load_over_http_ends_as_the_command_does_and_leaves_no_file(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery)
    folder = TEST_HOME / "uploads" / job
    assert [file.name for file in folder.iterdir()] == [delivery.name]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert client.get(f"/jobs/{job}", headers=steward).json()["state"] == "queued"
    with worker(url):
        told = ended(client, job, steward)
        until(
            lambda: not folder.exists()
        )  # told first: a worker that is killed in between must not begin again
    assert told["state"] == "done", told
    result = told["result"]
    assert (result["outcome"], result["committed"]) == ("quarantined", True)
    assert result["rows"] == {"read": 3, "loaded": 2, "repaired": 0, "quarantined": 1, "refused": 0}
    one = client.get(f"/loads/{result['load']}", headers=steward).json()
    assert (one["release"], one["state"], one["rows"]["read"]) == ("R1", "staged", 3)
    assert one["by"].startswith("steward")
    over_http = contents()
    Feature.objects.all().delete()
    load(delivery, LAYER, county="652301", release="R2", commit=True)
    assert contents() == over_http


def test_without_commit_it_is_tried_only(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery, commit="false")
    with worker(url):
        told = ended(client, job, steward)
    assert told["result"]["committed"] is False and told["result"]["rows"]["loaded"] == 2
    assert {issue["code"] for issue in told["result"]["issues"]} >= {"self_intersection"}
    file = client.get(f"/jobs/{job}/issues", headers=steward)
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert len(rows) == 1 + len(told["result"]["issues"])
    assert "self_intersection" in {row[-1] for row in rows}
    assert not Load.objects.exists() and not Release.objects.exists()


def _each_moment() -> list[Any]:
    often = ("before the first row is read", "before the features are written")
    return [
        pytest.param(moment, id=name, marks=[] if name in often else [pytest.mark.long])
        for name, moment in MOMENTS.items()
    ]


@pytest.mark.parametrize("moment", _each_moment())
def test_a_worker_killed_at_any_moment_leaves_the_live_data_whole_and_the_next_one_finishes(
    client: TestClient, url: str, steward: Bearer, delivery: Path, moment: str
) -> None:
    job = hand_in(client, steward, delivery)
    with held(url, moment):
        with worker(url) as process:
            wait_until_blocked(url)
            process.kill()
            process.wait()
        for model in (Feature, Load, KeptRow, LoadIssue, QuarantinedRow, Release):
            assert not model.objects.exists(), model
    with worker(url):
        told = ended(client, job, steward)
    assert (told["state"], told["result"]["rows"]["loaded"]) == ("done", 2), told
    assert Load.objects.count() == 1
    found = contents()
    Feature.objects.all().delete()
    load(delivery, LAYER, county="652301", release="R2", commit=True)
    assert contents() == found


def test_a_job_that_kills_its_worker_again_and_again_is_given_up_and_says_so(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery)
    with held(url, LAYER_LOCK):
        for start in (1, 2, 3):
            with worker(url) as process:
                until(lambda start=start: Job.objects.get(pk=job).starts == start)
                process.kill()
                process.wait()
    with worker(url):
        told = ended(client, job, steward)
        until(lambda: not (TEST_HOME / "uploads" / job).exists())
    assert told["state"] == "failed" and told["failure"]["code"] == "job_killed"
    assert "没有完成" in told["failure"]["detail"] and told["failure"]["hint"]


def test_a_worker_that_is_stopped_leaves_its_job_to_the_next_whatever_it_was_doing(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery)
    with worker(url) as process:
        with held(url, "LOCK TABLE spatial_feature IN SHARE MODE"):
            wait_until_blocked(url)
            process.terminate()
            time.sleep(0.5)  # it goes down as far as it can
        process.wait(30)
    assert client.get(f"/jobs/{job}", headers=steward).json()["state"] == "running"
    with worker(url):
        told = ended(client, job, steward)
    assert (told["state"], told["result"]["rows"]["loaded"]) == ("done", 2), told


def test_a_database_that_goes_away_is_no_end_of_the_job(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery)
    with held(url, LAYER_LOCK), worker(url) as process:
        wait_until_blocked(url)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        assert process.wait(30) == 1
    with worker(url):
        assert ended(client, job, steward)["state"] == "done"


def test_two_loads_of_one_layer_at_once_go_one_after_the_other(
    client: TestClient, url: str, steward: Bearer, delivery: Path, tmp_path: Path
) -> None:
    other = files.geojson(tmp_path / "另.geojson", [(PLAN.polygon("ABED"), {"DKBM": "B1", "DKMC": "另一"})])
    with worker(url):
        with held(url, LAYER_LOCK):
            first = hand_in(client, steward, delivery)
            wait_until_blocked(url)
            second = hand_in(client, steward, other)
            time.sleep(0.5)
            states = [client.get(f"/jobs/{job}", headers=steward).json()["state"] for job in (first, second)]
            assert states == ["running", "queued"]
        told = [ended(client, job, steward) for job in (first, second)]
    assert [one["state"] for one in told] == ["done", "done"]
    assert "replaces_load" in {issue["code"] for issue in told[1]["result"]["issues"]}
    assert [key for _, key, _, _ in contents()] == ["B1"]


def test_a_job_can_be_cancelled_while_it_waits(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    job = hand_in(client, steward, delivery)
    assert client.post(f"/jobs/{job}/cancel", headers=steward).json()["state"] == "cancelled"
    assert not (TEST_HOME / "uploads" / job).exists()


def test_a_job_can_be_cancelled_while_it_runs(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path
) -> None:
    rows = [(PLAN.polygon("ABED"), {"DKBM": str(number)}) for number in range(30_000)]
    job = hand_in(client, steward, files.geojson(tmp_path / "many.geojson", rows))
    with worker(url):
        until(lambda: client.get(f"/jobs/{job}", headers=steward).json()["stage"] == "rows")
        assert client.post(f"/jobs/{job}/cancel", headers=steward).json()["state"] == "running"
        told = ended(client, job, steward)
        until(lambda: not (TEST_HOME / "uploads" / job).exists())
    assert told["state"] == "cancelled" and 0 < told["done"] < told["total"] == 30_000
    assert not Feature.objects.exists() and not Load.objects.exists()


def test_a_second_worker_waits_and_takes_over(
    client: TestClient, url: str, steward: Bearer, delivery: Path
) -> None:
    with worker(url) as first, worker(url, "waiting") as second:
        first.kill()
        assert second.stdout is not None
        assert any("ready" in line for line in second.stdout)
        assert ended(client, hand_in(client, steward, delivery), steward)["state"] == "done"


def test_a_file_that_is_refused_is_done_with_its_reasons_and_shows_no_path(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path
) -> None:
    bad = tmp_path / "a.gpkg"
    bad.write_bytes(b"no such thing")
    job = hand_in(client, steward, bad)
    with worker(url):
        told = ended(client, job, steward)
    assert told["state"] == "done" and told["result"]["outcome"] == "refused"
    assert str(TEST_HOME) not in json.dumps(told)


@pytest.fixture
def events(
    client: TestClient, url: str, free_port: int
) -> Iterator[Callable[[str, Bearer], Iterator[tuple[str, Any]]]]:
    """Read server-sent events from a real server."""
    with server(url, free_port) as address:

        def read(path: str, header: Bearer) -> Iterator[tuple[str, Any]]:
            with httpx2.stream("GET", address + path, headers=header, timeout=30) as answer:
                assert answer.status_code == 200, answer.read()
                assert answer.headers["content-type"].startswith("text/event-stream")
                name = ""
                for line in answer.iter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        yield name, json.loads(line.removeprefix("data: "))

        yield read


def test_progress_is_told_as_it_happens_and_the_stream_ends_with_the_job(
    client: TestClient, url: str, steward: Bearer, delivery: Path, events: Any
) -> None:
    job = hand_in(client, steward, delivery)
    stream = events(f"/jobs/{job}/events", steward)
    assert next(stream)[1]["state"] == "queued"
    with worker(url):
        told = list(stream)
    assert [name for name, _ in told][-1] == "done"
    assert {name for name, _ in told[:-1]} == {"progress"}
    assert told[-1][1]["result"]["rows"]["loaded"] == 2
    assert {"reading", "rows", "comparing", "writing"} & {content["stage"] for _, content in told}


def test_whoever_listens_hears_of_a_publication_and_only_of_layers_that_they_may_read(
    client: TestClient, url: str, bearer: Callable[..., Bearer], delivery: Path, events: Any
) -> None:
    load(delivery, LAYER, county="652301", release="R1", commit=True)
    steward, stranger = events("/events", bearer("steward")), events("/events", {})
    published = client.post("/releases/R1/publish", headers=bearer("administrator"))
    assert published.status_code == 200, published.text
    number = published.json()["revision"]
    seen = {"revision": number, "kind": "publish", "release": "R1"}
    for stream, layers in ((steward, [LAYER]), (stranger, [])):
        name, told = next(stream)
        assert name == "revision" and seen.items() <= told.items()
        assert told["layers"] == layers


def test_many_parcels_become_a_job_whose_answers_are_stored_once(
    client: TestClient, url: str, bearer: Callable[..., Bearer], tmp_path: Path
) -> None:
    known_county()
    header = bearer("clerk", "652301")
    rows = [
        (PLAN.polygon("ABED"), {"地块编号": "1"}),
        (PLAN.polygon("BCFE"), {"地块编号": "2"}),
    ]
    path = files.geojson(tmp_path / "p.geojson", rows)
    sent = client.post("/checks/upload", files={"file": (path.name, path.read_bytes())}, headers=header)
    assert sent.status_code == 202, sent.text
    job = sent.json()["job"]
    assert client.get(f"/jobs/{job}", headers=bearer("clerk", "652301")).status_code == 404
    with held(url, "LOCK TABLE spatial_checkrun IN SHARE MODE"), worker(url) as process:
        wait_until_blocked(url)
        process.kill()
        process.wait()
    with worker(url):
        told = ended(client, job, header)
    assert told["state"] == "done" and told["result"]["refused"] == []
    stored = [client.get(f"/checks/{one}", headers=header).json() for one in told["result"]["checks"]]
    assert [one["parcel"]["parcel_no"] for one in stored] == ["1", "2"]
    assert len(client.get("/checks", headers=header).json()["checks"]) == 2
