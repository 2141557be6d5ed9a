"""Within the stated errors of both boundaries an overlap may vanish, or a gap be an overlap: both are said."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import shapely

from spatial import catalog, crs
from spatial.certainty import certainty_of
from spatial.checks import Question, run_check
from spatial.measure import measure
from tests.factories import feature, known_county
from tests.grid import URBAN
from tests.spatial.test_checks import SHOP

EAST, NORTH = URBAN


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    """Metres from a corner in the zone, as stored."""
    flat = shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)
    return shapely.MultiPolygon([crs.to_storage(flat, 4538)])


PARCEL = box(0, 0, 200, 200)


@pytest.mark.parametrize(
    ("parcel", "shape", "error_m", "expected"),
    [
        pytest.param(PARCEL, box(-100, 0, 0.6, 200), 1.05, "possible", id="a strip thinner than the error"),
        pytest.param(PARCEL, box(-100, 0, 0.6, 200), 0.55, "certain", id="a strip thicker than the error"),
        pytest.param(PARCEL, box(-100, -100, 0.6, 0.6), 1.05, "possible", id="a corner"),
        pytest.param(PARCEL, box(-100, 0, 100, 200), 1.05, "certain", id="half of the parcel"),
        pytest.param(PARCEL, box(-100, -100, 300, 300), 5.0, "certain", id="all of the parcel"),
        pytest.param(box(0, 0, 200, 1), box(-99, -99, 299, 99), 5.0, "certain", id="a narrow parcel deep in a zone"),
        pytest.param(PARCEL, box(100, 100, 101, 101), 5.0, "certain", id="a small plot deep in the parcel"),
        pytest.param(PARCEL, box(1, 1, 2, 2), 5.0, "possible", id="a small plot at the edge"),
        pytest.param(PARCEL, box(-100, 0, -0.3, 200), 0.55, "near_miss", id="apart by less than the error"),
        pytest.param(PARCEL, box(-100, 0, -0.6, 200), 0.55, "certain", id="apart by more"),
        pytest.param(PARCEL, box(-100, 0, 0, 200), 0.05, "near_miss", id="contact"),
    ],
)  # fmt: skip
def test_what_the_error_can_undo_is_possible(parcel: Any, shape: Any, error_m: float, expected: str) -> None:
    (measured,) = measure(parcel, [shape], [10.0])
    assert certainty_of(parcel, shape, measured, error_m) == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (shapely.LineString([(0.4, 10), (0.4, 90)]), "possible"),
        (shapely.LineString([(-50, 50), (50, 50)]), "certain"),
        (shapely.LineString([(-0.4, 10), (-0.4, 90)]), "near_miss"),
        (shapely.Point(0.4, 50), "possible"),
        (shapely.Point(50, 50), "certain"),
        (shapely.Point(-0.4, 50), "near_miss"),
    ],
)
def test_lines_and_points_too(shape: Any, expected: str) -> None:
    there = crs.to_storage(shapely.transform(shape, lambda xy: np.add(xy, URBAN)), 4538)
    if shape.geom_type == "LineString":
        there = shapely.MultiLineString([there])
    (measured,) = measure(PARCEL, [there], [10.0])
    assert certainty_of(PARCEL, there, measured, 0.55) == expected


@pytest.fixture
def half_a_metre(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefecture that states 0.5 m for its redline; the parcel's is the 0.05 m of the rules."""
    known = catalog.current()
    redline = known.layer("eco_redline")
    stated = replace(redline, overlay=replace(redline.overlay, position_error_m=0.5))
    changed = replace(known, layers=MappingProxyType({**known.layers, "eco_redline": stated}))
    monkeypatch.setattr(catalog, "current", lambda: changed)
    known_county()


def ask() -> dict[str, Any]:
    return run_check(Question(PARCEL, **SHOP)).answer  # type: ignore[no-any-return, arg-type]


def test_a_near_miss_is_a_notice_with_its_distance_and_the_limit(half_a_metre: None) -> None:
    feature("eco_redline", box(-100, 0, -0.3, 200), code="R1", control_area="core")
    told = ask()
    (finding,) = told["findings"]
    assert (told["verdict"], told["complete"]) == ("notice", True)
    assert (finding["rule"], finding["relation"], finding["certainty"]) == (
        "DAT-06",
        "near_miss",
        "near_miss",
    )
    assert finding["measures"] == {
        "position_error_m": pytest.approx(0.55),
        "distance_m": pytest.approx(0.3, abs=1e-3),
    }
    assert (finding["feature"]["code"], finding["distance_m"]) == ("R1", 0.3)
    assert [row["state"] for row in told["layers"] if row["layer"] == "eco_redline"] == ["clear"]


def test_farther_than_the_errors_is_clear(half_a_metre: None) -> None:
    feature("eco_redline", box(-100, 0, -0.6, 200), code="R1", control_area="core")
    assert ask()["verdict"] == "clear"


def test_a_possible_overlap_keeps_its_verdict_in_full(half_a_metre: None) -> None:
    feature("eco_redline", box(-100, 0, 0.52, 200), code="R1", control_area="core")
    told = ask()
    found = {finding["rule"]: finding for finding in told["findings"]}
    assert told["verdict"] == found["RED-01"]["verdict"] == "prohibit"
    assert (found["RED-01"]["certainty"], found["RED-01"]["measures"]) == (
        "possible",
        {"position_error_m": pytest.approx(0.55)},
    )


def test_a_near_miss_makes_no_other_finding_milder(half_a_metre: None) -> None:
    feature("eco_redline", box(-100, 0, 50, 200), code="R1", control_area="core")
    alone = ask()
    feature("eco_redline", box(200.3, 0, 300, 200), code="R2", control_area="core")
    told = ask()
    assert told["verdict"] == alone["verdict"] == "prohibit"
    assert [f for f in told["findings"] if f["rule"] != "DAT-06"] == alone["findings"]
    assert [f["feature"]["code"] for f in told["findings"] if f["rule"] == "DAT-06"] == ["R2"]


def test_a_sliver_within_the_error_is_possible_and_shows_its_limits(half_a_metre: None) -> None:
    feature("eco_redline", box(-100, 0, 0.1, 200), code="R1", control_area="core")
    (finding,) = ask()["findings"]
    assert (finding["rule"], finding["certainty"]) == ("DAT-02", "possible")
    assert finding["measures"]["area_m2"] == pytest.approx(20, abs=0.01)
    assert finding["measures"]["sliver_width_m"] == 0.5


def test_a_layer_that_states_nothing_is_judged_as_before(half_a_metre: None) -> None:
    feature("suspected_plot", box(-100, 0, -0.01, 200), code="S1", status="suspected")
    assert "DAT-06" not in {finding["rule"] for finding in ask()["findings"]}


def test_a_feature_s_own_error_counts_before_its_layer_s(half_a_metre: None) -> None:
    redline = catalog.current().layer("eco_redline")
    own = replace(redline.fields["control_area"], id="position_error_m", type="number", choices={})
    fields = MappingProxyType({**redline.fields, "position_error_m": own})
    known = replace(
        catalog.current(),
        layers={**catalog.current().layers, "eco_redline": replace(redline, fields=fields)},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "current", lambda: known)
        feature("eco_redline", box(-100, 0, -3, 200), code="R1", control_area="core", position_error_m=5)
        feature("eco_redline", box(200.3, 0, 300, 200), code="R2", control_area="core", position_error_m=0.1)
        told = ask()
    assert [(f["feature"]["code"], f["measures"]["position_error_m"]) for f in told["findings"]] == [
        ("R1", 5.05)
    ]
