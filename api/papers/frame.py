"""The frame of a map: a piece of the plane of a CGCS2000 3-degree zone, at a scale of round number, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.crs import Zone, box_to_storage, from_storage, home_zone

MM = 4.0
"""Units of a drawing in a millimetre: a unit is one px of the catalog's styles, printed as 0.25 mm."""
ROOM = 1.3
"""How much more ground is shown than what has to be seen."""
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 7.5)
LEAST_SCALE = 200
TICK_MM = 36.0
BEYOND = 60.0
"""Shapes are cut so many units outside the frame, where no line of theirs shows."""


@dataclass(frozen=True)
class Frame:
    """`west`, `north`: of the frame's corner in metres of the zone; `scale`: its denominator."""

    zone: Zone
    west: float
    north: float
    scale: float
    width_mm: float
    height_mm: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in units of the drawing."""
        return self.width_mm * MM, self.height_mm * MM

    @property
    def unit_m(self) -> float:
        """Metres of a unit."""
        return self.scale / 1000 / MM

    @property
    def ground(self) -> BaseGeometry:
        """The frame as a box in the zone, in metres."""
        width, height = self.size
        return shapely.box(
            self.west, self.north - height * self.unit_m, self.west + width * self.unit_m, self.north
        )

    @property
    def degrees(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:4490 of the frame and a bit around it: what has to be fetched."""
        around = shapely.buffer(self.ground, BEYOND / 2 * self.unit_m, join_style="mitre")
        west, south, east, north = box_to_storage(around.bounds, self.zone.epsg).bounds
        return float(west), float(south), float(east), float(north)

    def placed(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of EPSG:4490 in units of the drawing, x to the right and y down, cut outside the frame."""
        plane = from_storage(shape, self.zone.epsg)
        width, height = self.size
        moved = shapely.transform(plane, self._units)
        box = (-BEYOND, -BEYOND, width + BEYOND, height + BEYOND)
        west, south, east, north = moved.bounds
        if west >= box[0] and south >= box[1] and east <= box[2] and north <= box[3]:
            return moved
        return shapely.intersection(shapely.make_valid(moved), shapely.box(*box))

    def points(self, places: Sequence[tuple[float, float]]) -> np.ndarray:
        """Points of EPSG:4490 in units of the drawing."""
        return self._units(shapely.get_coordinates(from_storage(shapely.MultiPoint(places), self.zone.epsg)))

    def _units(self, metres: np.ndarray) -> np.ndarray:
        return np.column_stack(
            [(metres[:, 0] - self.west) / self.unit_m, (self.north - metres[:, 1]) / self.unit_m]
        )

    def ticks(self) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
        """Where the grid crosses the frame: (x, easting) along the top and (y, northing) along the side."""
        step = round_up(TICK_MM * MM * self.unit_m, (1, 2, 5))
        west, south, east, north = self.ground.bounds
        eastings = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
        northings = np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step
        return (
            [((easting - self.west) / self.unit_m, round(easting)) for easting in eastings],
            [((self.north - northing) / self.unit_m, round(northing)) for northing in northings],
        )


def frame_of(shown: Sequence[BaseGeometry], width_mm: float, height_mm: float) -> Frame:
    """The frame in which all of these shapes (EPSG:4490) are seen whole, with some room around them."""
    west, south, east, north = shapely.total_bounds(list(shown))
    zone = home_zone((west + east) / 2)
    zone = Zone(zone.number, zone.width, prefixed=True)
    plane = [from_storage(shape, zone.epsg) for shape in shown]
    west, south, east, north = shapely.total_bounds(plane)
    needed = 1000 * ROOM * max((east - west) / width_mm, (north - south) / height_mm)
    scale = round_up(max(needed, LEAST_SCALE), STEPS)
    return Frame(
        zone,
        (west + east) / 2 - width_mm * scale / 2000,
        (south + north) / 2 + height_mm * scale / 2000,
        scale,
        width_mm,
        height_mm,
    )


def round_up(value: float, steps: Sequence[float]) -> float:
    """The next number that is one of the steps times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(
        next(
            step * power * 10**n
            for n in count()
            for step in steps
            if step * power * 10**n >= value * (1 - 1e-9)
        )
    )
