"""A check against a real PostGIS: what it needs to know before it may say clear, and what it then says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from django.utils import timezone
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial import answer, catalog, rules
from spatial.checks import ParcelOutside, Question, run_check
from spatial.coverage import after_months
from spatial.landuse import Use
from spatial.models import CheckRun, Coverage, Feature, LeftOut, Release, Revision
from tests.factories import LIVE, WHOLE_COUNTY, covered, day, feature, known_county, load_of, revision
from tests.grid import grid

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
    . . . . . .
    . . . . . .
    G . H . . I
""")
PARCEL = PLAN.polygon("ABED")
NOTHING = {
    "may_pollute_soil": False,
    "may_pollute_groundwater": False,
    "discharges_pollutants": False,
    "livestock": False,
    "aquaculture": False,
    "outfall": False,
}
SHOP = {
    "action": "use_change",
    "proposed_use": Use("MNR-2023", "0901"),
    "current_use": Use("MNR-2023", "1001"),
    "project": NOTHING,
}
ASKED = sorted(rules.current().layers_asked(day("2026-11-23")))


def ask(**given: object) -> dict[str, object]:
    return run_check(Question(**{"parcel": PARCEL, **SHOP, **given})).answer  # type: ignore[arg-type, return-value]


def test_a_parcel_that_meets_nothing_where_everything_is_known_is_clear_and_complete() -> None:
    known_county()
    told = ask()
    assert (told["verdict"], told["complete"], told["findings"], told["gaps"]) == ("clear", True, [], [])
    assert {row["layer"]: row["state"] for row in told["layers"]} == dict.fromkeys(ASKED, "clear")
    assert told["parcel"]["counties"] == ["652301"]


@pytest.mark.parametrize("layer", ASKED)
def test_without_any_single_layer_no_parcel_is_complete_or_clear(layer: str) -> None:
    known_county(but=(layer,))
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert [(gap["layer"], gap["kind"]) for gap in told["gaps"]] == [(layer, "never_loaded")]
    assert [row["state"] for row in told["layers"] if row["layer"] == layer] == ["no_data"]


@pytest.mark.parametrize("layer", ASKED)
def test_any_single_layer_past_its_refresh_time_keeps_the_answer_from_being_clear(layer: str) -> None:
    known_county(but=(layer,))
    months = catalog.current().layer(layer).refresh_months
    assert months is not None
    covered(layer, data_date=timezone.localdate() - timedelta(days=31 * months + 1))
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert [(gap["layer"], gap["kind"]) for gap in told["gaps"]] == [(layer, "outdated")]


def test_confirmed_empty_is_known() -> None:
    known_county(but=("eco_redline",))
    covered("eco_redline", state="confirmed_empty", confirmed_by="示例甲")
    assert ask()["verdict"] == "clear"


def test_an_entry_without_a_place_keeps_its_county_from_being_clear_and_is_not_named() -> None:
    known_county()
    feature("suspected_plot", None, code="X1", name="示例化工", status="suspected")
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert [(gap["layer"], gap["kind"], gap["county"]) for gap in told["gaps"]] == [
        ("suspected_plot", "unlocated", "652301")
    ]
    assert "示例化工" not in str(told)


def test_an_entry_without_a_place_in_another_county_does_not() -> None:
    known_county()
    feature("suspected_plot", None, county="652302", code="X1", name="示例化工", status="suspected")
    assert ask()["verdict"] == "clear"


def test_an_entry_without_place_or_county_keeps_every_county_from_being_clear() -> None:
    known_county()
    feature("suspected_plot", None, county=None, code="X1", name="示例化工", status="suspected")
    assert (ask()["verdict"], ask()["complete"]) == ("undetermined", False)


def test_a_layer_that_covers_a_part_of_the_parcel_is_a_gap_of_the_rest() -> None:
    known_county(but=("eco_redline",))
    west, south, east, north = PARCEL.bounds
    half = shapely.MultiPolygon([shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)])
    row = covered("eco_redline")
    Coverage.objects.filter(id=row.id).update(area=f"SRID=4490;{half.wkt}")
    told = ask()
    assert told["complete"] is False
    assert [(gap["layer"], gap["kind"]) for gap in told["gaps"]] == [("eco_redline", "partial")]
    assert [r["state"] for r in told["layers"] if r["layer"] == "eco_redline"] == ["no_data"]


def test_a_delivery_of_which_rows_are_left_out_is_not_whole() -> None:
    known_county()
    load = load_of("eco_redline")
    LeftOut.objects.create(layer="eco_redline", county="652301", load=load, rows=1, revisions=LIVE)
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert [(gap["layer"], gap["kind"]) for gap in told["gaps"]] == [("eco_redline", "partial")]


def test_a_parcel_beyond_the_county_line_is_incomplete_there() -> None:
    west, south, east, north = PARCEL.bounds
    county = shapely.MultiPolygon([shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)])
    known_county(shape=county)
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert ("admin_county", "partial") in [(gap["layer"], gap["kind"]) for gap in told["gaps"]]


def test_beyond_an_outline_that_nobody_delivered_may_lie_a_plot_that_a_rule_looks_for() -> None:
    """Rules look up to 500 m around; a neighbour without an outline is asked like one whose outline lies there."""
    west, south, east, north = PARCEL.bounds
    edge = east + 0.0005  # some 40 m beyond the parcel
    own = shapely.MultiPolygon([shapely.box(west - 1, south - 1, edge, north + 1)])
    known_county(shape=own)
    assert {gap["county"] for gap in ask()["gaps"]} == {*catalog.current().counties} - {"652301"}
    beyond = shapely.MultiPolygon([shapely.box(edge, south - 1, east + 1, north + 1)])
    for other in sorted({*catalog.current().counties} - {"652301", "652302"}):
        far = shapely.MultiPolygon([shapely.box(90.0, 45.0, 90.1, 45.1)])
        feature("admin_county", far, county=other, code=other)
    assert {gap["county"] for gap in ask()["gaps"]} == {"652302"}
    known_county("652302", beyond)
    assert (ask()["verdict"], ask()["complete"]) == ("clear", True)


def test_a_parcel_across_two_counties_asks_both() -> None:
    west, south, east, north = PARCEL.bounds
    middle = (west + east) / 2
    known_county("652301", shapely.MultiPolygon([shapely.box(west - 1, south - 1, middle, north + 1)]))
    feature(
        "admin_county",
        shapely.MultiPolygon([shapely.box(middle, south - 1, east + 1, north + 1)]),
        "652302",
        code="652302",
    )
    for layer in ASKED:
        if layer != "farmland_class":
            covered(layer, "652302")
    told = ask()
    assert told["parcel"]["counties"] == ["652301", "652302"]
    assert [(gap["layer"], gap["county"]) for gap in told["gaps"]] == [("farmland_class", "652302")]


def test_without_the_county_layer_every_county_is_a_gap() -> None:
    revision()
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert ("admin_county", None) in {(gap["layer"], gap["county"]) for gap in told["gaps"]}
    assert told["parcel"]["counties"] == sorted(catalog.current().counties)


def test_a_parcel_outside_every_county_is_refused_where_all_outlines_are_known() -> None:
    known_county(shape=shapely.MultiPolygon([shapely.box(90, 44, 91, 45)]))
    told = ask()
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    for county in catalog.current().counties:
        if county != "652301":
            covered("admin_county", county)
    with pytest.raises(ParcelOutside):
        ask()


def test_a_hit_names_feature_area_share_and_law() -> None:
    known_county()
    zone = feature(
        "risk_register_plot", PLAN.polygon("ACFD"), code="R1", name="示例皮革旧址", register_status="listed"
    )
    told = ask(proposed_use=Use("MNR-2023", "0701"))
    finding = next(f for f in told["findings"] if f["rule"] == "REG-01")
    assert told["verdict"] == "prohibit"
    assert finding["feature"] == {
        "id": str(zone.id),
        "code": "R1",
        "name": "示例皮革旧址",
        "layer": "risk_register_plot",
    }
    assert finding["overlap_area_m2"] == pytest.approx(40_000, rel=2e-5)
    assert finding["overlap_share"] == pytest.approx(1, abs=1e-6)
    assert {"text": "生态环境法典", "article": "第456条第2款", "kind": "statute"} in finding["basis"]


def test_overlapping_features_of_a_layer_are_united_in_its_row() -> None:
    known_county()
    for code in ("a", "b", "c"):
        feature("farmland_class", PLAN.polygon("ACIG"), **{"class": "safe_use", "code": code})
    row = next(r for r in ask()["layers"] if r["layer"] == "farmland_class")
    assert (row["state"], row["features"], row["overlap_share"]) == ("hit", 3, 1.0)


def test_a_sliver_is_a_notice_that_names_its_area_and_the_layer_is_hit() -> None:
    known_county()
    parcel = shapely.MultiPolygon([shapely.box(87.3, 44.02, 87.31, 44.0218)])
    feature(
        "eco_redline",
        shapely.MultiPolygon([shapely.box(87.31 - 1.2e-8, 44, 87.4, 44.1)]),
        control_area="general",
    )
    told = ask(parcel=parcel)
    assert (told["verdict"], [f["rule"] for f in told["findings"]]) == ("notice", ["DAT-02"])
    # 1.2e-8 degrees of longitude at 44.02 N are 0.96 mm; 0.0018 degrees of latitude are 200.0 m
    assert told["findings"][0]["overlap_area_m2"] == pytest.approx(0.19, abs=0.005)
    assert next(r["state"] for r in told["layers"] if r["layer"] == "eco_redline") == "hit"


def test_reports_cover_the_parcel_together_and_not_twice() -> None:
    known_county()
    west, south, east, north = PARCEL.bounds
    good = {
        "reviewed": True,
        "report_type": "preliminary",
        "conclusion": "not_exceeding",
        "assumed_gb_class": "1",
    }
    third = (east - west) / 3
    feature(
        "investigation_report",
        shapely.MultiPolygon([shapely.box(west - 1e-5, south - 1e-5, west + 2 * third, north + 1e-5)]),
        code="1",
        **good,
    )
    school = {"proposed_use": Use("MNR-2023", "080403"), "current_use": Use("MNR-2023", "0901")}
    assert ask(**school)["verdict"] == "needs_investigation"
    feature(
        "investigation_report",
        shapely.MultiPolygon([shapely.box(west - 1e-5, south - 1e-5, west + 2 * third, north + 1e-5)]),
        code="2",
        **good,
    )
    assert ask(**school)["verdict"] == "needs_investigation"
    feature(
        "investigation_report",
        shapely.MultiPolygon([shapely.box(west + third, south - 1e-5, east + 1e-5, north + 1e-5)]),
        code="3",
        **good,
    )
    assert ask(**school)["verdict"] == "clear"


def test_nothing_is_known_of_a_day_before_the_first_delivery() -> None:
    known_county(since=day("2025-01-01"), but=("suspected_plot",))
    covered("suspected_plot", data_date=day("2025-06-01"))
    told = ask(as_of=day("2025-05-31"))
    assert (told["verdict"], told["complete"]) == ("undetermined", False)
    assert [(gap["layer"], gap["kind"]) for gap in told["gaps"]] == [("suspected_plot", "never_loaded")]
    assert "2025-06-01" in told["gaps"][0]["message"]


def test_a_row_that_a_later_delivery_dropped_still_lay_there_on_a_day_before_it() -> None:
    known_county(since=day("2026-06-01"), but=("suspected_plot",))
    first, second = Int4Multirange([Int4Range(1, 2)]), Int4Multirange([Int4Range(2, None)])
    covered("suspected_plot", data_date=day("2026-06-01"), revisions=first)
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S", status="suspected", revisions=first)
    asked = {**SHOP, "action": "use_change", "as_of": day("2026-07-01")}
    before = ask(**asked)
    revision(2)
    covered("suspected_plot", data_date=day("2026-11-20"), revisions=second)
    assert before["verdict"] == ask(**asked)["verdict"] == "needs_investigation"
    assert ask(**{**asked, "as_of": day("2026-11-20")})["verdict"] == "clear"


def test_a_strip_of_another_plot_does_not_make_a_plot_a_sliver() -> None:
    """6 m by 6 m, listed, by itself prohibits; so it does beside a strip of 1 cm, which alone would be a notice."""
    known_county()
    west, south, east, north = PARCEL.bounds
    parcel = shapely.MultiPolygon([shapely.box(west, south, east, north)])
    metre_x, metre_y = 1 / 80_000, 1 / 111_000
    plot = shapely.box(west + 9 * metre_x, south + 9 * metre_y, west + 15 * metre_x, south + 15 * metre_y)
    strip = shapely.box(west, north - 0.01 * metre_y, east, north + 9 * metre_y)
    stated = {"register_status": "listed", "stage": "listed"}
    feature("risk_register_plot", shapely.MultiPolygon([strip]), code="R2", **stated)
    assert ask(**{**SHOP, "action": "supply", "parcel": parcel})["verdict"] == "notice"
    feature("risk_register_plot", shapely.MultiPolygon([plot]), code="R1", **stated)
    assert ask(**{**SHOP, "action": "supply", "parcel": parcel})["verdict"] == "prohibit"


def test_a_tooth_in_a_long_shared_border_is_an_overlap_and_no_contact() -> None:
    """20 cm by 60 cm of a neighbour's zone lie in the parcel; elsewhere the border is one within 0.03 mm."""
    known_county()
    west, south, east, north = PARCEL.bounds
    parcel = shapely.MultiPolygon([shapely.box(west, south, east, north)])
    metre_x, metre_y = 1 / 80_000, 1 / 111_000
    edge, middle = north - 0.00003 * metre_y, (west + east) / 2
    tooth = [(middle, edge), (middle, north - 0.2 * metre_y), (middle + 0.6 * metre_x, north - 0.2 * metre_y)]
    ring = [
        (west, edge),
        *tooth,
        (middle + 0.6 * metre_x, edge),
        (east, edge),
        (east, north + 1e-3),
        (west, north + 1e-3),
    ]
    feature("suspected_plot", shapely.MultiPolygon([shapely.Polygon(ring)]), code="S", status="suspected")
    assert [one["rule"] for one in ask(parcel=parcel)["findings"]] == ["DAT-02"]


def test_facts_are_those_valid_on_the_asked_day() -> None:
    known_county()
    feature(
        "suspected_plot",
        PLAN.polygon("ACIG"),
        code="S",
        status="suspected",
        valid_from=day("2025-03-01"),
        valid_to=day("2026-02-01"),
    )
    verdicts = {}
    for on in ("2025-02-28", "2025-03-01", "2026-01-31", "2026-02-01"):
        Coverage.objects.update(data_date=day(on))
        verdicts[on] = ask(as_of=day(on))["verdict"]
    assert verdicts == {
        "2025-02-28": "clear",
        "2025-03-01": "needs_investigation",
        "2026-01-31": "needs_investigation",
        "2026-02-01": "clear",
    }


def test_a_row_that_is_not_live_is_not_seen() -> None:
    known_county()
    feature(
        "suspected_plot", PLAN.polygon("ACIG"), code="S", status="suspected", revisions=Int4Multirange([])
    )
    assert ask()["verdict"] == "clear"


def test_what_was_known_on_a_day_answers_when_asked_for() -> None:
    known_county()
    feature(
        "suspected_plot",
        PLAN.polygon("ACIG"),
        code="S",
        status="suspected",
        revisions=Int4Multirange([Int4Range(2, None)]),
    )
    before = timezone.now()
    revision(2)
    assert ask(known_at=before)["verdict"] == "clear"
    assert ask()["verdict"] == "needs_investigation"


def test_the_same_question_has_the_same_fingerprint_and_another_number() -> None:
    known_county()
    feature("eco_control_unit", PLAN.polygon("ACIG"), unit_class="key", element="water")
    first, second = ask(), ask(purpose="昌土供〔2026〕18号")
    assert first["fingerprint"] == second["fingerprint"]
    assert first["number"] != second["number"]
    assert first["number"].startswith(f"JT-652301-{timezone.localdate():%Y%m%d}-")


def test_the_stored_answer_is_the_one_that_was_given_and_proves_itself() -> None:
    known_county()
    told = ask()
    stored = CheckRun.objects.get(number=told["number"])
    assert stored.answer == told
    assert answer.fingerprint(stored.answer) == stored.fingerprint == told["fingerprint"]
    Feature.objects.filter(layer="admin_county").delete()
    assert CheckRun.objects.get(number=told["number"]).answer == told


def test_months_end_where_the_month_ends() -> None:
    assert after_months(day("2026-08-31"), 6) == day("2027-02-28")
    assert after_months(day("2025-11-30"), 3) == day("2026-02-28")
    assert after_months(day("2026-01-15"), 12) == day("2027-01-15")


def test_the_drawn_county_holds_the_drawn_parcel() -> None:
    assert WHOLE_COUNTY.contains(PARCEL)


def test_a_neighbour_county_within_the_reach_of_a_rule_is_asked_too() -> None:
    west, south, east, north = PARCEL.bounds
    known_county("652301", shapely.MultiPolygon([shapely.box(west - 1, south - 1, east + 0.001, north + 1)]))
    beyond = shapely.MultiPolygon([shapely.box(east + 0.001, south - 1, east + 1, north + 1)])
    feature("admin_county", beyond, "652302", code="652302")
    reaching = {layer for layer in ASKED if rules.current().reach_m(layer) > 0}
    told = ask()
    # the border is some 80 m away; every rule that looks beyond its parcel looks at least 1 m
    far_enough = {layer for layer in reaching if rules.current().reach_m(layer) >= 100}
    assert {(gap["layer"], gap["county"]) for gap in told["gaps"]} == {
        (layer, "652302") for layer in far_enough
    }
    assert told["parcel"]["counties"] == ["652301"]
    for layer in far_enough:
        covered(layer, "652302")
    assert ask()["verdict"] == "clear"


def test_how_the_moment_of_knowledge_is_said_does_not_change_the_fingerprint() -> None:
    known_county()
    now = timezone.now()
    assert (
        ask()["fingerprint"]
        == ask(known_at=now)["fingerprint"]
        == ask(known_at=now + timedelta(1))["fingerprint"]
    )


def test_a_release_that_was_taken_back_is_not_named() -> None:
    known_county()
    later = Release.objects.create(name="T2", state="published")
    Revision.objects.create(number=2, kind="publish", release=later)
    assert ask()["versions"]["release"] == "T2"
    Revision.objects.create(number=3, kind="unpublish", release=later)
    assert ask()["versions"] == ask()["versions"] | {"release": "T1", "revision": 3}
