"""The fields of the oases, the hamlets among them, and what is laid down about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import shapely
from shapely.geometry import MultiPolygon

from loaders.demo.ground import CLUSTERS, RIVERS, TOWNS, counties, desert, gravel, oasis, river
from loaders.demo.plane import Frame, inside, polygons, ribbon, together, widened
from loaders.demo.row import Row, chance
from loaders.demo.towns import outline
from spatial.crs import area_m2

FIELD, TRACK = (2900.0, 1900.0), 60.0
CROPS = ("小麦", "玉米", "棉花", "加工番茄", "葵花", "打瓜")
VERSION = "示例2024"


@dataclass(frozen=True, slots=True)
class Field:
    """A block of fields: its place in the county's grid, and its use."""

    county: str
    column: int
    row: int
    shape: MultiPolygon
    use: str
    crop: str


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A village of a few streets among the fields."""

    county: str
    name: str
    frame: Frame
    shape: MultiPolygon


@cache
def _frame(county: str) -> Frame:
    west, south, east, north = oasis(county).bounds
    return Frame(
        round((west + east) / 2, 4), round((south + north) / 2, 4), chance("fields", county).uniform(-9, 9)
    )


@cache
def fields() -> tuple[Field, ...]:
    """Every block of fields, county by county."""
    return tuple(field for county in counties() for field in _fields_of(county))


def _fields_of(county: str) -> Iterator[Field]:
    frame, ground = _frame(county), oasis(county)
    built = [outline(home, 350) for home in (*TOWNS, *CLUSTERS) if home.county == county]
    wet = [ribbon(river(name), 160) for name, (home, _) in RIVERS.items() if home == county]
    taken = shapely.union_all([*built, *wet])
    shapely.prepare(ground)
    shapely.prepare(taken)
    reach = 40
    for column in range(-reach, reach):
        for row in range(-reach, reach):
            x, y = column * (FIELD[0] + TRACK), row * (FIELD[1] + TRACK)
            dice = chance("field", county, column, row)
            whole = frame.rectangle(x, y, x + FIELD[0], y + FIELD[1])
            if not ground.contains(whole) or dice.random() < 0.06:
                continue
            if taken.intersects(whole):
                # Beside a town or river the block is cut back; small rests are waste ground.
                shape = polygons(shapely.difference(whole, taken, grid_size=1e-8))
                if shape.area < 0.35 * whole.area:
                    continue
                shape = MultiPolygon([shape.geoms[0]])
            else:
                shape = whole
            use = "0201" if dice.random() < 0.05 else "0101" if dice.random() < 0.02 else "0102"
            yield Field(county, column, row, shape, use, dice.choice(CROPS))


@cache
def hamlets() -> tuple[Hamlet, ...]:
    """Villages on the corner where four blocks meet: there is room on the tracks and at field edges."""
    found = []
    for county in counties():
        frame, mine = _frame(county), {(f.column, f.row) for f in fields() if f.county == county}
        corners = [(c, r) for c, r in sorted(mine) if {(c - 1, r), (c, r - 1), (c - 1, r - 1)} <= mine]
        dice = chance("hamlets", county)
        dice.shuffle(corners)
        for number, (column, row) in enumerate(sorted(corners[:14]), 1):
            x, y = column * (FIELD[0] + TRACK) - TRACK / 2, row * (FIELD[1] + TRACK) - TRACK / 2
            wide, high = dice.uniform(160, 320), dice.uniform(110, 220)
            home = Frame(*frame.place(x, y), frame.turn)
            found.append(Hamlet(county, f"示例村{number}组", home, home.rectangle(-wide, -high, wide, high)))
    return tuple(found)


@cache
def basic_farmland() -> tuple[tuple[str, Field, MultiPolygon], ...]:
    """Permanent basic farmland: block number, block of fields, shape."""
    villages = {county: together([h.shape for h in hamlets() if h.county == county]) for county in counties()}
    found = []
    for county in counties():
        chosen = [
            f
            for f in fields()
            if f.county == county
            and f.use != "0201"
            and chance("pbf", county, f.column, f.row).random() < 0.55
        ]
        for number, field in enumerate(chosen, 1):
            shape = field.shape
            if shape.intersects(villages[county]):
                shape = polygons(shapely.difference(shape, villages[county], grid_size=1e-8))
            found.append((f"{county}YJJBNT{number:05d}", field, shape))
    return tuple(found)


def permanent_basic_farmland() -> Iterator[Row]:
    for block_no, field, shape in basic_farmland():
        yield Row(
            "permanent_basic_farmland",
            field.county,
            shape,
            {
                "block_no": block_no,
                "area_m2": round(area_m2(shape), 2),
                "version": VERSION,
            },
        )


@cache
def clusters_of_farmland() -> tuple[tuple[str, MultiPolygon], ...]:
    """Where basic farmland lies close together: the three largest groups of a county."""
    found = []
    for county in counties():
        shapes = [shape for _, field, shape in basic_farmland() if field.county == county]
        grown = widened(together(shapes), 60)
        groups = sorted(grown.geoms, key=lambda part: -part.area)[:3]
        built = shapely.union_all(
            [outline(home, 260) for home in (*TOWNS, *CLUSTERS) if home.county == county]
        )
        for group in groups:
            shape = shapely.difference(inside(group, counties()[county]), built, grid_size=1e-8)
            found.append((county, polygons(shape)))
    return tuple(found)


def permanent_basic_farmland_cluster() -> Iterator[Row]:
    for county, shape in clusters_of_farmland():
        yield Row(
            "permanent_basic_farmland_cluster",
            county,
            shape,
            {"method": "示例：相邻永久基本农田图斑外扩60米合并"},
        )


def farmland_class() -> Iterator[Row]:
    """Classes of all cropland: mostly to be protected first, some to be used safely, a field strictly controlled."""
    for county in counties():
        groups: dict[tuple[int, int], list[Field]] = {}
        for field in fields():
            if field.county == county and field.use != "0201":
                groups.setdefault((field.column // 2, field.row // 2), []).append(field)
        keys = sorted(groups)
        dice = chance("class", county)
        strict, safe = dice.choice(keys), set(dice.sample(keys, 3))
        for key in keys:
            kind = "strict_control" if key == strict else "safe_use" if key in safe else "priority_protection"
            yield Row(
                "farmland_class",
                county,
                together([field.shape for field in groups[key]]),
                {
                    "class": kind,
                    "crop": groups[key][0].crop,
                    "version": VERSION,
                },
            )


def reclamation_or_unused_land() -> Iterator[Row]:
    """Ground at the desert's rim that may become fields, and worked-out ground to be restored."""
    for county in counties():
        west, _, east, _ = counties()[county].bounds
        for number in range(4):
            dice = chance("unused", county, number)
            origin = "unused" if number < 2 else "reclamation"
            zone = desert(county) if origin == "unused" else gravel(county)
            lon, lat = _within(zone, west, east, dice)
            shape = inside(
                Frame(lon, lat).blob(dice.uniform(500, 1100), dice.uniform(400, 800), dice),
                counties()[county],
            )
            yield Row("reclamation_or_unused_land", county, shape, {"origin": origin})


def _within(zone: MultiPolygon, west: float, east: float, dice: object) -> tuple[float, float]:
    """A place in the southern part of a zone that is not in the oasis."""
    _, south, _, north = zone.bounds
    while True:
        lon, lat = dice.uniform(west, east), dice.uniform(south, south + 0.4 * (north - south))  # type: ignore[attr-defined]
        if zone.contains(Frame(lon, lat).point()):
            return (round(lon, 5), round(lat, 5))


def sewage_irrigated_area() -> Iterator[Row]:
    for county in ("652301", "652302", "652324"):
        chosen = [field for field in fields() if field.county == county][7]
        yield Row("sewage_irrigated_area", county, chosen.shape, {"name": "示例历史污灌区"})
