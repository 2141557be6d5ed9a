"""The parcel report as a workbook: a sheet for each question, numbers as numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from api.papers.sheets import SAFE, Sheet
from api.papers.words import lines

FINDINGS = ("号", "结论", "规则", "问题", "对象", "理由", "说明", "依据", "重叠面积 m²", "重叠占地块", "重叠长度 m",
            "距离 m", "其他数值", "缺少", "如何放行", "决定与异议")  # fmt: skip
FINDING_WIDTHS = (5, 11, 9, 22, 24, 28, 24, 26, 14, 11, 11, 11, 22, 14, 14, 18)
LAYERS = ("图层", "状态", "命中数", "重叠面积 m²", "重叠占地块", "批次", "数据日期")
GAPS = ("图层", "县市", "缺口", "说明", "由谁补齐")
REMARKS = ("种类", "规则", "文件", "理由", "登记", "撤销")
POINTS = ("圈", "点号", "X（北）m", "Y（东）m")


def report_workbook(told: dict[str, Any]) -> bytes:
    """`told`: what papers.content.content_of says."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, **SAFE}) as book:
        book.set_properties({"title": f"{told['title']} {told['number']}", "author": "净土 Jingtu"})
        _filled(book, "报告", ("项目", "内容"), (20, 100), _head(told))
        _filled(book, "查到的问题", FINDINGS, FINDING_WIDTHS, map(_finding, told["findings"]))
        _filled(book, "资料缺口", GAPS, (36, 16, 12, 60, 36), map(_gap, told["gaps"]))
        _filled(book, "应查图层", LAYERS, (44, 14, 10, 16, 14, 24, 14), map(_layer, told["layers"]))
        _filled(book, "界址点", POINTS, (14, 10, 18, 18), _points(told))
        if told["remarks"]:
            _filled(book, "决定与异议", REMARKS, (12, 12, 50, 50, 30, 40), map(_remark, told["remarks"]))
    return made.getvalue()


def _filled(
    book: xlsxwriter.Workbook,
    name: str,
    headings: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Iterable[Any]],
) -> None:
    sheet = Sheet(book, name, headings, widths)
    for row in rows:
        sheet.write(row)
    sheet.close()


def _head(told: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    plate = told["plate"]
    yield "报告", told["title"]
    yield "结论", f"{plate['title']}。{plate['text']}"
    yield "核查完整", "是" if told["complete"] else f"否。{plate['gap_title']}。{plate['gap_text']}"
    yield from ((label, value) for label, value in told["facts"])
    yield from ((label, value) for label, value in told["more"])
    yield "椭球面积 m²", told["area_m2"]
    yield "坐标系", told["zone"]
    yield from ((label, value) for label, value in told["versions"])
    yield "指纹", told["fingerprint"]
    yield "验真", told["verify"]
    yield from (("说明", one) for one in told["is_not"])


def _finding(one: dict[str, Any]) -> tuple[Any, ...]:
    basis = "；".join(f"{basis['kind']}：{basis['text']}" for basis in one["basis"])
    return (
        one["n"], one["verdict"], one["rule"], one["title"], one["where"], one["reason"], one["message"], basis,
        one["overlap_area_m2"], one["overlap_share"], one["overlap_length_m"], one["distance_m"],
        "；".join(one["numbers"]), one["missing"], one["lift"], "；".join(one["remarks"]),
    )  # fmt: skip


def _gap(gap: dict[str, Any]) -> tuple[Any, ...]:
    return gap["title"], gap["county"], gap["kind"], gap["message"], gap["owner"]


def _layer(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["title"], row["state"], row["features"], row["overlap_area_m2"], row["overlap_share"],
            row["release"], row["data_date"])  # fmt: skip


def _points(told: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    for ring in told["rings"]:
        for point in ring["points"]:
            yield ring["title"], point["name"], round(point["northing"], 3), round(point["easting"], 3)


def _remark(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["kind"], one["rule"], one["document"], lines(one["reason"]), one["by"], one["withdrawn"]
