"""What the paper of an overlay says and draws, told once for PDF and DOCX: tables made elsewhere, and maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from api.papers.content import BEIJING
from api.papers.frame import Frame, frame_of
from api.papers.labels import SMALL
from api.papers.looks import INK, MISSING, VERDICT_COLOURS, class_of, look
from api.papers.map import TINY, Drawn, Map, map_of
from api.papers.plate import SHORT
from api.papers.report import qr
from api.papers.report_map import Row, ground_of
from api.papers.signs import signs
from api.papers.table_widths import widths
from api.papers.typeset import pdf
from api.papers.words import number, plain
from spatial.catalog import Catalog, StyleClass
from spatial.catalog.style import Fill, Line, Mark, Stroke

TITLE = "叠加分析成果"
WIDTH_MM, HEIGHT_MM = 257.0, 126.0
FAR = 2.0
"""Two sides are drawn in one frame unless that makes one of them more than so many times smaller."""
NAMED = 60
MOST_ROWS = 300
"""So many rows of a table are printed; the workbook has them all."""
IS_NOT = (
    "本成果按所载日期、资料版本和规则得出；资料更新后应重新叠加。没有资料不等于没有限制。",
    "分摊的各表相加等于范围面积，每块地只计一次；按图层的面积会互相重叠，不能相加。",
    "冲突由与逐块核查相同的规则得出，不代替土壤污染状况调查、风险评估和行政审批，也不是法律意见。",
    "图件由系统按存储的图形绘制，只作示意；面积以表列数字为准。",
)


@dataclass(frozen=True)
class Sheet:
    """A table to be printed. `area`: columns of m²; `total`: its last row adds up."""

    name: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    area: frozenset[int]
    total: bool


@dataclass(frozen=True)
class Ground:
    """A stored shape: plot, piece or hit (EPSG:4490), with what is told of it. `side`: 0, or 1 for the second."""

    side: int
    kind: str
    layer: str
    told: Mapping[str, Any]
    shape: BaseGeometry


def content_of(
    told: Mapping[str, Any], sheets: Sequence[Sheet], asked_by: str, address: str
) -> dict[str, Any]:
    """Everything but the maps; texts are plain already."""
    at = datetime.fromisoformat(told["checked_at"]).astimezone(BEIJING)
    verify = f"{address.rstrip('/')}/verify/{told['number']}?fingerprint={told['fingerprint']}"
    head, *tables = sheets
    return {
        "title": TITLE,
        "of": plain(told["title"]),
        "number": plain(told["number"]),
        "date": f"{at:%Y年%m月%d日}",
        "complete": told["complete"],
        "plate": _plate(told),
        "facts": [
            [plain(label), _cell(value, area="面积" in str(label))]
            for label, value in head.rows
            if value not in ("", None)
        ]
        + [["提出", plain(asked_by)]],
        "tables": [_table(one) for one in tables if one.rows],
        "fingerprint": told["fingerprint"],
        "verify": verify,
        "is_not": list(IS_NOT),
    }


def _plate(told: Mapping[str, Any]) -> dict[str, str]:
    verdict = told["verdict"]
    areas: dict[str, float] = {}
    for row in told["verdicts"]:
        areas[row["verdict"]] = areas.get(row["verdict"], 0.0) + row["area_m2"]
    parts = "；".join(f"{SHORT[one]} {number(areas[one], 2)} m²" for one in VERDICT_COLOURS if one in areas)
    return {
        "look": verdict,
        "colour": VERDICT_COLOURS[verdict],
        "title": f"最重结论：{SHORT[verdict]}",
        "text": f"范围 {number(told['area']['area_m2'], 2)} m²。{parts}。",
        "gap_title": "" if told["complete"] else f"核查不完整：{len(told['gaps'])} 项资料缺口",
        "gap_text": ""
        if told["complete"]
        else "资料缺口所在的地方不能说没有限制；补齐之前，结论可能变得更严。",
    }


def _table(one: Sheet) -> dict[str, Any]:
    if one.total and len(one.headings) > 9:
        one = _down(one)
    shown = one.rows if one.total else one.rows[:MOST_ROWS]
    left = len(one.rows) - len(shown)
    rows = [[_cell(cell, area=column in one.area) for column, cell in enumerate(row)] for row in shown]
    fixed = [
        all(not isinstance(row[at], str) for row in shown) and any(row[at] is not None for row in shown)
        for at in range(len(one.headings))
    ]
    headings = [plain(heading) for heading in one.headings]
    more = f"　只印前 {MOST_ROWS} 行，另有 {left} 行见工作簿。" if left else ""
    return {
        "name": one.name,
        "note": plain(one.note) + more,
        "headings": headings,
        "rows": rows,
        "right": fixed,
        "widths": widths(headings, rows, WIDTH_MM, fixed),
        "total": one.total,
    }


def _down(one: Sheet) -> Sheet:
    """A matrix too wide for a page as rows: class, column and area, each class with its sum."""
    rows: list[Sequence[Any]] = []
    for line in one.rows:
        rows += [(line[0], one.headings[at], line[at]) for at in range(1, len(line)) if line[at]]
    return Sheet(one.name, one.note, (one.headings[0], "其中", "面积 m²"), rows, frozenset({2}), total=True)


def _cell(cell: Any, *, area: bool) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) or (area and isinstance(cell, int)):
        return number(cell, 2 if area or cell == 0 or abs(cell) >= 1 else 4)
    return plain("" if cell is None else cell)


def maps_of(
    told: Mapping[str, Any], grounds: Sequence[Ground], known: Catalog, counties: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """One map a theme and side: by verdict, by what lies there, by planned use, by layer; `counties` around them."""
    both = _frame(grounds)
    found = []
    for side in sorted({one.side for one in grounds}):
        own = [one for one in grounds if one.side == side]
        alone = _frame(own)
        frame = both if both.scale <= FAR * alone.scale else alone
        told_side = told if side == 0 else told["other"]
        words = f"数据版本 {told['versions']['revision']}　{told_side['as_of']}"
        which = (
            ("　甲：" if side == 0 else "　乙：") + plain(told_side["area"]["title"])
            if told["change"]
            else ""
        )
        around = list(ground_of(counties, known))
        for title, things in _themes(own, known):
            seen = [part for one in [*things, *_outlines(own)] for part in _seen(one, frame)]
            drawn = map_of([*around, *seen], frame, known.symbols, words)
            found.append({"title": title + which, "map": drawn})
    return found


def _frame(grounds: Sequence[Ground]) -> Frame:
    return frame_of([one.shape for one in grounds if one.kind == "plot"], WIDTH_MM, HEIGHT_MM)


def _themes(grounds: Sequence[Ground], known: Catalog) -> Iterable[tuple[str, list[Drawn]]]:
    plots = [one for one in grounds if one.kind == "plot"]
    yield "地块结论", list(_by_verdict(plots))
    pieces = list(_by_piece([one for one in grounds if one.kind == "piece"]))
    yield "压占分摊", pieces
    yield "规划用途", list(_by_use(plots, known))
    hits = [one for one in grounds if one.kind == "hit"]
    if hits:
        # Ground that is not known is no blank: that would look free.
        yield "压占的图层", [*(one for one in pieces if one.look is MISSING), *_by_layer(hits, known)]


def _by_verdict(plots: Sequence[Ground]) -> Iterable[Drawn]:
    for place, (verdict, colour) in enumerate(VERDICT_COLOURS.items()):
        own = [one for one in plots if one.told["verdict"] == verdict]
        if own:
            is_open = verdict == "undetermined"
            filled = MISSING if is_open else _filled(SHORT[verdict], 900 - place, colour)
            yield Drawn(_together(own), filled, SHORT[verdict], hit=True)
    if len(plots) <= NAMED:
        for one in plots:
            yield Drawn(one.shape, look("地块", 700), "", label=str(one.told["no"]), hit=True)


def _by_piece(pieces: Sequence[Ground]) -> Iterable[Drawn]:
    kinds = {
        "有压占": ([one for one in pieces if one.told["layers"]], _filled("有压占", 920, "#C2520A")),
        "资料不全，无法判定": ([one for one in pieces if not one.told["layers"] and not one.told["known"]], MISSING),
        "未压占（资料齐全）": ([one for one in pieces if not one.told["layers"] and one.told["known"]],
                       _filled("未压占", 900, "#0B8570")),
    }  # fmt: skip
    for title, (own, one) in kinds.items():
        if own:
            yield Drawn(_together(own), one, title, hit=True)


def _by_use(plots: Sequence[Ground], known: Catalog) -> Iterable[Drawn]:
    source = next((one for one in known.stored() if one.planned_use and one.planned_use.of_ground), None)
    by_use: dict[str | None, list[Ground]] = {}
    for one in plots:
        by_use.setdefault(one.told["use"], []).append(one)
    for use, own in by_use.items():
        is_known = use is not None and use != "?"
        told = {**source.style.where, source.style.by: use} if source and source.style.by and is_known else {}
        drawn = class_of(source, told) if source else _filled("规划用途", 900, "#7A8285")
        title = drawn.label if is_known else "规划用途未知或不能归类"
        yield Drawn(_together(own), drawn, title)


def _by_layer(hits: Sequence[Ground], known: Catalog) -> Iterable[Drawn]:
    by_layer: dict[tuple[str, str], list[Ground]] = {}
    for one in hits:
        by_layer.setdefault((one.layer, one.shape.geom_type.removeprefix("Multi")), []).append(one)
    for (layer, _), own in by_layer.items():
        if layer in known.layers:
            there = known.layer(layer)
            yield Drawn(_together(own), class_of(there, {}), there.title, hit=True)


def _seen(one: Drawn, frame: Frame) -> Iterable[Drawn]:
    """The same with areas too small to be seen as marks, and without their outlines: a plot is no black speck."""
    parts = shapely.get_parts(one.shape)
    boxes = [frame.placed(part).bounds for part in parts]
    is_tiny = [max(east - west, north - south) < TINY for west, south, east, north in boxes]
    if one.label or not any(is_tiny):
        yield one
        return
    large = [part for part, tiny in zip(parts, is_tiny, strict=True) if not tiny]
    if large:
        yield replace(one, shape=shapely.geometrycollections(large))
    colour = one.look.fill.color if one.look.fill else one.look.line.color if one.look.line else INK
    if any("Polygon" in part.geom_type for part in parts):
        mark = one.look.mark or Mark("square", colour if one.look.fill else "#FFFFFF", colour, SMALL, None, 0)
        places = [part.representative_point() for part, tiny in zip(parts, is_tiny, strict=True) if tiny]
        yield replace(one, shape=shapely.multipoints(places), look=replace(one.look, mark=mark))


def _outlines(grounds: Sequence[Ground]) -> Iterable[Drawn]:
    outline = look("地块界线", 960, line=Line(INK, 1.2, (), Stroke("#FFFFFF", 2.4), None))
    yield Drawn(_collected([one for one in grounds if one.kind == "plot"]), outline, "地块界线")


def _filled(title: str, order: int, colour: str) -> StyleClass:
    return look(title, order, fill=Fill(colour, 0.6), line=Line(colour, 1, (), None, None))


def _together(own: Sequence[Ground]) -> BaseGeometry:
    return shapely.union_all([one.shape for one in own])


def _collected(own: Sequence[Ground]) -> BaseGeometry:
    """The plots side by side, so that the border between two is drawn."""
    return shapely.multilinestrings(
        [line for one in own for line in shapely.get_parts(shapely.boundary(one.shape))]
    )


def overlay_pdf(
    told: Mapping[str, Any], content: Mapping[str, Any], maps: Sequence[Mapping[str, Any]]
) -> bytes:
    """The same result gives the same bytes."""
    drawn: list[tuple[str, Map]] = [(one["title"], one["map"]) for one in maps]
    pictures = [
        {"title": title, "svg": one.svg, "width": one.frame.width_mm, "legend": one.legend}
        for title, one in drawn
    ]
    at = datetime.fromisoformat(told["checked_at"])
    return pdf("overlay", {**content, "maps": pictures, "signs": signs(), "qr": qr(content["verify"])}, at)
