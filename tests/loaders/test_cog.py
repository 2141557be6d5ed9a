"""The copy of an image that is stored: a COG as other readers see it, with every pixel of the file that came."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import tifffile

from loaders import cog
from loaders.formats import opened
from loaders.record import FileRefused, Image
from tests.loaders import images

ROOT = Path(__file__).resolve().parents[2]


def looked_at(path: Path, **given: Any) -> Image:
    with opened(path, path.name, images=True) as (file, reader):
        image = reader(file, **given).image
    assert isinstance(image, Image)
    return image


def stored(path: Path, **given: Any) -> Path:
    copy = path.with_name(f"{path.stem}_copy.tif")
    cog.write(looked_at(path, **given), copy)
    return copy


def test_the_file_is_a_cog_by_its_layout_as_another_reader_sees_it(tmp_path: Path) -> None:
    data = np.random.default_rng(5).integers(0, 250, (1500, 2100), dtype=np.uint8)
    copy = stored(images.tiff(tmp_path / "a.tif", data))
    with tifffile.TiffFile(copy) as tiff:
        sizes = [page.shape for page in tiff.pages]
        assert sizes[0] == (1500, 2100)
        # Each overview is half of the one before, and the last fits into one block.
        for finer, coarser in pairwise(sizes):
            assert np.abs(np.divide(finer, 2) - coarser).max() <= 1
        assert max(sizes[-2]) > 512 >= max(sizes[-1])
        first = [page.dataoffsets[0] for page in tiff.pages]
        directories = [page.offset for page in tiff.pages]
        assert all(page.is_tiled and (page.tilewidth, page.tilelength) == (512, 512) for page in tiff.pages)
        assert {page.compression.name for page in tiff.pages} == {"ADOBE_DEFLATE"}
        assert [page.is_reduced for page in tiff.pages] == [False, True, True, True]
        # All directories come before any pixel, the coarsest pixels first, the blocks of each in order.
        assert directories == sorted(directories)
        assert directories[-1] < min(first)
        assert first == sorted(first, reverse=True)
        assert all(list(page.dataoffsets) == sorted(page.dataoffsets) for page in tiff.pages)
        assert np.array_equal(tiff.pages[0].asarray(), data)


def kinds(folder: Path) -> dict[str, Path]:
    rng = np.random.default_rng(6)
    grey = rng.integers(1, 250, (600, 700), dtype=np.uint8)
    valid = np.ones(grey.shape, bool)
    valid[:50, :80] = False
    sixteen = rng.integers(1, 10_000, (4, 600, 700)).astype(np.uint16)
    sixteen[:, ~valid] = 0
    heights = np.where(valid, rng.normal(800, 30, grey.shape), -9999).astype(np.float32)
    jpeg = images.gdal_tiff(
        folder / "jpeg.tif", np.stack([grey] * 3), compress="JPEG", photometric="YCBCR", tiled=True, blockxsize=256,
        blockysize=256,
    )  # fmt: skip
    return {
        "grey": images.tiff(folder / "grey.tif", grey),
        "sixteen": images.gdal_tiff(folder / "16.tif", sixteen, nodata=0, names=["蓝", "绿", "红", "近红外"]),
        "heights": images.gdal_tiff(folder / "dem.tif", heights[None], nodata=-9999),
        "palette": images.gdal_tiff(
            folder / "p.tif", grey[None] % 2 * 3, colours={n: (n * 60, 9, 9) for n in range(4)}
        ),
        "bits": images.gdal_tiff(folder / "1.tif", grey[None] % 2, NBITS=1),
        "masked": images.gdal_tiff(folder / "mask.tif", grey[None], mask=valid),
        "alpha": images.gdal_tiff(
            folder / "alpha.tif",
            np.stack([grey, grey, grey, valid * np.uint8(255)]),
            photometric="RGB",
            alpha="YES",
        ),
        "jpeg": jpeg,
        "scaled": scaled(folder / "scaled.tif", grey),
        "degrees": images.tiff(folder / "deg.tif", grey, epsg=4490, west=87.3, north=44.05, pixel=0.0001),
    }


def scaled(path: Path, data: np.ndarray) -> Path:
    images.gdal_tiff(path, data[None])
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5,), (100.0,)
    return path


KINDS = ("grey", "sixteen", "heights", "palette", "bits", "masked", "alpha", "jpeg", "scaled", "degrees")


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_holds_every_pixel_and_all_that_says_what_they_mean(tmp_path: Path, kind: str) -> None:
    path = kinds(tmp_path)[kind]
    copy = stored(path)
    with rasterio.open(path) as came, rasterio.open(copy) as kept:
        assert np.array_equal(kept.read(), came.read())
        assert np.array_equal(kept.dataset_mask(), came.dataset_mask())
        for name in (
            "transform",
            "dtypes",
            "nodata",
            "colorinterp",
            "descriptions",
            "scales",
            "offsets",
            "width",
            "height",
        ):
            assert getattr(kept, name) == getattr(came, name), name
        assert kept.crs.to_epsg() == came.crs.to_epsg()
        if kind == "palette":
            assert kept.colormap(1)[3][0] == 180
    if kind == "palette":
        with rasterio.open(copy, overview_level=0) as coarse:
            assert set(np.unique(coarse.read())) == {0, 3}  # 1 and 2 are colours between


def test_a_system_that_only_the_sender_named_stands_in_the_file(tmp_path: Path) -> None:
    path = images.gdal_tiff(tmp_path / "bare.tif", images.speckled()[None], crs=None)
    before = path.read_bytes()
    copy = stored(path, crs="EPSG:4538")
    with rasterio.open(copy) as kept:
        assert kept.crs.to_epsg() == 4538
    assert path.read_bytes() == before


def test_a_cog_without_a_system_gets_one_too_and_a_system_in_words_gets_its_code(tmp_path: Path) -> None:
    bare = images.gdal_tiff(tmp_path / "bare.tif", images.speckled()[None], crs=None)
    with rasterio.open(bare) as dataset:
        rasterio.shutil.copy(dataset, tmp_path / "cog.tif", driver="COG")
    copy = stored(tmp_path / "cog.tif", crs="EPSG:4538")
    with rasterio.open(copy) as kept:
        assert kept.crs.to_epsg() == 4538
    worded = images.gdal_tiff(tmp_path / "worded.tif", images.speckled()[None], crs=ESRI_WORDS)
    copy = stored(worded)
    with rasterio.open(copy) as kept:
        assert kept.crs.to_epsg() == 4538


ESRI_WORDS = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_87E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",87.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)


def test_false_overviews_of_the_sender_are_made_anew(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(1, 250, (700, 900, 3), dtype=np.uint8)
    path = images.tiff(tmp_path / "a.tif", data, photometric="rgb")
    with tifffile.TiffWriter(path, append=True) as writer:
        writer.write(np.full((350, 450, 3), 9, np.uint8), subfiletype=1, photometric="rgb", metadata=None)
    copy = stored(path)
    with rasterio.open(path, overview_level=0) as false:
        assert false.read(1, window=((100, 101), (100, 101)))[0, 0] == 9
    with rasterio.open(copy, overview_level=0) as own:
        assert own.read(1).std() > 10


def changed_pixel(came: bytes) -> bytes:
    return came[:-1] + bytes([came[-1] ^ 1])


def changed_nodata(came: bytes) -> bytes:
    assert came.count(b"251\0") == 1
    return came.replace(b"251\0", b"250\0")


@pytest.mark.parametrize("change", [changed_pixel, changed_nodata])
def test_an_image_that_is_changed_after_it_was_looked_at_is_not_stored(tmp_path: Path, change: Any) -> None:
    data = images.speckled() % 200
    data[:5] = 251
    data[5:9] = 250
    path = images.tiff(tmp_path / "a.tif", data, nodata="251")
    image = looked_at(path)
    cog.write(image, tmp_path / "same.tif")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FileRefused) as caught:
        cog.write(image, tmp_path / "other.tif")
    assert caught.value.issue.code == "raster_not_stored"


MEASURED = """
import pathlib, sys
from loaders import cog
from loaders.formats import raster
from loaders.record import File
path = pathlib.Path(sys.argv[1])
cog.write(raster.read(File(path.name, path)).image, path.with_name("copy.tif"))
# Not ru_maxrss: that remembers what started this process, before it was this program.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.long
def test_an_image_of_the_largest_size_needs_less_than_500_mb(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    side, block = 20_000, 512
    piece = np.random.default_rng(7).integers(1, 250, (block, block), dtype=np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8", nodata=0, crs="EPSG:4538",
        transform=rasterio.transform.from_origin(images.WEST, images.NORTH, 0.5, 0.5), tiled=True, blockxsize=block,
        blockysize=block, SPARSE_OK=True, BIGTIFF="YES",
    ) as dataset:  # fmt: skip
        for step in range(0, side - block, 2 * block):
            dataset.write(piece, 1, window=rasterio.windows.Window(step, step, block, block))
    words = [sys.executable, "-c", MEASURED, str(path)]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    assert 0 < int(told.stdout) < 500
