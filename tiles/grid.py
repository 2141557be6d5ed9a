"""The tile grid of the web map: which z/x/y exist, and the ground that a tile covers."""

import math
from dataclasses import dataclass

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


def _longitude(x: float) -> float:
    return x / HALF_WORLD_M * 180.0


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y / HALF_WORLD_M * math.pi)))
