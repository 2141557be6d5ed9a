"""Every rule, inside, edge and outside of what its text means; expected answers are worked by hand."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spatial import catalog, rules
from tests.rules.scene import TODAY, facts, request

FOLDER = Path(__file__).parent / "cases"
NEEDED = {"inside", "edge", "outside"}
NEEDED_WITHOUT_FEATURE = {"met", "not_met", "unknown"}
KEYS = {
    "name", "expect", "missing", "found", "layer", "overlap", "perimeter", "away", "shape", "attributes", "action",
    "proposed", "current", "project", "reports", "gaps", "unknown", "certainty", "on", "parcel_area_m2",
}  # fmt: skip


def read() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(group, rule, case) of every file, the case laid over the base of its rule."""
    for file in sorted(FOLDER.glob("*.toml")):
        for rule, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for case in table["cases"]:
                yield file.stem, rule, laid_over(table["base"], case)


def laid_over(base: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    whole = {**base, **case}
    if case.get("layer", base.get("layer")) == base.get("layer"):
        whole["attributes"] = {**base.get("attributes", {}), **case.get("attributes", {})}
    else:
        whole["attributes"] = case.get("attributes", {})
    whole["project"] = {**base.get("project", {}), **case.get("project", {})}
    if "away" in case:
        whole.pop("overlap", None)
    if "overlap" in case:
        whole.pop("away", None)
    for name in case.get("unknown", ()):
        place, key = (whole["project"], name.split(".")[1]) if name.startswith("project.") else (whole, name)
        if key not in place:
            place = whole["attributes"]
        assert key in place or place is whole["attributes"], f"{name} is not given in the base"
        place.pop(key, None)
    assert set(whole) <= KEYS, set(whole) - KEYS
    return whole


def answer(case: dict[str, Any]) -> rules.Judgement:
    features = []
    if "layer" in case:
        feature = {
            "layer": case["layer"],
            "attributes": case["attributes"],
            "shape": case.get("shape", "polygon"),
        }
        if "away" in case:
            feature["distance_m"] = case["away"]
        else:
            feature["overlap_area_m2"] = case["overlap"]
        if "perimeter" in case:
            feature["overlap_perimeter_m"] = case["perimeter"]
        if "certainty" in case:
            feature |= {"certainty": case["certainty"], "position_error_m": 0.55}
        features.append(feature)
    for report in case.get("reports", ()):
        attributes = {key: value for key, value in report.items() if key != "part"}
        features.append({"layer": "investigation_report", "part": report["part"], "attributes": attributes})
    return rules.evaluate(
        rules.current(),
        catalog.current(),
        facts(features, case.get("gaps", ()), case.get("parcel_area_m2", 10000)),
        request(case.get("action"), case.get("proposed"), case.get("current"), case["project"]),
        case.get("on", TODAY),
    )


CASES = list(read())


@pytest.mark.parametrize(("rule", "case"), [pytest.param(r, c, id=f"{r}: {c['name']}") for _, r, c in CASES])
def test_a_rule_says_what_its_text_means(rule: str, case: dict[str, Any]) -> None:
    found = [f for f in answer(case).findings if f.rule == rule]
    assert [f.verdict for f in found] == ([] if case["expect"] == "none" else [case["expect"]])
    if found:
        assert found[0].missing == tuple(case.get("missing", ()))
        assert found[0].layer == case.get("found", found[0].layer)


@pytest.mark.parametrize("rule", rules.current().rules, ids=lambda r: r.id)
def test_every_rule_has_cases_inside_edge_and_outside(rule: rules.Rule) -> None:
    names = [(group, case["name"]) for group, of, case in CASES if of == rule.id]
    needed = NEEDED_WITHOUT_FEATURE if rule.predicate in ("self", "coverage") else NEEDED
    assert needed <= {name for _, name in names}
    assert {group for group, _ in names} == {rule.group}
    assert len(names) == len(set(names)), "two cases of one name"


def test_every_case_belongs_to_a_rule() -> None:
    assert {rule for _, rule, _ in CASES} == {rule.id for rule in rules.current().rules}


def with_less(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The case with one known input taken away, each in turn."""
    for name in ("action", "proposed", "current"):
        if name in case:
            yield name, {key: value for key, value in case.items() if key != name}
    for place in ("attributes", "project"):
        for name in case[place]:
            if name != "has_boundary":
                yield name, {**case, place: {key: value for key, value in case[place].items() if key != name}}
    for i, report in enumerate(case.get("reports", ())):
        for name in set(report) - {"part"}:
            less = {key: value for key, value in report.items() if key != name}
            yield (
                f"report {name}",
                {**case, "reports": [*case["reports"][:i], less, *case["reports"][i + 1 :]]},
            )


FIRING = [(r, c) for _, r, c in CASES if c["expect"] != "none" and r != "DAT-05"]


@pytest.mark.parametrize(("rule", "case"), [pytest.param(r, c, id=f"{r}: {c['name']}") for r, c in FIRING])
def test_what_is_left_out_never_silences_a_rule(rule: str, case: dict[str, Any]) -> None:
    for name, less in with_less(case):
        assert rule in {f.rule for f in answer(less).findings}, f"without {name}"


LEFT_OVER = [c for _, r, c in CASES if r == "DAT-05" and c["expect"] != "none"]


@pytest.mark.parametrize("case", LEFT_OVER, ids=lambda c: c["name"])
def test_what_is_left_out_never_silences_a_feature(case: dict[str, Any]) -> None:
    for name, less in with_less(case):
        assert any(f.feature and f.feature.layer == case["layer"] for f in answer(less).findings), (
            f"without {name}"
        )
