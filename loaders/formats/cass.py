"""CASS coordinate files (.dat): a point a line, 点号,编码,Y（东）,X（北）,高程. East comes first, unlike in the TXT.

The file says neither its system nor what its points are. Points of a boundary are joined in file order; others stay
points, and which it is shows in their numbers and codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import shapely

from loaders import limits
from loaders.formats import digits
from loaders.formats.boundary_crs import crs_of
from loaders.formats.boundary_plot import Plot, Point, read_plot
from loaders.formats.text import SEPARATORS, decode, narrow
from loaders.record import ERROR, NOTICE, Delivery, File, Issue, Record, refused

COLUMNS = ("点号", "编码", "高程")
_BOUNDARY = re.compile(r"J\d+(-\d+)?|JZD?\d*|J|界址点?\d*", re.IGNORECASE)
_ORDER = "每行应为“点号,编码,Y（东）,X（北）,高程”。"


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """One record with the area that the points go round, or a record for each point; easting before northing."""
    text, encoding = decode(file.read_bytes(), encoding)
    lines = tuple(text.splitlines())
    parsed = [_point(row, line) for row, line in enumerate(lines, 1) if line.strip(" \t\ufeff\u3000\x1a")]
    if len(parsed) > limits.ROWS:
        raise refused("too_many_rows", f"点超过 {limits.ROWS} 个。", "请拆分后再提交。")
    if not parsed or all(point.fault and point.fault[0] == "line_unreadable" for point, _ in parsed):
        raise refused("no_points", "文件里没有坐标点。", _ORDER)
    points = [point for point, _ in parsed]
    eastings = [(point.row, point.easting) for point in points if point.fault is None]
    epsg, issues = crs_of({}, eastings, crs)
    if all(point.fault and point.fault[0] == "axes_swapped" for point in points):
        said = f"整个文件的东、北坐标写反了，共 {len(points)} 个点。"
        raise refused("axes_swapped", said, f"{_ORDER}请对调两列后重新提交。", row=points[0].row)
    if _is_boundary(parsed):
        plot = Plot.bare(points[0].row, "", points)
        said = f"按点的先后把 {len(points)} 个界址点连成地块。"
        issues.append(Issue("points_joined", NOTICE, said, "请核对点的顺序。"))
        shape, _ = read_plot(plot, epsg)
        records = [Record(points[0].row, {}, shape, tuple(plot.issues), text)]
        return Delivery(records, (), epsg, encoding, tuple(issues), lines=lines, count=1)
    hint = "若是一块地的界址点，请用 J1、J2… 编号，或在最后重复第一个点。"
    issues.append(Issue("points_apart", NOTICE, f"{len(points)} 个点各为一行，没有连成地块。", hint))
    records = list(_records(parsed, lines))
    return Delivery(records, COLUMNS, epsg, encoding, tuple(issues), lines=lines, count=len(records))


def _point(row: int, line: str) -> tuple[Point, tuple[str, str]]:
    """A point, and its code and height."""
    fields = [field.strip() for field in line.translate(SEPARATORS).strip(" \t\ufeff\x1a").split(",")]
    if not 4 <= len(fields) <= 6:
        fault = ("line_unreadable", f"这一行有 {len(fields)} 项。{_ORDER}", "", line[:80])
        return Point(row, fields[0][:40], 1, 0.0, 0.0, fault), ("", "")
    northing, easting, found = digits.read(narrow(fields[3]), narrow(fields[2]))
    height = fields[4] if len(fields) > 4 else ""
    return Point(row, narrow(fields[0]), 1, easting, northing, found), (fields[1], height)


def _is_boundary(parsed: list[tuple[Point, tuple[str, str]]]) -> bool:
    first, last = parsed[0][0], parsed[-1][0]
    if len(parsed) < 3:
        return False
    if len(parsed) > 3 and (first.label, first.easting, first.northing) == (
        last.label,
        last.easting,
        last.northing,
    ):
        return True
    return all(_BOUNDARY.fullmatch(point.label) for point, _ in parsed) or all(
        _BOUNDARY.fullmatch(code) for _, (code, _) in parsed
    )


def _records(parsed: list[tuple[Point, tuple[str, str]]], lines: tuple[str, ...]) -> Iterator[Record]:
    for point, (code, height) in parsed:
        values = dict(zip(COLUMNS, (point.label, code, height), strict=True))
        shape = shapely.Point(point.easting, point.northing)
        issues: tuple[Issue, ...] = ()
        if point.fault:
            name, message, field, value = point.fault
            issues = (Issue(name, ERROR, message, _ORDER, row=point.row, field=field or None, value=value),)
        text = lines[point.row - 1]
        yield Record(point.row, values, None if point.fault else shape, issues, text)
