"""Rows of one layer held against each other: neighbours that overlap, and areas declared against areas measured."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from loaders import write
from loaders.pipeline import load
from loaders.result import LoadResult
from spatial.models import LoadIssue
from spatial.releases import publish
from tests.factories import feature
from tests.loaders import files

pytestmark = pytest.mark.django_db
STEP = 0.001
GEOD = Geod(a=6378137.0, rf=298.257222101)


def cell(x: float, y: float, width: float = 1.0, height: float = 1.0) -> BaseGeometry:
    """A rectangle of some 80 by 111 m steps."""
    west, south = 87.3 + x * STEP, 44.0 + y * STEP
    return shapely.box(west, south, west + width * STEP, south + height * STEP)


def fields(path: Path, *shapes: BaseGeometry, **given: object) -> Path:
    rows = [
        (shape, {"地块编号": f"F{n}", "地块名称": f"田{n}", **given}) for n, shape in enumerate(shapes, 1)
    ]
    return files.geojson(path, rows)


def told(result: LoadResult) -> list[tuple[int | None, str]]:
    return [(one.row, one.message) for one in result.issues if one.code == "neighbours_overlap"]


def test_neighbours_that_overlap_are_listed_with_row_place_and_size(tmp_path: Path) -> None:
    path = fields(tmp_path / "a.geojson", cell(0, 0), cell(1, 0), cell(1.9, 0), cell(5, 5))
    result = load(path, "eco_control_unit", county="652301", commit=True)
    (found,) = [one for one in result.issues if one.code == "neighbours_overlap"]
    assert (found.row, found.severity, found.owner) == (3, "warning", "生态环境主管部门")
    assert "第 2 行" in found.message and "核对界线" in found.hint
    shared = cell(1.9, 0, 0.1)
    assert found.place is not None and shared.covers(shapely.Point(found.place))
    # A strip of so little latitude is the same on its straight edges as on the geodesics of another library.
    size = abs(GEOD.geometry_area_perimeter(shared)[0])
    assert f"{size:.0f}" in found.message.replace(f"{size:.2f}", f"{size:.0f}")
    assert result.rows.loaded == 4
    assert LoadIssue.objects.filter(load=result.load, code="neighbours_overlap", row=3).count() == 1


@pytest.mark.parametrize(
    ("shapes", "pairs"),
    [
        ([cell(0, 0), cell(0, 0)], 1),
        ([cell(0, 0, 10, 10), cell(2, 2)], 1),
        ([cell(0, 0, 10, 10).difference(cell(2, 2)), cell(2, 2)], 0),
        ([cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1)], 0),
        ([cell(0, 0), cell(1, 0, 1, 2)], 0),
        ([cell(0, 0), cell(0.99999, 0)], 0),
        ([cell(0, 0), cell(0.5, 0), cell(0.7, 0.5)], 3),
    ],
    ids=["twice", "inside", "in the hole", "a grid", "an edge of two", "under a square metre", "three"],
)
def test_what_is_an_overlap_and_what_is_not(tmp_path: Path, shapes: list[BaseGeometry], pairs: int) -> None:
    assert (
        len(told(load(fields(tmp_path / "a.geojson", *shapes), "eco_control_unit", county="652301"))) == pairs
    )


def test_layers_that_may_share_ground_are_not_compared(tmp_path: Path) -> None:
    path = fields(tmp_path / "a.geojson", cell(0, 0), cell(0.5, 0))
    assert told(load(path, "drinking_water_zone", county="652301")) == []


def test_a_row_that_is_added_is_compared_with_the_live_rows_that_stay(tmp_path: Path) -> None:
    load(
        fields(tmp_path / "a.geojson", cell(0, 0)),
        "eco_control_unit",
        county="652301",
        commit=True,
        release="A",
    )
    publish("A")
    path = files.geojson(tmp_path / "b.geojson", [(cell(0.5, 0), {"地块编号": "N", "XZQDM": "652301"})])
    assert [row for row, message in told(load(path, "eco_control_unit")) if "现有资料" in message] == [1]
    # A whole delivery ends what it does not hold, so there is no neighbour left.
    assert told(load(path, "eco_control_unit", county="652301")) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    boxes=st.lists(
        st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 9)] * 2), min_size=2, max_size=14, unique=True
    ),
    strip=st.integers(1, 5),
)
def test_strip_by_strip_finds_the_pairs_that_all_against_all_finds(
    boxes: list[tuple[int, int, int, int]], strip: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "STRIP", strip)
        shapes = [cell(*box) for box in boxes]
        path = fields(tmp_path_factory.mktemp("boxes") / "a.geojson", *shapes)
        found = told(load(path, "eco_control_unit", county="652301"))
    # Whole steps: two boxes share ground exactly when both their spans do.
    expected = sum(
        a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
        for n, a in enumerate(boxes)
        for b in boxes[:n]
    )
    assert len(found) == expected


def lattice(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """The cells between lines, which share whole edges: west, south, width, height."""
    return [(w, s, e - w, n - s) for w, e in pairwise(xs) for s, n in pairwise(ys)]


@pytest.mark.parametrize(
    "other",
    [
        lattice([0.5, 1.5, 2.5], [0.5, 1.5, 2.5]),
        lattice([0, 1, 2, 3], [0, 1, 2, 3]),
        lattice([0, 1.5, 3], [0, 1, 2, 3]),
        lattice([-1, 4, 9], [-1, 4, 9]),
        lattice([0, 1, 2, 3], [-1, 0.5, 4]),
        lattice([3, 4, 5], [0, 1, 2, 3]),
    ],
    ids=["inside", "the same", "the same outer edge", "around", "across", "beside"],
)
def test_two_coverages_without_a_fault_of_their_own_that_lie_on_each_other_are_found(
    other: list[tuple[float, float, float, float]], tmp_path: Path
) -> None:
    one = lattice([0, 1, 2, 3], [0, 1, 2, 3])
    found = told(
        load(
            fields(tmp_path / "a.geojson", *[cell(*each) for each in (*one, *other)]),
            "eco_control_unit",
            county="652301",
        )
    )
    expected = sum(
        a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
        for a in one
        for b in other
    )
    assert len(found) == expected


def test_history_is_no_neighbour(tmp_path: Path) -> None:
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(87, 43.5, 88, 44.5)]), code="652301", name="昌吉市"
    )
    rows = [
        (cell(0, 0), {"地块编号": "A", "地类编码": "0101"}),
        (cell(0, 0), {"地块编号": "A", "地类编码": "0102"}),
    ]
    result = load(files.geojson(tmp_path / "a.geojson", rows), "parcel", county="652301")
    assert told(result) == []


@pytest.mark.parametrize("unit", [1.0, 1e-4, 3 / 2000, 1e-6])
def test_an_area_is_right_in_whatever_unit_it_fits(tmp_path: Path, unit: float) -> None:
    shape = cell(0, 0, 5, 5)
    area = abs(GEOD.geometry_area_perimeter(shape)[0])
    path = fields(tmp_path / "a.geojson", shape, 面积=area * unit * 1.005)
    result = load(path, "eco_control_unit", county="652301")
    assert "area_differs" not in [one.code for one in result.issues]


@pytest.mark.parametrize("factor", [1.02, 0.5, 3.0])
def test_an_area_that_fits_in_no_unit_is_listed_with_what_was_measured(tmp_path: Path, factor: float) -> None:
    shape = cell(0, 0, 5, 5)
    area = abs(GEOD.geometry_area_perimeter(shape)[0])
    path = fields(tmp_path / "a.geojson", shape, 图斑面积=f"{area * factor:.2f}")
    result = load(path, "eco_control_unit", county="652301")
    (found,) = [one for one in result.issues if one.code == "area_differs"]
    assert (found.row, found.field, found.severity) == (1, "图斑面积", "warning")
    measured = float(found.message.split("椭球面积 ")[1].split(" ")[0])
    assert measured == pytest.approx(area, rel=1e-4)
    assert result.rows.loaded == 1


def test_a_figure_that_is_none_is_nothing_to_compare(tmp_path: Path) -> None:
    for said in (None, "", "见附件", 0, -3, float(np.float64(0))):
        path = fields(tmp_path / "a.geojson", cell(0, 0), 面积=said)
        assert "area_differs" not in [
            one.code for one in load(path, "eco_control_unit", county="652301").issues
        ]


def test_a_layer_loaded_twice_over_is_told_by_its_first_pairs_and_in_time(tmp_path: Path) -> None:
    # 300 shapes on one place are 44,850 pairs.
    path = fields(tmp_path / "a.geojson", *[cell(0, 0, 1 + n / 1000) for n in range(300)])
    result = load(path, "eco_control_unit", county="652301")
    codes = [one.code for one in result.issues]
    assert (codes.count("neighbours_overlap"), codes.count("overlaps_unlisted")) == (10_000, 1)
    assert result.rows.loaded == 300
