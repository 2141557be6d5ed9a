"""Whether a database holds what it held: one fingerprint over all that must not be lost, and what can be proved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction

from spatial import answer, audit, rasters
from spatial.attachments import path_of
from spatial.models import AreaOverlay, Attachment, CheckRun, Feature
from spatial.overlays.run import is_unchanged

PASSING = frozenset(
    {"spatial_job", "spatial_loginfailure", "spatial_handled", "spatial_delivery", "spatial_drawing"}
)
"""What comes and goes: work on its way, failed sign-ins, keys of requests; and what is made of the rest."""
_TABLE = """
WITH hashed AS (SELECT {key}, sha256(convert_to(row::text, 'UTF8')) AS digest FROM {table} row)
SELECT count(*), encode(sha256(coalesce(string_agg(digest, ''::bytea ORDER BY {key}), '')), 'hex') FROM hashed
"""
_CHAIN = {"altered": "被改动", "missing": "缺失", "forged": "是添入的", "head": "链尾不符"}
_SEQUENCES = """
SELECT c.oid::regclass::text, a.attrelid::regclass::text, a.attname
FROM pg_class c
JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND a.attrelid::regclass::text LIKE 'spatial\\_%'
"""


def tables() -> list[str]:
    """The tables that count, by name."""
    found = {
        model._meta.db_table for model in apps.get_app_config("spatial").get_models(include_auto_created=True)
    }
    return sorted(found - PASSING)


def fingerprint() -> tuple[str, dict[str, tuple[int, str]]]:
    """SHA-256 over every row of every table that counts, and for each table its rows and its own."""
    found: dict[str, tuple[int, str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 3"
        )
        cursor.execute("SET LOCAL statement_timeout = 0")
        for table in tables():
            cursor.execute(_TABLE.format(table=table, key=_key(table)))
            found[table] = cursor.fetchone()
    told = "\n".join(f"{table} {rows} {digest}" for table, (rows, digest) in found.items())
    return hashlib.sha256(told.encode()).hexdigest(), found


def _key(table: str) -> str:
    with connection.cursor() as cursor:
        keys = connection.introspection.get_primary_key_columns(cursor, table) or ["ctid"]
    return ", ".join(f'"{column}"' for column in keys)


def faults() -> Iterator[str]:
    """Everything that shows the data to be wrong, in Chinese: audit chain, answers, files, numbers to come."""
    for fault in audit.verify():
        yield f"审计记录第 {fault.number} 条：{_CHAIN[fault.kind]}"
    runs = CheckRun.objects.values_list("number", "fingerprint", "answer")
    for number, stored, told in runs.iterator(chunk_size=500):
        if answer.fingerprint(told) != stored:
            yield f"核查 {number} 的内容与指纹不符"
    for made in AreaOverlay.objects.order_by("made_at").iterator(chunk_size=50):
        if not is_unchanged(made):
            yield f"叠加分析 {made.number} 的内容或图形与指纹不符"
    yield from _files()
    yield from _sequences()


def _files() -> Iterator[str]:
    """Each file that a row names and that is gone or another."""
    for one in Attachment.objects.order_by("at"):
        path = path_of(one.sha256)
        if (wrong := _wrong(path, one.sha256)) is not None:
            yield f"附件“{one.name}”（{one.subject} {one.key}）{wrong}：{path}"
    for name in sorted({name for name in rasters.names_of(Feature.objects.all()) if name}):
        if not rasters.path_of(name).is_file():
            yield f"影像缺失：{rasters.path_of(name)}"


def _wrong(path: Path, sha256: str) -> str | None:
    try:
        with path.open("rb") as file:
            is_same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return "缺失"
    except OSError as error:
        return f"不能读（{error.strerror}）"
    return None if is_same else "已损坏"


def _sequences() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        for sequence, table, column in cursor.fetchall():
            most_there = f"(SELECT coalesce(max({column}), 0) FROM {table})"  # noqa: S608
            cursor.execute(f"SELECT last_value, {most_there} FROM {sequence}")  # noqa: S608
            last, most = cursor.fetchone()
            if last < most:
                yield f"序列 {sequence} 停在 {last}，而 {table} 已有 {most}"
