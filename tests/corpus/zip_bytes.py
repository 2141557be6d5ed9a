"""Zips whose headers say what zipfile would not write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.corpus.entry import Write

Member = tuple[bytes, bytes]


def archive(
    members: Sequence[Member],
    *,
    flags: int = 0,
    stated_size: int | None = None,
    crc: int | None = None,
    external: int = 0,
) -> bytes:
    """An archive of deflated members; one size, check sum and mode stand for all where they are given."""
    body, directory = b"", b""
    for name, content in members:
        squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = squeezed.compress(content) + squeezed.flush()
        size = len(content) if stated_size is None else stated_size
        told = zlib.crc32(content) if crc is None else crc
        common = struct.pack("<HHHHHIIIHH", 20, flags, 8, 0, 33, told, len(packed), size, len(name), 0)
        directory += (
            b"PK\x01\x02\x14\x03" + common + struct.pack("<HHHII", 0, 0, 0, external, len(body)) + name
        )
        body += b"PK\x03\x04" + common + name + packed
    counts = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + counts


def of(*members: Member, **given: int) -> Write:
    made = archive(members, **given)

    def write(path: Path, world: object) -> None:
        path.write_bytes(made)

    return write
