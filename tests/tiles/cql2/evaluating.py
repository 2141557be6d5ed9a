"""What a filter says of one row, in plain Python and shapely: True, False or None, which is unknown.

Written from OGC 21-065r2 (truth table of three values, tables of the spatial and temporal functions), not from the
SQL: a row is a dict of Python values, a date is a date, a geometry is shapely's.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tiles.cql2.tree import Call, Interval, Literal, Node, Property, Shape

Row = Mapping[str, Any]
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
SPATIAL = {f"s_{name}": name for name in
           ("intersects", "disjoint", "contains", "within", "touches", "crosses", "overlaps", "equals")}  # fmt: skip
BEGINNING, END, DAY = -1, 10**30, 86_400_000_000


def judged(node: Node, row: Row) -> Any:
    """The value of a node; None is unknown."""
    if isinstance(node, Property):
        found = row.get(node.name)
        return Decimal(repr(found)) if isinstance(found, float) else found
    if isinstance(node, Literal):
        return Decimal(repr(node.value)) if isinstance(node.value, float) else node.value
    if isinstance(node, Shape):
        return node.geometry
    assert isinstance(node, Call)
    op, args = node.op, node.args
    if op in ("and", "or"):
        values = [judged(one, row) for one in args]
        decisive = op == "or"
        return decisive if decisive in values else None if None in values else not decisive
    if op == "not":
        value = judged(args[0], row)
        return None if value is None else not value
    if op == "isNull":
        return judged(args[0], row) is None
    if op.startswith("t_"):
        return _temporal(op, args, row)
    if op == "in":
        return judged(Call("or", tuple(Call("=", (args[0], one)) for one in args[1:])), row)
    if op == "between":
        return judged(Call("and", (Call(">=", args[:2]), Call("<=", (args[0], args[2])))), row)
    values = [judged(one, row) for one in args]
    if None in values:
        return None
    if op in SPATIAL:
        return bool(getattr(values[0], SPATIAL[op])(values[1]))
    if op == "casei":
        return values[0].casefold()
    if op == "accenti":
        bare = "".join(s for s in unicodedata.normalize("NFD", values[0]) if not "\u0300" <= s <= "\u036f")
        return unicodedata.normalize("NFC", bare)
    if op == "like":
        return _like(*values)
    if any(isinstance(one, date) for one in values):
        return COMPARED[op](*(_number(one, _by_day(values)) for one in values))
    return COMPARED[op](*values)


def _like(text: str, pattern: str) -> bool:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    told = "".join(".*" if one == "%" else "." if one == "_" else re.escape(one[-1]) for one in parts)
    return re.fullmatch(told, text, re.DOTALL) is not None


def _by_day(values: list[Any]) -> bool:
    return any(isinstance(one, date) and not isinstance(one, datetime) for one in values)


def _number(value: Any, by_day: bool) -> int:
    """Microseconds. A moment falls on its day in Beijing, eight hours ahead of UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if not isinstance(value, datetime):
        return value.toordinal() * DAY
    if by_day:
        return (value + timedelta(hours=8)).toordinal() * DAY
    begun = value.replace(hour=0, minute=0, second=0, microsecond=0)
    return value.toordinal() * DAY + (value - begun) // timedelta(microseconds=1)


def _temporal(op: str, args: tuple[Node, ...], row: Row) -> bool | None:
    sides = [(one.start, one.end) if isinstance(one, Interval) else (one, one) for one in args]
    found = [[None if end is None else judged(end, row) for end in side] for side in sides]
    # What kind a name has does not hang on whether its row has a value: all names of these rows are days.
    by_day = any(
        isinstance(end, Property) or _by_day([value])
        for side, values in zip(sides, found, strict=True)
        for end, value in zip(side, values, strict=True)
    )
    numbers = []
    for side, values in zip(sides, found, strict=True):
        for end, value, open_end in zip(side, values, (BEGINNING, END), strict=True):
            numbers.append(open_end if end is None else None if value is None else _number(value, by_day))
    return _related(op, *numbers)


def _both(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def _related(op: str, s1: int | None, e1: int | None, s2: int | None, e2: int | None) -> bool | None:
    def is_(name: str, left: int | None, right: int | None) -> bool | None:
        return None if left is None or right is None else COMPARED[name](left, right)

    if op == "t_disjoint":
        met = _both(is_("<=", s1, e2), is_(">=", e1, s2))
        return None if met is None else not met
    return {
        "t_after": lambda: is_(">", s1, e2),
        "t_before": lambda: is_("<", e1, s2),
        "t_contains": lambda: _both(is_("<", s1, s2), is_(">", e1, e2)),
        "t_during": lambda: _both(is_(">", s1, s2), is_("<", e1, e2)),
        "t_equals": lambda: _both(is_("=", s1, s2), is_("=", e1, e2)),
        "t_finishedBy": lambda: _both(is_("<", s1, s2), is_("=", e1, e2)),
        "t_finishes": lambda: _both(is_(">", s1, s2), is_("=", e1, e2)),
        "t_intersects": lambda: _both(is_("<=", s1, e2), is_(">=", e1, s2)),
        "t_meets": lambda: is_("=", e1, s2),
        "t_metBy": lambda: is_("=", s1, e2),
        "t_overlappedBy": lambda: _both(is_(">", s1, s2), is_("<", s1, e2), is_(">", e1, e2)),
        "t_overlaps": lambda: _both(is_("<", s1, s2), is_(">", e1, s2), is_("<", e1, e2)),
        "t_startedBy": lambda: _both(is_("=", s1, s2), is_(">", e1, e2)),
        "t_starts": lambda: _both(is_("=", s1, s2), is_("<", e1, e2)),
    }[op]()
