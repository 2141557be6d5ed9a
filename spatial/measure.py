"""What lies on or near a parcel, measured: one pure function over shapes, the same for one check and for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.geometry import lines_of, polygons_of

CONTACT_WIDTH_M = 2e-4
"""Two lines that are one in their zone are stored within 0.1 mm each (spatial.crs): a strip narrower than both
errors together, 2 x area / perimeter, is contact and not an overlap. A millimetre is an overlap."""
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


def measure(parcel: BaseGeometry, shapes: Sequence[BaseGeometry], reach_m: Sequence[float]) -> list[Measured]:
    """Measure each shape (EPSG:4490, valid) against a parcel; farther than its `reach_m` is APART."""
    geometries = np.asarray(shapes, dtype=object)
    if not len(geometries):
        return []
    shapely.prepare(parcel)
    meets = shapely.intersects(parcel, geometries)
    away = np.flatnonzero(~meets)
    distances = dict(
        zip(away.tolist(), _distances(parcel, geometries[away], np.asarray(reach_m)[away]), strict=True)
    )
    parcel_area = crs.area_m2(parcel)
    return [
        _overlap(parcel, parcel_area, shape) if meets[i] else _apart(distances[i], reach_m[i])
        for i, shape in enumerate(geometries)
    ]


def is_contact(part: BaseGeometry, area: float) -> bool:
    """Whether a shared shape (EPSG:4490, its area in m²) is only what storing leaves along a shared boundary."""
    return area == 0 or (area < CONTACT_M2 and 2 * area < CONTACT_WIDTH_M * crs.length_m(part))


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


def _apart(distance: float, reach: float) -> Measured:
    return Measured(False, 0.0, 0.0, distance, None) if distance <= reach else APART


def _distances(parcel: BaseGeometry, shapes: np.ndarray, reach: np.ndarray) -> list[float]:
    """Metres from the parcel to each shape; only what lies within reach is projected, so a vast zone costs little."""
    if not len(shapes):
        return []
    west, south, east, north = parcel.bounds
    plane = crs.LocalPlane((west + east) / 2, (south + north) / 2)
    dx, dy = crs.degrees_for(float(reach.max()) + 1.0, max(abs(south), abs(north)))
    flat_parcel = plane.project(parcel)
    shapely.prepare(flat_parcel)
    found = []
    for shape in shapes:
        edge = shape if "Polygon" not in shape.geom_type else shapely.boundary(shape)
        near = shapely.clip_by_rect(edge, west - dx, south - dy, east + dx, north + dy)
        found.append(
            float("inf")
            if near.is_empty
            else plane.metres(shapely.distance(flat_parcel, plane.project(near)))
        )
    return found
