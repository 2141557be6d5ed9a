"""Rows on their way in batches: what comes out does not depend on how many go at a time."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from loaders import limits, passage
from loaders.pipeline import load
from loaders.record import Issue
from loaders.result import LoadResult
from spatial.models import Feature, KeptRow, Load, LoadIssue, QuarantinedRow
from spatial.releases import publish
from tests.loaders import files

pytestmark = pytest.mark.django_db


def box(n: int, size: float = 0.0005) -> BaseGeometry:
    west = 87.3 + n % 100 * 0.001
    return shapely.box(west, 44.0, west + size, 44.0 + size)


BOW_TIE = shapely.Polygon([(87.3, 44.0), (87.31, 44.01), (87.31, 44.0), (87.3, 44.01)])


def plots(path: Path, *rows: tuple[BaseGeometry | None, dict[str, Any]]) -> Path:
    return files.geojson(path, rows)


def given_to(path: Path | list[Path], **more: Any) -> LoadResult:
    return load(path, "suspected_plot", **{"county": "652301", "commit": True, "release": "R", **more})


def told(result: LoadResult, code: str) -> list[tuple[int | None, str]]:
    return [(issue.row, issue.message) for issue in result.issues if issue.code == code]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage, "EVERY", 1)
    monkeypatch.setattr(passage, "ROWS_AT_ONCE", 2)


@pytest.mark.usefixtures("small_batches")
def test_a_row_that_came_batches_ago_is_known_again_with_the_row_that_was_first(tmp_path: Path) -> None:
    rows = [(box(n), {"DKBM": f"A{n}"}) for n in range(7)]
    path = plots(tmp_path / "a.geojson", *rows, rows[1], rows[1], (box(8), {"DKBM": "A8"}), rows[8 - 2])
    result = given_to(path)
    assert result.rows.as_json() == {"read": 11, "loaded": 8, "repaired": 0, "quarantined": 3, "refused": 0}
    assert [(row, message.split("第 ")[1].split(" ")[0]) for row, message in told(result, "duplicate_row")] == [
        (8, "2"), (9, "2"), (11, "7"),
    ]  # fmt: skip
    assert sorted(QuarantinedRow.objects.values_list("row", flat=True)) == [8, 9, 11]
    assert Feature.objects.count() == 8


@pytest.mark.usefixtures("small_batches")
def test_a_live_row_that_comes_twice_is_unchanged_once_and_waits_once(tmp_path: Path) -> None:
    rows = [(box(n), {"DKBM": f"A{n}"}) for n in range(5)]
    given_to(plots(tmp_path / "a.geojson", *rows))
    publish("R")
    again = given_to(plots(tmp_path / "b.geojson", *rows, rows[0], (box(9), {"DKBM": "A9"})), release="S")
    assert (again.rows.loaded, again.rows.quarantined) == (6, 1)
    assert (again.changes.unchanged, again.changes.added, again.changes.removed) == (5, 1, 0)
    assert Feature.objects.filter(load=again.load).count() == 1
    assert KeptRow.objects.filter(load=again.load).count() == 5


@pytest.mark.usefixtures("small_batches")
def test_every_row_knows_its_file_and_its_row_there(tmp_path: Path) -> None:
    one = plots(tmp_path / "一.geojson", *[(box(n), {"DKBM": f"A{n}"}) for n in range(3)])
    two = plots(
        tmp_path / "二.geojson",
        (box(5), {"DKBM": "B1"}),
        (box(1), {"DKBM": "A1"}),
        (BOW_TIE, {"DKBM": "B3"}),
        (box(7), {"DKBM": "A2"}),
    )
    result = given_to([one, two])
    assert sorted(Feature.objects.values_list("file", "row", "key")) == [
        (1, 1, "A0"), (1, 2, "A1"), (1, 3, "A2"), (2, 1, "B1"), (2, 4, "A2"),
    ]  # fmt: skip
    (twice,), (same_key,) = told(result, "duplicate_row"), told(result, "duplicate_key")
    assert twice[0] == 2 and twice[1].startswith("二.geojson：") and "第 2 行" in twice[1]
    assert same_key[0] == 4 and same_key[1].startswith("二.geojson：") and "第 3 行" in same_key[1]
    assert [row.original["file"] for row in QuarantinedRow.objects.order_by("row")] == ["二.geojson"] * 2


def test_what_the_database_refuses_ends_the_load_and_leaves_nothing(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE spatial_feature ADD CONSTRAINT no_a3 CHECK (key <> 'A3')")
    path = plots(tmp_path / "a.geojson", *[(box(n), {"DKBM": f"A{n}"}) for n in range(5)])
    with pytest.raises(DatabaseError) as fault:
        given_to(path)
    assert isinstance(fault.value.__cause__, psycopg.errors.CheckViolation)
    assert not Feature.objects.exists() and not Load.objects.exists()


def test_whoever_stops_the_progress_stops_the_load(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "rows":
            raise Stop

    path = plots(tmp_path / "a.geojson", *[(box(n), {"DKBM": f"A{n}"}) for n in range(300)])
    with pytest.raises(Stop):
        given_to(path, progress=stop)
    assert not Feature.objects.exists() and not Load.objects.exists()


def test_a_file_with_too_many_vertices_in_all_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILE_VERTICES", 24)
    rows = [(box(n), {"DKBM": f"A{n}"}) for n in range(5)]
    assert given_to(plots(tmp_path / "a.geojson", *rows[:4])).outcome == "accepted"  # 4 x 5 vertices
    result = given_to(plots(tmp_path / "b.geojson", *rows))
    assert (result.outcome, [one.code for one in result.issues if one.severity == "error"]) == (
        "refused",
        ["too_many_vertices"],
    )


def test_no_more_issues_are_listed_than_anybody_reads_but_all_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage, "MOST_ISSUES", 4)
    rows = [(box(n), {"DKBM": f"A{n}", "HYLB": "造原子弹"}) for n in range(9)]
    result = given_to(plots(tmp_path / "a.geojson", *rows))
    ((row, said),) = told(result, "issues_unlisted")
    assert row is None and "7 条" in said  # 9 and two for the file, of which 4 are listed
    assert LoadIssue.objects.filter(load=result.load, code="choice_unknown").count() == 9


ROWS = st.lists(
    st.tuples(
        st.sampled_from(
            [box(1), box(2), box(3), BOW_TIE, None, shapely.Point(87.3, 44.0), shapely.box(60, 1, 61, 2)]
        ),
        st.fixed_dictionaries(
            {
                "DKBM": st.sampled_from(["A", "B", None]),
                "HYLB": st.sampled_from(["化工", "造原子弹", None]),
                "LRRQ": st.sampled_from(["2024-05-01", "二〇二五年十月", "昨天", None]),
            }
        ),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, at_once=st.integers(1, 4))
def test_one_row_at_a_time_gives_what_all_at_once_give(
    rows: list[Any], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = plots(tmp_path_factory.mktemp("rows") / "a.geojson", *rows)

    def loaded() -> tuple[Any, list[Issue], set[bytes]]:
        result = given_to(path, release=uuid.uuid4().hex)
        contents = {
            bytes(one) for one in Feature.objects.filter(load=result.load).values_list("content", flat=True)
        }
        return result.rows, sorted(result.issues, key=lambda one: (one.row or 0, one.code)), contents

    together = loaded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passage, "EVERY", 1)
        patch.setattr(passage, "ROWS_AT_ONCE", at_once)
        assert loaded() == together
