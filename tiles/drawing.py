"""Shapes as tiles draw them, worked out once: in web mercator, simplified for a band of zooms, on the band's own grid.

A band begins at a zoom and holds three. Its shapes stand on whole units of a tile at its first zoom (4096 across), so
that at the others they stand on whole units too: what lies wholly in a tile needs neither clipping nor a test whether
it is still valid there. A vertex moves by at most one and a half units of the first zoom, 0.75 px at the last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import shapely

from tiles.grid import EXTENT

BANDS = (4, 7, 10, 13)
"""The first zoom of each band."""
LAST_ZOOM = 15
"""Beyond it tiles hold few features, and draw them as they are stored."""
FINEST = 22
"""Zoom in whose units the place of a feature's mark and its size are counted."""


def band_of(z: int) -> int | None:
    """The band whose shapes a zoom draws; the first one's below it too. None: as stored."""
    return None if z > LAST_ZOOM else max((band for band in BANDS if band <= z), default=BANDS[0])


def drawn(shapes: np.ndarray) -> Mapping[str, np.ndarray]:
    """`spot` (a point on each shape, units of zoom 22), `span` (the longer side of its box, the same units), and for
    each band `band_<zoom>` (None where nothing is left).

    `shapes`: shapely geometries in EPSG:4490, none empty. Units run east and north from the south-west corner of the
    square world of EPSG:3857; outer rings run clockwise there, as MVT 2.1 (4.3.3.3) asks once rows go down.
    """
    finest = shapely.transform(shapes, _units(FINEST))
    boxes = shapely.bounds(finest)
    areal = shapely.get_dimensions(shapes) > 0
    columns = {
        "spot": shapely.transform(shapely.point_on_surface(shapes), _units(FINEST)),
        "span": np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]),
    }
    for band in BANDS:
        found = np.full(len(shapes), None, dtype=object)
        found[areal] = _on_grid(shapely.transform(shapes[areal], _units(band)))
        columns[f"band_{band}"] = found
    return columns


def _on_grid(shapes: np.ndarray) -> np.ndarray:
    simple = shapely.simplify(shapes, 1.0, preserve_topology=True)
    found = shapely.orient_polygons(shapely.set_precision(simple, 1.0), exterior_cw=True)
    found[shapely.is_empty(found)] = None
    return np.asarray(found, dtype=object)


def _units(zoom: int) -> Callable[[np.ndarray], np.ndarray]:
    """Longitude and latitude in degrees as units of the zoom; CGCS2000 and WGS 84 are one to PROJ (EPSG:3857)."""
    side = 2.0**zoom * EXTENT

    def place(degrees: np.ndarray) -> np.ndarray:
        east = degrees[:, 0] / 360 + 0.5
        north = np.arcsinh(np.tan(np.radians(degrees[:, 1]))) / (2 * np.pi) + 0.5
        return np.stack([east, north], axis=1) * side

    return place
