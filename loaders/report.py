"""The issue list as a file for the office that sent the data: JSON, CSV or XLSX by suffix."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from loaders.record import Issue
from loaders.result import LoadResult

SEVERITIES = {"error": "错误", "warning": "提醒", "notice": "说明"}
HEADINGS = ("程度", "行", "圈号", "字段", "值", "问题", "怎么改", "经度", "纬度", "由谁改", "代码")
WIDTHS = (8, 8, 8, 16, 24, 60, 50, 12, 12, 28, 22)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
SUFFIXES = (".json", ".csv", ".xlsx")


def write_report(result: LoadResult, path: Path) -> None:
    """Write the list; a suffix other than those of SUFFIXES is a ValueError."""
    if path.suffix.lower() == ".json":
        path.write_text(json.dumps(result.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        write_issues(result.issues, path)


def write_issues(issues: Iterable[Issue], path: Path) -> None:
    """Write a list of issues as .csv or .xlsx; another suffix is a ValueError."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows([harmless(cell) for cell in _cells(issue)] for issue in issues)
    elif suffix == ".xlsx":
        _xlsx(issues, path)
    else:
        raise ValueError(suffix)


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula, with an apostrophe in front (OWASP ASVS 1.2.10)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _cells(issue: Issue) -> list[Any]:
    lon, lat = issue.place or (None, None)
    return [
        SEVERITIES[issue.severity], issue.row, issue.ring, issue.field, issue.value, issue.message, issue.hint,
        lon, lat, issue.owner, issue.code,
    ]  # fmt: skip


def _xlsx(issues: Iterable[Issue], path: Path) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("问题清单")
        head = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width, wrapped)
            sheet.write_string(0, column, heading, head)
        sheet.freeze_panes(1, 0)
        for line, issue in enumerate(issues, 1):
            for column, cell in enumerate(_cells(issue)):
                if isinstance(cell, str):
                    # A string cell stays text in XLSX; the apostrophe is for whoever saves it as CSV.
                    sheet.write_string(line, column, str(harmless(cell))[:32_000])
                elif cell is not None:
                    sheet.write_number(line, column, cell)
