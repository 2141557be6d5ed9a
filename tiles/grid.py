"""The grids of tiles, that of the web map and that of CGCS2000: which z/x/y exist, and the ground of a tile."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

Grid = Literal["WebMercatorQuad", "CGCS2000Quad"]
WEB_MERCATOR: Grid = "WebMercatorQuad"
CGCS2000: Grid = "CGCS2000Quad"
"""Longitude and latitude of EPSG:4490 cut into squares, from two at zoom 1 on: the grid `c` of the national map
(CH/Z 9011-2011: 0.703125 degrees a pixel at level 1)."""
MAX_ZOOM = 22
EXTENT = 4096
"""Coordinates across one tile."""
BUFFER = 64
"""Coordinates drawn beyond each edge, so that lines and marks are not cut at it."""
HALF_WORLD_M = math.pi * 6378137.0
"""Half the side of the square world of EPSG:3857, in its metres."""


class TileInvalid(LookupError):
    """There is no tile with this zoom, column and row."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Zoom, column from the west, row from the north (XYZ). Raises TileInvalid."""

    grid: ClassVar[Grid] = WEB_MERCATOR
    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise TileInvalid(f"{self.z}/{self.x}/{self.y}")

    @property
    def size_m(self) -> float:
        """Side in metres of EPSG:3857."""
        return 2 * HALF_WORLD_M / 2**self.z

    def mercator(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857."""
        west, north = self.x * self.size_m - HALF_WORLD_M, HALF_WORLD_M - self.y * self.size_m
        return west, north - self.size_m, west + self.size_m, north

    def degrees(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, wider by `margin` tile sides; kept on the globe."""
        west, south, east, north = self.mercator()
        wider = margin * self.size_m
        return (
            max(_longitude(west - wider), -180.0),
            _latitude(south - wider),
            min(_longitude(east + wider), 180.0),
            _latitude(north + wider),
        )


@dataclass(frozen=True, slots=True)
class DegreeTile:
    """Zoom, column from 180 W, row from 90 N, in the grid of CGCS2000. Raises TileInvalid."""

    grid: ClassVar[Grid] = CGCS2000
    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (1 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2 ** (self.z - 1)):
            raise TileInvalid(f"{self.z}/{self.x}/{self.y}")

    @property
    def side(self) -> float:
        """In degrees."""
        return 360 / 2**self.z

    def degrees(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, wider by `margin` tile sides; kept on the globe."""
        west, north, wider = self.x * self.side - 180, 90 - self.y * self.side, margin * self.side
        return (
            max(west - wider, -180.0),
            max(north - self.side - wider, -90.0),
            min(west + self.side + wider, 180.0),
            min(north + wider, 90.0),
        )


def tile_of(grid: Grid, z: int, x: int, y: int) -> Tile | DegreeTile:
    """Raises TileInvalid."""
    return Tile(z, x, y) if grid == WEB_MERCATOR else DegreeTile(z, x, y)


def _longitude(x: float) -> float:
    return x / HALF_WORLD_M * 180.0


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y / HALF_WORLD_M * math.pi)))
