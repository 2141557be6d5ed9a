"""Which lots stand for what: the landmarks of the examples, and the lots of industrial clusters for all lists."""

from __future__ import annotations

from functools import cache

from loaders.demo.ground import CITY
from loaders.demo.row import chance
from loaders.demo.towns import HALVED, Lot, half, lots, works

# Plots of high or medium concern in each county: 119, as in the plan at the end of 2020.
ATTENTION = {"652301": 28, "652302": 24, "652323": 14, "652324": 16, "652325": 15, "652327": 14, "652328": 8}

# Places in a county's order of works lots. The first are fixed; what comes after the plots of concern is
# counted from `behind`, so that one lot carries two lists only where that is meant.
SUSPECTED, HIGH_RISK, REGISTER, SURVEYED = 3, 5, 6, 10


@cache
def works_lots(county: str) -> tuple[Lot, ...]:
    blocks = {block.place for block in works()}
    found = [
        lot
        for lot in lots()
        if lot.county == county and lot.block.place in blocks and lot.block.place not in HALVED
    ]
    chance("works lots", county).shuffle(found)
    return tuple(found)


def works_lot(county: str, place: int) -> Lot:
    """A lot in the industrial clusters of a county; each place on the lists is another lot."""
    return works_lots(county)[place]


def behind(county: str, place: int) -> Lot:
    """A lot that no plot of concern stands on."""
    return works_lots(county)[SURVEYED + ATTENTION[county] + place]


def old_tannery() -> Lot:
    return half("652301", CITY, 12, 2, "left")


def plating_works() -> Lot:
    return half("652301", CITY, 13, 2, "left")


def beside_plating_works() -> Lot:
    return half("652301", CITY, 13, 2, "right")


def old_pesticide_works() -> Lot:
    return half("652301", CITY, 13, 1, "left")


def point_only_works() -> Lot:
    return half("652301", CITY, 3, 8, "left")


def school_with_report() -> Lot:
    return half("652301", CITY, 12, 5, "left")
