"""CQL2 text to a tree, by descent through the rules of OGC 21-065r2, Annex B, and nothing besides them."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from tiles.cql2 import shapes
from tiles.cql2.instants import day, instant, moment
from tiles.cql2.refusal import FilterRefused, shortened
from tiles.cql2.tree import (
    COMPARISONS,
    FOLDS,
    SPATIAL,
    TEMPORAL,
    Budget,
    Call,
    Interval,
    Literal,
    Node,
    Property,
    Shape,
)
from tiles.cql2.words import Word, words

MOST_DIGITS = 300
_CALLS = {op.upper(): op for op in (*FOLDS, *SPATIAL, *TEMPORAL)}
_WKT = {name.upper(): name for name in shapes.TYPES}
_BOXES = ("BBOX", "ENVELOPE")
_RESERVED = frozenset({"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"})


def read_text(given: str, system: shapes.System) -> Node:
    """The tree of a filter in CQL2 text. Raises FilterRefused."""
    reading = _Reading(words(given), system)
    tree = reading.either()
    if reading.word.kind != "end":
        reading.refuse()
    return tree


def number(text: str, at: int) -> int | float:
    """A finite number; whole where it is written so. Raises FilterRefused."""
    if len(text) > MOST_DIGITS or not math.isfinite(float(text)):
        raise FilterRefused("数太大。", at)
    return int(text) if text.lstrip("+-").isdigit() else float(text)


class _Reading:
    def __init__(self, found: list[Word], system: shapes.System) -> None:
        self._words, self._next, self._system, self._budget = found, 0, system, Budget()

    @property
    def word(self) -> Word:
        return self._words[self._next]

    def refuse(self, wanted: str = "") -> NoReturn:
        """Say that the word at hand does not belong here."""
        word = self.word
        what = f"“{shortened(word.value)}”" if word.kind != "end" else "结尾"
        told = f"这里不能是{what}，应为{wanted}。" if wanted else f"这里不能是{what}。"
        raise FilterRefused(told, word.at)

    def _take(self) -> Word:
        word = self.word
        if word.kind != "end":
            self._next += 1
        return word

    def _accept(self, upper: str) -> bool:
        if self.word.upper != upper:
            return False
        self._next += 1
        return True

    def _is_sign(self, sign: str) -> bool:
        return self.word.kind == "sign" and self.word.value == sign

    def _sign(self, sign: str) -> None:
        if not self._is_sign(sign):
            self.refuse(f"“{sign}”")
        self._next += 1

    def _call(self, op: str, args: list[Node], at: int) -> Call:
        self._budget.operands(op, len(args), at)
        self._budget.node(at)
        return Call(op, tuple(args), at)

    def either(self) -> Node:
        return self._joined("or", self._both)

    def _both(self) -> Node:
        return self._joined("and", self._not)

    def _joined(self, op: str, part: Callable[[], Node]) -> Node:
        at = self.word.at
        parts = [part()]
        while self._accept(op.upper()):
            parts.append(part())
        return self._call(op, parts, at) if len(parts) > 1 else parts[0]

    def _not(self) -> Node:
        at = self.word.at
        if not self._accept("NOT"):
            return self._predicate()
        with self._budget.level(at):
            return self._call("not", [self._not()], at)

    def _predicate(self) -> Node:
        at = self.word.at
        left = self._operand()
        if self.word.kind == "sign" and self.word.value in COMPARISONS:
            op = self._take().value
            return self._call(op, [left, self._operand()], at)
        if self._accept("IS"):
            negated = self._accept("NOT")
            if not self._accept("NULL"):
                self.refuse("NULL")
            return self._negated(negated, self._call("isNull", [left], at))
        negated = self._accept("NOT")
        if self._accept("LIKE"):
            return self._negated(negated, self._call("like", [left, self._operand()], at))
        if self._accept("BETWEEN"):
            lowest = self._operand()
            if not self._accept("AND"):
                self.refuse("AND")
            return self._negated(negated, self._call("between", [left, lowest, self._operand()], at))
        if self._accept("IN"):
            return self._negated(negated, self._call("in", [left, *self._list(self._operand)], at))
        if negated:
            self.refuse("LIKE、BETWEEN 或 IN")
        if self.word.kind == "number" and self.word.value[0] in "+-":
            raise FilterRefused("不支持算术运算。", self.word.at)
        return left

    def _negated(self, negated: bool, call: Call) -> Call:
        return self._call("not", [call], int(call.at)) if negated else call

    def _list(self, part: Callable[[], Any]) -> list[Any]:
        """`(` one or more, with commas between `)`."""
        with self._budget.level(self.word.at):
            self._sign("(")
            parts = [part()]
            while self._is_sign(","):
                self._next += 1
                parts.append(part())
            self._sign(")")
        return parts

    def _operand(self) -> Node:
        word = self.word
        if self._is_sign("("):
            parts = self._list(self.either)
            if len(parts) > 1:
                raise FilterRefused("不支持数组。", word.at)
            return parts[0]
        if word.kind in ("end", "sign") or word.upper in _RESERVED - {"TRUE", "FALSE"}:
            self.refuse("字段或值")
        self._next += 1
        if word.kind == "name":
            return self._named(word)
        self._budget.node(word.at)
        if word.kind == "quoted":
            return Property(word.value, word.at)
        return Literal(number(word.value, word.at) if word.kind == "number" else word.value, word.at)

    def _named(self, word: Word) -> Node:
        name = word.upper
        if name in _WKT and (self._is_sign("(") or self.word.upper in ("Z", "EMPTY")):
            self._budget.node(word.at)
            return Shape(shapes.shape(self._wkt(word), self._system, self._budget, word.at), word.at)
        if name in _CALLS and self._is_sign("("):
            return self._call(_CALLS[name], self._list(self._operand), word.at)
        self._budget.node(word.at)
        if name in ("TRUE", "FALSE"):
            return Literal(name == "TRUE", word.at)
        if not self._is_sign("("):
            return Property(word.value, word.at)
        if name in _BOXES:
            return Shape(
                shapes.box(self._list(self._coordinate), self._system, self._budget, word.at), word.at
            )
        if name in ("DATE", "TIMESTAMP"):
            return self._instant(day if name == "DATE" else moment)
        if name == "INTERVAL":
            ends = self._list(self._end)
            if len(ends) != 2:
                raise FilterRefused("INTERVAL 应有开始和结束两项。", word.at)
            return Interval(ends[0], ends[1], word.at)
        raise FilterRefused(f"没有函数 {shortened(word.value)}。", word.at)

    def _instant(self, read: Callable[[str, int], Any]) -> Literal:
        inner = self._words[self._next + 1]
        texts = self._list(self._text)
        if len(texts) != 1:
            raise FilterRefused("这里只能有一个时间。", inner.at)
        return Literal(read(texts[0], inner.at), inner.at)

    def _text(self) -> str:
        if self.word.kind != "text":
            self.refuse("单引号里的时间")
        return self._take().value

    def _end(self) -> Property | Literal | None:
        """One end of an interval: a time in quotes, `'..'` or a property."""
        word = self.word
        self._budget.node(word.at)
        if word.kind == "quoted" or (word.kind == "name" and word.upper not in _RESERVED):
            self._next += 1
            return Property(word.value, word.at)
        text = self._text()
        return None if text == ".." else Literal(instant(text, word.at), word.at)

    def _coordinate(self) -> int | float:
        if self.word.kind != "number":
            self.refuse("数")
        word = self._take()
        return number(word.value, word.at)

    def _position(self) -> list[int | float]:
        found = [self._coordinate()]
        while self.word.kind == "number" and len(found) < 4:
            found.append(self._coordinate())
        return found

    def _wkt(self, word: Word) -> dict[str, Any]:
        """Well-known text as a GeoJSON geometry: the same nesting, in brackets of another kind."""
        kind = _WKT[word.upper]
        self._accept("Z")
        if self.word.upper == "EMPTY":
            raise FilterRefused("图形是空的。", self.word.at)
        if kind == shapes.COLLECTION:
            return {"type": kind, "geometries": self._list(self._member)}
        coordinates = _NESTING[kind](self)
        if kind == "Point":
            if len(coordinates) != 1:
                raise FilterRefused("POINT 只有一个坐标。", word.at)
            return {"type": kind, "coordinates": coordinates[0]}
        return {"type": kind, "coordinates": coordinates}

    def _member(self) -> dict[str, Any]:
        word = self._take()
        if word.upper not in _WKT:
            self._next -= word.kind != "end"
            self.refuse("图形")
        return self._wkt(word)

    def line(self) -> list[Any]:
        return self._list(self._position)

    def points(self) -> list[Any]:
        """Of a MULTIPOINT, each in brackets of its own or not: both are in use."""
        return self._list(lambda: self.line()[0] if self._is_sign("(") else self._position())

    def rings(self) -> list[Any]:
        return self._list(self.line)

    def polygons(self) -> list[Any]:
        return self._list(self.rings)


_NESTING: Mapping[str, Callable[[_Reading], list[Any]]] = {
    "Point": _Reading.line,
    "LineString": _Reading.line,
    "MultiPoint": _Reading.points,
    "MultiLineString": _Reading.rings,
    "Polygon": _Reading.rings,
    "MultiPolygon": _Reading.polygons,
}
