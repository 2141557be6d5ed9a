"""Questions about features as statements: a page of a layer, one feature, what lies here, what is called so."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from spatial.catalog import Catalog
from tiles import cql2
from tiles.conditions import COLUMNS
from tiles.rows import EVERYTHING, Moment, View, column_of, rows, rows_of, shown
from tiles.sought import Closeness, condition, similarity
from tiles.statement import Values, template

Statement = tuple[sql.Composed, Values]
METRES_A_DEGREE = 110_500.0
"""Less than the shortest degree of latitude: a box made with it is never too small."""
DIGITS = 15
"""Decimals of a coordinate: all that a double holds."""
STORED = sql.SQL("f.geom")
SCANNED = 1000
"""Rows that are put in order where very many hold what is searched."""
SOUGHT = sql.SQL("f.sought")
NAMING = {
    "code": sql.SQL("f.code, f.attributes ->> 'code'"),
    "name": sql.SQL("f.name, f.attributes ->> 'name'"),
    "address": sql.SQL("f.attributes ->> 'address'"),
}
"""The fields that are searched, and where a row has them: what `sought` is made of (migration 0017)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a layer: those meeting the box (west, south, east, north in degrees), of a county, called so,
    for which a condition in CQL2 is true; or those without a place."""

    bbox: tuple[float, float, float, float] | None = None
    county: str | None = None
    text: str | None = None
    condition: cql2.Node | None = None
    unlocated: bool = False


def items(
    catalog: Catalog, view: View, moment: Moment, asked: Filter, *, after: int, limit: int
) -> Statement:
    """Columns `id`, `feature` (GeoJSON text), by id from the one that follows `after`. Raises FilterRefused."""
    values = Values()
    where = sql.SQL("f.id > {} AND {}").format(values.bind(after), _where(view, asked, values))
    found = rows(
        catalog, view, moment, values, where, sql.SQL("f.id, {} AS feature").format(geojson(view, values))
    )
    page = sql.SQL("SELECT id, feature::text FROM ({}) AS f ORDER BY id LIMIT {}")
    return page.format(found, values.bind(limit)), values


def matched(catalog: Catalog, view: View, moment: Moment, asked: Filter) -> Statement:
    """Column `matched`: how many rows there are on all pages."""
    values = Values()
    found = rows(catalog, view, moment, values, _where(view, asked, values), sql.SQL("f.id"))
    return sql.SQL("SELECT count(*) AS matched FROM ({}) AS f").format(found), values


def feature(catalog: Catalog, view: View, moment: Moment, feature_id: int) -> Statement:
    """Column `feature` (GeoJSON text): one row, or none where it is not there or may not be seen."""
    values = Values()
    found = rows(
        catalog,
        view,
        moment,
        values,
        sql.SQL("f.id = {}").format(values.bind(feature_id)),
        sql.SQL("({})::text AS feature").format(geojson(view, values)),
    )
    return sql.Composed([found]), values


def identify(
    catalog: Catalog,
    views: Sequence[View],
    moment: Moment,
    lon: float,
    lat: float,
    *,
    tolerance_m: float,
    limit: int,
) -> Statement:
    """Column `feature` (GeoJSON text): what holds the place or lies within the tolerance, nearest and smallest first.

    An edge is straight in longitude and latitude where it decides what holds the place; distances are on the ellipsoid.
    """
    values = Values()
    high = tolerance_m / METRES_A_DEGREE
    wide = high / max(math.cos(math.radians(min(abs(lat) + high, 89.0))), 0.01)
    place = sql.SQL("ST_SetSRID(ST_Point({}, {}), 4490)").format(values.bind(lon), values.bind(lat))
    near = sql.SQL(
        "f.geom && ST_MakeEnvelope({}, {}, {}, {}, 4490)"
        " AND (ST_Intersects(f.geom, {}) OR ST_DWithin(f.geom::geography, {}::geography, {}))"
    ).format(
        *(values.bind(edge) for edge in (lon - wide, lat - high, lon + wide, lat + high)),
        place,
        place,
        values.bind(tolerance_m),
    )
    distance = sql.SQL(
        "CASE WHEN ST_Intersects(f.geom, {}) THEN 0 ELSE ST_Distance(f.geom::geography, {}::geography) END"
    ).format(place, place)
    found = sql.SQL("\nUNION ALL\n").join(
        rows(
            catalog,
            view,
            moment,
            values,
            near,
            sql.SQL("f.id, {}::text AS layer, {} AS feature, {} AS distance, ST_Area(f.geom) AS size").format(
                values.bind(view.layer.id), geojson(view, values), distance
            ),
        )
        for view in views
    )
    return sql.SQL("SELECT feature::text FROM ({}) AS f ORDER BY distance, size, layer, id LIMIT {}").format(
        found, values.bind(limit)
    ), values


def search(
    catalog: Catalog, views: Sequence[View], moment: Moment, text: str, closeness: Closeness, *, limit: int
) -> Statement | None:
    """Columns `layer id code name county lon lat box`: rows that hold the words just so, the shorter names first.

    None where no row can. Where more than SCANNED hold them, any of these are put in order. `box` is west, south, east,
    north; place and box are null where a feature has no geometry.
    """
    values = Values()
    alike: dict[tuple[object, ...], list[View]] = {}
    for view in views:
        # Stored layers that the asker sees alike are asked as one, so that the index is read once.
        own = view.layer.id if view.layer.kind == "derived" else None
        alike.setdefault((own, view.counties, *_sought_of(view)), []).append(view)
    parts = []
    for together in alike.values():
        sought = _sought(together[0])
        if sought is None or (held := condition(text, closeness, sought, values)) is None:
            continue
        if sought is not SOUGHT:  # for the index
            held = sql.SQL("{} AND {}").format(condition(text, closeness, SOUGHT, values), held)
        close = similarity(text, sought, values) if closeness is Closeness.SIMILAR else sql.SQL("0")
        one, derived = together[0], together[0].layer.kind == "derived"
        columns = sql.SQL("{} AS layer, f.id, {} AS code, {} AS name, f.county, f.geom, {} AS close").format(
            sql.SQL("{}::text").format(values.bind(one.layer.id)) if derived else sql.SQL("f.layer"),
            _column(one, "code"),
            _column(one, "name"),
            close,
        )
        parts.append(
            rows(catalog, one, moment, values, held, columns)
            if derived
            else rows_of([view.layer.id for view in together], one, moment, values, held, columns)
        )
    if not parts:
        return None
    each = [sql.SQL("({} LIMIT {})").format(part, sql.Literal(SCANNED)) for part in parts]
    return template("search.sql").format(
        found=sql.SQL("\nUNION ALL\n").join(each), limit=values.bind(limit)
    ), values


def _sought_of(view: View) -> tuple[bool, ...]:
    return tuple(shown(view, name) for name in NAMING)


def _sought(view: View) -> sql.Composable | None:
    """What is searched of row `f`: what may be shown alone, so that nothing hidden is found by guessing it."""
    if all(_sought_of(view)):
        return SOUGHT
    spelled = [NAMING[name] for name in ("code", "name") if shown(view, name)]
    others = [NAMING["address"]] if shown(view, "address") else []
    if not spelled and not others:
        return None
    return sql.SQL("spatial_sought(ARRAY[{}]::text[], ARRAY[{}]::text[])").format(
        sql.SQL(", ").join(spelled), sql.SQL(", ").join(others)
    )


def _where(view: View, asked: Filter, values: Values) -> sql.Composable:
    parts: list[sql.Composable] = []
    if asked.bbox is not None:
        box = sql.SQL("ST_MakeEnvelope({}, {}, {}, {}, 4490)").format(
            *(values.bind(edge) for edge in asked.bbox)
        )
        # Under row-level security ST_Intersects alone does not reach the index.
        parts.append(sql.SQL("f.geom && {0} AND ST_Intersects(f.geom, {0})").format(box))
    if asked.county is not None:
        parts.append(sql.SQL("f.county = {}").format(values.bind(asked.county)))
    if asked.text is not None:
        parts.append(_called(view, asked.text, values))
    if asked.unlocated:
        parts.append(sql.SQL("f.geom IS NULL"))
    if asked.condition is not None:
        parts.append(cql2.compile_tree(asked.condition, view, values))
    return sql.SQL(" AND ").join(parts) if parts else EVERYTHING


def _called(view: View, text: str, values: Values) -> sql.Composable:
    """Name or code hold the text; what may not be seen cannot be found by guessing it."""
    pattern = values.bind("%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    return sql.SQL("(coalesce({} ILIKE {}, FALSE) OR coalesce({} ILIKE {}, FALSE))").format(
        _column(view, "name"), pattern, _column(view, "code"), pattern
    )


def _column(view: View, name: str) -> sql.Composable:
    return COLUMNS[name] if shown(view, name) else sql.SQL("NULL::text")


def properties_of(view: View) -> list[str]:
    """The properties that may be shown, those with a column of their own first."""
    return [name for name in dict.fromkeys((*COLUMNS, *view.layer.fields)) if shown(view, name)]


def geojson(view: View, values: Values, shape: sql.Composable = STORED) -> sql.Composable:
    """A GeoJSON Feature as json; `layer` is the one that was asked, coordinates are not rounded."""
    names = properties_of(view)
    columns = [(name, column) for name in names if (column := column_of(view, name)) is not None]
    attributes = [name for name in names if column_of(view, name) is None]
    properties = sql.SQL(
        "coalesce((SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(f.attributes) AS a"
        " WHERE a.key = ANY ({}::text[])), '{{}}') || jsonb_strip_nulls(jsonb_build_object({}))"
    ).format(
        values.bind(attributes),
        sql.SQL(", ").join(
            sql.SQL("{}::text, {}").format(values.bind(name), column) for name, column in columns
        ),
    )
    return sql.SQL(
        "json_build_object('type', 'Feature', 'id', f.id::text, 'layer', {}::text, 'code', {}, 'name', {},"
        " 'county', f.county, 'geometry', ST_AsGeoJSON({}, {}, 0)::json, 'properties', {})"
    ).format(
        values.bind(view.layer.id),
        _column(view, "code"),
        _column(view, "name"),
        shape,
        sql.Literal(DIGITS),
        properties,
    )
