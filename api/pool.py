"""The lane of hot reads: one bounded pool of read-only connections, open while the application runs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from django.db import connections
from psycopg import AsyncConnection, AsyncRawCursor, AsyncServerCursor, sql
from psycopg.rows import TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool

from spatial import wall

CONNECTIONS = 8
MOST_WAITING = 200
"""More would only wait in vain: they are told at once to come again."""
CONNECT_S = 5
WAIT_S = 1.0
RECONNECT_S = 5.0
"""How long a lost connection is sought before the next question seeks anew: the pauses between double."""
STATEMENT_TIMEOUT_MS = 10_000
SIMILAR = 0.5
"""From which share of its trigrams on a word is taken for another (tiles.sought): one wrong character of three."""
READING = f"-c default_transaction_read_only=on -c jit=off -c pg_trgm.word_similarity_threshold={SIMILAR}"
OPTIONS = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} {READING}"
CURSOR_TIMEOUT_MS = 60_000
"""For each piece that a cursor brings: the first may have to sort a whole layer."""

STRANGER = wall.asker(None, "public", (), False)
Query = str | bytes | sql.Composed
Values = Sequence[Any] | Mapping[str, Any]
Row = dict[str, Any]

STRANGERS = f"{OPTIONS} -c role={wall.READER} -c jingtu.role=public -c plan_cache_mode=force_generic_plan"
"""A connection that only ever reads tiles as a stranger need not be told so for each, nor plan each anew."""
MOST_PREPARED = 500
TRUSTED_S = 1.0
"""Who answered so lately is not asked again whether they are there."""


class Reader(AsyncConnection[Row]):
    """A connection that remembers when it was last of use."""

    used_at = float("-inf")


Readers = AsyncConnectionPool[Reader]
_pool: Readers | None = None
_strangers: Readers | None = None


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pools open for the application's life: connections to the database that Django uses."""
    global _pool, _strangers
    async with _made(OPTIONS) as pool, _made(STRANGERS) as strangers:
        _pool, _strangers = pool, strangers
        try:
            yield
        finally:
            _pool = _strangers = None


def _made(options: str) -> Readers:
    return AsyncConnectionPool(
        connection_class=Reader,
        kwargs={**_address(), "options": options, "autocommit": True, "row_factory": dict_row},
        min_size=1,
        max_size=CONNECTIONS,
        max_waiting=MOST_WAITING,
        timeout=WAIT_S,
        reconnect_timeout=RECONNECT_S,
        configure=_configured,
        check=_checked,
        open=False,
        name="hot reads",
    )


async def _configured(connection: Reader) -> None:
    connection.prepared_max = MOST_PREPARED


async def _checked(connection: Reader) -> None:
    if time.monotonic() - connection.used_at > TRUSTED_S:
        await AsyncConnectionPool.check_connection(connection)
    connection.used_at = time.monotonic()


async def fetch_all(query: Query, values: Values = ()) -> list[Row]:
    """Every row of a statement as a dict. Raises psycopg.Error where the database is busy, slow or gone."""
    if _pool is None:
        raise RuntimeError("the pool is open only while the application runs (api.pool.opened)")
    async with _pool.connection() as connection, connection.cursor(binary=True) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def fetch_one(query: Query, values: Values = ()) -> Row | None:
    """The first row of a statement, None where there is none."""
    found = await fetch_all(query, values)
    return found[0] if found else None


async def fetch_seen(
    who: Mapping[str, str], query: Query, values: Values = (), prepare: bool = True
) -> list[Row]:
    """Every row that the database lets somebody read (spatial.wall.asker), in one exchange.

    The values of a statement of bytes stand for $1, $2 …. It is one of few that are asked again and again and is
    prepared at once; what somebody made up is not (`prepare`): the database would keep each with its plan.
    """
    if who == STRANGER and isinstance(query, bytes) and _strangers is not None:
        async with _strangers.connection() as connection:
            return await _raw(connection, query, values, prepare)
    if _pool is None:
        raise RuntimeError("the pool is open only while the application runs (api.pool.opened)")
    async with _pool.connection() as connection, connection.pipeline(), connection.transaction():
        await connection.execute(wall.ENTER, who)
        if isinstance(query, bytes):
            return await _raw(connection, query, values, prepare)
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()


async def _raw(connection: Reader, query: bytes, values: Values, prepare: bool) -> list[Row]:
    cursor = AsyncRawCursor(connection)
    await cursor.execute(query, values, prepare=prepare, binary=True)
    return await cursor.fetchall()


@asynccontextmanager
async def cursor_seen(
    who: Mapping[str, str], query: Query, values: Values = ()
) -> AsyncIterator[AsyncServerCursor[TupleRow]]:
    """A cursor in the database over every row that it lets somebody read, on a connection of its own.

    What takes minutes, at the pace of whoever reads, would keep the pool from the quick questions.
    """
    options = f"-c statement_timeout={CURSOR_TIMEOUT_MS} {READING}"
    async with (
        await AsyncConnection.connect(**_address(), options=options) as connection,
        connection.cursor("seen", binary=True) as cursor,
    ):
        await connection.execute(wall.ENTER, who)
        await cursor.execute(query, values)
        yield cursor


async def listening_connection() -> AsyncConnection[Any]:
    """A connection of its own that waits for what the database tells."""
    return await AsyncConnection.connect(**_address(), autocommit=True)


def _address() -> dict[str, Any]:
    """Read when the pool opens, from Django's connection: the tests give it another database."""
    settings = connections["default"].settings_dict
    given = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    ssl = {name: value for name, value in settings["OPTIONS"].items() if name.startswith("ssl")}
    return {"connect_timeout": CONNECT_S} | {name: value for name, value in given.items() if value} | ssl
