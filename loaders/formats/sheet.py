"""The rows of a worksheet that say something; a sheet of a few bytes may claim a million rows and ever more cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.cell.read_only import EMPTY_CELL

from loaders import limits
from loaders.record import refused

_MERGED = re.compile(rb"<(?:\w{1,9}:)?mergeCell\s[^>]{0,40}?ref=.([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """The value of a formula that no spreadsheet has computed yet."""

    formula: str

    def __str__(self) -> str:
        return self.formula


def valued_rows(values: Any, formulas: Any) -> Iterator[list[Any]]:
    """The values of a worksheet of openpyxl, read once for its values and once for its formulas.

    A formula whose kept result is an empty text is empty; one without a kept result is Uncomputed.
    """
    pairs = (sheet.iter_rows(max_col=limits.COLUMNS + 1) for sheet in (values, formulas))
    blank = None
    for row, written in zip(*pairs, strict=True):
        # A million missing rows are one and the same row of openpyxl's, looked at once.
        if row is blank or all(cell is EMPTY_CELL for cell in row):
            blank = row
            yield []
            continue
        yield [
            Uncomputed(str(getattr(source.value, "text", source.value)))
            if cell.value is None and source.data_type == "f" and cell.data_type != "str"
            else cell.value
            for cell, source in zip(row, written, strict=True)
        ]


def filled_rows(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """(number from 1, cells without the empty ones at the end) of each row with a value. Raises FileRefused.

    Empty rows cost nothing but time: those at the end of a sheet are let be, but what stands far below all else is
    refused and not left out, for it may be a plot that somebody forgot.
    """
    last = cells = 0
    for number, row in enumerate(rows, 1):
        if number > limits.SHEET_ROWS:
            raise refused(
                "too_many_rows",
                f"表格超过 {limits.SHEET_ROWS} 行。",
                "请删去内容以下的空行，或拆分后再提交。",
            )
        width = len(row)
        if row.count(None) == width:
            continue
        while row[width - 1] is None:
            width -= 1
        if number - last > limits.SHEET_GAP:
            raise refused(
                "rows_far_apart",
                f"第 {last} 行以后空了 {number - last - 1} 行，第 {number} 行又有内容。",
                "请删去中间的空行；若下面的内容是误填的，也请删去。",
                row=number,
            )
        cells += width
        if cells > limits.SHEET_CELLS:
            raise refused(
                "too_many_cells", f"表格超过 {limits.SHEET_CELLS} 格。", "请拆分，或另存为 CSV 后再提交。"
            )
        last = number
        yield number, list(row[:width])


def merged_rows(sheet: Any) -> np.ndarray:
    """By number, whether a row of a worksheet of openpyxl has a cell that another one covers, so that it says nothing.

    openpyxl leaves merged cells out where it reads row by row, so the sheet's own text is searched.
    """
    starts = np.zeros(limits.SHEET_ROWS + 2, dtype=np.int32)
    with sheet.parent._archive.open(sheet._worksheet_path) as source:
        tail = b""
        while piece := source.read(_PIECE):
            text = tail + piece
            end = 0
            for found in _MERGED.finditer(text):
                end = found.end()
                first, last = sorted((int(found[2]), int(found[4])))
                first += found[1] == found[3]  # in one column the first row is the one that says it
                if first <= min(last, limits.SHEET_ROWS):
                    starts[first] += 1
                    starts[min(last, limits.SHEET_ROWS) + 1] -= 1
            tail = text[max(end, len(text) - 200) :]
    return np.cumsum(starts) > 0
