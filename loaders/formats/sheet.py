"""The rows of a worksheet that say something; a sheet of a few bytes may claim a million rows and ever more cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from openpyxl.cell.read_only import EMPTY_CELL

from loaders import limits
from loaders.record import refused

UNCOMPUTED: Final = object()
"""The value of a formula that no spreadsheet has computed yet."""


def valued_rows(values: Any, formulas: Any) -> Iterator[list[Any]]:
    """The values of a worksheet of openpyxl, read once for its values and once for its formulas.

    A formula whose kept result is an empty text is empty; one without a kept result is UNCOMPUTED.
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
            UNCOMPUTED
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
