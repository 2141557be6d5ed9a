"""What planning and land offices deliver for towns: growth boundary, plan units, uses, supply, changes, receptors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from shapely.geometry import MultiPolygon

from loaders.demo.farmland import fields, hamlets
from loaders.demo.ground import (
    CITY,
    CLUSTERS,
    RIVERS,
    TOWNS,
    Cluster,
    Town,
    counties,
    desert,
    fringe,
    gravel,
    mountains,
    oasis,
    river,
    short_name,
)
from loaders.demo.plane import inside, ribbon, together, without
from loaders.demo.row import Row, chance
from loaders.demo.towns import HALVED, MNR, OLD_QUARTER, STREET, Block, blocks, lots, outline, works

HOUSING_OR_PUBLIC = ("07", "08")
RECEPTORS = {"080403": "school", "080601": "hospital", "080701": "elderly_home"}
RECEPTOR_WORDS = {"school": "学校", "hospital": "医院", "elderly_home": "养老院"}


@cache
def growth_boundaries() -> dict[tuple[str, str], MultiPolygon]:
    """Of each town and cluster, by county and name."""
    return {
        (home.county, home.name): inside(
            outline(home, 250 if isinstance(home, Town) else 120), counties()[home.county]
        )
        for home in (*TOWNS, *CLUSTERS)
    }


def urban_growth_boundary() -> Iterator[Row]:
    for number, ((county, _), shape) in enumerate(growth_boundaries().items(), 1):
        yield Row("urban_growth_boundary", county, shape, {"approval": f"示例划定〔2022〕{number}号"})


def _quarters() -> Iterator[tuple[Town | Cluster, list[Block]]]:
    """Blocks of towns by four by four, in order."""
    order = lambda block: (block.home.county, block.home.name, block.column // 4, block.row // 4)  # noqa: E731
    for _, group in itertools.groupby(sorted(blocks(), key=order), key=order):
        quarter = list(group)
        yield quarter[0].home, quarter


def detailed_plan_unit() -> Iterator[Row]:
    """Units where a plan is made; none yet over the old factories and the blocks of the examples."""
    serial = dict.fromkeys(counties(), 0)
    for home, quarter in _quarters():
        if any(block.place in HALVED for block in quarter):
            continue
        if (
            home.name == CITY
            and home.county == "652301"
            and any((b.column, b.row) in OLD_QUARTER for b in quarter)
        ):
            continue
        serial[home.county] += 1
        homes = sum(block.use.startswith(HOUSING_OR_PUBLIC) for block in quarter)
        lived_in = homes * 2 >= len(quarter)
        dice = chance("unit", home.county, home.name, serial[home.county])
        margin = STREET / 2
        x0, y0 = min(b.box[0] for b in quarter) - margin, min(b.box[1] for b in quarter) - margin
        x1, y1 = max(b.box[2] for b in quarter) + margin, max(b.box[3] for b in quarter) + margin
        yield Row(
            "detailed_plan_unit",
            home.county,
            quarter[0].frame.rectangle(x0, y0, x1, y1),
            {
                "code": f"{home.county}-XG-{serial[home.county]:03d}",
                "planned_use": "0701" if lived_in else "0901",
                "planned_yizhuliangong": lived_in,
                "soil_note": dice.random() < 0.6,
                "approval": f"示例规批〔2023〕{serial[home.county]}号",
            },
        )


def planned_land_use() -> Iterator[Row]:
    """Block by block: mostly what is there; old works become homes, vacant ground becomes green."""
    changes = {"100101": "070102", "100102": "070102", "2301": "1401", "070302": "070102"}
    for block in (*blocks(), *works()):
        stays = isinstance(block.home, Cluster) or block.place in HALVED
        yield Row(
            "planned_land_use",
            block.home.county,
            block.shape,
            {
                "code": block.use if stays else changes.get(block.use, block.use),
                "code_system": MNR,
                "approval": "示例国土空间总体规划（2021—2035年）",
            },
        )


def land_use_status() -> Iterator[Row]:
    """What is there: blocks, streets, fields, hamlets, rivers, highway, mountains, gravel, desert."""

    def row(county: str, shape: MultiPolygon, code: str) -> Row:
        return Row("land_use_status", county, shape, {"code": code, "code_system": MNR, "year": 2024})

    by_home: dict[tuple[str, str], list[Block]] = {}
    for block in (*blocks(), *works()):
        by_home.setdefault((block.home.county, block.home.name), []).append(block)
        yield row(block.home.county, block.shape, block.use)
    for home in (*TOWNS, *CLUSTERS):
        built = [block.shape for block in by_home[home.county, home.name]]
        yield row(home.county, without(inside(outline(home, 0), counties()[home.county]), built), "1207")
    for field in fields():
        yield row(field.county, field.shape, field.use)
    for hamlet in hamlets():
        yield row(hamlet.county, hamlet.shape, "070302")
    for name, (county, _) in RIVERS.items():
        yield row(county, inside(ribbon(river(name), 70), counties()[county]), "1701")
    for county in counties():
        built = [
            growth_boundaries()[home.county, home.name]
            for home in (*TOWNS, *CLUSTERS)
            if home.county == county
        ]
        wet = [ribbon(river(name), 70) for name, (home, _) in RIVERS.items() if home == county]
        yield row(county, without(mountains(county), [*built, *wet]), "0401")
        yield row(county, without(gravel(county), [*built, *wet]), "0403")
        yield row(county, without(desert(county), [*built, *wet]), "2305")
        sown = [field.shape for field in fields() if field.county == county]
        homes = [hamlet.shape for hamlet in hamlets() if hamlet.county == county]
        yield row(county, without(oasis(county), [*built, *wet, *sown, *homes]), "0304")
        yield row(county, without(fringe(county), [*built, *wet]), "2304")


def sensitive_receptor() -> Iterator[Row]:
    """Schools, hospitals and homes for the old as lots, quarters and hamlets where people live as areas."""
    count: dict[tuple[str, str], int] = {}
    for lot in lots():
        kind = RECEPTORS.get(lot.use)
        if kind is None or lot.block.place in HALVED:
            continue
        count[lot.county, kind] = number = count.get((lot.county, kind), 0) + 1
        name = f"{lot.block.home.name}第{number}{RECEPTOR_WORDS[kind]}"
        yield Row("sensitive_receptor", lot.county, lot.shape, {"name": name, "receptor": kind})
    for home, quarter in _quarters():
        lived_in = [block for block in quarter if block.use == "070102" and block.place not in HALVED]
        for number, block in enumerate(lived_in[::2], 1):
            name = f"{home.name}{block.column // 4 + 1}-{block.row // 4 + 1}-{number}小区"
            yield Row(
                "sensitive_receptor", home.county, block.shape, {"name": name, "receptor": "residential"}
            )
    for hamlet in hamlets():
        yield Row(
            "sensitive_receptor",
            hamlet.county,
            hamlet.shape,
            {"name": hamlet.name, "receptor": "residential"},
        )


def _spare_lots(topic: str, uses: tuple[str, ...]) -> list:
    """Lots of these uses that no example stands on, in an order of chance."""
    found = [
        lot
        for lot in lots()
        if lot.use in uses
        and lot.block.place not in HALVED
        and not (lot.county == "652301" and (lot.block.column, lot.block.row) in OLD_QUARTER)
    ]
    chance(topic).shuffle(found)
    return found


def annual_supply_plan_parcel(today: date) -> Iterator[Row]:
    for lot in _spare_lots("supply", ("2301", "110101", "100101"))[:45]:
        use = "070102" if lot.use == "2301" else "0901"
        yield Row(
            "annual_supply_plan_parcel", lot.county, lot.shape, {"plan_year": today.year, "planned_use": use}
        )


def land_use_change_parcel(today: date) -> Iterator[Row]:
    dice = chance("changes")
    for lot in _spare_lots("change", ("090101", "110101", "070102", "100101"))[:36]:
        yield Row(
            "land_use_change_parcel",
            lot.county,
            lot.shape,
            {
                "old_use": dice.choice(["100101", "110101", "090101"]),
                "new_use": lot.use,
                "procedure": dice.choice(["改变用途审批", "划拨转出让", "收回后重新供应"]),
                "date": today - timedelta(days=dice.randint(5, 80)),
            },
        )


def park() -> Iterator[Row]:
    """The three national parks of the plan and the others, each around its clusters."""
    by_park: dict[tuple[str, str], list[Cluster]] = {}
    for cluster in CLUSTERS:
        by_park.setdefault((cluster.county, cluster.park or ""), []).append(cluster)
    for (county, name), members in by_park.items():
        shape = together([outline(cluster, 400) for cluster in members])
        shape = inside(shape.convex_hull if name else shape, counties()[county])
        yield Row(
            "park",
            county,
            shape,
            {
                "name": name or f"示例{short_name(county)}工业园",
                "level": "国家级" if name else "自治区级",
            },
        )
