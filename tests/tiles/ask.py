"""Runs a statement in the test's transaction and decodes tiles with a library that is not ours."""

from __future__ import annotations

from datetime import date
from typing import Any

import mapbox_vector_tile
import shapely
from django.db import connection
from psycopg import Cursor, RawCursor, sql
from psycopg.pq import Format
from psycopg.rows import dict_row

from api.drawing_job import draw_missing
from spatial import catalog
from tiles import mvt
from tiles.grid import WEB_MERCATOR, Grid
from tiles.rows import View

DAY = date(2026, 11, 1)
draw = False
"""Whether what is there is drawn before a tile is asked."""


def rows(
    statement: tuple[bytes, list[object]] | tuple[sql.Composed, dict[str, object]],
) -> list[dict[str, Any]]:
    connection.ensure_connection()
    # These cursors bind values in the server, as the pool's do; Django's puts them into the text.
    kind = RawCursor if isinstance(statement[0], bytes) else Cursor
    with kind(connection.connection, row_factory=dict_row) as cursor:
        cursor.format = Format.BINARY
        return cursor.execute(*statement).fetchall()


def decode(content: bytes) -> dict[str, dict[int, dict[str, Any]]]:
    """Source-layer → feature id → {"properties", "shape"}; y goes down, as in the tile."""
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return {
        name: {one["id"]: {"properties": one["properties"], "shape": shapely.geometry.shape(one["geometry"])}
               for one in layer["features"]}
        for name, layer in layers.items()
    }  # fmt: skip


def view(layer: str, *, counties: list[str] | None = None, fields: list[str] | None = None) -> View:
    known = catalog.current().layer(layer)
    return View(known, counties, frozenset(known.fields if fields is None else fields))


def tile(layer: str, z: int, x: int, y: int, *, revision: int = 1, as_of: date = DAY,
         counties: list[str] | None = None, fields: list[str] | None = None,
         grid: Grid = WEB_MERCATOR, generalised: bool = False) -> bytes:  # fmt: skip
    """A tile of a layer as the database draws it; every field may be shown unless `fields` are given."""
    if draw:
        draw_missing()
    seen = view(layer, counties=counties, fields=fields)
    (found,) = rows(mvt.query(catalog.current(), seen.layer, z, x, y, revision=revision, as_of=as_of,
                              counties=counties, fields=seen.fields, grid=grid, generalised=generalised))  # fmt: skip
    return found["tile"]
