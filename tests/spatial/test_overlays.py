"""An overlay against a real PostGIS: what adds up, what is a conflict, and what is never called clear."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas
import pytest
import shapely
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range
from pyproj import Geod

from spatial import answer
from spatial.checks import Question, run_check
from spatial.landuse import Use
from spatial.measure import OutOfTime
from spatial.models import AreaOverlay, Coverage, Feature, OverlayShape
from spatial.overlays import judged
from spatial.overlays.area import Area, CodesUnknown, Polygon
from spatial.overlays.run import Asked, is_unchanged, make
from spatial.overlays.side import NoPolygons
from tests.factories import feature, known_county
from tests.grid import grid

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A B C D
    E F G H
    I J K L
""")
LAYERS = ("contaminated_plot", "eco_redline", "permanent_basic_farmland")
NOTHING = dict.fromkeys(
    (
        "may_pollute_soil", "may_pollute_groundwater", "discharges_pollutants", "livestock", "aquaculture", "outfall",
    ),
    False,
)  # fmt: skip
ORDER = ["prohibit", "needs_investigation", "conditional", "undetermined", "notice", "clear"]
HOME, SHOP = Use("MNR-2023", "0701"), Use("MNR-2023", "0901")
QUESTION = Question(
    shapely.MultiPolygon(), "use_change", current_use=Use("MNR-2023", "1001"), project=NOTHING
)
ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)
PIECE_DEG = 2e-4


def geodesic_m2(shape: Any) -> float:
    """m² by PROJ's geodesics, edges cut so short that they lie on the straight ones."""
    if shape.is_empty:
        return 0.0
    return abs(
        ELLIPSOID.geometry_area_perimeter(shapely.orient_polygons(shapely.segmentize(shape, PIECE_DEG)))[0]
    )


def asked(*polygons: Polygon, **given: Any) -> Asked:
    layers = given.pop("layers", LAYERS)
    allowed = given.pop("allowed", dict.fromkeys((*layers, "planned_land_use")))
    return Asked(Area("示例范围", polygons), layers, allowed, given.pop("question", QUESTION), **given)


def told(*polygons: Polygon, **given: Any) -> dict[str, Any]:
    return dict(make(asked(*polygons, **given)).answer)


def m2(rows: list[dict[str, Any]], **wanted: Any) -> float:
    return sum(row["area_m2"] for row in rows if all(row[name] == value for name, value in wanted.items()))


def planned(shape: Any, code: str, system: str = "MNR-2023") -> None:
    """A row of the planned uses; `code` is an attribute of it, and no column."""
    row = feature("planned_land_use", shape, code_system=system)
    row.attributes["code"] = code
    row.save()


STEP = 2e-4
"""Corners lie on a grid of some 20 m, so that edges, corners and whole shapes fall on each other."""


@st.composite
def polygon(draw: st.DrawFn) -> shapely.MultiPolygon:
    """A box or a slanted triangle, on the grid or by tenths beside it."""
    west, south = (draw(st.integers(0, 14)) + draw(st.sampled_from((0, 0, 0.1, 0.3))) for _ in "xy")
    wide, high = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    corners = [(west, south), (west + wide, south), (west + wide, south + high), (west, south + high)]
    if draw(st.booleans()):
        corners = [corners[0], corners[1], (west + draw(st.integers(0, 8)), south + high)]
    ring = [(87.3 + x * STEP, 44.0 + y * STEP) for x, y in corners]
    return shapely.orient_polygons(shapely.MultiPolygon([shapely.Polygon(ring)]))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    areas=st.lists(st.tuples(polygon(), st.sampled_from([HOME, SHOP, None])), min_size=1, max_size=3),
    zones=st.lists(st.tuples(polygon(), st.sampled_from(LAYERS)), max_size=7),
    plan=st.lists(st.tuples(polygon(), st.sampled_from(["0701", "1401"])), max_size=2),
)
def test_every_table_adds_up_to_the_area_and_is_what_geopandas_finds(
    areas: list[Any], zones: list[Any], plan: list[Any]
) -> None:
    with transaction.atomic():
        known_county()
        for shape, layer in zones:
            feature(layer, shape)
        for shape, code in plan:
            planned(shape, code)
        found = told(*(Polygon(str(n), "", shape, use) for n, (shape, use) in enumerate(areas)))
        transaction.set_rollback(True)
    ground = shapely.union_all([shape for shape, _ in areas])
    whole = geodesic_m2(ground)
    near = {"rel": 1e-6, "abs": 1e-4}
    assert found["area"]["area_m2"] == pytest.approx(whole, rel=1e-6)
    for table in ("uses", "partition", "verdicts"):
        assert m2(found[table]) == pytest.approx(whole, rel=1e-6), table
    for use in {row["use"] for row in found["uses"]}:
        own = m2(found["uses"], use=use)
        assert m2(found["partition"], use=use) == pytest.approx(own, **near)
        assert m2(found["verdicts"], use=use) == pytest.approx(own, **near)
    # An independent computation: one frame of the area identified with one frame of each layer after the other.
    frame = geopandas.GeoDataFrame(geometry=[ground], crs=4490)
    for layer in LAYERS:
        own = [shape for shape, name in zones if name == layer]
        there = geopandas.GeoDataFrame({layer: [True]}, geometry=[shapely.union_all(own)], crs=4490)
        if own:
            frame = geopandas.overlay(frame, there, how="identity", keep_geom_type=True)
        else:
            frame[layer] = None
        if own:
            meets = geopandas.overlay(
                geopandas.GeoDataFrame(geometry=[ground], crs=4490), there, keep_geom_type=True
            )
            assert m2(found["by_layer"], layer=layer) == pytest.approx(
                sum(map(geodesic_m2, meets.geometry)), **near
            )
    sets: dict[tuple[str, ...], float] = {}
    for _, row in frame.iterrows():
        names = tuple(sorted(layer for layer in LAYERS if row[layer] is True or row[layer] == 1))
        sets[names] = sets.get(names, 0.0) + geodesic_m2(row.geometry)
    for names in {*sets, *(tuple(row["layers"]) for row in found["partition"])}:
        assert m2(found["partition"], layers=list(names)) == pytest.approx(sets.get(names, 0.0), **near), (
            names
        )


def test_planned_uses_cut_what_was_drawn_and_a_use_that_a_polygon_brings_stands() -> None:
    known_county()
    planned(PLAN.polygon("ABFE"), "0701")
    planned(PLAN.polygon("BCGF"), "0501", "GBT21010-2017")
    found = told(
        Polygon("1", "画的", PLAN.polygon("ADHE")), Polygon("2", "有用途的", PLAN.polygon("EFJI"), SHOP)
    )
    square = geodesic_m2(PLAN.polygon("ABFE"))
    assert [(row["use"], row["plots"]) for row in found["uses"]] == [("07", 1), ("09", 2), (None, 1)]
    assert m2(found["uses"], use="07") == pytest.approx(square, rel=1e-4)
    assert m2(found["uses"], use="09") == pytest.approx(2 * square, rel=1e-4)  # 0501 of GB/T 21010 is retail
    assert {row["no"]: row["use"] for row in found["plots"] if row["no"] == "2"} == {"2": "09"}


def test_ground_in_two_plots_counts_once_and_in_the_worse_of_them() -> None:
    known_county()
    feature("risk_register_plot", PLAN.polygon("ADHE"), code="R1", name="示例旧址")
    both = [Polygon("a", "", PLAN.polygon("ABFE"), SHOP), Polygon("b", "", PLAN.polygon("ACGE"), HOME)]
    found = told(*both, layers=("risk_register_plot",))
    square = geodesic_m2(PLAN.polygon("ABFE"))
    assert found["area"]["area_m2"] == pytest.approx(2 * square, rel=1e-4)
    assert found["area"]["counted_twice_m2"] == pytest.approx(square, rel=1e-4)
    alone = {
        one.no: run_check(Question(**{**vars(QUESTION), "parcel": one.shape, "proposed_use": one.use})).answer
        for one in both
    }
    worse = min(alone, key=lambda no: ORDER.index(alone[no]["verdict"]))
    assert {row["no"]: row["verdict"] for row in found["plots"]} == {
        no: one["verdict"] for no, one in alone.items()
    }
    assert found["verdict"] == alone[worse]["verdict"]
    assert m2(found["partition"], layers=["risk_register_plot"]) == pytest.approx(2 * square, rel=1e-4)
    # Where both lie, the worse of what they say counts, whosever ground it is.
    assert found["verdicts"][0]["verdict"] == alone[worse]["verdict"]
    per_use = {row["use"]: row["area_m2"] for row in found["uses"]}
    assert all(
        m2(found["verdicts"], use=use) == pytest.approx(area, rel=1e-6, abs=0.01)
        for use, area in per_use.items()
    )


def test_conflicts_are_the_findings_that_a_check_of_each_plot_gives_the_worst_first() -> None:
    known_county()
    feature("contaminated_plot", PLAN.polygon("ABFE"), code="C1", name="示例电镀旧址", status="contaminated")
    feature("eco_redline", PLAN.polygon("FGKJ"), name="示例红线")
    polygons = [Polygon("1", "", PLAN.polygon("ACGE"), HOME), Polygon("2", "", PLAN.polygon("EGKI"), SHOP)]
    found = told(*polygons)
    expected: list[tuple[Any, ...]] = []
    for one in polygons:
        given = Question(
            **{**vars(QUESTION), "parcel": one.shape, "proposed_use": one.use, "parcel_no": one.no}
        )
        for finding in run_check(given).answer["findings"]:
            if finding["feature"]:
                expected.append(
                    (
                        one.no,
                        finding["rule"],
                        finding["verdict"],
                        finding["feature"]["id"],
                        finding["overlap_area_m2"],
                    )
                )
    got = [
        (row["no"], row["rule"], row["verdict"], row["feature"]["id"], row["overlap_area_m2"])
        for row in found["conflicts"]
    ]
    assert sorted(got) == sorted(expected) and len(got) >= 2
    ranks = [ORDER.index(row["verdict"]) for row in found["conflicts"]]
    assert ranks == sorted(ranks)
    assert all(
        found["rules"][row["rule"]]["basis"] and found["rules"][row["rule"]]["reason"]
        for row in found["conflicts"]
    )
    square = geodesic_m2(PLAN.polygon("ABFE"))
    # what is not under either stays out of the two's verdicts
    worst = {row["verdict"]: m2(found["verdicts"], verdict=row["verdict"]) for row in found["verdicts"]}
    assert sum(worst.values()) == pytest.approx(4 * square, rel=1e-4)
    assert worst["prohibit"] == pytest.approx(square, rel=1e-4)


@pytest.mark.parametrize("state", ["never_loaded", "outdated", "unlocated", "forbidden"])
def test_what_is_not_known_or_not_shown_is_never_unrestricted(state: str) -> None:
    known_county(but=("eco_redline",) if state == "never_loaded" else ())
    allowed: dict[str, Any] = dict.fromkeys(LAYERS)
    if state == "outdated":
        Coverage.objects.filter(layer="permanent_basic_farmland").update(data_date=date(2019, 1, 1))
    if state == "unlocated":
        feature("contaminated_plot", None, code="C9", name="示例无边界", status="contaminated")
    if state == "forbidden":
        allowed["contaminated_plot"] = ["652302"]
        feature("contaminated_plot", PLAN.polygon("ABFE"), code="C1", name="示例", status="contaminated")
    found = told(Polygon("1", "", PLAN.polygon("ACGE"), HOME), allowed=allowed)
    assert m2(found["partition"], layers=[], known=True) == 0
    assert m2(found["partition"], layers=[], known=False) == pytest.approx(found["area"]["area_m2"])
    assert found["complete"] is False
    assert state in {gap["kind"] for gap in found["gaps"]}
    hidden = [row["state"] for row in found["layers"] if row["state"] not in ("clear", "hit")]
    assert hidden == [{"never_loaded": "no_data"}.get(state, state)]
    if state == "forbidden":  # judged all the same, as in a check
        assert found["conflicts"] and not OverlayShape.objects.filter(layer="contaminated_plot").exists()
        assert m2(found["verdicts"], verdict="clear") == 0


def test_where_all_is_known_and_nothing_lies_ground_is_unrestricted_and_clear() -> None:
    known_county()
    found = told(Polygon("1", "", PLAN.polygon("ABFE"), SHOP))
    assert (found["verdict"], found["complete"]) == ("clear", True) and found["gaps"] == []
    assert found["partition"] == [
        {"use": "09", "layers": [], "known": True, "area_m2": found["area"]["area_m2"], "incomplete_m2": 0.0}
    ]


def test_a_layer_that_no_rule_asks_keeps_ground_from_being_clear_where_it_is_not_known() -> None:
    known_county(but=("land_use_status",))
    found = told(Polygon("1", "", PLAN.polygon("ABFE"), SHOP), layers=("eco_redline", "land_use_status"))
    assert (found["verdict"], found["complete"]) == ("undetermined", False)
    assert [row["verdict"] for row in found["verdicts"]] == ["undetermined"]
    assert [row["verdict"] for row in found["plots"]] == ["undetermined"]


def test_ground_with_but_a_notice_is_undetermined_where_a_chosen_layer_is_not_known() -> None:
    """The parcel report calls a notice "未发现限制，有提示": that cannot be said of what is not known."""
    known_county(but=("land_use_status",))
    feature("detailed_plan_unit", PLAN.polygon("ABFE"), code="U1", planned_use="0901")
    polygon = Polygon("1", "", PLAN.polygon("ABFE"), SHOP)
    assert told(polygon, layers=("eco_redline",))["verdict"] == "notice"
    found = told(polygon, layers=("eco_redline", "land_use_status"))
    assert (found["verdict"], found["complete"]) == ("undetermined", False)
    assert [row["verdict"] for row in found["verdicts"]] == ["undetermined"]
    assert [row["verdict"] for row in found["plots"]] == ["undetermined"]


def test_an_area_may_be_a_layer_and_only_what_the_asker_may_see_of_it() -> None:
    known_county()
    feature("detailed_plan_unit", PLAN.polygon("ABFE"), code="U1", planned_use="0701")
    feature("detailed_plan_unit", PLAN.polygon("BCGF"), code="U2", planned_use="0901")
    feature("detailed_plan_unit", PLAN.polygon("CDHG"), county="652302", code="U3", planned_use="0901")
    units = Area("详细规划单元", layer="detailed_plan_unit", counties=("652301",))
    made = make(Asked(units, LAYERS, dict.fromkeys(LAYERS), QUESTION))
    assert [(row["no"], row["use"]) for row in made.answer["plots"]] == [("U1", "07"), ("U2", "09")]
    assert made.shown["detailed_plan_unit"] == ["652301"]
    one = Area("U2", layer="detailed_plan_unit", codes=("U2",))
    assert [
        row["no"] for row in make(Asked(one, LAYERS, dict.fromkeys(LAYERS), QUESTION)).answer["plots"]
    ] == ["U2"]
    with pytest.raises(NoPolygons):
        make(Asked(Area("X", layer="park"), LAYERS, {}, QUESTION))


@pytest.mark.parametrize("state", ["never delivered", "an entry without a boundary"])
def test_a_layer_of_which_polygons_may_be_missing_is_no_complete_area(state: str) -> None:
    never = state == "never delivered"
    known_county(but=("parcel",) if never else ())
    feature("parcel", PLAN.polygon("ABFE"), code="U1", parcel_no="U1")
    if not never:
        feature("parcel", None, code="U2", parcel_no="U2")
    whole = make(
        Asked(
            Area("范围", layer="parcel", counties=("652301",)),
            ("eco_redline",),
            {"eco_redline": None},
            QUESTION,
        )
    ).answer
    assert (whole["verdict"], whole["complete"]) == ("undetermined", False)
    assert [
        (gap["layer"], gap["kind"], gap["plots"]) for gap in whole["gaps"] if gap["layer"] == "parcel"
    ] == [("parcel", "never_loaded" if never else "unlocated", 0)]
    named = make(
        Asked(Area("U1", layer="parcel", codes=("U1",)), ("eco_redline",), {"eco_redline": None}, QUESTION)
    ).answer
    assert not [gap for gap in named["gaps"] if gap["layer"] == "parcel"]


def test_features_that_are_named_and_not_found_are_no_smaller_area_but_a_refusal() -> None:
    """Else the paper says of U1 to U3 what holds for one of them."""
    known_county()
    feature("detailed_plan_unit", PLAN.polygon("ABFE"), code="U1", planned_use="0901")
    feature("detailed_plan_unit", PLAN.polygon("BCGF"), county="652302", code="U2", planned_use="0901")
    feature("detailed_plan_unit", None, code="U3", planned_use="0901")
    area = Area("三个单元", layer="detailed_plan_unit", codes=("U1", "U2", "U3"), counties=("652301",))
    with pytest.raises(CodesUnknown, match=r"^U2、U3$"):
        make(Asked(area, LAYERS, dict.fromkeys(LAYERS), QUESTION))


def test_planned_uses_that_the_asker_may_not_see_cut_nothing_and_those_seen_are_among_what_is_shown() -> None:
    known_county()
    planned(PLAN.polygon("ABFE"), "0701")
    planned(PLAN.polygon("BCGF"), "0901")
    Feature.objects.filter(layer="planned_land_use", attributes__code="0901").update(county="652302")
    allowed = {**dict.fromkeys(LAYERS), "planned_land_use": ["652301"]}
    made = make(asked(Polygon("1", "", PLAN.polygon("ADHE")), allowed=allowed))
    assert [(row["use"], row["plots"]) for row in made.answer["uses"]] == [("07", 1), (None, 1)]
    assert made.shown == {"planned_land_use": ["652301"]}
    whole = make(asked(Polygon("1", "", PLAN.polygon("ADHE"))))
    assert whole.shown == {"planned_land_use": ["652301", "652302"]}


def test_two_variants_say_what_got_better_and_what_got_worse() -> None:
    known_county()
    feature("contaminated_plot", PLAN.polygon("ABFE"), code="C1", name="示例旧址", status="contaminated")
    feature("eco_redline", PLAN.polygon("CDHG"), name="示例红线")
    first = Polygon("1", "", PLAN.polygon("ACGE"), HOME)
    second = Area("方案乙", (Polygon("1", "", PLAN.polygon("BDHF"), HOME),))
    found = told(first, other=second)
    square = geodesic_m2(PLAN.polygon("ABFE"))
    layers = {row["layer"]: row for row in found["change"]["layers"]}
    assert (layers["contaminated_plot"]["is"], layers["eco_redline"]["is"]) == ("better", "worse")
    assert layers["eco_redline"]["change_m2"] == pytest.approx(square, rel=1e-4)
    went = {(row["layer"], row["is"]) for row in found["change"]["conflicts"]}
    assert ("contaminated_plot", "better") in went and ("eco_redline", "worse") in went
    assert found["change"]["unrestricted"]["is"] == "same"
    assert found["other"]["area"]["title"] == "方案乙"


def test_what_is_gone_only_because_the_second_area_does_not_know_it_is_not_better() -> None:
    """A layer that never came in the other county hides its conflicts."""
    known_county("652301", shapely.MultiPolygon([shapely.box(86.5, 43.0, 87.3, 45.0)]))
    east = shapely.MultiPolygon([shapely.box(87.3, 43.0, 88.0, 45.0)])
    known_county("652302", east, but=("contaminated_plot",))
    place = grid("A B\nC D", origin=(520_000.0, 4_876_500.0))
    feature("contaminated_plot", place.polygon("ABDC"), code="C1", name="示例旧址", status="contaminated")
    first = Polygon("1", "", place.polygon("ABDC"), HOME)
    there = grid("A B\nC D", origin=(530_000.0, 4_876_500.0))
    second = Area("方案乙", (Polygon("1", "", there.polygon("ABDC"), HOME),))
    change = told(first, other=second, layers=("contaminated_plot", "eco_redline"))["change"]
    assert change["conflicts"] and {row["is"] for row in change["conflicts"]} == {"unknown"}
    assert [row["is"] for row in change["layers"]] == ["unknown", "same"]
    assert {row["is"] for row in change["verdicts"]} <= {"unknown", "worse", "same"}
    assert change["unknown"]["is"] == "worse"


def test_two_days_say_what_changed_in_between() -> None:
    known_county(since=date(2025, 1, 1))
    feature("eco_redline", PLAN.polygon("ABFE"), name="示例红线", valid_from=date(2026, 6, 1))
    question = Question(**{**vars(QUESTION), "as_of": date(2026, 3, 1)})
    found = told(Polygon("1", "", PLAN.polygon("ACGE"), HOME), question=question, other_day=date(2026, 7, 1))
    (redline,) = [row for row in found["change"]["layers"] if row["layer"] == "eco_redline"]
    assert (redline["first_m2"], redline["is"]) == (0, "worse")
    assert (found["as_of"], found["other"]["as_of"]) == ("2026-03-01", "2026-07-01")


def test_a_result_is_kept_as_it_was_made_and_shows_when_it_was_altered() -> None:
    known_county()
    feature("eco_redline", PLAN.polygon("ABFE"), name="示例红线")
    polygon = Polygon("1", "", PLAN.polygon("ACGE"), HOME)
    made = make(asked(polygon))
    again = make(asked(polygon))
    assert (
        made.fingerprint == again.fingerprint == answer.fingerprint(made.answer)
        and made.number != again.number
    )
    kept = AreaOverlay.objects.get(pk=made.pk)
    assert is_unchanged(kept)
    feature("eco_redline", PLAN.polygon("BCGF"), name="新的", revisions=Int4Multirange([Int4Range(2, None)]))
    assert is_unchanged(kept)
    shape = OverlayShape.objects.filter(overlay=kept, kind="piece").first()
    assert shape is not None
    OverlayShape.objects.filter(pk=shape.pk).update(told={**shape.told, "area_m2": 1.0})
    assert not is_unchanged(kept)
    OverlayShape.objects.filter(pk=shape.pk).update(told=shape.told)
    AreaOverlay.objects.filter(pk=kept.pk).update(answer={**kept.answer, "complete": not kept.complete})
    assert not is_unchanged(AreaOverlay.objects.get(pk=kept.pk))


def test_the_pieces_that_are_kept_tile_the_area(tmp_path: Any) -> None:
    known_county()
    feature("eco_redline", PLAN.polygon("ABFE"), name="示例红线")
    feature("permanent_basic_farmland", PLAN.polygon("ACGE"))
    made = make(asked(Polygon("1", "", PLAN.polygon("ADHE"), HOME)))
    pieces = [shapely.from_wkb(bytes(row.geom.wkb)) for row in made.shapes.filter(kind="piece")]
    assert shapely.union_all(pieces).symmetric_difference(PLAN.polygon("ADHE")).area < 1e-14
    assert sum(map(geodesic_m2, pieces)) == pytest.approx(made.answer["area"]["area_m2"], rel=1e-6)


class Enough(Exception):
    """Somebody cancelled."""


@pytest.mark.parametrize("stage", ["judging", "laying", "adding", "storing"])
def test_what_is_cancelled_at_any_stage_leaves_nothing(stage: str) -> None:
    known_county()

    def progress(name: str, done: int, total: int | None = None) -> None:
        if name == stage:
            raise Enough

    with pytest.raises(Enough):
        make(asked(Polygon("1", "", PLAN.polygon("ABFE"), HOME)), progress=progress)
    assert not AreaOverlay.objects.exists() and not OverlayShape.objects.exists()


def test_a_plot_that_is_not_measured_in_time_leaves_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    known_county()
    for ring in ("ABFE", "BCGF"):
        feature("eco_redline", PLAN.polygon(ring), name=ring)
    monkeypatch.setattr(judged.settings, "JINGTU_CHECK_SECONDS", -1)
    with pytest.raises(OutOfTime):
        make(asked(Polygon("1", "", PLAN.polygon("ABFE"), HOME)))
    assert not AreaOverlay.objects.exists()
    assert Feature.objects.filter(layer="eco_redline").count() == 2
