"""Rows in the database, and what a compiled filter says of them there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from psycopg import sql

from spatial import catalog
from tests.factories import features
from tests.tiles.ask import DAY, rows, view
from tiles.cql2 import Node, compile_tree
from tiles.rows import Moment, View
from tiles.rows import rows as rows_of
from tiles.statement import Values

LAYER = "contaminated_plot"
ALL: View = view(LAYER)


def stored(row: dict[str, Any], layer: str = LAYER) -> int:
    """A live feature with these values; its number."""
    return all_stored([row], layer)[0]


def all_stored(rows: Iterable[dict[str, Any]], layer: str = LAYER) -> list[int]:
    return [int(one.id) for one in features(layer, map(_given, rows))]


def _given(row: dict[str, Any]) -> dict[str, Any]:
    given = {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}
    return {"shape": given.pop("geometry", None), "county": given.pop("county", None), **given}


def said(tree: Node, seen: View = ALL) -> dict[int, bool | None]:
    """Number of each row → what the condition says of it."""
    values = Values()
    columns = sql.SQL("f.id, {} AS said").format(compile_tree(tree, seen, values))
    found = rows_of(catalog.current(), seen, Moment(1, DAY), values, columns=columns)
    with transaction.atomic():  # what fails does not take the next with it
        return {row["id"]: row["said"] for row in rows((sql.Composed([found]), values))}


def taken(tree: Node, seen: View = ALL) -> set[int]:
    """Numbers of the rows that the filter lets through."""
    values = Values()
    where = compile_tree(tree, seen, values)
    found = rows_of(catalog.current(), seen, Moment(1, DAY), values, where, sql.SQL("f.id"))
    with transaction.atomic():
        return {row["id"] for row in rows((sql.Composed([found]), values))}


def true_in(told: dict[int, bool | None]) -> set[int]:
    return {number for number, value in told.items() if value is True}


def numbered(ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return dict(zip(ids, rows, strict=True))
