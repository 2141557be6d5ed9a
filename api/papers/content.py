"""What a parcel report says, told once for PDF, DOCX and workbook: an answer as it was stored, put into words.

Nothing is computed that the answer does not say, but the coordinates of its own points in their zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from api.papers.findings import BEIJING, county_name, finding_told, moment_of, remark_told
from api.papers.looks import VERDICT_COLOURS
from api.papers.plate import is_complete, plate_of
from api.papers.words import number, plain
from spatial.catalog import Catalog
from spatial.crs import Zone, from_storage, home_zone
from spatial.landuse import Use, codes
from spatial.rules import RuleBook
from spatial.rules.listing import need_title

TITLE = "建设用地土壤环境核查报告"
STATES = {
    "hit": "命中",
    "clear": "已查未命中",
    "no_data": "未入库",
    "outdated": "已过期",
    "unlocated": "无边界",
}
GAPS = {"never_loaded": "从未入库", "outdated": "已过期", "unlocated": "无边界", "partial": "不全"}
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
            finding_told(at, one, answer, known, book, named) for at, one in enumerate(answer["findings"], 1)
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
        "remarks": [remark_told("书面决定", one, book) for one in answer["overrides"]]
        + [remark_told("异议", one, book) for one in answer["disputes"]],
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
        told.append(["当时所知", plain(f"只用 {moment_of(answer['known_at'])} 以前入库的资料")])
    return told


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
