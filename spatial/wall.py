"""The second wall: reading under a role of few rights; the database chooses its rows by who asks (migration 0015)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from spatial.catalog import Catalog

READER = "jingtu_reader"
ENTER = """
SELECT set_config('jingtu.user', %(user)s, true), set_config('jingtu.role', %(role)s, true),
  set_config('jingtu.whole', %(whole)s, true), set_config('jingtu.counties', %(counties)s, true),
  set_config('search_path', 'jingtu_seen, ' || current_setting('search_path'), true),
  set_config('role', 'jingtu_reader', true)
"""
"""Until the end of the transaction. In `jingtu_seen` lies what people read instead of a table (migration 0020)."""
_KEEP = """
WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (layer, role, county)),
gone AS (
  DELETE FROM spatial_layerright r WHERE NOT EXISTS (
    SELECT FROM wanted w WHERE (w.layer, w.role, w.county) = (r.layer, r.role, r.county))
)
INSERT INTO spatial_layerright SELECT * FROM wanted ON CONFLICT DO NOTHING
"""


def asker(user: int | None, role: str, counties: Collection[str], whole: bool) -> dict[str, str]:
    """What ENTER is told of who asks."""
    return {
        "user": str(user or ""),
        "role": role,
        "whole": "on" if whole else "off",
        "counties": ",".join(sorted(counties)),
    }


@contextmanager
def behind(who: dict[str, str]) -> Iterator[None]:
    """Read as somebody (see `asker`) for the length of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTER, who)
        yield


@contextmanager
def beside() -> Iterator[None]:
    """Step around the wall for what the system itself keeps, such as that somebody looked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        (role,) = cursor.fetchone()
        cursor.execute("SELECT set_config('role', 'none', true)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [role])


def has_rights() -> bool:
    """Whether the table of rights is there. Raises DatabaseError where the database is away or not migrated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM spatial_layerright")
        return bool(cursor.fetchone()[0])


def keep_rights(known: Catalog) -> None:
    """Make the database's table of rights what the catalog's files say."""
    rights = {(layer.id, role, "") for layer in known.layers.values() for role in layer.read}
    rights |= {
        (layer, "public", county.code) for county in known.counties.values() for layer in county.publish
    }
    columns = [list(column) for column in zip(*sorted(rights), strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('jingtu rights', 0))")
        cursor.execute(_KEEP, columns)
