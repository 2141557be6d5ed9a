"""Drawing in metres around a place, and the shapes that a made-up landscape needs. Degrees of EPSG:4490 come out."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

DECIMALS = 8
"""Of a degree: about a millimetre."""
GRID = 10.0**-DECIMALS

SEMI_MAJOR = 6378137.0
ECCENTRICITY2 = 0.00669438002290

WAVES = (1, 2, 3, 5, 8)
"""Of an uneven outline, in rounds."""

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Metres to the right and up from a centre (degrees), the axes turned left by `turn` degrees.

    A plain scaling at the centre's latitude: straight lines stay straight, so what shares an edge in metres shares
    it in degrees. Right to some tenths of a percent within a town or a field, and nothing here is surveyed.
    """

    lon: float
    lat: float
    turn: float = 0.0

    def place(self, x: float, y: float) -> XY:
        """Longitude and latitude of a point in metres."""
        sin_lat = math.sin(math.radians(self.lat))
        curve = 1 - ECCENTRICITY2 * sin_lat**2
        north = math.radians(SEMI_MAJOR * (1 - ECCENTRICITY2) / curve**1.5)
        east = math.radians(SEMI_MAJOR / math.sqrt(curve) * math.cos(math.radians(self.lat)))
        angle = math.radians(self.turn)
        right = x * math.cos(angle) - y * math.sin(angle)
        up = x * math.sin(angle) + y * math.cos(angle)
        return (round(self.lon + right / east, DECIMALS), round(self.lat + up / north, DECIMALS))

    def polygon(self, points: Iterable[XY]) -> MultiPolygon:
        return MultiPolygon([Polygon([self.place(x, y) for x, y in points])])

    def rectangle(self, x0: float, y0: float, x1: float, y1: float) -> MultiPolygon:
        return self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    def point(self, x: float = 0.0, y: float = 0.0) -> Point:
        return Point(self.place(x, y))

    def circle(self, radius: float, corners: int = 48) -> MultiPolygon:
        return self.blob(radius, radius, None, corners)

    def blob(
        self,
        width: float,
        height: float,
        chance: random.Random | None,
        corners: int = 56,
        rough: float = 0.22,
    ) -> MultiPolygon:
        """An ellipse of these half axes in metres, uneven like ground is."""
        waves = (
            [(k, chance.uniform(-rough, rough) / math.sqrt(k), chance.uniform(0, 2 * math.pi)) for k in WAVES]
            if chance
            else []
        )
        points = []
        for corner in range(corners):
            angle = 2 * math.pi * corner / corners
            swell = 1 + sum(size * math.cos((k + 1) * angle + shift) for k, size, shift in waves) / 2
            points.append((width * swell * math.cos(angle), height * swell * math.sin(angle)))
        return self.polygon(points)


def polygons(shape: BaseGeometry) -> MultiPolygon:
    """The polygons of a shape on the common grid, larger ones first; pieces under about 1000 m² are dropped."""
    snapped = shapely.set_precision(shape, GRID)
    parts = [part for part in shapely.get_parts(snapped) if part.geom_type == "Polygon" and part.area > 1e-7]
    parts = [part.normalize() for part in parts]
    return MultiPolygon(sorted(parts, key=lambda part: (-part.area, part.bounds)))


def inside(shape: BaseGeometry, area: BaseGeometry) -> MultiPolygon:
    """The part of a shape within an area."""
    return polygons(shapely.intersection(shape, area, grid_size=GRID))


def without(shape: BaseGeometry, holes: Sequence[BaseGeometry]) -> MultiPolygon:
    """A shape less others."""
    return polygons(shapely.difference(shape, shapely.union_all(list(holes), grid_size=GRID), grid_size=GRID))


def together(shapes: Sequence[BaseGeometry]) -> MultiPolygon:
    """The union of shapes."""
    return polygons(shapely.union_all(list(shapes), grid_size=GRID))


def widened(shape: BaseGeometry, metres: float, lat: float = 44.0) -> MultiPolygon:
    """A shape grown by about that many metres on all sides, corners cut plainly."""
    east = math.cos(math.radians(lat))
    flat = shapely.transform(shape, lambda xy: xy * (east, 1.0))
    grown = shapely.simplify(shapely.buffer(flat, metres / 111_200, quad_segs=3), metres / 111_200 / 40)
    return polygons(shapely.transform(grown, lambda xy: xy / (east, 1.0)))


def line(points: Iterable[XY]) -> MultiLineString:
    """A line through points in degrees."""
    return MultiLineString([LineString([(round(x, DECIMALS), round(y, DECIMALS)) for x, y in points])])


def ribbon(points: Sequence[XY], metres: float) -> MultiPolygon:
    """A strip of that half width along points in degrees: a river, a road."""
    return widened(line(points), metres)
