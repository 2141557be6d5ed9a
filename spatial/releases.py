"""The switch: a release goes live as one, and back as one; and a named person's word that there is nothing.

What is live is a matter of revisions only: a row is current in the revisions of its `revisions`, so going live opens
a range, being replaced closes it, and taking back does the opposite under a new number. Nothing is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial import audit, catalog, newest
from spatial.models import Coverage, Load, Release, Revision
from spatial.precedence import what_it_undoes

TABLES = ("spatial_feature", "spatial_coverage")
LEFT_OUT = "spatial_leftout"
OF_LAYER = """
layer = %(layer)s AND revisions <> '{}' AND (county = ANY(%(counties)s) OR (county IS NULL AND '' = ANY(%(counties)s)))
"""
"""What was ever live; so the index on (layer, county) is used."""
CHANGED_SINCE = """
SELECT EXISTS (SELECT FROM {table} WHERE {of_layer} AND (revisions @> %(revision)s) <> upper_inf(revisions))
"""
OPEN_LOAD = """
UPDATE {table} SET revisions = revisions + int4multirange(int4range(%(revision)s, NULL))
WHERE load_id = %(load)s AND NOT upper_inf(revisions)
"""
CLOSE_GONE = """
UPDATE spatial_feature SET revisions = revisions * int4multirange(int4range(NULL, %(revision)s))
WHERE {of_layer} AND upper_inf(revisions)
  AND NOT EXISTS (SELECT FROM spatial_keptrow kept
                  WHERE kept.load_id = %(load)s AND kept.content = spatial_feature.content)
"""
CLOSE = """
UPDATE {table} SET revisions = revisions * int4multirange(int4range(NULL, %(revision)s))
WHERE {of_layer} AND upper_inf(revisions)
"""
REOPEN = """
UPDATE {table} SET revisions = revisions + int4multirange(int4range(%(revision)s, NULL))
WHERE {of_layer} AND revisions @> %(before)s AND NOT revisions @> %(published)s AND NOT upper_inf(revisions)
"""
TAKE_BACK = """
UPDATE {table} SET revisions = revisions * int4multirange(int4range(NULL, %(revision)s))
WHERE {of_layer} AND revisions @> %(published)s AND NOT revisions @> %(before)s AND upper_inf(revisions)
"""
REOPEN_LEFT_OUT = f"""
{REOPEN.format(table=LEFT_OUT, of_layer=OF_LAYER)}
  AND EXISTS (SELECT FROM spatial_load WHERE spatial_load.id = load_id AND state = 'live')
"""
CLOSE_LEFT_OUT = """
UPDATE spatial_leftout SET revisions = revisions * int4multirange(int4range(NULL, %(revision)s))
WHERE load_id = %(load)s AND upper_inf(revisions)
"""
COUNT_LIVE = f"SELECT count(*) FROM spatial_feature WHERE {OF_LAYER} AND upper_inf(revisions)"  # noqa: S608
MAKE_SITES = """
WITH named AS (
  SELECT DISTINCT ON (1) left(code, 80) AS code, left(coalesce(name, ''), 200) AS name, coalesce(county, '') AS county
  FROM spatial_feature
  WHERE load_id = %(load)s AND code IS NOT NULL AND site_id IS NULL
    AND NOT EXISTS (SELECT FROM spatial_sitecode known WHERE known.code = left(spatial_feature.code, 80))
  ORDER BY 1, row
), made AS (
  INSERT INTO spatial_site (code, name, county) SELECT * FROM named RETURNING id, code
)
INSERT INTO spatial_sitecode (code, site_id) SELECT code, id FROM made
"""
SET_SITES = """
UPDATE spatial_feature SET site_id = known.site_id FROM spatial_sitecode known
WHERE load_id = %(load)s AND spatial_feature.site_id IS NULL AND known.code = left(spatial_feature.code, 80)
"""


class CannotSwitch(Exception):
    """A release cannot go live or back; the message says why and `hint` what to do, both in Chinese."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def newest_revision() -> int:
    """The number of what is live now; 0 before anything was published."""
    return Revision.objects.order_by("-number").values_list("number", flat=True).first() or 0


def lock(name: str, *, shared: bool = False) -> None:
    """Hold a name until the transaction ends; whoever else wants it waits, but for others who share it.

    Names are taken in this order, so that nobody waits in a circle: `publish`, held by whoever switches; `release …`,
    shared by all who load into it; `load …`, a layer; the row of a case, manifest or inspection that somebody moves;
    `answers`, shared by whoever stores one, held as a switch ends; the end of the audit chain (`spatial_audit`). After
    that only the steps of what is held already.
    """
    taken = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {taken}(hashtextextended(%s, 0))", [f"jingtu {name}"])


def changed_since(layer: str, counties: Sequence[str], revision: int, *, but_left_out: bool = False) -> bool:
    """Whether what is live of a layer in these counties ("" = no county) is not what it was at a revision.

    What came and was taken back in between has changed nothing. Rows that have come to wait count as a change, unless
    `but_left_out`.
    """
    given: dict[str, Any] = {"layer": layer, "counties": list(counties), "revision": revision}
    with connection.cursor() as cursor:
        for table in TABLES if but_left_out else (*TABLES, LEFT_OUT):
            cursor.execute(CHANGED_SINCE.format(table=table, of_layer=OF_LAYER), given)
            if cursor.fetchone()[0]:
                return True
    return False


def publish(release_name: str, by: Any = None) -> Revision:
    """Switch a release on: its rows become current, those its deliveries no longer hold end. Raises CannotSwitch.

    A withdrawn release can be switched on again. `by`: a user or None.
    """
    with transaction.atomic():
        release = _known(release_name)
        waiting = {Release.State.DRAFT: Load.State.STAGED, Release.State.WITHDRAWN: Load.State.WITHDRAWN}
        if release.state not in waiting:
            raise CannotSwitch(
                "already_published", f"批次 {release_name} 已经发布。", "要更新资料，请装入新的批次。"
            )
        loads = _loads(release, waiting[Release.State(release.state)])
        if not loads:
            raise CannotSwitch(
                "release_empty",
                f"批次 {release_name} 里没有待发布的资料。",
                "请先用 jingtu load … --commit 装入。",
            )
        for load in loads:
            if changed_since(load.layer, load.counties, load.base_revision):
                raise CannotSwitch(
                    "stale",
                    f"“{_title(load.layer)}”在装入以后已被别的批次更新。",
                    f"请重新装入 {load.file_name} 再发布，以免盖掉别人的更新。",
                )
            if undone := what_it_undoes(load):
                code, what, newer = undone
                raise CannotSwitch(
                    code,
                    f"{load.file_name} 的数据日期 {load.data_date} 早于“{_title(load.layer)}”{what}的日期（{newer}）。",
                    "请核对数据日期（--data-date）或改用更新的文件；确要退回旧资料时，先撤回较新的批次。",
                )
        with next_revision(Revision.Kind.PUBLISH, release, by) as revision:
            for load in (load for load in loads if load.whole):
                _close(LEFT_OUT, load.layer, load.counties, revision)
            for load in loads:
                _switch_on(load, revision)
        release.state = Release.State.PUBLISHED
        release.published_at = timezone.now()
        release.save(update_fields=["state", "published_at"])
    return revision


def _close(table: str, layer: str, counties: Sequence[str], revision: Revision) -> None:
    """End what a table says of a layer in some counties."""
    given: dict[str, Any] = {"layer": layer, "counties": list(counties), "revision": revision.number}
    with connection.cursor() as cursor:
        cursor.execute(CLOSE.format(table=table, of_layer=OF_LAYER), given)


def _switch_on(load: Load, revision: Revision) -> None:
    given: dict[str, Any] = {
        "layer": load.layer,
        "counties": load.counties,
        "load": load.pk,
        "revision": revision.number,
    }
    with connection.cursor() as cursor:
        if catalog.current().layer(load.layer).register:
            cursor.execute(MAKE_SITES, given)
            cursor.execute(SET_SITES, given)
        dates = _known_since(load, given)
        cursor.execute(CLOSE.format(table="spatial_coverage", of_layer=OF_LAYER), given)
        cursor.execute(CLOSE_GONE.format(of_layer=OF_LAYER), given)
        for table in ("spatial_feature", LEFT_OUT):
            cursor.execute(OPEN_LOAD.format(table=table), given)
    newest.touch(load.layer, revision.number)
    Coverage.objects.bulk_create(
        Coverage(
            layer=load.layer,
            county=county,
            state=Coverage.State.LOADED,
            data_date=day,
            release_id=load.release_id,
            load=load,
            revisions=since(revision),
        )
        for county, day in dates.items()
    )
    load.state = Load.State.LIVE
    load.save(update_fields=["state"])


def _known_since(load: Load, given: dict[str, Any]) -> dict[str, date]:
    """County → the day of which it is known through this delivery.

    A delivery that does not say for which counties it is whole speaks of its rows alone: a county that was known
    before stays known, as of the older day; one of which nothing was ever delivered stays unknown.
    """
    if load.whole:
        return {county: load.data_date for county in load.counties if county}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT county, min(data_date) FROM spatial_coverage"
            " WHERE layer = %(layer)s AND county = ANY(%(counties)s) AND upper_inf(revisions) GROUP BY county",
            given,
        )
        return {county: min(day, load.data_date) for county, day in cursor.fetchall()}


def unpublish(release_name: str, by: Any = None) -> Revision:
    """Switch a release off: what was live before it is live again, exactly. Raises CannotSwitch.

    Only while nothing later has touched the same layers and counties.
    """
    with transaction.atomic():
        release = _known(release_name)
        if release.state != Release.State.PUBLISHED:
            raise CannotSwitch(
                "not_published",
                f"批次 {release_name} 没有发布，不能撤回。",
                "用 jingtu layers 查看现有批次。",
            )
        loads = _loads(release, Load.State.LIVE)
        published = release.revisions.filter(kind=Revision.Kind.PUBLISH).order_by("-number")[0]
        for load in loads:
            if changed_since(load.layer, load.counties, published.number, but_left_out=True):
                raise CannotSwitch(
                    "touched_later",
                    f"“{_title(load.layer)}”在批次 {release_name} 以后又有更新{_later(load, published)}。",
                    "请先撤回后来的批次，再撤回这一批。",
                )
        with next_revision(Revision.Kind.UNPUBLISH, release, by) as revision:
            for load in loads:
                _switch_off(load, published.number, revision)
        release.state = Release.State.WITHDRAWN
        release.save(update_fields=["state"])
    return revision


def _switch_off(load: Load, published: int, revision: Revision) -> None:
    given: dict[str, Any] = {
        "layer": load.layer,
        "counties": load.counties,
        "load": load.pk,
        "published": published,
        "before": published - 1,
        "revision": revision.number,
    }
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(TAKE_BACK.format(table=table, of_layer=OF_LAYER), given)
            cursor.execute(REOPEN.format(table=table, of_layer=OF_LAYER), given)
        cursor.execute(CLOSE_LEFT_OUT, given)
        cursor.execute(REOPEN_LEFT_OUT, given)
    newest.touch(load.layer, revision.number)
    load.state = Load.State.WITHDRAWN
    load.base_revision = revision.number
    load.save(update_fields=["state", "base_revision"])


def confirm_empty(layer_id: str, county: str, person: str, data_date: date, by: Any = None) -> Revision:
    """A named person's statement that a county has nothing in a layer. Raises CannotSwitch, LayerNotFound."""
    layer = catalog.current().layer(layer_id)
    if layer.kind != "stored" or county not in catalog.current().region.counties:
        raise CannotSwitch(
            "not_stored", f"“{layer.title}”或县（市）{county} 不能确认为空。", "请核对图层和县（市）代码。"
        )
    if not person.strip():
        raise CannotSwitch("person_missing", "没有写确认人。", "“确认为空”要由一位具名的负责人作出。")
    if data_date > timezone.localdate():
        raise CannotSwitch("data_date_future", f"数据日期 {data_date} 还没有到。", "请核对日期。")
    with transaction.atomic():
        lock("publish")
        lock(f"load {layer_id}")
        given: dict[str, Any] = {"layer": layer_id, "counties": [county]}
        with connection.cursor() as cursor:
            cursor.execute(COUNT_LIVE, given)
            (live,) = cursor.fetchone()
            if live:
                raise CannotSwitch(
                    "not_empty",
                    f"“{layer.title}”在{_place(county)}还有 {live} 条资料。",
                    "请先装入更新后的资料。",
                )
        with next_revision(
            Revision.Kind.CONFIRM, None, by, f"{layer_id} {county} {person.strip()}"
        ) as revision:
            for table in ("spatial_coverage", LEFT_OUT):
                _close(table, layer_id, [county], revision)
            Coverage.objects.create(
                layer=layer_id,
                county=county,
                state=Coverage.State.CONFIRMED_EMPTY,
                data_date=data_date,
                confirmed_by=person.strip(),
                revisions=since(revision),
            )
    return revision


def locked(name: str) -> Release | None:
    """The release, None where there is none of that name, with the right to switch it until the transaction ends.

    One switch at a time, so that revisions have an order; nothing is loaded into the release meanwhile.
    """
    lock("publish")
    lock(f"release {name}")
    return Release.objects.filter(name=name).first()


def _known(name: str) -> Release:
    release = locked(name)
    if release is None:
        names = "、".join(Release.objects.values_list("name", flat=True)[:5]) or "（还没有）"
        raise CannotSwitch("release_unknown", f"没有批次 {name}。", f"现有批次：{names}。")
    return release


def _loads(release: Release, state: str) -> list[Load]:
    """The release's deliveries in a state, as they are once nobody else loads their layers."""
    found = release.loads.filter(state=state).order_by("id")
    for layer in sorted(set(found.values_list("layer", flat=True))):
        lock(f"load {layer}")
    return list(found.all())


@contextmanager
def next_revision(kind: str, release: Release | None, by: Any, of: str = "") -> Iterator[Revision]:
    """The revision that is made, dated when all of it is written: who asked meanwhile was answered without it.

    What was answered without it is stored before it is seen, so that asking again after the switch misses no answer.
    """
    revision = Revision.objects.create(number=newest_revision() + 1, kind=kind, release=release, by=by)
    yield revision
    transaction.on_commit(lambda: newest.tell(revision.number))
    lock("answers")
    revision.at = timezone.now()
    revision.save(update_fields=["at"])
    named = release.name if release else of
    audit.record(kind, by.pk if by else None, named, revision=revision.number)


def since(revision: Revision) -> Int4Multirange:
    return Int4Multirange([Int4Range(revision.number, None)])


def _later(load: Load, published: Revision) -> str:
    """The names of what came after, in brackets."""
    loads = Load.objects.filter(
        layer=load.layer,
        counties__overlap=load.counties,
        state=Load.State.LIVE,
        release__revisions__number__gt=published.number,
    )
    names = sorted(set(loads.exclude(release_id=load.release_id).values_list("release__name", flat=True)))
    return f"（批次 {'、'.join(names)}）" if names else ""


def _title(layer_id: str) -> str:
    return catalog.current().layer(layer_id).title


def _place(county: str) -> str:
    return catalog.current().counties[county].name
