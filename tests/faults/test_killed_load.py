"""A load and a publication killed with SIGKILL at their moments, and while the database works for them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.api.workers import wait_until_blocked
from tests.faults import scene
from tests.faults.conftest import Right
from tests.faults.moments import AFTER_COMMIT, BEFORE_COMMIT
from tests.faults.process import HOME, Jingtu, holding, is_row, wait_until_gone

FORGET = [
    *(
        f"DELETE FROM spatial_{table} USING spatial_load l WHERE l.id = load_id AND l.state = 'staged'"
        for table in ("loadissue", "quarantinedrow", "leftout", "keptrow", "feature")
    ),
    "DELETE FROM spatial_load WHERE state = 'staged'",
    "DELETE FROM spatial_release WHERE state = 'draft'",
]
STEP = pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.long)])
"""At every fourth moment, or at each."""


def chosen(moments: list[str], step: int) -> list[int]:
    """Numbers from 1, before and after the commit among them."""
    assert moments[-2:] == [BEFORE_COMMIT, AFTER_COMMIT]
    return sorted({*range(1, len(moments) + 1, step), len(moments) - 1, len(moments)})


def killed_at(url: str, number: int, *words: object) -> str:
    """Kill a command at its moment of this number; the moment's name."""
    with Jingtu(url, *words) as command:
        for _ in range(number):
            name = command.go_to(lambda name: True)
    wait_until_gone(url)
    assert name
    return name


@STEP
def test_a_load_killed_at_any_moment_leaves_what_is_live_whole_and_runs_again_to_the_same(
    url: str, right: Right, delivery: Path, step: int
) -> None:
    nothing = scene.fingerprint(url, scene.WAITING)
    assert {count for count, _ in nothing.values()} == {0}
    numbers = chosen(right.moments_of_load, step)
    assert len(numbers) >= 10
    for number in numbers:
        name = killed_at(url, number, *scene.words(delivery))
        assert scene.fingerprint(url, scene.VISIBLE) == right.old, name
        there = scene.fingerprint(url, scene.WAITING)
        assert there == (right.waiting if name == AFTER_COMMIT else nothing), name
        assert scene.answers() == right.old_answers, name
        with Jingtu(url, *scene.words(delivery)) as command:
            assert command.code() == 0, command.err()
        assert scene.fingerprint(url, scene.WAITING) == right.waiting, name
        with psycopg.connect(url) as database:
            for statement in FORGET:
                database.execute(statement)


@STEP
def test_a_publication_killed_at_any_moment_is_there_as_a_whole_or_not_at_all(
    waiting_url: str, right: Right, step: int
) -> None:
    url = waiting_url
    for number in chosen(right.moments_of_publication, step):
        published = killed_at(url, number, "publish", scene.NEW) == AFTER_COMMIT
        assert scene.fingerprint(url, scene.VISIBLE) == (right.new if published else right.old), number
        assert scene.answers() == (right.new_answers if published else right.old_answers), number
    with Jingtu(url, "publish", scene.NEW) as command:
        assert command.code() == 1
    assert "已经发布" in command.err()
    assert scene.fingerprint(url, scene.VISIBLE) == right.new


def test_a_load_killed_while_the_database_works_for_it_gives_its_locks_back_at_once(
    url: str, right: Right, delivery: Path
) -> None:
    with holding(url, "LOCK TABLE spatial_feature IN SHARE MODE"):
        with Jingtu(url, *scene.words(delivery)) as command:
            command.set_free()
            wait_until_blocked(url)
        wait_until_gone(url)  # though what it waits for is still held
    with Jingtu(url, *scene.words(delivery)) as command:
        assert command.code() == 0
    assert scene.fingerprint(url, scene.WAITING) == right.waiting


def test_the_next_start_removes_what_a_killed_load_had_unpacked_and_nothing_of_one_that_runs(
    url: str, right: Right, delivery: Path
) -> None:
    def unpacked() -> list[Path]:
        return [path for path in (HOME / "temporary").rglob("*") if path.is_file()]

    with Jingtu(url, *scene.words(delivery)) as killed:
        killed.go_to(is_row)
        (left,) = unpacked()
    assert left.exists()
    with Jingtu(url, *scene.words(delivery)) as running:
        running.go_to(is_row)
        (own,) = unpacked()
        assert own != left
        with Jingtu(url, "publish", "没有") as other:
            assert other.code() == 1
        assert own.exists()
        assert running.code() == 0
    assert not unpacked()
    assert scene.fingerprint(url, scene.WAITING) == right.waiting
