"""The images of a layer that somebody may see on a day, as a statement: those that meet a box, the newest first."""

from collections.abc import Sequence

from psycopg import sql

from spatial.catalog import Catalog
from tiles.rows import EVERYTHING, Moment, View, rows
from tiles.statement import Values, template

Statement = tuple[sql.Composed, Values]
Box = Sequence[float]
"""West, south, east, north in degrees."""


def meeting(catalog: Catalog, view: View, moment: Moment, box: Box, *, limit: int) -> Statement:
    """Columns `id name date file outline`: by the day they were taken, those of no known day last, then by number.

    `outline`: that of the valid pixels as WKB, in EPSG:4490.
    """
    values = Values()
    there = sql.SQL("f.geom && ST_MakeEnvelope({}, {}, {}, {}, 4490)").format(*map(values.bind, box))
    found = rows(catalog, view, moment, values, there)
    return template("images.sql").format(found=found, limit=values.bind(limit)), values


def extent(catalog: Catalog, view: View, moment: Moment) -> Statement:
    """Columns `box` (null without an image) and `finest`, the size of the smallest pixel in metres: one row."""
    values = Values()
    found = rows(catalog, view, moment, values, EVERYTHING)
    return sql.SQL(
        "SELECT CASE WHEN count(geom) > 0 THEN ARRAY[min(ST_XMin(geom)), min(ST_YMin(geom)), max(ST_XMax(geom)),"
        " max(ST_YMax(geom))] END AS box, min((attributes ->> 'resolution_m')::float8) AS finest FROM ({}) AS f"
    ).format(found), values
