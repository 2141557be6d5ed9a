"""Loads and switches of one layer at the same time: one waits or is told, and what comes of it is whole."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi.testclient import TestClient
from pytest_django import DjangoDbBlocker

from api.app import create_app
from tests.api.workers import until, wait_until_blocked
from tests.faults import scene
from tests.faults.conftest import Cluster, Right, using
from tests.faults.moments import BEFORE_COMMIT
from tests.faults.process import Jingtu, holding, is_row

PUBLISHING = "SELECT pg_advisory_xact_lock(hashtextextended('jingtu publish', 0))"
SWITCHING = "LOCK TABLE spatial_coverage IN SHARE MODE"
"""A lock that a publication needs when it is half done."""
LIVE = ("features", "coverage", "left out")


@pytest.fixture(scope="session")
def alone(
    cluster: Cluster, right: Right, delivery: Path, other: Path, django_db_blocker: DjangoDbBlocker
) -> Any:
    """What is live when the one delivery or the other was the only one."""
    with cluster.copy() as url, django_db_blocker.unblock(), using(url):
        for words in (scene.words(other), ["publish", scene.NEW]):
            with Jingtu(url, *words) as command:
                assert command.code() == 0
        return {delivery: of_layer(right.new), other: of_layer(scene.fingerprint(url, scene.VISIBLE))}


def of_layer(seen: scene.Fingerprint) -> scene.Fingerprint:
    return {name: seen[name] for name in LIVE}


def publish(url: str, release: str = scene.NEW) -> Jingtu:
    return Jingtu(url, "publish", release)


def test_two_loads_into_one_release_go_one_after_the_other_and_the_later_is_there_whole(
    url: str, delivery: Path, other: Path, alone: Any
) -> None:
    for first, second in ((delivery, other), (other, delivery)):
        with Jingtu(url, *scene.words(first)) as one, Jingtu(url, *scene.words(second)) as two:
            one.go_to(is_row)
            two.set_free()
            wait_until_blocked(url)
            assert (one.code(), two.code()) == (0, 0), one.err() + two.err()
        assert "replaces_load" in {issue["code"] for issue in two.out()["issues"]}
    with publish(url) as command:
        assert command.code() == 0
    assert of_layer(scene.fingerprint(url, scene.VISIBLE)) == alone[delivery]


def test_of_two_loads_that_race_one_is_there_whole(url: str, delivery: Path, other: Path, alone: Any) -> None:
    with Jingtu(url, *scene.words(delivery)) as one, Jingtu(url, *scene.words(other)) as two:
        one.set_free()
        two.set_free()
        assert (one.code(), two.code()) == (0, 0), one.err() + two.err()
    with publish(url) as command:
        assert command.code() == 0
    assert of_layer(scene.fingerprint(url, scene.VISIBLE)) in alone.values()


def test_of_two_loads_into_two_releases_the_one_published_later_is_told_to_be_loaded_again(
    url: str, delivery: Path, other: Path, alone: Any
) -> None:
    with Jingtu(url, *scene.words(delivery)) as one, Jingtu(url, *scene.words(other, "另一批")) as two:
        one.go_to(is_row)
        two.set_free()
        wait_until_blocked(url)
        assert (one.code(), two.code()) == (0, 0), one.err() + two.err()
    with publish(url) as first, publish(url, "另一批") as second:
        assert (first.code(), second.code()) == (0, 1)
    assert "已被别的批次更新" in second.err()
    assert of_layer(scene.fingerprint(url, scene.VISIBLE)) == alone[delivery]


def test_two_loads_of_two_layers_into_one_new_release_are_both_there(
    url: str, right: Right, delivery: Path, other: Path
) -> None:
    with (
        Jingtu(url, *scene.words(delivery)) as one,
        Jingtu(url, *scene.words(other, layer=scene.OTHER_LAYER)) as two,
    ):
        one.go_to(lambda name: name == BEFORE_COMMIT)
        two.set_free()
        wait_until_blocked(url)
        assert (one.code(), two.code()) == (0, 0), one.err() + two.err()
    with publish(url) as command:
        assert command.code() == 0
    with psycopg.connect(url) as database:
        live = database.execute(
            "SELECT layer, rows_loaded FROM spatial_load WHERE state = 'live' ORDER BY 1"
        ).fetchall()
    assert {(scene.LAYER, 449), (scene.OTHER_LAYER, 200)} <= set(live)


def test_a_load_waits_for_a_publication_of_its_layer_and_is_compared_with_what_it_brought(
    waiting_url: str, other: Path
) -> None:
    url = waiting_url
    with publish(url) as switch, Jingtu(url, *scene.words(other, "另一批")) as load:
        with holding(url, SWITCHING):
            switch.set_free()
            wait_until_blocked(url)
            load.set_free()
            wait_until_both_blocked(url)
        assert (switch.code(), load.code()) == (0, 0), switch.err() + load.err()
    changes = load.out()["changes"]
    assert (changes["unchanged"], changes["removed"]) == (200, scene.PLOTS - 200)  # one came, one was gone
    with publish(url, "另一批") as command:
        assert command.code() == 0


def test_a_publication_waits_for_a_load_into_its_release_and_takes_what_that_left(
    waiting_url: str, other: Path, alone: Any
) -> None:
    url = waiting_url
    with Jingtu(url, *scene.words(other)) as load, publish(url) as switch:
        load.go_to(is_row)
        switch.set_free()
        wait_until_blocked(url)
        assert (load.code(), switch.code()) == (0, 0), load.err() + switch.err()
    assert of_layer(scene.fingerprint(url, scene.VISIBLE)) == alone[other]


def test_a_load_of_another_layer_never_stays_behind_in_a_release_that_is_published_meanwhile(
    waiting_url: str, right: Right, other: Path
) -> None:
    url = waiting_url
    words = scene.words(other, layer=scene.OTHER_LAYER)
    with publish(url) as switch, Jingtu(url, *words) as load:
        with holding(url, SWITCHING):
            switch.set_free()
            wait_until_blocked(url)
            load.set_free()
            wait_until_both_blocked(url)
        assert (switch.code(), load.code()) == (0, 1)
    assert {issue["code"] for issue in load.out()["issues"]} >= {"release_closed"}
    assert scene.fingerprint(url, scene.VISIBLE) == right.new


def test_of_two_publications_of_one_release_one_is_told_that_it_is_done(
    waiting_url: str, right: Right
) -> None:
    url = waiting_url
    with publish(url) as one, publish(url) as two:
        with holding(url, PUBLISHING):
            one.set_free()
            two.set_free()
            wait_until_both_blocked(url)
        assert sorted((one.code(), two.code())) == [0, 1]
    assert "已经发布" in one.err() + two.err()
    assert scene.fingerprint(url, scene.VISIBLE) == right.new


def test_a_publication_by_command_and_one_over_http_do_not_wait_for_each_other_in_a_circle(
    waiting_url: str, right: Right
) -> None:
    url = waiting_url
    header = scene.steward()
    answers: list[httpx2.Response] = []
    with TestClient(create_app(), base_url="http://127.0.0.1") as client, publish(url) as command:
        asked = threading.Thread(
            target=lambda: answers.append(client.post(f"/releases/{scene.NEW}/publish", headers=header))
        )
        with holding(url, PUBLISHING):
            command.set_free()
            wait_until_blocked(url)
            asked.start()
            wait_until_both_blocked(url)
        assert command.code() == 0, command.err()
        asked.join()
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "already_published")
    assert scene.fingerprint(url, scene.VISIBLE) == right.new


def wait_until_both_blocked(url: str) -> None:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as database:
        until(lambda: (database.execute(asked).fetchone() or (0,))[0] == 2)
