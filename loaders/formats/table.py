"""CSV and XLSX: a header line, then a row a thing or a row a vertex, with coordinates, WKT or none at all.

Register lists often have no coordinates: such rows are entries without boundary, and whether a layer takes them is
not for the reader to say.
"""

from __future__ import annotations

import csv
import io
import itertools
import lzma
import zipfile
import zlib
from collections.abc import Container, Iterator, Sequence
from typing import Any

import openpyxl

from loaders import limits
from loaders.formats import columns as columns_of
from loaders.formats import vertices
from loaders.formats.columns import Columns
from loaders.formats.places import is_nothing, shape_of
from loaders.formats.sheet import Uncomputed, filled_rows, merged_rows, valued_rows
from loaders.formats.text import decode
from loaders.formats.vertices import TableRow
from loaders.record import ERROR, NOTICE, Delivery, File, Issue, Record, refused

LONGEST_NAME = 300
"""Letters of the name of a column; a name as long as a cell may be takes the square of its time to understand."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError,
    ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""What openpyxl and zipfile raise where a workbook is damaged."""
_COMPUTE = "请用电子表格软件打开并保存一次，或把公式粘贴为数值，再提交。"


def read_csv(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """Rows of a CSV; commas, tabs or semicolons, whichever the header line has most of."""
    text, encoding = decode(file.read_bytes(), encoding)
    head = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(limits.CELL_BYTES)
    try:
        rows = [
            (number, row)
            for number, row in _numbered(
                csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            )
        ]
    except csv.Error as error:
        raise refused(
            "csv_unreadable",
            "CSV 读不出来，可能有不成对的引号或过长的字段。",
            "请用电子表格软件另存为 CSV（UTF-8）。",
        ) from error
    return _table(iter(rows), crs, encoding, delimiter)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def read_xlsx(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """Rows of the one sheet of an XLSX that has any, as values, never formulas."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > limits.UNPACKED_BYTES // 4 or unpacked > limits.UNPACKED_RATIO * max(
                file.path.stat().st_size, 10_000
            ):
                raise refused("xlsx_too_large", "表格解开后过大。", "请拆分或另存为 CSV 后再提交。")
        values, formulas = (
            openpyxl.load_workbook(file.path, read_only=True, data_only=data_only, keep_links=False)
            for data_only in (True, False)
        )
    except _BROKEN as error:
        raise refused(
            "xlsx_unreadable", "表格打不开，可能已损坏或有密码。", "请用电子表格软件另存为 .xlsx 后再提交。"
        ) from error
    try:
        rows, covered = _rows_of_the_one_sheet(values.worksheets, formulas.worksheets, file.part)
    except _BROKEN as error:
        raise refused(
            "xlsx_unreadable", "表格读不出来，可能已损坏。", "请用电子表格软件另存为 .xlsx 后再提交。"
        ) from error
    finally:
        values.close()
        formulas.close()
    return _table(iter(rows), crs, "", covered=covered)


def _rows_of_the_one_sheet(
    values: list[Any], formulas: list[Any], part: str | None
) -> tuple[list[tuple[int, list[Any]]], frozenset[int]]:
    """The rows of the sheet that is asked for, else of the only one that has any; and those with covered cells."""
    found: list[tuple[int, list[Any]]] = []
    covered: frozenset[int] = frozenset()
    names: list[str] = []
    for sheet, written in zip(values, formulas, strict=True):
        if part and sheet.title != part:
            continue
        sheet.reset_dimensions()
        written.reset_dimensions()
        rows = filled_rows(valued_rows(sheet, written))
        if (first := next(rows, None)) is None:
            continue
        names.append(str(sheet.title))
        if len(names) == 1:
            found = [first, *rows]
            is_covered = merged_rows(sheet)
            covered = frozenset(number for number, _ in found if is_covered[number])
    if part and not names:
        there = "、".join(str(sheet.title) for sheet in values[:10])
        raise refused("layers", f"没有工作表“{part[:40]}”，或它是空的。", f"有：{there}。")
    if len(names) > 1:
        raise refused(
            "several_sheets",
            f"有 {len(names)} 张工作表有内容：{'、'.join(names[:10])}。",
            "请用 --source-layer 指明工作表，或每张表单独存成一个文件；隐藏的工作表也算。",
        )
    return found, covered


def _table(
    rows: Iterator[tuple[int, Sequence[Any]]],
    asked: str | None,
    encoding: str,
    delimiter: str = "",
    covered: Container[int] = (),
) -> Delivery:
    titles: list[int] = []
    for line, names in rows:
        if sum(not is_nothing(value) for value in names) >= 2:
            break
        if not _is_blank(names):
            titles.append(line)
    else:
        raise refused("table_empty", "表格里没有内容。", "第一行应为列名，下面每行一条记录。")
    if any(isinstance(name, Uncomputed) for name in names):
        raise refused("formula_without_value", "列名是没有算出值的公式。", _COMPUTE, row=line)
    columns = [str(name).strip().lstrip("\ufeff") if name is not None else "" for name in names]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > limits.COLUMNS:
        raise refused(
            "too_many_columns", f"有 {len(columns)} 列，超过 {limits.COLUMNS} 列。", "请只保留需要的列。"
        )
    if long := next((name for name in columns if len(name) > LONGEST_NAME), None):
        said = f"列名“{long[:20]}…”有 {len(long)} 个字，超过 {LONGEST_NAME} 个。"
        raise refused("column_name_too_long", said, "请核对第一行是不是列名。", row=line)
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise refused("column_twice", f"列名重复：{'、'.join(twice)}。", "请改成不同的列名。", row=line)
    body = list(rows)
    found = columns_of.find(columns, asked, (cells for _, cells in body))
    title_rows = (
        Issue(
            "title_rows",
            NOTICE,
            f"列名在第 {line} 行；它上面的第 {'、'.join(map(str, titles[:10]))} 行当作标题，没有装入。",
            row=line,
        ),
    )
    issues = (*(title_rows if titles else ()), *_unnamed(columns, body), *found.issues)
    told: Iterator[TableRow] = (
        _row(line, cells, columns, delimiter, line in covered) for line, cells in body if not _is_blank(cells)
    )
    if found.point or found.ring:
        points = list(told)
        if vertices.are_vertices(points, found):
            plots = list(vertices.records(points, found))
            used: tuple[str, ...] = (*found.pair, found.point, found.ring)
            kept = tuple(name for name in columns if name and name not in used)
            return Delivery(plots, kept, found.epsg, encoding, issues, count=len(plots))
        told = iter(points)
    kept = tuple(name for name in columns if name and name not in found.places)
    records = (_record(row, found) for row in told)
    count = sum(not _is_blank(cells) for _, cells in body)
    return Delivery(records, kept, found.epsg, encoding, issues, count=count)


def _unnamed(columns: list[str], body: Sequence[tuple[int, Sequence[Any]]]) -> list[Issue]:
    """A notice of columns that say something and have no name, so that no field can have them."""
    places = [place for place, name in enumerate(columns) if not name]
    used: set[int] = set()
    for _, cells in body if places else ():
        used.update(
            place for place in itertools.takewhile(len(cells).__gt__, places) if not is_nothing(cells[place])
        )
    if not used:
        return []
    said = f"第 {'、'.join(str(place + 1) for place in sorted(used)[:20])} 列没有列名，没有装入。"
    return [Issue("column_unnamed", NOTICE, said, "请补上列名后重新提交。")]


def _row(
    line: int, row: Sequence[Any], columns: list[str], delimiter: str, is_covered: bool = False
) -> TableRow:
    issues = _faults(line, row, columns, delimiter)
    text = "\t".join("" if value is None else str(value) for value in row)
    row = [None if isinstance(value, Uncomputed) else value for value in row]
    cells = dict(zip(columns, [*row, *[None] * len(columns)], strict=False))
    cells.pop("", None)
    if len(row) > len(columns) and any(not is_nothing(value) for value in row[len(columns) :]):
        issues.append(
            Issue(
                "too_many_cells",
                ERROR,
                f"这一行有 {len(row)} 格，列名只有 {len(columns)} 个。",
                "请核对是否有多余的逗号或未加引号的字段。",
                row=line,
            )
        )
    return TableRow(line, cells, tuple(issues), text, is_covered)


def _record(row: TableRow, found: Columns) -> Record:
    issues = list(row.issues)
    if row.covered:
        said = "这一行有合并的单元格，只有合并的第一格有值，别的格是空的。"
        hint = "请取消合并，逐行填写后重新提交。"
        issues.append(Issue("merged_cells", ERROR, said, hint, row=row.line))
    shape = shape_of(row.cells, found, row.line, issues)
    values = {name: value for name, value in row.cells.items() if name not in found.places}
    return Record(row.line, values, shape, tuple(issues), row.text if issues else None)


def _faults(line: int, row: Sequence[Any], columns: list[str], delimiter: str) -> list[Issue]:
    """What makes of a line something else than the record that it looks like."""
    if all(is_nothing(value) for value in row):
        return [
            Issue(
                "row_says_nothing",
                ERROR,
                "这一行只有“/”“无”之类，没有内容。",
                "请补全或删去这一行。",
                row=line,
            )
        ]
    uncomputed = [
        name or f"第 {place} 列"
        for place, (name, value) in enumerate(zip([*columns, *[""] * len(row)], row, strict=False), 1)
        if isinstance(value, Uncomputed)
    ]
    if uncomputed:
        said = f"{'、'.join(uncomputed[:10])}是公式，文件里没有它的值。"
        return [Issue("formula_without_value", ERROR, said, _COMPUTE, row=line, field=uncomputed[0])]
    if delimiter and any("\n" in cell and cell.count(delimiter) >= len(columns) - 1 for cell in row):
        return [
            Issue(
                "quote_over_lines",
                ERROR,
                "一对引号之间夹着几行，可能吞掉了别的记录。",
                "请核对这一行的引号；真是多行文字的，请去掉其中的换行。",
                row=line,
            )
        ]
    return []


def _is_blank(row: Sequence[Any]) -> bool:
    return all(value is None or (isinstance(value, str) and not value.strip()) for value in row)
