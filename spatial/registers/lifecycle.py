"""The life cycle as data: stages, moves, lists, restrictions, who acts and until when (`lifecycle.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spatial.catalog.reading import Table, read_toml

FILE = Path(__file__).parent / "lifecycle.toml"
UNTRACKED = "S0"


@dataclass(frozen=True, slots=True)
class Stage:
    """A technical stage; `bars`: what may not be done with a site while it is in it. `closed`: nothing is owed."""

    id: str
    title: str
    title_en: str
    bars: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A thing that may not be done with a site, and the law or plan that says so."""

    id: str
    title: str
    basis: str


@dataclass(frozen=True, slots=True)
class Due:
    """By when, counted from the day of the move, something is owed; in other stages than `stages` no more."""

    months: int
    what: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A step from one stage to another: whose act it is, on what document, on what legal basis.

    `needs`: details that must be given with it; `differs`: the one among them that must not be what it was in any
    other move since the site was last closed (an effect evaluation is not done by who did the works, 土壤污染防治法
    42). `sets`: list → what the site's row there says from that day on.
    """

    id: str
    title: str
    origins: tuple[str, ...]
    to: str
    actors: tuple[str, ...]
    document: str
    basis: str
    due: Due | None
    needs: tuple[str, ...]
    differs: str | None
    sets: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RegisterList:
    """A list (a register layer): what an entry's row says at first, and what it says once the site has left.

    `left` empty: the row ends. `stages`: what stage the value of field `by` stands for. `noticed`: only by notice.
    """

    layer: str
    actors: tuple[str, ...]
    noticed: bool
    entry: Mapping[str, Any]
    left: Mapping[str, Any]
    by: str | None
    stages: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class LifeCycle:
    """All of the file."""

    stages: Mapping[str, Stage]
    bars: Mapping[str, Bar]
    actors: Mapping[str, str]
    moves: Mapping[str, Move]
    lists: Mapping[str, RegisterList]


@cache
def current() -> LifeCycle:
    """The life cycle of this deployment. Raises CatalogError for a file that is wrong."""
    return load(FILE)


def load(file: Path) -> LifeCycle:
    table = read_toml(file)
    stages = {id_: _stage(id_, one) for id_, one in table.tables("stages").items()}
    bars = {
        id_: one.done(Bar(id_, one.text("title"), one.text("basis")))
        for id_, one in table.tables("bars").items()
    }
    actors = table.labels("actors")
    moves = {id_: _move(id_, one, stages, actors) for id_, one in table.tables("moves").items()}
    lists = {id_: _list(id_, one, stages, actors) for id_, one in table.tables("lists").items()}
    for stage in stages.values():
        if not set(stage.bars) <= set(bars):
            table.fail(f"stages.{stage.id}.bars", f"应为 {'、'.join(bars)}")
    for move in moves.values():
        if not set(move.sets) <= set(lists):
            table.fail(f"moves.{move.id}.sets", f"应为 {'、'.join(lists)}")
    return table.done(LifeCycle(stages, bars, actors, moves, lists))


def _stage(id_: str, table: Table) -> Stage:
    return table.done(
        Stage(
            id_,
            table.text("title"),
            table.text("title_en"),
            table.texts("bars", []),
            table.flag("closed", False),
        )
    )


def _move(id_: str, table: Table, stages: Mapping[str, Stage], actors: Mapping[str, str]) -> Move:
    due = table.table("due")
    move = Move(
        id=id_,
        title=table.text("title"),
        origins=table.texts("from"),
        to=table.one_of("to", stages),
        actors=table.texts("actors"),
        document=table.text("document"),
        basis=table.text("basis"),
        due=due.done(Due(due.whole("months"), due.text("what"), due.texts("stages"))) if due else None,
        needs=table.texts("needs", []),
        differs=table.text("differs", None),
        sets={layer: MappingProxyType(dict(said)) for layer, said in table.anything("sets", {}).items()},
    )
    if not set(move.origins) <= set(stages):
        table.fail("from", f"应为 {'、'.join(stages)}")
    if not set(move.actors) <= set(actors):
        table.fail("actors", f"应为 {'、'.join(actors)}")
    if move.due and not set(move.due.stages) <= set(stages):
        table.fail("due.stages", f"应为 {'、'.join(stages)}")
    return table.done(move)


def rank(cycle: LifeCycle, stage: str) -> tuple[int, int]:
    """How strict a stage is: one that is not over before one that is, an untracked site last; then by the way ahead."""
    order = list(cycle.stages).index(stage)
    return (0 if stage == UNTRACKED else 1 if cycle.stages[stage].closed else 2), order


def _list(id_: str, table: Table, stages: Mapping[str, Stage], actors: Mapping[str, str]) -> RegisterList:
    found = RegisterList(
        layer=id_,
        actors=table.texts("actors"),
        noticed=table.flag("noticed", False),
        entry=table.anything("entry", {}),
        left=table.anything("left", {}),
        by=table.text("by", None),
        stages=table.labels("stages", {}),
    )
    if not set(found.stages.values()) <= set(stages):
        table.fail("stages", f"应为 {'、'.join(stages)}")
    if not set(found.actors) <= set(actors):
        table.fail("actors", f"应为 {'、'.join(actors)}")
    return table.done(found)
