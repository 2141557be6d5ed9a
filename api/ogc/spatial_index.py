"""The spatial index of a FlatGeobuf: a packed R-tree of 16 a node between head and features, made at constant memory.

GDAL sorts its index in memory, 100 bytes a feature. Here the features stay in the order in which they came, by place
where nobody asked for another; boxes and nodes go through files. Format: FlatGeobuf 3.0 (header.fbs, packed R-tree).
"""

from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import shapely

MAGIC = 8
NODE = np.dtype([("box", "<f8", 4), ("offset", "<u8")])
"""West, south, east, north; of a feature its byte behind the index, of a node the number of its first child."""
WIDTH = 16
AT_ONCE = WIDTH * 4096
NOWHERE = (np.inf, np.inf, -np.inf, -np.inf)
"""The box of what has no place: no box meets it."""
ENVELOPE, COUNT = 1, 8
"""Fields of a head: a vector of four numbers, a number of 64 bits."""


class Boxes:
    """The boxes of features in their order, kept in a file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.many = file, 0
        self.whole = np.array(NOWHERE)

    def add(self, shapes: Sequence[Any]) -> None:
        """`shapes`: WKB, or None."""
        found = shapely.bounds(shapely.from_wkb(np.array(shapes, dtype=object)))
        found[np.isnan(found[:, 0])] = NOWHERE
        self.file.write(found.astype("<f8").tobytes())
        self.many += len(found)
        self.whole = _joined(np.vstack([self.whole, found]))[0]


def write_indexed(plain: Path, pattern: Path, boxes: Boxes, folder: Path, path: Path) -> None:
    """`plain`: the file without an index; `pattern`: one of a feature alike, with an index, for its head."""
    with plain.open("rb") as features, path.open("wb") as out:
        out.write(_head(pattern, boxes))
        begin = _behind_head(features)
        levels = _levels(features, boxes, folder)
        for level in reversed(levels):
            with level.open("rb") as nodes:
                shutil.copyfileobj(nodes, out)
        features.seek(begin)
        shutil.copyfileobj(features, out)


def _head(pattern: Path, boxes: Boxes) -> bytes:
    """Magic bytes and head of a file, with another envelope and number of features."""
    with pattern.open("rb") as file:
        length = _behind_head(file)
        file.seek(0)
        head = bytearray(file.read(length))
    root = MAGIC + 4
    table = root + _number("<I", head, root)
    fields = table - _number("<i", head, table)
    envelope, count = (table + _number("<H", head, fields + 4 + 2 * one) for one in (ENVELOPE, COUNT))
    struct.pack_into("<4d", head, envelope + _number("<I", head, envelope) + 4, *boxes.whole)
    struct.pack_into("<Q", head, count, boxes.many)
    return bytes(head)


def _behind_head(file: BinaryIO) -> int:
    """Go to what follows the head; its place."""
    file.seek(MAGIC)
    return file.seek(_number("<I", file.read(4), 0), io.SEEK_CUR)


def _number(kind: str, given: bytes | bytearray, at: int) -> int:
    return int(struct.unpack_from(kind, given, at)[0])


def _levels(features: BinaryIO, boxes: Boxes, folder: Path) -> list[Path]:
    """The nodes of each level in a file of its own, those of the features first, the root last."""
    sizes = [boxes.many]
    while len(sizes) == 1 or sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // WIDTH))
    levels = [folder / f"level{number}" for number in range(len(sizes))]
    with levels[0].open("wb") as out:
        _write_leaves(features, boxes, out)
    for number in range(1, len(sizes)):  # the level below begins behind all that stand above it
        first = sum(sizes[number:])
        with levels[number - 1].open("rb") as below, levels[number].open("wb") as out:
            while len(nodes := np.frombuffer(below.read(AT_ONCE * NODE.itemsize), NODE)):
                starts = np.arange(0, len(nodes), WIDTH)
                above = np.empty(len(starts), NODE)
                above["box"] = _joined(nodes["box"], starts)
                above["offset"] = first + starts
                first += len(nodes)
                out.write(above.tobytes())
    return levels


def _write_leaves(features: BinaryIO, boxes: Boxes, out: BinaryIO) -> None:
    boxes.file.seek(0)
    offset = 0
    while len(found := np.frombuffer(boxes.file.read(AT_ONCE * 32), "<f8").reshape(-1, 4)):
        nodes = np.empty(len(found), NODE)
        nodes["box"] = found
        for number in range(len(nodes)):
            nodes["offset"][number] = offset
            length = _number("<I", features.read(4), 0)
            features.seek(length, io.SEEK_CUR)
            offset += 4 + length
        out.write(nodes.tobytes())


def _joined(boxes: np.ndarray, starts: Sequence[int] | np.ndarray = (0,)) -> np.ndarray:
    """The box around all from each start to the next."""
    least, most = (
        function.reduceat(boxes[:, side], starts)
        for function, side in ((np.minimum, slice(0, 2)), (np.maximum, slice(2, 4)))
    )
    return np.hstack([least, most])
