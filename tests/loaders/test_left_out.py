"""A row that waits leaves a gap wherever it may lie, from its publication to the next whole delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from loaders.pipeline import load
from loaders.result import LoadResult
from spatial import catalog
from spatial.models import Revision
from spatial.releases import confirm_empty, publish, unpublish
from tests.factories import day, feature
from tests.loaders import files

pytestmark = pytest.mark.django_db

LAYER = "high_risk_site"
WEST, EAST, NORTH = "652301", "652302", "652323"
EVERY = {"652301", "652302", "652323", "652324", "652325", "652327", "652328"}
OUTLINES = {
    WEST: shapely.box(87.0, 43.5, 87.6, 44.5),
    EAST: shapely.box(87.6, 43.5, 88.2, 44.5),
    NORTH: shapely.box(87.0, 44.5, 88.2, 45.0),
}
GOOD_WEST, GOOD_EAST = shapely.box(87.3, 44.0, 87.301, 44.001), shapely.box(88.0, 44.0, 88.001, 44.001)
BOW_TIE = shapely.Polygon([(87.2, 44.0), (87.21, 44.01), (87.21, 44.0), (87.2, 44.01)])
NOWHERE = shapely.box(10.0, 10.0, 10.1, 10.1)
Row = tuple[BaseGeometry | None, dict[str, Any]]


@pytest.fixture(autouse=True)
def _counties() -> None:
    for code, outline in OUTLINES.items():
        feature("admin_county", shapely.MultiPolygon([outline]), county=code, code=code)


def deliver(folder: Path, release: str, county: str | None, *rows: Row) -> LoadResult:
    named = [(shape, {"code": f"{release}-{number}", **said}) for number, (shape, said) in enumerate(rows)]
    path = files.geojson(folder / "a.geojson", named)
    return load(
        path, LAYER, county=county, release=release, crs="EPSG:4490", commit=True, data_date=day("2025-03-01")
    )


def left_out(at: int | None = None) -> dict[str, int]:
    """County → rows that wait there now or did at a revision."""
    asked = at if at is not None else Revision.objects.latest("number").number
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT county, sum(rows) FROM spatial_leftout WHERE layer = %s AND revisions @> %s GROUP BY county",
            [LAYER, asked],
        )
        return {county: int(rows) for county, rows in cursor.fetchall()}


@pytest.mark.parametrize(
    ("county", "bad", "places"),
    [
        (None, (BOW_TIE, {"county": NORTH}), {NORTH, WEST, EAST}),
        (None, (BOW_TIE, {}), {WEST, EAST}),
        (None, (GOOD_WEST, {"county": NORTH}), {NORTH, WEST, EAST}),
        (None, (None, {"county": "准东"}), EVERY),
        (None, (NOWHERE, {}), EVERY),
        (EAST, (NOWHERE, {}), {EAST}),
        (EAST, (None, {"county": NORTH}), {NORTH, EAST}),
        (EAST, (BOW_TIE, {}), {WEST, EAST}),
        (EAST, (None, {"county": "准东"}), EVERY),
    ],
)
def test_a_row_that_waits_is_missed_wherever_it_may_lie_and_in_every_county_of_its_delivery(
    tmp_path: Path, county: str | None, bad: Row, places: set[str]
) -> None:
    result = deliver(tmp_path, "R1", county, (GOOD_EAST, {"county": EAST}), bad)
    assert (result.rows.loaded, result.rows.quarantined) == (1, 1)
    assert left_out() == {}
    publish("R1")
    assert left_out() == dict.fromkeys(places | {EAST}, 1)


def test_a_row_that_is_there_twice_adds_nothing_and_leaves_no_gap(tmp_path: Path) -> None:
    row: Row = (GOOD_EAST, {"code": "A"})
    result = deliver(tmp_path, "R1", EAST, row, row)
    assert result.rows.as_json() == {"read": 2, "loaded": 1, "repaired": 0, "quarantined": 1, "refused": 0}
    publish("R1")
    assert left_out() == {}


def test_the_gap_ends_with_the_next_whole_delivery_of_its_county_and_comes_back_with_it(
    tmp_path: Path,
) -> None:
    deliver(tmp_path, "R1", EAST, (GOOD_EAST, {}), (None, {"county": WEST}))
    publish("R1")
    assert left_out() == {EAST: 1, WEST: 1}
    deliver(tmp_path, "R2", WEST, (GOOD_WEST, {}))
    publish("R2")
    assert left_out() == {EAST: 1}
    deliver(tmp_path, "R3", None, (GOOD_EAST, {}))
    publish("R3")
    assert left_out() == {EAST: 1}
    unpublish("R3")
    unpublish("R2")
    assert left_out() == {EAST: 1, WEST: 1}
    unpublish("R1")
    assert left_out() == {}
    publish("R1")
    assert left_out() == {EAST: 1, WEST: 1}
    assert [left_out(at) for at in (2, 3, 4)] == [{EAST: 1, WEST: 1}, {EAST: 1}, {EAST: 1}]
    confirm_empty(LAYER, WEST, "王某（示例）", day("2025-03-01"))
    assert left_out() == {EAST: 1}


def test_what_is_taken_back_does_not_return_with_what_had_ended_it(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", EAST, (GOOD_EAST, {}), (None, {"county": WEST}))
    publish("R1")
    deliver(tmp_path, "R2", WEST, (GOOD_WEST, {}))
    publish("R2")
    unpublish("R1")
    assert left_out() == {}
    unpublish("R2")
    assert left_out() == {}


def test_deliveries_of_one_release_do_not_end_each_others_gaps(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", EAST, (GOOD_EAST, {}), (None, {"county": WEST}))
    deliver(tmp_path, "R1", WEST, (GOOD_WEST, {}))
    publish("R1")
    assert left_out() == {EAST: 1, WEST: 1}


def test_a_delivery_replaced_before_it_was_live_leaves_no_gap(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", EAST, (GOOD_EAST, {}), (None, {"county": "准东"}))
    deliver(tmp_path, "R1", EAST, (GOOD_EAST, {}))
    publish("R1")
    assert left_out() == {}


def test_every_county_of_the_region_can_be_missed() -> None:
    assert set(catalog.current().region.counties) == EVERY
