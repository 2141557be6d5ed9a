"""A site that is divided, or several that become one: what comes after carries on all that held of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from spatial import catalog, crs
from spatial.models import Revision, Site, SiteCode, SiteEvent
from spatial.refusal import Refusal
from spatial.registers import lifecycle, rows
from spatial.registers.inheritance import inherited, one_row
from spatial.registers.recording import (
    OF_LINEAGE,
    Entry,
    declared_stage,
    event_of,
    find,
    listed_on,
    record,
    require_last,
)
from spatial.registers.replay import VOID, State, replay, standing
from spatial.releases import lock, newest_revision, next_revision

LEAST_LOST_M2 = 1.0
"""What two surveys of one line may differ by; more ground than that is not let go without a word."""


@dataclass(frozen=True)
class Part:
    """A site to come. `shape`: MultiPolygon in EPSG:4490, valid."""

    code: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Paper:
    """On what it rests."""

    on: date
    actor: str
    document_number: str
    document_date: date
    note: str = ""


def succeed(before: Mapping[str, int], parts: Sequence[Part], paper: Paper, by: Any) -> list[SiteEvent]:
    """One site becomes several, or several become one. `before`: code → number of the last event that was seen.

    The new sites stand on every list on which one of the old stood, in the strictest of their stages, and bear all
    that was in force of any (see `inheritance`). Together they cover all the ground that the old had, and no other:
    ground that no site has any more would read as clear. Raises Refusal.
    """
    if min(len(before), len(parts)) != 1 or max(len(before), len(parts)) < 2:
        raise Refusal("not_a_succession", "应由一个地块分成几个，或由几个合成一个。", "请核对地块数。")
    codes = [part.code for part in parts]
    taken = [code for code in codes if not _is_free(code)]
    if len(set(codes)) < len(codes) or taken:
        raise Refusal(
            "code_taken",
            f"编码 {'、'.join(taken or codes)} 中有重复或已使用的。",
            "新地块要用新的编码。",
            conflict=True,
        )
    kind = "divide" if len(before) == 1 else "merge"
    with transaction.atomic():
        lock("publish")
        old = [find(code) for code in before]
        for site, after in zip(old, before.values(), strict=True):
            require_last(site, after)
        county = _county(old)
        _require_ground(shapely.union_all([ground(site, paper.on) for site in old]), parts)
        cycle = lifecycle.current()
        states = {site.code: _state(site, paper.on) for site in old}
        given = {
            "from": list(before),
            "lists": _lists(old, paper.on),
            **inherited(cycle, states, paper.on, paper.document_number),
        }
        with next_revision(Revision.Kind.EVENT, None, by, "、".join(before)) as revision:
            made = []
            for part in parts:
                site = _arising(part, county)
                made += record(site, [_entry("arise", part.code, paper, given, part.shape)], by, revision)
            for site in old:
                made += record(
                    site, [_entry(kind, "、".join(codes), paper, {"into": codes}, None)], by, revision
                )
            return made


def taken_back(code: str, entries: Sequence[Entry]) -> list[SiteEvent]:
    """All events of the division or merger that the one entry takes back; none where it does something else."""
    if len(entries) != 1 or entries[0].kind != VOID or entries[0].corrects is None:
        return []
    event = find(code).events.filter(number=entries[0].corrects, kind__in=OF_LINEAGE).first()
    if event is None:
        return []
    rows_ = SiteEvent.objects.filter(revision=event.revision_id, kind__in=OF_LINEAGE)
    return list(rows_.select_related("site").order_by("-pk"))


def take_back(code: str, entries: Sequence[Entry], *, after: int, by: Any) -> list[SiteEvent]:
    """Take a wrong division or merger back, on all its sites at once: the old go on, and the new never were.

    Only where nothing stands of what happened to the new ones since. Raises Refusal.
    """
    with transaction.atomic():
        lock("publish")
        require_last(find(code), after)
        (entry,), events = entries, taken_back(code, entries)
        for event in events:
            known = standing([event_of(one) for one in event.site.events.select_related("corrects")])
            later = [one for one in known if event.kind == "arise" and one.number != event.number]
            if later:
                message = (
                    f"后来的地块 {event.site.code} 已有第 {later[0].number} 条变动，分割或合并不能撤销。"
                )
                raise Refusal("succession_followed", message, "请先撤销后来地块的变动。", conflict=True)
        made = []
        with next_revision(Revision.Kind.EVENT, None, by, code) as revision:
            for event in events:
                made += record(event.site, [replace(entry, corrects=event.number)], by, revision)
        return made


def _is_free(code: str) -> bool:
    """Whether a code was never used, or by nothing but a succession that was taken back."""
    known = SiteCode.objects.select_related("site").filter(code=code).first()
    if known is None:
        return True
    events = [event_of(one) for one in known.site.events.select_related("corrects")]
    newest = newest_revision()
    listed = any(rows.live(layer, known.site, newest) for layer in lifecycle.current().lists)
    return any(one.kind == "arise" for one in events) and not standing(events) and not listed


def _arising(part: Part, county: str) -> Site:
    known = SiteCode.objects.select_related("site").filter(code=part.code).first()
    site = known.site if known else Site(code=part.code)
    site.name, site.county = part.name, county
    site.save()
    SiteCode.objects.get_or_create(code=part.code, site=site)
    return site


def _county(old: Sequence[Site]) -> str:
    """The county of all of them: each county keeps and sees the sites on its own ground."""
    counties = sorted({site.county for site in old})
    if len(counties) > 1:
        raise Refusal("counties_differ", f"地块分属 {'、'.join(counties)}，不能合并。",
                      "跨县（市）的地块请按县（市）界分开登记。")  # fmt: skip
    return counties[0]


def _require_ground(had: BaseGeometry, parts: Sequence[Part]) -> None:
    """The parts are the ground that there was: nothing is left, nothing is added, nothing is in two of them."""
    shapes = [part.shape for part in parts]
    whole = shapely.union_all(shapes)
    lost = crs.area_m2(shapely.difference(had, whole))
    if lost > LEAST_LOST_M2:
        raise Refusal("ground_lost", f"原地块有 {lost:.2f} m² 不在新地块内。",
                      "请补全边界；缩小范围请先登记边界变更。")  # fmt: skip
    added = crs.area_m2(shapely.difference(whole, had)) if not had.is_empty else 0.0
    if added > LEAST_LOST_M2:
        raise Refusal("ground_added", f"新地块有 {added:.2f} m² 不在原地块内。",
                      "请改正边界；扩大范围请先登记边界变更。")  # fmt: skip
    twice = sum(crs.area_m2(shape) for shape in shapes) - crs.area_m2(whole)
    if twice > LEAST_LOST_M2:
        raise Refusal("parts_overlap", f"新地块之间重叠 {twice:.2f} m²。", "请改正边界。")


def ground(site: Site, on: date) -> BaseGeometry:
    """The ground that a site has on a day: by the lists that say something of it then, else where it last was."""
    newest = newest_revision()
    rows_ = [row for layer in lifecycle.current().lists for row in rows.live(layer, site, newest).values()]
    bounded = [row for row in rows_ if row.shape and row.has_boundary]
    now = [row.shape for row in bounded if row.holds_on(on)]
    if now:
        return shapely.union_all(shapely.from_wkb(now))
    known = standing([event_of(one) for one in site.events.select_related("corrects")], on)
    past = [(row.valid_to, row.shape) for row in bounded if row.valid_to and row.valid_to <= on]
    past += [(one.on, one.shape) for one in known if one.kind in ("rebound", "arise") and one.shape]
    return shapely.from_wkb(max(past)[1]) if past else shapely.MultiPolygon()


def _lists(old: Sequence[Site], on: date) -> dict[str, dict[str, Any]]:
    """What each list says that one of the sites is on."""
    cycle, known = lifecycle.current(), catalog.current()
    told = {}
    for layer, spec in cycle.lists.items():
        found = [row for site in old if (row := listed_on(site, layer, on, newest_revision())) is not None]
        if found:
            own = {"code", "name", "entry_date", "exit_date", "document", known.layer(layer).key or "code"}
            told[layer] = one_row(cycle, spec, known.layer(layer), found, frozenset(own))
    return told


def _state(site: Site, on: date) -> State:
    events = [event_of(one) for one in site.events.select_related("corrects")]
    return replay(lifecycle.current(), standing(events, on), declared_stage(site, events, on))


def _entry(kind: str, what: str, paper: Paper, detail: dict[str, Any], shape: BaseGeometry | None) -> Entry:
    of = (paper.on, paper.actor, paper.document_number, paper.document_date, paper.note)
    return Entry(kind, what[:120], *of, detail, shape)
