"""Where things are in the demo: counties as they really lie; towns, oasis, mountains, rivers and parks roughly so.

The outlines come from counties.geojson (source and licence in it and in counties.LICENSE.txt). Everything else here is
drawn by hand so that the map reads like the north foot of the Tianshan: mountains in the south, a belt of oases where
the rivers leave them, desert in the north, coal in the north-east.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry import MultiPolygon, Polygon

from loaders.demo.plane import DECIMALS, XY, inside
from loaders.demo.row import chance

OUTLINES = Path(__file__).with_name("counties.geojson")


@dataclass(frozen=True, slots=True)
class Town:
    """A town of street blocks: `columns` by `rows` blocks in an oval, its centre in degrees, axes turned left."""

    county: str
    name: str
    lon: float
    lat: float
    columns: int
    rows: int
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """An industrial cluster of large blocks; each is one of the 24 key control units."""

    county: str
    name: str
    lon: float
    lat: float
    columns: int
    rows: int
    turn: float = 0.0
    park: str | None = None


CITY = "示例中心城区"
TOWNS = (
    Town("652301", CITY, 87.2450, 44.0150, 16, 12, 8),
    Town("652301", "示例甲镇", 87.0900, 44.0700, 6, 4, 4),
    Town("652301", "示例乙镇", 87.3350, 44.1700, 6, 5, -6),
    Town("652301", "示例丙镇", 87.2000, 44.3000, 5, 4, 0),
    Town("652301", "示例丁镇", 87.0300, 43.7800, 4, 3, 20),
    Town("652302", CITY, 87.9900, 44.1600, 11, 8, -10),
    Town("652302", "示例甲镇", 88.2600, 44.1300, 5, 4, 5),
    Town("652302", "示例乙镇", 88.0900, 44.3000, 5, 4, 0),
    Town("652302", "示例丙镇", 88.5000, 44.1000, 4, 4, -4),
    Town("652323", CITY, 86.8900, 44.1900, 10, 8, 6),
    Town("652323", "示例甲镇", 86.7000, 44.1000, 5, 4, 12),
    Town("652323", "示例乙镇", 86.7500, 44.3100, 5, 4, 0),
    Town("652323", "示例丙镇", 86.9600, 44.3600, 5, 3, -5),
    Town("652324", CITY, 86.2250, 44.3050, 10, 8, 0),
    Town("652324", "示例甲镇", 86.4450, 44.3300, 5, 4, 8),
    Town("652324", "示例乙镇", 86.3100, 44.1900, 4, 4, -8),
    Town("652324", "示例丙镇", 86.2300, 44.5200, 5, 4, 0),
    Town("652325", CITY, 89.5900, 44.0200, 11, 9, -4),
    Town("652325", "示例甲镇", 89.7800, 43.9600, 5, 4, 3),
    Town("652325", "示例乙镇", 89.4700, 44.1100, 5, 4, 0),
    Town("652325", "示例丙镇", 89.8600, 44.1500, 5, 4, 10),
    Town("652327", CITY, 89.1800, 44.0000, 9, 7, 5),
    Town("652327", "示例甲镇", 88.9400, 44.0600, 5, 4, 0),
    Town("652327", "示例乙镇", 89.3100, 44.0900, 4, 4, -6),
    Town("652327", "示例丙镇", 89.2200, 44.8000, 6, 4, 0),
    Town("652328", CITY, 90.2850, 43.8350, 9, 6, -12),
    Town("652328", "示例甲镇", 90.1100, 43.9600, 4, 4, 0),
    Town("652328", "示例乙镇", 90.5200, 43.8500, 4, 3, 6),
    Town("652328", "示例丙镇", 90.8200, 43.8000, 4, 3, -3),
)

ZHUNDONG, HIGH_TECH, FARM_PARK = (
    "准东经济技术开发区（示例）",
    "昌吉高新技术产业开发区（示例）",
    "昌吉农业科技园区（示例）",
)
CLUSTERS = (
    Cluster("652301", "示例一号产业集聚区", 87.2100, 44.1000, 6, 5, 8, HIGH_TECH),
    Cluster("652301", "示例二号产业集聚区", 87.2750, 44.1080, 5, 4, 8, HIGH_TECH),
    Cluster("652301", "示例三号产业集聚区", 87.4200, 44.1200, 4, 4, -6),
    Cluster("652301", "示例四号产业集聚区", 87.0300, 43.9950, 4, 3, 12, FARM_PARK),
    Cluster("652301", "示例五号产业集聚区", 87.1000, 43.8000, 4, 3, 20),
    Cluster("652302", "示例一号产业集聚区", 88.1450, 44.2150, 5, 4, -10),
    Cluster("652302", "示例二号产业集聚区", 88.1800, 44.0850, 5, 4, 5),
    Cluster("652302", "示例三号产业集聚区", 88.3500, 44.1700, 4, 4, 0),
    Cluster("652302", "示例四号产业集聚区", 88.4000, 44.4200, 4, 3, 0),
    Cluster("652323", "示例一号产业集聚区", 86.9800, 44.2450, 5, 4, 6),
    Cluster("652323", "示例二号产业集聚区", 86.7450, 44.1500, 4, 4, 12),
    Cluster("652323", "示例三号产业集聚区", 86.8400, 44.3950, 4, 3, 0),
    Cluster("652324", "示例一号产业集聚区", 86.3000, 44.2750, 5, 4, 0),
    Cluster("652324", "示例二号产业集聚区", 86.1900, 44.2200, 4, 3, 0),
    Cluster("652324", "示例三号产业集聚区", 86.4200, 44.4300, 4, 3, 0),
    Cluster("652325", "示例一号产业集聚区", 89.7650, 44.0700, 5, 4, -4),
    Cluster("652325", "示例二号产业集聚区", 89.5000, 43.9400, 4, 3, 0),
    Cluster("652325", "示例三号产业集聚区", 89.8800, 44.7600, 6, 4, 0, ZHUNDONG),
    Cluster("652327", "示例一号产业集聚区", 89.1400, 44.7500, 7, 5, 0, ZHUNDONG),
    Cluster("652327", "示例二号产业集聚区", 89.3300, 44.7200, 6, 4, 0, ZHUNDONG),
    Cluster("652327", "示例三号产业集聚区", 89.0800, 44.0500, 4, 3, 5),
    Cluster("652328", "示例一号产业集聚区", 90.3700, 43.8800, 4, 3, -12),
    Cluster("652328", "示例二号产业集聚区", 90.9500, 44.2000, 4, 3, 0),
    Cluster("652328", "示例三号产业集聚区", 91.1000, 44.5200, 4, 3, 0),
)

# Rivers from the mountains down to where their water is used up: real names, a rough course.
RIVERS: dict[str, tuple[str, tuple[XY, ...]]] = {
    "玛纳斯河": (
        "652324",
        ((85.95, 43.72), (86.02, 43.95), (86.13, 44.10), (86.17, 44.24), (86.15, 44.42), (86.12, 44.62)),
    ),
    "塔西河": (
        "652324",
        ((86.25, 43.70), (86.28, 43.92), (86.37, 44.10), (86.40, 44.24), (86.36, 44.44), (86.30, 44.62)),
    ),
    "呼图壁河": (
        "652323",
        ((86.42, 43.58), (86.52, 43.78), (86.68, 43.96), (86.80, 44.08), (86.84, 44.26), (86.78, 44.52)),
    ),
    "三屯河": (
        "652301",
        ((86.86, 43.50), (86.95, 43.70), (87.03, 43.86), (87.14, 43.98), (87.17, 44.16), (87.26, 44.42)),
    ),
    "头屯河": ("652301", ((87.02, 43.62), (87.12, 43.74), (87.20, 43.85), (87.24, 43.93))),
    "示例阜河": ("652302", ((88.12, 43.86), (88.08, 43.98), (88.05, 44.10), (88.08, 44.24), (88.02, 44.42))),
    "示例吉河": ("652327", ((89.02, 43.72), (89.06, 43.84), (89.11, 43.96), (89.12, 44.10), (89.06, 44.26))),
    "开垦河": ("652325", ((89.72, 43.56), (89.70, 43.74), (89.66, 43.90), (89.70, 44.06), (89.64, 44.26))),
    "木垒河": ("652328", ((90.40, 43.58), (90.31, 43.70), (90.23, 43.80), (90.21, 43.93), (90.22, 44.06))),
}

# Longitude, and the latitudes where the oasis begins and ends there.
BELT = (
    (85.60, 44.26, 44.72), (86.10, 44.16, 44.66), (86.50, 44.08, 44.58), (87.00, 43.96, 44.52), (87.50, 44.00, 44.44),
    (87.80, 44.08, 44.46), (88.20, 44.06, 44.36), (88.70, 44.00, 44.28), (89.20, 43.90, 44.22), (89.60, 43.86, 44.26),
    (90.00, 43.84, 44.22), (90.30, 43.76, 44.02), (90.60, 43.74, 43.94), (91.00, 43.70, 43.90), (91.60, 43.70, 43.86),
)  # fmt: skip


@cache
def counties() -> dict[str, MultiPolygon]:
    """Outline of each county by code, EPSG:4490."""
    document = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return {
        feature["properties"]["adcode"]: MultiPolygon(shapely.geometry.shape(feature["geometry"]))
        for feature in document["features"]
    }


@cache
def county_names() -> dict[str, str]:
    document = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return {
        feature["properties"]["adcode"]: feature["properties"]["name_zh"] for feature in document["features"]
    }


def short_name(county: str) -> str:
    """What people call it: 昌吉, 呼图壁, 木垒."""
    return county_names()[county].removesuffix("市").removesuffix("县").removesuffix("哈萨克自治")


def _on_belt(lon: float, column: int) -> float:
    for left, right in itertools.pairwise(BELT):
        if left[0] <= lon <= right[0]:
            share = (lon - left[0]) / (right[0] - left[0])
            return left[column] + share * (right[column] - left[column])
    return BELT[0 if lon < BELT[0][0] else -1][column]


def oasis_south(lon: float) -> float:
    """Latitude at which the gravel fans turn into fields."""
    return _on_belt(lon, 1) + 0.012 * math.sin(lon * 41) + 0.007 * math.sin(lon * 97 + 1)


def oasis_north(lon: float) -> float:
    """Latitude at which the fields end, farther out where a river still has water."""
    fans = sum(0.07 * math.exp(-(((lon - course[-1][0]) / 0.11) ** 2)) for _, course in RIVERS.values())
    return _on_belt(lon, 2) + fans - 0.04 + 0.014 * math.sin(lon * 53) + 0.008 * math.sin(lon * 131 + 2)


def mountain_edge(lon: float) -> float:
    """Latitude up to which the mountains come from the south."""
    return oasis_south(lon) - 0.17 + 0.02 * math.sin(lon * 29) + 0.010 * math.sin(lon * 71 + 1)


def desert_edge(lon: float) -> float:
    """Latitude at which the sand begins."""
    return oasis_north(lon) + 0.09 + 0.02 * math.sin(lon * 37)


def _band(low: Callable[[float], float], high: Callable[[float], float]) -> Polygon:
    """The ground between two lines of latitude over longitude."""
    lons = [85.4 + 0.01 * step for step in range(631)]
    ring = [*((lon, low(lon)) for lon in lons), *((lon, high(lon)) for lon in reversed(lons))]
    return Polygon([(round(lon, DECIMALS), round(lat, DECIMALS)) for lon, lat in ring])


@cache
def oasis(county: str) -> MultiPolygon:
    return inside(_band(oasis_south, oasis_north), counties()[county])


@cache
def mountains(county: str) -> MultiPolygon:
    return inside(_band(lambda _: 42.9, mountain_edge), counties()[county])


@cache
def gravel(county: str) -> MultiPolygon:
    """The fans between mountains and oasis, where water seeps away."""
    return inside(_band(mountain_edge, oasis_south), counties()[county])


@cache
def desert(county: str) -> MultiPolygon:
    return inside(_band(desert_edge, lambda _: 45.8), counties()[county])


@cache
def fringe(county: str) -> MultiPolygon:
    """Salty ground between the last fields and the sand."""
    return inside(_band(oasis_north, desert_edge), counties()[county])


@cache
def river(name: str) -> tuple[XY, ...]:
    """The course of a river with bends between its hand-drawn points, corners rounded."""
    dice = chance("river", name)
    points: list[XY] = []
    course = RIVERS[name][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(course):
        for step in range(4):
            share = step / 4
            bend = 0.016 * math.sin(math.pi * share) * dice.uniform(-1, 1)
            points.append((x0 + share * (x1 - x0) + bend, y0 + share * (y1 - y0) + bend / 2))
    points.append(course[-1])
    for _ in range(2):
        pairs = list(itertools.pairwise(points))
        cut = [_between(a, b, share) for a, b in pairs for share in (0.25, 0.75)]
        points = [points[0], *cut, points[-1]]
    return tuple((round(x, 6), round(y, 6)) for x, y in points)


def _between(a: XY, b: XY, share: float) -> XY:
    return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))


def towns_of(county: str) -> Sequence[Town]:
    return [town for town in TOWNS if town.county == county]


def clusters_of(county: str) -> Sequence[Cluster]:
    return [cluster for cluster in CLUSTERS if cluster.county == county]
