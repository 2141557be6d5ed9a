"""Registers and sites: who stands on a list, what holds of a site on a day, and every event that made it so."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

EventKind = TypeAliasType(
    "EventKind",
    Literal[
        "move", "enter", "leave", "impose", "lift", "bar_use", "allow_use", "rebound", "renumber", "divide", "merge",
        "arise", "void",
    ],
)  # fmt: skip


class CycleStage(TypedDict):
    id: str
    title: str
    title_en: str
    bars: list[str]
    closed: bool


CycleMove = TypedDict(
    "CycleMove",
    {
        "id": str,
        "title": str,
        "from": list[str],
        "to": str,
        "actors": list[str],
        "document": str,
        "basis": str,
        "needs": list[str],
        "due_months": int | None,
        "due": str | None,
    },
)


class CycleBar(TypedDict):
    id: str
    title: str
    basis: str


class CycleList(TypedDict):
    layer: str
    actors: list[str]
    noticed: bool


class Lifecycle(TypedDict):
    stages: list[CycleStage]
    moves: list[CycleMove]
    bars: list[CycleBar]
    actors: dict[str, str]
    lists: list[CycleList]


class SiteHead(TypedDict):
    code: str
    codes: list[str]
    name: str
    county: str
    county_name: str | None


class SitesFound(TypedDict):
    sites: list[SiteHead]
    next: str | None


class StageMove(TypedDict):
    id: str
    title: str
    to: str
    actors: list[str]
    needs: list[str]
    document: str
    basis: str


class Stage(TypedDict):
    """`declared`: only the lists say so, no move is on record."""

    id: str
    title: str
    title_en: str
    since: str | None
    declared: bool
    moves: list[StageMove]


class Due(TypedDict):
    what: str
    by: str
    overdue: bool


class SiteList(TypedDict):
    """A list on which the site ever stood."""

    layer: str
    title: str
    listed: bool
    since: str | None
    until: str | None
    document: str | None
    has_boundary: bool
    attributes: dict[str, Any]


class Bar(TypedDict):
    id: str
    title: str
    basis: str
    by: str
    since: str | None
    document: str | None


class BarredUse(TypedDict):
    use: str
    since: str | None
    document: str | None
    text: str


Lineage = TypedDict("Lineage", {"from": list[str], "into": list[str]})


class SiteEvent(TypedDict):
    """A stranger is not told who put it on record, nor what he noted."""

    number: int
    kind: EventKind
    kind_title: str
    what: str
    title: str
    on: str
    recorded_at: str
    revision: int
    actor: NotRequired[str]
    actor_title: NotRequired[str]
    document_number: str
    document_date: str
    note: NotRequired[str]
    detail: NotRequired[dict[str, Any]]
    notice: str | None
    corrects: int | None
    corrected_by: int | None
    by: NotRequired[str]


class SiteCard(SiteHead):
    """What holds of a site on a day; a stranger is told its open lists and their notices alone."""

    as_of: str
    revision: int
    last_event: NotRequired[int]
    stage: NotRequired[Stage]
    due: NotRequired[Due | None]
    lists: list[SiteList]
    bars: NotRequired[list[Bar]]
    barred_uses: NotRequired[list[BarredUse]]
    conditions: NotRequired[dict[str, Any]]
    ended: NotRequired[str | None]
    lineage: NotRequired[Lineage]
    events: list[SiteEvent]


class RecordedEvent(SiteEvent):
    site: str


class Recorded(TypedDict):
    revision: int
    events: list[RecordedEvent]


class RegisterHead(TypedDict):
    layer: str
    title: str
    owner: str
    sites: int


class RegisterList(TypedDict):
    registers: list[RegisterHead]


class RegisteredSite(TypedDict):
    code: str
    name: str | None
    county: str
    since: str | None
    document: str | None
    has_boundary: bool


class Register(TypedDict):
    layer: str
    title: str
    as_of: str | None
    revision: int
    sites: list[RegisteredSite]


class NoticeLine(TypedDict):
    code: str
    name: str
    on: str


class NoticeAnswer(TypedDict):
    layer: str
    title: str
    number: str
    date: str
    revision: int
    withdraws: str | None
    withdrawn_by: str | None
    enters: list[NoticeLine]
    leaves: list[NoticeLine]


class NoticeList(TypedDict):
    notices: list[NoticeAnswer]


class SiteBarredUse(BarredUse):
    code: str
    name: str
    county: str


class BarredUses(TypedDict):
    as_of: str
    barred_uses: list[SiteBarredUse]
