"""XLSX files: what a spreadsheet rounds, hides and computes, and XML that wants something else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from tests.corpus import zip_bytes
from tests.corpus.entry import World, Write, control, data, held, loaded, refused, rubbish
from tests.loaders import files

HEAD = ["地块编码", "地块名称", "经度", "纬度"]
GOOD = ["G0", "示例地块0", 87.3, 44.01]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
Change = Callable[[bytes, World], bytes]


def book(*lines: Sequence[Any], then: Callable[[openpyxl.Workbook], None] = lambda book: None) -> Write:
    def write(path: Path, world: World) -> None:
        made = openpyxl.Workbook()
        made.properties.created = made.properties.modified = datetime(2025, 3, 18)
        for line in lines:
            made.active.append(list(line))
        then(made)
        made.save(path)

    return write


def beside_a_good_one(*hostile: Any, then: Callable[[openpyxl.Workbook], None] = lambda book: None) -> Write:
    return book(HEAD, GOOD, list(hostile), then=then)


def altered(part: str, change: Change) -> Write:
    """A workbook of one row with a part of it changed."""

    def write(path: Path, world: World) -> None:
        book(HEAD, GOOD)(path, world)
        change_part(path, world, part, change)

    return write


def change_part(path: Path, world: World, part: str, change: Change) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert change(members[part], world) != members[part]
    files.zipped(path, {**members, part: change(members[part], world)})


def dtd(declarations: str) -> Change:
    """A document type with these declarations, and `&a;` in the place of a cell."""

    def change(xml: bytes, world: World) -> bytes:
        said = declarations.format(bait=world.bait.as_uri(), url=world.url)
        start = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        body = xml[start:].replace("示例地块0".encode(), b"&a;")
        return xml[:start] + f"<!DOCTYPE x [{said}]>".encode() + body

    return change


def merged_plot(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("A2:A5")


def merged(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("B2:B3")


def second_sheet(made: openpyxl.Workbook) -> None:
    made.create_sheet("另一张")["A1"] = "还有"


def hidden_sheet(made: openpyxl.Workbook) -> None:
    sheet = made.create_sheet("藏着的")
    sheet["A1"], sheet.sheet_state = "还有", "veryHidden"


def with_strings(change: Change) -> Write:
    """A workbook whose texts lie in a part of their own, which is changed."""

    def write(path: Path, world: World) -> None:
        with xlsxwriter.Workbook(path) as made:
            made.set_properties({"created": datetime(2025, 3, 18)})
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, HEAD)
            sheet.write_row(1, 0, GOOD)
        change_part(path, world, STRINGS, change)

    return write


def stream_of_rubbish(path: Path, world: World) -> None:
    book(HEAD, GOOD)(path, world)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(SHEET).header_offset + 30 + len(SHEET)
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\xff" * 40 + content[start + 40 :])


def with_flag_of_a_password(path: Path, world: World) -> None:
    book(HEAD, GOOD)(path, world)
    with zipfile.ZipFile(path) as archive:
        members = [(name.encode(), archive.read(name)) for name in archive.namelist()]
    zip_bytes.of(*members, flags=1)(path, world)


LAUGHS = (
    "<!ENTITY b0 'ha'>"
    + "".join(f"<!ENTITY b{n} '{f'&b{n - 1};' * 10}'>" for n in range(1, 10))
    + "<!ENTITY a '&b9;'>"
)


def bomb(path: Path, world: World) -> None:
    book(HEAD, GOOD)(path, world)
    files.zipped(path, {"xl/worksheets/sheet1.xml": b" " * 50_000_000})


def cut(path: Path, world: World) -> None:
    book(HEAD, GOOD)(path, world)
    path.write_bytes(path.read_bytes()[:-300])


ENTRIES = (
    control("points.xlsx", book(HEAD, GOOD, ["G1", "示例地块1", 87.31, 44.01]), "示例地块0", "示例地块1"),
    control(
        "title_and_dates.xlsx",
        book(["附件 1"], ["地块编码", "地块名称", "列入日期"], ["G0", "示例", datetime(2025, 3, 18)]),
        "示例",
        told=["title_rows"],
    ),
    control(
        "text_that_looks_like_a_formula.xlsx", book(["地块编码", "地块名称"], ["G0", "+86 示例"]), "+86 示例"
    ),
    loaded(
        "vertices_under_merged_cells.xlsx",
        book(
            ["地块编号", "拐点号", "经度", "纬度"],
            ["P0", 1, 87.300, 44.010],
            [None, 2, 87.302, 44.010],
            [None, 3, 87.302, 44.012],
            [None, 4, 87.300, 44.012],
            then=merged_plot,
        ),
        1,
        repaired=1,
        told=["plot_number_filled", "ring_closed"],
        layer="parcel",
    ),
    held(
        "code_of_18_digits_rounded.xlsx",
        beside_a_good_one(652301000000000128, "示例", 87.31, 44.01),
        "code_rounded",
    ),
    held(
        "formula_never_computed.xlsx",
        beside_a_good_one('="G"&1', "示例", 87.31, 44.01),
        "formula_without_value",
    ),
    held(
        "formula_to_an_address.xlsx",
        beside_a_good_one("G1", '=WEBSERVICE("http://127.0.0.1:9/")', 87.31, 44.01),
        "formula_without_value",
    ),
    held("merged_cells.xlsx", beside_a_good_one("G1", None, 87.31, 44.01, then=merged), "merged_cells"),
    held("error_value.xlsx", beside_a_good_one("G1", "示例", "#REF!", 44.01), "coordinate_unreadable"),
    refused(
        "two_sheets.xlsx", beside_a_good_one("G1", "示例", 87.31, 44.01, then=second_sheet), "several_sheets"
    ),
    refused(
        "sheet_hidden.xlsx",
        beside_a_good_one("G1", "示例", 87.31, 44.01, then=hidden_sheet),
        "several_sheets",
    ),
    refused(
        "column_of_a_formula.xlsx",
        book(["地块编码", '="地块"&"名称"'], ["G0", "示例"]),
        "formula_without_value",
    ),
    refused(
        "row_1048577.xlsx",
        altered(SHEET, lambda xml, world: xml.replace(b'r="2"', b'r="1048577"')),
        "rows_far_apart",
        "too_many_rows",
    ),
    refused(
        "row_of_99999999999.xlsx",
        altered(SHEET, lambda xml, world: xml.replace(b'r="2"', b'r="99999999999"')),
        "too_many_rows",
    ),
    refused(
        "row_without_number.xlsx",
        altered(SHEET, lambda xml, world: xml.replace(b'r="2"', b'r="x"')),
        "xlsx_unreadable",
    ),
    refused(
        "cell_outside.xlsx",
        altered(SHEET, lambda xml, world: xml.replace(b'r="A2"', b'r="ZZZZ2"')),
        "xlsx_unreadable",
    ),
    refused("file_by_entity.xlsx", altered(SHEET, dtd('<!ENTITY a SYSTEM "{bait}">')), "xlsx_unreadable"),
    refused(
        "address_by_entity.xlsx", altered(SHEET, dtd('<!ENTITY a SYSTEM "{url}/a.xml">')), "xlsx_unreadable"
    ),
    refused(
        "file_by_entity_in_strings.xlsx", with_strings(dtd('<!ENTITY a SYSTEM "{bait}">')), "xlsx_unreadable"
    ),
    refused("billion_laughs.xlsx", with_strings(dtd(LAUGHS)), "xlsx_unreadable"),
    refused(
        "string_that_is_not_there.xlsx",
        with_strings(
            lambda xml, world: b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
        ),
        "xlsx_unreadable",
    ),
    refused("stream_of_rubbish.xlsx", stream_of_rubbish, "xlsx_unreadable"),
    refused("flag_of_a_password.xlsx", with_flag_of_a_password, "xlsx_unreadable"),
    refused("bomb.xlsx", bomb, "xlsx_too_large"),
    refused("no_sheet.xlsx", book(), "table_empty"),
    refused("cut.xlsx", cut, "xlsx_unreadable"),
    refused("with_password.xlsx", rubbish("xlsx", head=bytes.fromhex("d0cf11e0a1b11ae1")), "xlsx_unreadable"),
    refused("old.xls", rubbish("xls", head=bytes.fromhex("d0cf11e0a1b11ae1")), "format_unsupported"),
    refused("csv_named.xlsx", data("地块编码,地块名称\nG0,示例\n"), "xlsx_unreadable"),
)
