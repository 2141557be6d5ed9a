"""The place of a row of a table: a point of two cells, the shape of a WKT, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from loaders.formats import angles, digits
from loaders.formats.columns import Columns
from loaders.formats.text import narrow
from loaders.record import ERROR, Issue

NOTHING = {"", "/", "-", "—", "--", "——", "无", "null", "none"}
_SRID = re.compile(r"SRID=(\d{1,9});", re.IGNORECASE)


def is_nothing(value: Any) -> bool:
    """Whether a cell says that there is nothing to say."""
    return value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)


def shape_of(
    cells: Mapping[str, Any], columns: Columns, line: int, issues: list[Issue]
) -> BaseGeometry | None:
    """The shape of a row, east before north, or None; faults are added to `issues`."""
    if columns.kind == "wkt":
        return _wkt(cells.get(columns.wkt), columns, line, issues)
    if not columns.pair or all(is_nothing(cells.get(name)) for name in columns.pair):
        return None
    east, north, fault = position(cells, columns)
    if fault is None:
        return shapely.Point(east, north)
    code, message, name, value = fault
    issues.append(
        Issue(code, ERROR, message, "请核对坐标。", row=line, field=name or None, value=value or None)
    )
    return None


def position(cells: Mapping[str, Any], columns: Columns) -> tuple[float, float, digits.Fault | None]:
    """East and north of a row, and what is wrong with them."""
    read = _degrees if columns.kind == "degrees" else _plane
    return read(cells, columns)


def _degrees(cells: Mapping[str, Any], columns: Columns) -> tuple[float, float, digits.Fault | None]:
    numbers = []
    for name, packed, is_longitude in zip(columns.pair, columns.packed, (True, False), strict=True):
        value = cells.get(name)
        try:
            if is_nothing(value):
                raise angles.BadAngle("coordinate_missing", "是空的")
            numbers.append(angles.parse(value, is_longitude=is_longitude, packed=packed))
        except angles.BadAngle as bad:
            said = str(value)[:40] if not is_nothing(value) else ""
            return 0.0, 0.0, (bad.code, f"{name}“{said}”{bad}。", name, said)
    return numbers[0], numbers[1], None


def _plane(cells: Mapping[str, Any], columns: Columns) -> tuple[float, float, digits.Fault | None]:
    """In a zone X is north by the survey's habit and east by the software's: 7 digits are a northing."""
    x, y = (
        narrow(str(cells.get(name) if cells.get(name) is not None else "")).strip() for name in columns.pair
    )
    for name, text in zip(columns.pair, (x, y), strict=True):
        if not digits.NUMBER.fullmatch(text):
            code = "coordinate_unreadable" if text else "coordinate_missing"
            return 0.0, 0.0, (code, f"{name}“{text[:40]}”不是普通小数。", name, text[:80])
    first, second = float(x), float(y)
    one, other = digits.fault_of(x, y, first, second), digits.fault_of(y, x, second, first)
    if one is None:
        return second, first, None
    if other is None:
        return first, second, None
    is_vague = one[0] in ("coordinate_digits", "axes_swapped")
    code, message, _, value = other if is_vague else one
    return 0.0, 0.0, (code, message, columns.pair[0] if value == x else columns.pair[1], value)


def _wkt(value: Any, columns: Columns, line: int, issues: list[Issue]) -> BaseGeometry | None:
    if is_nothing(value):
        return None
    text = str(value).strip()
    srid = _SRID.match(text)
    if srid and int(srid[1]) not in (0, columns.epsg):
        said = f"这一行的坐标系是 EPSG:{srid[1]}，别的行是 EPSG:{columns.epsg}。"
        issues.append(Issue("crs_conflict", ERROR, said, "请统一坐标系。", row=line, field=columns.wkt))
        return None
    try:
        return shapely.from_wkt(text[srid.end() :] if srid else text)
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        hint = "例如 POLYGON ((87.30 44.01, …))；过长的可能被电子表格截断，请改用 CSV 或 GPKG。"
        issues.append(
            Issue("wkt_unreadable", ERROR, "这一行的 WKT 读不出来。", hint, row=line, field=columns.wkt)
        )
        return None
