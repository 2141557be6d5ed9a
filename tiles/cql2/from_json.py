"""CQL2 JSON to a tree (OGC 21-065r2, Annex C). Every object is one of the few that are known, with no other member."""

import json
from typing import Any, NoReturn

from tiles.cql2 import shapes
from tiles.cql2.from_text import number
from tiles.cql2.instants import day, instant, moment
from tiles.cql2.refusal import FilterRefused, require_storable, shortened
from tiles.cql2.tree import OPERANDS, Budget, Call, Interval, Literal, Node, Property, Shape


def read_json(given: str, system: shapes.System) -> Node:
    """The tree of a filter in CQL2 JSON. Raises FilterRefused."""
    return _Reading(system).node(_parsed(given), "")


def _parsed(given: str) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise FilterRefused("一个对象里有两个同名的项。", "/")
        return found

    def constant(text: str) -> NoReturn:
        raise FilterRefused(f"不能有 {text}。", given.find(text))

    def figure(text: str) -> int | float:
        try:
            return number(text, 0)
        except (
            FilterRefused
        ) as refused:  # looked for only now: a search for each number would read the text anew
            refused.at = given.find(text)
            raise

    try:
        return json.loads(
            given, object_pairs_hook=members, parse_constant=constant, parse_float=figure, parse_int=figure
        )
    except json.JSONDecodeError as error:
        raise FilterRefused("不是 JSON。", error.pos) from error
    except RecursionError as error:
        raise FilterRefused("嵌套太深。", "/") from error


class _Reading:
    def __init__(self, system: shapes.System) -> None:
        self._system, self._budget = system, Budget()

    def node(self, given: Any, path: str) -> Node:
        at = path or "/"
        if isinstance(given, dict):
            return self._object(given, path, at)
        if isinstance(given, str | int | float):  # a bool is an int
            self._budget.node(at)
            return Literal(_storable(given, at) if isinstance(given, str) else given, at)
        if given is None:
            raise FilterRefused("不能和 null 比较，请用 isNull。", at)
        raise FilterRefused("不支持数组。", at)

    def _object(self, given: dict[str, Any], path: str, at: str) -> Node:
        if "op" in given:
            return self._call(given, path, at)
        self._budget.node(at)
        if "type" in given:
            return Shape(shapes.shape(given, self._system, self._budget, at), at)
        if len(given) == 1:
            ((key, value),) = given.items()
            if key == "property" and isinstance(value, str):
                return Property(_storable(value, at), at)
            if key in ("date", "timestamp") and isinstance(value, str):
                return Literal((day if key == "date" else moment)(value, at), at)
            if key == "interval" and isinstance(value, list) and len(value) == 2:
                start, end = (self._end(one, f"{path}/interval/{i}") for i, one in enumerate(value))
                return Interval(start, end, at)
            if key == "bbox":
                return Shape(shapes.box(value, self._system, self._budget, at), at)
        raise FilterRefused(
            f"不认识这样的对象：{shortened('、'.join(given))}。",
            at,
        )

    def _call(self, given: dict[str, Any], path: str, at: str) -> Node:
        op, args = given["op"], given.get("args")
        if set(given) != {"op", "args"} or not isinstance(op, str) or not isinstance(args, list):
            raise FilterRefused("运算应只有 op 和 args。", at)
        if op not in OPERANDS:
            raise FilterRefused(f"没有运算 {shortened(op)}。", f"{path}/op")
        paths = [f"{path}/args/{i}" for i in range(len(args))]
        if op == "in" and len(args) == 2 and isinstance(args[1], list):
            args, paths = [args[0], *args[1]], [paths[0], *(f"{paths[1]}/{i}" for i in range(len(args[1])))]
        elif op == "in":
            raise FilterRefused("in 应有一个值和一个列表。", f"{path}/args")
        self._budget.operands(op, len(args), f"{path}/args")
        self._budget.node(at)
        with self._budget.level(at):
            return Call(op, tuple(map(self.node, args, paths)), at)

    def _end(self, given: Any, path: str) -> Property | Literal | None:
        self._budget.node(path)
        if isinstance(given, str):
            return None if given == ".." else Literal(instant(given, path), path)
        if isinstance(given, dict) and set(given) == {"property"} and isinstance(given["property"], str):
            return Property(_storable(given["property"], path), path)
        raise FilterRefused("区间的两端应为时间、“..”或字段。", path)


def _storable(text: str, at: str) -> str:
    """JSON can write signs that the text around it does not hold."""
    require_storable(text, at)
    return text
