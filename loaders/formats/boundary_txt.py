"""The boundary-point TXT (勘测定界界址点坐标交换格式): X is northing, Y is easting with or without zone number.

A ministry's reporting format and no standard, so variants are the rule. Every fault is reported with its line, in
words a surveyor can act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from loaders.formats import digits
from loaders.formats.boundary_crs import HeaderLine, crs_of
from loaders.formats.boundary_plot import Plot, Point, read_plot
from loaders.formats.text import SEPARATORS, decode, narrow
from loaders.record import ERROR, WARNING, Delivery, File, Issue, Record, refused

COLUMNS = ("地块编号", "地块名称", "用途", "地类编码", "图幅号")
KINDS = ("面", "线", "点")


@dataclass(slots=True)
class _Parse:
    header: dict[str, HeaderLine] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    section: str = ""


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The plots of a file as records, shapes in its zone (easting before northing).

    Errors in the header, and coordinates that disagree with it, are the file's; other faults are their plot's.
    """
    text, encoding = decode(file.read_bytes(), encoding)
    lines = tuple(text.splitlines())
    parse = _Parse()
    for row, line in enumerate(lines, 1):
        _line(parse, row, line)
    if not parse.plots:
        raise refused(
            "no_plots",
            "文件里没有地块。",
            "界址点文件应有 [地块坐标] 一节，每个地块一行以 @ 结尾，下面是界址点。",
        )
    _whole_file_swapped(parse)
    eastings = [(p.row, p.easting) for plot in parse.plots for p in plot.points if p.fault is None]
    epsg, issues = crs_of(parse.header, eastings, crs)
    return Delivery(
        records=_records(parse.plots, epsg, lines),
        columns=COLUMNS,
        crs=epsg,
        encoding=encoding,
        issues=(*issues, *parse.issues),
        data_date=_date(parse.header.get("数据产生日期")),
        header={key: line.value for key, line in parse.header.items()},
        lines=lines,
        count=len(parse.plots),
    )


def _line(parse: _Parse, row: int, raw: str) -> None:
    line = raw.translate(SEPARATORS).strip().lstrip("\ufeff")
    if not line:
        return
    issues = parse.plots[-1].issues if parse.plots else parse.issues
    if line != raw.strip().lstrip("\ufeff"):
        issue = Issue(
            "full_width",
            WARNING,
            "这一行有全角符号，已按半角读取。",
            "请在导出软件里改用半角逗号、冒号和等号。",
            row=row,
        )
        parse.issues.append(issue)
    if line.startswith("["):
        parse.section = line.strip("[] ")
        return
    fields = [part.strip() for part in line.split(",")]
    if "=" in line and parse.section != "地块坐标" and not line.endswith("@"):
        key, _, value = line.partition("=")
        parse.header[key.strip()] = HeaderLine(
            row, narrow(value.strip()) if key.strip() != "数据产生单位" else value.strip()
        )
    elif line.endswith("@") or _looks_like_plot(fields):
        parse.plots.append(_plot(row, line, fields))
    elif parse.plots and len(fields) >= 4:
        parse.plots[-1].points.append(_point(row, fields))
    else:
        issues.append(
            Issue(
                "line_unreadable",
                ERROR,
                "看不懂这一行：既不是地块行，也不是界址点。",
                "界址点应为“点号,圈号,X,Y”四项；地块行应以 @ 结尾。",
                row=row,
                value=line[:80],
            )
        )


def _looks_like_plot(fields: list[str]) -> bool:
    return len(fields) >= 6 and bool(set(KINDS) & set(fields[3:])) and _is_count(fields[0])


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def _plot(row: int, line: str, fields: list[str]) -> Plot:
    """A plot line: 点数,面积,地块编号,地块名称,图形属性,图幅号,用途,地类编码,@ with fields left out or added."""
    fields = fields[:-1] if fields[-1] == "@" else [*fields[:-1], fields[-1].rstrip("@")]
    at = next((index for index, value in enumerate(fields) if value in KINDS and index >= 3), 4)
    fields += [""] * (at + 1 - len(fields))
    rest = fields[at + 1 :]
    if len(rest) == 2 and re.fullmatch(r"\d{2,6}", rest[1]):
        rest = ["", *rest]
    rest += [""] * (3 - len(rest))
    plot = Plot(
        row=row,
        number=narrow(fields[2]),
        name=",".join(fields[3:at]),
        kind=fields[at],
        declared_points=int(fields[0]) if _is_count(fields[0]) else None,
        declared_area=narrow(fields[1]),
        sheet=rest[0],
        use_words=rest[1],
        use_code=narrow(rest[2]),
    )
    if not line.endswith("@"):
        plot.error(
            "plot_line_no_at", "地块行末尾没有 @。", "地块行应以 ,@ 结尾，请核对这一行是否完整。", row=row
        )
    if plot.kind not in ("面", ""):
        plot.error(
            "not_a_polygon",
            f"图形属性是“{plot.kind}”，不是面。",
            "只有面状地块可以核查或入库。",
            row=row,
            field="图形属性",
            value=plot.kind,
        )
    return plot


def _point(row: int, fields: list[str]) -> Point:
    label, ring, x, y = (narrow(value) for value in fields[:4])
    if not _is_count(ring):
        no_number = ("ring_number", f"圈号“{ring[:20]}”不是整数。", "圈号", ring[:80])
        return Point(row, label, 0, 0.0, 0.0, no_number)
    northing, easting, fault = digits.read(x, y)
    return Point(row, label, int(ring), easting, northing, fault)


def _whole_file_swapped(parse: _Parse) -> None:
    """One issue instead of one a line when every point of the file has its columns exchanged."""
    points = [point for plot in parse.plots for point in plot.points]
    if not points or any(point.fault is None or point.fault[0] != "axes_swapped" for point in points):
        return
    parse.issues.append(
        Issue(
            "axes_swapped",
            ERROR,
            f"整个文件的 X、Y 两列写反了，共 {len(points)} 个点。",
            "本格式 X 是北坐标（7 位），Y 是东坐标（8 位带带号或 6 位）：请在导出时对调两列后重新提交。",
            row=points[0].row,
            field="X",
            value=points[0].fault[3] if points[0].fault else None,
        )
    )
    for plot in parse.plots:
        plot.points = [Point(p.row, p.label, p.ring, p.northing, p.easting, None) for p in plot.points]


def _records(plots: list[Plot], epsg: int | None, lines: tuple[str, ...]) -> Iterator[Record]:
    numbers: dict[str, int] = {}
    for order, plot in enumerate(plots, 1):
        number = plot.number or str(order)
        if not plot.number:
            plot.notice("plot_number_missing", f"地块编号为空，按顺序记为 {number}。", "", row=plot.row)
        elif number in numbers:
            plot.error(
                "plot_number_twice",
                f"地块编号 {number} 重复，第 {numbers[number]} 行已经用过。",
                "同一文件里地块编号不能重复，请改正。",
                row=plot.row,
                field="地块编号",
                value=number,
            )
        numbers.setdefault(number, plot.row)
        shape, declared_area_m2 = read_plot(plot, epsg)
        values: Mapping[str, Any] = {
            "地块编号": number,
            "地块名称": plot.name,
            "用途": plot.use_words,
            "地类编码": plot.use_code,
            "图幅号": plot.sheet,
            "declared_area_m2": declared_area_m2,
            "declared_points": plot.declared_points,
        }
        last = plots[order].row - 1 if order < len(plots) else len(lines)
        yield Record(plot.row, values, shape, tuple(plot.issues), "\n".join(lines[plot.row - 1 : last]))


def _date(line: HeaderLine | None) -> date | None:
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", line.value) if line else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
