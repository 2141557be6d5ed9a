"""Geometry literals: from nested coordinates to a valid shape in EPSG:4490, whatever system they were written in."""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.geometry import fault_of
from tiles.cql2.refusal import FilterRefused, shortened
from tiles.cql2.tree import Budget, Place

_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
COLLECTION = "GeometryCollection"
TYPES = (*_DEPTH, COLLECTION)
_AUTHORITY = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[0-9.]{1,9}/([0-9]{4,6})")
_CRS84 = re.compile(r"https?://www\.opengis\.net/def/crs/OGC/(0|1\.3)/CRS84")
_SHORT = re.compile(r"EPSG:[0-9]{4,6}", re.IGNORECASE)
LONGEST = 50_000 * crs.LONGEST_PIECE_M
"""Metres of edges in a zone: they are cut into pieces of 70 m on their way to degrees."""


class System(NamedTuple):
    """The coordinate system of a filter; `swapped`: north before east, as the registry orders all but Web Mercator."""

    epsg: int
    swapped: bool


DEGREES = System(crs.WGS84, False)


def system_of(filter_crs: str | None) -> System:
    """What `filter-crs` names: CRS84 unless given. A URI has its authority's axes, `EPSG:4517` east before north."""
    if filter_crs is None or _CRS84.fullmatch(filter_crs):
        return DEGREES
    authority = _AUTHORITY.fullmatch(filter_crs)
    if authority is None and not _SHORT.fullmatch(filter_crs):
        raise FilterRefused(
            f"不认识坐标系“{shortened(filter_crs)}”，例如 EPSG:4490 或 EPSG:4517。",
            "filter-crs",
        )
    number = authority[1] if authority else filter_crs.partition(":")[2]
    if number == f"{crs.MERCATOR}":
        return System(crs.MERCATOR, False)
    try:
        return System(crs.parse(number), authority is not None)
    except crs.CrsRefused as error:
        raise _refused_crs(error, "filter-crs") from error


def shape(given: Mapping[str, Any], system: System, budget: Budget, at: Place) -> BaseGeometry:
    """A GeoJSON geometry in EPSG:4490. Raises FilterRefused for what is none, is faulty or off the globe."""
    kind, inner = given.get("type"), "geometries" if given.get("type") == COLLECTION else "coordinates"
    if kind not in TYPES or set(given) - {"bbox"} != {"type", inner} or not isinstance(given[inner], list):
        raise FilterRefused(
            "这不是 GeoJSON 图形：应有 type 和 coordinates（或 geometries）。",
            at,
        )
    if kind != COLLECTION:
        coordinates = _positions(given[inner], _DEPTH[kind], system, budget, at)
        _require_rings(kind, coordinates, at)
        return _stored(shapely.geometry.shape({"type": kind, "coordinates": coordinates}), system, at)
    if not given[inner] or any(
        not isinstance(one, dict) or one.get("type") == COLLECTION for one in given[inner]
    ):
        raise FilterRefused("图形集合里要有图形，不能再有集合。", at)
    for _ in given[inner]:
        budget.node(at)
    return shapely.GeometryCollection([shape(one, system, budget, at) for one in given[inner]])


def box(edges: Any, system: System, budget: Budget, at: Place) -> BaseGeometry:
    """West, south, (lowest,) east, north (, highest); where west is more than east it crosses the 180th meridian."""
    if not isinstance(edges, list) or len(edges) not in (4, 6):
        raise FilterRefused("范围框应有 4 个数：西、南、东、北。", at)
    half = len(edges) // 2
    lowest = _position(edges[:half], system, budget, at)
    highest = _position(edges[half:], system, budget, at)
    (west, south), (east, north) = lowest, highest
    if south > north or (west > east and system.epsg not in (crs.WGS84, crs.STORAGE)):
        raise FilterRefused("范围框的顺序应为西、南、东、北。", at)
    if west > east:
        halves = [(west, south, 180.0, north), (-180.0, south, east, north)]
        return _stored(
            shapely.MultiPolygon([shapely.box(*one) for one in halves if one[0] < one[2]]), system, at
        )
    if lowest == highest:
        return _stored(shapely.Point(lowest), system, at)
    if west == east or south == north:
        return _stored(shapely.LineString([lowest, highest]), system, at)
    return _stored(shapely.box(west, south, east, north), system, at)


def _positions(given: Any, depth: int, system: System, budget: Budget, at: Place) -> Any:
    if depth == 0:
        return _position(given, system, budget, at)
    if not isinstance(given, list) or not given:
        raise FilterRefused("图形的坐标缺少一层，或者是空的。", at)
    return [_positions(one, depth - 1, system, budget, at) for one in given]


def _position(given: Any, system: System, budget: Budget, at: Place) -> tuple[float, float]:
    """East and north; a height is read and left out."""
    budget.vertex(at)
    if (
        not isinstance(given, list)
        or len(given) not in (2, 3)
        or any(isinstance(one, bool) or not isinstance(one, int | float) for one in given)
        or not all(map(math.isfinite, given))
    ):
        raise FilterRefused("坐标应为两个或三个数。", at)
    east, north = float(given[0]), float(given[1])
    if system.swapped:
        east, north = north, east
    if system.epsg in (crs.WGS84, crs.STORAGE) and not (abs(east) <= 180 and abs(north) <= 90):
        raise FilterRefused(
            f"坐标 {shortened(east)}、{shortened(north)} 不是经纬度，应先经度（-180 至 180）后纬度（-90 至 90）。",
            at,
        )
    return east, north


def _require_rings(kind: str, coordinates: Any, at: Place) -> None:
    if kind in ("LineString", "MultiLineString"):
        lines = [coordinates] if kind == "LineString" else coordinates
        if any(len(line) < 2 for line in lines):
            raise FilterRefused("线至少要有两个点。", at)
    elif kind in ("Polygon", "MultiPolygon"):
        polygons = [coordinates] if kind == "Polygon" else coordinates
        for ring in (ring for polygon in polygons for ring in polygon):
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise FilterRefused(
                    "面的每一圈至少要有四个点，并回到第一个点。",
                    at,
                )


def _stored(geometry: BaseGeometry, system: System, at: Place) -> BaseGeometry:
    if system.epsg not in (crs.WGS84, crs.STORAGE) and not geometry.length <= LONGEST:
        raise FilterRefused("图形太大。", at)
    try:
        stored = crs.to_storage(geometry, system.epsg)
    except crs.CrsRefused as error:
        raise _refused_crs(error, at) from error
    except shapely.errors.GEOSException as error:  # a line of no length cannot be cut
        raise FilterRefused("图形有错：线没有长度。", at) from error
    fault = fault_of(stored)
    if fault is not None:
        place = f"（{fault.place[0]:.6f}，{fault.place[1]:.6f} 附近）" if fault.place else ""
        raise FilterRefused(f"图形有错：{fault.message}{place}。", at)
    return stored


def _refused_crs(error: crs.CrsRefused, at: Place) -> FilterRefused:
    return FilterRefused(str(error), at)
