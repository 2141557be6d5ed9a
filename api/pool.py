"""The lane of hot reads: one bounded pool of read-only connections, open while the application runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from django.db import connections
from psycopg import AsyncConnection, OperationalError, sql
from psycopg.errors import QueryCanceled
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.errors import Unavailable

CONNECTIONS = 8
WAIT_S = 5.0
STATEMENT_TIMEOUT_MS = 10_000
OPTIONS = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c default_transaction_read_only=on -c jit=off"

Query = str | sql.Composed
Values = Sequence[Any] | Mapping[str, Any]
Row = dict[str, Any]

_pool: AsyncConnectionPool[AsyncConnection[Row]] | None = None


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pool open for the application's life: connections to the database that Django uses."""
    global _pool
    pool = AsyncConnectionPool(
        connection_class=AsyncConnection[Row],
        kwargs={**_address(), "options": OPTIONS, "autocommit": True, "row_factory": dict_row},
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT_S,
        open=False,
        name="hot reads",
    )
    async with pool:
        _pool = pool
        try:
            yield
        finally:
            _pool = None


async def fetch_all(query: Query, values: Values = ()) -> list[Row]:
    """Every row of a statement as a dict. Raises Unavailable where the database is busy, slow or gone."""
    if _pool is None:
        raise RuntimeError("the pool is open only while the application runs (api.pool.opened)")
    try:
        async with _pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()
    except PoolTimeout as error:
        raise Unavailable("系统正忙。", "请稍后重试。", code="busy") from error
    except QueryCanceled as error:
        raise Unavailable("查询用时过长，已停止。", "请缩小范围后重试。", code="query_timeout") from error
    except OperationalError as error:
        raise Unavailable("数据库暂时连不上。", "请稍后重试。", code="database_unavailable") from error


async def fetch_one(query: Query, values: Values = ()) -> Row | None:
    """The first row of a statement, None where there is none."""
    found = await fetch_all(query, values)
    return found[0] if found else None


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
    return {name: value for name, value in given.items() if value} | ssl
