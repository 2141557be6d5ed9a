"""Cases: what is announced, what was done on it, who was told."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

from api.answers.checks import Change, CheckAnswer
from api.answers.words import UseCode, Verdict

CaseKind = TypeAliasType("CaseKind", Literal["use_change", "take_back", "transfer", "plan"])


class CaseHead(TypedDict):
    number: str
    kind: CaseKind
    kind_title: str
    title: str
    counties: list[str]
    open: bool
    flagged: bool
    verdict: Verdict
    complete: bool
    by: str
    at: str


class CaseList(TypedDict):
    cases: list[CaseHead]
    next: str | None


class CaseStep(TypedDict):
    """`by` null: the system."""

    number: int
    kind: str
    at: str
    by: str | None
    note: str
    check: NotRequired[str]
    verdict: NotRequired[Verdict]
    to: NotRequired[str]
    document_number: NotRequired[str]
    document_date: NotRequired[str]
    old: NotRequired[str]
    new: NotRequired[str]
    change: NotRequired[int]


class AskedOfCase(TypedDict):
    action: str | None
    proposed_use: UseCode | None
    current_use: UseCode | None
    project: dict[str, Any]


class Receipt(TypedDict):
    by: str
    step: int
    at: str


class CaseAnswer(CaseHead):
    asked: AskedOfCase
    check: CheckAnswer
    last_step: int
    steps: list[CaseStep]
    changes: list[Change]
    receipts: list[Receipt]
    followers: list[str]


class Followed(TypedDict):
    number: str
    follow: bool


class Message(TypedDict):
    id: int
    case: str
    text: str
    at: str
    read: bool


class MessageList(TypedDict):
    messages: list[Message]


class MessagesRead(TypedDict):
    read: int


class Candidate(TypedDict):
    feature: str
    code: str | None
    name: str | None
    county: str
    permit_status: str
    status_date: str | None


class CandidateList(TypedDict):
    candidates: list[Candidate]
