"""A delivery on its way into the database: counts, issues, counties, and what would change."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from loaders.pipeline import load
from loaders.result import LoadResult
from spatial.models import Feature, KeptRow, Load, LoadIssue, QuarantinedRow, Release
from tests.factories import feature
from tests.grid import grid
from tests.loaders import files

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A . B . C
    . . . . .
    D . E . F
    . . . . .
    G . H . I
""")
SHAPE = PLAN.polygon("ABED")
NEXT = PLAN.polygon("BCFE")
BOW_TIE = shapely.MultiPolygon([shapely.Polygon([PLAN.point(letter).coords[0] for letter in "AEBD"])])
WEST = shapely.MultiPolygon([shapely.box(87.0, 43.5, 87.6, 44.5)])
EAST = shapely.MultiPolygon([shapely.box(87.6, 43.5, 88.2, 44.5)])


def counties() -> None:
    feature("admin_county", WEST, county="652301", code="652301", name="昌吉市")
    feature("admin_county", EAST, county="652302", code="652302", name="阜康市")


def moved(shape: BaseGeometry, degrees: float) -> BaseGeometry:
    return shapely.transform(shape, lambda points: np.add(points, [degrees, 0.0]))


def plots(path: Path, *rows: tuple[BaseGeometry | None, dict[str, Any]]) -> Path:
    return files.geojson(path, rows)


def errors(result: LoadResult) -> list[tuple[str, int | None]]:
    return [(issue.code, issue.row) for issue in result.issues if issue.severity == "error"]


def test_a_dry_run_tells_everything_and_writes_nothing(tmp_path: Path) -> None:
    path = plots(tmp_path / "a.geojson", (SHAPE, {"DKBM": "A1", "DKMC": "示例一"}), (None, {"DKBM": "A2"}))
    result = load(path, "suspected_plot", county="652301")
    assert (result.outcome, result.committed, result.load) == ("accepted", False, None)
    assert result.rows.as_json() == {"read": 2, "loaded": 2, "repaired": 0, "quarantined": 0, "refused": 0}
    assert (result.changes.added, result.changes.removed) == (2, 0)
    for model in (Feature, Load, KeptRow, LoadIssue, Release):
        assert not model.objects.exists()


def test_a_commit_writes_beside_the_live_data_with_where_it_came_from(tmp_path: Path) -> None:
    path = plots(
        tmp_path / "疑似地块.geojson",
        (SHAPE, {"DKBM": "A1", "DKMC": "示例一", "LRRQ": "2024年5月", "HYLB": "化工", "别的": 1}),
    )
    result = load(path, "suspected_plot", county="652301", commit=True, data_date=date(2025, 10, 1))
    assert result.committed
    kept = Load.objects.get(pk=result.load)
    assert (kept.file_name, kept.crs, kept.encoding, kept.data_date) == (
        "疑似地块.geojson",
        "EPSG:4326",
        "utf-8",
        date(2025, 10, 1),
    )
    assert (kept.state, kept.counties, kept.rows_loaded, kept.base_revision) == ("staged", ["652301"], 1, 0)
    assert len(kept.file_sha256) == 64
    row = Feature.objects.get()
    assert (row.layer, row.key, row.code, row.name, row.county, row.has_boundary) == (
        "suspected_plot", "A1", "A1", "示例一", "652301", True,
    )  # fmt: skip
    assert row.attributes["industry"] == "chemical"
    assert row.attributes["has_boundary"] is True
    assert "别的" not in json.dumps(row.attributes, ensure_ascii=False)
    assert row.valid_from == date(2024, 5, 1)
    assert list(row.revisions) == []
    assert (row.geom.srid, row.geom.geom_type) == (4490, "MultiPolygon")
    assert shapely.from_wkb(bytes(row.geom.wkb)).normalize() == SHAPE.normalize()
    assert [(issue.code, issue.severity) for issue in result.issues] == [
        ("origin_unknown", "notice"),
        ("columns_unused", "notice"),
    ]
    assert LoadIssue.objects.filter(load=kept).count() == 2


def test_rows_that_cannot_go_in_wait_as_they_came_and_the_counts_add_up(tmp_path: Path) -> None:
    path = plots(
        tmp_path / "a.geojson",
        (SHAPE, {"DKBM": "A1"}),
        (moved(SHAPE, 0.01), {"DKBM": "A2", "HYLB": "造原子弹"}),
        (BOW_TIE, {"DKBM": "A3", "DKMC": "自相交" * 10_000}),
        (None, {"DKBM": "A4"}),
        (moved(SHAPE, 10.0), {"DKBM": "A5"}),
        (SHAPE, {"DKBM": "A1"}),
        (NEXT, {"DKBM": "A1"}),
    )
    result = load(path, "suspected_plot", county="652301", crs=None, commit=True)
    assert result.outcome == "quarantined"
    assert result.rows.as_json() == {"read": 7, "loaded": 4, "repaired": 1, "quarantined": 3, "refused": 0}
    assert [code for code, _ in errors(result)] == ["self_intersection", "outside_region", "duplicate_row"]
    warned = [(issue.code, issue.row) for issue in result.issues if issue.severity == "warning"]
    assert warned == [("choice_unknown", 2), ("text_unusable", 3), ("duplicate_key", 7)]
    waiting = {row.row: row for row in QuarantinedRow.objects.all()}
    assert set(waiting) == {3, 5, 6}
    assert shapely.from_wkb(bytes.fromhex(waiting[3].original["wkb"])).equals(BOW_TIE)
    assert waiting[5].original["values"] == {"DKBM": "A5"}
    assert Feature.objects.get(key="A4").geom is None
    assert not Feature.objects.get(key="A4").has_boundary
    assert "industry" not in Feature.objects.get(key="A2").attributes


def test_a_layer_that_is_no_register_takes_no_row_without_a_shape(tmp_path: Path) -> None:
    path = plots(
        tmp_path / "a.geojson",
        (SHAPE, {"名称": "一"}),
        (None, {"名称": "二"}),
        (shapely.Point(87.3, 44.0), {"名称": "三"}),
    )
    result = load(path, "eco_redline", county="652301")
    assert errors(result) == [("no_geometry", 2), ("geometry_type", 3)]


def test_entries_of_a_register_without_place_are_kept_counted_and_told(tmp_path: Path) -> None:
    table = [
        ["企业名称", "地块编码", "行政区代码"],
        ["示例一", "R1", "652301"],
        ["示例二", "R2", None],
        ["示例三", "R3", "650109"],
    ]
    result = load(files.xlsx(tmp_path / "名录.xlsx", table), "suspected_plot", commit=True)
    assert result.rows.as_json() == {"read": 3, "loaded": 2, "repaired": 0, "quarantined": 1, "refused": 0}
    assert sorted(result.counties) == ["", "652301"]
    assert {row.key: row.county for row in Feature.objects.all()} == {"R1": "652301", "R2": None}
    assert ("county_missing", 3) in [(issue.code, issue.row) for issue in result.issues]
    assert errors(result) == [("county_unknown", 4)]


def test_a_row_goes_to_the_county_it_says_or_else_lies_in(tmp_path: Path) -> None:
    counties()
    path = plots(
        tmp_path / "a.geojson",
        (SHAPE, {"DKBM": "A1"}),
        (moved(SHAPE, 0.5), {"DKBM": "A2", "XZQDM": "652326"}),
        (moved(SHAPE, 0.6), {"DKBM": "A3", "XZQDM": "阜康"}),
        (SHAPE, {"DKBM": "A4", "XZQDM": "652302"}),
        (moved(SHAPE, 1.5), {"DKBM": "A5"}),
        (moved(SHAPE, 0.5), {"DKBM": "A6", "XZQDM": "652322"}),
    )
    result = load(path, "suspected_plot", commit=True)
    assert {row.key: row.county for row in Feature.objects.filter(layer="suspected_plot")} == {
        "A1": "652301", "A2": "652302", "A3": "652302",
    }  # fmt: skip
    assert errors(result) == [("county_conflict", 4), ("neighbouring_region", 5), ("county_unknown", 6)]
    assert "米东区" in next(issue.message for issue in result.issues if issue.code == "county_unknown")
    assert set(result.changes.by_county) == {"652301", "652302"}


def test_a_delivery_for_one_county_holds_no_row_of_another(tmp_path: Path) -> None:
    counties()
    path = plots(
        tmp_path / "a.geojson",
        (SHAPE, {"DKBM": "A1"}),
        (moved(SHAPE, 0.5), {"DKBM": "A2"}),
        (SHAPE, {"DKBM": "A3", "XZQDM": "652302"}),
    )
    result = load(path, "suspected_plot", county="652301")
    assert errors(result) == [("county_conflict", 2), ("county_conflict", 3)]
    assert result.counties == ("652301",)


def test_the_county_layer_is_its_own_county(tmp_path: Path) -> None:
    path = plots(
        tmp_path / "a.geojson",
        (WEST, {"XZQDM": "652301", "MC": "昌吉市"}),
        (EAST, {"XZQDM": "659004", "MC": "五家渠市"}),
    )
    result = load(path, "admin_county", county="652300", commit=True)
    assert [(row.key, row.county) for row in Feature.objects.all()] == [("652301", "652301")]
    assert errors(result) == [("county_unknown", 2)]


@pytest.mark.parametrize(
    ("layer", "county", "code"),
    [
        ("released_plot", None, "layer_not_stored"),
        ("asked_parcel", None, "layer_not_stored"),
        ("suspected_plot", "650100", "county_unknown"),
    ],
)
def test_what_cannot_be_loaded_says_what_to_load(
    tmp_path: Path, layer: str, county: str | None, code: str
) -> None:
    result = load(plots(tmp_path / "a.geojson", (SHAPE, {})), layer, county=county, commit=True)
    assert (result.outcome, errors(result)) == ("refused", [(code, None)])
    assert not Release.objects.exists()


def test_nothing_goes_in_when_no_row_can_and_an_empty_file_is_no_statement(tmp_path: Path) -> None:
    bad = load(
        plots(tmp_path / "a.geojson", (moved(SHAPE, 10.0), {"DKBM": "A"})),
        "suspected_plot",
        county="652301",
        commit=True,
    )
    assert (bad.outcome, bad.rows.as_json()) == (
        "refused", {"read": 1, "loaded": 0, "repaired": 0, "quarantined": 0, "refused": 1},
    )  # fmt: skip
    empty = load(plots(tmp_path / "b.geojson"), "suspected_plot", county="652301", commit=True)
    assert (empty.outcome, errors(empty)) == ("refused", [("no_rows", None)])
    assert not Load.objects.exists()


def test_a_file_of_an_old_datum_is_refused_with_all_its_rows_counted(tmp_path: Path) -> None:
    path = files.boundary_txt(
        tmp_path / "a.txt", files.square("A") + "\n" + files.square("B"), 坐标系="1980西安坐标系"
    )
    result = load(path, "parcel", county="652301", commit=True)
    assert result.rows.as_json() == {"read": 2, "loaded": 0, "repaired": 0, "quarantined": 0, "refused": 2}
    assert errors(result) == [("needs_official_conversion", 4)]
    assert result.encoding == "utf-8"


def test_a_refused_file_still_tells_every_fault_of_its_rows() -> None:
    sample = Path(__file__).parents[1] / "data" / "samples" / "broken_03_zone_and_topology.txt"
    result = load(sample, "parcel", county="652301")
    assert errors(result) == [
        ("zone_conflict", 9), ("zone_conflict", 14), ("self_intersection", 14), ("hole_outside", 25),
    ]  # fmt: skip


def test_a_boundary_point_file_brings_its_date_and_its_good_plots(tmp_path: Path) -> None:
    good, bad = (
        files.square("P1"),
        files.square("P2").replace("J2,1,4876500.000,29524670.000", "J2,1,29524670.000,4876500.000"),
    )
    path = files.boundary_txt(tmp_path / "a.txt", f"{good}\n{bad}", "gbk")
    result = load(path, "parcel", county="652301", commit=True)
    assert (result.outcome, result.crs, result.encoding, result.data_date) == (
        "quarantined",
        "EPSG:4517",
        "gbk",
        date(2025, 3, 18),
    )
    assert errors(result) == [("axes_swapped", 20)]
    assert Feature.objects.get().key == "P1"
    assert QuarantinedRow.objects.get().original["text"].splitlines()[0] == bad.splitlines()[0]


def test_several_files_are_one_delivery(tmp_path: Path) -> None:
    one = plots(tmp_path / "一.geojson", (SHAPE, {"DKBM": "A1"}))
    two = files.gdal(
        tmp_path / "二.gpkg", [(NEXT, {"DKBM": "A2"}), (PLAN.polygon("DEHG"), {"DKBM": "A1"})], driver="GPKG"
    )
    result = load([one, two], "suspected_plot", county="652301", commit=True)
    assert result.rows.loaded == 3
    assert Load.objects.get().file_name == "一.geojson；二.gpkg"
    assert any(
        issue.message.startswith("二.gpkg：") for issue in result.issues if issue.code == "duplicate_key"
    )


def test_a_row_that_two_files_of_a_delivery_hold_goes_in_once(tmp_path: Path) -> None:
    one = plots(tmp_path / "a.geojson", (SHAPE, {"DKBM": "A1"}))
    two = plots(tmp_path / "b.geojson", (SHAPE, {"DKBM": "A1"}), (NEXT, {"DKBM": "A2"}))
    three = plots(tmp_path / "c.geojson", (PLAN.polygon("DEHG"), {"DKBM": "A1"}))
    result = load([one, two, three], "suspected_plot", county="652301", commit=True)
    assert errors(result) == [("duplicate_row", 1)]
    assert [issue.row for issue in result.issues if issue.code == "duplicate_key"] == [1]
    assert sorted(row.key for row in Feature.objects.all()) == ["A1", "A1", "A2"]


def test_a_columns_own_id_wins_and_a_cut_shapefile_name_is_known(tmp_path: Path) -> None:
    rows = [(SHAPE, {"code": "A1", "DKBM": "别的", "最大超标倍": 2.5, "detailed_x": "x"})]
    path = files.zipped_shapefile(tmp_path / "a.zip", rows, cpg=False)
    result = load(path, "suspected_plot", county="652301", commit=True)
    assert Feature.objects.get().key == "A1"
    # Four fields begin with 最大超标倍: which one it is cannot be told, so it is none of them.
    assert "最大超标倍" in next(issue.message for issue in result.issues if issue.code == "columns_unused")


def test_a_repair_is_listed_and_counted(tmp_path: Path) -> None:
    ring = [*SHAPE.geoms[0].exterior.coords]
    twice = shapely.Polygon([ring[0], ring[1], ring[1], *ring[2:]])
    result = load(plots(tmp_path / "a.geojson", (twice, {"DKBM": "A1"})), "suspected_plot", county="652301")
    assert (result.outcome, result.rows.repaired) == ("repaired", 1)
    assert [issue.code for issue in result.issues if issue.row] == ["duplicate_vertices"]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.dates().map(str))
SHAPES = st.sampled_from(
    [None, SHAPE, NEXT, BOW_TIE, moved(SHAPE, 9.0), shapely.Point(87.3, 44.0), shapely.Point(0, 0)]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(
            SHAPES,
            st.fixed_dictionaries(dict.fromkeys(("DKBM", "DKMC", "LRRQ", "YCRQ", "HYLB", "XZQDM"), JUNK)),
        ),
        max_size=6,
    )
)
def test_every_row_ends_as_exactly_one_of_loaded_quarantined_or_refused(
    rows: list[Any], tmp_path_factory: Any
) -> None:
    path = plots(tmp_path_factory.mktemp("any") / "a.geojson", *rows)
    result = load(path, "suspected_plot", county="652301", commit=True)
    counts = result.rows
    assert counts.read == len(rows) == counts.loaded + counts.quarantined + counts.refused
    assert counts.repaired <= counts.loaded
    json.dumps(result.as_json(), allow_nan=False)
    if result.committed:
        assert QuarantinedRow.objects.filter(load=result.load).count() == counts.quarantined
        assert Feature.objects.filter(load=result.load).count() == counts.loaded
        assert not KeptRow.objects.filter(load=result.load).exists()
