"""What the rows of a list are before events are carried out on them: as a delivery left them, corrections minded.

A delivery takes the place of what events had made of the rows until then. When one of those events is corrected later,
the rows are made again as they would have been, and of the delivery counts what it said otherwise than the rows that it
found: what it only repeated was no word of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from spatial import catalog
from spatial.models import Site
from spatial.registers import lifecycle, rows
from spatial.registers.lifecycle import RegisterList
from spatial.registers.replay import Event, Version, is_listed, standing, versions


def base(layer: str, site: Site, events: Sequence[Event], revision: int) -> tuple[list[Version], list[Event]]:
    """The rows, and the events that are still to be carried out on them in order. `events`: all that are known.

    Raises Refusal where the events, as they are now corrected, do not follow each other.
    """
    anchor, delivered = rows.delivered(layer, site, revision)
    counting, first = standing(events), _first_recorded(events)
    if not any(first[one.number] <= anchor < one.revision for one in events):
        return delivered, [one for one in counting if one.revision > anchor]
    cycle, fields = lifecycle.current(), catalog.current().layer(layer).fields
    known: list[Version] = []
    for begin, end in pairwise([0, *rows.deliveries(layer, site, revision)]):
        mine = [one for one in counting if begin < first[one.number] < end]
        now = versions(cycle, layer, fields, known, mine, rows.blank(layer, site))
        before = list(rows.live(layer, site, end - 1).values())
        delivered = list(rows.live(layer, site, end).values())
        same = len(now) == len(before) and all(row in before for row in now)
        known = delivered if same else _corrected(cycle.lists[layer], before, now, delivered)
    return known, [one for one in counting if first[one.number] > anchor]


def _first_recorded(events: Sequence[Event]) -> dict[int, int]:
    """Number → the revision of the event whose place it takes, through all corrections; else its own."""
    found: dict[int, int] = {}
    for event in sorted(events, key=lambda one: one.number):
        found[event.number] = found[event.corrects] if event.corrects is not None else event.revision
    return found


def _corrected(
    spec: RegisterList, before: Sequence[Version], now: Sequence[Version], delivered: Sequence[Version]
) -> list[Version]:
    """What a delivery leaves of a list, had it found `now` where it found `before`.

    Where it had said something else of being on the list, or has several rows of the site, it stands as it is.
    """
    held = [row for row in before if row.valid_to is None]
    if not delivered and not held:
        return list(now)
    if len(delivered) != 1 or not held:
        return list(delivered)
    said, was = delivered[0], held[-1]
    if is_listed(spec, said) != is_listed(spec, was) or said.valid_to is not None:
        return list(delivered)
    found = [_with_its_own(row, said, was) for row in now]
    if said.valid_from is not None and said.valid_from not in {row.valid_from for row in before}:
        if not found:
            return [said]
        if found[0].valid_to is None or said.valid_from < found[0].valid_to:
            found[0] = replace(found[0], valid_from=said.valid_from)
    return found


def _with_its_own(row: Version, said: Version, was: Version) -> Version:
    """A row as events make it, with what a delivery said otherwise than the row that it found."""
    kept = {
        name: value
        for name, value in row.attributes.items()
        if name in said.attributes or value != was.attributes.get(name)
    }
    own = {name: value for name, value in said.attributes.items() if value != was.attributes.get(name)}
    redrawn = said.shape != was.shape
    return replace(
        row,
        key=said.key if said.key != was.key else row.key,
        code=said.code if said.code != was.code else row.code,
        name=said.name if said.name != was.name else row.name,
        attributes=kept | own,
        shape=said.shape if redrawn else row.shape,
        has_boundary=said.has_boundary if redrawn else row.has_boundary,
    )
