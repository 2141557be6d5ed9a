"""From events to what holds: the stage, the restrictions, and the rows of each list. Pure; no database.

Events count in the order of their days of effect, those of one day in the order of their record. A correction
takes the place of the event that it names, or leaves nothing in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from spatial.refusal import Refusal
from spatial.registers.lifecycle import UNTRACKED, Bar, Due, LifeCycle, Move, RegisterList

VOID = "void"
CONDITIONS = ("use_condition", "released_for")
KINDS = {
    "move": "阶段变动",
    "enter": "列入名录",
    "leave": "移出名录",
    "impose": "施加限制",
    "lift": "解除限制",
    "bar_use": "列入开发利用负面清单",
    "allow_use": "移出开发利用负面清单",
    "rebound": "边界变更",
    "renumber": "编码变更",
    "divide": "分割",
    "merge": "合并",
    "arise": "由分割或合并产生",
    VOID: "更正（撤销原记录）",
}


@dataclass(frozen=True, slots=True)
class Event:
    """What the fold needs of one event. `what`: a move, list, restriction, land use or code, by kind.

    `shape`: WKB in EPSG:4490. `corrects`: the number of the event whose place it takes. `origin`: the stage that the
    site was found in before any move.
    """

    number: int
    kind: str
    what: str
    on: date
    document: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    shape: bytes | None = None
    corrects: int | None = None
    origin: str = UNTRACKED
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A restriction in force, or a use that is barred, since when and by which document."""

    since: date
    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Owed:
    """What a move has made due, and the day from which its months count."""

    move: str
    since: date


@dataclass(slots=True)
class State:
    """What holds of a site on a day. `since`: of the stage; None where only the lists say it.

    `conditions`: the use that it was closed or released for (CONDITIONS), until it is looked into again. `did`: who
    did works since it was last closed, as (name of the detail, its value).
    """

    stage: str
    since: date | None = None
    restrictions: dict[str, Held] = field(default_factory=dict)
    barred_uses: dict[str, Held] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    owed: Owed | None = None
    did: list[tuple[str, str]] = field(default_factory=list)
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What a list says of a site from one day until another (not included); None is open."""

    key: str
    code: str
    name: str
    county: str
    attributes: Mapping[str, Any]
    shape: bytes | None
    has_boundary: bool
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


def standing(events: Iterable[Event], until: date | None = None) -> list[Event]:
    """The events that count, in the order in which they took effect; `until`: those of later days do not."""
    events = list(events)
    gone = {event.corrects for event in events if event.corrects is not None}
    left = [event for event in events if event.number not in gone and event.kind != VOID]
    return sorted(
        (event for event in left if until is None or event.on <= until),
        key=lambda event: (event.on, event.number),
    )


def replay(cycle: LifeCycle, events: Sequence[Event], declared: str = UNTRACKED) -> State:
    """The state after events (see `standing`). `declared`: the stage that the lists say where there is no move.

    Raises Refusal at the first event that cannot follow those before it.
    """
    moves = [event for event in events if event.kind == "move"]
    state = State(moves[0].origin if moves else declared)
    for event in events:
        if state.ended is not None:
            raise Refusal(
                "site_ended",
                f"地块已于 {state.ended} 分割或合并，{event.on} 起不能再有变动。",
                "请登记到后来的地块。",
                conflict=True,
            )
        if event.kind == "arise":
            _arise(state, event)
        elif event.kind == "move":
            _move(cycle, state, event)
        elif event.kind in ("impose", "lift"):
            named = f"限制“{cycle.bars[event.what].title}”"
            _toggle(state.restrictions, event, event.kind == "impose", named)
        elif event.kind in ("bar_use", "allow_use"):
            _toggle(state.barred_uses, event, event.kind == "bar_use", f"用途 {event.what}")
        elif event.kind in ("divide", "merge"):
            state.ended = event.on
    return state


def _arise(state: State, event: Event) -> None:
    """What a site was given along by those that it comes from (see `inheritance`)."""
    given: Mapping[str, Any] = event.detail.get("carried", {})
    state.stage, state.since = str(event.detail.get("stage", state.stage)), event.on
    for held, name in ((state.restrictions, "restrictions"), (state.barred_uses, "barred_uses")):
        for id_, one in given.get(name, {}).items():
            held[id_] = Held(date.fromisoformat(one["since"]), one["document"], one["text"])
    state.conditions |= given.get("conditions", {})
    state.did += [(name, value) for name, value in given.get("did", [])]
    owed = given.get("owed")
    state.owed = Owed(owed["move"], date.fromisoformat(owed["since"])) if owed else None


def _move(cycle: LifeCycle, state: State, event: Event) -> None:
    move = cycle.moves[event.what]
    _require_move(cycle, move, state, event)
    state.stage, state.since = move.to, event.on
    state.conditions |= {name: str(event.detail[name]) for name in CONDITIONS if name in event.detail}
    if cycle.stages[move.to].closed:
        state.did.clear()
    else:
        state.conditions.clear()
        state.did += [
            (name, str(event.detail[name]))
            for name in move.needs
            if name != move.differs and name in event.detail
        ]
    if move.due:
        state.owed = Owed(move.id, event.on)
    elif state.owed and move.to not in _due(cycle, state.owed).stages:
        state.owed = None


def _due(cycle: LifeCycle, owed: Owed) -> Due:
    due = cycle.moves[owed.move].due
    assert due is not None  # noqa: S101  # only a move with a due date makes an Owed
    return due


def _require_move(cycle: LifeCycle, move: Move, state: State, event: Event) -> None:
    if state.stage not in move.origins:
        allowed = [one.title for one in cycle.moves.values() if state.stage in one.origins]
        raise Refusal(
            "move_not_allowed",
            f"{event.on} 地块处在“{cycle.stages[state.stage].title}”，不能“{move.title}”。",
            f"此时可以：{'、'.join(allowed) or '没有可作的变动'}；原记录有误时请先更正。",
            conflict=True,
        )
    name = move.differs
    if name and (name, _same(event.detail.get(name))) in {(key, _same(value)) for key, value in state.did}:
        raise Refusal(
            f"same_{name}",
            f"“{move.title}”的单位（{event.detail[name]}）自己做过这个地块的管控或修复。",
            "效果评估应由另一家单位承担（土壤污染防治法第四十二条）。",
            conflict=True,
        )


def _same(name: Any) -> str:
    """A name without what does not tell two names apart: spaces, invisible signs, width and case of letters."""
    plain = unicodedata.normalize("NFKC", str(name)).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] not in "ZC")


def _toggle(held: dict[str, Held], event: Event, begins: bool, named: str) -> None:
    if begins and event.what in held:
        raise Refusal(
            "in_force_already",
            f"{named}自 {held[event.what].since} 起已有。",
            "不必再次登记。",
            conflict=True,
        )
    if not begins and event.what not in held:
        raise Refusal("not_in_force", f"{named}在 {event.on} 并没有。", "请核对日期和名称。", conflict=True)
    if begins:
        held[event.what] = Held(event.on, event.document, str(event.detail.get("text", "")))
    else:
        del held[event.what]


def bars_of(cycle: LifeCycle, state: State) -> list[tuple[Bar, str, Held | None]]:
    """What may not be done with a site now, and whether its stage says so or a restriction of its own."""
    by_stage = [(cycle.bars[id_], "stage", None) for id_ in cycle.stages[state.stage].bars]
    return by_stage + [(cycle.bars[id_], "restriction", held) for id_, held in state.restrictions.items()]


def is_listed(spec: RegisterList, version: Version) -> bool:
    """Whether a row says that its site is on the list, not that it has left."""
    return not (spec.left and spec.left.items() <= dict(version.attributes).items())


def versions(
    cycle: LifeCycle,
    layer: str,
    fields: Iterable[str],
    base: Iterable[Version],
    events: Iterable[Event],
    site: Version,
) -> list[Version]:
    """The rows of one list for one site: those that were delivered (`base`), and what events made of them.

    `fields`: those of the layer. `site`: what an entry says of itself where nothing was there before. Raises Refusal.
    """
    rows, named = list(base), set(fields)
    for event in events:
        rows = _Step(cycle, cycle.lists[layer], named, event, site).of(rows)
    return [
        row for row in rows if row.valid_from is None or row.valid_to is None or row.valid_from < row.valid_to
    ]


@dataclass(frozen=True)
class _Step:
    """What one event makes of the rows of one list."""

    cycle: LifeCycle
    spec: RegisterList
    fields: set[str]
    event: Event
    site: Version

    def of(self, rows: list[Version]) -> list[Version]:
        event = self.event
        if event.kind == "enter" and event.what == self.spec.layer:
            return self._enter(rows)
        if event.kind == "leave" and event.what == self.spec.layer:
            return self._leave(rows)
        if event.kind == "arise" and self.spec.layer in event.detail.get("lists", {}):
            return [*rows, self._new(rows, dict(event.detail["lists"][self.spec.layer]))]
        if event.kind in ("divide", "merge"):
            return self._end(rows)
        return list(self._split(rows, self._changed))

    def _changed(self, row: Version) -> Version:
        """A row as it is from the day of the event on."""
        event = self.event
        if event.kind == "move":
            said = self.cycle.moves[event.what].sets.get(self.spec.layer)
            return replace(row, attributes={**row.attributes, **said}) if said else row
        if event.kind == "rebound":
            return replace(row, shape=event.shape, has_boundary=True)
        if event.kind == "renumber":
            code = {"code": event.what} if "code" in self.fields else {}
            key = event.what if row.key == row.code else row.key
            return replace(row, key=key, code=event.what, attributes={**row.attributes, **code})
        return row

    def _split(self, rows: list[Version], change: Callable[[Version], Version]) -> Iterator[Version]:
        day = self.event.on
        for row in rows:
            before, after = _parts(row, day)
            changed = change(after) if after else None
            if changed == after:
                yield row
                continue
            yield from (one for one in (before, changed) if one is not None)

    def _enter(self, rows: list[Version]) -> list[Version]:
        day = self.event.on
        later = [
            row for row in rows if is_listed(self.spec, row) and (row.valid_to is None or row.valid_to > day)
        ]
        if later:
            since = min((row.valid_from for row in later if row.valid_from), default=None)
            raise Refusal(
                "listed_already",
                f"地块{f'自 {since} 起' if since else ''}已在这一名录上，不能在 {day} 再列入。",
                "如要改日期，请更正原来的记录。",
                conflict=True,
            )
        kept = [before for row in rows if (before := _parts(row, day)[0]) is not None]
        return [*kept, self._new(rows, {**self.spec.entry, **self.event.detail.get("attributes", {})})]

    def _new(self, rows: list[Version], said: dict[str, Any]) -> Version:
        """A row that begins with the event, like the last one that there was."""
        event, last = self.event, rows[-1] if rows else self.site
        attributes = {**last.attributes, **said}
        own = {"entry_date": event.on.isoformat(), "document": event.document, "code": last.code, "name": last.name,
               "county": last.county}  # fmt: skip
        attributes |= {name: value for name, value in own.items() if name in self.fields and value}
        attributes.pop("exit_date", None)
        shape = event.shape if event.shape is not None else last.shape
        bounded = (
            bool(event.detail.get("has_boundary", True)) if event.shape is not None else last.has_boundary
        )
        return replace(
            last, attributes=attributes, shape=shape, has_boundary=bounded and shape is not None,
            valid_from=event.on, valid_to=None,
        )  # fmt: skip

    def _leave(self, rows: list[Version]) -> list[Version]:
        day = self.event.on
        if not any(row.holds_on(day) and is_listed(self.spec, row) for row in rows):
            raise Refusal("not_listed", f"{day} 地块不在这一名录上。", "请核对日期和名录。", conflict=True)
        gone = {"exit_date": day.isoformat()} if "exit_date" in self.fields else {}
        if not self.spec.left:
            return self._end(rows, gone)
        said = {**self.spec.left, **gone, **self.event.detail.get("attributes", {})}
        return list(self._split(rows, lambda row: replace(row, attributes={**row.attributes, **said})))

    def _end(self, rows: list[Version], said: Mapping[str, Any] | None = None) -> list[Version]:
        found = []
        for row in rows:
            before, after = _parts(row, self.event.on)
            if before and after:
                before = replace(before, attributes={**before.attributes, **(said or {})})
            if before:
                found.append(before)
        return found


def _parts(row: Version, day: date) -> tuple[Version | None, Version | None]:
    """A row before a day and from it on; None where there is nothing of it."""
    if row.valid_to is not None and row.valid_to <= day:
        return row, None
    if row.valid_from is not None and row.valid_from >= day:
        return None, row
    return replace(row, valid_to=day), replace(row, valid_from=day)
