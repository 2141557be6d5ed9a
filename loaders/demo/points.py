"""Points and small sites that are shown: monitoring, wells, outfalls, waste, farms, complaints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from shapely.geometry import Point

from loaders.demo.farmland import clusters_of_farmland, fields, hamlets
from loaders.demo.ground import CITY, CLUSTERS, RIVERS, TOWNS, counties, gravel, river
from loaders.demo.plane import Frame, inside
from loaders.demo.row import Row, chance
from loaders.demo.sites import SURVEYED, behind, works_lots

# The plan's counts, spread over the counties.
FARMLAND_POINTS = {
    "652301": 27,
    "652302": 20,
    "652323": 26,
    "652324": 27,
    "652325": 32,
    "652327": 18,
    "652328": 15,
}
CONSTRUCTION_POINTS = {
    "652301": 8,
    "652302": 7,
    "652323": 4,
    "652324": 5,
    "652325": 5,
    "652327": 5,
    "652328": 3,
}
WASTE = {"landfill": 7, "industrial": 6, "medical": 3, "hazardous": 15, "informal": 4}
WASTE_WORDS = {
    "landfill": "生活垃圾填埋场",
    "industrial": "一般工业固废场",
    "medical": "医废处置点",
    "hazardous": "危废经营单位",
    "informal": "非正规堆放点",
}
COUNTIES = tuple(FARMLAND_POINTS)


def monitoring_point() -> Iterator[Row]:
    """Soil points in fields and works, results of one year with them."""
    serial = 0
    for kind, counts in (("farmland", FARMLAND_POINTS), ("construction", CONSTRUCTION_POINTS)):
        for county, count in counts.items():
            dice = chance("monitoring", kind, county)
            places = (
                _field_places(county, count, dice) if kind == "farmland" else _works_places(county, count)
            )
            for number, place in enumerate(places, 1):
                serial += 1
                results = [
                    {
                        "substance": "镉",
                        "value": round(dice.uniform(0.08, 0.28), 3),
                        "unit": "mg/kg",
                        "date": "2024-06-18",
                    },
                    {
                        "substance": "砷",
                        "value": round(dice.uniform(5, 14), 2),
                        "unit": "mg/kg",
                        "date": "2024-06-18",
                    },
                ]
                yield Row(
                    "monitoring_point",
                    county,
                    place,
                    {
                        "code": f"示例TR{county}{'N' if kind == 'farmland' else 'J'}{number:03d}",
                        "kind": kind,
                        "results": results,
                    },
                )


def _field_places(county: str, count: int, dice: object) -> list[Point]:
    mine = [field for field in fields() if field.county == county]
    chosen = dice.sample(mine, count)  # type: ignore[attr-defined]
    return [_rounded(field.shape.representative_point()) for field in chosen]


def _works_places(county: str, count: int) -> list[Point]:
    return [
        lot.block.frame.point(*lot.middle) for lot in works_lots(county)[SURVEYED + 1 : SURVEYED + 1 + count]
    ]


def _rounded(point: Point) -> Point:
    return Point(round(point.x, 6), round(point.y, 6))


def well() -> Iterator[Row]:
    """Three rings: the region's own wells, those around parks, those inside works."""
    for county in COUNTIES:
        dice = chance("wells", county)
        mine = [field for field in fields() if field.county == county]
        places = [("region", _rounded(field.shape.representative_point())) for field in dice.sample(mine, 5)]
        places += [
            ("park", Frame(c.lon, c.lat, c.turn).point(dice.choice((-1, 1)) * 1600, dice.uniform(-900, 900)))
            for c in CLUSTERS
            if c.county == county
        ]
        places += [
            ("enterprise", lot.block.frame.point(lot.box[0] + 20, lot.box[1] + 20))
            for lot in works_lots(county)[SURVEYED : SURVEYED + 4]
        ]
        for number, (ring, place) in enumerate(places, 1):
            yield Row(
                "well",
                county,
                place,
                {
                    "code": f"示例DX{county}{number:03d}",
                    "ring": ring,
                    "depth_m": round(dice.uniform(35, 160), 1),
                    "class": dice.choice(["II", "III", "III", "III", "IV"]),
                },
            )


def outfall() -> Iterator[Row]:
    for number, (name, (county, _)) in enumerate(RIVERS.items(), 1):
        lon, lat = river(name)[-16]
        yield Row(
            "outfall",
            county,
            Point(round(lon, 6), round(lat, 6)),
            {
                "code": f"示例PWK{county}{number:03d}",
                "type": "城镇污水处理厂" if number % 2 else "工业园区",
            },
        )


def groundwater_source_facility() -> Iterator[Row]:
    """Chemical works, tailings, waste sites, landfills, parks, mines: areas where a lot is known, else points."""
    kinds = (
        ("chemical_producer", "化工企业"),
        ("hazardous_waste_site", "危废场"),
        ("industrial_cluster", "集聚区"),
        ("tailings_pond", "尾矿库"),
    )
    for county in COUNTIES:
        for number, (kind, word) in enumerate(kinds):
            lot = behind(county, 38 + number)
            place = lot.shape if number % 2 == 0 else lot.block.frame.point(*lot.middle)
            yield Row(
                "groundwater_source_facility",
                county,
                place,
                {"name": f"示例{word}{county[-2:]}", "type": kind, "wells": 3 + number},
            )
        yield Row(
            "groundwater_source_facility",
            county,
            _landfill(county),
            {"name": f"示例填埋场{county[-2:]}", "type": "landfill", "wells": 5},
        )


def _landfill(county: str) -> object:
    """On the gravel, some kilometres from the county town."""
    town = next(town for town in TOWNS if town.county == county and town.name == CITY)
    dice = chance("landfill", county)
    for _ in range(2000):
        lon, lat = town.lon + dice.uniform(-0.12, 0.12), town.lat - dice.uniform(0.05, 0.25)
        shape = Frame(round(lon, 5), round(lat, 5)).rectangle(-260, -180, 260, 180)
        if gravel(county).contains(shape):
            return shape
    raise RuntimeError(f"no gravel near {town}")


def waste_site() -> Iterator[Row]:
    """As many of each kind as the plan counts, dealt out to the counties; landfills as areas, the rest as points."""
    for order, (kind, count) in enumerate(WASTE.items()):
        for number in range(count):
            county = COUNTIES[number % len(COUNTIES)]
            lot = behind(county, 44 + order + 5 * (number // len(COUNTIES)))
            place = _landfill(county) if kind == "landfill" else lot.block.frame.point(*lot.middle)
            name = f"示例{WASTE_WORDS[kind]}{number + 1}"
            yield Row("waste_site", county, place, {"name": name, "type": kind})


def environmental_facility() -> Iterator[Row]:
    for number, town in enumerate(TOWNS, 1):
        frame = Frame(town.lon, town.lat, town.turn)
        edge = town.rows * 112 + 160
        kind = "污水处理厂" if number % 3 else "垃圾转运站"
        yield Row(
            "environmental_facility",
            town.county,
            frame.rectangle(-90, edge, 90, edge + 120),
            {"name": f"{town.name}{kind}{number}", "type": kind},
        )


def existing_polluting_project(today: date) -> Iterator[Row]:
    """Works that stand since long, one of each county's within a cluster of basic farmland and to be closed."""
    inner = dict(reversed(clusters_of_farmland()))
    for county in COUNTIES:
        at = _rounded(inner[county].representative_point())
        yield Row(
            "existing_polluting_project",
            county,
            Frame(at.x, at.y).rectangle(-70, -50, 70, 50),
            {
                "name": f"示例砖瓦厂{county[-2:]}",
                "may_pollute_soil": True,
                "in_permanent_basic_farmland_cluster": True,
                "closure_deadline": date(today.year + 1, 12, 31),
            },
        )
        lot = behind(county, 36)
        yield Row(
            "existing_polluting_project",
            county,
            lot.block.frame.point(*lot.middle),
            {
                "name": f"示例镀锌厂{county[-2:]}",
                "may_pollute_soil": True,
                "in_permanent_basic_farmland_cluster": False,
            },
        )


def livestock_farm() -> Iterator[Row]:
    for county in COUNTIES:
        dice = chance("farms", county)
        mine = [hamlet for hamlet in hamlets() if hamlet.county == county]
        for number, hamlet in enumerate(mine[:9], 1):
            frame = hamlet.frame
            place = frame.rectangle(560, 300, 700, 390) if number % 2 else frame.point(620, 340)
            yield Row(
                "livestock_farm",
                county,
                inside(place, counties()[county]) if number % 2 else place,
                {
                    "name": f"示例{number}号养殖场",
                    "head": dice.randint(300, 9000),
                },
            )


def observation_site() -> Iterator[Row]:
    for county in COUNTIES[:4]:
        field = [field for field in fields() if field.county == county][11]
        yield Row(
            "observation_site",
            county,
            _rounded(field.shape.representative_point()),
            {"name": f"示例长期观测基地{county[-2:]}"},
        )


def complaint_point(today: date) -> Iterator[Row]:
    topics = ("大气", "污水", "固体废物", "土壤", "噪声")
    for county in COUNTIES:
        dice = chance("complaints", county)
        for town in [town for town in TOWNS if town.county == county][:3]:
            for _ in range(3):
                point = Frame(town.lon, town.lat, town.turn).point(
                    dice.uniform(-600, 600), dice.uniform(-400, 400)
                )
                yield Row(
                    "complaint_point",
                    county,
                    point,
                    {"date": today - timedelta(days=dice.randint(2, 28)), "topic": dice.choice(topics)},
                )
