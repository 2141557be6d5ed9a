"""A release switched on and off while everybody asks: each answer is of one revision, and right for it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import shapely
from django.db import connections

from spatial.checks import Question, run_check
from spatial.models import CheckRun
from tests.api.workers import server, until
from tests.faults import scene
from tests.faults.process import Jingtu

SWITCHES = 12
PLACE = scene.PARCELS["moved"].centroid
PATHS = {
    "tile": f"/tiles/{scene.LAYER},{scene.OTHER_LAYER}/11/1520/744.mvt",
    "features": f"/features/{scene.LAYER}?limit=1000",
    "identify": f"/identify?lon={PLACE.x}&lat={PLACE.y}&tolerance_m=300&layers={scene.LAYER},{scene.OTHER_LAYER}",
}
Answer = tuple[int, Any]
"""The revision that an answer names, and all else that it says."""
Questions = Mapping[str, Callable[[], Answer]]


def check(name: str) -> Answer:
    answer = run_check(Question(scene.PARCELS[name], **scene.SHOP)).answer
    return split({key: value for key, value in answer.items() if key not in scene.VOLATILE})


def split(answer: dict[str, Any]) -> Answer:
    versions = dict(answer["versions"])
    return versions.pop("revision"), {**answer, "versions": versions}


def read(client: httpx2.Client, path: str) -> Answer:
    """A tile's revision stands in its ETag, that of features in their document too."""
    got = client.get(path)
    assert got.status_code == 200, got.text
    named = int(got.headers["etag"].strip('"').partition("-")[0])
    if not path.startswith("/tiles"):
        document = got.json()
        assert document.pop("revision") == named
        return named, document
    return named, got.content


def check_over_http(client: httpx2.Client, name: str) -> Answer:
    use = {"system": "MNR-2023", "code": "0901"}
    body = {
        "parcel": shapely.geometry.mapping(scene.PARCELS[name]),
        "action": "use_change",
        "proposed_use": use,
    }
    got = client.post("/checks", json=body)
    assert got.status_code == 201, got.text
    return split({key: value for key, value in got.json().items() if key not in scene.VOLATILE})


def prepared(url: str, other: Path, questions: Questions) -> dict[str, dict[str, Any]]:
    """What is right before and after the switch, asked in quiet; the release has a second layer too."""
    with Jingtu(url, *scene.words(other, layer=scene.OTHER_LAYER)) as command:
        assert command.code() == 0, command.err()
    right = {"unpublish": {name: ask()[1] for name, ask in questions.items()}}
    switch(url, "publish")
    right["publish"] = {name: ask()[1] for name, ask in questions.items()}
    for name in questions:
        assert right["publish"][name] != right["unpublish"][name], name
    return right


def switch(url: str, kind: str) -> None:
    with Jingtu(url, kind, scene.NEW) as command:
        assert command.code() == 0, command.err()


@contextmanager
def asked_all_the_time(questions: Questions) -> Iterator[dict[str, list[Answer]]]:
    """Each question in a thread of its own, again and again; the answers to each."""
    told: dict[str, list[Answer]] = {name: [] for name in questions}
    over, faults = threading.Event(), []

    def ask(name: str) -> None:
        try:
            while not over.is_set():
                told[name].append(questions[name]())
        except BaseException as fault:  # noqa: BLE001 — the test tells it
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(name,)) for name in questions]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not faults, faults


def switched_under(url: str, questions: Questions, right: dict[str, dict[str, Any]]) -> None:
    """Switch to and fro under the questions, and hold each answer against what is right at its revision."""
    with asked_all_the_time(questions) as told:
        for number in range(SWITCHES):
            switch(url, ("unpublish", "publish")[number % 2])
            before = {name: len(answers) for name, answers in told.items()}
            until(lambda before=before: all(len(told[name]) > count for name, count in before.items()))
    with psycopg.connect(url) as database:
        kinds = dict(database.execute("SELECT number, kind FROM spatial_revision").fetchall())
    for name, answers in told.items():
        assert len({revision for revision, _ in answers}) > SWITCHES / 2, name
        for revision, answer in answers:
            assert answer == right[kinds[revision]][name], (name, revision)


def test_every_check_is_of_one_revision_and_right_for_it(waiting_url: str, other: Path) -> None:
    questions = {name: functools.partial(check, name) for name in scene.PARCELS}
    switched_under(waiting_url, questions, prepared(waiting_url, other, questions))


def test_every_answer_over_http_is_of_one_revision_and_right_for_it(
    waiting_url: str, other: Path, free_port: int
) -> None:
    header = scene.steward()
    with (
        server(waiting_url, free_port) as address,
        httpx2.Client(base_url=address, headers=header, timeout=30) as client,
    ):
        questions: dict[str, Callable[[], Answer]] = {
            name: functools.partial(read, client, path) for name, path in PATHS.items()
        }
        questions["check"] = functools.partial(check_over_http, client, "moved")
        switched_under(waiting_url, questions, prepared(waiting_url, other, questions))


def test_a_check_that_a_switch_overtakes_is_asked_again_before_it_is_stored(url: str) -> None:
    before = check("moved")[0]
    with psycopg.connect(url) as switching, ThreadPoolExecutor(1) as pool:
        # As a switch holds it when all is written: the check has measured and waits to be stored.
        switching.execute("SELECT pg_advisory_xact_lock(hashtextextended('jingtu answers', 0))")
        asked = pool.submit(in_a_thread, "moved")
        until(lambda: waiting(url))
        number = switching.execute(
            "INSERT INTO spatial_revision (number, at, kind)"
            " SELECT max(number) + 1, now(), 'event' FROM spatial_revision RETURNING number"
        ).fetchone()
        switching.commit()
        assert number == (before + 1,)
        assert asked.result()[0] == before + 1
    assert CheckRun.objects.filter(revision=before).count() == 1


def in_a_thread(name: str) -> Answer:
    try:
        return check(name)
    finally:
        connections.close_all()


def waiting(url: str) -> bool:
    with psycopg.connect(url) as database:
        found = database.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return found.fetchone() == (1,)
