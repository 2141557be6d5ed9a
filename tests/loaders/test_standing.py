"""What a delivery does not hold: gone with a whole delivery, kept with any other, and kept beyond its own counties."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from loaders.pipeline import load
from loaders.result import LoadResult
from spatial.models import Coverage
from spatial.releases import publish, unpublish
from tests.factories import day, feature
from tests.loaders import files

pytestmark = pytest.mark.django_db

LAYER = "high_risk_site"
REGION, WEST, EAST = "652300", "652301", "652302"
OUTLINES = {WEST: shapely.box(87.0, 43.5, 87.6, 44.5), EAST: shapely.box(87.6, 43.5, 88.2, 44.5)}
A, B, C = (shapely.box(x, 44.0, x + 0.001, 44.001) for x in (87.3, 87.4, 88.0))
# 0.0001 degrees of longitude at 44 degrees north are 8 m, of latitude 11 m: 890 m² over the line, and 0.9 m².
ACROSS = shapely.box(87.599, 44.0, 87.6001, 44.001)
BARELY = shapely.box(87.599, 44.0, 87.6000001, 44.001)
OLD, NEW = day("2024-03-01"), day("2025-03-01")


@pytest.fixture(autouse=True)
def _counties() -> None:
    for code, outline in OUTLINES.items():
        feature("admin_county", shapely.MultiPolygon([outline]), county=code, code=code)


def deliver(
    folder: Path, release: str, county: str | None, rows: dict[str, BaseGeometry | None], day: date = NEW,
    layer: str = LAYER, **said: Any,
) -> LoadResult:  # fmt: skip
    """Load rows by code and switch them on."""
    named = [(shape, {"code": code, "name": f"示例{code}", **said}) for code, shape in rows.items()]
    path = files.geojson(folder / "a.geojson", named)
    result = load(path, layer, county=county, release=release, crs="EPSG:4490", commit=True, data_date=day)
    publish(release)
    return result


def live(layer: str = LAYER) -> list[tuple[str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, county FROM spatial_feature WHERE layer = %s AND upper_inf(revisions) ORDER BY 1, 2",
            [layer],
        )
        return [(code, county) for code, county in cursor.fetchall()]


def data_date(county: str) -> date:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM spatial_coverage WHERE layer = %s AND county = %s AND upper_inf(revisions)",
            [LAYER, county],
        )
        return Coverage.objects.get(id=cursor.fetchone()[0]).data_date


def warned(result: LoadResult) -> dict[str, str]:
    return {
        issue.code: f"{issue.message}{issue.hint}" for issue in result.issues if issue.severity == "warning"
    }


def test_a_file_without_a_county_removes_nothing_and_says_what_stays(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", REGION, {"A": A, "B": B, "C": C, "N": None}, OLD)
    result = deliver(tmp_path, "R2", None, {"D": B})
    assert (result.changes.added, result.changes.removed) == (1, 0)
    assert live() == [("A", WEST), ("B", WEST), ("C", EAST), ("D", WEST), ("N", None)]
    told = warned(result)["kept_rows"]
    assert "昌吉市 2 条" in told
    assert "--county" in told
    assert REGION in told
    assert (data_date(WEST), data_date(EAST)) == (OLD, OLD)
    unpublish("R2")
    assert live() == [("A", WEST), ("B", WEST), ("C", EAST), ("N", None)]
    publish("R2")
    assert data_date(WEST) == OLD


def test_a_file_without_a_county_speaks_of_its_rows_alone_and_renews_no_county(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", WEST, {"A": A, "B": B}, OLD)
    result = deliver(tmp_path, "R2", None, {"A": A, "B": B, "D": B.buffer(0.001)})
    assert "kept_rows" not in warned(result)
    assert "county_not_stated" in warned(result)
    assert data_date(WEST) == OLD


def test_a_file_without_a_county_does_not_make_a_county_known_of_which_nothing_was_delivered(
    tmp_path: Path,
) -> None:
    deliver(tmp_path, "R1", None, {"A": A})
    assert live() == [("A", WEST)]
    assert not Coverage.objects.exists()


def test_a_row_of_the_same_code_is_replaced_also_without_a_county(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", WEST, {"A": A, "B": B}, OLD)
    result = deliver(tmp_path, "R2", None, {"A": B, "B": B})
    assert (result.changes.changed, result.changes.unchanged) == (1, 1)
    assert live() == [("A", WEST), ("B", WEST)]
    assert data_date(WEST) == OLD


def test_the_history_of_a_code_stays_where_a_file_without_a_county_has_only_the_latest(
    tmp_path: Path,
) -> None:
    ended = {"entry_date": "2020-01-01", "exit_date": "2024-01-01"}
    deliver(tmp_path, "R1", WEST, {"A": A}, layer="contaminated_plot", **ended)
    result = deliver(tmp_path, "R2", None, {"A": A}, layer="contaminated_plot", entry_date="2024-06-01")
    assert live("contaminated_plot") == [("A", WEST), ("A", WEST)]
    assert "kept_rows" in warned(result)
    now = {"entry_date": "2024-06-01", "exit_date": "2025-01-01"}
    deliver(tmp_path, "R3", None, {"A": A}, layer="contaminated_plot", **now)
    assert len(live("contaminated_plot")) == 2


def test_a_whole_delivery_still_removes_what_it_no_longer_has(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", REGION, {"A": A, "B": B, "C": C, "N": None}, OLD)
    result = deliver(tmp_path, "R2", WEST, {"A": A})
    assert (result.changes.removed, warned(result)) == (1, {})
    assert live() == [("A", WEST), ("C", EAST), ("N", None)]
    deliver(tmp_path, "R3", REGION, {"A": A})
    assert live() == [("A", WEST)]


def test_the_current_row_of_a_code_stays_when_its_new_form_waits_beside_its_history(tmp_path: Path) -> None:
    old: dict[str, Any] = {"code": "A", "entry_date": "2020-01-01", "exit_date": "2024-01-01"}
    now: dict[str, Any] = {"code": "A", "entry_date": "2024-01-01"}
    bow_tie = shapely.Polygon([(87.2, 44.0), (87.21, 44.01), (87.21, 44.0), (87.2, 44.01)])
    for release, shape in (("R1", A), ("R2", bow_tie)):
        path = files.geojson(tmp_path / "a.geojson", [(B, old), (shape, now)])
        load(path, "contaminated_plot", county=WEST, release=release, commit=True)
        publish(release)
    assert live("contaminated_plot") == [("A", WEST), ("A", WEST)]


def test_a_row_that_reaches_into_another_county_outlives_its_own_countys_delivery(tmp_path: Path) -> None:
    deliver(tmp_path, "R1", WEST, {"X": ACROSS, "Y": BARELY, "B": B})
    result = deliver(tmp_path, "R2", WEST, {"A": A})
    assert live() == [("A", WEST), ("X", WEST)]
    assert "示例X" in warned(result)["border_row_kept"]
    assert REGION in warned(result)["border_row_kept"]
    assert result.changes.removed == 2
    deliver(tmp_path, "R3", REGION, {"A": A})
    assert live() == [("A", WEST)]


def test_a_row_across_the_line_is_replaced_by_one_that_lies_there_too_and_kept_beside_one_that_does_not(
    tmp_path: Path,
) -> None:
    deliver(tmp_path, "R1", WEST, {"X": ACROSS})
    result = deliver(tmp_path, "R2", WEST, {"X": ACROSS}, name="示例改")
    assert (live(), warned(result)) == ([("X", WEST)], {})
    result = deliver(tmp_path, "R3", WEST, {"X": ACROSS.union(BARELY)}, name="示例新")
    assert live() == [("X", WEST)]
    result = deliver(tmp_path, "R4", WEST, {"X": BARELY})
    assert live() == [("X", WEST), ("X", WEST)]
    assert "border_row_kept" in warned(result)


@pytest.mark.parametrize(
    ("layer", "inside", "across"),
    [
        ("riverbank_source_reach", "LINESTRING (87.3 44, 87.4 44)", "LINESTRING (87.599 44, 87.6001 44)"),
        ("observation_site", "POINT (87.3 44)", "POINT (87.6001 44)"),
    ],
)
def test_a_line_and_a_point_across_the_line_stay_too(
    tmp_path: Path, layer: str, inside: str, across: str
) -> None:
    rows = {"X": shapely.from_wkt(across), "Y": shapely.from_wkt(inside)}
    deliver(tmp_path, "R1", WEST, rows, layer=layer)
    result = deliver(
        tmp_path, "R2", WEST, {"Z": shapely.transform(rows["Y"], lambda xy: xy + 0.01)}, layer=layer
    )
    assert "border_row_kept" in warned(result)
    assert len(live(layer)) == 2


def test_nothing_of_the_county_layer_is_kept_for_the_outlines_it_draws(tmp_path: Path) -> None:
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(87.5, 43.5, 87.7, 44.5)]), county=WEST, code="X"
    )
    path = files.geojson(tmp_path / "a.geojson", [(OUTLINES[WEST], {"code": WEST, "name": "昌吉市"})])
    result = load(path, "admin_county", county=WEST, release="R1", crs="EPSG:4490", commit=True)
    assert "border_row_kept" not in warned(result)
