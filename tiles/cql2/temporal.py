"""Temporal functions over texts: a day or moment sorts as it is written (OGC 21-065r2, Temporal Functions)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from psycopg import sql

from tiles.cql2.instants import beijing_day
from tiles.statement import Values

FUNCTIONS: Mapping[str, sql.SQL] = {
    op: sql.SQL(condition)
    for op, condition in {
        "t_after": "{s1} > {e2}",
        "t_before": "{e1} < {s2}",
        "t_contains": "{s1} < {s2} AND {e1} > {e2}",
        "t_disjoint": "{e1} < {s2} OR {s1} > {e2}",
        "t_during": "{s1} > {s2} AND {e1} < {e2}",
        "t_equals": "{s1} = {s2} AND {e1} = {e2}",
        "t_finishedBy": "{s1} < {s2} AND {e1} = {e2}",
        "t_finishes": "{s1} > {s2} AND {e1} = {e2}",
        "t_intersects": "{s1} <= {e2} AND {e1} >= {s2}",
        "t_meets": "{e1} = {s2}",
        "t_metBy": "{s1} = {e2}",
        "t_overlappedBy": "{s1} > {s2} AND {s1} < {e2} AND {e1} > {e2}",
        "t_overlaps": "{s1} < {s2} AND {e1} > {s2} AND {e1} < {e2}",
        "t_startedBy": "{s1} = {s2} AND {e1} > {e2}",
        "t_starts": "{s1} = {s2} AND {e1} < {e2}",
    }.items()
}
"""Of the intervals from s1 to e1 and from s2 to e2; an instant is an interval whose ends are one."""
OPEN_START, OPEN_END = "", "~"
"""Before and after every day and moment, letter by letter."""


def written(value: date, by_day: bool, values: Values) -> sql.Composable:
    """A day or moment as text that sorts: where a day is compared, the day of a moment in Beijing."""
    if by_day or not isinstance(value, datetime):
        return literal(beijing_day(value).isoformat(), values)
    return literal(value.astimezone(UTC).isoformat(timespec="microseconds"), values)


def literal(text: str, values: Values) -> sql.Composable:
    return sql.SQL("{}::text").format(values.bind(text))
