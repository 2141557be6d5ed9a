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
PAGE_BYTES = 8 * 1024 * 1024
"""How much of stored shapes goes into one page; a single shape may have more."""


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


def page(
    asked: Collection, keys: Sequence[Key], told: sql.Composable, *, after: Place | None, most: int
) -> Statement:
    """Columns `id`, `feature` (GeoJSON text), `more` (whether rows follow), by keys and id.

    `told`: the geometry (see `shape`). Fewer rows than `most` where shapes are large: a page has PAGE_BYTES of them.
    """
    values = Values()
    found = sql.SQL("SELECT * FROM ({}) AS page WHERE {} ORDER BY {} LIMIT {}").format(
        _sorted(asked, keys, values) if _is_sorted(asked, keys) else _walk(asked, values, after),
        _follows(asked.view, keys, after, values),
        _order(keys),
        values.bind(most + 1),
    )
    return sql.SQL(
        "SELECT f.id, ({feature})::text AS feature, page.place < page.there AS more FROM ("
        " SELECT page.*, row_number() OVER way AS place, count(*) OVER () AS there,"
        " sum(coalesce(pg_column_size(f.geom), 0)) OVER way AS size"
        " FROM ({found}) AS page JOIN spatial_feature AS f ON f.id = page.id"
        " WINDOW way AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)"
        ") AS page JOIN spatial_feature AS f ON f.id = page.id"
        " WHERE page.place = 1 OR (page.place <= {most} AND page.size <= {size}) ORDER BY page.place"
    ).format(
        feature=geojson(asked.view, values, told),
        found=found,
        order=_order(keys),
        most=values.bind(most),
        size=values.bind(PAGE_BYTES),
    ), values


def place(asked: Collection, keys: Sequence[Key], row: int) -> Statement:
    """Column `keys` (texts): those of one row, or none where it is not there."""
    values = Values()
    one = Collection(asked.catalog, asked.view, asked.moment, [has_id(row)])
    return sql.SQL("SELECT {} AS keys FROM ({}) AS page").format(
        _texts(keys), _sorted(one, keys, values)
    ), values


def features(
    asked: Collection, keys: Sequence[Key], told: sql.Composable, *, limit: int | None = None
) -> Statement:
    """Columns `id`, `feature` (GeoJSON text), by keys and id; `told`: the geometry (see `shape`)."""
    values = Values()
    feature = sql.SQL("({})::text AS feature").format(geojson(asked.view, values, told))
    return _whole(asked, keys, feature, values, limit), values


def table(
    asked: Collection,
    keys: Sequence[Key],
    told: sql.Composable,
    *,
    limit: int | None = None,
    by_place: bool = False,
) -> Statement:
    """Columns `id`, those of `properties_of` by their types (nested ones as JSON text), `geometry` last.

    `by_place`: neighbours stand near each other (along a Hilbert curve), where no key says otherwise.
    """
    values = Values()
    columns = [
        sql.SQL("{} AS {}").format(_typed(asked.view, name, values), sql.Identifier(name))
        for name in properties_of(asked.view)
    ]
    columns.append(sql.SQL("{} AS geometry").format(told))
    return _whole(asked, keys, sql.SQL(", ").join(columns), values, limit, by_place=by_place), values


def as_wkb(told: sql.Composable) -> sql.Composable:
    return sql.SQL("ST_AsBinary({})").format(told)


def as_wkt(told: sql.Composable) -> sql.Composable:
    return sql.SQL("ST_AsText({}, {})").format(told, sql.Literal(DIGITS))


def _whole(
    asked: Collection,
    keys: Sequence[Key],
    columns: sql.Composable,
    values: Values,
    limit: int | None,
    *,
    by_place: bool = False,
) -> sql.Composed:
    """Which rows first, in their order, then what they tell: the shapes need not be sorted."""
    found, order = _sorted(asked, keys, values), _order(keys)
    if by_place and not keys:
        found = asked.rows(values, sql.SQL("f.id, ST_Envelope(f.geom) AS place"))
        order = sql.SQL("page.place NULLS LAST, page.id")
    return sql.SQL(
        "SELECT f.id, {columns} FROM (SELECT * FROM ({found}) AS page ORDER BY {order} LIMIT {limit}) AS page"
        " JOIN spatial_feature AS f ON f.id = page.id ORDER BY {order}"
    ).format(
        columns=columns,
        found=found,
        order=order,
        limit=sql.SQL("ALL") if limit is None else values.bind(limit),
    )


def _name(number: int) -> sql.Identifier:
    return sql.Identifier("page", f"key{number}")


def _order(keys: Sequence[Key]) -> sql.Composable:
    """The order of the rows of `page`; ids decide between rows alike."""
    by = [
        sql.SQL("{} {} NULLS LAST").format(_name(number), sql.SQL("DESC" if key.descending else "ASC"))
        for number, key in enumerate(keys)
    ]
    return sql.SQL(", ").join([*by, sql.SQL("page.id")])


def _texts(keys: Sequence[Key]) -> sql.Composable:
    texts = [sql.SQL("{}::text").format(_name(number)) for number, _ in enumerate(keys)]
    return sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(texts))


def _sorted(asked: Collection, keys: Sequence[Key], values: Values) -> sql.Composable:
    """Id and keys of every row."""
    by = [
        sql.SQL("{} AS {}").format(_key(asked.view, key.name, values), sql.Identifier(f"key{number}"))
        for number, key in enumerate(keys)
    ]
    return asked.rows(values, sql.SQL(", ").join([sql.SQL("f.id"), *by]))


def _is_sorted(asked: Collection, keys: Sequence[Key]) -> bool:
    """Whether more is asked than to walk on in a stored layer."""
    return bool(keys or asked.conditions or asked.view.layer.kind == "derived")


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


def _follows(view: View, keys: Sequence[Key], after: Place | None, values: Values) -> sql.Composable:
    """A row comes after a place: in the first key that differs, or in all alike by its id."""
    if after is None:
        return EVERYTHING
    follows: sql.Composable = sql.SQL("page.id > {}").format(values.bind(after.id))
    for number, (key, last) in reversed(list(enumerate(zip(keys, after.keys, strict=True)))):
        name = _name(number)
        if last is None:
            follows = sql.SQL("{} IS NULL AND ({})").format(name, follows)
            continue
        kind = sql.SQL("numeric" if kind_of(view, key.name) in NUMBERS else "text")
        value = sql.SQL("{}::{}").format(values.bind(last), kind)
        beyond = sql.SQL("<" if key.descending else ">")
        follows = sql.SQL("{} {} {} OR {} IS NULL OR ({} = {} AND ({}))").format(
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
