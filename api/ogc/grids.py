"""The tile matrix sets (OGC 17-083r4): WebMercatorQuad as registered, and CGCS2000Quad, which no register has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.errors import NotFound
from api.ogc.links import JSON, REL, Link, base, link
from api.ogc.systems import EPSG
from tiles.grid import CGCS2000, HALF_WORLD_M, MAX_ZOOM, WEB_MERCATOR, Grid

TILE_PX = 256
PIXEL_M = 0.00028
"""The side of a pixel on the standard's screen (OGC 17-083r4, 6.2)."""
DEGREE_M = math.pi * 6378137.0 / 180
"""Metres that a degree counts for in a scale (OGC 17-083r4, 6.2): along the equator of CGCS2000."""


@dataclass(frozen=True, slots=True)
class TileMatrixSet:
    """`named`: what its register says of it; `world`: width in units of its system; `first`: zoom it begins with, which
    has `columns` by `rows` tiles; `origin`: its upper left corner, by the axes of its system."""

    id: Grid
    title: str
    epsg: int
    axes: tuple[str, str]
    origin: tuple[float, float]
    world: float
    unit_m: float
    first: int
    columns: int
    rows: int
    named: Mapping[str, str]

    @property
    def crs(self) -> str:
        return f"{EPSG}{self.epsg}"

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            **self.named,
            "crs": self.crs,
            "orderedAxes": list(self.axes),
            "tileMatrices": [self._matrix(zoom) for zoom in range(self.first, MAX_ZOOM + 1)],
        }

    def _matrix(self, zoom: int) -> dict[str, Any]:
        times = 2 ** (zoom - self.first)
        cell = self.world / TILE_PX / (self.columns * times)
        return {
            "id": str(zoom),
            "scaleDenominator": cell * self.unit_m / PIXEL_M,
            "cellSize": cell,
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": list(self.origin),
            "tileWidth": TILE_PX,
            "tileHeight": TILE_PX,
            "matrixWidth": self.columns * times,
            "matrixHeight": self.rows * times,
        }


GRIDS: Mapping[str, TileMatrixSet] = {
    one.id: one
    for one in (
        TileMatrixSet(
            WEB_MERCATOR,
            "Google Maps Compatible for the World",
            3857,
            ("X", "Y"),
            (-HALF_WORLD_M, HALF_WORLD_M),
            2 * HALF_WORLD_M,
            1.0,
            0,
            1,
            1,
            {
                "uri": "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
                "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            },
        ),
        TileMatrixSet(
            CGCS2000, "CGCS2000 经纬度", 4490, ("Lat", "Lon"), (90.0, -180.0), 360.0, DEGREE_M, 1, 2, 1, {}
        ),
    )
}
"""By id, the one that most ask for first."""


def known_grid(grid: str) -> TileMatrixSet:
    """Raises NotFound."""
    if grid not in GRIDS:
        raise NotFound(f"没有瓦片网格“{grid[:80]}”。", f"可用：{'、'.join(GRIDS)}。", code="grid_unknown")
    return GRIDS[grid]


def scheme(request: Request, grid: TileMatrixSet) -> Link:
    return link(f"{REL}/tiling-scheme", f"{base(request)}/tileMatrixSets/{grid.id}", JSON)
