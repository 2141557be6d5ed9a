"""GeoTIFFs for the layer of images: each is refused, or read without harm; which of them may load is said here."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.corpus.entry import Entry, World, Write, data, rubbish
from tests.loaders import files

REFUSED = frozenset({"refused"})
READ = frozenset({"accepted", "refused"})
LAYER = "imagery"
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


def image(name: str, write: Write, outcomes: frozenset[str] = REFUSED) -> Entry:
    return Entry(name, write, outcomes, errors=None, layer=LAYER)


ENTRIES = (
    image("plain.tif", data(tiff()), READ),
    image("vrt_to_a_file.tif", vrt_to_bait),
    image("vrt_to_an_address.tif", vrt_to_url),
    image("cut.tif", data(tiff()[:-60])),
    image("rubbish_after_its_name.tif", rubbish("tif", head=b"II*\0")),
    image("four_billion_pixels_wide.tif", data(tiff(width=0xFFFFFFFF, height=0xFFFFFFFF))),
    image("bands_65535.tif", data(tiff(samples=65535))),
    # Only the first directory is read.
    image(
        "directory_goes_round.tif",
        data(tiff()[:-4] + struct.pack("<I", struct.unpack("<I", tiff()[4:8])[0])),
        READ,
    ),
    image("image_in_a_zip.zip", lambda path, world: files.zipped(path, {"a.tif": tiff()}), READ),
    Entry("image_for_plots.tif", data(tiff()), REFUSED, errors=None),
)
