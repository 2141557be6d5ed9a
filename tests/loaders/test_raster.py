"""GeoTIFF as a format: the outline of its data, what it says of itself, and what is refused before a pixel is read."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import pytest
import rasterio
import shapely
from geographiclib.geodesic import Geodesic
from rasterio.control import GroundControlPoint
from rasterio.transform import from_origin

from loaders import limits
from loaders.formats import ADVICE, IMAGES, READERS, opened, pixels
from loaders.parcels import read_parcels
from loaders.record import Delivery, FileRefused, Record
from spatial.crs import CrsRefused
from tests.loaders import files, images

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path, **given: Any) -> tuple[Delivery, Record]:
    with opened(path, path.name, images=True) as (file, reader):
        delivery = reader(file, **given)
        (record,) = delivery.records
    return delivery, record


def refusal(path: Path, **given: Any) -> str:
    """The code of the refusal, which is in Chinese, says what to do and shows no path."""
    with pytest.raises((FileRefused, CrsRefused)) as caught:
        read(path, **given)
    fault = caught.value.issue if isinstance(caught.value, FileRefused) else caught.value
    assert fault.message and fault.hint
    assert str(path.parent) not in fault.message + fault.hint
    return fault.code


def codes(delivery: Delivery) -> set[str]:
    return {issue.code for issue in delivery.issues}


# ---- the outline ------------------------------------------------------------------------------------------------


def test_without_nodata_the_outline_is_that_of_all_pixels(tmp_path: Path) -> None:
    _, record = read(images.tiff(tmp_path / "a.tif", images.speckled(60, 70) * 0, pixel=0.5))
    assert record.geometry is not None
    assert record.geometry.equals(shapely.box(images.WEST, images.NORTH - 30, images.WEST + 35, images.NORTH))


def collar(shape: tuple[int, int]) -> np.ndarray:
    valid = np.zeros(shape, bool)
    valid[7:-5, 11:-3] = True
    return valid


def with_a_hole(shape: tuple[int, int]) -> np.ndarray:
    valid = collar(shape)
    valid[20:33, 30:41] = False
    return valid


def in_two_parts(shape: tuple[int, int]) -> np.ndarray:
    valid = collar(shape)
    valid[:, 35:38] = False
    return valid


def slanting(shape: tuple[int, int]) -> np.ndarray:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    return (columns > rows / 4 + 3) & (columns < rows / 4 + shape[1] * 0.6) & (rows > columns / 9 + 2)


@pytest.mark.parametrize("drawn", [collar, with_a_hole, in_two_parts, slanting])
@pytest.mark.parametrize("height", [60, pytest.param(600, marks=pytest.mark.long)])
def test_the_outline_keeps_within_half_a_pixel_of_the_valid_pixels(
    tmp_path: Path, drawn: Any, height: int
) -> None:
    data = images.speckled(height, 170)
    valid = drawn(data.shape)
    data[~valid] = 0
    delivery, record = read(images.tiff(tmp_path / "a.tif", data, nodata="0", pixel=2.0, tile=(64, 32)))
    expected = images.pixel_boxes(valid, pixel=2.0)
    assert record.geometry is not None and record.geometry.is_valid
    assert "footprint_simplified" not in codes(delivery)
    assert shapely.hausdorff_distance(record.geometry.boundary, expected.boundary) <= 1.0 + 1e-6
    assert record.geometry.symmetric_difference(expected).area <= 0.5 * expected.length


@pytest.mark.parametrize("share", [0.001, 0.3, 0.999])
def test_an_outline_that_is_too_ragged_is_drawn_coarser_and_says_by_how_much(
    tmp_path: Path, share: float
) -> None:
    data = images.speckled(900, 1100)
    valid = np.random.default_rng(2).random(data.shape) < share
    data[~valid] = 0
    delivery, record = read(images.tiff(tmp_path / "a.tif", data, nodata="0"))
    (said,) = [issue.message for issue in delivery.issues if issue.code == "footprint_simplified"]
    off = float(said.split("画到 ")[1].split(" 个")[0])
    shape = record.geometry
    assert shape is not None and shape.is_valid
    assert shapely.get_num_coordinates(shape) <= 2000
    rows, columns = np.nonzero(valid)
    centres = shapely.points(images.WEST + columns + 0.5, images.NORTH - rows - 0.5)
    assert shapely.distance(shape, centres).max() <= off
    assert shape.within(
        shapely.box(images.WEST, images.NORTH - 900, images.WEST + 1100, images.NORTH).buffer(1e-9)
    )


@pytest.mark.parametrize("height", [1, 7])
def test_an_outline_with_a_hundred_thousand_teeth_is_drawn_too(tmp_path: Path, height: int) -> None:
    data = np.full((20, 200_000), 9, np.uint8)
    data[:10] = 0
    data[10 - height : 10, ::2] = 9
    _, record = read(images.tiff(tmp_path / "a.tif", data, nodata="0"))
    shape = record.geometry
    assert shape is not None and shape.is_valid
    west, south, east, north = shape.bounds
    assert (west, south, east) == (images.WEST, images.NORTH - 20, images.WEST + 200_000)
    assert images.NORTH - 10 <= north <= images.NORTH


def test_a_mask_an_alpha_band_and_nan_all_say_what_is_valid(tmp_path: Path) -> None:
    valid = with_a_hole((60, 70))
    expected = images.pixel_boxes(valid)
    data = images.speckled()
    masked = images.gdal_tiff(tmp_path / "mask.tif", data[None], mask=valid)
    alpha = images.gdal_tiff(
        tmp_path / "alpha.tif",
        np.stack([data, data, data, valid * np.uint8(255)]),
        photometric="RGB",
        alpha="YES",
    )
    heights = np.where(valid, 812.5, np.nan).astype(np.float32)
    floating = images.gdal_tiff(tmp_path / "nan.tif", heights[None], nodata=float("nan"))
    for path in (masked, alpha, floating):
        _, record = read(path)
        assert record.geometry is not None
        assert record.geometry.equals(expected), path.name


def test_a_pixel_counts_where_any_of_its_bands_says_something(tmp_path: Path) -> None:
    data = np.zeros((60, 70, 2), np.uint16)
    data[10:20, 10:20, 0] = 500
    data[15:30, 15:30, 1] = 700
    _, record = read(images.tiff(tmp_path / "a.tif", data, nodata="0"))
    assert record.geometry is not None
    assert record.geometry.equals(images.pixel_boxes(data.any(axis=2)))


def test_where_a_pixel_is_a_point_the_outline_begins_half_a_pixel_before_it(tmp_path: Path) -> None:
    data = images.speckled(10, 20)
    _, record = read(images.tiff(tmp_path / "a.tif", data, pixel=4.0, point=True))
    assert record.geometry is not None
    assert record.geometry.bounds == (
        images.WEST - 2, images.NORTH - 38, images.WEST + 78, images.NORTH + 2,
    )  # fmt: skip


# ---- what it says of itself -------------------------------------------------------------------------------------


def test_a_scene_of_eight_bands_says_what_it_is(tmp_path: Path) -> None:
    data = np.random.default_rng(3).integers(1, 10_000, (50, 40, 8), dtype=np.uint16)
    path = images.tiff(
        tmp_path / "GF1_示例.tif",
        data,
        pixel=8.0,
        nodata="0",
        compression="zlib",
        tags=(dated("2025:06:10 12:30:00"),),
    )
    delivery, record = read(path)
    assert dict(record.values) == {
        "name": "GF1_示例.tif",
        "date": "2025-06-10",
        "resolution_m": 8.0,
        "bands": 8,
        "band_names": ["灰度", *(f"波段{n}" for n in range(2, 9))],
        "data_type": "uint16",
        "nodata": "0",
        "width": 40,
        "height": 50,
        "crs": "EPSG:4538",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "file": hashlib.sha256(path.read_bytes()).hexdigest() + ".tif",
    }
    assert (delivery.crs, delivery.count, delivery.data_date) == (4538, 1, date(2025, 6, 10))
    assert codes(delivery) == {"capture_date_of_file"}


def test_colours_names_of_bands_and_odd_nodata_are_told_as_they_are(tmp_path: Path) -> None:
    rgb = np.stack([images.speckled()] * 3)
    _, record = read(images.gdal_tiff(tmp_path / "rgb.tif", rgb, photometric="RGB"))
    assert record.values["band_names"] == ["红", "绿", "蓝"]
    named = images.gdal_tiff(
        tmp_path / "n.tif", rgb.astype(np.float32), names=["B02 蓝", "", "NDVI"], nodata=-9999.5
    )
    _, record = read(named)
    assert record.values["band_names"] == ["B02 蓝", "波段2", "NDVI"]
    assert (record.values["nodata"], record.values["data_type"]) == ("-9999.5", "float32")
    palette = images.gdal_tiff(
        tmp_path / "p.tif", rgb[:1] % 3, colours={0: (255, 0, 0), 1: (0, 255, 0), 2: (0, 0, 255)}
    )
    assert read(palette)[1].values["band_names"] == ["调色板"]


@pytest.mark.parametrize("epsg", [4490, 4326])
def test_a_pixel_in_degrees_is_told_in_metres(tmp_path: Path, epsg: int) -> None:
    data = images.speckled(100, 200)
    path = images.tiff(tmp_path / "a.tif", data, epsg=epsg, west=87.3, north=44.05, pixel=0.0005)
    delivery, record = read(path)
    # Along the meridian, where a degree is longer; geographiclib measures on another ellipsoid of 0.1 mm difference.
    expected = Geodesic.WGS84.Inverse(44.025, 87.35, 44.0255, 87.35)["s12"]
    assert record.values["resolution_m"] == pytest.approx(expected, abs=0.001)
    assert ("wgs84" in codes(delivery)) == (epsg == 4326)


def dated(text: str) -> Any:
    return (306, "s", 0, text, True)


@pytest.mark.parametrize("gdal_number_type", ["int8", "int16", "int32", "uint32", "float64"])
def test_every_other_type_of_number_is_read(tmp_path: Path, gdal_number_type: str) -> None:
    data = (images.speckled() // 2).astype(gdal_number_type)
    delivery, record = read(images.gdal_tiff(tmp_path / "a.tif", data[None]))
    assert record.values["data_type"] == gdal_number_type
    assert delivery.image is not None
    assert delivery.image.checksum == zlib.crc32(np.ascontiguousarray(data).data)


def test_pixels_of_one_bit_and_of_twelve_are_read(tmp_path: Path) -> None:
    bits = images.gdal_tiff(tmp_path / "1.tif", images.speckled()[None] % 2, NBITS=1)
    twelve = images.gdal_tiff(tmp_path / "12.tif", images.speckled()[None].astype(np.uint16) * 16, NBITS=12)
    assert [read(path)[1].values["data_type"] for path in (bits, twelve)] == ["uint8", "uint16"]


def test_every_block_is_read_whatever_their_order_and_size(tmp_path: Path) -> None:
    data = np.random.default_rng(4).integers(0, 250, (700, 900, 3), dtype=np.uint8)
    ways: list[dict[str, Any]] = [
        {"rowsperstrip": 1}, {"rowsperstrip": 700, "compression": "zlib"}, {"tile": (16, 16)}, {"tile": (1024, 1024)},
        {"planarconfig": "separate", "tile": (256, 128)},
    ]  # fmt: skip
    checksums = set()
    for n, way in enumerate(ways):
        separate = way.get("planarconfig") == "separate"
        path = images.tiff(tmp_path / f"{n}.tif", data.transpose(2, 0, 1) if separate else data, **way)
        with pixels.opened(path) as dataset:
            checksums.add(pixels.read_all(dataset, (700, 900)).checksum)
        delivery, _ = read(path)
        assert delivery.image is not None
        rows, columns = delivery.image.window
        assert rows * columns * 3 <= 2 * pixels.WINDOW_BYTES
    assert checksums == {zlib.crc32(np.ascontiguousarray(data.transpose(2, 0, 1)).data)}


# ---- coordinate systems -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("epsg", "west"), [(4517, 29_524_000.0), (4538, 524_000.0), (4493, 15_524_000.0)])
def test_the_zones_of_cgcs2000_are_known(tmp_path: Path, epsg: int, west: float) -> None:
    delivery, record = read(images.tiff(tmp_path / "a.tif", images.speckled(), epsg=epsg, west=west))
    assert (delivery.crs, record.values["crs"]) == (epsg, f"EPSG:{epsg}")


def test_an_image_without_a_system_asks_for_one_and_one_with_another_is_a_conflict(tmp_path: Path) -> None:
    bare = images.gdal_tiff(tmp_path / "bare.tif", images.speckled()[None], crs=None)
    assert refusal(bare) == "crs_missing"
    delivery, record = read(bare, crs="EPSG:4538")
    assert (delivery.crs, record.values["file"]) == (4538, f"{record.values['sha256']}-4538.tif")
    said = images.tiff(tmp_path / "said.tif", images.speckled())
    assert read(said, crs="EPSG:4538")[0].crs == 4538
    assert refusal(said, crs="EPSG:4539") == "crs_conflict"


@pytest.mark.parametrize(
    ("epsg", "code"),
    [
        (2353, "needs_official_conversion"),
        (2405, "needs_official_conversion"),
        (3857, "crs_unsupported"),
        (32645, "crs_unsupported"),
    ],
)
def test_old_datums_and_systems_of_others_are_refused(tmp_path: Path, epsg: int, code: str) -> None:
    assert refusal(images.tiff(tmp_path / "a.tif", images.speckled(), epsg=epsg)) == code


# ---- refused before a pixel is read -----------------------------------------------------------------------------


def placed(path: Path, transform: Any = None, **given: Any) -> Path:
    given = {"transform": transform, **given} if transform is not None else {"transform": None, **given}
    return images.gdal_tiff(path, images.speckled()[None], **given)


def test_an_image_that_is_not_upright_or_has_no_place_is_refused(tmp_path: Path) -> None:
    turned = rasterio.Affine(0.7, 0.7, images.WEST, 0.7, -0.7, images.NORTH)
    assert refusal(placed(tmp_path / "turned.tif", turned)) == "raster_rotated"
    south_up = rasterio.Affine(1, 0, images.WEST, 0, 1, images.NORTH)
    assert refusal(placed(tmp_path / "south.tif", south_up)) == "raster_flipped"
    mirrored = rasterio.Affine(-1, 0, images.WEST, 0, -1, images.NORTH)
    assert refusal(placed(tmp_path / "mirror.tif", mirrored)) == "raster_flipped"
    points = [
        GroundControlPoint(row, column, images.WEST + column, images.NORTH - row)
        for row, column in ((0, 0), (0, 70), (60, 0), (60, 70))
    ]
    assert refusal(placed(tmp_path / "gcp.tif", gcps=points)) == "raster_not_rectified"
    assert refusal(placed(tmp_path / "none.tif")) == "raster_no_place"
    assert refusal(placed(tmp_path / "flat.tif", rasterio.Affine(1, 0, images.WEST, 0, 0, images.NORTH))) in (
        "raster_no_place", "raster_unreadable",
    )  # fmt: skip


def test_a_turn_that_is_a_rounding_is_none(tmp_path: Path) -> None:
    rounded = rasterio.Affine(1, 1e-9, images.WEST, -1e-9, -1, images.NORTH)
    assert read(placed(tmp_path / "a.tif", rounded))[1].geometry is not None


@pytest.mark.parametrize("kind", ["complex64", "complex_int16", "int64", "uint64"])
def test_complex_and_sixty_four_bit_pixels_are_refused(tmp_path: Path, kind: str) -> None:
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", dtype=kind, count=1, height=9, width=9, crs="EPSG:4538",
        transform=from_origin(images.WEST, images.NORTH, 1, 1),
    ):  # fmt: skip
        pass
    assert refusal(tmp_path / "a.tif") == "raster_type"


def test_an_image_in_which_nothing_is_valid_is_refused(tmp_path: Path) -> None:
    assert refusal(images.tiff(tmp_path / "a.tif", images.speckled() * 0, nodata="0")) == "raster_empty"


def test_several_images_in_one_file_are_refused(tmp_path: Path) -> None:
    path = images.tiff(tmp_path / "a.tif", np.stack([images.speckled()] * 3), planarconfig=None)
    assert refusal(path) == "raster_several"


def header(width: int, height: int, *, bands: int = 1, tile: int = 0) -> bytes:
    """A TIFF of one uncompressed strip or tile whose pixels are not there."""
    piece = {322: tile, 323: tile, 324: 8, 325: 4} if tile else {273: 8, 278: 1, 279: 4}
    entries: list[tuple[int, int, tuple[Any, ...]]] = [
        (256, 4, (width,)), (257, 4, (height,)), (258, 3, (8,)), (259, 3, (1,)), (262, 3, (1,)), (277, 3, (bands,)),
        *((tag, 4, (value,)) for tag, value in piece.items()),
        (33550, 12, (1.0, 1.0, 0.0)), (33922, 12, (0.0, 0.0, 0.0, images.WEST, images.NORTH, 0.0)),
        (34735, 3, (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 4538)),
    ]  # fmt: skip
    entries.sort()
    sizes = {3: (2, "H"), 4: (4, "I"), 12: (8, "d")}
    start = 8 + 2 + 12 * len(entries) + 4
    body, beyond = b"", b""
    for tag, kind, values in entries:
        size, sign = sizes[kind]
        raw = struct.pack(f"<{len(values)}{sign}", *values)
        where = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", start + len(beyond))
        body += struct.pack("<HHI", tag, kind, len(raw) // size) + where
        beyond += raw if len(raw) > 4 else b""
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 0) + beyond


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (header(100_000, 100_000), "raster_too_large"),
        (header(400_000_000, 2), "raster_too_large"),
        (header(4_000_000_000, 4_000_000_000), "raster_unreadable"),
        (header(20_000, 20_000, bands=200), "raster_too_large"),
        (header(10, 10, bands=60_000), "raster_too_large"),
        (header(20_000, 20_000, tile=16_384), "raster_blocks"),
        (header(10, 10, bands=0), "raster_unreadable"),
        (header(0, 10), "raster_unreadable"),
        (header(500, 500), "truncated"),
        (header(500, 500)[:60], "raster_unreadable"),
        (b"II*\0" + struct.pack("<I", 5000) + b"x" * 100, "truncated"),
        (b"MM\0*" + struct.pack(">I", 5000) + b"x" * 100, "truncated"),
        (b"II+\0" + struct.pack("<HHQ", 8, 0, 5000) + b"x" * 100, "truncated"),
        (b"II*\0", "raster_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "wrong_content"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "wrong_content"),
        (b"SQLite format 3\0" + b"x" * 100, "wrong_content"),
    ],
)
def test_bombs_and_what_is_no_tiff_are_refused_unread(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    assert refusal(path) == code


def test_the_limit_counts_columns_times_rows(tmp_path: Path) -> None:
    assert limits.RASTER_PIXELS == 400_000_000
    path = tmp_path / "a.tif"
    path.write_bytes(header(20_000, 20_000))
    assert refusal(path) == "truncated"  # within the limit; its pixels are not there
    path.write_bytes(header(20_000, 20_001))
    assert refusal(path) == "raster_too_large"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("way", [{}, {"compression": "zlib", "tile": (64, 64)}, {"rowsperstrip": 7}])
def test_a_file_that_is_cut_off_is_never_taken(tmp_path: Path, way: dict[str, Any], part: float) -> None:
    whole = images.tiff(tmp_path / "whole.tif", images.speckled(300, 300), **way).read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[: int(len(whole) * part)])
    assert refusal(cut) in ("truncated", "raster_unreadable")


VRT = """<VRTDataset rasterXSize="70" rasterYSize="60"><SRS>EPSG:4538</SRS>
<GeoTransform>{}, 1, 0, {}, 0, -1</GeoTransform>
<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{}</SourceFilename></SimpleSource></VRTRasterBand>
</VRTDataset>"""


def test_a_list_of_other_files_under_this_name_reads_nothing(tmp_path: Path) -> None:
    bait = images.tiff(tmp_path / "bait.tif", images.speckled())
    for source in (bait, "/vsicurl/http://127.0.0.1:9/a.tif"):
        path = tmp_path / "a.tif"
        path.write_text(VRT.format(images.WEST, images.NORTH, source))
        assert refusal(path) == "wrong_content"


def test_rasterio_has_no_driver_that_points_elsewhere() -> None:
    with rasterio.Env() as env:
        there = set(env.drivers())
    assert {"GTiff", "COG"} <= there
    assert there <= {"GTiff", "COG", "MEM", "Memory", "PNG", "JPEG", "WEBP", "GPKG", "ESRI Shapefile"}


# ---- neighbours -------------------------------------------------------------------------------------------------


def test_files_beside_an_image_change_nothing_and_are_told(tmp_path: Path) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    alone.mkdir()
    beside.mkdir()
    before, record = read(images.tiff(alone / "a.tif", images.speckled()))
    path = images.tiff(beside / "a.tif", images.speckled())
    (beside / "a.tfw").write_text("1\n0\n0\n-1\n600000\n4800000\n")
    statistics = "<PAMDataset><GeoTransform>0,1,0,0,0,-1</GeoTransform><SRS>EPSG:4539</SRS></PAMDataset>"
    (beside / "a.tif.aux.xml").write_text(statistics)
    images.gdal_tiff(
        beside / "a.tif.msk", np.zeros((1, 60, 70), np.uint8), tags={"INTERNAL_MASK_FLAGS_1": "2"}
    )
    images.gdal_tiff(beside / "a.tif.ovr", np.zeros((1, 30, 35), np.uint8))
    after, again = read(path)
    assert (again.values, again.geometry) == (record.values, record.geometry)
    assert before.image and after.image and before.image.checksum == after.image.checksum
    (said,) = [issue for issue in after.issues if issue.code == "sidecar_ignored"]
    for name in ("a.tfw", "a.tif.aux.xml", "a.tif.msk", "a.tif.ovr"):
        assert name in said.message


def test_a_world_file_is_no_place_and_the_refusal_names_it(tmp_path: Path) -> None:
    path = placed(tmp_path / "a.tif")
    path.with_suffix(".tfw").write_text("1\n0\n0\n-1\n524000.5\n4876499.5\n")
    with pytest.raises(FileRefused, match=r"a\.tfw") as caught:
        read(path)
    assert caught.value.issue.code == "raster_no_place"


# ---- images and shapes do not mix -------------------------------------------------------------------------------


def test_no_suffix_is_both_an_image_and_something_else() -> None:
    assert not set(IMAGES) & set(READERS)
    assert set(IMAGES) <= set(ADVICE)


def test_an_image_is_no_parcel_and_a_shape_no_image(tmp_path: Path) -> None:
    path = images.tiff(tmp_path / "a.tif", images.speckled())
    (issue,) = read_parcels(path, "a.tif").issues
    assert (issue.code, issue.hint) == ("format_unsupported", ADVICE[".tif"])
    (issue,) = read_parcels(files.zipped(tmp_path / "a.zip", {"a.tif": path.read_bytes()}), "a.zip").issues
    assert (issue.code, issue.hint) == ("zip_empty", ADVICE[".tif"])
    parcel = tmp_path / "a.geojson"
    parcel.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert refusal(parcel) == "format_unsupported"
    assert refusal(files.zipped(tmp_path / "b.zip", {"a.geojson": b"{}"})) == "zip_empty"
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    assert refusal(tmp_path / "a.jpg") == "format_unsupported"


def test_a_zipped_image_is_read_beside_what_only_explains_it(tmp_path: Path) -> None:
    path = images.tiff(tmp_path / "a.tif", images.speckled())
    packed = {"影像/说明.txt": "说明".encode(), "影像/a.tif": path.read_bytes(), "影像/a.tfw": b"1"}
    delivery, record = read(files.zipped(tmp_path / "a.zip", packed))
    assert record.values["name"] == "a.tif"
    assert delivery.image and record.values["sha256"] == read(path)[1].values["sha256"]
    twice = files.zipped(tmp_path / "b.zip", {"a.tif": path.read_bytes(), "b.tif": path.read_bytes()})
    assert refusal(twice) == "zip_several"


def test_no_command_loads_rasterio_before_an_image_is_read() -> None:
    asked = (
        "import sys; import api.cli, django; django.setup(); import api.app, loaders.pipeline, loaders.parcels;"
        " print([name for name in ('rasterio', 'rio_cogeo') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
