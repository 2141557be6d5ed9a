"""Trees written as CQL2 text and as CQL2 JSON, by the grammar alone: every operation in brackets of its own."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from shapely.geometry import mapping

from tiles.cql2.tree import COMPARISONS, Call, Interval, Literal, Node, Property, Shape


def as_text(node: Node | None) -> str:
    if node is None:
        return "'..'"
    if isinstance(node, Property):
        return f'"{node.name}"'
    if isinstance(node, Literal):
        return _value(node.value)
    if isinstance(node, Shape):
        return _wkt(mapping(node.geometry))
    if isinstance(node, Interval):
        return f"INTERVAL({_end(node.start)}, {_end(node.end)})"
    parts = [as_text(one) for one in node.args]
    if node.op in ("and", "or"):
        return "(" + f" {node.op.upper()} ".join(parts) + ")"
    if node.op in COMPARISONS or node.op == "like":
        return f"({parts[0]} {node.op.upper()} {parts[1]})"
    if node.op == "not":
        return f"(NOT {parts[0]})"
    if node.op == "isNull":
        return f"({parts[0]} IS NULL)"
    if node.op == "between":
        return f"({parts[0]} BETWEEN {parts[1]} AND {parts[2]})"
    if node.op == "in":
        return f"({parts[0]} IN ({', '.join(parts[1:])}))"
    return f"{node.op.upper()}({', '.join(parts)})"


def as_json(node: Node) -> str:
    return json.dumps(_object(node), ensure_ascii=False)


def instant(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _quoted(text: str) -> str:
    told = text.replace("\\", "\\\\").replace("'", "''")
    for sign, word in zip("\a\b\t\n\v\f\r", "abtnvfr", strict=True):
        told = told.replace(sign, f"\\{word}")
    return f"'{told}'"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP('{instant(value)}')"
    if isinstance(value, date):
        return f"DATE('{instant(value)}')"
    return repr(value)


def _end(end: Property | Literal | None) -> str:
    return f"'{instant(end.value)}'" if isinstance(end, Literal) else as_text(end)


def _wkt(shape: Any) -> str:
    if shape["type"] == "GeometryCollection":
        return f"GEOMETRYCOLLECTION({', '.join(_wkt(one) for one in shape['geometries'])})"
    inner = _brackets(shape["coordinates"])
    return shape["type"].upper() + (f"({inner})" if shape["type"] == "Point" else inner)


def _brackets(coordinates: Any) -> str:
    if isinstance(coordinates[0], float):
        return f"{coordinates[0]!r} {coordinates[1]!r}"
    return "(" + ", ".join(_brackets(one) for one in coordinates) + ")"


def _object(node: Node | None) -> Any:
    if node is None:
        return ".."
    if isinstance(node, Property):
        return {"property": node.name}
    if isinstance(node, Literal):
        if isinstance(node.value, datetime):
            return {"timestamp": instant(node.value)}
        return {"date": instant(node.value)} if isinstance(node.value, date) else node.value
    if isinstance(node, Shape):
        return mapping(node.geometry)
    if isinstance(node, Interval):
        ends = (node.start, node.end)
        return {
            "interval": [instant(one.value) if isinstance(one, Literal) else _object(one) for one in ends]
        }
    args = [_object(one) for one in node.args]
    return {
        "op": node.op,
        "args": [args[0], args[1:]] if isinstance(node, Call) and node.op == "in" else args,
    }
