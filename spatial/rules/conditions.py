"""Conditions of rules and selections: a closed grammar, judged in three values.

A condition is {} (true), {name: {op: operand}}, {all: [...]}, {any: [...]} or {not: condition}.
A name stands for a plain value; None or absent is unknown. A text operand beside a number names a parameter.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Condition = Mapping[str, Any]

# Values of the code tables that say "it depends": unknown, except to a comparison that names that very value.
OPEN_CODE_VALUES = frozenset({"part", "check", "depends"})

ORDER_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
EQUAL_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda value, operand: value in operand,
    "not_in": lambda value, operand: value not in operand,
}
TRUTH_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is_true": lambda value, _: value is True,
    "is_false": lambda value, _: value is False,
}
OPS: Mapping[str, Callable[[Any, Any], bool]] = {**ORDER_OPS, **EQUAL_OPS, **TRUTH_OPS}

# Which comparisons a name of each type allows; `exists` goes with all of them but share.
OPS_OF_TYPE: Mapping[str, frozenset[str]] = {
    "bool": frozenset(TRUTH_OPS),
    "choice": frozenset(EQUAL_OPS),
    "text": frozenset(EQUAL_OPS),
    "code": frozenset(EQUAL_OPS),
    "date": frozenset({*ORDER_OPS, *EQUAL_OPS}),
    "number": frozenset({*ORDER_OPS, *EQUAL_OPS}),
    "integer": frozenset({*ORDER_OPS, *EQUAL_OPS}),
    "list": frozenset(),
    "table": frozenset(),
    "share": frozenset({"ge", "lt"}),
}
NUMBER_TYPES = frozenset({"number", "integer", "share"})


class ConditionError(ValueError):
    """A condition is outside the grammar; the text says which part."""


@dataclass(frozen=True, slots=True)
class Truth:
    """True, False, or None for unknown, with the names that keep it unknown."""

    value: bool | None
    missing: frozenset[str] = frozenset()


TRUE = Truth(True)
UNNAMED = Truth(None)  # unknown, its name not yet put in


@dataclass(frozen=True, slots=True)
class Unknown:
    """An unknown value that is reported under other names than the one it was asked by."""

    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Share:
    """A share (0..1) known between bounds; `missing_at` names what keeps a comparison with a limit open."""

    lower: float
    upper: float
    missing_at: Callable[[float], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Name:
    """What the grammar knows of a name: its type, and its values if it has a closed list."""

    type: str
    choices: frozenset[str] | None = None


def evaluate_condition(
    condition: Condition,
    values: Mapping[str, Any],
    parameters: Mapping[str, float],
    called: Callable[[str], str] = str,
) -> Truth:
    """Judge a condition that `check_condition` accepted.

    `called` turns the name of an unknown value into the one that `missing` reports.
    """
    if not condition:
        return TRUE
    ((name, inner),) = condition.items()
    if name == "all":
        return joined((evaluate_condition(part, values, parameters, called) for part in inner), wins=False)
    if name == "any":
        return joined((evaluate_condition(part, values, parameters, called) for part in inner), wins=True)
    if name == "not":
        truth = evaluate_condition(inner, values, parameters, called)
        return truth if truth.value is None else Truth(not truth.value)
    ((op, operand),) = inner.items()
    truth = _compare(op, operand, values.get(name), parameters)
    return Truth(None, frozenset({called(name)})) if truth is UNNAMED else truth


def joined(parts: Iterable[Truth], wins: bool) -> Truth:
    """all (`wins` False: false wins, then unknown) or any (`wins` True: true wins, then unknown)."""
    missing: frozenset[str] = frozenset()
    unknown = False
    for part in parts:
        if part.value is wins:
            return part
        if part.value is None:
            unknown = True
            missing |= part.missing
    return Truth(None, missing) if unknown else Truth(not wins)


def _compare(op: str, operand: Any, value: Any, parameters: Mapping[str, float]) -> Truth:
    is_open = isinstance(value, str) and value in OPEN_CODE_VALUES
    is_unknown = value is None or isinstance(value, Unknown)
    if op == "exists":
        return Truth((not is_unknown and not is_open) is operand)
    if isinstance(value, Share):
        return _compare_share(value, op, _limit(operand, parameters))
    if isinstance(value, Unknown):
        return Truth(None, value.missing)
    if is_unknown or (is_open and not _names(operand, value)):
        return UNNAMED
    if isinstance(value, int | float) and not isinstance(value, bool):
        operand = _limit(operand, parameters)
    return Truth(OPS[op](value, operand))


def _compare_share(share: Share, op: str, limit: float) -> Truth:
    if share.lower >= limit:
        return Truth(op == "ge")
    if share.upper < limit:
        return Truth(op == "lt")
    return Truth(None, share.missing_at(limit))


def _limit(operand: Any, parameters: Mapping[str, float]) -> Any:
    return parameters[operand] if isinstance(operand, str) else operand


def _names(operand: Any, value: str) -> bool:
    return value in operand if isinstance(operand, list | tuple) else value == operand


def names_in(condition: Condition) -> list[str]:
    """The names a condition reads, in order of appearance, each once."""
    found: list[str] = []
    for name, _, _ in comparisons(condition):
        if name not in found:
            found.append(name)
    return found


def comparisons(condition: Condition) -> Iterator[tuple[str, str, Any]]:
    """Every (name, op, operand) of a condition."""
    for name, inner in condition.items():
        if name in ("all", "any"):
            for part in inner:
                yield from comparisons(part)
        elif name == "not":
            yield from comparisons(inner)
        else:
            for op, operand in inner.items():
                yield name, op, operand


def check_condition(condition: Any, names: Mapping[str, Name], parameters: Mapping[str, float]) -> None:
    """Refuse (ConditionError) whatever the grammar does not know: shapes, names, ops, values, parameters."""
    if not isinstance(condition, Mapping):
        raise ConditionError(f"条件应为表，现为 {condition!r}")
    if not condition:
        return
    if len(condition) != 1:
        raise ConditionError(f"一个条件只能有一项，现有 {'、'.join(condition)}；多项请用 all 或 any")
    ((name, inner),) = condition.items()
    if name in ("all", "any"):
        if not isinstance(inner, list) or not inner:
            raise ConditionError(f"{name} 后面应为不为空的列表")
        for part in inner:
            if not part:
                raise ConditionError(f"{name} 里不能有空条件")
            check_condition(part, names, parameters)
    elif name == "not":
        if not inner:
            raise ConditionError("not 后面应为一个条件")
        check_condition(inner, names, parameters)
    else:
        _check_comparison(name, inner, names, parameters)


def _check_comparison(
    name: str, inner: Any, names: Mapping[str, Name], parameters: Mapping[str, float]
) -> None:
    if name not in names:
        raise ConditionError(f"没有“{name}”这个名称；这里可用：{'、'.join(sorted(names)) or '无'}")
    if not isinstance(inner, Mapping) or len(inner) != 1:
        raise ConditionError(f"{name} 后面应为一个比较，如 {{ eq = … }}，现为 {inner!r}")
    ((op, operand),) = inner.items()
    kind = names[name]
    if op == "exists":
        if kind.type == "share" or not isinstance(operand, bool):
            raise ConditionError(f"{name}：exists 后面应为 true 或 false，且不能问覆盖份额")
        return
    if op not in OPS_OF_TYPE[kind.type]:
        allowed = sorted(OPS_OF_TYPE[kind.type] | (set() if kind.type == "share" else {"exists"}))
        raise ConditionError(f"{name} 是 {kind.type}，不能用 {op}；可用：{'、'.join(allowed)}")
    if op in TRUTH_OPS:
        if operand is not True:
            raise ConditionError(f"{name}：{op} 后面只能是 true")
    elif op in ("in", "not_in"):
        if not isinstance(operand, list) or not operand:
            raise ConditionError(f"{name}：{op} 后面应为不为空的列表")
        for item in operand:
            _check_operand(name, item, kind, parameters)
    else:
        _check_operand(name, operand, kind, parameters)


def _check_operand(name: str, operand: Any, kind: Name, parameters: Mapping[str, float]) -> None:
    if kind.type in NUMBER_TYPES:
        if isinstance(operand, str):
            if operand not in parameters:
                raise ConditionError(f"{name}：没有参数“{operand}”")
        elif isinstance(operand, bool) or not isinstance(operand, int | float):
            raise ConditionError(f"{name}：应与数或参数名比较，现为 {operand!r}")
    elif not isinstance(operand, str):
        raise ConditionError(f"{name}：应与文字比较，现为 {operand!r}")
    elif kind.choices is not None and operand not in kind.choices:
        raise ConditionError(f"{name}：没有“{operand}”这个值；可用：{'、'.join(sorted(kind.choices))}")
