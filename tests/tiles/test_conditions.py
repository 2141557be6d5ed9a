"""Selections in SQL take the rows that the rules' own judgement takes: true or unknown, never false."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from spatial.rules.conditions import ConditionError, evaluate_condition
from tests.tiles.ask import rows
from tiles.conditions import compile_condition, selected
from tiles.statement import Values

# What the text of the rules says of three values (rules.md, "Three values"), worked by hand.
STATED = [
    ({}, {}, True),
    ({"status": {"eq": "removed"}}, {"status": "removed"}, True),
    ({"status": {"eq": "removed"}}, {"status": "listed"}, False),
    ({"status": {"eq": "removed"}}, {}, None),
    ({"status": {"eq": "removed"}}, {"status": None}, None),
    ({"status": {"ne": "closed"}}, {}, None),
    ({"status": {"ne": "closed"}}, {"status": "closed"}, False),
    ({"stage": {"in": ["risk_control", "remediation"]}}, {"stage": "remediation"}, True),
    ({"stage": {"in": ["risk_control", "remediation"]}}, {"stage": "closed"}, False),
    ({"stage": {"not_in": ["closed"]}}, {"stage": "listed"}, True),
    ({"stage": {"not_in": ["closed"]}}, {}, None),
    ({"managed": {"is_true": True}}, {"managed": True}, True),
    ({"managed": {"is_true": True}}, {"managed": False}, False),
    ({"managed": {"is_false": True}}, {"managed": False}, True),
    ({"managed": {"is_false": True}}, {}, None),
    ({"managed": {"exists": True}}, {}, False),
    ({"managed": {"exists": False}}, {}, True),
    ({"ratio": {"gt": 1}}, {"ratio": 1.0000001}, True),
    ({"ratio": {"gt": 1}}, {"ratio": 1}, False),
    ({"ratio": {"ge": 1}}, {"ratio": 1.0}, True),
    ({"ratio": {"lt": 1}}, {}, None),
    ({"entry": {"le": "2026-08-15"}}, {"entry": "2026-08-15"}, True),
    ({"entry": {"lt": "2026-08-15"}}, {"entry": "2026-08-16"}, False),
    ({"kind": {"eq": "yes"}}, {"kind": "check"}, None),
    ({"kind": {"eq": "check"}}, {"kind": "check"}, True),
    ({"kind": {"in": ["yes", "part"]}}, {"kind": "part"}, True),
    ({"kind": {"exists": True}}, {"kind": "depends"}, False),
    ({"all": [{"a": {"eq": "x"}}, {"b": {"eq": "x"}}]}, {"a": "y"}, False),
    ({"all": [{"a": {"eq": "x"}}, {"b": {"eq": "x"}}]}, {"a": "x"}, None),
    ({"any": [{"a": {"eq": "x"}}, {"b": {"eq": "x"}}]}, {"a": "x"}, True),
    ({"any": [{"a": {"eq": "x"}}, {"b": {"eq": "x"}}]}, {"a": "y"}, None),
    ({"not": {"a": {"eq": "x"}}}, {}, None),
    ({"not": {"a": {"eq": "x"}}}, {"a": "y"}, True),
]


def judged(condition: dict[str, Any], attributes: dict[str, Any]) -> tuple[bool | None, bool]:
    """The condition in the database over one row with these attributes: its value, and whether the row is taken."""
    values = Values()
    statement = sql.SQL(
        "SELECT {} AS value, {} AS taken FROM (SELECT NULL AS code, NULL AS name, NULL AS county,"
        " TRUE AS has_boundary, {}::jsonb AS attributes) AS f"
    ).format(
        compile_condition(condition, values), selected(condition, values), values.bind(Jsonb(attributes))
    )
    (row,) = rows((statement, values))
    return row["value"], row["taken"]


@pytest.mark.django_db
@pytest.mark.parametrize(("condition", "attributes", "expected"), STATED)
def test_a_condition_is_true_false_or_unknown_as_the_rules_state(
    condition: dict[str, Any], attributes: dict[str, Any], expected: bool | None
) -> None:
    assert judged(condition, attributes) == (expected, expected is not False)


TEXTS = st.sampled_from(["a", "b", "part", "check", "o'brien; --", "%s"])
NUMBERS = st.integers(-3, 3) | st.floats(-3, 3, allow_subnormal=False)
DATES = st.sampled_from(["2016-12-31", "2026-08-14", "2026-08-15"])
TRUTH = st.sampled_from(["is_true", "is_false"])


def _comparison(
    name: str, values: st.SearchStrategy[Any], ordered: bool
) -> st.SearchStrategy[dict[str, Any]]:
    one = ["eq", "ne", *(["gt", "ge", "lt", "le"] if ordered else [])]
    return st.one_of(
        st.builds(lambda op, value: {name: {op: value}}, st.sampled_from(one), values),
        st.builds(lambda op, several: {name: {op: several}}, st.sampled_from(["in", "not_in"]),
                  st.lists(values, min_size=1, max_size=3)),
        st.builds(lambda known: {name: {"exists": known}}, st.booleans()),
    )  # fmt: skip


COMPARISONS = st.one_of(
    _comparison("text", TEXTS, False),
    _comparison("number", NUMBERS, True),
    _comparison("date", DATES, True),
    st.builds(lambda op: {"flag": {op: True}}, TRUTH),
)
JOINS = st.sampled_from(["all", "any"])
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(lambda word, parts: {word: parts}, JOINS, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)
KNOWN = {"text": TEXTS, "number": NUMBERS, "date": DATES, "flag": st.booleans()}
ATTRIBUTES = st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in KNOWN.items()})


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS, ATTRIBUTES)
def test_the_database_judges_every_condition_as_the_rules_do(
    condition: dict[str, Any], attributes: dict[str, Any]
) -> None:
    value = evaluate_condition(condition, attributes, {}).value
    assert judged(condition, attributes) == (value, value is not False)


@pytest.mark.django_db
def test_columns_of_a_row_are_asked_where_they_stand() -> None:
    assert judged({"has_boundary": {"is_false": True}}, {"has_boundary": False}) == (False, False)
    assert judged({"name": {"exists": True}}, {}) == (False, False)


@pytest.mark.parametrize("condition", [
    {"a": {"like": "x"}}, {"project.livestock": {"is_true": True}}, {"a": {"eq": 1}, "b": {"eq": 2}}, {"all": []},
])  # fmt: skip
def test_what_is_outside_the_grammar_never_becomes_sql(condition: dict[str, Any]) -> None:
    with pytest.raises(ConditionError):
        compile_condition(condition, Values())
