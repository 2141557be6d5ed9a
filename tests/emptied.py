"""Empty tables after a test that committed: those alone that hold something, and what migrating filled stays.

Django empties all of some eighty tables, which makes hundreds of files anew, and then fills in types and permissions.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from psycopg import sql

KEPT = frozenset({"django_content_type", "auth_permission"})
LARGE = 256 * 1024
"""Bytes from which on what was deleted would slow down who reads the table next."""


def statements(style: Any, connection: Any, **given: Any) -> list[str]:
    """What empties the tables, in the place of django.core.management.sql.sql_flush."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        holding = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, pg_relation_size({}) WHERE EXISTS (SELECT FROM {})").format(
                sql.Literal(name), sql.Literal(name), sql.Identifier(name)
            )
            for name in sorted({*names} - KEPT)
        )
        cursor.execute(holding.as_string(connection.connection))
        found = cursor.fetchall()
    if not found:
        return []
    # Neither what guards rows nor what refers to them is asked: all goes.
    return [
        "SET LOCAL session_replication_role = replica",
        *(f'TRUNCATE "{name}" CASCADE' if size > LARGE else f'DELETE FROM "{name}"' for name, size in found),
        "SET LOCAL session_replication_role = origin",
    ]


def instead_of_djangos() -> None:
    flush.sql_flush = statements
    flush.emit_post_migrate_signal = lambda *_, **__: None
