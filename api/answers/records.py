"""What is kept of who did what, files beside things, and the numbers of the overview."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict


@with_config(ConfigDict(extra="allow"))
class AuditRow(TypedDict):
    """One entry; beside these it has what its action says."""

    number: int
    at: str
    user: str | None
    role: str | None
    action: str
    object: str
    counties: list[str]
    digest: str


class AuditPage(TypedDict):
    entries: list[AuditRow]
    next: int | None


class ChainFault(TypedDict):
    number: int
    kind: Literal["altered", "missing", "forged", "head"]


class Chain(TypedDict):
    entries: int
    head: str
    faults: list[ChainFault]
    faults_in_all: int


class AttachmentHead(TypedDict):
    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    by: str
    at: str


class AttachmentList(TypedDict):
    attachments: list[AttachmentHead]


class Counted(TypedDict):
    """A number of the overview, out of how many, and the address of the list that was counted."""

    id: str
    title: str
    value: int
    of: int | None
    list: str


class Freshness(TypedDict):
    county: str
    name: str
    layers: int
    loaded: int
    confirmed_empty: int
    outdated: int
    never_loaded: int
    list: str


class Dashboard(TypedDict):
    as_of: str
    indicators: list[Counted]
    deadlines: list[Counted]
    freshness: list[Freshness]


class Health(TypedDict):
    status: Literal["ok", "ready"]
