"""Shapes as they are stored: what is wrong with one and where, and the few harmless changes that are made to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_FAULTS = {
    "Self-intersection": ("self_intersection", "边界自相交"),
    "Ring Self-intersection": ("ring_self_intersection", "边界自己碰到自己"),
    "Hole lies outside shell": ("hole_outside", "内圈（扣除部分）落在外圈之外"),
    "Holes are nested": ("nested_holes", "内圈套着内圈"),
    "Interior is disconnected": ("disconnected", "内圈把地块切断"),
    "Nested shells": ("nested_shells", "外圈套着外圈"),
    "Duplicate Rings": ("duplicate_rings", "内圈与外圈重合"),
    "Too few points in geometry component": ("too_few_points", "一圈不足三个不同的点"),
    "Invalid Coordinate": ("not_finite", "坐标不是有效数字"),
    "Ring is not closed": ("not_closed", "边界没有闭合"),
}
POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON = 0, 1, 3, 4, 5, 6
"""Numbers of shapely.get_type_id."""
_MULTI = {LINE: shapely.multilinestrings, POLYGON: shapely.multipolygons}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a shape (`code`, Chinese `message`) and where, in the coordinates it came in."""

    code: str
    message: str
    place: tuple[float, float] | None


def fault_of(geometry: BaseGeometry | None) -> Fault | None:
    """The first fault that would make an overlay answer wrong without an error, or None.

    A NaN vertex, an empty shape or a hole equal to its shell meets nothing at all.
    """
    if geometry is None or geometry.is_empty:
        return Fault("empty_geometry", "没有图形", None)
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return Fault("not_finite", "坐标不是有效数字", None)
    reason = shapely.is_valid_reason(geometry)
    if reason == "Valid Geometry":
        return None
    words, _, place = reason.partition("[")
    code, message = _FAULTS.get(words.strip(), ("invalid_geometry", f"图形无效（{words.strip()}）"))
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", place)]
    return Fault(code, message, (numbers[0], numbers[1]) if len(numbers) >= 2 else None)


def normalise(geometry: BaseGeometry) -> BaseGeometry:
    """The shape as it is stored: flat, shells counter-clockwise (RFC 7946), polygons and lines as Multi-."""
    return normalise_all(_array([geometry]))[0]


def normalise_all(shapes: np.ndarray) -> np.ndarray:
    """`normalise` for an array of shapes at once."""
    found = (
        shapely.force_2d(shapes)
        if shapely.has_z(shapes).any() or shapely.has_m(shapes).any()
        else shapes.copy()
    )
    kinds = shapely.get_type_id(found)
    for kind, make in _MULTI.items():
        at = np.flatnonzero(kinds == kind)
        if at.size:
            found[at] = make(found[at], indices=np.arange(at.size))
    alone = (kinds == MULTIPOINT) & (shapely.get_num_geometries(found) == 1)
    found[alone] = shapely.get_geometry(found[alone], 0)
    at = np.flatnonzero((kinds == POLYGON) | (kinds == MULTIPOLYGON))
    if at.size:
        found[at] = shapely.orient_polygons(found[at])
    return found


def _array(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    """The parts of a shape that have area, as one MultiPolygon (possibly empty)."""
    return shapely.MultiPolygon([p for p in _leaves(geometry) if p.geom_type == "Polygon" and not p.is_empty])


def lines_of(geometry: BaseGeometry) -> BaseGeometry:
    """The parts of a shape that have length and no area, as one MultiLineString (possibly empty)."""
    return shapely.MultiLineString(
        [p for p in _leaves(geometry) if p.geom_type == "LineString" and not p.is_empty]
    )


def _leaves(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = [geometry] if not hasattr(geometry, "geoms") else list(geometry.geoms)
    return [leaf for part in parts for leaf in (_leaves(part) if hasattr(part, "geoms") else [part])]
