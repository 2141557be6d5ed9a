"""Towns of street blocks, industrial clusters, and the cadastral lots in them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from shapely.geometry import MultiPolygon

from loaders.demo.ground import CITY, CLUSTERS, TOWNS, Cluster, Town
from loaders.demo.plane import Frame
from loaders.demo.row import Row, chance

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in metres of a frame."""

BLOCK, STREET = (400.0, 300.0), 32.0
WORKS, WORKS_ROAD = (480.0, 360.0), 44.0

MNR, GBT = "MNR-2023", "GBT21010-2017"
# Small towns whose cadastre still has the codes of the older standard.
OLD_CADASTRE = frozenset({("652328", "示例甲镇"), ("652328", "示例乙镇"), ("652328", "示例丙镇")})
OLD_CODES = {
    "070102": "0701",
    "070302": "0702",
    "0801": "0801",
    "0803": "0807",
    "080403": "0803",
    "080601": "0805",
    "080701": "0806",
    "090101": "0501",
    "090104": "0504",
    "0902": "0505",
    "100101": "0601",
    "100102": "0601",
    "110101": "0604",
    "1401": "0810",
    "1403": "0810",
    "2301": "1201",
}

OLD_QUARTER = {(column, row) for column in (12, 13, 14) for row in (1, 2, 3)}
"""Blocks of the city of 652301 that used to be factories; the lists of plots begin here."""

HALVED = {
    *(
        ("652301", CITY, *place)
        for place in ((12, 2), (13, 2), (13, 1), (3, 8), (3, 9), (12, 5), (13, 5), (14, 5))
    ),
    ("652301", "示例二号产业集聚区", 2, 2),
    ("652302", CITY, 3, 3),
    ("652327", CITY, 3, 3),
    ("652328", CITY, 3, 2),
}
"""Blocks cut into a left and a right lot for the examples; nothing else is put there by chance."""


@dataclass(frozen=True, slots=True)
class Block:
    """A street block, in metres of its town's frame, with the use of most of it."""

    home: Town | Cluster
    frame: Frame
    column: int
    row: int
    box: Box
    use: str

    @property
    def shape(self) -> MultiPolygon:
        return self.frame.rectangle(*self.box)

    @property
    def place(self) -> tuple[str, str, int, int]:
        return (self.home.county, self.home.name, self.column, self.row)


@dataclass(frozen=True, slots=True)
class Lot:
    """A cadastral parcel (宗地)."""

    number: str
    block: Block
    box: Box
    use: str

    @property
    def county(self) -> str:
        return self.block.home.county

    @property
    def shape(self) -> MultiPolygon:
        return self.block.frame.rectangle(*self.box)

    @property
    def middle(self) -> tuple[float, float]:
        """In metres of the frame."""
        return ((self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2)

    def part(self, left: float, bottom: float, right: float, top: float) -> MultiPolygon:
        """A rectangle of it, by shares of its width and height."""
        x0, y0, x1, y1 = self.box
        wide, high = x1 - x0, y1 - y0
        return self.block.frame.rectangle(
            x0 + left * wide, y0 + bottom * high, x0 + right * wide, y0 + top * high
        )


@cache
def blocks() -> tuple[Block, ...]:
    """The blocks of all towns."""
    return tuple(block for town in TOWNS for block in _blocks_of(town))


@cache
def works() -> tuple[Block, ...]:
    """The blocks of all industrial clusters."""
    found = []
    for cluster in CLUSTERS:
        dice = chance("works", cluster.county, cluster.name)
        frame = Frame(cluster.lon, cluster.lat, cluster.turn)
        for column in range(cluster.columns):
            for row in range(cluster.rows):
                box = _box(column, row, cluster.columns, cluster.rows, WORKS, WORKS_ROAD)
                use = dice.choice(["100102", "100102", "100103", "110102"])
                found.append(Block(cluster, frame, column, row, box, use))
    return tuple(found)


def _box(column: int, row: int, columns: int, rows: int, size: tuple[float, float], road: float) -> Box:
    x0 = (column - columns / 2) * (size[0] + road) + road / 2
    y0 = (row - rows / 2) * (size[1] + road) + road / 2
    return (x0, y0, x0 + size[0], y0 + size[1])


def _blocks_of(town: Town) -> Iterator[Block]:
    dice = chance("town", town.county, town.name)
    frame = Frame(town.lon, town.lat, town.turn)
    for column in range(town.columns):
        for row in range(town.rows):
            u = (column + 0.5) / town.columns * 2 - 1
            v = (row + 0.5) / town.rows * 2 - 1
            use = _use(town, column, row, u, v, dice)
            if math.hypot(u, v) <= 1.04 or (town.county, town.name, column, row) in HALVED:
                yield Block(
                    town, frame, column, row, _box(column, row, town.columns, town.rows, BLOCK, STREET), use
                )


def _use(town: Town, column: int, row: int, u: float, v: float, dice: random.Random) -> str:
    """Offices and shops in the middle, shops along two main streets, homes around, works and yards at the rim."""
    far, draw = math.hypot(u, v), dice.random()
    if town.county == "652301" and town.name == CITY and (column, row) in OLD_QUARTER:
        return "100102"
    if (town.county, town.name, column, row) in HALVED:
        return "090101"
    if far < 0.26:
        return ("0801", "0803", "090101", "0902", "1403")[int(draw * 5)]
    if column == town.columns // 2 or row == town.rows // 2:
        return "090101" if draw < 0.7 else "090104"
    if column % 4 == 1 and row % 4 == 1:
        return "080403" if draw < 0.7 else "080601"
    if column % 5 == 3 and row % 3 == 2:
        return "1401"
    if far > 0.84:
        return "100101" if draw < 0.2 else "110101" if draw < 0.32 else "2301" if draw < 0.45 else "070302"
    if u > 0.5 and draw < 0.3:
        return "110101"
    return "080701" if draw > 0.985 else "070102"


@cache
def lots() -> tuple[Lot, ...]:
    """Every cadastral lot, numbered county, zone, sub-zone, GB, serial."""
    found: list[Lot] = []
    homes: dict[str, list[str]] = {}
    serial: dict[tuple[str, int], int] = {}
    for block in (*blocks(), *works()):
        county, name = block.home.county, block.home.name
        names = homes.setdefault(county, [])
        if name not in names:
            names.append(name)
        zone = names.index(name) + 1
        for box in _cut(block):
            serial[county, zone] = serial.get((county, zone), 0) + 1
            number = f"{county}{zone:03d}{block.column // 4 + 1:03d}GB{serial[county, zone]:05d}"
            found.append(Lot(number, block, box, _lot_use(block, box)))
    return tuple(found)


def _cut(block: Block) -> list[Box]:
    x0, y0, x1, y1 = block.box
    if block.place in HALVED:
        middle = (x0 + x1) / 2
        return [(x0, y0, middle, y1), (middle, y0, x1, y1)]
    dice = chance("lots", *block.place)
    if isinstance(block.home, Cluster):
        return _halve(block.box, dice, dice.choice([70_000.0, 110_000.0, 240_000.0]))
    return _halve(
        block.box, dice, {"070302": 18_000.0, "1401": 130_000.0, "080403": 65_000.0}.get(block.use, 36_000.0)
    )


def _halve(box: Box, dice: random.Random, limit: float) -> list[Box]:
    """A box cut across its longer side, again and again, until no piece is above `limit` m²."""
    x0, y0, x1, y1 = box
    if (x1 - x0) * (y1 - y0) <= limit:
        return [box]
    share = dice.uniform(0.38, 0.62)
    if x1 - x0 >= y1 - y0:
        cut = round(x0 + share * (x1 - x0), 1)
        pieces = [(x0, y0, cut, y1), (cut, y0, x1, y1)]
    else:
        cut = round(y0 + share * (y1 - y0), 1)
        pieces = [(x0, y0, x1, cut), (x0, cut, x1, y1)]
    return [smaller for piece in pieces for smaller in _halve(piece, dice, limit)]


def _lot_use(block: Block, box: Box) -> str:
    """Mostly the block's; here and there a shop among the homes."""
    if block.place in HALVED or block.use not in ("070102", "070302"):
        return block.use
    return "090101" if chance("use", *block.place, *box).random() < 0.12 else block.use


@cache
def lots_by_block() -> dict[tuple[str, str, int, int], tuple[Lot, ...]]:
    found: dict[tuple[str, str, int, int], list[Lot]] = {}
    for lot in lots():
        found.setdefault(lot.block.place, []).append(lot)
    return {place: tuple(inside) for place, inside in found.items()}


def half(county: str, home: str, column: int, row: int, side: str) -> Lot:
    """The left or right lot of a block that was cut in two."""
    return lots_by_block()[county, home, column, row][0 if side == "left" else 1]


def outline(home: Town | Cluster, margin: float) -> MultiPolygon:
    """The ground of a town (an oval) or cluster (a rectangle) with so many metres around it."""
    frame = Frame(home.lon, home.lat, home.turn)
    size, road = (BLOCK, STREET) if isinstance(home, Town) else (WORKS, WORKS_ROAD)
    wide, high = home.columns * (size[0] + road) / 2, home.rows * (size[1] + road) / 2
    if isinstance(home, Cluster):
        return frame.rectangle(-wide - margin, -high - margin, wide + margin, high + margin)
    # An oval through the corners of the outermost blocks would cut some off; a squarer one does not.
    points = []
    for corner in range(48):
        angle = 2 * math.pi * corner / 48
        x, y = math.cos(angle), math.sin(angle)
        stretch = (abs(x) ** 3 + abs(y) ** 3) ** (-1 / 3)
        points.append((x * stretch * (wide + margin), y * stretch * (high + margin)))
    return frame.polygon(points)


def parcel() -> Iterator[Row]:
    """The cadastre."""
    for lot in lots():
        old = (lot.county, lot.block.home.name) in OLD_CADASTRE
        dice = chance("former", lot.number)
        former = [f"{lot.number[:12]}-{dice.randint(1, 400)}"] if dice.random() < 0.1 else None
        yield Row(
            "parcel",
            lot.county,
            lot.shape,
            {
                "parcel_no": lot.number,
                "former_numbers": former,
                "current_use": OLD_CODES[lot.use] if old else lot.use,
                "code_system": GBT if old else MNR,
            },
        )
