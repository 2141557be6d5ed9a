"""What people and programs read of a site: on any day, as known in any revision."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from spatial import catalog
from spatial.models import Notice, Site, SiteEvent
from spatial.registers import lifecycle, rows
from spatial.registers.notices import standing_event
from spatial.registers.recording import declared_stage, event_of
from spatial.registers.replay import KINDS, State, Version, bars_of, is_listed, replay, standing
from spatial.releases import newest_revision


def state_on(site: Site, on: date, revision: int) -> State:
    """What holds of a site on a day, as known in a revision."""
    known = [event_of(one) for one in site.events.select_related("corrects").filter(revision__lte=revision)]
    return replay(lifecycle.current(), standing(known, on), declared_stage(site, known, on, revision))


def site_told(site: Site, on: date | None = None, revision: int | None = None) -> dict[str, Any]:
    """All of a site, for those who may see all of it."""
    on = on or timezone.localdate()
    revision = newest_revision() if revision is None else revision
    state = state_on(site, on, revision)
    rows_ = site.events.select_related("by", "revision", "notice", "corrects", "corrected_by")
    events = list(rows_.filter(revision__lte=revision))
    return {
        **head_told(site),
        "as_of": on.isoformat(),
        "revision": revision,
        "last_event": events[-1].number if events else 0,
        "stage": _stage_told(state),
        "due": due_told(state, on),
        "lists": lists_told(site, on, revision),
        "bars": _bars_told(state),
        "barred_uses": [
            {"use": use, "since": _day(held.since), "document": held.document, "text": held.text}
            for use, held in state.barred_uses.items()
        ],
        "conditions": dict(state.conditions),
        "ended": _day(state.ended),
        "lineage": {
            "from": _codes(events, "from", ("arise",), revision),
            "into": _codes(events, "into", ("divide", "merge"), revision),
        },
        "events": [event_told(one, revision) for one in events],
    }


def _codes(events: Sequence[SiteEvent], name: str, kinds: Collection[str], revision: int) -> list[str]:
    gone = {one.corrects_id for one in events if one.corrects_id and one.revision_id <= revision}
    left = [one for one in events if one.kind in kinds and one.pk not in gone]
    return sorted({code for one in left for code in one.detail.get(name, [])})


def _stage_told(state: State) -> dict[str, Any]:
    """The stage and the moves that lead on from it. `declared`: only the lists say so, no move is on record."""
    cycle = lifecycle.current()
    stage = cycle.stages[state.stage]
    onward = [] if state.ended else [move for move in cycle.moves.values() if state.stage in move.origins]
    return {
        "id": stage.id,
        "title": stage.title,
        "title_en": stage.title_en,
        "since": _day(state.since),
        "declared": state.since is None,
        "moves": [
            {
                "id": move.id,
                "title": move.title,
                "to": move.to,
                "actors": list(move.actors),
                "needs": list(move.needs),
                "document": move.document,
                "basis": move.basis,
            }
            for move in onward
        ],
    }


def _bars_told(state: State) -> list[dict[str, Any]]:
    return [
        {
            "id": bar.id,
            "title": bar.title,
            "basis": bar.basis,
            "by": by,
            "since": _day(held.since if held else state.since),
            "document": held.document if held else None,
        }
        for bar, by, held in bars_of(lifecycle.current(), state)
    ]


def head_told(site: Site) -> dict[str, Any]:
    known = catalog.current().counties.get(site.county)
    return {
        "code": site.code,
        "codes": sorted(site.codes.values_list("code", flat=True)),
        "name": site.name,
        "county": site.county,
        "county_name": known.name if known else None,
    }


def lists_told(
    site: Site, on: date, revision: int, layers: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Every list on which the site ever stood, as known in a revision: since and until when, and whether on the day."""
    cycle, known = lifecycle.current(), catalog.current()
    told = []
    for layer, spec in cycle.lists.items():
        found = list(rows.live(layer, site, revision).values())
        if not found or (layers is not None and layer not in layers):
            continue
        now = next((row for row in found if row.holds_on(on) and is_listed(spec, row)), None)
        begun = [row for row in found if row.valid_from is None or row.valid_from <= on] or found
        shown = now or begun[-1]
        told.append(
            {
                "layer": layer,
                "title": known.layer(layer).title,
                "listed": now is not None,
                "since": _day(_begin(shown, found, spec)),
                "until": None if now else _until(begun, spec),
                "document": shown.attributes.get("document"),
                "has_boundary": shown.has_boundary,
                "attributes": dict(shown.attributes),
            }
        )
    return told


def _begin(last: Version, found: Sequence[Version], spec: lifecycle.RegisterList) -> date | None:
    """Since when the site is on the list without a break, as its rows follow each other up to `last`."""
    since = last.valid_from
    for row in reversed(found):
        if row.valid_to is not None and row.valid_to == since and is_listed(spec, row):
            since = row.valid_from
    return since


def _until(found: Sequence[Version], spec: lifecycle.RegisterList) -> str | None:
    """The day from which the site is on the list no longer, where it has left."""
    ended = [row.valid_to for row in found if is_listed(spec, row) and row.valid_to]
    left = [row.valid_from for row in found if not is_listed(spec, row) and row.valid_from]
    return _day(max(ended) if ended else min(left, default=None))


def due_told(state: State, on: date) -> dict[str, Any] | None:
    """What is owed of a site, by when, and whether the day is past."""
    due = lifecycle.current().moves[state.owed.move].due if state.owed else None
    if due is None or state.owed is None or state.ended:
        return None
    by = _months_later(state.owed.since, due.months)
    return {"what": due.what, "by": by.isoformat(), "overdue": on > by}


def owing(on: date) -> dict[Site, dict[str, Any]]:
    """The sites of which something is owed on a day (see `due_told`)."""
    newest = newest_revision()
    moves = [move.id for move in lifecycle.current().moves.values() if move.due]
    owed = SiteEvent.objects.filter(
        Q(kind="move", what__in=moves) | Q(kind="arise", detail__carried__owed__isnull=False)
    )
    sites = Site.objects.filter(pk__in=owed.values("site_id"))
    found = {site: due_told(state_on(site, on, newest), on) for site in sites}
    return {site: told for site, told in found.items() if told}


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def event_told(one: SiteEvent, revision: int) -> dict[str, Any]:
    """An event as it was known in a revision: a correction that came later is not seen."""
    cycle = lifecycle.current()
    later: SiteEvent | None = getattr(one, "corrected_by", None)
    titles = {
        "move": {id_: move.title for id_, move in cycle.moves.items()},
        "enter": {id_: catalog.current().layer(id_).title for id_ in cycle.lists},
        "leave": {id_: catalog.current().layer(id_).title for id_ in cycle.lists},
        "impose": {id_: bar.title for id_, bar in cycle.bars.items()},
        "lift": {id_: bar.title for id_, bar in cycle.bars.items()},
    }
    return {
        "number": one.number,
        "kind": one.kind,
        "kind_title": KINDS[one.kind],
        "what": one.what,
        "title": titles.get(one.kind, {}).get(one.what, one.what),
        "on": one.on.isoformat(),
        "recorded_at": one.revision.at.isoformat(),
        "revision": one.revision_id,
        "actor": one.actor,
        "actor_title": cycle.actors.get(one.actor, one.actor),
        "document_number": one.document_number,
        "document_date": one.document_date.isoformat(),
        "note": one.note,
        "detail": one.detail,
        "notice": one.notice.number if one.notice else None,
        "corrects": one.corrects.number if one.corrects else None,
        "corrected_by": later.number if later and later.revision_id <= revision else None,
        "by": one.by.get_username(),
    }


def notice_told(notice: Notice) -> dict[str, Any]:
    """A notice as it counts now: a line whose day was corrected has the right one."""
    events = [
        (event, now)
        for event in notice.events.select_related("site").order_by("pk")
        if (now := standing_event(event)) is not None
    ]
    return {
        "layer": notice.layer,
        "title": notice.title,
        "number": notice.number,
        "date": notice.date.isoformat(),
        "revision": notice.revision_id,
        "withdraws": notice.withdraws.number if notice.withdraws else None,
        "withdrawn_by": notice.withdrawn_by.number if hasattr(notice, "withdrawn_by") else None,
        **{
            name: [
                {"code": event.site.code, "name": event.site.name, "on": now.on.isoformat()}
                for event, now in events
                if event.kind == kind
            ]
            for name, kind in (("enters", "enter"), ("leaves", "leave"))
        },
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
