"""Rows on their way into the database, a batch at a time, while the next batch is being read and looked at.

PostgreSQL and Python each keep one core busy: a thread of its own copies a batch and waits for the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from loaders.record import Issue
from loaders.staging import HeldRow, StagedRow, storable

FOLDER = Path(__file__).parent / "sql"
TABLES = (FOLDER / "tables.sql").read_text(encoding="utf-8")
COLUMNS = sql.SQL(", ".join(("layer", "load_id", "file", "revisions", *StagedRow._fields)))
NO_REVISION = (0).to_bytes(4, "big")
"""The empty multirange in PostgreSQL's binary format."""
TYPES = (
    *("text", "int8", "int2", "bytea", "int4", "text", "text", "text", "text"),
    *("bytea", "bool", "bytea", "date", "date", "bytea"),
)
"""Of COLUMNS on the wire; what is bytes goes as it is."""
IS_LIVE = "SELECT EXISTS (SELECT FROM live)"
SETTLE, TWICE = (sql.SQL((FOLDER / name).read_text(encoding="utf-8")) for name in ("settle.sql", "twice.sql"))
COPY = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")
INCOMING = sql.Identifier("pg_temp", "incoming")
HELD = "COPY spatial_quarantinedrow (load_id, row, original, reason) FROM STDIN"
ISSUES = """
COPY spatial_loadissue (load_id, code, severity, row, ring, field, value, message, hint, lon, lat, owner) FROM STDIN
"""


class Twice(NamedTuple):
    """A row of a batch (`nth`, from 0) that the delivery has already, and the file and row that were first."""

    nth: int
    first_file: int
    first_row: int


class Batches:
    """The way of one load's rows into `target`; see `running`."""

    def __init__(self, pool: ThreadPoolExecutor, layer: str, load: int, target: sql.Identifier) -> None:
        self._pool = pool
        self._connection = connection.connection
        self._layer, self._load = layer, load
        self._target = target
        self._failure: Exception | None = None
        with psycopg.Cursor(self._connection) as cursor:
            self.is_live = cursor.execute(IS_LIVE).fetchone() != (False,)

    def put(self, staged: Sequence[StagedRow], file: int) -> Future[list[Twice]]:
        """Begin to write a batch of one file. The result: rows that stay out because they were there before."""
        return self._pool.submit(self._write, self._put, staged, file)

    def keep(self, held: Sequence[HeldRow], issues: Sequence[Issue]) -> Future[None]:
        """Begin to write rows that wait, and what is wrong with rows."""
        return self._pool.submit(self._write, self._keep, held, issues)

    def _write(self, write: Callable[..., Any], *given: Any) -> Any:
        """After a failure the database takes nothing more: whoever waits for anything later is told that failure."""
        if self._failure is not None:
            raise self._failure
        try:
            return write(*given)
        except Exception as error:
            self._failure = error
            raise

    def _put(self, staged: Sequence[StagedRow], file: int) -> list[Twice]:
        if not staged:
            return []
        with psycopg.Cursor(self._connection) as cursor:
            if not self.is_live:  # then there is nothing to compare with, and half of the work is saved
                cursor.execute("SAVEPOINT batch")
                try:
                    self._copy(cursor, self._target, staged, file)
                except psycopg.errors.UniqueViolation:
                    cursor.execute("ROLLBACK TO batch")
                else:
                    cursor.execute("RELEASE batch")
                    return []
            cursor.execute("TRUNCATE incoming RESTART IDENTITY")
            self._copy(cursor, INCOMING, staged, file)
            try:
                self._settle(cursor)
            except psycopg.errors.UniqueViolation:
                cursor.execute("ROLLBACK TO batch")
                twice = TWICE.format(target=self._target)
                found = [Twice(*row) for row in cursor.execute(twice, {"load": self._load}).fetchall()]
                cursor.execute("DELETE FROM incoming WHERE nth = ANY(%s)", [[one.nth for one in found]])
                self._settle(cursor)
                return found
        return []

    def _copy(
        self, cursor: psycopg.Cursor[Any], table: sql.Identifier, staged: Sequence[StagedRow], file: int
    ) -> None:
        with cursor.copy(COPY.format(table, COLUMNS)) as copy:
            copy.set_types(TYPES)
            for row in staged:
                copy.write_row((self._layer, self._load, file, NO_REVISION, *row))

    def _settle(self, cursor: psycopg.Cursor[Any]) -> None:
        cursor.execute("SAVEPOINT batch")
        cursor.execute(SETTLE.format(target=self._target, columns=COLUMNS))
        cursor.execute("RELEASE batch")

    def _keep(self, held: Sequence[HeldRow], issues: Sequence[Issue]) -> None:
        with psycopg.Cursor(self._connection) as cursor:
            if held:
                with cursor.copy(HELD) as copy:
                    for one in held:
                        copy.write_row((self._load, one.row, Jsonb(one.original), one.reason))
            if issues:
                with cursor.copy(ISSUES) as copy:
                    for issue in issues:
                        copy.write_row((self._load, *_columns(issue)))


def _columns(issue: Issue) -> tuple[Any, ...]:
    lon, lat = issue.place or (None, None)
    return (
        issue.code,
        issue.severity,
        issue.row,
        issue.ring,
        storable(issue.field or "")[:80],
        storable(issue.value or ""),
        storable(issue.message),
        storable(issue.hint),
        lon,
        lat,
        (issue.owner or "")[:200],
    )


@contextmanager
def running(layer: str, load: int, target: sql.Identifier) -> Iterator[Batches]:
    """Batches of a load, within the caller's transaction and on its connection, which nobody else may use meanwhile.

    At the end what was begun is finished; on an error too, so that the connection is free to roll back.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
        yield Batches(pool, layer, load, target)
