"""A tree to a boolean expression over row `f`: names by dictionary, types judged, every value bound.

AND, OR, NOT and NULL are PostgreSQL's own: they join three values as OGC 21-065r2 asks. Nothing that is let through
can fail while it runs: a cast is guarded, a pattern is whole, a geometry is valid.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from tiles.cql2 import fields, temporal
from tiles.cql2.instants import beijing_day, instant
from tiles.cql2.refusal import FilterRefused, shortened
from tiles.cql2.shapes import COLLECTION
from tiles.cql2.tree import COMPARISONS, FOLDS, SPATIAL, Call, Interval, Literal, Node, Property, Shape
from tiles.rows import View
from tiles.statement import Values

_SPATIAL: Mapping[str, sql.SQL] = {
    "s_intersects": sql.SQL("ST_Intersects"),
    "s_contains": sql.SQL("ST_Contains"),
    "s_within": sql.SQL("ST_Within"),
    "s_touches": sql.SQL("ST_Touches"),
    "s_crosses": sql.SQL("ST_Crosses"),
    "s_overlaps": sql.SQL("ST_Overlaps"),
    "s_equals": sql.SQL("ST_Equals"),
}
_FOLDS: Mapping[str, sql.SQL] = {
    # Unicode's case folding: ß is ss, the two small sigmas are one.
    "casei": sql.SQL("translate(lower(upper({} COLLATE \"und-x-icu\") COLLATE \"und-x-icu\"), 'ς', 'σ')"),
    "accenti": sql.SQL("normalize(regexp_replace(normalize({}, NFD), '[\\u0300-\\u036f]', '', 'g'), NFC)"),
}
_COMPARISONS: Mapping[str, sql.SQL] = {op: sql.SQL(op) for op in COMPARISONS}
_BY_LETTERS = sql.SQL('({} COLLATE "C")')
KINDS = {
    "text": "文字",
    "number": "数",
    "bool": "是或否",
    "date": "日期",
    "timestamp": "时间",
    "interval": "区间",
    "geometry": "图形",
}


class _Typed(NamedTuple):
    kind: str
    sql: sql.Composable


def compile_tree(tree: Node, view: View, values: Values) -> sql.Composable:
    """True for the rows that are meant, NULL where that is unknown. Raises FilterRefused."""
    return sql.SQL("({})").format(_Compiling(view, values).condition(tree))


class _Compiling:
    def __init__(self, view: View, values: Values) -> None:
        self._view, self._values, self._kinds = view, values, fields.kinds(view)

    def condition(self, node: Node) -> sql.Composable:
        return self._of_kind(node, "bool")

    def _of_kind(self, node: Node, kind: str) -> sql.Composable:
        found = self._typed(node)
        self._require(found, kind, node)
        return found.sql

    @staticmethod
    def _require(found: _Typed, kind: str, node: Node) -> None:
        if found.kind != kind:
            raise FilterRefused(
                f"这里应为{KINDS[kind]}，不能是{KINDS[found.kind]}。",
                node.at,
            )

    def _typed(self, node: Node) -> _Typed:
        if isinstance(node, Property):
            kind = self._kind_of(node)
            return _Typed(kind, fields.value(self._view, node.name, kind, self._values))
        if isinstance(node, Literal):
            return self._literal(node)
        if isinstance(node, Shape):
            return _Typed("geometry", self._geometry(node.geometry))
        if isinstance(node, Interval):
            self._ends(node, by_day=True)
            return _Typed("interval", sql.SQL("TRUE"))
        if node.op in FOLDS:
            return _Typed("text", _FOLDS[node.op].format(self._of_kind(node.args[0], "text")))
        return _Typed("bool", sql.SQL("({})").format(self._predicate(node)))

    def _kind_of(self, node: Property) -> str:
        kind = self._kinds.get(node.name)
        if kind is None:  # hidden or not there: the same words
            raise FilterRefused(
                f"图层“{self._view.layer.title}”没有可以查询的字段 {shortened(node.name)}。",
                node.at,
            )
        return kind

    def _literal(self, node: Literal) -> _Typed:
        value = node.value
        if isinstance(value, bool):
            return _Typed("bool", sql.SQL("TRUE" if value else "FALSE"))
        if isinstance(value, str):
            return _Typed("text", temporal.literal(value, self._values))
        if isinstance(value, int | float):
            exact = Decimal(repr(value))
            return _Typed("number", sql.SQL("{}::numeric").format(self._values.bind(exact)))
        kind = "timestamp" if isinstance(value, datetime) else "date"
        return _Typed(kind, temporal.written(value, False, self._values))

    def _geometry(self, geometry: BaseGeometry) -> sql.Composable:
        return sql.SQL("ST_GeomFromWKB({}::bytea, 4490)").format(self._values.bind(geometry.wkb))

    def _predicate(self, node: Call) -> sql.Composable:
        op, args = node.op, node.args
        if op in ("and", "or"):
            return sql.SQL(f" {op.upper()} ").join(self.condition(one) for one in args)
        if op == "not":
            return sql.SQL("NOT {}").format(self.condition(args[0]))
        if op == "isNull":
            if isinstance(args[0], Interval):
                raise FilterRefused("区间不能问是否为空，请问它的两端。", args[0].at)
            return sql.SQL("{} IS NULL").format(self._typed(args[0]).sql)
        if op in SPATIAL:
            return self._spatial(node)
        if op in temporal.FUNCTIONS:
            return self._temporal(node)
        if op == "like":
            return self._like(node)
        kind, found = self._comparable(args)
        if op == "between":
            if kind not in ("number", "date", "timestamp"):
                raise FilterRefused("BETWEEN 只用于数和日期。", node.at)
            return sql.SQL("{} BETWEEN {} AND {}").format(*found)
        if op == "in":
            return sql.SQL("{} IN ({})").format(found[0], sql.SQL(", ").join(found[1:]))
        return sql.SQL(" ").join((found[0], _COMPARISONS[op], found[1]))

    def _comparable(self, nodes: tuple[Node, ...]) -> tuple[str, list[sql.Composable]]:
        """Their one kind and each in SQL; a text beside a date is read as a date. Raises FilterRefused."""
        typed = [self._typed(node) for node in nodes]
        if any(one.kind in ("date", "timestamp") for one in typed):
            by_day = any(one.kind == "date" for one in typed)
            return "date", [_BY_LETTERS.format(self._instant(node, by_day)) for node in nodes]
        first = typed[0].kind
        if first in ("geometry", "interval"):
            raise FilterRefused(
                "图形和区间不能这样比较，请用 S_、T_ 开头的函数。",
                nodes[0].at,
            )
        for node, one in zip(nodes, typed, strict=True):
            self._require(one, first, node)
        return first, [_BY_LETTERS.format(one.sql) if first == "text" else one.sql for one in typed]

    def _like(self, node: Call) -> sql.Composable:
        pattern = node.args[1]
        while isinstance(pattern, Call) and pattern.op in FOLDS:
            pattern = pattern.args[0]
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            raise FilterRefused("LIKE 后面应为单引号里的文字。", pattern.at)
        text = pattern.value
        if (len(text) - len(text.rstrip("\\"))) % 2:
            raise FilterRefused("LIKE 的文字不能以单个反斜杠结尾。", pattern.at)
        return sql.SQL("{} LIKE {}").format(
            *(_BY_LETTERS.format(self._of_kind(one, "text")) for one in node.args)
        )

    def _spatial(self, node: Call) -> sql.Composable:
        one, other = (self._of_kind(arg, "geometry") for arg in node.args)
        function = _SPATIAL["s_intersects" if node.op == "s_disjoint" else node.op]
        met: sql.Composable = sql.SQL("{}({}, {})").format(function, one, other)
        for collection, against in (node.args, node.args[::-1]):
            if isinstance(collection, Shape) and collection.geometry.geom_type == COLLECTION:
                if node.op not in ("s_intersects", "s_disjoint") or not isinstance(against, Property):
                    raise FilterRefused(
                        "图形集合只能在 S_INTERSECTS 和 S_DISJOINT 里和 geometry 比较。",
                        collection.at,
                    )
                met = self._meets_any(collection.geometry)
        # Under row-level security nothing but an explicit && reaches the index, and every one of these implies it.
        met = sql.SQL("{} && {} AND {}").format(one, other, met)
        return sql.SQL("NOT ({})").format(met) if node.op == "s_disjoint" else met

    def _meets_any(self, collection: BaseGeometry) -> sql.Composable:
        """Member by member: GEOS fails over a whole whose members overlap."""
        members = (self._geometry(one) for one in shapely.get_parts(collection))
        each = (sql.SQL("ST_Intersects(f.geom, {})").format(one) for one in members)
        return sql.SQL("({})").format(sql.SQL(" OR ").join(each))

    def _temporal(self, node: Call) -> sql.Composable:
        ends = [end for one in node.args for end in (self._two(one))]
        by_day = any(self._is_day(end) for end in ends if end is not None)
        sides = [self._ends(one, by_day) for one in node.args]
        (s1, e1), (s2, e2) = ([_BY_LETTERS.format(end) for end in side] for side in sides)
        return temporal.FUNCTIONS[node.op].format(s1=s1, e1=e1, s2=s2, e2=e2)

    @staticmethod
    def _two(node: Node) -> tuple[Node | None, Node | None]:
        return (node.start, node.end) if isinstance(node, Interval) else (node, node)

    def _is_day(self, node: Node) -> bool:
        return not (isinstance(node, Literal) and isinstance(_time(node), datetime))

    def _ends(self, node: Node, by_day: bool) -> tuple[sql.Composable, sql.Composable]:
        """Start and end as texts that sort. Raises FilterRefused for what is no time."""
        start, end = self._two(node)
        if isinstance(start, Literal) and isinstance(end, Literal) and start is not end:
            first, last = _time(start), _time(end)
            if isinstance(first, datetime) != isinstance(last, datetime):
                first, last = beijing_day(first), beijing_day(last)
            if first > last:
                raise FilterRefused("区间的开始晚于结束。", node.at)
        return (
            temporal.literal(temporal.OPEN_START, self._values)
            if start is None
            else self._instant(start, by_day),
            temporal.literal(temporal.OPEN_END, self._values) if end is None else self._instant(end, by_day),
        )

    def _instant(self, node: Node, by_day: bool) -> sql.Composable:
        if isinstance(node, Literal):
            return temporal.written(_time(node), by_day, self._values)
        return self._of_kind(node, "date")


def _time(node: Literal) -> date:
    """The day or moment of a literal; a text is read as one. Raises FilterRefused."""
    value = node.value
    if isinstance(value, str):
        return instant(value, node.at)
    if isinstance(value, date):
        return value
    kind = KINDS["bool" if isinstance(value, bool) else "number"]
    raise FilterRefused(f"这里应为日期，不能是{kind}。", node.at)
