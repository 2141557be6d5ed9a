"""How findings come together: one feature through two layers, the nearest entry, slivers, order, the worst verdict."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import pytest

from spatial import catalog, rules
from spatial.rules import Facts, Judgement, RuleBook
from tests.rules.scene import TODAY, facts, request

LISTED = {
    "layer": "risk_register_plot",
    "overlap_area_m2": 5000.0,
    "attributes": {
        "register_status": "listed",
        "stage": "listed",
        "targets_met": False,
        "post_management": False,
    },
}
NOTHING = {"may_pollute_soil": False, "discharges_pollutants": False, "outfall": False, "livestock": False}


def judge(
    found: Facts,
    action: str | None = "supply",
    proposed: Any = "0901",
    current: Any = "1001",
    project: Any = None,
    book: RuleBook | None = None,
    of: catalog.Catalog | None = None,
    on: date = TODAY,
) -> Judgement:
    asked = request(action, proposed, current, NOTHING if project is None else project)
    return rules.evaluate(book or rules.current(), of or catalog.current(), found, asked, on)


def test_nothing_on_the_parcel_and_nothing_missing_is_clear() -> None:
    assert judge(facts([])) == Judgement("clear", True, ())


def test_one_feature_seen_through_two_layers_is_one_feature() -> None:
    suspected = {"layer": "suspected_plot", "overlap_area_m2": 4000.0, "attributes": {"status": "suspected"}}
    answer = judge(facts([suspected]), action="construction_start")
    assert {(f.rule, f.layer) for f in answer.findings} == {
        ("CON-02", "any_plot_with_legal_investigation_duty"),
        ("SUS-02", "suspected_plot"),
    }
    assert {f.feature.id for f in answer.findings if f.feature} == {"1000"}
    assert {f.feature.layer for f in answer.findings if f.feature} == {"suspected_plot"}


def test_of_several_entries_without_boundary_the_nearest_is_named_once() -> None:
    entries = [
        {
            "layer": "attention_plot",
            "shape": "point",
            "distance_m": 250.0,
            "attributes": {"has_boundary": False},
        },
        {
            "layer": "suspected_plot",
            "shape": "point",
            "distance_m": 80.0,
            "attributes": {"has_boundary": False},
        },
        {
            "layer": "high_risk_site",
            "shape": "point",
            "distance_m": 120.0,
            "attributes": {"has_boundary": False},
        },
    ]
    answer = judge(facts(entries))
    assert [(f.rule, f.distance_m) for f in answer.findings] == [("DAT-04", 80.0)]
    assert answer.findings[0].feature is not None
    assert answer.findings[0].feature.layer == "suspected_plot"


def test_has_boundary_is_the_loaders_word_whatever_the_attributes_say() -> None:
    found = facts([{"layer": "attention_plot", "shape": "point", "distance_m": 80.0, "attributes": {}}])
    assert judge(found).findings == ()
    without = replace(found.features[0], has_boundary=False, attributes={"has_boundary": True})
    assert [f.rule for f in judge(replace(found, features=(without,))).findings] == ["DAT-04"]


def test_each_feature_gives_its_own_finding_with_its_own_measures() -> None:
    two = [{**LISTED, "overlap_area_m2": 3000.0}, {**LISTED, "overlap_area_m2": 1000.0}]
    answer = judge(facts(two))
    assert [(f.rule, f.overlap_area_m2, f.overlap_share) for f in answer.findings] == [
        ("REG-02", 3000.0, 0.3),
        ("REG-02", 1000.0, 0.1),
    ]


def test_a_finding_tells_what_a_reader_needs_to_redo_it() -> None:
    (finding,) = judge(facts([LISTED])).findings
    assert (finding.rule, finding.relation, finding.verdict) == ("REG-02", "intersects", "prohibit")
    assert (finding.overlap_area_m2, finding.overlap_share, finding.distance_m) == (5000.0, 0.5, 0.0)
    assert finding.reason == "名录内地块原则上不办理征收、收回、收购、供应和改变用途手续。"
    assert finding.overridable
    assert finding.override is not None
    assert finding.override["kind"] == "policy_decision"
    assert finding.certainty == "certain"


def test_a_ban_by_statute_cannot_be_overridden() -> None:
    by_rule = {f.rule: f for f in judge(facts([LISTED]), proposed="0701").findings}
    assert not by_rule["REG-01"].overridable
    assert by_rule["REG-01"].override is None
    assert by_rule["REG-02"].overridable


def test_a_rule_on_the_parcel_alone_has_no_feature_and_no_measures() -> None:
    (finding,) = judge(facts([]), action="use_change", proposed="0701").findings
    assert (finding.rule, finding.layer, finding.relation) == ("CHG-01", "asked_parcel", "self")
    assert finding.feature is None
    assert (finding.overlap_area_m2, finding.overlap_share, finding.distance_m) == (None, None, None)


def test_every_gap_is_a_finding_and_the_answer_is_not_complete() -> None:
    gaps = [
        {"layer": "eco_redline", "kind": "never_loaded", "county": "652301"},
        {"layer": "eco_redline", "kind": "outdated", "county": "652302"},
    ]
    answer = judge(facts([], gaps))
    assert not answer.complete
    assert answer.verdict == "undetermined"
    assert [(f.rule, f.layer, f.gap.county if f.gap else None) for f in answer.findings] == [
        ("DAT-01", "eco_redline", "652301"),
        ("DAT-01", "eco_redline", "652302"),
    ]


@pytest.mark.parametrize("layer", sorted(rules.current().layers_asked(TODAY)))
def test_without_any_one_layer_nothing_is_complete_and_nothing_stays_clear(layer: str) -> None:
    answer = judge(facts([], [{"layer": layer, "kind": "never_loaded"}]))
    assert not answer.complete
    assert answer.verdict != "clear"


def test_a_sliver_names_area_width_and_limits_and_only_its_union() -> None:
    strip = {"layer": "eco_redline", "overlap_area_m2": 12.0, "overlap_perimeter_m": 80.3, "attributes": {}}
    (finding,) = judge(facts([strip, strip])).findings
    assert (finding.rule, finding.feature) == ("DAT-02", None)
    assert finding.overlap_area_m2 == 24.0
    assert finding.measures["perimeter_m"] == 160.6
    assert finding.measures["width_m"] == pytest.approx(0.29888, abs=1e-5)  # 2 × 24 / 160.6
    assert finding.measures["sliver_width_m"] == 0.5


def test_the_limits_of_a_layer_go_before_the_parameters() -> None:
    strip = {"layer": "eco_redline", "overlap_area_m2": 24.0, "overlap_perimeter_m": 160.6, "attributes": {}}
    own = catalog.current().layer("eco_redline")
    strict = replace(own, overlay=replace(own.overlay, sliver_width_m=0.2))
    of = replace(
        catalog.current(), layers=MappingProxyType({**catalog.current().layers, "eco_redline": strict})
    )
    assert [f.rule for f in judge(facts([strip])).findings] == ["DAT-02"]
    assert "DAT-02" not in {f.rule for f in judge(facts([strip]), of=of).findings}


def test_a_sliver_counts_for_no_rule_of_its_layer_through_derived_layers_either() -> None:
    strip = {**LISTED, "overlap_area_m2": 24.0, "overlap_perimeter_m": 160.6}
    assert [f.rule for f in judge(facts([strip]), action="demolition").findings] == ["DAT-02"]


def test_a_point_stays_judged_where_the_polygons_of_its_layer_are_a_sliver() -> None:
    strip = {"layer": "sensitive_receptor", "overlap_area_m2": 24.0, "overlap_perimeter_m": 160.6,
             "attributes": {"receptor": "school"}}  # fmt: skip
    point = {"layer": "sensitive_receptor", "overlap_area_m2": 0.0, "shape": "point",
             "attributes": {"receptor": "hospital"}}  # fmt: skip
    answer = judge(facts([strip, point]), action="new_project", project={"may_pollute_soil": True})
    judged = [(f.rule, f.feature.id if f.feature else None) for f in answer.findings if f.rule != "ADJ-04"]
    assert judged == [("ADJ-03", "1000"), ("ADJ-05", "1001"), ("DAT-02", None)]


def test_a_parcel_that_grows_from_beside_a_school_into_a_strip_of_it_keeps_its_ban() -> None:
    school = {"layer": "sensitive_receptor", "attributes": {"receptor": "school"}}
    beside = facts([{**school, "distance_m": 0.2}])
    strip = facts([{**school, "overlap_area_m2": 24.0, "overlap_perimeter_m": 160.6}])
    asked = {"action": "new_project", "project": {"may_pollute_soil": True}}
    assert judge(beside, **asked).verdict == judge(strip, **asked).verdict == "prohibit"


def test_findings_stand_worst_first_and_do_not_depend_on_the_order_of_the_facts() -> None:
    found = facts(
        [
            LISTED,
            {"layer": "eco_control_unit", "overlap_area_m2": 9000.0, "attributes": {"unit_class": "key"}},
            {"layer": "drinking_water_zone", "overlap_area_m2": 900.0, "attributes": {"zone": "II"}},
            {"layer": "xpcc_territory", "overlap_area_m2": 900.0, "attributes": {}},
            {"layer": "drinking_water_zone", "overlap_area_m2": 800.0, "attributes": {"zone": "quasi"}},
        ],
        [{"layer": "farmland_class", "kind": "never_loaded"}],
    )
    first = judge(found, proposed="0701")
    order = rules.current().verdict_order
    ranks = [order.index(f.verdict) for f in first.findings]
    assert ranks == sorted(ranks)
    assert first.verdict == first.findings[0].verdict == "prohibit"
    for seed in range(5):
        shuffled = list(found.features)
        Random(seed).shuffle(shuffled)
        assert judge(replace(found, features=tuple(shuffled)), proposed="0701") == first


def test_the_relation_within_asks_for_nearly_all_of_the_parcel(tmp_path: Path) -> None:
    for file in Path(rules.__file__).parent.glob("*.toml"):
        shutil.copy(file, tmp_path)
    file = tmp_path / "other.toml"
    text = file.read_text(encoding="utf-8").replace('predicate = "intersects"', 'predicate = "within"')
    file.write_text(text, encoding="utf-8")
    book = rules.load(tmp_path)
    for area, inside in ((10000.0, True), (9990.0, True), (9989.0, False)):
        found = facts([{"layer": "mining_concentration_area", "overlap_area_m2": area, "attributes": {}}])
        answer = judge(found, project={"heavy_metal": True}, book=book)
        assert ("MIN-01" in {f.rule for f in answer.findings}) is inside


@pytest.mark.parametrize(
    ("given", "certainty", "measures"),
    [
        ({}, "certain", {}),
        ({"certainty": "possible", "position_error_m": 2.5}, "possible", {"position_error_m": 2.5}),
    ],
)
def test_an_overlap_that_could_vanish_keeps_its_verdict_and_tells_the_error(
    given: dict[str, Any], certainty: str, measures: dict[str, float]
) -> None:
    found = [f for f in judge(facts([LISTED | given])).findings if f.rule == "REG-02"]
    assert [(f.certainty, f.measures, f.overlap_area_m2) for f in found] == [(certainty, measures, 5000.0)]


def test_a_gap_within_the_error_is_told_with_its_distance_and_the_error() -> None:
    near = {"overlap_area_m2": None, "distance_m": 1.5, "certainty": "near_miss", "position_error_m": 2.5}
    (found,) = [f for f in judge(facts([LISTED | near])).findings if f.rule == "DAT-06"]
    assert (found.certainty, found.verdict) == ("near_miss", "notice")
    assert found.measures == {"position_error_m": 2.5, "distance_m": 1.5}


def test_what_looks_about_says_nothing_of_how_sure_an_overlap_is() -> None:
    """A distance within which something lies is no overlap that could vanish."""
    near = {"overlap_area_m2": None, "distance_m": 1.5, "certainty": "near_miss", "position_error_m": 2.5}
    stage = {"attributes": LISTED["attributes"] | {"stage": "risk_control"}}
    about = [
        f for f in judge(facts([LISTED | near | stage]), proposed="0701").findings if f.relation == "dwithin"
    ]
    assert about
    assert {(f.certainty, len(f.measures)) for f in about} == {("certain", 0)}


def test_findings_of_one_rule_stand_by_the_number_of_their_feature_or_the_county_of_their_gap() -> None:
    features = [f.feature.id for f in judge(facts([LISTED] * 3)).findings if f.feature and f.rule == "REG-02"]
    assert features == ["1000", "1001", "1002"]
    turned = facts([LISTED] * 3)
    turned = replace(turned, features=turned.features[::-1])
    assert [f.feature.id for f in judge(turned).findings if f.feature and f.rule == "REG-02"] == features
    gaps = [
        {"layer": "eco_redline", "county": county, "kind": kind}
        for county, kind in (
            ("652302", "partial"),
            ("652301", "unlocated"),
            ("652301", "outdated"),
            (None, "partial"),
        )
    ]
    told = [(f.gap.county, f.gap.kind) for f in judge(facts([], gaps)).findings if f.gap]
    assert told == [(None, "partial"), ("652301", "outdated"), ("652301", "unlocated"), ("652302", "partial")]


def test_a_sliver_touches_the_parcel_whatever_else_is_measured() -> None:
    strip = {"layer": "eco_redline", "overlap_area_m2": 0.5, "attributes": {"control_area": "general"}}
    (found,) = [f for f in judge(facts([strip])).findings if f.rule == "DAT-02"]
    assert (found.distance_m, found.overlap_area_m2) == (0.0, 0.5)


def test_a_sliver_is_as_sure_as_its_surest_overlap() -> None:
    strip = {"layer": "eco_redline", "overlap_area_m2": 0.2, "attributes": {"control_area": "general"}}
    unsure = strip | {"certainty": "possible", "position_error_m": 2.5}
    beside = {"layer": "eco_redline", "shape": "line", "overlap_area_m2": None, "distance_m": 3.0}
    elsewhere = {"layer": "farmland_class", "overlap_area_m2": 5000.0, "attributes": {"class": "priority"}}

    def certainty(*features: dict[str, Any]) -> str:
        (found,) = [f for f in judge(facts(features)).findings if f.rule == "DAT-02"]
        return found.certainty

    assert certainty(unsure, unsure) == "possible"
    assert certainty(unsure, beside, elsewhere) == "possible"
    assert certainty(unsure, strip) == "certain"
