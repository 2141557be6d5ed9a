"""The outline of the pixels that say something, from a mask of one bit a pixel: exact where that is short enough.

A satellite scene has slanting edges and a mosaic ragged ones: thousands of pixel steps, millions with noise. Then the
mask is made coarser, a cell counting as soon as one of its pixels does, so that no data ever lie outside the outline
by more than the simplification told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.geometry import polygons_of

MOST_VERTICES = 2_000
MOST_EDGES = 500_000
"""Pixel edges along the outline that are traced at most."""
MOST_RINGS = 1_000
"""Rings, in strips of rows, that are joined at most: each keeps four vertices at least."""
PIECE = 1_000
"""Vertices that GEOS simplifies at once: each may take it a call deeper; a comb of 100,000 teeth ends the process."""
ROWS = 512
"""Rows that lie unpacked at once."""


def footprint(bits: np.ndarray, width: int, height: int) -> tuple[BaseGeometry, float]:
    """The outline in columns and rows, and by how many pixels it may be off. `bits`: rows packed by numpy.packbits.

    Empty where no pixel is set.
    """
    cell, columns = 1, width
    while True:
        traced = _traced(bits, columns) if _edges(bits, columns) <= MOST_EDGES else None
        # The steps of a slanting edge are one cell high.
        for tolerance in () if traced is None else (0.5, 1.0) if cell == 1 else (1.0,):
            shape = _in_pixels(_simplified(traced, tolerance), cell, width, height)
            if shape.is_valid and shapely.get_num_coordinates(shape) <= MOST_VERTICES:
                return shape, tolerance if cell == 1 else 2.0 * cell
        bits, columns = _halved(bits, columns)
        cell *= 2


def _strips(bits: np.ndarray, columns: int) -> Iterator[tuple[int, np.ndarray]]:
    """First row and unpacked rows, one strip after the other."""
    for top in range(0, len(bits), ROWS):
        yield top, np.unpackbits(bits[top : top + ROWS], axis=1, count=columns)


def _edges(bits: np.ndarray, columns: int) -> int:
    """How many pixel edges lie between what is set and what is not, the rim of the image included."""
    count = 0
    above = np.zeros(columns, np.uint8)
    for _, rows in _strips(bits, columns):
        count += int(np.count_nonzero(rows[:, 1:] != rows[:, :-1]))
        count += int(rows[:, 0].sum(dtype=np.int64) + rows[:, -1].sum(dtype=np.int64))
        count += int(np.count_nonzero(rows[0] != above) + np.count_nonzero(rows[1:] != rows[:-1]))
        above = rows[-1]
    return count + int(above.sum(dtype=np.int64))


def _traced(bits: np.ndarray, columns: int) -> BaseGeometry | None:
    """The set pixels as one MultiPolygon, along their edges; None where it has too many rings."""
    from rasterio.features import shapes

    polygons, rings = [], 0
    for top, rows in _strips(bits, columns):
        for shape, _ in shapes(rows, mask=rows.view(bool), transform=(1, 0, 0, 0, 1, top)):
            rings += len(shape["coordinates"])
            polygons.append(shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:]))
        if rings > MOST_RINGS:
            return None
    return polygons_of(shapely.union_all(polygons))


def _simplified(shape: BaseGeometry, tolerance: float) -> BaseGeometry:
    """With fewer vertices, none further off than the tolerance. A long one goes in pieces and may come out invalid."""
    if shapely.get_num_coordinates(shape) <= 10 * PIECE:
        return shapely.simplify(shape, tolerance)
    polygons = [
        shapely.Polygon(
            _shorter(part.exterior, tolerance), [_shorter(ring, tolerance) for ring in part.interiors]
        )
        for part in shapely.get_parts(shape)
    ]
    return shapely.MultiPolygon(polygons)


def _shorter(ring: BaseGeometry, tolerance: float) -> np.ndarray:
    points = shapely.get_coordinates(ring)
    last = len(points) - 1
    cuts = np.linspace(0, last, max(3, math.ceil(last / PIECE)) + 1).astype(int)
    pieces = [shapely.LineString(points[start : end + 1]) for start, end in pairwise(cuts)]
    kept = [
        shapely.get_coordinates(piece)[:-1]
        for piece in shapely.simplify(pieces, tolerance, preserve_topology=False)
    ]
    return np.concatenate([*kept, points[:1]])


def _halved(bits: np.ndarray, columns: int) -> tuple[np.ndarray, int]:
    """Cells twice as large, each set where one of its four is."""
    half = (columns + 1) // 2
    coarse = np.zeros(((len(bits) + 1) // 2, (half + 7) // 8), np.uint8)
    for top, rows in _strips(bits, columns):
        even = np.pad(rows, ((0, len(rows) % 2), (0, columns % 2)))
        cells = even[0::2, 0::2] | even[1::2, 0::2] | even[0::2, 1::2] | even[1::2, 1::2]
        coarse[top // 2 : top // 2 + len(cells)] = np.packbits(cells, axis=1)
    return coarse, half


def _in_pixels(shape: BaseGeometry, cell: int, width: int, height: int) -> BaseGeometry:
    """Cells as pixels; the last cell of a row or column may reach over the image's edge."""
    return shapely.transform(shape, lambda points: np.minimum(points * cell, (width, height)))
