"""GeoTIFFs for the layer of images, and what is none."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.corpus.entry import World, data, loaded, refused, rubbish
from tests.corpus.geojson_file import collection, plot
from tests.loaders import files

VRT = (
    '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
    "<SourceFilename>{}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
)


def tiff(width: int = 4, height: int = 4, pixels: bytes = bytes(16), samples: int = 1) -> bytes:
    """A little-endian TIFF of one strip, placed in 昌吉市 by its GeoTIFF tags (EPSG:4490)."""
    extra = struct.pack("<3d", 0.001, 0.001, 0) + struct.pack("<6d", 0, 0, 0, 87.3, 44.02, 0)
    keys = struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4490)
    start = 8
    pixels_at = start + len(extra) + len(keys)
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, pixels_at), (277, 3, 1, samples), (278, 4, 1, height), (279, 4, 1, len(pixels)),
        (33550, 12, 3, start), (33922, 12, 6, start + 24), (34735, 3, 16, start + 72),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    at = pixels_at + len(pixels)
    return b"II*\0" + struct.pack("<I", at) + extra + keys + pixels + directory + struct.pack("<I", 0)


def vrt_to_bait(path: Path, world: World) -> None:
    path.write_text(VRT.format(world.bait), encoding="utf-8")


def vrt_to_url(path: Path, world: World) -> None:
    path.write_text(VRT.format(f"/vsicurl/{world.url}/a.tif"), encoding="utf-8")


IMAGE = {"layer": "imagery"}
DATELESS = ["capture_date_unknown"]
# Only the first directory is read.
ROUND = tiff()[:-4] + struct.pack("<I", struct.unpack("<I", tiff()[4:8])[0])

ENTRIES = (
    loaded("plain.tif", data(tiff()), 1, told=DATELESS, **IMAGE),
    loaded(
        "image_in_a_zip.zip",
        lambda path, world: files.zipped(path, {"a.tif": tiff()}),
        1,
        told=DATELESS,
        **IMAGE,
    ),
    loaded("directory_goes_round.tif", data(ROUND), 1, told=DATELESS, **IMAGE),
    refused("vrt_to_a_file.tif", vrt_to_bait, "wrong_content", **IMAGE),
    refused("vrt_to_an_address.tif", vrt_to_url, "wrong_content", **IMAGE),
    refused("cut.tif", data(tiff()[:-60]), "raster_unreadable", "truncated", **IMAGE),
    refused(
        "rubbish_after_its_name.tif",
        rubbish("tif", head=b"II*\0"),
        "raster_unreadable",
        "truncated",
        **IMAGE,
    ),
    refused(
        "four_billion_pixels_wide.tif",
        data(tiff(width=0xFFFFFFFF, height=0xFFFFFFFF)),
        "raster_unreadable",
        "raster_too_large",
        **IMAGE,
    ),
    refused("bands_65535.tif", data(tiff(samples=65535)), "raster_too_large", **IMAGE),
    refused("image_for_plots.tif", data(tiff()), "format_unsupported"),
    refused("plots_for_an_image.geojson", data(collection(plot(0))), "format_unsupported", **IMAGE),
)
