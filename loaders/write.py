"""The loader's way into the database: rows beside the live data, and the comparison with them.

One transaction a load. A dry run makes the same statements and takes them back. Only rows that differ from the live
ones are written; every row of the delivery leaves its content hash, so that publishing knows what is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg.types.multirange import Int4Multirange
from shapely.geometry.base import BaseGeometry

from loaders.record import ERROR, NOTICE, WARNING, Issue, refused
from loaders.result import Changes, Rows
from loaders.staging import HeldRow, StagedRow, storable
from loaders.standing import stay
from spatial import catalog
from spatial.models import Feature, LeftOut, Load, LoadIssue, QuarantinedRow, Release
from spatial.releases import changed_since, lock, newest_revision

BATCH = 2000
WAITING = Int4Multirange([])
"""The revisions of a row that is not live yet."""
COLUMNS = tuple(column.name for column in fields(StagedRow))
INCOMING = """
DROP TABLE IF EXISTS pg_temp.incoming;
CREATE TEMPORARY TABLE incoming (
  row integer, key text, code text, name text, county text, geometry geometry, has_boundary boolean,
  attributes jsonb, valid_from date, valid_to date, content text
) ON COMMIT DROP
"""
STANDING = (Path(__file__).parent / "sql" / "standing.sql").read_text()
COMPARE = """
SELECT kind, county, count(*) FROM (
  SELECT coalesce(county, '') AS county,
         CASE WHEN EXISTS (SELECT FROM standing WHERE standing.content = incoming.content) THEN 'unchanged'
              WHEN EXISTS (SELECT FROM standing WHERE standing.key = incoming.key) THEN 'changed'
              ELSE 'added' END AS kind
  FROM incoming
  UNION ALL
  SELECT county, 'removed' FROM standing WHERE fate = 'gone' AND NOT has_successor
) AS compared GROUP BY kind, county ORDER BY county, kind
"""
INSERT = """
INSERT INTO spatial_feature (layer, key, code, name, county, geom, has_boundary, attributes, valid_from, valid_to,
                             revisions, content, load_id, row)
SELECT %(layer)s, key, code, name, county, geometry, has_boundary, attributes, valid_from, valid_to,
       '{}', content, %(load)s, row
FROM incoming WHERE NOT EXISTS (SELECT FROM standing WHERE standing.content = incoming.content)
"""
HOLDS = """
SELECT row, content FROM incoming
UNION ALL
SELECT 0, content FROM standing WHERE fate IN ('held', 'kept', 'border')
"""
REMEMBER = f"""
INSERT INTO spatial_loadedrow (load_id, row, content) SELECT %(load)s, row, content FROM ({HOLDS}) AS holds
"""  # noqa: S608

DIFFERS = f"""
WITH now AS (SELECT row = 0, content FROM ({HOLDS}) AS holds),
  before AS (SELECT row = 0, content FROM spatial_loadedrow WHERE load_id = %(load)s)
SELECT EXISTS ((TABLE now EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE now))
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Plan:
    """What a delivery is. `scope`: the counties it is whole for, None if for none; `release`: as asked."""

    layer: str
    scope: tuple[str, ...] | None
    release: str | None
    file_name: str
    file_sha256: str
    crs: str
    encoding: str
    mapping_hash: str
    code_version: str
    data_date: date | None
    by: Any

    @property
    def is_whole(self) -> bool:
        """Whether it is all that its counties have; else what it does not hold stays."""
        return self.scope is not None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of it. `load` is None for a dry run."""

    is_refused: bool
    release: str
    load: int | None
    changes: Changes
    counties: tuple[str, ...]
    data_date: date
    issues: tuple[Issue, ...] = ()


def today() -> date:
    """The day in the region's time."""
    return timezone.localdate()


def county_outlines() -> dict[str, BaseGeometry]:
    """The counties' live outlines, EPSG:4490, by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT county, ST_AsBinary(geom) FROM spatial_feature"
            " WHERE layer = 'admin_county' AND upper_inf(revisions) AND county IS NOT NULL AND geom IS NOT NULL"
        )
        return {county: shapely.from_wkb(bytes(shape)) for county, shape in cursor.fetchall()}


def store(
    plan: Plan,
    staged: Iterable[StagedRow],
    held: Sequence[HeldRow],
    rows: Callable[[], Rows],
    issues: Sequence[Issue],
    *,
    commit: bool,
) -> Stored:
    """Put a delivery beside the live data; `held`, `rows` and `issues` are complete once `staged` is used up.

    Nothing is written when nothing may go in, when the very same delivery already waits in the release, or when
    `commit` is false.
    """
    with transaction.atomic():
        lock(f"load {plan.layer}")
        release = _release(plan.release)
        _copy(staged)
        counties = plan.scope or _counties_of_rows()
        data_date = plan.data_date or today()
        if not rows().loaded:
            transaction.set_rollback(True)
            return Stored(
                True, release.name, None, Changes(), (), data_date, () if rows().read else (_NO_ROWS,)
            )
        given: dict[str, Any] = {
            "layer": plan.layer,
            "counties": list(counties),
            "whole": plan.is_whole,
            "held": _held_keys(held),
        }
        changes = _compare(given)
        earlier = _earlier(release, plan.layer, counties)
        missed = _left_out(held, counties)
        same = next(
            (load for load in earlier if _is_same(load, plan, counties) and _holds(load, rows(), missed)),
            None,
        )
        if same is not None:
            transaction.set_rollback(True)
            note = Issue(
                "already_loaded",
                NOTICE,
                f"同样的文件已在批次 {release.name} 里（装入 {same.pk}），没有再写。",
            )
            return Stored(False, release.name, same.pk, changes, counties, same.data_date, (note,))
        notes = _replace(earlier, counties, release) if commit else _would_replace(earlier, release)
        notes += _staying(plan.is_whole)
        if not commit:
            transaction.set_rollback(True)
            return Stored(False, release.name, None, changes, counties, data_date, tuple(notes))
        if release.pk is None:
            release.save()
        load = _save_load(plan, release, counties, data_date, rows(), changes)
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"layer": plan.layer, "load": load.pk})
            cursor.execute(REMEMBER, {"load": load.pk})
        LeftOut.objects.bulk_create(
            LeftOut(layer=plan.layer, county=county, load=load, rows=rows_there, revisions=WAITING)
            for county, rows_there in sorted(missed.items())
        )
        _save_lists(load, held, [*issues, *notes])
    return Stored(False, release.name, load.pk, changes, counties, data_date, tuple(notes))


_NO_ROWS = Issue(
    "no_rows", ERROR, "文件里没有记录。", "如果这个县（市）确实没有，请由负责人确认为空，不要装入空文件。"
)


def _release(name: str | None) -> Release:
    """The draft that is named, or the newest draft, or a new one named after the day; not saved yet when new."""
    if name is None:
        newest = Release.objects.filter(state=Release.State.DRAFT).order_by("-created_at", "-id").first()
        return newest or Release(name=_free_name())
    found = Release.objects.filter(name=name).first()
    if found and found.state != Release.State.DRAFT:
        raise refused(
            "release_closed",
            f"批次 {name} {found.get_state_display()}，不能再装入。",
            "请换一个批次名。",
            value=name,
        )
    return found or Release(name=name)


def _free_name() -> str:
    day = today().isoformat()
    taken = set(Release.objects.filter(name__startswith=day).values_list("name", flat=True))
    return next(
        name for name in (day, *(f"{day}-{n}" for n in range(2, len(taken) + 3))) if name not in taken
    )


def _copy(staged: Iterable[StagedRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INCOMING)
        with cursor.copy(f"COPY incoming ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in staged:
                copy.write_row([getattr(row, name) for name in COLUMNS])
        cursor.execute("CREATE INDEX ON incoming (content); CREATE INDEX ON incoming (key); ANALYZE incoming")


def _counties_of_rows() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT coalesce(county, '') FROM incoming ORDER BY 1")
        return tuple(county for (county,) in cursor.fetchall())


def _held_keys(held: Sequence[HeldRow]) -> list[str]:
    """Features whose new row waits: the live one stays until it is settled, for a missing one would read as clear."""
    return [row.key for row in held if row.key and not row.adds_nothing]


def _left_out(held: Sequence[HeldRow], counties: Sequence[str]) -> Counter[str]:
    """County → waiting rows that may lie there: where each may be, and in every county that the delivery speaks for."""
    return Counter(
        county for row in held if not row.adds_nothing for county in row.counties.union(counties) if county
    )


def _compare(given: dict[str, Any]) -> Changes:
    totals = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
    by_county: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, given)
        cursor.execute(COMPARE)
        for kind, county, count in cursor.fetchall():
            totals[kind] += count
            by_county.setdefault(county, dict.fromkeys(totals, 0))[kind] = count
    return Changes(**totals, by_county=by_county)


def _staying(whole: bool) -> list[Issue]:
    kept: Counter[str] = Counter()
    border = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fate, county, name FROM standing WHERE fate IN ('kept', 'border') ORDER BY name, key"
        )
        for fate, county, name in cursor.fetchall():
            if fate == "kept":
                kept[county] += 1
            else:
                border.append(name or "（无名）")
    return stay(catalog.current(), whole, kept, border)


def _earlier(release: Release, layer: str, counties: Sequence[str]) -> list[Load]:
    """Loads that wait in the release and speak for some of the same counties."""
    if release.pk is None:
        return []
    waiting = release.loads.filter(layer=layer, state=Load.State.STAGED, counties__overlap=list(counties))
    return list(waiting.order_by("id"))


def _is_same(load: Load, plan: Plan, counties: Sequence[str]) -> bool:
    return (
        (load.file_sha256, load.mapping_hash, load.code_version)
        == (plan.file_sha256, plan.mapping_hash, plan.code_version)
        and sorted(load.counties) == sorted(counties)
        and plan.data_date in (None, load.data_date)
        and not changed_since(load.layer, load.counties, load.base_revision)
    )


def _holds(load: Load, rows: Rows, missed: Counter[str]) -> bool:
    """Whether a load has exactly the rows of this delivery, keeps the same, and misses the same."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERS, {"load": load.pk})
        (differs,) = cursor.fetchone()
    return (
        not differs
        and (load.rows_read, load.rows_loaded, load.rows_quarantined)
        == (rows.read, rows.loaded, rows.quarantined)
        and dict(load.left_out.values_list("county", "rows")) == missed
    )


def _would_replace(earlier: Sequence[Load], release: Release) -> list[Issue]:
    return [
        Issue(
            "replaces_load",
            WARNING,
            f"批次 {release.name} 里已有装入 {load.pk}（{load.file_name}，{load.rows_loaded} 行），"
            "相同县（市）的部分由这一次替换。",
            "同一图层、同一县（市）在一个批次里只有最后一次装入有效，应一次交全。",
        )
        for load in earlier
    ]


def _replace(earlier: Sequence[Load], counties: Sequence[str], release: Release) -> list[Issue]:
    """Take earlier loads out of the release for these counties. Their rows were never live, so they go."""
    notes = _would_replace(earlier, release)
    for load in earlier:
        load.counties = [county for county in load.counties if county not in counties]
        taken_over = load.left_out.filter(county__in=counties)
        if not load.counties:
            load.state = Load.State.REPLACED
            taken_over = load.left_out.all()
        taken_over.delete()
        replaced = Q(county__in=[county for county in counties if county])
        if "" in counties:
            replaced |= Q(county=None)
        Feature.objects.filter(replaced, load=load).delete()
        load.save(update_fields=["counties", "state"])
    return notes


def _save_load(
    plan: Plan, release: Release, counties: Sequence[str], data_date: date, rows: Rows, changes: Changes
) -> Load:
    return Load.objects.create(
        release=release,
        layer=plan.layer,
        counties=list(counties),
        whole=plan.is_whole,
        state=Load.State.STAGED,
        outcome=rows.outcome,
        file_name=storable(plan.file_name)[:500],
        file_sha256=plan.file_sha256,
        crs=plan.crs[:40],
        encoding=plan.encoding[:40],
        mapping_hash=plan.mapping_hash,
        code_version=plan.code_version[:40],
        data_date=data_date,
        base_revision=newest_revision(),
        rows_read=rows.read,
        rows_loaded=rows.loaded,
        rows_repaired=rows.repaired,
        rows_quarantined=rows.quarantined,
        rows_refused=rows.refused,
        rows_unchanged=changes.unchanged,
        by=plan.by,
    )


def _save_lists(load: Load, held: Sequence[HeldRow], issues: Sequence[Issue]) -> None:
    QuarantinedRow.objects.bulk_create(
        (QuarantinedRow(load=load, row=one.row, original=one.original, reason=one.reason) for one in held),
        batch_size=BATCH,
    )
    LoadIssue.objects.bulk_create((_saved(load, issue) for issue in issues), batch_size=BATCH)


def _saved(load: Load, issue: Issue) -> LoadIssue:
    lon, lat = issue.place or (None, None)
    return LoadIssue(
        load=load,
        code=issue.code,
        severity=issue.severity,
        row=issue.row,
        ring=issue.ring,
        field=storable(issue.field or "")[:80],
        value=storable(issue.value or ""),
        message=storable(issue.message),
        hint=issue.hint,
        lon=lon,
        lat=lat,
        owner=(issue.owner or "")[:200],
    )
