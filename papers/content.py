"""What a parcel report says, told once for PDF, DOCX and workbook: an answer as it was stored, put into words.

Nothing is computed that the answer does not say, but the coordinates of its own points in their zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from papers.looks import VERDICT_COLOURS
from papers.plate import SHORT, is_complete, plate_of
from papers.words import lines, number, plain
from spatial.catalog import Catalog
from spatial.crs import Zone, from_storage, home_zone
from spatial.landuse import Use, codes
from spatial.rules import RuleBook
from spatial.rules.listing import RELATIONS, need_title

TITLE = "建设用地土壤环境核查报告"
BEIJING = ZoneInfo("Asia/Shanghai")
KINDS = {"statute": "法律", "standard": "标准", "policy": "政策", "default": "系统默认值"}
STATES = {
    "hit": "命中",
    "clear": "已查未命中",
    "no_data": "未入库",
    "outdated": "已过期",
    "unlocated": "无边界",
}
GAPS = {"never_loaded": "从未入库", "outdated": "已过期", "unlocated": "无边界", "partial": "不全"}
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
DRAWN_WITHIN_M = 0.001
"""Points that lie so near the straight line of their neighbours were put there when the parcel was stored."""
IS_NOT = (
    "本报告按所载日期、资料版本和规则得出，只对所载事项和用途有效；资料更新后应重新核查。",
    "没有资料不等于没有限制；“资料缺口”所列各项补齐之前，结论可能变得更严。",
    "本报告不代替土壤污染状况调查、风险评估和行政审批，也不是法律意见。",
    "图件由系统按存储的图形绘制，只作示意；面积、距离以表列数字为准。",
)


@dataclass(frozen=True)
class Stored:
    """What is handed in. `answer`: as its reader may see it, with overrides and disputes; `asked_by`: in words.

    `address`: where the reader's Jingtu answers, without a slash at the end; `signed`: whether a signature comes along.
    """

    answer: Mapping[str, Any]
    asked_by: str
    declared_area_m2: float | None
    address: str

    @property
    def verify_address(self) -> str:
        return f"{self.address}/verify/{self.answer['number']}?fingerprint={self.answer['fingerprint']}"

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.answer["checked_at"])


@dataclass(frozen=True)
class Ring:
    """Corners of one ring: names, places in EPSG:4490, and northing and easting (with zone number) in m."""

    title: str
    first: int
    places: tuple[tuple[float, float], ...]
    plane: tuple[tuple[float, float], ...]


def content_of(stored: Stored, known: Catalog, book: RuleBook) -> dict[str, Any]:
    """Everything but the map. Texts are plain already; numbers stand beside their words where a table wants them."""
    answer = stored.answer

    def named(name: str) -> str:
        try:
            return need_title(name, known, book)
        except (KeyError, LookupError):
            return name

    plate = plate_of(answer, named)
    zone, rings = rings_of(answer)
    parcel = answer["parcel"]
    return {
        "title": TITLE,
        "number": plain(answer["number"]),
        "date": _day(stored.at),
        "moment": f"{stored.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        "short": plate.short,
        "complete": is_complete(answer),
        "plate": {
            "look": plate.look,
            "colour": VERDICT_COLOURS[plate.look],
            "title": plain(plate.title),
            "text": plain(plate.text),
            "gap_title": plain(plate.gap_title),
            "gap_text": plain(plate.gap_text),
        },
        "facts": _facts(stored, known, book),
        "more": _more(answer, book),
        "findings": [
            _finding(at, one, answer, known, book, named) for at, one in enumerate(answer["findings"], 1)
        ],
        "layers": sorted((_layer(row) for row in answer["layers"]), key=lambda row: row["rank"]),
        "gaps": [_gap(gap, known) for gap in answer["gaps"]],
        "zone": str(zone),
        "rings": [
            {
                "title": ring.title,
                "points": [
                    {
                        "name": f"J{ring.first + at}",
                        "x": f"{x:.3f}",
                        "y": f"{y:.3f}",
                        "northing": x,
                        "easting": y,
                    }
                    for at, (x, y) in enumerate(ring.plane)
                ],
            }
            for ring in rings
        ],
        "area_m2": parcel["area_m2"],
        "remarks": [_remark("书面决定", one, book) for one in answer["overrides"]]
        + [_remark("异议", one, book) for one in answer["disputes"]],
        "is_not": list(IS_NOT),
        "fingerprint": plain(answer["fingerprint"]),
        "verify": plain(stored.verify_address),
        "versions": [
            [
                "数据版本",
                f"{answer['versions']['revision']}（{plain(answer['versions']['release'] or '无批次')}）",
            ],
            ["图层目录", plain(answer["versions"]["catalog"])],
            ["规则", plain(answer["versions"]["rules"])],
        ],
    }


def rings_of(answer: Mapping[str, Any]) -> tuple[Zone, list[Ring]]:
    """The parcel's own zone and its corners there, numbered through; a ring's repeated end is left out."""
    parcel = shapely.geometry.shape(answer["parcel"]["geometry"])
    west, _, east, _ = parcel.bounds
    home = home_zone((west + east) / 2)
    zone = Zone(home.number, home.width, prefixed=True)
    rings: list[Ring] = []
    parts = shapely.get_parts(parcel)
    first = 1
    for number_, part in enumerate(parts, 1):
        for hole, ring in enumerate((part.exterior, *part.interiors)):
            title = f"第{number_}块" if len(parts) > 1 else ""
            title += f"内圈{hole}" if hole else ("外圈" if part.interiors or title else "界址点")
            places, plane = _corners(ring, zone)
            rings.append(Ring(title, first, places, plane))
            first += len(places)
    return zone, rings


def _corners(ring: shapely.LinearRing, zone: Zone) -> tuple[Any, Any]:
    flat = from_storage(ring, zone.epsg)
    kept = set(map(tuple, shapely.get_coordinates(shapely.simplify(flat, DRAWN_WITHIN_M))))
    both = list(zip(shapely.get_coordinates(ring)[:-1], shapely.get_coordinates(flat)[:-1], strict=True))
    left = [(place, point) for place, point in both if tuple(point) in kept]
    return (
        tuple((float(lon), float(lat)) for (lon, lat), _ in left),
        tuple((float(y), float(x)) for _, (x, y) in left),
    )


def _facts(stored: Stored, known: Catalog, book: RuleBook) -> list[list[str]]:
    answer = stored.answer
    parcel, declared = answer["parcel"], stored.declared_area_m2
    measured = float(parcel["area_m2"])
    told = "未申报"
    if declared:
        off = (measured - declared) / declared
        told = f"{number(declared, 2)} m²（椭球面积比申报 {off:+.2%}）"
    facts = [
        ["核查编号", answer["number"]],
        ["核查时间", f"{stored.at.astimezone(BEIJING):%Y-%m-%d %H:%M}（北京时间）"],
        ["核查人", stored.asked_by],
        ["来文", answer["purpose"] or "未填写"],
        ["地块编号", parcel["parcel_no"] or "未填写"],
        ["所在县市", "、".join(county_name(code, known) for code in parcel["counties"])],
        ["椭球面积", f"{number(measured, 2)} m²（{measured / 10_000:.4f} hm²）"],
        ["申报面积", told],
        ["事项", book.action_terms.get(answer["action"], answer["action"]) if answer["action"] else "未填写"],
        ["所问日期", answer["as_of"]],
        ["现状用途", _use(answer["current_use"])],
        ["拟用途", _use(answer["proposed_use"])],
    ]
    return [[label, plain(text)] for label, text in facts]


def _more(answer: Mapping[str, Any], book: RuleBook) -> list[list[str]]:
    """Facts that want a whole line."""
    told = []
    if answer["project"]:
        flags = "；".join(_flag(name, value, book) for name, value in answer["project"].items())
        told.append(["项目情况", plain(flags)])
    if answer.get("known_at"):
        told.append(["当时所知", plain(f"只用 {_moment(answer['known_at'])} 以前入库的资料")])
    return told


def _finding(
    at: int, one: Mapping[str, Any], answer: Mapping[str, Any], known: Catalog, book: RuleBook, named: Any
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
        told.append(f"{title} {value:g} {unit}".rstrip())
    for parameter in one.get("parameters") or []:
        whose = "本地区设定" if parameter["of_region"] else KINDS.get(parameter["kind"], parameter["kind"])
        told.append(
            f"{parameter['title']} {parameter['value']:g} {parameter['unit']}".rstrip() + f"（{whose}）"
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


def _remark(kind: str, remark: Mapping[str, Any], book: RuleBook) -> dict[str, str]:
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
        "by": plain(f"{remark['by']} {_moment(remark['at'])}"),
        "withdrawn": plain(f"{ended['by']} {_moment(ended['at'])} 撤销：{ended['reason']}") if ended else "",
    }


def _layer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": plain(row["title"]),
        "state": STATES.get(row["state"], row["state"]),
        "lacking": row["state"] not in ("hit", "clear"),
        "rank": {"hit": 1, "clear": 2}.get(row["state"], 0),
        "features": row["features"],
        "overlap": f"{number(row['overlap_area_m2'], 2)} m²" if row["overlap_area_m2"] else "",
        "overlap_area_m2": row["overlap_area_m2"],
        "overlap_share": row["overlap_share"],
        "release": plain(row["release"] or "—"),
        "data_date": plain(row["data_date"] or "—"),
    }


def _gap(gap: Mapping[str, Any], known: Catalog) -> dict[str, str]:
    return {
        "title": plain(gap["title"]),
        "county": plain(county_name(gap["county"], known)) if gap["county"] else "全州",
        "kind": GAPS.get(gap["kind"], gap["kind"]),
        "message": plain(gap["message"]),
        "owner": plain(gap["owner"]),
    }


def county_name(code: str, known: Catalog) -> str:
    return known.counties[code].name if code in known.counties else code


def _use(told: Mapping[str, str] | None) -> str:
    if not told:
        return "未填写"
    code = codes().get(Use(told["system"], told["code"]))
    return f"{told['code']} {code.name if code else ''}（{told['system']}）"


def _flag(name: str, value: object, book: RuleBook) -> str:
    flag = book.project_flags.get(name)
    title = flag.title if flag else name
    if isinstance(value, bool):
        return f"{title}：{'是' if value else '否'}"
    return f"{title}：{flag.values.get(str(value), value) if flag else value}"


def _day(moment: datetime) -> str:
    there = moment.astimezone(BEIJING)
    return f"{there.year}年{there.month}月{there.day}日"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(BEIJING):%Y-%m-%d %H:%M}"
