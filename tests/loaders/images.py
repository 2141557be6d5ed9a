"""GeoTIFFs as two writers make them: tifffile, which knows nothing of GDAL, and GDAL through rasterio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import rasterio
import shapely
import tifffile
from rasterio.transform import from_origin
from shapely.geometry.base import BaseGeometry

WEST, NORTH = 524_000.0, 4_876_500.0
"""In zone 29 without prefix (EPSG:4538), near the middle of the demo's first county."""


def geo_keys(epsg: int, west: float, north: float, pixel: float, *, point: bool = False) -> list[Any]:
    """The tags of the GeoTIFF standard 1.1: pixel scale, tie point, keys."""
    plane = epsg not in (4326, 4490)
    keys = [(1024, 1 if plane else 2), (1025, 2 if point else 1), (3072 if plane else 2048, epsg)]
    directory = [1, 1, 0, len(keys), *(n for key, value in keys for n in (key, 0, 1, value))]
    return [
        (33550, "d", 3, (pixel, pixel, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, west, north, 0.0), True),
        (34735, "H", len(directory), directory, True),
    ]


def tiff(
    path: Path,
    data: np.ndarray,
    *,
    epsg: int = 4538,
    west: float = WEST,
    north: float = NORTH,
    pixel: float = 1.0,
    point: bool = False,
    nodata: str | None = None,
    tags: tuple[Any, ...] = (),
    **more: Any,
) -> Path:
    """Written by tifffile. `data`: rows, columns and, for several bands, bands."""
    extra = [*geo_keys(epsg, west, north, pixel, point=point), *tags]
    if nodata is not None:
        extra.append((42113, "s", 0, nodata, True))
    given = {"metadata": None, "software": False, "photometric": "minisblack", **more}
    if data.ndim == 3:
        given.setdefault("planarconfig", "contig")
    tifffile.imwrite(path, data, extratags=extra, **given)
    return path


def gdal_tiff(path: Path, data: np.ndarray, **given: Any) -> Path:
    """Written by GDAL. `data`: bands, rows, columns; `mask`, `tags`, `colours`, `names` are set after."""
    after = {name: given.pop(name, None) for name in ("mask", "tags", "colours", "names")}
    said = {"crs": "EPSG:4538", "transform": from_origin(WEST, NORTH, 1, 1), **given}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", dtype=data.dtype, count=data.shape[0], height=data.shape[1], width=data.shape[2],
            **said,
        ) as dataset,
    ):  # fmt: skip
        dataset.write(data)
        if after["mask"] is not None:
            dataset.write_mask(after["mask"])
        if after["colours"] is not None:
            dataset.write_colormap(1, after["colours"])
        if after["tags"] is not None:
            dataset.update_tags(**after["tags"])
        for band, name in enumerate(after["names"] or (), 1):
            dataset.set_band_description(band, name)
    return path


def speckled(height: int = 60, width: int = 70, seed: int = 1) -> np.ndarray:
    """Values from 1 to 250, so that 0 is free to say nothing."""
    return np.random.default_rng(seed).integers(1, 251, (height, width), dtype=np.uint8)


def pixel_boxes(
    valid: np.ndarray, west: float = WEST, north: float = NORTH, pixel: float = 1.0
) -> BaseGeometry:
    """The ground of the valid pixels, a box each, joined."""
    rows, columns = np.nonzero(valid)
    return shapely.union_all(
        shapely.box(
            west + columns * pixel,
            north - (rows + 1) * pixel,
            west + (columns + 1) * pixel,
            north - rows * pixel,
        )
    )
