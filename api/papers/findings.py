"""Findings in words, and what people have put beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.papers.looks import VERDICT_COLOURS
from api.papers.plate import SHORT
from api.papers.words import figure, lines, number, plain
from spatial.catalog import Catalog
from spatial.rules import RuleBook
from spatial.rules.listing import RELATIONS

BEIJING = ZoneInfo("Asia/Shanghai")
KINDS = {"statute": "法律", "standard": "标准", "policy": "政策", "default": "系统默认值"}
MEASURES = {
    "area_m2": ("面积", "m²"),
    "perimeter_m": ("周长", "m"),
    "width_m": ("平均宽度", "m"),
    "position_error_m": ("边界误差合计", "m"),
    "distance_m": ("间距", "m"),
    "sliver_area_m2": ("细碎面积限", "m²"),
    "sliver_width_m": ("细碎宽度限", "m"),
    "sliver_max_area_m2": ("细碎最大面积", "m²"),
    "sliver_max_share": ("细碎最大份额", ""),
}
CERTAINTY = {"possible": "在边界误差以内，可能不重叠", "near_miss": "没有重叠，但间隙在边界误差以内"}
LONGEST_WHOLE = 900
"""A row with more signs may be broken between pages."""


def finding_told(
    at: int,
    one: Mapping[str, Any],
    answer: Mapping[str, Any],
    known: Catalog,
    book: RuleBook,
    named: Callable[[str], str],
) -> dict[str, Any]:
    feature = one["feature"] or {}
    layer = feature.get("layer") or one["layer"]
    title = known.layers[layer].title if layer in known.layers else layer
    where = [title] if title else []
    if feature.get("hidden"):
        where.append("（无权查看名称和图形）")
    elif feature:
        where += [text for text in (feature["name"], feature["code"]) if text]
        if not feature["name"] and not feature["code"]:
            where.append(f"要素 {feature['id']}")
    if one["county"]:
        where.append(county_name(one["county"], known))
    told = {
        "n": at,
        "verdict": SHORT[one["verdict"]],
        "colour": VERDICT_COLOURS[one["verdict"]],
        "look": one["verdict"],
        "rule": plain(one["rule"]),
        "title": plain(one["title"]),
        "reason": "" if one["reason"] == one["title"] else plain(one["reason"]),
        "message": plain(one.get("message") or ""),
        "where": plain("，".join(dict.fromkeys(where))),
        "county": plain(county_name(one["county"], known)) if one["county"] else "",
        "basis": [
            {"kind": KINDS.get(basis["kind"], basis["kind"]),
             "text": plain(f"{basis['text']} {basis['article'] or ''}")}
            for basis in one["basis"]
        ],
        "numbers": [plain(text) for text in _numbers(one)],
        "lift": _lift(one),
        "missing": plain("、".join(named(name) for name in one["missing"])),
        "remarks": [_beside(remark, book) for remark in _remarks_on(one, answer)],
        "overlap_area_m2": one["overlap_area_m2"],
        "overlap_share": one["overlap_share"],
        "overlap_length_m": one["overlap_length_m"],
        "distance_m": one["distance_m"],
    }  # fmt: skip
    return told | {"long": sum(len(str(text)) for text in told.values()) > LONGEST_WHOLE}


def _numbers(one: Mapping[str, Any]) -> list[str]:
    told = []
    if one["overlap_area_m2"]:
        told.append(f"重叠 {number(one['overlap_area_m2'], 2)} m²")
    if one["overlap_share"]:
        told.append(f"占地块 {one['overlap_share']:.4%}")
    if one["overlap_length_m"]:
        told.append(f"重叠长 {number(one['overlap_length_m'], 2)} m")
    if one["distance_m"] is not None and not one["overlap_area_m2"]:
        told.append(f"相距 {number(one['distance_m'], 2)} m")
    if one["relation"] in RELATIONS and one["relation"] not in ("coverage", "self"):
        told.append(RELATIONS[one["relation"]])
    if one["certainty"] in CERTAINTY:
        told.append(CERTAINTY[one["certainty"]])
    for name, value in (one.get("measures") or {}).items():
        title, unit = MEASURES.get(name, (name, ""))
        told.append(f"{title} {figure(value)} {unit}".rstrip())
    for parameter in one.get("parameters") or []:
        whose = "本地区设定" if parameter["of_region"] else KINDS.get(parameter["kind"], parameter["kind"])
        told.append(
            f"{parameter['title']} {figure(parameter['value'])} {parameter['unit']}".rstrip() + f"（{whose}）"
        )
    return told


def _lift(one: Mapping[str, Any]) -> str:
    if one["verdict"] != "prohibit":
        return ""
    if one["overridable"]:
        return "凭书面决定可放行，须登记文号"
    by_law = any(basis["kind"] == "statute" for basis in one["basis"])
    return "法律规定，系统内不能放行" if by_law else ""


def _remarks_on(one: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    feature = one["feature"] or {}
    name = {
        "rule": one["rule"], "layer": one["layer"], "feature": feature.get("id"), "county": one["county"],
        "gap": one.get("gap"),
    }  # fmt: skip
    beside: Sequence[Mapping[str, Any]] = [*answer["overrides"], *answer["disputes"]]
    return [remark for remark in beside if remark["finding"] == name]


def _beside(remark: Mapping[str, Any], book: RuleBook) -> str:
    ended = "（已撤销）" if remark["withdrawn"] else ""
    if "document_number" not in remark:
        return plain(f"异议{ended}：{remark['reason']} · {remark['by']}")
    new = book.verdict_terms.get(remark["new_verdict"] or "", "消除")
    return plain(f"书面决定{ended}〔{remark['document_number']}〕→ {new} · 登记人 {remark['by']}")


def remark_told(kind: str, remark: Mapping[str, Any], book: RuleBook) -> dict[str, str]:
    ended = remark["withdrawn"]
    about = remark["finding"]
    document = ""
    if "document_number" in remark:
        new = book.verdict_terms.get(remark["new_verdict"] or "", "消除这一条")
        document = f"〔{remark['document_number']}〕{remark['document_date']}，决定人 {remark['person']}，决定后：{new}"
    return {
        "kind": kind,
        "rule": plain(about["rule"]),
        "document": plain(document),
        "reason": lines(remark["reason"]),
        "by": plain(f"{remark['by']} {moment_of(remark['at'])}"),
        "withdrawn": plain(f"{ended['by']} {moment_of(ended['at'])} 撤销：{ended['reason']}")
        if ended
        else "",
    }


def county_name(code: str, known: Catalog) -> str:
    return known.counties[code].name if code in known.counties else code


def moment_of(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(BEIJING):%Y-%m-%d %H:%M}"
