"""An image as it is stored: a cloud-optimised GeoTIFF (COG), proven to hold every pixel of the file that came."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from loaders.formats import pixels
from loaders.record import FileRefused, Image, refused
from spatial import crs as coordinate_systems

BLOCK = 512
FULL_BYTES = 16 * 1024**2
"""A disk with less than this is full."""


def write(image: Image, target: Path) -> None:
    """Write the copy: DEFLATE, blocks of 512, overviews of its own. Raises FileRefused; then it is not to be used."""
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    try:
        with pixels.opened(image.path) as dataset:
            if dataset.crs and dataset.crs.to_epsg() == image.crs:
                _copy(dataset, target)
        if not target.exists():
            _copy_with_crs(image, target)
        is_same = _is_same(image, target)
        with target.open("rb+") as written:
            os.fsync(written.fileno())
    except (RasterioError, CPLE_BaseError, OSError, FileRefused, coordinate_systems.CrsRefused) as error:
        raise _not_written(target) from error
    if not is_same:
        raise _not_written(target)


def _copy(dataset: Any, target: Path) -> None:
    import rasterio.shutil
    from rasterio.enums import ColorInterp

    # Mixing the numbers of a palette gives colours that nobody painted.
    mixed = ColorInterp.palette not in dataset.colorinterp
    whole = "NBITS" not in dataset.tags(1, ns="IMAGE_STRUCTURE")
    rasterio.shutil.copy(
        dataset,
        target,
        driver="COG",
        COMPRESS="DEFLATE",
        PREDICTOR="YES" if whole else "NO",  # there is none for pixels of less than a byte
        BLOCKSIZE=BLOCK,
        OVERVIEWS="IGNORE_EXISTING",  # those of the file may show something else
        RESAMPLING="AVERAGE" if mixed else "NEAREST",
        BIGTIFF="IF_SAFER",
    )


def _copy_with_crs(image: Image, target: Path) -> None:
    """The same where the file says its system in words of its own, or the sender did: the copy names it by its code."""
    import rasterio

    named = target.with_suffix(".named")
    shutil.copyfile(image.path, named)
    with (
        rasterio.Env(**pixels.SETTINGS),
        # Where it came as a COG this breaks its layout, which is of no use here.
        rasterio.open(named, "r+", driver="GTiff", IGNORE_COG_LAYOUT_BREAK=True) as dataset,
    ):
        dataset.crs = f"EPSG:{image.crs}"
    with pixels.opened(named) as dataset:
        _copy(dataset, target)
    named.unlink()


def _is_same(image: Image, target: Path) -> bool:
    """Whether the layout is that of a COG, and pixels, mask, place and system are those of the file."""
    from rio_cogeo import cog_validate

    is_cog, errors, warnings = cog_validate(target, config=pixels.SETTINGS, quiet=True)
    with pixels.opened(image.path) as came, pixels.opened(target) as copy:
        said, kept = (
            (
                one.transform,
                one.dtypes,
                repr(one.nodata),
                one.colorinterp,
                one.descriptions,
                one.scales,
                one.offsets,
            )
            for one in (came, copy)
        )
        crs = coordinate_systems.parse(copy.crs.to_string() if copy.crs else "")
        checksum = pixels.read_all(copy, image.window).checksum
    return (
        is_cog and not errors and not warnings and said == kept
        and (crs, checksum) == (image.crs, image.checksum)
    )  # fmt: skip


def _not_written(target: Path) -> FileRefused:
    if shutil.disk_usage(target.parent).free < FULL_BYTES:
        return refused("disk_full", "磁盘已满，影像没有存下来。", "请管理员清出空间后重新提交。")
    return refused(
        "raster_not_stored",
        "影像没能存成与原文件一致的 COG，没有装入。",
        "请核对文件在装入时没有被改动，重新提交；仍不成功时请告诉管理员。",
    )
