"""A collection as other GIS ask for it: pages by key, in any order, any system; the whole as typed columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.catalog import Catalog
from tiles.features import DIGITS, STORED, Statement, geojson, properties_of
from tiles.rows import EVERYTHING, Moment, View, column_of, current, field_value, rows
from tiles.statement import Values

Condition = Callable[[View, Values], sql.Composable]
"""Something that is asked of a row `f`, as a boolean expression whose values are bound."""
NUMBERS = frozenset({"integer", "number"})
NESTED = frozenset({"list", "table"})


@dataclass(frozen=True, slots=True)
class Collection:
    """The rows that somebody may see of a layer, at a moment, under conditions."""

    catalog: Catalog
    view: View
    moment: Moment
    conditions: Sequence[Condition] = ()

    def rows(self, values: Values, columns: sql.Composable) -> sql.Composable:
        asked = [sql.SQL("({})").format(one(self.view, values)) for one in self.conditions]
        where = sql.SQL(" AND ").join(asked) if asked else EVERYTHING
        return rows(self.catalog, self.view, self.moment, values, where, columns)


@dataclass(frozen=True, slots=True)
class Key:
    """A property that rows are sorted by; what has no value comes last either way."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the values of its last row's keys, as text, and its id."""

    keys: tuple[str | None, ...]
    id: int


def kind_of(view: View, name: str) -> str:
    """The type of a property: its field's, or that of a column that the layer does not declare."""
    if name in view.layer.fields:
        return view.layer.fields[name].type
    return "bool" if name == "has_boundary" else "text"


def sortables(view: View) -> list[str]:
    return [name for name in properties_of(view) if kind_of(view, name) not in NESTED]


def meets(area: BaseGeometry) -> Condition:
    """Rows that meet an area of EPSG:4490, and those without any place (OGC 17-069r4, /req/core/fc-bbox-response C)."""

    def condition(view: View, values: Values) -> sql.Composable:
        ground = sql.SQL("ST_GeomFromWKB({}::bytea, 4490)").format(values.bind(shapely.to_wkb(area)))
        # The box alone is what the index answers behind the wall: only && may be asked before the policy.
        return sql.SQL("f.geom && {} AND ST_Intersects(f.geom, {}) OR f.geom IS NULL").format(ground, ground)

    return condition


def has_id(number: int) -> Condition:
    return lambda view, values: sql.SQL("f.id = {}").format(values.bind(number))


def shape(epsg: int, *, by_registry: bool = False) -> sql.Composable:
    """The geometry of `f` in a system, vertex by vertex; `by_registry`: its axes in the order of the EPSG registry.

    WGS 84 is told with the same numbers as CGCS2000: they differ by less than a metre and no better step is public.
    """
    told: sql.Composable = STORED
    if epsg not in (crs.STORAGE, crs.WGS84):
        told = sql.SQL("ST_Transform(f.geom, {})").format(sql.Literal(epsg))
    return sql.SQL("ST_FlipCoordinates({})").format(told) if by_registry and crs.north_first(epsg) else told


def matched(asked: Collection) -> Statement:
    """Column `matched`: how many rows there are on all pages."""
    values = Values()
    found = asked.rows(values, sql.SQL("f.id"))
    return sql.SQL("SELECT count(*) AS matched FROM ({}) AS f").format(found), values


def features(
    asked: Collection,
    keys: Sequence[Key],
    told: sql.Composable,
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Statement:
    """Columns `id`, `feature` (GeoJSON text), `keys` (texts), by keys and id; `told`: the geometry (see `shape`)."""
    values = Values()
    feature = sql.SQL("({})::text AS feature").format(geojson(asked.view, values, told))
    return _page(asked, keys, feature, values, after, limit), values


def table(
    asked: Collection, keys: Sequence[Key], told: sql.Composable, *, limit: int | None = None
) -> Statement:
    """Columns `id`, those of `properties_of` by their types (nested ones as JSON text), `geometry` last."""
    values = Values()
    columns = [
        sql.SQL("{} AS {}").format(_typed(asked.view, name, values), sql.Identifier(name))
        for name in properties_of(asked.view)
    ]
    columns.append(sql.SQL("{} AS geometry").format(told))
    return _page(asked, keys, sql.SQL(", ").join(columns), values, None, limit), values


def as_wkb(told: sql.Composable) -> sql.Composable:
    return sql.SQL("ST_AsBinary({})").format(told)


def as_wkt(told: sql.Composable) -> sql.Composable:
    return sql.SQL("ST_AsText({}, {})").format(told, sql.Literal(DIGITS))


def _page(
    asked: Collection,
    keys: Sequence[Key],
    columns: sql.Composable,
    values: Values,
    after: Place | None,
    limit: int | None,
) -> sql.Composed:
    """Which rows first, then what they tell: nothing is made for a row that is not on the page."""
    names = [sql.Identifier(f"key{number}") for number in range(len(keys))]
    order = sql.SQL(", ").join(
        [
            *(
                sql.SQL("page.{} {} NULLS LAST").format(name, sql.SQL("DESC" if key.descending else "ASC"))
                for key, name in zip(keys, names, strict=True)
            ),
            sql.SQL("page.id"),
        ]
    )
    if limit is None or keys or asked.conditions or asked.view.layer.kind == "derived":
        sorted_by = [
            sql.SQL("{} AS {}").format(_key(asked.view, key.name, values), name)
            for key, name in zip(keys, names, strict=True)
        ]
        found = asked.rows(values, sql.SQL(", ").join([sql.SQL("f.id"), *sorted_by]))
    else:
        found = _walk(asked, values, after)
    texts = sql.SQL(", ").join(sql.SQL("page.{}::text").format(name) for name in names)
    return sql.SQL(
        "SELECT f.id, {columns}, ARRAY[{texts}]::text[] AS keys FROM (SELECT * FROM ({found}) AS page WHERE {after}"
        " ORDER BY {order} LIMIT {limit}) AS page JOIN spatial_feature AS f ON f.id = page.id ORDER BY {order}"
    ).format(
        columns=columns,
        texts=texts,
        found=found,
        after=_follows(asked.view, keys, names, after, values),
        order=order,
        limit=sql.SQL("ALL") if limit is None else values.bind(limit),
    )


def _walk(asked: Collection, values: Values, after: Place | None) -> sql.Composable:
    """The rows of a stored layer by id, from a place on: as many as are taken, not the whole layer for each page.

    The planner takes the rows of a revision for few and would sort them all; behind OFFSET 0 it does not see them.
    """
    return sql.SQL(
        "SELECT f.id FROM (SELECT f.* FROM spatial_feature AS f WHERE f.layer = {} AND f.revisions <> '{{}}'"
        " AND f.id > {}::bigint ORDER BY f.id OFFSET 0) AS f WHERE {}"
    ).format(
        values.bind(asked.view.layer.id),
        values.bind(after.id if after else 0),
        current(asked.view, asked.moment, values),
    )


def _follows(
    view: View, keys: Sequence[Key], names: Sequence[sql.Identifier], after: Place | None, values: Values
) -> sql.Composable:
    """A row comes after a place: in the first key that differs, or in all alike by its id."""
    if after is None:
        return EVERYTHING
    follows: sql.Composable = sql.SQL("page.id > {}").format(values.bind(after.id))
    for key, name, last in reversed(list(zip(keys, names, after.keys, strict=True))):
        if last is None:
            follows = sql.SQL("page.{} IS NULL AND ({})").format(name, follows)
            continue
        kind = sql.SQL("numeric" if kind_of(view, key.name) in NUMBERS else "text")
        value = sql.SQL("{}::{}").format(values.bind(last), kind)
        beyond = sql.SQL("<" if key.descending else ">")
        follows = sql.SQL("page.{} {} {} OR page.{} IS NULL OR (page.{} = {} AND ({}))").format(
            name, beyond, value, name, name, value, follows
        )
    return follows


def _key(view: View, name: str, values: Values) -> sql.Composable:
    """Numbers by size, all else letter by letter."""
    if kind_of(view, name) in NUMBERS:
        return _number(view, name, values)
    return sql.SQL('({}) COLLATE "C"').format(_text(view, name, values))


def _typed(view: View, name: str, values: Values) -> sql.Composable:
    kind = kind_of(view, name)
    if kind == "bool":
        return sql.SQL("CASE {} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END").format(
            _text(view, name, values)
        )
    if kind in NUMBERS:
        cast = sql.SQL("bigint" if kind == "integer" else "float8")
        return sql.SQL("({})::{}").format(_number(view, name, values), cast)
    return _text(view, name, values)


def _text(view: View, name: str, values: Values) -> sql.Composable:
    column = column_of(view, name)
    if column is not None:
        return sql.SQL("({})::text").format(column)
    return sql.SQL("({} #>> '{{}}')").format(field_value(view, name, values))


def _number(view: View, name: str, values: Values) -> sql.Composable:
    value = field_value(view, name, values)
    return sql.SQL("CASE WHEN jsonb_typeof({}) = 'number' THEN ({})::numeric END").format(value, value)
