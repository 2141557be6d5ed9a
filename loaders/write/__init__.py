"""The loader's way into the database: rows beside the live data, and the comparison with them.

One transaction a load. A dry run makes the same statements on a table of its own and takes them back. Only rows that
differ from the live ones are written; of those that stay the load keeps the content hash, so that publishing knows what
is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql
from psycopg.types.multirange import Int4Multirange

from loaders.overlaps import Placed
from loaders.record import ERROR, NOTICE, Issue, refused
from loaders.result import Changes, Rows
from loaders.staging import HeldRow, StagedRow, storable
from loaders.write import earlier as waiting
from loaders.write.batches import FOLDER, TABLES, Batches, Twice, running
from loaders.write.staying import staying
from spatial import audit
from spatial.models import LeftOut, Load, Release
from spatial.outlines import county_outlines as county_outlines
from spatial.rasters import storing as storing
from spatial.releases import lock, newest_revision

WAITING = Int4Multirange([])
"""The revisions of a row that is not live yet."""
LIVE_TABLE, OWN_TABLE = sql.Identifier("spatial_feature"), sql.Identifier("pg_temp", "loading")
HELD = "INSERT INTO held SELECT unnest(%s::text[])"
LAST_ID = "SELECT coalesce(max(id), 0) FROM spatial_feature"
STANDING, COMPARE, SAME_KEY, BY_PLACE = (
    sql.SQL((FOLDER / name).read_text(encoding="utf-8"))
    for name in ("standing.sql", "compare.sql", "same_key.sql", "by_place.sql")
)
STRIP = 10_000
"""Rows that are looked at together when neighbours are compared."""
KEEP = """
INSERT INTO spatial_keptrow (load_id, content)
SELECT %(load)s, content FROM same
UNION SELECT %(load)s, content FROM standing WHERE fate IN ('held', 'kept', 'border')
"""
_NO_ROWS = Issue(
    "no_rows", ERROR, "文件里没有记录。", "如果这个县（市）确实没有，请由负责人确认为空，不要装入空文件。"
)


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
class SameKey:
    """A row that shares its key and first day with an earlier row of the delivery, and says something else."""

    file: int
    row: int
    key: str
    first_row: int


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


@contextmanager
def loading(plan: Plan, *, commit: bool) -> Iterator[Loading]:
    """A load under way, in one transaction; whoever else loads the same layer waits. Nothing stays where it is left by
    an exception or `commit` is false."""
    with transaction.atomic():
        release = _release(plan.release, plan.layer)
        load = _new_load(plan, release)
        if commit:
            if release.pk is None:  # a load of another layer may make it at this moment
                release, _ = Release.objects.get_or_create(name=release.name)
            load.release = release
            load.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute(TABLES, {"layer": plan.layer})
            cursor.execute(LAST_ID)
            (first,) = cursor.fetchone()
        target = LIVE_TABLE if commit else OWN_TABLE
        with running(plan.layer, load.pk or 0, target) as batches:
            yield Loading(plan, release, load, batches, target, first if commit else 0)


class Loading:
    """Rows go in by `put` and `keep`; then they are compared with what is live, looked at together, and settled.

    A dry run has a load without a number.
    """

    def __init__(
        self,
        plan: Plan,
        release: Release,
        load: Load,
        batches: Batches,
        target: sql.Identifier,
        first: int,
    ) -> None:
        self._plan, self._release, self._load, self._batches = plan, release, load, batches
        self._target = target
        self._given: dict[str, Any] = {
            "layer": plan.layer,
            "load": load.pk or 0,
            "first": first,
            "whole": plan.is_whole,
        }
        self._counties: set[str] = set()
        self._missed: Counter[frozenset[str]] = Counter()
        self._held: list[str] = []
        self._keeping: Future[None] | None = None
        self._changes = Changes()

    def put(self, staged: Sequence[StagedRow], file: int) -> Future[list[Twice]]:
        """Begin to write a batch. The result, by `outcome`: rows that stay out because they were there before."""
        self._counties.update(row.county or "" for row in staged)
        return self._batches.put(staged, file)

    def keep(self, held: Sequence[HeldRow], issues: Sequence[Issue]) -> None:
        """Rows that wait, and what is wrong with rows."""
        for row in held:
            if not row.adds_nothing:
                self._missed[row.counties] += 1
                if row.key:
                    self._held.append(row.key)
        if self._load.pk and (held or issues):
            if self._keeping is not None:
                outcome(self._keeping)
            self._keeping = self._batches.keep(held, issues)

    def compare(self) -> None:
        """What the delivery changes. Once all batches are in; what follows stands on it."""
        if self._keeping is not None:
            outcome(self._keeping)
        self._given["counties"] = list(self._plan.scope or sorted(self._counties))
        totals = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
        by_county: dict[str, dict[str, int]] = {}
        with connection.cursor() as cursor:
            if self._batches.is_live:
                cursor.execute(HELD, [self._held])
                cursor.execute(STANDING.format(target=self._target), self._given)
            cursor.execute(COMPARE.format(target=self._target), self._given)
            for kind, county, count in cursor.fetchall():
                totals[kind] += count
                by_county.setdefault(county, dict.fromkeys(totals, 0))[kind] = count
        self._changes = Changes(**totals, by_county=by_county)

    def same_keys(self) -> list[SameKey]:
        """Rows of one key and first day that say different things."""
        with connection.cursor() as cursor:
            cursor.execute(SAME_KEY.format(target=self._target), self._given)
            return [SameKey(*row) for row in cursor.fetchall()]

    def by_place(self) -> Iterator[list[Placed]]:
        """All polygons of the delivery and beside it, from west to east, some at a time."""
        with (
            connection.wrap_database_errors,
            psycopg.ServerCursor(connection.connection, "by_place") as cursor,
        ):
            cursor.execute(BY_PLACE.format(target=self._target), self._given, binary=True)
            while rows := cursor.fetchmany(STRIP):
                yield [Placed(*row) for row in rows]

    def finish(self, rows: Rows, issues: Sequence[Issue], place: Callable[[], None]) -> Stored:
        """Settle the load. `rows`: the counts; `issues`: what was not kept yet; `place` puts files where rows say they
        are, before anybody sees these.

        Nothing is written when nothing may go in or when the very same delivery already waits in the release.
        """
        counties = tuple(self._given["counties"])
        release, load, changes = self._release, self._load, self._changes
        data_date = self._plan.data_date or today()
        if not rows.loaded:
            transaction.set_rollback(True)
            no_rows = () if rows.read else (_NO_ROWS,)
            return Stored(True, release.name, None, Changes(), (), data_date, no_rows)
        earlier = waiting.earlier_loads(release, self._plan.layer, counties, load.pk or 0)
        missed = self._left_out(counties)
        for one in earlier:
            if waiting.is_same(one, self._plan, counties) and waiting.holds(
                one, rows, missed, self._given, self._target
            ):
                if load.pk:
                    place()  # a file may have gone lost since
                transaction.set_rollback(True)
                note = Issue(
                    "already_loaded",
                    NOTICE,
                    f"同样的文件已在批次 {release.name} 里（装入 {one.pk}），没有再写。",
                )
                return Stored(False, release.name, one.pk, changes, counties, one.data_date, (note,))
        notes = (*waiting.would_replace(earlier, release), *staying(self._plan.is_whole))
        if load.pk:
            waiting.replace(earlier, counties)
            self._settle(data_date, rows, missed)
            outcome(self._batches.keep((), (*issues, *notes)))
            place()
            self._record(rows)
        else:
            transaction.set_rollback(True)
        return Stored(False, release.name, load.pk, changes, counties, data_date, notes)

    def _record(self, rows: Rows) -> None:
        """At the very end: whoever adds an entry holds the end of the chain until the transaction ends."""
        load = self._load
        audit.record(
            "load",
            load.by_id,
            self._release.name,
            counties=[county for county in load.counties if county],
            load=load.pk,
            layer=load.layer,
            file=load.file_name,
            sha256=load.file_sha256,
            rows=rows.loaded,
            waiting=rows.quarantined,
        )

    def _left_out(self, counties: Sequence[str]) -> Counter[str]:
        """County → waiting rows that may lie there: where each may be, and in every county that the delivery speaks
        for."""
        missed: Counter[str] = Counter()
        for places, count in self._missed.items():
            missed.update({county: count for county in places.union(counties) if county})
        return missed

    def _settle(self, data_date: date, rows: Rows, missed: Mapping[str, int]) -> None:
        load = self._load
        load.state, load.outcome = Load.State.STAGED, rows.outcome
        load.counties, load.data_date = self._given["counties"], data_date
        load.rows_read, load.rows_loaded, load.rows_repaired = rows.read, rows.loaded, rows.repaired
        load.rows_quarantined, load.rows_refused = rows.quarantined, rows.refused
        load.rows_unchanged = self._changes.unchanged
        load.save()
        with connection.cursor() as cursor:
            cursor.execute(KEEP, self._given)
        LeftOut.objects.bulk_create(
            LeftOut(layer=load.layer, county=county, load=load, rows=count, revisions=WAITING)
            for county, count in sorted(missed.items())
        )


def outcome(future: Future[Any]) -> Any:
    """What something begun came to, its errors as Django's."""
    with connection.wrap_database_errors:
        return future.result()


def _release(name: str | None, layer: str) -> Release:
    """The draft that is named, or the newest draft, or a new one named after the day; not saved yet when new.

    Until the transaction ends nobody switches it, and nobody else loads the layer.
    """
    while True:
        wanted = name or _newest_draft() or _free_name()
        lock(f"release {wanted}", shared=True)
        found = Release.objects.filter(name=wanted).first()
        if found is None or found.state == Release.State.DRAFT:
            break
        if name:
            raise refused(
                "release_closed",
                f"批次 {name} {found.get_state_display()}，不能再装入。",
                "请换一个批次名。",
                value=name,
            )
    lock(f"load {layer}")
    return Release.objects.filter(name=wanted).first() or Release(name=wanted)


def _newest_draft() -> str | None:
    drafts = Release.objects.filter(state=Release.State.DRAFT).order_by("-created_at", "-id")
    return drafts.values_list("name", flat=True).first()


def _free_name() -> str:
    day = today().isoformat()
    taken = set(Release.objects.filter(name__startswith=day).values_list("name", flat=True))
    return next(
        name for name in (day, *(f"{day}-{n}" for n in range(2, len(taken) + 3))) if name not in taken
    )


def _new_load(plan: Plan, release: Release) -> Load:
    return Load(
        release=release,
        layer=plan.layer,
        counties=list(plan.scope or ()),
        whole=plan.is_whole,
        state=Load.State.RUNNING,
        file_name=storable(plan.file_name)[:500],
        file_sha256=plan.file_sha256,
        crs=plan.crs[:40],
        encoding=plan.encoding[:40],
        mapping_hash=plan.mapping_hash,
        code_version=plan.code_version[:40],
        data_date=plan.data_date or today(),
        base_revision=newest_revision(),
        by=plan.by,
    )
