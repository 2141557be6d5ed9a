"""Water sources with their zones, and what is known about groundwater."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import shapely
from shapely.geometry import MultiPolygon

from loaders.demo.ground import RIVERS, counties, oasis, oasis_north, river, short_name
from loaders.demo.plane import GRID, Frame, inside, line, ribbon, without
from loaders.demo.row import Row, chance


@dataclass(frozen=True, slots=True)
class Source:
    """A drinking-water source; its zones stretch upstream, that is to the south."""

    county: str
    name: str
    lon: float
    lat: float
    kind: str = "groundwater"


SOURCES = (
    Source("652301", "示例第一水源地", 87.1850, 43.9350),
    Source("652301", "示例第二水源地", 87.3700, 44.1000),
    Source("652301", "示例第三水源地", 87.1600, 43.8600, "riverbank"),
    Source("652302", "示例第四水源地", 88.0300, 44.0800),
    Source("652302", "示例第五水源地", 88.3200, 44.0500),
    Source("652323", "示例第六水源地", 86.7900, 44.0500, "riverbank"),
    Source("652324", "示例第七水源地", 86.2550, 44.1300),
    Source("652325", "示例第八水源地", 89.5700, 43.8700),
    Source("652325", "示例第九水源地", 89.7200, 43.8900, "riverbank"),
    Source("652327", "示例第十水源地", 89.2000, 43.8900),
    Source("652328", "示例第十一水源地", 90.2600, 43.7600),
)
RIVERBANK = {"示例第三水源地": "头屯河", "示例第六水源地": "呼图壁河", "示例第九水源地": "开垦河"}

# Larger areas drawn by hand: county, name, centre, half axes in metres.
KEY_AREAS = (
    ("652301", "示例重点区一", 87.1200, 44.2300, 5200, 3600),
    ("652302", "示例重点区二", 88.1400, 44.1300, 4200, 3000),
    ("652327", "示例重点区三", 89.2200, 44.7500, 11000, 6500),
    ("652325", "示例重点区四", 89.9000, 44.7300, 7000, 5000),
)
SPRINGS = (
    ("652302", 88.3600, 43.9400, "spring"),
    ("652328", 90.6000, 43.6800, "spring"),
    ("652328", 91.0500, 43.6500, "karst"),
)


@cache
def zones() -> tuple[tuple[Source, str, MultiPolygon], ...]:
    """The three zones of each source, none over another: I around the well, II around I, quasi upstream."""
    found = []
    for source in SOURCES:
        dice = chance("source", source.name)
        outer = counties()[source.county]
        first = Frame(source.lon, source.lat).blob(130, 130, None, 32)
        second = Frame(source.lon, source.lat - 0.004).blob(
            dice.uniform(700, 900), dice.uniform(950, 1250), dice
        )
        third = Frame(source.lon, source.lat - 0.016).blob(
            dice.uniform(1500, 2100), dice.uniform(2600, 3200), dice
        )
        found += [
            (source, "I", inside(first, outer)),
            (source, "II", without(inside(second, outer), [first])),
            (source, "quasi", without(inside(third, outer), [first, second])),
        ]
    return tuple(found)


def drinking_water_zone() -> Iterator[Row]:
    for source, zone, shape in zones():
        yield Row(
            "drinking_water_zone",
            source.county,
            shape,
            {
                "name": source.name,
                "zone": zone,
                "source_type": source.kind,
                "approval": f"示例新政函〔2021〕{SOURCES.index(source) + 1}号",
                "approval_date": date(2021, 6, 1 + SOURCES.index(source)),
            },
        )


def drinking_water_source() -> Iterator[Row]:
    for source in SOURCES:
        yield Row(
            "drinking_water_source",
            source.county,
            Frame(source.lon, source.lat).point(),
            {"name": source.name, "in_use": True},
        )


def groundwater_recharge_zone() -> Iterator[Row]:
    for source in SOURCES:
        dice = chance("recharge", source.name)
        shape = Frame(source.lon, source.lat - 0.035).blob(
            dice.uniform(3200, 4200), dice.uniform(3600, 4600), dice
        )
        yield Row(
            "groundwater_recharge_zone",
            source.county,
            inside(shape, counties()[source.county]),
            {
                "source": source.name,
                "approval": f"示例水函〔2023〕{SOURCES.index(source) + 1}号",
            },
        )


def riverbank_source_reach() -> Iterator[Row]:
    """The stretch of river that a riverbank source draws from."""
    for source in SOURCES:
        name = RIVERBANK.get(source.name)
        if name is None:
            continue
        course = river(name)
        nearest = min(
            range(len(course)),
            key=lambda i: (course[i][0] - source.lon) ** 2 + (course[i][1] - source.lat) ** 2,
        )
        reach = course[max(0, nearest - 9) : nearest + 9]
        yield Row(
            "riverbank_source_reach", source.county, line(reach), {"source": source.name, "river": name}
        )


def groundwater_key_prevention_area() -> Iterator[Row]:
    for county, name, lon, lat, wide, high in KEY_AREAS:
        shape = inside(Frame(lon, lat).blob(wide, high, chance("key area", name)), counties()[county])
        yield Row(
            "groundwater_key_prevention_area",
            county,
            shape,
            {
                "zone": name,
                "requirements": "示例：新建项目开展地下水环境影响评价，落实防渗和监测井",
            },
        )


def karst_or_spring_area() -> Iterator[Row]:
    for county, lon, lat, kind in SPRINGS:
        shape = inside(Frame(lon, lat).blob(2600, 1900, chance("spring", lon)), counties()[county])
        yield Row("karst_or_spring_area", county, shape, {"type": kind})


def high_permeability_or_shallow_water_area() -> Iterator[Row]:
    """Where rivers leave the mountains the ground is coarse; at the far end of the oasis water stands high."""
    for name, (county, _) in RIVERS.items():
        course = river(name)
        at = course[len(course) // 2]
        shape = Frame(round(at[0], 5), round(at[1] - 0.06, 5)).blob(3800, 2600, chance("gravel", name))
        yield Row(
            "high_permeability_or_shallow_water_area",
            county,
            inside(shape, counties()[county]),
            {"reason": "permeable"},
        )
    for county in counties():
        west, _, east, north = oasis(county).bounds
        lon = round(west + 0.55 * (east - west), 4)
        middle = Frame(lon, round(min(north, oasis_north(lon)) - 0.05, 4))
        shape = inside(middle.blob(5200, 2300, chance("shallow", county)), oasis(county))
        yield Row("high_permeability_or_shallow_water_area", county, shape, {"reason": "shallow"})


def aquaculture_prohibited_zone() -> Iterator[Row]:
    """Rivers as lines, reservoirs as areas."""
    for name, (county, _) in RIVERS.items():
        label = name if name.startswith("示例") else f"{name}（示例）"
        course = shapely.intersection(line(river(name)), counties()[county], grid_size=GRID)
        longest = max(shapely.get_parts(course), key=lambda part: part.length)
        yield Row("aquaculture_prohibited_zone", county, line(longest.coords), {"name": label})
    for county, shape in reservoirs():
        yield Row("aquaculture_prohibited_zone", county, shape, {"name": f"示例{short_name(county)}水库"})


@cache
def reservoirs() -> tuple[tuple[str, MultiPolygon], ...]:
    """One at the foot of the mountains on every other river."""
    found = []
    for name in list(RIVERS)[::2]:
        county, at = RIVERS[name][0], river(name)[len(river(name)) // 3]
        shape = Frame(round(at[0] + 0.01, 5), at[1]).blob(620, 380, chance("reservoir", name))
        found.append((county, inside(shape, counties()[county])))
    return tuple(found)


def black_odorous_water() -> Iterator[Row]:
    """Village ditches in the lower oasis."""
    states = ("已完成整治", "整治中", "长效管护")
    for number, (name, (county, _)) in enumerate(list(RIVERS.items())[:7]):
        lon, lat = river(name)[-12]
        ditch = [(lon + 0.012, lat), (lon + 0.017, lat + 0.004), (lon + 0.024, lat + 0.005)]
        shape = ribbon(ditch, 14) if number % 2 else line(ditch)
        yield Row(
            "black_odorous_water",
            county,
            shape,
            {"name": f"示例{number + 1}号村渠", "status": states[number % 3]},
        )
