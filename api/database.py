"""Which database this run uses, and Django's connection to it."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from api.pool import CONNECT_S, RECONNECT_S, WAIT_S
from api.postgresql import DatabaseUnavailable
from api.private_database import PrivateDatabase
from spatial.settings import database as parsed


@contextlib.contextmanager
def named_or_private() -> Iterator[str]:
    """Yield the address JINGTU_DATABASE_URL names, or that of the private database, which runs for as long."""
    if not (named := os.environ.get("JINGTU_DATABASE_URL")):
        with PrivateDatabase(Path(settings.JINGTU_HOME)).running() as url:
            yield url
        return
    try:
        psycopg.connect(named, connect_timeout=10).close()
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            "连不上 JINGTU_DATABASE_URL 指定的数据库，请核对地址、口令和网络；不设这个变量则使用私有数据库。"
            f" / The database that JINGTU_DATABASE_URL names cannot be reached: {error}"
        ) from error
    yield named


def point_django_at(url: str) -> None:
    """Make Django use this database from now on, in every thread."""
    address = parsed(url)
    address.pop("TEST")
    connections["default"].close()
    connections["default"].settings_dict.update(address)


def limit_for_serving() -> None:
    """Bound what requests may ask of the database: pooled connections, and time limits for each statement.

    Loads and migrations run without these limits.
    """
    connections["default"].close()
    connections["default"].settings_dict["CONN_HEALTH_CHECKS"] = True  # the pool asks before it lends
    connections["default"].settings_dict["OPTIONS"] |= {
        "connect_timeout": CONNECT_S,
        "pool": {
            "min_size": 0,
            "max_size": settings.JINGTU_DATABASE_POOL,
            "timeout": WAIT_S,
            "reconnect_timeout": RECONNECT_S,
        },
    }
    _set(
        statement_timeout=settings.JINGTU_STATEMENT_TIMEOUT_MS,
        lock_timeout=2000,
        idle_in_transaction_session_timeout=30000,
    )


def end_with_the_client() -> None:
    """Let a statement end soon after the process that asked for it is gone: a killed load then holds no lock."""
    connections["default"].close()
    _set(client_connection_check_interval="1s")


def _set(**parameters: object) -> None:
    """Give parameters to every connection of Django, beside those given before."""
    options = connections["default"].settings_dict["OPTIONS"]
    before = [options["options"]] if "options" in options else []
    options["options"] = " ".join([*before, *(f"-c {name}={value}" for name, value in parameters.items())])


@functools.cache
def migrations_of_this_version() -> frozenset[tuple[str, str]]:
    """App and name of every migration that this program brings."""
    return frozenset(MigrationLoader(None).graph.nodes)
