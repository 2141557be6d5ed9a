"""An overlay as a workbook: a sheet for each question, real numbers, headings that stay, pages that print."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from api.overlays.tables import Table, tables_of
from loaders.report import harmless

CELL_SIGNS = 32_000
LEAST, WIDEST = 10, 48
HEAD_ROWS = 3
"""Name, note, headings."""
A4 = 9


def workbook(told: Mapping[str, Any]) -> bytes:
    """The tables of an overlay; every text stays text, whatever it looks like."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": str(told["number"]), "comments": str(told["fingerprint"])})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "note": book.add_format({"font_color": "#4A4D55"}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "area": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "total": book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
        }
        for table in tables_of(told):
            _sheet(book, table, styles, str(told["number"]))
    return target.getvalue()


def _sheet(book: xlsxwriter.Workbook, table: Table, styles: Mapping[str, Any], number: str) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.write_string(0, 0, table.name, styles["title"])
    sheet.write_string(1, 0, table.note, styles["note"])
    for column, heading in enumerate(table.headings):
        sheet.write_string(2, column, str(harmless(heading))[:CELL_SIGNS], styles["head"])
        sheet.set_column(column, column, _width(table, column))
    for line, row in enumerate(table.rows, HEAD_ROWS):
        is_total = table.total and line == HEAD_ROWS + len(table.rows) - 1
        for column, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                style = "total" if is_total else "area" if column in table.area else "text"
                sheet.write_number(line, column, cell, styles[style])
            elif cell not in (None, ""):
                # A string cell stays text in XLSX; the apostrophe is for whoever saves it as CSV.
                style = "total" if is_total else "text"
                sheet.write_string(line, column, str(harmless(str(cell)))[:CELL_SIGNS], styles[style])
    sheet.freeze_panes(HEAD_ROWS, 1)
    last = HEAD_ROWS + max(len(table.rows) - 1, 0)
    sheet.print_area(0, 0, last, len(table.headings) - 1)
    sheet.repeat_rows(2)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{number}&C&A&R第 &P 页，共 &N 页")


def _width(table: Table, column: int) -> int:
    texts = [
        table.headings[column],
        *(row[column] for row in table.rows[:200] if isinstance(row[column], str)),
    ]
    longest = max((sum(2 if ord(sign) > 255 else 1 for sign in text) for text in texts), default=LEAST)
    return min(max(LEAST, longest + 2), WIDEST)
