"""Stored answers for tests of papers, written by hand in the form that docs/interface.md tells."""

from __future__ import annotations

import math
from typing import Any

import pyproj
import shapely

from api.papers.content import Stored
from api.papers.report_map import Row

TO_DEGREES = pyproj.Transformer.from_crs(4517, 4490, always_xy=True)
EAST, NORTH = 29_524_000.0, 4_876_000.0


def on_ground(points: list[tuple[float, float]]) -> shapely.Polygon:
    """A polygon of metres east and north of a place in zone 29, as EPSG:4490."""
    return shapely.Polygon([TO_DEGREES.transform(EAST + x, NORTH + y) for x, y in points])


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return on_ground([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def many_cornered(corners: int) -> shapely.Polygon:
    """A star of so many corners, none on the line of its neighbours."""
    turns = [2 * math.pi * at / corners for at in range(corners)]
    return on_ground([((120 + 25 * (at % 2)) * math.cos(a), (120 + 25 * (at % 2)) * math.sin(a))
                      for at, a in enumerate(turns)])  # fmt: skip


PARCEL = on_ground([(0, 0), (260, -15), (275, 160), (140, 205), (-10, 150)])


def finding(n: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "rule": f"REG-{n:02d}", "title": "名录地块禁止用作一住两公", "verdict": "prohibit",
        "layer": "risk_register_plot",
        "feature": {"id": str(n), "code": f"65230100{n:04d}", "name": f"示例皮革旧址{n}",
                    "layer": "risk_register_plot"},
        "county": "652301", "relation": "intersects", "overlap_area_m2": 15_269.7 + n, "overlap_share": 0.204312,
        "overlap_length_m": None, "distance_m": 0.0,
        "reason": "地块在风险管控和修复名录内，移出前不能用作住宅、公共管理与公共服务用地。", "reason_en": "",
        "basis": [{"text": "生态环境法典", "article": "第456条第2款", "kind": "statute"},
                  {"text": "州“十四五”规划", "article": "三(一)4", "kind": "policy"}],
        "overridable": False, "override": None, "certainty": "certain", "missing": [],
        "parameters": [{"name": "x", "title": "提示距离", "value": 200.0, "unit": "m", "kind": "default",
                        "of_region": False}],
        **given,
    }  # fmt: skip


def layer(n: int, state: str = "clear", **given: Any) -> dict[str, Any]:
    return {"layer": "eco_redline", "title": f"示例图层{n}", "state": state, "features": 0, "overlap_area_m2": 0.0,
            "overlap_share": 0.0, "release": "2026Q4", "data_date": "2026-10-01", **given}  # fmt: skip


def answer(shape: shapely.Polygon = PARCEL, parcel_no: str = "示例-018", **given: Any) -> dict[str, Any]:
    return {
        "id": "00000000-0000-0000-0000-000000000001", "number": "JT-652301-20261123-000017",
        "checked_at": "2026-11-23T02:03:04+00:00", "purpose": "昌土供〔2026〕示例18号", "known_at": None,
        "verdict": "prohibit", "complete": True, "as_of": "2026-11-23", "action": "use_change",
        "proposed_use": {"system": "MNR-2023", "code": "0701"},
        "current_use": {"system": "MNR-2023", "code": "1001"}, "project": {"livestock": False},
        "parcel": {"parcel_no": parcel_no, "area_m2": 44_287.5, "counties": ["652301"],
                   "geometry": dict(shapely.geometry.mapping(shapely.MultiPolygon([shape])))},
        "findings": [finding()], "layers": [layer(n) for n in range(22)], "gaps": [],
        "versions": {"revision": 16, "release": "2026Q4", "catalog": "sha256:" + "a" * 64,
                     "rules": "sha256:" + "b" * 64},
        "fingerprint": "sha256:" + "9f3a71c2" * 8, "overrides": [], "disputes": [],
        **given,
    }  # fmt: skip


GAP = {"layer": "groundwater_recharge_zone", "title": "地下水型水源补给区", "county": "652301", "kind": "never_loaded",
       "message": "昌吉市从未入库。", "owner": "州生态环境局"}  # fmt: skip


def open_answer(**given: Any) -> dict[str, Any]:
    """One that is not complete."""
    layers = [
        *(layer(n) for n in range(21)),
        layer(22, "no_data", layer=GAP["layer"], release=None, data_date=None),
    ]
    return answer(**{"complete": False, "gaps": [GAP], "layers": layers, **given})


def stored(told: dict[str, Any]) -> Stored:
    return Stored(told, "林某（示例）", 44_300.0, "https://jingtu.example")


ROWS = (
    Row("1", "risk_register_plot", "652301000001", "示例皮革旧址1", {}, box(-120, -60, 190, 130)),
    Row("7", "contaminated_plot", "C7", "示例油库", {}, box(290, 20, 120, 130)),
    Row("8", "eco_redline", "E8", "示例红线片区", {}, box(-200, 170, 180, 300)),
    Row(
        "9",
        "suspected_plot",
        "S9",
        "示例印染厂",
        {},
        shapely.Point(TO_DEGREES.transform(EAST + 330, NORTH + 190)),
    ),
)
