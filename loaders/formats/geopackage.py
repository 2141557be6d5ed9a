"""Before GDAL opens a GeoPackage: nothing in it may be a program. A view may never end, and GDAL would follow it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from loaders.record import FileRefused, refused

SECONDS = 5.0
STEPS = 10_000
"""Virtual machine steps between two looks at the clock."""


def require_tables(path: Path) -> None:
    """Refuse a GeoPackage with views, virtual tables other than its spatial indexes, or computed columns, of which
    three rows may be a gigabyte. Raises FileRefused.

    SQLite believes the text of an entry and not the kind written beside it, so the text is what is looked at.
    Triggers, which every GDAL writes, stay: they fire on a change, and nothing is ever changed here.
    """
    until = time.monotonic() + SECONDS
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            file.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            file.execute("PRAGMA trusted_schema = OFF")
            entries = file.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            for kind, name, text in entries:
                _require(str(kind), str(name), str(text or ""))
            tables = [
                str(name)
                for kind, name, text in entries
                if kind == "table" and _made(str(text or "")) == "CREATE TABLE"
            ]
            for table in tables:
                _require_stored(file, table)
            file.set_progress_handler(None, 0)  # tables end, and a large one may take its time
            file.execute("PRAGMA ignore_check_constraints = ON")  # they are programs too
            for table, column in _layers(file, tables):
                _require_whole(file, table)
                _require_shapes(file, table, column)
    except (sqlite3.Error, UnicodeError) as error:
        raise refused("vector_unreadable", "文件打不开，可能已损坏。", "请用 GIS 软件重新导出。") from error


def _require(kind: str, name: str, text: str) -> None:
    made = _made(text)
    if kind == "table" and made == "CREATE TABLE":
        return
    if kind == "index" and (not text or made in ("CREATE INDEX", "CREATE UNIQUE")):
        return
    if kind == "trigger" and made == "CREATE TRIGGER":
        return
    if kind == "table" and made == "CREATE VIRTUAL" and name.startswith("rtree_") and _is_rtree(text):
        return
    raise _refusal(name)


def _require_stored(file: sqlite3.Connection, name: str) -> None:
    computed = file.execute(
        "SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3)", (name,)
    ).fetchone()
    if computed:
        raise refused(
            "geopackage_computed",
            f"GeoPackage 的表“{name[:40]}”有计算列“{str(computed[0])[:40]}”，不能读取。",
            "请在 GIS 软件里把要提交的图层单独导出为新的 GeoPackage。",
        )


def _layers(file: sqlite3.Connection, tables: list[str]) -> list[tuple[str, str]]:
    """Tables with shapes, and the column of these."""
    if "gpkg_geometry_columns" not in tables:
        return []
    found = file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
    return [(str(table), str(column)) for table, column in found if table in tables]


def _require_whole(file: sqlite3.Connection, table: str) -> None:
    """Refuse a table that is damaged: its rows come as empty ones."""
    if file.execute(f"PRAGMA quick_check({_quoted(table)})").fetchone() != ("ok",):
        raise refused("vector_unreadable", f"图层“{table[:40]}”的数据已损坏。", "请用 GIS 软件重新导出。")


def _require_shapes(file: sqlite3.Connection, table: str, column: str) -> None:
    """Refuse a layer with something else than a shape in the place of one: GDAL reads it as a row without shape."""
    shape, layer = _quoted(column), _quoted(table)
    found = file.execute(
        f"SELECT rowid FROM {layer} WHERE {shape} IS NOT NULL"  # noqa: S608 (quoted; SQLite binds no names)
        f" AND (typeof({shape}) <> 'blob' OR substr({shape}, 1, 2) <> x'4750') LIMIT 1"
    ).fetchone()
    if found is None:
        return
    (row,) = file.execute(f"SELECT count(*) FROM {layer} WHERE rowid <= ?", found).fetchone()  # noqa: S608
    said = f"图层“{table[:40]}”第 {row} 行的图形不是 GeoPackage 的图形，读不出来。"
    raise refused("geometry_unreadable", said, "请用 GIS 软件修复后重新导出。", row=row)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _made(text: str) -> str:
    """The first two words of a statement."""
    return " ".join(text.split(None, 3)[:2]).upper()


def _is_rtree(text: str) -> bool:
    if "/*" in text or "--" in text:  # in a comment it may say that it is one
        return False
    module = text.upper().partition(" USING ")[2].split("(", 1)[0].strip()
    return module == "RTREE"


def _refusal(name: str) -> FileRefused:
    return refused(
        "geopackage_view",
        f"GeoPackage 里的“{name[:40]}”不是数据表（视图或虚拟表），不能读取。",
        "请在 GIS 软件里把要提交的图层单独导出为新的 GeoPackage。",
    )
