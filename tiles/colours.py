"""Pixel values as colours: stretched between two values of each band, and along a ramp where there is one band."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

Stretch = Literal["none", "percent", "minmax"]
"""Values as they are, between the 2nd and 98th percentile of an image, or between its least and greatest."""
Ramp = Literal["gray", "viridis", "vegetation", "terrain", "heat", "blues"]
PERCENT = (2.0, 98.0)
RAMPS: Mapping[str, Sequence[str]] = {
    "gray": ("000000", "FFFFFF"),
    "viridis": ("440154", "482878", "3E4A89", "31688E", "26828E", "1F9E89", "35B779", "6DCD59", "B4DE2C", "FDE725"),
    "vegetation": ("A50026", "F46D43", "FEE08B", "D9EF8B", "66BD63", "006837"),
    "terrain": ("2B6E3F", "8FBF6A", "F2E3A0", "B98B5E", "7A5C48", "FFFFFF"),
    "heat": ("000004", "51127C", "B73779", "FC8961", "FCFDBF"),
    "blues": ("F7FBFF", "C6DBEF", "6BAED6", "2171B5", "08306B"),
}  # fmt: skip
"""From the least to the greatest value, at equal steps."""
assert set(RAMPS) == set(get_args(Ramp))  # noqa: S101
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGBA = 6


def stretched(values: np.ndarray, between: Sequence[tuple[float, float]]) -> np.ndarray:
    """Bands, rows, columns as bytes from 0 to 255; what lies outside is cut off. A band of one value is 0."""
    low = np.array([pair[0] for pair in between], np.float64)[:, None, None]
    high = np.array([pair[1] for pair in between], np.float64)[:, None, None]
    wide = np.where(high > low, high - low, 1.0)
    with np.errstate(invalid="ignore", over="ignore"):
        share = (values.astype(np.float64) - low) / wide
    return np.rint(np.clip(np.nan_to_num(share, nan=0.0), 0, 1) * 255).astype(np.uint8)


def ramp(name: str) -> np.ndarray:
    """256 colours, red, green and blue in a row."""
    stops = np.array([tuple(bytes.fromhex(colour)) for colour in RAMPS[name]], np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    return np.stack(
        [np.rint(np.interp(at, np.arange(len(stops)), stops[:, n])) for n in range(3)], axis=1
    ).astype(np.uint8)


def png(picture: np.ndarray) -> bytes:
    """Red, green, blue, alpha; rows; columns, as a PNG (ISO/IEC 15948): each row by its difference to the one above."""
    _, height, width = picture.shape
    rows = np.ascontiguousarray(picture.transpose(1, 2, 0)).reshape(height, width * 4)
    above = np.vstack([np.zeros((1, width * 4), np.uint8), rows[:-1]])
    lines = np.hstack([np.full((height, 1), 2, np.uint8), rows - above])
    head = struct.pack(">IIBBBBB", width, height, 8, RGBA, 0, 0, 0)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(told)) + kind + told + struct.pack(">I", zlib.crc32(kind + told))
        for kind, told in ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    )
