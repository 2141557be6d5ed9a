"""A vector tile of a layer as one statement."""

from collections.abc import Collection, Sequence
from datetime import date

from psycopg import sql
from psycopg.types.json import Jsonb

from spatial.catalog import Catalog, Layer
from tiles.grid import BUFFER, EXTENT, HALF_WORLD_M, Tile
from tiles.rows import Moment, View, field_value, rows, shown
from tiles.statement import Values, template

SCREEN_PX = 512
"""Side of a tile on the screen: what is narrower than one of these is not seen, and shows its mark if it has one."""
ALWAYS = ("county", "code", "name")
"""Properties of every feature, declared by its layer or not."""


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
) -> tuple[sql.Composed, Values]:
    """SQL and values that give one column `tile`: bytes with source-layers `<layer>` and `<layer>_label`, or none.

    `fields` are the field ids that may be shown: of them the tile carries those that the catalog puts into tiles.
    The zooms of the catalog bind the style, not this: every tile of the grid can be asked. Tiles of several layers
    are joined by putting their bytes after each other. Raises TileInvalid.
    """
    tile, values = Tile(z, x, y), Values()
    view = View(layer, counties, frozenset(fields))
    found = rows(
        catalog,
        view,
        Moment(revision, as_of),
        values,
        where=sql.SQL("f.geom && ST_MakeEnvelope({}, {}, {}, {}, 4490)").format(
            *(values.bind(edge) for edge in tile.degrees(BUFFER / EXTENT))
        ),
        columns=_columns(view, values),
    )
    west, south, east, north = tile.degrees()
    width, height = east - west, north - south
    least = 1 / SCREEN_PX if any(one.mark for one in layer.style.classes) else 0.0
    square = sql.SQL("ST_MakeBox2D(ST_Point({}, {}), ST_Point({}, {}))").format(
        *(values.bind(edge) for edge in tile.mercator())
    )
    statement = template("layer.sql").format(
        rows=found,
        square=square,
        extent=sql.Literal(EXTENT),
        buffer=sql.Literal(BUFFER),
        least_width=values.bind(width * least),
        least_height=values.bind(height * least),
        half_world=sql.Literal(HALF_WORLD_M),
        pixel=values.bind(tile.size_m / EXTENT),
        left=values.bind(x * EXTENT),
        top=values.bind(y * EXTENT),
        name=values.bind(layer.id),
        label_name=values.bind(f"{layer.id}_label"),
    )
    return statement, values


def _columns(view: View, values: Values) -> sql.Composable:
    return sql.SQL("f.id, f.geom, {} AS properties, {} AS label, {} AS label_properties").format(
        _properties(view, (*ALWAYS, *view.layer.tile.fields), values),
        _label(view, values),
        _properties(view, _styled_by(view.layer), values),
    )


def _styled_by(layer: Layer) -> tuple[str, ...]:
    """The fields that choose a class of the style: a label's colour follows its feature's."""
    return tuple(name for name in (layer.style.by, *layer.style.where) if name in layer.tile.fields)


def _properties(view: View, names: Sequence[str], values: Values) -> sql.Composable:
    """Texts, numbers and booleans as they are; null, lists and tables are left out by ST_AsMVT."""
    pairs = [
        sql.SQL("{}::text, {}").format(values.bind(name), field_value(view, name, values))
        for name in dict.fromkeys(names)
        if shown(view, name)
    ]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


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
