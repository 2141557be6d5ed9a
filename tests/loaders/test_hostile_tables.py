"""SQLite and spreadsheets that claim more than they hold: endless views, forged entries, a row a million below."""

from __future__ import annotations

import resource
import sqlite3
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from loaders import limits
from loaders.parcels import read_parcels
from tests.grid import grid
from tests.loaders import files

SHAPE = grid("""
    A . B
    . . .
    D . E
""").polygon("ABED")
ENDLESS = (
    "with recursive c(n) as (select 1 union all select n + 1 from c) select n as fid, null as geom from c"
)


def geopackage(folder: Path) -> Path:
    return files.gdal(folder / "a.gpkg", [(SHAPE, {"DKMC": "甲"})], driver="GPKG", layer="地块")


def refusal(path: Path) -> str:
    started = time.monotonic()
    file = read_parcels(path, path.name)
    assert time.monotonic() - started < 20
    (issue,) = file.issues
    assert not file.ok and issue.message and issue.hint
    return issue.code


def changed(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in ("PRAGMA writable_schema = ON", *statements):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_a_geopackage_as_gdal_writes_it_has_triggers_and_an_index_and_is_read(tmp_path: Path) -> None:
    path = geopackage(tmp_path)
    kinds = {row[0] for row in sqlite3.connect(path).execute("SELECT type FROM sqlite_master")}
    assert kinds >= {"table", "index", "trigger"}
    assert read_parcels(path, path.name).ok


def test_an_endless_view_named_as_the_layer_is_refused(tmp_path: Path) -> None:
    path = changed(
        geopackage(tmp_path),
        f"CREATE VIEW v AS {ENDLESS}",
        "UPDATE gpkg_contents SET table_name = 'v'",
        "UPDATE gpkg_geometry_columns SET table_name = 'v'",
    )
    assert refusal(path) == "geopackage_view"


@pytest.mark.parametrize("table", ["gpkg_contents", "gpkg_extensions", "gpkg_ogr_contents", "地块"])
def test_an_endless_view_in_the_place_of_a_table_is_refused(tmp_path: Path, table: str) -> None:
    path = changed(
        geopackage(tmp_path), f'ALTER TABLE "{table}" RENAME TO moved', f'CREATE VIEW "{table}" AS {ENDLESS}'
    )
    assert refusal(path) == "geopackage_view"


@pytest.mark.parametrize("kind", ["table", "index", "trigger"])
def test_a_view_that_is_entered_as_something_else_is_refused(tmp_path: Path, kind: str) -> None:
    path = changed(
        geopackage(tmp_path),
        f"CREATE VIEW v AS {ENDLESS}",
        f"UPDATE sqlite_master SET type = '{kind}' WHERE name = 'v'",
    )
    assert refusal(path) in ("vector_unreadable", "geopackage_view")  # SQLite finds some of it by itself


@pytest.mark.parametrize("text", ["CREATE TABLE (", "CREATE VIEW v AS SELECT", "nonsense", ""])
def test_a_broken_list_of_tables_is_refused(tmp_path: Path, text: str) -> None:
    path = changed(
        geopackage(tmp_path), f"UPDATE sqlite_master SET sql = '{text}' WHERE name = 'gpkg_contents'"
    )
    assert refusal(path) in ("vector_unreadable", "geopackage_view")


@pytest.mark.parametrize("start", [16, 100, 512, 4096, 8192])
def test_a_geopackage_overwritten_in_part_is_read_or_refused(tmp_path: Path, start: int) -> None:
    path = geopackage(tmp_path)
    data = bytearray(path.read_bytes())
    data[start : start + 300] = b"\xff" * 300
    path.write_bytes(bytes(data))
    file = read_parcels(path, path.name)
    assert file.ok or file.issues


def sheet(folder: Path, *replaced: tuple[bytes, bytes]) -> Path:
    """A workbook of a header and one row, and the same with bytes of its sheet replaced."""
    book = openpyxl.Workbook()
    book.active.append(["名称", "经度", "纬度"])
    book.active.append(["甲", 87.3, 44.0])
    book.save(folder / "plain.xlsx")
    with zipfile.ZipFile(folder / "plain.xlsx") as plain:
        members = {name: plain.read(name) for name in plain.namelist()}
    for old, new in replaced:
        assert old in members["xl/worksheets/sheet1.xml"]
        members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(old, new)
    return files.zipped(folder / "a.xlsx", members)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1048576", "rows_far_apart"),
        ("99999999999", "too_many_rows"),
        ("1e300", "too_many_rows"),
        (str(limits.SHEET_GAP + 2), "rows_far_apart"),
        (str(limits.SHEET_GAP + 1), "geometry_type"),
        ("inf", "xlsx_unreadable"),
        ("x", "xlsx_unreadable"),
    ],
)
def test_a_row_far_below_the_others_costs_little_and_is_not_left_out(
    tmp_path: Path, number: str, code: str
) -> None:
    path = sheet(tmp_path, (b'r="2"', f'r="{number}"'.encode()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(path) == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_empty_rows_below_the_last_are_no_fault(tmp_path: Path) -> None:
    tail = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (n, n) for n in range(3, 5000))
    path = sheet(tmp_path, (b"</sheetData>", tail + b"</sheetData>"))
    assert refusal(path) == "geometry_type"  # it has read the one row, whose shape is a point


def test_more_cells_than_memory_is_meant_for_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHEET_CELLS", 1000)
    path = files.xlsx(tmp_path / "a.xlsx", [["a", "b"], *[[1, 2]] * 500])
    assert refusal(path) == "too_many_cells"
