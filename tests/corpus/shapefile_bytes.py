"""Shapefiles byte by byte, after the ESRI description of 1998, so that every number in them can lie."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.corpus.entry import Write, square
from tests.loaders import files

Ring = Sequence[Sequence[float]]
POLYGON = 5
CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
XIAN_1980 = (
    'GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
BEIJING_1954 = (
    'GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
FIELDS = (("DKBM", 20), ("DKMC", 40))


def record(*rings: Ring, kind: int = POLYGON, part_count: int | None = None, first_part: int = 0) -> bytes:
    """The content of a record: rings clockwise outside, as the format wants them."""
    points = [point for ring in rings for point in ring]
    starts = [first_part + sum(map(len, rings[:index])) for index in range(len(rings))]
    box = (
        min(x for x, _ in points), min(y for _, y in points),
        max(x for x, _ in points), max(y for _, y in points),
    )  # fmt: skip
    counts = (len(rings) if part_count is None else part_count, len(points))
    return (
        struct.pack("<i4d2i", kind, *box, *counts)
        + struct.pack(f"<{len(starts)}i", *starts)
        + b"".join(struct.pack("<2d", *point) for point in points)
    )


def plots(count: int) -> list[bytes]:
    """Records of so many squares that are as they should be."""
    return [record(square(number)[::-1]) for number in range(count)]


def header(length: int, kind: int = POLYGON) -> bytes:
    """The 100 bytes that .shp and .shx begin with; `length` of the file in bytes."""
    return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length // 2) + struct.pack(
        "<2i8d", 1000, kind, 87.0, 44.0, 88.0, 45.0, 0, 0, 0, 0
    )


def shp_and_shx(records: Sequence[bytes], stated: Mapping[int, int] | None = None) -> tuple[bytes, bytes]:
    """Both files; `stated`: the length in words that a record (from 0) claims instead of its own."""
    body, index = b"", b""
    for number, content in enumerate(records):
        words = (stated or {}).get(number, len(content) // 2)
        index += struct.pack(">2i", (100 + len(body)) // 2, words)
        body += struct.pack(">2i", number + 1, words) + content
    return header(100 + len(body)) + body, header(100 + len(index)) + index


def dbf(
    rows: Sequence[Sequence[str]],
    fields: Sequence[tuple[str, int]] = FIELDS,
    encoding: str = "utf-8",
    deleted: frozenset[int] = frozenset(),
) -> bytes:
    """A table of text fields; `deleted`: rows (from 0) that are marked as taken out."""
    length = 1 + sum(width for _, width in fields)
    head = struct.pack("<4BIHH20x", 3, 125, 3, 18, len(rows), 33 + 32 * len(fields), length)
    for name, width in fields:
        head += struct.pack("<11sc4xB15x", name.encode(encoding), b"C", width)
    body = b"".join(
        (b"*" if number in deleted else b" ")
        + b"".join(cell.encode(encoding).ljust(width) for cell, (_, width) in zip(row, fields, strict=True))
        for number, row in enumerate(rows)
    )
    return head + b"\r" + body + b"\x1a"


def rows(count: int) -> list[tuple[str, str]]:
    return [(f"S{number}", f"示例地块{number}") for number in range(count)]


def parts(count: int = 3) -> dict[str, bytes]:
    """A Shapefile of so many squares, by the ending of its files."""
    shp, shx = shp_and_shx(plots(count))
    return {
        ".shp": shp,
        ".shx": shx,
        ".dbf": dbf(rows(count)),
        ".prj": CGCS2000.encode(),
        ".cpg": b"UTF-8",
    }


def changed(**given: bytes | None) -> Write:
    """A zipped Shapefile of three squares with files replaced or, for None, left out."""
    made = {**parts(), **{f".{ending}": content for ending, content in given.items()}}
    return packed({ending: content for ending, content in made.items() if content is not None})


def packed(members: Mapping[str, bytes]) -> Write:
    def write(path: Path, world: object) -> None:
        files.zipped(path, {f"地块{ending}": content for ending, content in members.items()})

    return write
