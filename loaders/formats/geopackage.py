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
    """Refuse a GeoPackage with views or with virtual tables other than its spatial indexes. Raises FileRefused.

    SQLite believes the text of an entry and not the kind written beside it, so the text is what is looked at.
    Triggers, which every GDAL writes, stay: they fire on a change, and nothing is ever changed here.
    """
    until = time.monotonic() + SECONDS
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            file.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            file.execute("PRAGMA trusted_schema = OFF")
            for kind, name, text in file.execute("SELECT type, name, sql FROM sqlite_master"):
                _require(str(kind), str(name), str(text or ""))
    except (sqlite3.Error, UnicodeError) as error:
        raise refused("vector_unreadable", "文件打不开，可能已损坏。", "请用 GIS 软件重新导出。") from error


def _require(kind: str, name: str, text: str) -> None:
    words = text.split(None, 3)
    made = " ".join(words[:2]).upper()
    if kind == "table" and made == "CREATE TABLE":
        return
    if kind == "index" and (not text or made in ("CREATE INDEX", "CREATE UNIQUE")):
        return
    if kind == "trigger" and made == "CREATE TRIGGER":
        return
    if kind == "table" and made == "CREATE VIRTUAL" and name.startswith("rtree_") and _is_rtree(text):
        return
    raise _refusal(name)


def _is_rtree(text: str) -> bool:
    module = text.upper().partition(" USING ")[2].split("(", 1)[0].strip()
    return module == "RTREE"


def _refusal(name: str) -> FileRefused:
    return refused(
        "geopackage_view",
        f"GeoPackage 里的“{name[:40]}”不是数据表（视图或虚拟表），不能读取。",
        "请在 GIS 软件里把要提交的图层单独导出为新的 GeoPackage。",
    )
