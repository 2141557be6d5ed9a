"""One-click questions about the demo, each with the verdict that the features placed for it must bring.

Verdicts are reasoned from the rules, in this table; a test asks the program for them.

| id | placed for it | rules that must speak |
|---|---|---|
| suspected-start | 示例皮革旧址, suspected, no report | CON-02 prohibits the start (SUS-02: survey it) |
| register-housing | 示例电镀旧址 listed, in remediation | REG-01 and REG-02 prohibit |
| farmland-school | a block of permanent basic farmland | PBF-01 prohibits (CHG-01 asks for the survey) |
| shop-to-homes | a shop in the city, no report | CHG-01 asks for the survey |
| pesticide-store | 示例农药旧厂, detailed investigation not done | CON-01 and CON-09 ask for it |
| works-extension | a lot in a key control unit | ECU-01 sets conditions |
| home-beside-works | shares an edge with 示例电镀旧址, clean class 1 report | ADJ-01 sets conditions |
| point-nearby | an entry with a point only, under 300 m away | DAT-04: undetermined, yet no layer is missing |
| survey-drilling | 示例皮革旧址, the survey itself | no rule bans it: DAT-05, a notice |
| shop-rebuilt | nothing but a general control unit and a livestock zone | none: clear |
| school-with-report | a clean, reviewed class 1 report over the whole lot | none: clear |
| shop-to-homes-fukang | as shop-to-homes; a real plant of 652302 has no boundary | CHG-01, and DAT-01 for the entry |
| layer-outdated | nothing; the source zones of 652327 are two years old | DAT-01 |
| layer-missing | nothing; recharge zones of 652328 never came, an entry there has no boundary | DAT-01 |

All but the last three lie in 652301, where every layer is there: their answers are complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry import MultiPolygon

from loaders.demo import sites
from loaders.demo.farmland import basic_farmland
from loaders.demo.ground import CITY, TOWNS
from loaders.demo.plane import Frame
from loaders.demo.towns import MNR, half

NOTHING_HARMFUL = dict.fromkeys(
    (
        "may_pollute_soil",
        "may_pollute_groundwater",
        "discharges_pollutants",
        "severe_water_polluter",
        "raises_discharge",
        "outfall",
        "water_supply_related",
        "livestock",
        "large_scale",
        "aquaculture",
        "reclaimed_water_irrigation",
        "heavy_metal",
        "production_construction",
    ),
    False,
)
SHOP, HOMES, SCHOOL, ELDERLY = "090101", "070102", "080403", "080701"
WORKS, STORE, CROPS = "100102", "110101", "0102"


@dataclass(frozen=True, slots=True)
class Example:
    """A question (body of POST /checks) and the answer that was planned for it."""

    id: str
    title: str
    verdict: str
    complete: bool
    body: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "verdict": self.verdict,
            "complete": self.complete,
            "body": dict(self.body),
        }


def examples() -> tuple[Example, ...]:
    """Every example, in the order in which the page offers them."""
    tannery, plating, beside = (
        sites.old_tannery().shape,
        sites.plating_works().shape,
        sites.beside_plating_works().shape,
    )
    pesticide, school = sites.old_pesticide_works().shape, sites.school_with_report().shape
    return (
        _example(
            "suspected-start",
            "示例：在疑似污染地块上开工",
            "prohibit",
            True,
            tannery,
            "construction_start",
            WORKS,
            SHOP,
        ),
        _example(
            "register-housing",
            "示例：把名录内地块供作住宅",
            "prohibit",
            True,
            plating,
            "supply",
            WORKS,
            HOMES,
        ),
        _example(
            "farmland-school",
            "示例：占用永久基本农田建学校",
            "prohibit",
            True,
            _field(),
            "use_change",
            CROPS,
            SCHOOL,
        ),
        _example(
            "shop-to-homes",
            "示例：商铺改住宅，还没有调查报告",
            "needs_investigation",
            True,
            half("652301", CITY, 13, 5, "left").shape,
            "use_change",
            SHOP,
            HOMES,
        ),
        _example(
            "pesticide-store",
            "示例：污染地块改仓库，详查未完成",
            "needs_investigation",
            True,
            pesticide,
            "use_change",
            WORKS,
            STORE,
        ),
        _example(
            "works-extension",
            "示例：重点管控单元内扩建厂房",
            "conditional",
            True,
            half("652301", "示例二号产业集聚区", 2, 2, "left").shape,
            "extension",
            WORKS,
            WORKS,
        ),
        _example(
            "home-beside-works",
            "示例：修复中地块旁建养老院，有调查报告",
            "conditional",
            True,
            beside,
            "use_change",
            WORKS,
            ELDERLY,
        ),
        _example(
            "point-nearby",
            "示例：附近有只知点位的关注地块",
            "undetermined",
            True,
            half("652301", CITY, 3, 9, "left").shape,
            "rebuild",
            SHOP,
            SHOP,
        ),
        _example(
            "survey-drilling",
            "示例：在疑似污染地块上钻探调查",
            "notice",
            True,
            tannery,
            "investigation",
            WORKS,
            WORKS,
        ),
        _example(
            "shop-rebuilt",
            "示例：商铺原地改建，没有问题",
            "clear",
            True,
            half("652301", CITY, 14, 5, "left").shape,
            "rebuild",
            SHOP,
            SHOP,
        ),
        _example(
            "school-with-report",
            "示例：商铺改学校，调查报告齐全",
            "clear",
            True,
            school,
            "use_change",
            SHOP,
            SCHOOL,
        ),
        _example(
            "shop-to-homes-fukang",
            "示例：阜康商铺改住宅，名录有记录没有边界",
            "needs_investigation",
            False,
            half("652302", CITY, 3, 3, "left").shape,
            "use_change",
            SHOP,
            HOMES,
        ),
        _example(
            "layer-outdated",
            "示例：吉木萨尔商铺改建，水源保护区资料过期",
            "undetermined",
            False,
            half("652327", CITY, 3, 3, "left").shape,
            "rebuild",
            SHOP,
            SHOP,
        ),
        _example(
            "layer-missing",
            "示例：木垒商铺改建，补给区资料从未入库",
            "undetermined",
            False,
            half("652328", CITY, 3, 2, "left").shape,
            "rebuild",
            SHOP,
            SHOP,
        ),
    )


def _example(
    name: str, title: str, verdict: str, complete: bool, shape: MultiPolygon, action: str, now: str, then: str
) -> Example:
    return Example(
        name,
        title,
        verdict,
        complete,
        {
            "parcel": _geojson(shape),
            "crs": "EPSG:4490",
            "action": action,
            "proposed_use": {"system": MNR, "code": then},
            "current_use": {"system": MNR, "code": now},
            "project": {**NOTHING_HARMFUL, "purpose": "other"},
            "purpose": "示例",
        },
    )


def _geojson(shape: MultiPolygon) -> dict[str, Any]:
    (part,) = shape.geoms
    return {"type": "Polygon", "coordinates": [[list(point) for point in part.exterior.coords]]}


def _field() -> MultiPolygon:
    """A building plot in the block of permanent basic farmland that is nearest to the city of 652301."""
    city = next(town for town in TOWNS if town.county == "652301" and town.name == CITY)
    near = [shape for _, field, shape in basic_farmland() if field.county == "652301"]
    block = min(near, key=lambda shape: shape.distance(Frame(city.lon, city.lat).point()))
    middle = block.representative_point()
    return Frame(round(middle.x, 6), round(middle.y, 6)).rectangle(-120, -80, 120, 80)
