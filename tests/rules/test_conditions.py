"""The grammar of conditions: three values, names of what is missing, and refusal of everything else."""

from itertools import product
from typing import Any

import pytest

from spatial.rules.conditions import (
    ConditionError,
    Name,
    Share,
    Truth,
    Unknown,
    check_condition,
    evaluate_condition,
    names_in,
)

# Three names, one for each truth value, and what a condition over them looks like.
VALUES = {"yes": True, "no": False}
LEAF = {True: {"yes": {"is_true": True}}, False: {"no": {"is_true": True}}, None: {"lost": {"is_true": True}}}

# Written out from the words of the grammar: "all: false wins, then unknown; any: true wins, then unknown".
ALL = {
    (True, True): True, (True, False): False, (True, None): None,
    (False, True): False, (False, False): False, (False, None): False,
    (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip
ANY = {
    (True, True): True, (True, False): True, (True, None): True,
    (False, True): True, (False, False): False, (False, None): None,
    (None, True): True, (None, False): None, (None, None): None,
}  # fmt: skip


def judge(condition: Any, values: Any = VALUES, parameters: Any = None) -> Truth:
    return evaluate_condition(condition, values, parameters or {})


@pytest.mark.parametrize("pair", list(product((True, False, None), repeat=2)), ids=str)
def test_all_and_any_follow_their_truth_tables(pair: tuple[bool | None, bool | None]) -> None:
    parts = [LEAF[value] for value in pair]
    assert judge({"all": parts}).value is ALL[pair]
    assert judge({"any": parts}).value is ANY[pair]


def test_not_turns_known_values_and_leaves_unknown() -> None:
    assert judge({"not": LEAF[True]}).value is False
    assert judge({"not": LEAF[False]}).value is True
    assert judge({"not": LEAF[None]}) == Truth(None, frozenset({"lost"}))


def test_the_empty_condition_is_true() -> None:
    assert judge({}) == Truth(True)


@pytest.mark.parametrize(
    ("op", "operand", "value", "expected"),
    [
        ("eq", "a", "a", True), ("eq", "a", "b", False),
        ("ne", "a", "a", False), ("ne", "a", "b", True),
        ("in", ["a", "b"], "b", True), ("in", ["a", "b"], "c", False),
        ("not_in", ["a", "b"], "b", False), ("not_in", ["a", "b"], "c", True),
        ("gt", 1, 1.0, False), ("gt", 1, 1.1, True),
        ("ge", 1, 1.0, True), ("ge", 1, 0.9, False),
        ("lt", 1, 1.0, False), ("lt", 1, 0.9, True),
        ("le", 1, 1.0, True), ("le", 1, 1.1, False),
        ("is_true", True, True, True), ("is_true", True, False, False),
        ("is_false", True, False, True), ("is_false", True, True, False),
        ("exists", True, "a", True), ("exists", False, "a", False), ("exists", True, False, True),
    ],
)  # fmt: skip
def test_a_comparison_of_a_known_value(op: str, operand: Any, value: Any, expected: bool) -> None:
    assert judge({"x": {op: operand}}, {"x": value}) == Truth(expected)


@pytest.mark.parametrize("value", [None, Unknown(frozenset({"y"}))], ids=["absent", "unknown"])
@pytest.mark.parametrize("op", ["eq", "ne", "in", "not_in", "gt", "ge", "lt", "le", "is_true", "is_false"])
def test_a_comparison_with_an_unknown_value_is_unknown(op: str, value: Any) -> None:
    assert judge({"x": {op: ["a"]}}, {"x": value}) == Truth(
        None, frozenset({"x"} if value is None else {"y"})
    )


def test_only_exists_is_never_unknown() -> None:
    assert judge({"x": {"exists": True}}, {}) == Truth(False)
    assert judge({"x": {"exists": False}}, {"x": Unknown(frozenset({"y"}))}) == Truth(True)


@pytest.mark.parametrize("open_value", ["part", "check", "depends"])
def test_an_open_code_value_is_known_only_to_a_comparison_that_names_it(open_value: str) -> None:
    values = {"x": open_value}
    assert judge({"x": {"eq": open_value}}, values) == Truth(True)
    assert judge({"x": {"ne": open_value}}, values) == Truth(False)
    assert judge({"x": {"in": ["yes", open_value]}}, values) == Truth(True)
    assert judge({"x": {"eq": "yes"}}, values) == Truth(None, frozenset({"x"}))
    assert judge({"x": {"not_in": ["yes"]}}, values) == Truth(None, frozenset({"x"}))
    assert judge({"x": {"exists": True}}, values) == Truth(False)


def test_missing_names_only_what_keeps_the_answer_unknown() -> None:
    unknown_a, unknown_b = {"a": {"is_true": True}}, {"b": {"is_true": True}}
    decided = {"any": [unknown_b, LEAF[True]]}
    assert judge({"all": [unknown_a, decided]}).missing == {"a"}
    assert judge({"all": [unknown_a, unknown_b]}).missing == {"a", "b"}
    assert judge({"all": [unknown_a, LEAF[False]]}) == Truth(False)
    assert judge({"any": [unknown_a, {"all": [unknown_b, LEAF[False]]}]}).missing == {"a"}


def test_a_text_beside_a_number_names_a_parameter() -> None:
    assert judge({"x": {"gt": "limit"}}, {"x": 3}, {"limit": 2.5}) == Truth(True)
    assert judge({"x": {"eq": "2"}}, {"x": "2"}, {"limit": 2.5}) == Truth(True)


@pytest.mark.parametrize(
    ("lower", "upper", "ge", "lt"),
    [(0.5, 0.5, True, False), (0.5, 1.0, True, False), (0.0, 0.49, False, True), (0.0, 0.5, None, None)],
)
def test_a_share_between_its_bounds_is_unknown(
    lower: float, upper: float, ge: bool | None, lt: bool | None
) -> None:
    values = {"s": Share(lower, upper, lambda limit: frozenset({f"at {limit}"}))}
    assert judge({"s": {"ge": 0.5}}, values).value is ge
    assert judge({"s": {"lt": 0.5}}, values).value is lt
    if ge is None:
        assert judge({"s": {"ge": 0.5}}, values).missing == {"at 0.5"}


NAMES = {
    "kind": Name("choice", frozenset({"a", "b"})),
    "done": Name("bool"),
    "size": Name("number"),
    "covered": Name("share"),
    "words": Name("text"),
    "rows": Name("table"),
}


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"kind": {"eq": "a"}},
        {"kind": {"not_in": ["a", "b"]}},
        {"rows": {"exists": False}},
        {"size": {"ge": "limit"}},
        {"covered": {"lt": 0.5}},
        {"all": [{"done": {"is_true": True}}, {"not": {"any": [{"words": {"ne": "x"}}]}}]},
    ],
    ids=str,
)
def test_the_grammar_takes_what_it_names(condition: Any) -> None:
    check_condition(condition, NAMES, {"limit": 1.0})


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("kind = a", "条件应为表"),
        ({"kind": {"eq": "a"}, "done": {"is_true": True}}, "只能有一项"),
        ({"other": {"eq": "a"}}, "没有“other”这个名称"),
        ({"kind": {"like": "a"}}, "不能用 like"),
        ({"kind": {"gt": "a"}}, "不能用 gt"),
        ({"kind": {"eq": "c"}}, "没有“c”这个值"),
        ({"kind": {"in": ["a", "c"]}}, "没有“c”这个值"),
        ({"kind": {"in": []}}, "不为空的列表"),
        ({"kind": {"in": "a"}}, "不为空的列表"),
        ({"kind": "a"}, "应为一个比较"),
        ({"kind": {"eq": "a", "ne": "b"}}, "应为一个比较"),
        ({"done": {"is_true": False}}, "只能是 true"),
        ({"done": {"eq": True}}, "不能用 eq"),
        ({"size": {"gt": "no_such"}}, "没有参数“no_such”"),
        ({"size": {"gt": True}}, "应与数或参数名比较"),
        ({"words": {"eq": 3}}, "应与文字比较"),
        ({"covered": {"gt": 0.5}}, "不能用 gt"),
        ({"covered": {"exists": True}}, "不能问覆盖份额"),
        ({"rows": {"eq": "a"}}, "不能用 eq"),
        ({"done": {"exists": "yes"}}, "应为 true 或 false"),
        ({"all": []}, "不为空的列表"),
        ({"any": {"done": {"is_true": True}}}, "不为空的列表"),
        ({"any": [{}]}, "不能有空条件"),
        ({"not": {}}, "应为一个条件"),
        ({"not": {"other": {"eq": "a"}}}, "没有“other”这个名称"),
        ({"all": [{"done": {"is_true": True}}, {"other": {"eq": "a"}}]}, "没有“other”这个名称"),
        ({"kind": {"gt": "a"}}, "可用：eq、exists、in、ne、not_in$"),
        ({"covered": {"gt": 0.5}}, "可用：ge、lt$"),
    ],
    ids=str,
)
def test_the_grammar_refuses_what_it_does_not_name(condition: Any, said: str) -> None:
    with pytest.raises(ConditionError, match=said):
        check_condition(condition, NAMES, {"limit": 1.0})


def test_the_names_of_a_condition_are_told_once_and_in_their_order() -> None:
    condition = {
        "all": [
            {"done": {"is_true": True}},
            {"not": {"any": [{"size": {"lt": 3}}, {"done": {"exists": True}}]}},
            {"kind": {"eq": "a"}},
        ]
    }
    assert names_in(condition) == ["done", "size", "kind"]
    assert names_in({}) == []
