"""Which characters the font of the papers can draw: the character map of a collection (OpenType 1.9, cmap)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cache

from api.papers.fonts import REGULAR, font_folder

SEGMENTED_COVERAGE = 12


def is_drawn(sign: str) -> bool:
    """Whether a character has a glyph, and not the empty box that stands for none."""
    starts, ends = _ranges()
    at = bisect_right(starts, ord(sign)) - 1
    return at >= 0 and ord(sign) <= ends[at]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    data = (font_folder() / REGULAR).read_bytes()
    (first,) = struct.unpack_from(
        ">I", data, 12
    )  # a collection: "ttcf", version, number of fonts, their places
    (tables,) = struct.unpack_from(">H", data, first + 4)
    for at in range(first + 12, first + 12 + 16 * tables, 16):
        if data[at : at + 4] == b"cmap":
            (cmap,) = struct.unpack_from(">I", data, at + 8)
            break
    (many,) = struct.unpack_from(">H", data, cmap + 2)
    for at in range(cmap + 4, cmap + 4 + 8 * many, 8):
        place = cmap + struct.unpack_from(">I", data, at + 4)[0]
        if struct.unpack_from(">H", data, place)[0] == SEGMENTED_COVERAGE:
            break
    (groups,) = struct.unpack_from(">I", data, place + 12)
    found = sorted(struct.iter_unpack(">III", data[place + 16 : place + 16 + 12 * groups]))
    return [start for start, _, _ in found], [end for _, end, _ in found]
