"""Drawn test geometry: letters on a grid of metres, turned into points of EPSG:4490.

The grid's origin is the top left corner; columns go east and rows go south, `step` metres apart, in the 3-degree zone
of the place. Edges are short and follow the zone's axes, so their lengths in metres are those of the drawing to 1e-4.
"""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs

URBAN = (524_000.0, 4_876_500.0)
"""Easting and northing in zone 29 (EPSG:4538): 昌吉市, 87.3 E 44.02 N."""


class Grid:
    """A drawing; `polygon("ABED")` is the ring through those letters."""

    def __init__(
        self, drawing: str, step: float = 100.0, origin: tuple[float, float] = URBAN, epsg: int = 4538
    ) -> None:
        self.epsg = epsg
        self.points: dict[str, tuple[float, float]] = {}
        for row, line in enumerate(drawing.strip().splitlines()):
            for column, letter in enumerate(line.split()):
                if letter != ".":
                    self.points[letter] = (origin[0] + column * step, origin[1] - row * step)

    def flat(self, letters: str) -> BaseGeometry:
        """The polygon in the zone, metres."""
        return shapely.Polygon([self.points[letter] for letter in letters])

    def polygon(self, letters: str) -> BaseGeometry:
        """The polygon as stored: MultiPolygon in EPSG:4490."""
        return shapely.orient_polygons(shapely.MultiPolygon([crs.to_storage(self.flat(letters), self.epsg)]))

    def line(self, letters: str) -> BaseGeometry:
        flat = shapely.LineString([self.points[letter] for letter in letters])
        return shapely.MultiLineString([crs.to_storage(flat, self.epsg)])

    def point(self, letter: str) -> BaseGeometry:
        return crs.to_storage(shapely.Point(self.points[letter]), self.epsg)


def grid(drawing: str, **options: object) -> Grid:
    return Grid(drawing, **options)  # type: ignore[arg-type]
