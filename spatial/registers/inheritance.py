"""What a site that comes of others is given along: the strictest of their stages, and all that was in force of any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from spatial.catalog import Layer
from spatial.registers.lifecycle import LifeCycle, RegisterList, rank
from spatial.registers.replay import Held, State, Version


def inherited(cycle: LifeCycle, before: Mapping[str, State], on: date, document: str) -> dict[str, Any]:
    """The stage and the rest (`carried`), as an event `arise` keeps them. `before`: code → state on the day.

    A bar of a stage that is not the strictest becomes a restriction of its own: it ends when somebody lifts it.
    """
    states = before.values()
    stage = max((one.stage for one in states), key=lambda id_: rank(cycle, id_))
    restrictions = _all([one.restrictions for one in states])
    for one in states:
        for bar in cycle.stages[one.stage].bars:
            if bar not in cycle.stages[stage].bars:
                text = f"合并前的地块处在“{cycle.stages[one.stage].title}”"
                restrictions.setdefault(bar, Held(one.since or on, document, text))
    owed = min((one.owed for one in states if one.owed), key=lambda one: one.since, default=None)
    return {
        "stage": stage,
        "carried": {
            "restrictions": _told(restrictions),
            "barred_uses": _told(_all([one.barred_uses for one in states])),
            "conditions": _conditions(before),
            "did": sorted({pair for one in states for pair in one.did}),
            "owed": {"move": owed.move, "since": owed.since.isoformat()} if owed else None,
        },
    }


def _all(held: Sequence[Mapping[str, Held]]) -> dict[str, Held]:
    """What any holds; what several hold since the first, by all documents."""
    found: dict[str, Held] = {}
    for id_ in {id_: None for one in held for id_ in one}:
        of = sorted((one[id_] for one in held if id_ in one), key=lambda one: one.since)
        documents, texts = ("；".join(dict.fromkeys(filter(None, words))) for words in (
            [one.document for one in of], [one.text for one in of]))  # fmt: skip
        found[id_] = Held(of[0].since, documents, texts)
    return found


def _told(held: Mapping[str, Held]) -> dict[str, dict[str, str]]:
    return {
        id_: {"since": one.since.isoformat(), "document": one.document, "text": one.text}
        for id_, one in held.items()
    }


def _conditions(before: Mapping[str, State]) -> dict[str, str]:
    """The uses that the sites were closed or released for; where they differ, which was whose."""
    found = {}
    for name in dict.fromkeys(name for one in before.values() for name in one.conditions):
        said = {code: one.conditions[name] for code, one in before.items() if name in one.conditions}
        same = len(set(said.values())) == 1 and len(said) == len(before)
        found[name] = next(iter(said.values())) if same else "；".join(f"{k}：{v}" for k, v in said.items())
    return found


def one_row(
    cycle: LifeCycle, spec: RegisterList, layer: Layer, rows: Sequence[Version], own: frozenset[str]
) -> dict[str, Any]:
    """What a list says of a site that comes of those that `rows` are of; `own`: fields that are the new site's.

    The row of the strictest stage speaks. A choice, a yes or a no in which the rows differ is left out: it is not known
    of the whole, and a check says so. Not so what makes the row an entry of the list.
    """

    def strict(row: Version) -> tuple[int, int]:
        stage = spec.stages.get(str(row.attributes.get(spec.by or "")))
        return rank(cycle, stage) if stage else (-1, 0)

    first = max(rows, key=strict)
    entry = {
        name: row.attributes[name]
        for name in {*spec.entry, *spec.left}
        for row in (*rows, first)
        if name in row.attributes
    }
    unclear = {
        name
        for name, field in layer.fields.items()
        if field.type in ("choice", "bool") and name != spec.by
        and any(row.attributes.get(name) != first.attributes.get(name) for row in rows)
    }  # fmt: skip
    return {name: value for name, value in first.attributes.items() if name not in own | unclear} | entry
