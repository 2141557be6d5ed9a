"""Zones that divide a county: redlines, control units, livestock, mining, XPCC, and the counties themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import shapely
from shapely.geometry import MultiPolygon, Polygon

from loaders.demo.ground import CITY, CLUSTERS, TOWNS, counties, county_names, desert, mountains, short_name
from loaders.demo.plane import Frame, inside, together, without
from loaders.demo.row import Row, chance
from loaders.demo.towns import outline
from loaders.demo.water import SOURCES, zones

# The areas that the prefecture plan names; invented outlines, so each name says 示例.
MINING = (
    ("652327", "五彩湾矿区（示例）", 89.0800, 44.8300, 12000, 7000),
    ("652325", "大井矿区（示例）", 89.7500, 44.6000, 13000, 6500),
    ("652325", "西黑山矿区（示例）", 90.4800, 44.6400, 9000, 6000),
    ("652302", "白杨河矿区（示例）", 88.5200, 43.9700, 3800, 2600),
    ("652302", "阜康矿区（示例）", 88.2000, 44.0300, 4200, 1900),
    ("652325", "将军庙矿区（示例）", 90.1500, 44.7600, 11000, 7000),
    ("652328", "老君庙矿区（示例）", 91.0500, 44.4600, 9500, 6500),
    ("652325", "北塔山矿区（示例）", 90.6000, 45.2200, 7000, 5500),
    ("652324", "玛纳斯塔西河矿区（示例）", 86.2300, 43.8600, 3600, 2800),
)
XPCC = (
    ("652324", "示例第八师团场", 86.2800, 44.6600, 9500, 4200),
    ("652323", "示例第六师一团场", 86.8600, 44.5000, 7500, 5200),
    ("652301", "示例第六师二团场", 87.3000, 44.5200, 6000, 4200),
    ("652302", "示例第六师三团场", 88.0600, 44.4200, 6500, 3200),
    ("652325", "示例第六师四团场", 89.5000, 44.2300, 7000, 3000),
)
# The coal belt of the north-east, where desert gives way to pits and works: no redline for plants there.
COAL_BELT = Polygon(
    [(88.70, 44.46), (91.50, 44.28), (91.50, 44.62), (90.95, 44.82), (90.30, 44.88), (88.70, 44.885)]
)
# Desert reserve in the north-east, cut by the counties.
RESERVE = Polygon(
    [
        (88.82, 44.93),
        (89.05, 44.90),
        (89.34, 44.915),
        (89.60, 44.88),
        (89.83, 44.905),
        (90.02, 44.90),
        (90.16, 44.93),
        (90.24, 45.02),
        (90.30, 45.12),
        (90.25, 45.20),
        (89.9, 45.2),
        (88.8, 45.2),
    ]
)

DEGREE_EAST_M, DEGREE_NORTH_M = 80_000, 111_000
"""Roughly, at 44 degrees north."""
SMALLEST_DEG2 = 0.005
"""Rests of desert redline under some 45 km² are left out."""

ACCESS_LIST = {
    "priority": (("space_layout", "示例：禁止不符合主体功能定位的开发建设"),),
    "construction_land_risk": (
        ("space_layout", "示例：严格控制新增土壤污染重点行业项目"),
        ("risk_control", "示例：重点监管单位每两年开展一次隐患排查"),
    ),
    "farmland_risk": (("risk_control", "示例：严格管控类耕地不种植食用农产品"),),
    "water": (("discharge", "示例：水源补给区不新增排污口"),),
}


@cache
def redlines() -> tuple[tuple[str, str, str, MultiPolygon], ...]:
    """County, name, control area and shape: mountains in the south, desert plants in the north, none over another."""
    found = []
    for county, whole in counties().items():
        name, dice = short_name(county), chance("redline", county)
        hills, sand = mountains(county), desert(county)
        core = _spread(hills, (0.5, 0.3), (0.35, 0.25), dice)
        belt = without(_spread(hills, (0.5, 0.25), (0.85, 1.0), dice), [core])
        wood = without(_spread(hills, (0.3, 0.95), (0.3, 0.12), dice), [core, belt])
        shrubs = without(_spread(sand, (0.5, 0.62), (0.8, 0.47), dice), [RESERVE, COAL_BELT, *_mines()])
        shrubs = MultiPolygon([part for part in shrubs.geoms if part.area > SMALLEST_DEG2])
        found += [
            (county, f"示例{name}山地自然保护地", "core", core),
            (county, f"示例{name}水源涵养区", "general", belt),
            (county, f"示例{name}水土保持区", "outside_reserve", wood),
            (county, f"示例{name}荒漠植被防风固沙区", "outside_reserve", shrubs),
            (county, "示例荒漠野生动物保护地", "general", without(inside(RESERVE, whole), _mines())),
        ]
    return tuple(line for line in found if not line[3].is_empty)


def _spread(
    zone: MultiPolygon, at: tuple[float, float], reach: tuple[float, float], dice: random.Random
) -> MultiPolygon:
    """An uneven area in a zone: its centre and half axes as shares of the zone's extent and half extent."""
    west, south, east, north = zone.bounds
    centre = Frame(west + at[0] * (east - west), south + at[1] * (north - south))
    wide, high = (east - west) * DEGREE_EAST_M / 2, (north - south) * DEGREE_NORTH_M / 2
    return inside(centre.blob(reach[0] * wide, reach[1] * high, dice), zone)


@cache
def _mines() -> tuple[MultiPolygon, ...]:
    mines = [
        inside(Frame(lon, lat).blob(wide * 1.1, high * 1.1, None), counties()[county])
        for county, _, lon, lat, wide, high in MINING
    ]
    return (*mines, *(outline(cluster, 600) for cluster in CLUSTERS))


def eco_redline() -> Iterator[Row]:
    for number, (county, name, area, shape) in enumerate(redlines(), 1):
        yield Row(
            "eco_redline",
            county,
            shape,
            {"name": name, "control_area": area, "approval": f"示例红线〔2022〕{number}号"},
        )


def eco_control_unit() -> Iterator[Row]:
    """Priority, key and general units that together cover each county once."""
    for county, whole in counties().items():
        name = short_name(county)
        works = [
            (cluster.name, inside(outline(cluster, 60), whole))
            for cluster in CLUSTERS
            if cluster.county == county
        ]
        taken = [shape for _, shape in works]
        wild = together([shape for home, _, _, shape in redlines() if home == county])
        wild = without(wild, taken)
        taken.append(wild)
        sources = without(
            together(
                [shape for source, zone, shape in zones() if source.county == county and zone != "quasi"]
            ),
            taken,
        )
        taken.append(sources)
        field = without(_farm_unit(county), taken)
        taken.append(field)
        rest = without(whole, taken)
        yield _unit(county, 1, 1, f"示例{name}生态保护红线优先保护单元", "priority", "other", wild)
        yield _unit(county, 1, 2, f"示例{name}饮用水水源优先保护单元", "priority", "water", sources)
        for number, (title, shape) in enumerate(works, 1):
            yield _unit(county, 2, number, f"{title}重点管控单元", "key", "construction_land_risk", shape)
        yield _unit(county, 2, len(works) + 1, f"示例{name}农用地重点管控单元", "key", "farmland_risk", field)
        yield _unit(county, 3, 1, f"示例{name}一般管控单元", "general", "other", rest)


def _farm_unit(county: str) -> MultiPolygon:
    """A piece of farmland watched for its soil, off the towns: east of the second small town."""
    town = [town for town in TOWNS if town.county == county][2]
    return inside(
        Frame(town.lon + 0.06, town.lat + 0.02).blob(3200, 2400, chance("farm unit", county)),
        counties()[county],
    )


def _unit(
    county: str, digit: int, number: int, name: str, kind: str, element: str, shape: MultiPolygon
) -> Row:
    items = ACCESS_LIST.get("priority" if kind == "priority" else element, ())
    rows = [
        {"item": str(i), "dimension": dimension, "text": text} for i, (dimension, text) in enumerate(items, 1)
    ]
    return Row(
        "eco_control_unit",
        county,
        shape,
        {
            "code": f"ZH{county}{digit}{number:04d}",
            "name": name,
            "unit_class": kind,
            "element": element,
            "access_list": rows or None,
        },
    )


def livestock_prohibited_zone() -> Iterator[Row]:
    """Around towns and water sources."""
    number = 0
    for town in TOWNS:
        number += 1
        shape = inside(outline(town, 900 if town.name == CITY else 500), counties()[town.county])
        yield Row(
            "livestock_prohibited_zone",
            town.county,
            shape,
            {"name": f"{town.name}禁养区", "approval": f"示例禁养〔2020〕{number}号"},
        )
    for source in SOURCES:
        number += 1
        shape = together([shape for home, zone, shape in zones() if home == source and zone != "quasi"])
        yield Row(
            "livestock_prohibited_zone",
            source.county,
            shape,
            {"name": f"{source.name}禁养区", "approval": f"示例禁养〔2020〕{number}号"},
        )


def livestock_restricted_zone() -> Iterator[Row]:
    """A ring around the zone of each county town."""
    for town in TOWNS:
        if town.name == CITY:
            ring = shapely.difference(outline(town, 2600), outline(town, 900))
            yield Row(
                "livestock_restricted_zone",
                town.county,
                inside(ring, counties()[town.county]),
                {"name": f"示例{short_name(town.county)}限养区"},
            )


def mining_concentration_area() -> Iterator[Row]:
    for county, name, lon, lat, wide, high in MINING:
        shape = inside(Frame(lon, lat).blob(wide, high, chance("mine", name)), counties()[county])
        yield Row("mining_concentration_area", county, shape, {"name": name})


def xpcc_territory() -> Iterator[Row]:
    for county, name, lon, lat, wide, high in XPCC:
        shape = inside(Frame(lon, lat).blob(wide, high, chance("xpcc", name)), counties()[county])
        yield Row("xpcc_territory", county, shape, {"division": name})


def admin_county() -> Iterator[Row]:
    for county, shape in counties().items():
        yield Row("admin_county", county, shape, {"code": county, "name": county_names()[county]})
