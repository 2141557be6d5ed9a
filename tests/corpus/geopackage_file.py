"""GeoPackages table by table, after OGC 12-128, so that any of them can be something else."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import shapely

from tests.corpus.entry import Write, square

TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT, last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('undefined cartesian', -1, 'NONE', -1, 'undefined', NULL), ('undefined geographic', 0, 'NONE', 0, 'undefined', NULL),
  ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],
   PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL),
  ('CGCS2000', 4490, 'EPSG', 4490, 'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",
   SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],
   AUTHORITY["EPSG","4490"]]', NULL),
  ('Xian 1980', 4610, 'EPSG', 4610, 'GEOGCS["Xian 1980",DATUM["Xian_1980",SPHEROID["IAG 1975",6378140,298.257]],
   PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4610"]]', NULL);
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
"""
Row = tuple[bytes | str | None, ...]
"""A shape, and the values of the columns."""


def blob(wkb: bytes, srs: int = 4490) -> bytes:
    """A shape as a GeoPackage keeps it: its header without an envelope, then the WKB."""
    return b"GP\x00\x01" + struct.pack("<i", srs) + wkb


def plot(number: int) -> Row:
    return blob(shapely.Polygon(square(number)).wkb), f"P{number}", f"示例地块{number}"


def geopackage(
    path: Path,
    rows: Sequence[Row],
    *,
    layer: str = "地块",
    srs: int = 4490,
    columns: Sequence[str] = ("DKBM", "DKMC"),
    more: str = "",
    after: Sequence[str] = (),
) -> Path:
    """One layer of polygons; `more`: other columns than those of the rows; `after`: what else is done to the file."""
    quoted = '"' + layer.replace('"', '""') + '"'
    with closing(sqlite3.connect(path)) as file:
        file.executescript(TABLES)
        texts = ", ".join(f"{name} TEXT" for name in columns)
        file.execute(f"CREATE TABLE {quoted} (fid INTEGER PRIMARY KEY, geom BLOB, {texts}{more})")
        file.execute(
            "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', '2025-03-18T00:00:00Z', 87, 44, 88, 45, ?)",
            (layer, layer, srs),
        )
        file.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ?, 0, 0)", (layer, srs))
        marks = ", ".join("?" * (len(columns) + 1))
        file.executemany(f"INSERT INTO {quoted} (geom, {', '.join(columns)}) VALUES ({marks})", rows)
        file.execute("PRAGMA writable_schema = ON")
        for statement in after:
            file.execute(statement)
        file.commit()
    return path


def of(*rows: Row, **given: object) -> Write:
    return lambda path, world: geopackage(path, rows, **given)  # type: ignore[arg-type]


def two(**given: object) -> Write:
    return of(plot(0), plot(1), **given)


def after(*statements: str) -> Write:
    """Two plots, and then these statements."""
    return two(after=statements)
