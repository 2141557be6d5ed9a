"""A GeoTIFF opened by itself, and every pixel of it read once, in pieces.

A neighbour file (.ovr, .msk, .aux.xml, .tfw) can put other pixels or another place under an image, and a file under
this suffix can be a list of other files: one driver, no look at the folder.
"""

from __future__ import annotations

import logging
import math
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np

from loaders.record import refused

SETTINGS: dict[str, Any] = {
    "GDAL_CACHEMAX": 64,  # MB
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_PAM_ENABLED": "NO",
}
WINDOW_BYTES = 32 * 1024**2
WINDOW_PIXELS = 4 * 1024**2
"""Rasterio takes 8 bytes and more a pixel to join the masks of bands."""
ROWS = 512
"""Rows read at once where that many fit: as high as the tiles of a COG."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """What reading all pixels found. `window`: rows and columns read at once; `checksum`: of values and mask in that
    order; `mask`: rows of valid pixels packed by numpy.packbits, None where all are valid."""

    window: tuple[int, int]
    checksum: int
    mask: np.ndarray | None


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The rasterio dataset of a GeoTIFF. Raises FileRefused where it cannot be opened."""
    # Slow to import and seldom needed; in the bounded child it must not come before the fork.
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

    logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # its lines quote the server's paths
    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
    with rasterio.Env(**SETTINGS):
        try:
            dataset = rasterio.open(path, driver="GTiff")
        except RasterioIOError as error:
            raise refused(
                "raster_unreadable",
                "影像打不开：文件不完整、已损坏，或写法不支持。",
                "请重新复制，或用 GIS 软件重新导出为 GeoTIFF 后再提交。",
            ) from error
        with dataset:
            yield dataset


def read_all(dataset: Any, window: tuple[int, int] | None = None) -> Pixels:
    """Read every pixel once, `window` rows and columns at a time. Raises FileRefused where they cannot be read."""
    from rasterio.enums import MaskFlags
    from rasterio.errors import RasterioIOError
    from rasterio.windows import Window

    rows, columns = window or _window(dataset)
    masked = any(MaskFlags.all_valid not in flags for flags in dataset.mask_flag_enums)
    mask = np.zeros((dataset.height, (dataset.width + 7) // 8), np.uint8) if masked else None
    checksum = 0
    for top in range(0, dataset.height, rows):
        for left in range(0, dataset.width, columns):
            part = Window(left, top, min(columns, dataset.width - left), min(rows, dataset.height - top))
            try:
                checksum = zlib.crc32(dataset.read(window=part), checksum)
                if mask is not None:
                    bits = np.packbits(dataset.dataset_mask(window=part) > 0, axis=1)
                    checksum = zlib.crc32(bits.data, checksum)
                    mask[top : top + len(bits), left // 8 : left // 8 + bits.shape[1]] = bits
            except RasterioIOError as error:
                raise refused(
                    "truncated",
                    f"影像从第 {top + 1} 行起有像元读不出来，文件不完整或已损坏。",
                    "请重新复制或导出后再提交。",
                ) from error
    return Pixels((rows, columns), checksum, mask)


def _window(dataset: Any) -> tuple[int, int]:
    """Whole blocks, so that none is read twice, as many as the limits allow; columns in whole bytes of the mask."""
    high, wide = dataset.block_shapes[0]
    wide = math.lcm(wide, 8)
    most = min(WINDOW_PIXELS, WINDOW_BYTES // (dataset.count * np.dtype(dataset.dtypes[0]).itemsize))
    columns = min(dataset.width, max(wide, most // max(high, ROWS) // wide * wide))
    rows = min(dataset.height, max(high, most // columns // high * high))
    return rows, columns
