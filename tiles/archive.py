"""PMTiles version 3: the tiles of many zooms in one file, which a map reads by ranges. Written at constant memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

HEADER = struct.Struct("<7sB11Q6B4iB2i")
ENTRY = struct.Struct("<QQII")
"""Number of the first tile, where its bytes begin, how many there are, how many tiles in a row have them."""
ROOT_BYTES = 16_384 - HEADER.size
"""What a reader asks first holds the header and the root directory."""
LEAF_ENTRIES = 4096
MOST_KNOWN = 50_000
"""How many tiles are remembered, so that what comes again is kept once."""
GZIP, MVT = 2, 1
Entry = tuple[int, int, int, int]


def first_number(z: int) -> int:
    """The number of the first tile of a zoom: all tiles of the zooms above come before it."""
    return int((4**z - 1) // 3)


def place(z: int, along: int) -> tuple[int, int]:
    """Column and row of a tile by its place along the Hilbert curve of its zoom, on which the four tiles within the
    one at `n` are those from `4 n` on."""
    x = y = 0
    for level in range(z):
        side, quarter = 1 << level, along >> (2 * level)
        right, down = quarter >> 1 & 1, (quarter ^ quarter >> 1) & 1
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y = x + side * right, y + side * down
    return x, y


def compressed(body: bytes) -> bytes:
    """The same bytes every time."""
    return gzip.compress(body, 6, mtime=0)


class Archive:
    """Tiles that are added by rising number. `folder`: on the disk of the file; two scratch files go there.

    In memory is the directory's root alone, which has an entry for some thousand tiles.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data: BinaryIO = (folder / "data").open("w+b")
        self._entries: BinaryIO = (folder / "entries").open("w+b")
        self._known: dict[bytes, tuple[int, int]] = {}
        self._last: Entry | None = None
        self.tiles = self._written = self._contents = 0

    def add(self, number: int, content: bytes) -> None:
        """`content`: the tile as it is sent, compressed with gzip."""
        digest = hashlib.blake2b(content, digest_size=16).digest()
        found = self._known.get(digest)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[digest] = self._data.tell(), len(content)
            self._data.write(content)
            self._contents += 1
        self.tiles += 1
        if self._last and self._last[1:3] == found and number == self._last[0] + self._last[3]:
            self._last = *self._last[:3], self._last[3] + 1
        else:
            self._put_last()
            self._last = number, *found, 1

    def finish(
        self, path: Path, metadata: Mapping[str, Any], bounds: Sequence[float], zooms: tuple[int, int]
    ) -> None:
        """Write the file: whole, or not at all. `bounds`: west, south, east, north in degrees."""
        self._put_last()
        self._known.clear()
        told = compressed(json.dumps(metadata, ensure_ascii=False).encode())
        whole = self._folder / "whole"
        with (self._folder / "leaves").open("w+b") as leaves, whole.open("wb") as out:
            root = self._directories(leaves)
            lengths = len(root), len(told), leaves.tell(), self._data.tell()
            ends = [HEADER.size + sum(lengths[:part]) for part in range(len(lengths))]
            sections = [number for pair in zip(ends, lengths, strict=True) for number in pair]
            box = [round(degrees * 1e7) for degrees in bounds]
            middle = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
            kinds = 1, GZIP, GZIP, MVT  # in order; directories and metadata, tiles
            counts = self.tiles, self._written, self._contents
            out.write(HEADER.pack(b"PMTiles", 3, *sections, *counts, *kinds, *zooms, *box, zooms[0], *middle))
            out.write(root + told)
            for part in (leaves, self._data):
                part.seek(0)
                shutil.copyfileobj(part, out)
            out.flush()
            os.fsync(out.fileno())
        whole.replace(path)

    def close(self) -> None:
        self._data.close()
        self._entries.close()

    def _put_last(self) -> None:
        if self._last:
            self._entries.write(ENTRY.pack(*self._last))
            self._written += 1

    def _read(self) -> Iterator[Entry]:
        self._entries.seek(0)
        while piece := self._entries.read(ENTRY.size * LEAF_ENTRIES):
            yield from ENTRY.iter_unpack(piece)

    def _directories(self, leaves: BinaryIO) -> bytes:
        """The root, and into `leaves` what it leads to where it cannot hold all."""
        if self._written <= ROOT_BYTES:
            root = directory(self._read())
            if len(root) <= ROOT_BYTES:
                return root
        size = LEAF_ENTRIES
        while True:
            leaves.seek(0)
            leaves.truncate()
            entries, of_root = self._read(), []
            while some := list(islice(entries, size)):
                leaf, begin = directory(some), leaves.tell()
                leaves.write(leaf)
                of_root.append((some[0][0], begin, len(leaf), 0))
            root = directory(of_root)
            if len(root) <= ROOT_BYTES:
                return root
            size *= 2


def directory(entries: Iterable[Entry]) -> bytes:
    """Entries in the order of their numbers: column by column, each number as its difference, as varints."""
    found = list(entries)
    numbers = [len(found)]
    numbers += (
        entry[0] - before for entry, before in zip(found, [0, *(one[0] for one in found)], strict=False)
    )
    numbers += (entry[3] for entry in found)
    numbers += (entry[2] for entry in found)
    end = None
    for _, begin, length, _ in found:
        numbers.append(0 if begin == end else begin + 1)
        end = begin + length
    return compressed(b"".join(map(_varint, numbers)))


def _varint(number: int) -> bytes:
    told = bytearray()
    while number > 0x7F:
        told.append(number & 0x7F | 0x80)
        number >>= 7
    told.append(number)
    return bytes(told)
