"""The table of a Shapefile, looked at before GDAL reads it: in which encoding its texts are, and what GDAL would lose.

GDAL drops bytes that are no characters, and rows that are marked as deleted, without a word. Layout: dBASE III, as in
the ESRI Shapefile Technical Description (1998), pages 25 and 26.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from loaders.record import refused

HEADER, DESCRIPTOR = 32, 32
END_OF_FIELDS = 0x0D
DELETED = ord("*")
ROWS_AT_ONCE = 50_000
CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030"}
CODE_PAGE_NAMES = {
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "65001": "utf-8",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "oem": "",
}
ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Damage:
    """A text that does not decode: the row (from 1, without deleted ones), which field (from 0), the bytes.

    `is_cut`: all but its last character is whole, because the field was too narrow for it.
    """

    row: int
    field: int
    raw: bytes
    is_cut: bool


@dataclass(slots=True)
class Texts:
    """What a table's texts are like. `damages`: by encoding; those that are not only cut say that it is another."""

    deleted: int = 0
    has_other_than_ascii: bool = False
    damages: dict[str, list[Damage]] = field(default_factory=dict)

    def broken(self, encoding: str) -> int:
        """How many texts are not of an encoding."""
        return sum(not damage.is_cut for damage in self.damages.get(encoding, ()))


def stated_encoding(cpg: Path | None, dbf: Path) -> str:
    """What .cpg says, else the language byte of the table; "" where neither does."""
    word = ""
    if cpg:
        word = cpg.read_text("ascii", "replace").strip().lower().removeprefix("cp").removeprefix("ansi ")
    with dbf.open("rb") as opened:
        language = opened.read(HEADER)[29]
    return CODE_PAGE_NAMES.get(word, word) or CODE_PAGES.get(language, "")


def look_at(dbf: Path, encodings: tuple[str, ...] = ENCODINGS) -> Texts:
    """Every text of a table against encodings. Raises FileRefused where the table says things that cannot be."""
    rows, start, length = _shape(dbf)
    fields = _text_fields(dbf, start, length)
    texts = Texts(damages={encoding: [] for encoding in encodings})
    if not rows:
        return texts
    table = np.memmap(dbf, np.uint8, "r", start, (rows, length))
    seen = 0
    for first in range(0, rows, ROWS_AT_ONCE):
        chunk = np.asarray(table[first : first + ROWS_AT_ONCE])
        kept = chunk[chunk[:, 0] != DELETED]
        texts.deleted += len(chunk) - len(kept)
        for number, offset, width in fields:
            column = kept[:, offset : offset + width]
            if (column >= 0x80).any():
                texts.has_other_than_ascii = True
                for encoding in encodings:
                    texts.damages[encoding] += _damages(column, encoding, seen, number)
        seen += len(kept)
    return texts


def _shape(dbf: Path) -> tuple[int, int, int]:
    with dbf.open("rb") as opened:
        rows, start, length = struct.unpack("<4xIHH", opened.read(12))
    if length == 0 or start < HEADER:
        raise refused("truncated", ".dbf 文件头已损坏。", "请重新复制或导出后再提交。")
    return rows, start, length


def _text_fields(dbf: Path, start: int, length: int) -> list[tuple[int, int, int]]:
    """Number, offset in the row and width of each text field."""
    with dbf.open("rb") as opened:
        head = opened.read(start)[HEADER:]
    fields, offset = [], 1
    for number in range(len(head) // DESCRIPTOR):
        one = head[number * DESCRIPTOR : (number + 1) * DESCRIPTOR]
        if one[0] == END_OF_FIELDS:
            break
        kind, width = chr(one[11]), one[16]
        if kind == "C":
            width += (
                one[17] << 8
            )  # a text longer than 255 has the rest of its width where numbers have decimals
            fields.append((number, offset, width))
        offset += width
    if offset > length:
        raise refused("truncated", ".dbf 文件头写明的字段比一行还长。", "请重新导出后再提交。")
    return fields


def _damages(column: np.ndarray, encoding: str, before: int, number: int) -> Iterator[Damage]:
    """Texts of one column that do not decode. A whole column is tried at once, each text only where that fails."""
    lines = np.column_stack([column, np.full(len(column), ord("\n"), np.uint8)])
    if _fault(lines.tobytes(), encoding) is None:
        return
    for at in np.flatnonzero((column >= 0x80).any(axis=1)).tolist():
        raw = column[at].tobytes().rstrip(b" \0")
        fault = _fault(raw, encoding)
        if fault is not None:
            is_cut = (
                fault.end == len(raw)
                and len(raw) - fault.start < 4
                and _is_begun(raw[fault.start :], encoding)
            )
            yield Damage(before + at + 1, number, raw, is_cut)


def _fault(raw: bytes, encoding: str) -> UnicodeDecodeError | None:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        return error
    return None


def _is_begun(rest: bytes, encoding: str) -> bool:
    """Whether bytes are the beginning of a character that more bytes would complete."""
    tails = (
        (b"\x80", b"\x80\x80", b"\x80\x80\x80")
        if encoding == "utf-8"
        else (b"\xa1", b"0\x810", b"\x810", b"0")
    )
    return any(_fault(rest + tail, encoding) is None for tail in tails)
