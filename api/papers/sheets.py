"""Worksheets: real numbers, text that is never taken for a formula, headers that stay, pages that print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from loaders.report import harmless

SHEET_ROWS = 1_048_576
CELL_SIGNS = 32_000
WIDEST = 60
LINE, HIGHEST = 15.0, 400.0
"""Points: of a line, and of the highest row that Excel takes."""
SAFE = {"strings_to_formulas": False, "strings_to_urls": False}
"""Options of every workbook."""


class Sheet:
    """A worksheet that goes on in another when it is full. `widths`: in signs, else as the headings need."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        name: str,
        headings: Sequence[str],
        widths: Sequence[float] | None = None,
    ) -> None:
        self._book, self._name, self._headings = book, name, headings
        self._widths = widths or [min(max(12, 2 * len(one) + 2), WIDEST) for one in headings]
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._text = book.add_format({"text_wrap": True, "valign": "top"}) if widths else None
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        title = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet, self._row = self._book.add_worksheet(title), 0
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&L&A&R第 &P 页 共 &N 页")
        for column, (heading, width) in enumerate(zip(self._headings, self._widths, strict=True)):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, heading, self._bold)

    def write(self, cells: Iterable[Any]) -> None:
        cells = list(cells)
        self._row += 1
        if self._row == SHEET_ROWS:
            self.close()
            self._begin()
            self._row = 1
        if self._text is not None:
            self._sheet.set_row(self._row, min(LINE * self._lines(cells), HIGHEST))
        for column, cell in enumerate(cells):
            if isinstance(cell, bool):
                self._sheet.write_string(self._row, column, "是" if cell else "否", self._text)
            elif isinstance(cell, int | float):
                self._sheet.write_number(self._row, column, cell, self._text)
            elif cell:
                # A string cell stays text in XLSX; the apostrophe is for whoever saves it as CSV.
                told = str(harmless(str(cell)))[:CELL_SIGNS]
                self._sheet.write_string(self._row, column, told, self._text)

    def _lines(self, cells: Sequence[Any]) -> int:
        """How many lines the highest cell needs: not every program works that out when it opens a file."""
        high = 1
        for cell, width in zip(cells, self._widths, strict=True):
            if isinstance(cell, str):
                parts = (sum(2 if ord(sign) > 0x2E7F else 1 for sign in part) for part in cell.split("\n"))
                high = max(high, sum(1 + int(signs // (width - 1)) for signs in parts))
        return high

    def close(self) -> None:
        """Say what of it is printed: all that was written."""
        self._sheet.print_area(0, 0, self._row, len(self._headings) - 1)
