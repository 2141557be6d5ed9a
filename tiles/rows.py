"""The rows of a layer, stored or derived: current on a revision, valid on a day, of the counties that may be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from spatial.catalog import Catalog, Layer
from tiles.conditions import COLUMNS, selected
from tiles.statement import Values


@dataclass(frozen=True, slots=True)
class View:
    """What somebody may see of a layer: rows of these counties (None: all), these fields."""

    layer: Layer
    counties: Sequence[str] | None
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Moment:
    """The published knowledge of a revision about a day: a row counts from `valid_from` until before `valid_to`.

    With `until` about the days from `as_of` to then: a row counts that is valid on one of them.
    """

    revision: int
    as_of: date
    until: date | None = None


EVERYTHING = sql.SQL("TRUE")
# The second and third condition say nothing new; they are what the index by layer and place asks for.
OF_LAYER = sql.SQL("""
SELECT {columns} FROM spatial_feature AS f
WHERE f.layer = {layer} AND hashtext(f.layer) = hashtext({layer}) AND f.revisions <> '{{}}'
  AND {current} AND ({any_of}) AND ({where})
""")

# Without the index by layer and place: another condition finds the rows.
OF_LAYERS = sql.SQL("""
SELECT {columns} FROM spatial_feature AS f
WHERE f.layer = ANY ({layers}::text[]) AND f.revisions <> '{{}}' AND {current} AND ({where})
""")


def rows_of(
    layers: Sequence[str],
    view: View,
    moment: Moment,
    values: Values,
    where: sql.Composable,
    columns: sql.Composable,
) -> sql.Composable:
    """The same of stored layers that are all seen as `view`, whose own layer counts for nothing."""
    return OF_LAYERS.format(
        columns=columns,
        layers=values.bind(list(layers)),
        current=current(view, moment, values),
        where=where,
    )


def rows(
    catalog: Catalog,
    view: View,
    moment: Moment,
    values: Values,
    where: sql.Composable = EVERYTHING,
    columns: sql.Composable | None = None,
) -> sql.Composable:
    """A SELECT of the rows as `f`, narrowed by `where`; `columns` are all columns unless given.

    A derived layer is the union of its sources; a row that two selections of one source take stands once.
    """
    conditions: dict[str, list[sql.Composable]] = {}
    if view.layer.kind == "derived":
        for selection in view.layer.selection:
            conditions.setdefault(catalog.layer(selection.layer).id, []).append(
                selected(selection.where, values)
            )
    else:
        conditions[view.layer.id] = [EVERYTHING]
    now = current(view, moment, values)
    return sql.SQL("\nUNION ALL\n").join(
        OF_LAYER.format(
            columns=columns or sql.SQL("f.*"),
            layer=values.bind(stored),
            current=now,
            any_of=sql.SQL(" OR ").join(any_of),
            where=where,
        )
        for stored, any_of in conditions.items()
    )


def current(view: View, moment: Moment, values: Values) -> sql.Composable:
    """Rows without a county are of no county: they are hidden from whoever sees some counties only."""
    first = values.bind(moment.as_of)
    last = first if moment.until is None else values.bind(moment.until)
    now = sql.SQL(
        "f.revisions @> {}::integer AND (f.valid_from IS NULL OR f.valid_from <= {}::date)"
        " AND (f.valid_to IS NULL OR f.valid_to > {}::date)"
    ).format(values.bind(moment.revision), last, first)
    if view.counties is None:
        return now
    return sql.SQL("{} AND f.county = ANY ({}::text[])").format(now, values.bind(list(view.counties)))


def shown(view: View, field: str) -> bool:
    """Whether a field may be shown; a column that the layer does not declare hangs on no field's right."""
    return field not in view.layer.fields or field in view.fields


def column_of(view: View, field: str) -> sql.Composable | None:
    """The field of row `f` that has a column of its own; None where it stands in `attributes` alone.

    A derived layer's field `list` is the stored layer that a row comes from.
    """
    if field == "list" and view.layer.kind == "derived":
        return sql.SQL("f.layer")
    return COLUMNS.get(field)


def field_value(view: View, field: str, values: Values) -> sql.Composable:
    """A field of row `f`, as text, boolean or jsonb."""
    return column_of(view, field) or sql.SQL("(f.attributes -> {}::text)").format(values.bind(field))
