"""What lies on or near a parcel, measured: one pure function over shapes, the same for one check and for a batch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.geometry import lines_of, polygons_of

CONTACT_WIDTH_M = 2e-4
"""Two lines that are one in their zone are stored within 0.1 mm each (spatial.crs): a strip narrower than both
errors together, by its mean (2 x area / perimeter) and everywhere, is contact, not an overlap. A millimetre is one."""
CONTACT_M2 = 1.0
"""But never contact from this area on, however narrow."""
CONTACT_M = 1e-3


@dataclass(frozen=True)
class Measured:
    """One feature against the parcel.

    `overlaps`: interiors meet (polygon: more than contact; line: it runs through the interior; point: it lies
    in the parcel, edge included). `part`: the shared shape in EPSG:4490, None without one. `distance_m`: 0 where
    they meet or touch.
    """

    overlaps: bool
    area_m2: float
    length_m: float
    distance_m: float
    part: BaseGeometry | None


@dataclass(frozen=True)
class Union:
    """The union of several overlaps: nothing is counted twice."""

    area_m2: float
    perimeter_m: float
    part: BaseGeometry


APART = Measured(False, 0.0, 0.0, float("inf"), None)


class OutOfTime(Exception):
    """Measuring took longer than it may; there is no answer from a part of the features."""


def measure(
    parcel: BaseGeometry,
    shapes: Sequence[BaseGeometry],
    reach_m: Sequence[float],
    seconds: float = float("inf"),
) -> list[Measured]:
    """Measure each shape (EPSG:4490, valid) against a parcel; farther than its `reach_m` is APART.

    Raises OutOfTime when it is not done after so many `seconds`.
    """
    end = time.monotonic() + seconds
    if not len(shapes):
        return []
    shapely.prepare(parcel)
    parcel_area = crs.area_m2(parcel)
    west, south, east, north = parcel.bounds
    plane = crs.LocalPlane((west + east) / 2, (south + north) / 2)
    found = []
    for shape, reach in zip(shapes, reach_m, strict=True):
        if time.monotonic() > end:
            raise OutOfTime
        if shapely.intersects(parcel, shape):
            found.append(_overlap(parcel, parcel_area, shape))
        else:
            distance = _distance(plane, parcel, shape, reach)
            found.append(Measured(False, 0.0, 0.0, distance, None) if distance <= reach else APART)
    return found


def is_contact(part: BaseGeometry, area: float) -> bool:
    """Whether a shared shape (EPSG:4490, its area in m²) is only what storing leaves along a shared boundary."""
    if area == 0:
        return True
    if area >= CONTACT_M2 or 2 * area >= CONTACT_WIDTH_M * crs.length_m(part):
        return False
    return not _is_anywhere_wide(part)


def _is_anywhere_wide(part: BaseGeometry) -> bool:
    """Whether something of a shape is left when a strip half as wide as contact may be is taken off all around it:
    a tooth in a long thin strip hardly changes the mean."""
    west, south, east, north = part.bounds
    plane = crs.LocalPlane((west + east) / 2, (south + north) / 2)
    return not shapely.is_empty(shapely.buffer(plane.project(part), -CONTACT_WIDTH_M / 2, join_style="mitre"))


def union_of(parts: Sequence[BaseGeometry]) -> Union:
    """The union of polygon overlaps of one layer, its area and perimeter."""
    part = parts[0] if len(parts) == 1 else polygons_of(shapely.union_all(list(parts)))
    return Union(crs.area_m2(part), crs.length_m(part), part)


def _overlap(parcel: BaseGeometry, parcel_area: float, shape: BaseGeometry) -> Measured:
    if shape.geom_type == "Point":
        return Measured(True, 0.0, 0.0, 0.0, shape)
    if "Line" in shape.geom_type:
        if not shapely.relate_pattern(shape, parcel, "T********"):
            return Measured(False, 0.0, 0.0, 0.0, None)
        run = lines_of(shapely.intersection(shape, parcel))
        length = crs.length_m(run)
        return Measured(length > CONTACT_M, 0.0, length, 0.0, run)
    if shapely.covers(shape, parcel):
        return Measured(True, parcel_area, 0.0, 0.0, parcel)
    part = polygons_of(shape if shapely.covers(parcel, shape) else shapely.intersection(parcel, shape))
    area = crs.area_m2(part)
    if is_contact(part, area):
        return Measured(False, 0.0, 0.0, 0.0, None)
    return Measured(True, min(area, parcel_area), 0.0, 0.0, part)


def _distance(plane: crs.LocalPlane, parcel: BaseGeometry, shape: BaseGeometry, reach: float) -> float:
    """Metres from the parcel to a shape that does not meet it; inf where it is surely farther than `reach`.

    Only the parts of both edges that lie within reach of each other are projected, so a vast zone or a parcel of
    ten thousand points costs little.
    """
    margin = crs.degrees_for(reach + 1.0, max(abs(parcel.bounds[1]), abs(parcel.bounds[3])))
    there = _clipped(_edge(shape), parcel.bounds, margin)
    if there.is_empty:
        return float("inf")
    here = _clipped(_edge(parcel), there.bounds, margin)
    if here.is_empty:
        return float("inf")
    return plane.metres(shapely.distance(plane.project(here), plane.project(there)))


def _edge(shape: BaseGeometry) -> BaseGeometry:
    return shapely.boundary(shape) if "Polygon" in shape.geom_type else shape


def _clipped(
    shape: BaseGeometry, box: tuple[float, float, float, float], margin: tuple[float, float]
) -> BaseGeometry:
    west, south, east, north = box
    return shapely.clip_by_rect(
        shape, west - margin[0], south - margin[1], east + margin[0], north + margin[1]
    )
