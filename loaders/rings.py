"""Rings in a plane to a shape: which are parts, which are holes, and what is wrong with them.

A ring inside another is a hole and one inside a hole a part again, whatever its number says; files number every
ring in the order they were stored. Nothing that crosses itself is mended here: a zero buffer can silently drop
half of a bow-tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.geometry import fault_of

MOST_RINGS = 2000


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed ring in file order. `number` is the file's own, `row` the line it starts on."""

    number: int
    row: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RingFault:
    """What is wrong with a ring, and where in the plane."""

    code: str
    message: str
    ring: Ring
    place: tuple[float, float] | None


def assemble(rings: Sequence[Ring]) -> tuple[BaseGeometry | None, list[RingFault]]:
    """A MultiPolygon (parts in file order) from rings, or None and the faults that forbid it."""
    if len(rings) > MOST_RINGS:
        return None, [
            RingFault("too_many_rings", f"一个地块有 {len(rings)} 圈，超过 {MOST_RINGS} 圈", rings[0], None)
        ]
    polygons, faults = [], []
    for ring in rings:
        polygon, fault = _polygon(ring)
        if fault:
            faults.append(fault)
        polygons.append(polygon)
    if faults or not polygons:
        return None, faults
    faults = _meetings(rings, polygons)
    if faults:
        return None, faults
    shape = _nest(polygons)
    whole = fault_of(shape)
    return (None, [RingFault(whole.code, whole.message, rings[0], whole.place)]) if whole else (shape, [])


def _polygon(ring: Ring) -> tuple[BaseGeometry | None, RingFault | None]:
    if len(set(ring.points)) < 3:
        return None, RingFault("too_few_points", "不足三个不同的点，围不成面", ring, ring.points[0])
    polygon = shapely.Polygon(ring.points)
    fault = fault_of(polygon)
    if fault:
        return None, RingFault(fault.code, fault.message, ring, fault.place)
    if polygon.area == 0:
        return None, RingFault("no_area", "围成的面积为零", ring, ring.points[0])
    return polygon, None


def _meetings(rings: Sequence[Ring], polygons: Sequence[BaseGeometry]) -> list[RingFault]:
    """Rings that lie on each other or cross each other."""
    tree = shapely.STRtree(polygons)
    faults = []
    for code, message, predicate in (
        ("duplicate_rings", "与圈 {} 完全重合", "covers"),
        ("rings_cross", "与圈 {} 相互交叉", "overlaps"),
    ):
        pairs = {
            tuple(sorted(pair))
            for pair in tree.query(polygons, predicate=predicate).T.tolist()
            if pair[0] != pair[1]
        }
        for first, second in sorted(pairs):
            if predicate == "covers" and not polygons[first].equals(polygons[second]):
                continue
            place = shapely.intersection(
                polygons[first].boundary, polygons[second].boundary
            ).representative_point()
            faults.append(
                RingFault(code, message.format(rings[first].number), rings[second], (place.x, place.y))
            )
    return faults


def _nest(polygons: Sequence[BaseGeometry]) -> BaseGeometry:
    """The MultiPolygon of rings that neither cross nor coincide."""
    inside, outside = shapely.STRtree(polygons).query(polygons, predicate="covered_by")
    areas = shapely.area(np.array(polygons))
    containers: dict[int, list[int]] = {index: [] for index in range(len(polygons))}
    for inner, outer in zip(inside.tolist(), outside.tolist(), strict=True):
        if inner != outer:
            containers[inner].append(outer)
    holes: dict[int, list[int]] = {index: [] for index, outer in containers.items() if len(outer) % 2 == 0}
    for index, outer in containers.items():
        if len(outer) % 2 == 1:
            holes[min(outer, key=lambda one: areas[one])].append(index)
    return shapely.MultiPolygon(
        [
            (polygons[shell].exterior.coords, [polygons[hole].exterior.coords for hole in inner])
            for shell, inner in holes.items()
        ]
    )
