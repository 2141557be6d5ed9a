"""The worked examples of the rules: findings, verdict, completeness and cited texts, exactly."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spatial import catalog, rules
from tests.rules.scene import facts, request

EXAMPLES = tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))["example"]


def judged(example: dict[str, Any]) -> rules.Judgement:
    return rules.evaluate(
        rules.current(),
        catalog.current(),
        facts(example.get("features", []), example.get("gaps", []), example["parcel_area_m2"]),
        request(**{"action": None, "proposed_use": None, "current_use": None, **example["request"]}),
        example["as_of"],
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["id"])
def test_a_worked_example_gives_exactly_its_findings(example: dict[str, Any]) -> None:
    expected = {
        (f["rule"], f["verdict"], f["layer"], tuple(f.get("missing", ())))
        for f in example["expect"]["findings"]
    }
    answer = judged(example)
    assert {(f.rule, f.verdict, f.layer, f.missing) for f in answer.findings} == expected
    assert len(answer.findings) == len(expected)
    assert answer.verdict == example["expect"]["verdict"]
    assert answer.complete is example["expect"]["complete"]


@pytest.mark.parametrize("example", [e for e in EXAMPLES if "cites" in e["expect"]], ids=lambda e: e["id"])
def test_a_worked_example_cites_the_text_in_force_that_day(example: dict[str, Any]) -> None:
    findings = {f.rule: f for f in judged(example).findings}
    for rule, texts in example["expect"]["cites"].items():
        assert [f"{c.text} {c.article}" for c in findings[rule].basis] == texts


def test_there_are_25_worked_examples_on_days_of_both_laws() -> None:
    assert len(EXAMPLES) == 25
    days = {e["as_of"] for e in EXAMPLES}
    assert min(days) < date(2026, 8, 15) <= max(days)
