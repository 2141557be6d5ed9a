"""Events are recorded: judged against all that came before, kept, and carried into the rows that checks look at.

All of a request happens in one transaction and under one new revision, or nothing of it. Whoever records an event says
which was the last that he knew of: of two stewards at once the second is told, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from spatial import catalog, crs
from spatial.models import Notice, Revision, Site, SiteCode, SiteEvent
from spatial.outlines import require_county
from spatial.refusal import Refusal
from spatial.registers import lifecycle, rows
from spatial.registers.attributes import checked
from spatial.registers.bases import base
from spatial.registers.replay import (
    KINDS,
    VOID,
    Event,
    Version,
    is_listed,
    replay,
    standing,
    versions,
)
from spatial.releases import lock, newest_revision, next_revision

BY_NOTICE = ("enter", "leave")
OF_LINEAGE = ("divide", "merge", "arise")
WITHOUT_ACTOR = ("rebound", "renumber", *OF_LINEAGE)
CODED = ("renumber", "bar_use", "allow_use")
LONGEST_CODE = 80
ALL_ACTORS = frozenset({"county_ecology", "prefecture_ecology", "region_ecology"})


@dataclass(frozen=True)
class Entry:
    """What somebody wants recorded. `shape`: EPSG:4490 as it is stored. `corrects`: a number of the same site."""

    kind: str
    what: str
    on: date
    actor: str
    document_number: str
    document_date: date
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    shape: BaseGeometry | None = None
    corrects: int | None = None


def find(code: str) -> Site:
    """The site that is or was known under a code. Raises Refusal."""
    known = SiteCode.objects.select_related("site").filter(code=code).first()
    if known is None:
        raise Refusal("site_unknown", f"没有地块 {code}。", "请核对地块编码，清单见 /sites。")
    return known.site


def add(code: str, entries: Sequence[Entry], *, after: int, by: Any) -> list[SiteEvent]:
    """Record events of a site, all or none. `after`: the number of the last one that was seen. Raises Refusal."""
    for entry in entries:
        if entry.kind in OF_LINEAGE or (
            entry.kind in BY_NOTICE and entry.what in lifecycle.current().lists
            and lifecycle.current().lists[entry.what].noticed and entry.corrects is None
        ):  # fmt: skip
            raise Refusal(
                "needs_own_request",
                f"“{KINDS[entry.kind]}”不能作为单条变动登记。",
                "公开名录请登记公告（/registers/{名录}/notices），分割合并请用 /successions。",
            )
    with transaction.atomic():
        lock("publish")
        site = find(code)
        require_last(site, after)
        with next_revision(Revision.Kind.EVENT, None, by, site.code) as revision:
            return record(site, entries, by, revision)


def require_last(site: Site, after: int) -> None:
    """Refuse whoever has not seen the last event of a site."""
    last = site.events.select_related("by", "revision").order_by("-number").first()
    if (last.number if last else 0) != after:
        who = (
            f"{last.by.get_username()} 于 {timezone.localtime(last.revision.at):%Y-%m-%d %H:%M}"
            if last
            else "别人"
        )
        raise Refusal(
            "stale",
            f"{who} 已登记第 {last.number if last else 0} 条变动，你看到的是第 {after} 条。",
            "请刷新后核对，再决定是否登记。",
            conflict=True,
        )


def record(
    site: Site, entries: Sequence[Entry], by: Any, revision: Revision, notice: Notice | None = None
) -> list[SiteEvent]:
    """Add events under a revision that is being made; the caller holds the lock of the switch. Raises Refusal."""
    before = [event_of(one) for one in site.events.select_related("corrects")]
    made = []
    for said in entries:
        entry = _completed(said, before)
        _require_sound(site, entry, before)
        number = len(before) + 1
        event = SiteEvent(
            site=site,
            number=number,
            kind=entry.kind,
            what=entry.what,
            on=entry.on,
            revision=revision,
            actor=entry.actor,
            document_number=entry.document_number,
            document_date=entry.document_date,
            note=entry.note,
            detail=dict(entry.detail),
            geom=GEOSGeometry(memoryview(entry.shape.wkb), srid=crs.STORAGE)
            if entry.shape is not None
            else None,
            origin=_origin(site, before),
            corrects=site.events.get(number=entry.corrects) if entry.corrects else None,
            notice=notice,
            by=by,
        )
        if entry.kind == "renumber":
            _renumber(site, entry.what)
        event.save(force_insert=True)
        before.append(event_of(event))
        made.append(event)
    _carry_out(site, before, made[-1], revision)
    return made


def _completed(entry: Entry, before: Sequence[Event]) -> Entry:
    """A correction with what it leaves unsaid of an entry: a day that is put right does not lose the boundary."""
    found = next((event for event in before if event.number == entry.corrects), None)
    if found is None or entry.kind != found.kind or entry.kind not in BY_NOTICE:
        return entry
    unsaid = {"attributes"} if entry.shape is not None else {"attributes", "has_boundary"}
    detail = {name: value for name, value in found.detail.items() if name in unsaid} | dict(entry.detail)
    shape = shapely.from_wkb(found.shape) if entry.shape is None and found.shape is not None else entry.shape
    return replace(entry, shape=shape, detail=detail)


def _origin(site: Site, before: Sequence[Event]) -> str:
    """The stage in which the site was found when its first move came, whatever became of that move."""
    found = next((event.origin for event in before if event.kind == "move"), None)
    return found if found is not None else declared_stage(site, before, timezone.localdate())


def declared_stage(site: Site, events: Sequence[Event], on: date, revision: int | None = None) -> str:
    """The farthest stage that deliveries say of a site. What events make of the lists says nothing about stages."""
    cycle, order = lifecycle.current(), list(lifecycle.current().stages)
    found = [lifecycle.UNTRACKED]
    for layer, spec in cycle.lists.items():
        if spec.by:
            delivered, _ = base(layer, site, events, newest_revision() if revision is None else revision)
            said = [str(row.attributes.get(spec.by)) for row in delivered if row.holds_on(on)]
            found += [spec.stages[value] for value in said if value in spec.stages]
    return max(found, key=order.index)


def event_of(row: SiteEvent) -> Event:
    """A stored event as the fold takes it."""
    return Event(
        number=row.number,
        kind=row.kind,
        what=row.what,
        on=row.on,
        document=row.document_number,
        detail=row.detail,
        shape=bytes(row.geom.wkb) if row.geom is not None else None,
        corrects=row.corrects.number if row.corrects else None,
        origin=row.origin,
        revision=row.revision_id,
    )


def _carry_out(site: Site, events: Sequence[Event], newest: SiteEvent, revision: Revision) -> None:
    """Judge the whole history and make the rows of every list what it says. Raises Refusal."""
    cycle, known = lifecycle.current(), catalog.current()
    replay(cycle, standing(events), lifecycle.UNTRACKED)
    for layer in cycle.lists:
        before, later = base(layer, site, events, revision.number)
        fields = known.layer(layer).fields
        wanted = versions(cycle, layer, fields, before, later, rows.blank(layer, site))
        rows.replace_rows(layer, site, wanted, newest, revision)


def listed_on(site: Site, layer: str, on: date, revision: int) -> Version | None:
    """What a list says of a site that is on it on a day, as known in a revision."""
    spec = lifecycle.current().lists[layer]
    found = [
        row for row in rows.live(layer, site, revision).values() if row.holds_on(on) and is_listed(spec, row)
    ]
    return found[-1] if found else None


def _renumber(site: Site, code: str) -> None:
    if SiteCode.objects.filter(code=code).exclude(site=site).exists():
        raise Refusal(
            "code_taken", f"编码 {code} 已用于别的地块。", "请核对编码；地块合并请登记合并。", conflict=True
        )
    SiteCode.objects.get_or_create(code=code, defaults={"site": site})
    site.code = code
    site.save(update_fields=["code"])


def _require_sound(site: Site, entry: Entry, before: Sequence[Event]) -> None:
    """Refuse what is wrong in itself: words that are not known, days to come, whose act it is not, what is missing."""
    cycle, today = lifecycle.current(), timezone.localdate()
    known: Mapping[str, Mapping[str, Any]] = {
        "move": cycle.moves, "enter": cycle.lists, "leave": cycle.lists, "impose": cycle.bars, "lift": cycle.bars,
    }  # fmt: skip
    if entry.kind not in KINDS:
        raise Refusal("kind_unknown", f"没有变动“{entry.kind}”。", f"可用：{'、'.join(KINDS)}。")
    if entry.kind in known and entry.what not in known[entry.kind]:
        raise Refusal("what_unknown", f"没有“{entry.what}”。", f"可用：{'、'.join(known[entry.kind])}。")
    if max(entry.on, entry.document_date) > today:
        raise Refusal("day_to_come", f"日期 {max(entry.on, entry.document_date)} 还没有到。", "请核对日期。")
    if entry.kind == VOID and entry.corrects is None:
        raise Refusal("corrects_missing", "更正要指明是第几条变动。", "请在 corrects 中填写它的序号。")
    found = _require_correctable(site, entry, before) if entry.corrects is not None else None
    of: Entry | Event = found if found and entry.kind == VOID else entry
    allowed = _actors(of)
    if entry.actor not in allowed:
        words = "、".join(f"{one}（{cycle.actors[one]}）" for one in sorted(allowed))
        actor = cycle.actors.get(entry.actor, entry.actor)
        raise Refusal(
            "actor_not_entitled", f"“{_named(of)}”不能由“{actor}”作出或撤销。", f"可以的：{words}。"
        )
    needs = cycle.moves[entry.what].needs if entry.kind == "move" else ()
    missing = [
        name for name in needs if not (isinstance(said := entry.detail.get(name), str) and said.strip())
    ]
    if missing:
        raise Refusal(
            "detail_missing", f"“{_named(entry)}”还要写明 {'、'.join(missing)}。", "请在 detail 中填写。"
        )
    if entry.kind in CODED and not 1 <= len(entry.what.strip()) <= LONGEST_CODE:
        raise Refusal(
            "code_missing", f"“{KINDS[entry.kind]}”要写明编码（1～{LONGEST_CODE} 字）。", "请在 what 中填写。"
        )
    if entry.shape is not None:
        require_county(entry.shape, site.county)
    if entry.kind == "rebound" and (entry.shape is None or entry.shape.geom_type != "MultiPolygon"):
        raise Refusal("shape_missing", "边界变更要有新的边界（面）。", "请在 shape 中提交。")
    if entry.kind in BY_NOTICE:
        checked(catalog.current().layer(entry.what), entry.detail.get("attributes", {}))


def _require_correctable(site: Site, entry: Entry, before: Sequence[Event]) -> Event:
    """The event that is corrected. What a notice said is taken back by a notice alone: the list is what they say."""
    found = next((event for event in before if event.number == entry.corrects), None)
    fixed = (VOID, "renumber") if entry.kind == VOID else (VOID, "renumber", *OF_LINEAGE)
    if found is None or found.kind in fixed:
        raise Refusal("not_correctable", f"第 {entry.corrects} 条变动没有，或不能更正。", "请核对序号。")
    later = next((event for event in before if event.corrects == entry.corrects), None)
    if later is not None:
        raise Refusal("corrected_already", f"第 {entry.corrects} 条已由第 {later.number} 条更正。",
                      f"要再改，请更正第 {later.number} 条。", conflict=True)  # fmt: skip
    is_other_list = entry.kind in BY_NOTICE and entry.what != found.what
    if entry.kind not in (VOID, found.kind) or is_other_list:
        message = f"第 {entry.corrects} 条是“{KINDS[found.kind]}”，不能由“{KINDS[entry.kind]}”更正。"
        raise Refusal("corrects_other_kind", message, "请先撤销（void），再登记新的变动。")
    if entry.kind == VOID and found.kind in BY_NOTICE and _is_noticed(site, found, before):
        raise Refusal("withdraw_by_notice", f"第 {found.number} 条是公告的内容，不能直接撤销。",
                      f"请发撤回它的公告（/registers/{found.what}/notices，withdraws）；日期有误可更正。")  # fmt: skip
    return found


def _is_noticed(site: Site, event: Event, before: Sequence[Event]) -> bool:
    """Whether an entry or exit is one that only notices make, or one that a notice did make."""
    numbers, by_number = [], {one.number: one for one in before}
    first: Event | None = event
    while first is not None:
        numbers.append(first.number)
        first = by_number[first.corrects] if first.corrects is not None else None
    made = site.events.filter(number__in=numbers, notice__isnull=False).exists()
    return lifecycle.current().lists[event.what].noticed or made


def _actors(entry: Entry | Event) -> frozenset[str]:
    cycle = lifecycle.current()
    if entry.kind == "move":
        return frozenset(cycle.moves[entry.what].actors)
    if entry.kind in BY_NOTICE:
        return frozenset(cycle.lists[entry.what].actors)
    return frozenset(cycle.actors) if entry.kind in WITHOUT_ACTOR else ALL_ACTORS


def _named(entry: Entry | Event) -> str:
    cycle = lifecycle.current()
    return cycle.moves[entry.what].title if entry.kind == "move" else KINDS[entry.kind]
