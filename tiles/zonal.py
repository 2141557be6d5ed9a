"""What an image says of a parcel: statistics over its pixels, each counted by the part of it that lies in the parcel.

The parts are exact (exactextract). The parcel is brought into the image's system, its edges cut to some 70 m first, for
they are straight in longitude and latitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from spatial import crs
from tiles.pictures import opened

MOST_PIXELS = 4_000_000
"""Of the box around a parcel in one image: some 300 MB while they are being counted."""
PIECE_DEGREES = 0.0006
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST = 1e-6
"""Part of a pixel below which it is an error of rounding: it must not say what is the least or the greatest."""


class TooManyPixels(ValueError):
    """The box around the parcel holds more pixels than can be counted; the message says how many."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band under a parcel, values as stored. `count`: pixels with a value, their parts added up; without any
    the rest is None. `without_value`: the share of the parcel's pixels that have none. A quantile is the least value
    that with all below it has that share.
    """

    band: int
    name: str | None
    count: float
    without_value: float
    mean: float | None
    min: float | None
    max: float | None
    quantiles: dict[str, float | None]


def statistics(file: Path, parcel: BaseGeometry) -> tuple[float, list[Band]]:
    """How many pixels of an image a parcel (EPSG:4490) covers, and each of its bands.

    Raises TooManyPixels or ImageMissing.
    """
    with opened(file) as image:
        there = crs.from_storage(shapely.segmentize(parcel, PIECE_DEGREES), image.crs.to_epsg())
        window = _window(image, there)
        if window is None:
            return 0.0, []
        cells, parts = _covered(image, window, there)
        found = []
        for band in range(1, image.count + 1):
            values = image.read(band, window=window).ravel()[cells].astype(np.float64)
            held = (image.read_masks(band, window=window).ravel()[cells] > 0) & np.isfinite(values)
            name = image.descriptions[band - 1]
            found.append(_band(band, name, values[held], parts[held], float(parts.sum())))
        return float(parts.sum()), found if len(parts) else []


def _window(image: Any, there: BaseGeometry) -> Any:
    """The pixels of the box around the parcel; None outside of the image."""
    from rasterio.windows import Window

    west, south, east, north = there.bounds
    at = image.transform
    left, top = max(0, math.floor((west - at.c) / at.a)), max(0, math.floor((north - at.f) / at.e))
    right = min(image.width, math.ceil((east - at.c) / at.a))
    low = min(image.height, math.ceil((south - at.f) / at.e))
    if left >= right or top >= low:
        return None
    if (right - left) * (low - top) > MOST_PIXELS:
        raise TooManyPixels(str((right - left) * (low - top)))
    return Window(left, top, right - left, low - top)


def _covered(image: Any, window: Any, there: BaseGeometry) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of a window that a shape covers, by their place row after row, and the part of each."""
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    at = image.transform
    west, north = at.c + window.col_off * at.a, at.f + window.row_off * at.e
    grid = NumPyRasterSource(
        np.zeros((window.height, window.width), np.uint8),
        west,
        north + window.height * at.e,
        west + window.width * at.a,
        north,
    )
    asked = {"type": "Feature", "geometry": mapping(there), "properties": {}}
    (told,) = exact_extract(grid, [asked], ["cell_id", "coverage"])
    cells, parts = (np.asarray(told["properties"][name]) for name in ("cell_id", "coverage"))
    more = parts > LEAST
    return cells[more].astype(np.int64), parts[more].astype(np.float64)


def _band(band: int, name: str | None, values: np.ndarray, parts: np.ndarray, pixels: float) -> Band:
    count = float(parts.sum())
    if not count:
        return Band(band, name, 0.0, 1.0, None, None, None, dict.fromkeys(map(str, QUANTILES)))
    order = np.argsort(values)
    reached = np.cumsum(parts[order])
    # A hair less, so that a sum of parts which is that share but for its last digit counts as it.
    at = np.searchsorted(reached, np.array(QUANTILES) * count * (1 - 1e-9))
    shares = values[order[np.minimum(at, len(order) - 1)]]
    return Band(
        band,
        name,
        count,
        max(0.0, 1 - count / pixels),
        float((values * parts).sum() / count),
        float(values.min()),
        float(values.max()),
        dict(zip(map(str, QUANTILES), shares.tolist(), strict=True)),
    )
