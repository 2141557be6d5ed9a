"""A raster tile: images of any system drawn on top of each other in the web map's grid.

A window is read at about the tile's own resolution (GDAL takes the overview that is next) and brought into the grid by
nearest neighbour: no value is made up between two pixels. The driver VRT is switched off in this process
(loaders.gdal_settings), so nothing here may need one, as rio-tiler and WarpedVRT do.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from loaders.formats.pixels import SETTINGS
from tiles.colours import PERCENT, ramp, stretched
from tiles.grid import Tile

SIZE = 256
MERCATOR = "EPSG:3857"
KEPT_OPEN = 8
"""Images that a thread keeps open; GDAL lets no two threads use one."""
SAMPLE = 1024
"""Rows and columns of an image at most from which its least, greatest and percentiles are taken."""
_open = threading.local()


class ImageMissing(LookupError):
    """The file of an image is not there, or cannot be read."""


class BandUnknown(LookupError):
    """An image has no such band; the message is its number of bands."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How images are drawn: which bands (one or three; None: red, green and blue, else the first), stretched how.

    `between`: the two values of each band, in place of those of the image. `stretch` None: values of 8 bits as they
    are, others by percentiles. `colormap`: of one band.
    """

    bands: tuple[int, ...] | None = None
    stretch: str | None = None
    between: tuple[tuple[float, float], ...] | None = None
    colormap: str | None = None


def drawn(files: Sequence[Path], tile: Tile, asked: Drawn) -> np.ndarray | None:
    """Red, green, blue, alpha; rows; columns: the first file on top. None where no pixel lies.

    Raises ImageMissing or BandUnknown.
    """
    canvas = np.zeros((4, SIZE, SIZE), np.uint8)
    for file in files:
        with opened(file) as image:
            bands = _bands(image, asked)
            found = _warped(image, bands, tile)
            if found is None:
                continue
            values, alpha = found
            fresh = (canvas[3] == 0) & (alpha > 0)
            if fresh.any():
                canvas[:3, fresh] = _coloured(image, file, bands, asked, values)[:, fresh]
                canvas[3, fresh] = alpha[fresh]
        if canvas[3].all():
            break
    return canvas if canvas[3].any() else None


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """A dataset that this thread alone uses; kept open for what comes next."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    if not hasattr(_open, "images"):
        _open.images = OrderedDict()
        logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # its lines quote the server's paths
        warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
    images: OrderedDict[Path, Any] = _open.images
    with rasterio.Env(**SETTINGS):
        try:
            if file not in images:
                images[file] = rasterio.open(file, driver="GTiff")
            images.move_to_end(file)
            while len(images) > KEPT_OPEN:
                images.popitem(last=False)[1].close()
            yield images[file]
        except (RasterioError, OSError) as error:
            if file in images:
                images.pop(file).close()
            raise ImageMissing(file.name) from error


def _bands(image: Any, asked: Drawn) -> tuple[int, ...]:
    from rasterio.enums import ColorInterp

    if asked.bands is not None:
        if max(asked.bands) > image.count:
            raise BandUnknown(str(image.count))
        return asked.bands
    means = list(image.colorinterp)
    colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if asked.colormap is None and all(one in means for one in colours):
        return tuple(means.index(one) + 1 for one in colours)
    return (1,)


def _warped(image: Any, bands: Sequence[int], tile: Tile) -> tuple[np.ndarray, np.ndarray] | None:
    """Values (bands, rows, columns) and alpha (rows, columns) in the grid of the tile; None where the image is not."""
    from rasterio.enums import Resampling
    from rasterio.transform import from_bounds, from_origin
    from rasterio.warp import reproject
    from rasterio.windows import Window

    west, south, east, north = tile.mercator()
    system = image.crs.to_epsg()
    reaches = _bounds(system, 3857, tuple(image.bounds))
    part = max(west, reaches[0]), max(south, reaches[1]), min(east, reaches[2]), min(north, reaches[3])
    if part[0] >= part[2] or part[1] >= part[3]:
        return None
    at = image.transform
    left, low, right, high = _bounds(3857, system, part)
    across, down = (right - left) / at.a, (high - low) / -at.e
    # Pixels of the image for one of the tile.
    each = min(
        across * tile.size_m / SIZE / (part[2] - part[0]), down * tile.size_m / SIZE / (part[3] - part[1])
    )
    step = max(1, floor(each))
    first = max(0, floor((left - at.c) / at.a) - 2 * step), max(0, floor((high - at.f) / at.e) - 2 * step)
    last = (
        min(image.width, ceil((right - at.c) / at.a) + 2 * step),
        min(image.height, ceil((low - at.f) / at.e) + 2 * step),
    )
    window = Window(*first, last[0] - first[0], last[1] - first[1])
    if window.width <= 0 or window.height <= 0:
        return None
    shape = ceil(window.height / step), ceil(window.width / step)
    mixes = step > 1 and not _is_palette(image)
    values = image.read(
        list(bands),
        window=window,
        out_shape=(len(bands), *shape),
        resampling=Resampling.average if mixes else Resampling.nearest,
    )
    alpha = _alpha(image, values, window=window, out_shape=shape)
    wide, high = at.a * window.width / shape[1], -at.e * window.height / shape[0]
    here = from_origin(at.c + first[0] * at.a, at.f + first[1] * at.e, wide, high)
    placed = {
        "src_transform": here,
        "src_crs": image.crs,
        "dst_transform": from_bounds(west, south, east, north, SIZE, SIZE),
        "dst_crs": MERCATOR,
        "resampling": Resampling.nearest,
    }
    into = np.zeros((len(bands), SIZE, SIZE), values.dtype)
    over = np.zeros((SIZE, SIZE), np.uint8)
    reproject(values, into, **placed)
    reproject(alpha, over, **placed)
    return into, over


@lru_cache(maxsize=4096)
def _bounds(
    source: int, target: int, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """The box around a box in another system, its edges bent as they are. Kept, for it takes longer than the pixels."""
    return _transformer(source, target).transform_bounds(*box)


@lru_cache(maxsize=64)
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _alpha(image: Any, values: np.ndarray, **where: Any) -> np.ndarray:
    """From 0, where no band has a value, to 255.

    What is told by a value is looked for among the values that were read: GDAL's mask of it has no overviews, and
    reads every pixel however few are wanted.
    """
    from rasterio.enums import MaskFlags

    if any(MaskFlags.per_dataset in flags for flags in image.mask_flag_enums):
        told: np.ndarray = image.dataset_mask(**where)
    else:
        told = np.full(values.shape[1:], 255, np.uint8)
    if image.nodata is not None and not np.isnan(image.nodata):
        told[(values == image.nodata).all(axis=0)] = 0
    if values.dtype.kind == "f":
        told[~np.isfinite(values).all(axis=0)] = 0
    return told


def _coloured(image: Any, file: Path, bands: Sequence[int], asked: Drawn, values: np.ndarray) -> np.ndarray:
    """Red, green, blue; rows; columns."""
    if _is_palette(image) and asked == Drawn():
        table = np.zeros((256, 4), np.uint8)
        for value, colour in image.colormap(1).items():
            table[value] = colour
        return table[values[0], :3].transpose(2, 0, 1)
    shown = stretched(values, _between(image, file, bands, asked))
    return shown if len(bands) == 3 else ramp(asked.colormap or "gray")[shown[0]].transpose(2, 0, 1)


def _between(image: Any, file: Path, bands: Sequence[int], asked: Drawn) -> Sequence[tuple[float, float]]:
    if asked.between is not None:
        return asked.between if len(asked.between) == len(bands) else asked.between * len(bands)
    stretch = asked.stretch or ("none" if image.dtypes[0] == "uint8" else "percent")
    if stretch == "none":
        return [(0.0, 255.0)] * len(bands)
    return [_range(file, band, stretch) for band in bands]


@lru_cache(maxsize=1024)
def _range(file: Path, band: int, stretch: str) -> tuple[float, float]:
    """Of all valid pixels of a band, or of a sample of a large image. A file never changes under its name."""
    from rasterio.enums import Resampling

    with opened(file) as image:
        step = max(1.0, max(image.width, image.height) / SAMPLE)
        shape = ceil(image.height / step), ceil(image.width / step)
        values = image.read([band], out_shape=(1, *shape), resampling=Resampling.nearest)
        seen = values[0][_alpha(image, values, out_shape=shape) > 0]
    if not len(seen):
        return 0.0, 255.0
    if stretch == "minmax":
        return float(seen.min()), float(seen.max())
    low, high = np.percentile(seen, PERCENT)
    return float(low), float(high)


def _is_palette(image: Any) -> bool:
    from rasterio.enums import ColorInterp

    return image.colorinterp[0] == ColorInterp.palette and image.dtypes[0] == "uint8"
