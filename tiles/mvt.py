"""A vector tile of a layer as one statement, put together once and run with the numbers of each tile."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, cast

from psycopg import sql
from psycopg.types.json import Jsonb

from spatial.catalog import Catalog, Layer
from tiles.drawing import BANDS, FINEST, band_of
from tiles.grid import BUFFER, EXTENT, HALF_WORLD_M, WEB_MERCATOR, DegreeTile, Grid, Tile, tile_of
from tiles.rows import Moment, View, field_value, rows, shown
from tiles.statement import Later, Values, numbered, template

SCREEN_PX = 512
"""Side of a tile on the screen: what is narrower than one of these is not seen, and shows its mark if it has one."""
ALWAYS = ("county", "code", "name")
"""Properties of every feature, declared by its layer or not."""
MOST_FEATURES = 10_000
MOST_STATEMENTS = 1000
CELL = 64
"""Coordinates along a cell of a generalised tile: 8 px."""
BEYOND = 8
"""Coordinates by which a simplified shape may have left the tile, at most."""
OF_TILE = (
    "z_scale", "z_left", "z_top", "zoomed", "to_east", "to_south", "west", "south", "east", "north",
    "inner_west", "inner_south", "inner_east", "inner_north", "outer_west", "outer_south", "outer_east", "outer_north",
    "least_span", "least_width", "least_height", "square_west", "square_south", "square_east", "square_north",
    "box_west", "box_south", "box_east", "box_north",
)  # fmt: skip
Condition = Callable[[View, Values], sql.Composable]
"""What is asked of a row `f` beside its place."""
LATER = Moment(cast(int, Later("revision")), cast(date, Later("as_of")))
Statement = tuple[bytes, tuple[str, ...], Values]
"""With the names of its values in order, and those that are the same for every tile."""
_statements: dict[Any, tuple[Layer, Statement]] = {}
"""With the layer, whose id is part of the key: it must not be given to another."""


def query(
    catalog: Catalog,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    *,
    revision: int,
    as_of: date,
    counties: Sequence[str] | None,
    fields: Collection[str],
    generalised: bool = False,
    where: Condition | None = None,
    grid: Grid = WEB_MERCATOR,
) -> tuple[bytes, list[object]]:
    """SQL with $1, $2 … and its values, for a raw cursor, that give one row.

    `tile`, bytes with source-layers `<layer>` and `<layer>_label` or none, and
    `features`, how many there are; one more than MOST_FEATURES says that there are more.

    `generalised`: of a tile that holds too much, one point for each cell of 8 px and class of the style, with `_count`,
    how many it stands for, and `_generalised`; no labels. `features` are then all whose own place is in the tile.

    `fields` are the field ids that may be shown: of them the tile carries those that the catalog puts into tiles.
    The zooms of the catalog bind the style, not this: every tile of the grid can be asked. Tiles of several layers
    are joined by putting their bytes after each other. `where`: a condition more. Raises TileInvalid and its errors.
    """
    tile = tile_of(grid, z, x, y)
    view = View(layer, None if counties is None else tuple(counties), frozenset(fields))
    statement, names, values = (
        _prepared(catalog, view, tile, generalised)
        if where is None
        else _statement(catalog, view, tile, generalised, where)
    )
    least = 1 / SCREEN_PX if any(one.mark for one in layer.style.classes) else 0.0
    numbers = _numbers(tile, least) if isinstance(tile, Tile) else _degree_numbers(tile, least)
    given = {**values, **numbers, "revision": revision, "as_of": as_of}
    return statement, [given[name] for name in names]


def _prepared(catalog: Catalog, view: View, tile: Tile | DegreeTile, generalised: bool) -> Statement:
    """The statement for all tiles of a band, put together once."""
    band = (band_of(tile.z), tile.z < BANDS[0]) if isinstance(tile, Tile) else None
    key = (catalog.digest, id(view.layer), view.counties, view.fields, band, generalised)
    if key not in _statements:
        while len(_statements) >= MOST_STATEMENTS:
            del _statements[next(iter(_statements))]
        _statements[key] = view.layer, _statement(catalog, view, tile, generalised, None)
    return _statements[key][1]


def _numbers(tile: Tile, least: float) -> dict[str, object]:
    """All that hangs on the tile alone. Band units and those of zoom 22 run north, coordinates of a tile south."""
    z, x, y = tile.z, tile.x, tile.y
    side = EXTENT * 2.0 ** ((band_of(z) or 0) - z)
    west, north = x * side, (2**z - y) * side
    zoomed, inner, outer = EXTENT / side, BUFFER * side / EXTENT, (BUFFER + BEYOND) * side / EXTENT
    degrees, box, square = tile.degrees(), tile.degrees(BUFFER / EXTENT), tile.mercator()
    numbers = (
        2.0 ** (z - FINEST), x * float(EXTENT), (2**z - y) * float(EXTENT), zoomed, -west * zoomed, north * zoomed,
        west, north - side, west + side, north,
        west - inner, north - side - inner, west + side + inner, north + inner,
        west - outer, north - side - outer, west + side + outer, north + outer,
        least * EXTENT * 2.0 ** (FINEST - z), (degrees[2] - degrees[0]) * least, (degrees[3] - degrees[1]) * least,
        *square, *box,
    )  # fmt: skip
    return dict(zip(OF_TILE, numbers, strict=True))


def _degree_numbers(tile: DegreeTile, least: float) -> dict[str, object]:
    """The same of a tile in degrees, where all is drawn as it is stored."""
    scale, half = EXTENT / tile.side, 2.0 ** (tile.z - 1) * EXTENT
    numbers: dict[str, object] = {
        "z_scale": scale, "z_left": tile.x * EXTENT - half, "z_top": half / 2 - tile.y * EXTENT,
        "least_width": tile.side * least, "least_height": tile.side * least,
    }  # fmt: skip
    for name, sides in (("square", tile.degrees()), ("box", tile.degrees(BUFFER / EXTENT))):
        for side, value in zip(("west", "south", "east", "north"), sides, strict=True):
            numbers[f"{name}_{side}"] = value
    return numbers


def _statement(
    catalog: Catalog, view: View, tile: Tile | DegreeTile, generalised: bool, where: Condition | None
) -> Statement:
    values = Values()
    slots: dict[str, sql.Composable] = {
        name: sql.SQL("{}::float8").format(values.bind(Later(name))) for name in OF_TILE
    }
    box = [slots[f"box_{side}"] for side in ("west", "south", "east", "north")]
    found = rows(
        catalog,
        view,
        LATER,
        values,
        where=sql.SQL("f.geom && ST_MakeEnvelope({}, {}, {}, {}, 4490) AND {}").format(
            *box, where(view, values) if where else sql.SQL("TRUE")
        ),
    )
    layer = view.layer
    properties = _properties(view, (*ALWAYS, *layer.tile.fields), values)
    own: dict[str, sql.Composable] = {
        "geometry": _geometry(slots, tile),
        "shown": _named("found", properties),
        "label": _label(view, values),
        "labels": _labels(view, values),
        "label_points": _label_points(view),
    }
    if generalised:
        style = view.layer.style
        class_of = _typed(view, style.by, values) if style.by and shown(view, style.by) else sql.SQL("NULL")
        own = {
            "class": sql.SQL("({})::text").format(class_of),
            "shown": _named("cell", properties),
            "cell": sql.Literal(CELL),
            "cells": sql.Literal(EXTENT // CELL),
        }
    statement = template("generalised.sql" if generalised else "layer.sql").format(
        **own,
        rows=found,
        properties=_listed(properties),
        scale=slots["z_scale"],
        left=slots["z_left"],
        top=slots["z_top"],
        extent=sql.Literal(EXTENT),
        spot=_spot(tile),
        name=values.bind(layer.id),
        most=sql.Literal(MOST_FEATURES + 1),
    )
    return *numbered(statement.as_bytes(None)), values


def _spot(tile: Tile | DegreeTile) -> sql.Composable:
    if isinstance(tile, DegreeTile):
        return sql.SQL("CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS spot OFFSET 0) AS at")
    return template("spot.sql").format(
        half_world=sql.Literal(HALF_WORLD_M), finest=sql.Literal(2.0**FINEST * EXTENT / (2 * HALF_WORLD_M))
    )


def _geometry(slots: dict[str, sql.Composable], tile: Tile | DegreeTile) -> sql.Composable:
    extent, buffer = sql.Literal(EXTENT), sql.Literal(BUFFER)
    square = sql.SQL("ST_MakeBox2D(ST_Point({}, {}), ST_Point({}, {}))").format(
        *(slots[f"square_{side}"] for side in ("west", "south", "east", "north"))
    )
    of_grid = sql.SQL("ST_Transform(f.geom, 3857)" if isinstance(tile, Tile) else "f.geom")
    stored = sql.SQL("ST_AsMVTGeom({}, {}, {}, {}, true)").format(of_grid, square, extent, buffer)
    mark = template("mark.sql").format(
        scale=slots["z_scale"], left=slots["z_left"], top=slots["z_top"], least=sql.Literal(-BUFFER),
        most=sql.Literal(EXTENT + BUFFER),
    )  # fmt: skip
    large = sql.SQL(
        "ST_XMax(f.geom) - ST_XMin(f.geom) >= {} OR ST_YMax(f.geom) - ST_YMin(f.geom) >= {}"
    ).format(slots["least_width"], slots["least_height"])
    band = band_of(tile.z) if isinstance(tile, Tile) else None
    if band is None:
        return sql.SQL("coalesce(CASE WHEN {} THEN {} END, {})").format(large, stored, mark)
    return template("geometry.sql").format(
        **slots,
        band=sql.Identifier(f"band_{band}"),
        on_grid=sql.Literal(tile.z >= band),
        stored=stored,
        mark=mark,
        is_large=large,
        extent=extent,
        buffer=buffer,
        buffer_beyond=sql.Literal(BUFFER + BEYOND),
    )


Properties = list[tuple[str, sql.Composable]]


def _properties(view: View, names: Sequence[str], values: Values) -> Properties:
    """Texts, numbers and booleans by their kind; what is unknown, of another kind, a list or a table is left out."""
    return [
        (name, _typed(view, name, values))
        for name in dict.fromkeys(names)
        if shown(view, name) and _kind(view, name) not in ("list", "table")
    ]


def _kind(view: View, name: str) -> str:
    field = view.layer.fields.get(name)
    return field.type if field else "text"


def _typed(view: View, name: str, values: Values) -> sql.Composable:
    value = field_value(view, name, values)
    kind = {"bool": "boolean", "number": "number", "integer": "number"}.get(_kind(view, name), "text")
    if name in ("code", "name", "county", "has_boundary", "list") and kind != "number":
        return value
    if kind == "text":
        return sql.SQL("({} #>> '{{}}')").format(value)
    to = {"boolean": "boolean", "number": "float8"}[kind]
    return sql.SQL("CASE WHEN jsonb_typeof({}) = {} THEN ({})::{} END").format(
        value, sql.Literal(kind), value, sql.SQL(to)
    )


def _listed(properties: Properties) -> sql.Composable:
    return sql.SQL("").join(
        sql.SQL("{} AS {}, ").format(value, sql.Identifier(name)) for name, value in properties
    )


def _named(of: str, properties: Properties) -> sql.Composable:
    return sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(of, name)) for name, _ in properties)


def _labels(view: View, values: Values) -> sql.Composable:
    if not view.layer.has_label_points:
        return sql.SQL("''::bytea")
    return sql.SQL(
        "ST_AsMVT(\"Point\", {}, {}, 'Geom', 'Id' ORDER BY found.\"Id\") FILTER (WHERE"
        ' found."X" >= 0 AND found."X" < {} AND found."Y" >= 0 AND found."Y" < {})'
    ).format(values.bind(f"{view.layer.id}_label"), *[sql.Literal(EXTENT)] * 3)


def _label_points(view: View) -> sql.Composable:
    """Places counted from the world's corner and rounded down: on the edge between two tiles a point is in one."""
    if not view.layer.has_label_points:
        return sql.SQL("")
    styled_by = [
        name
        for name in (view.layer.style.by, *view.layer.style.where)
        if name in view.layer.tile.fields and shown(view, name)
    ]
    return sql.SQL(
        'CROSS JOIN LATERAL (SELECT found."Id", found."Label" AS label, {}'
        'ST_Point(found."X", found."Y") AS "Geom") AS "Point"'
    ).format(sql.SQL("").join(sql.SQL("found.{}, ").format(sql.Identifier(str(name))) for name in styled_by))


def _label(view: View, values: Values) -> sql.Composable:
    """The text on the map: the label field's value, or its Chinese name where it is a choice."""
    name = view.layer.tile.label
    if name is None or not shown(view, name):
        return sql.SQL("NULL::text")
    value = sql.SQL("(to_jsonb({}) #>> '{{}}')").format(field_value(view, name, values))
    choices = view.layer.fields[name].choices
    if not choices:
        return value
    return sql.SQL("coalesce({}::jsonb ->> {}, {})").format(values.bind(Jsonb(dict(choices))), value, value)
