"""Beside an answer: overrides by written decision, and disputes; both end by a withdrawal, never by deletion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.contrib.auth.models import User
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from api.access import Scope, require_role, signed_in
from api.answers import answer
from api.answers.checks import Dispute, Override
from api.errors import Conflict, Forbidden, NotFound, Refused
from api.redact import redacted_remark
from api.route import DjangoRoute
from api.routes.checks import check_of
from api.schemas import Line, Reason
from spatial import catalog, remarks
from spatial.models import CheckRun, Remark

router = APIRouter(route_class=DjangoRoute, tags=["checks"])
SignedIn = Annotated[Scope, Depends(signed_in)]
DECIDERS = frozenset({"steward", "administrator"})
DISPUTERS = frozenset({"clerk", "planner", "inspector", *DECIDERS})
CONFLICTS = frozenset({"not_overridable", "decision_twice", "withdrawn_already"})
"""What is refused because of what is there; all else is wrong in itself."""


class FindingBody(BaseModel):
    """Which finding of the answer is meant; as much as it takes to mean one."""

    model_config = ConfigDict(extra="forbid")
    rule: Line
    layer: Line | None = None
    feature: Line | None = None
    county: Line | None = None
    gap: Line | None = None


class OverrideBody(BaseModel):
    """A written decision: its number, day and person, why, and what verdict it leaves (none: it closes the finding)."""

    model_config = ConfigDict(extra="forbid")
    finding: FindingBody
    document_number: Line
    document_date: date
    person: Line
    reason: Reason
    new_verdict: str | None = None


class DisputeBody(BaseModel):
    """That a finding is held for wrong, and why."""

    model_config = ConfigDict(extra="forbid")
    finding: FindingBody
    reason: Reason


class WithdrawalBody(BaseModel):
    """Why it no longer stands."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


@router.post("/checks/{check_id}/overrides", status_code=201, openapi_extra=answer(Override, 201))
def create_override(check_id: UUID, body: OverrideBody, scope: SignedIn) -> dict[str, Any]:
    """Record a written decision that sets a finding aside; `verdict` stays the machine's."""
    run = check_of(scope, check_id)
    require_role(scope, DECIDERS)
    given = body.model_dump(exclude={"finding"})
    with _problems():
        finding = remarks.finding_of(run, body.finding.model_dump())
        _require_county(scope, run, finding["county"])
        return _told(remarks.override(run, finding, by=_person(scope), **given), scope)


@router.post("/checks/{check_id}/disputes", status_code=201, openapi_extra=answer(Dispute, 201))
def create_dispute(check_id: UUID, body: DisputeBody, scope: SignedIn) -> dict[str, Any]:
    """Record that a finding is held for wrong; the answer stays as it is."""
    run = check_of(scope, check_id)
    require_role(scope, DISPUTERS)
    with _problems():
        finding = remarks.finding_of(run, body.finding.model_dump())
        return _told(remarks.dispute(run, finding, reason=body.reason, by=_person(scope)), scope)


@router.post(
    "/checks/{check_id}/overrides/{remark_id}/withdraw", status_code=201, openapi_extra=answer(Override, 201)
)
def withdraw_override(
    check_id: UUID, remark_id: int, body: WithdrawalBody, scope: SignedIn
) -> dict[str, Any]:
    """End an override by a record of its own; both stay."""
    run = check_of(scope, check_id)
    require_role(scope, DECIDERS)
    remark = _one(run, remark_id, Remark.Kind.OVERRIDE)
    _require_county(scope, run, remark.finding["county"])
    return _withdrawn(remark, body, scope)


@router.post(
    "/checks/{check_id}/disputes/{remark_id}/withdraw", status_code=201, openapi_extra=answer(Dispute, 201)
)
def withdraw_dispute(check_id: UUID, remark_id: int, body: WithdrawalBody, scope: SignedIn) -> dict[str, Any]:
    """End a dispute: who raised it, or who may decide."""
    remark = _one(check_of(scope, check_id), remark_id, Remark.Kind.DISPUTE)
    if remark.by_id != scope.user_id:
        require_role(scope, DECIDERS)
    return _withdrawn(remark, body, scope)


def _withdrawn(remark: Remark, body: WithdrawalBody, scope: Scope) -> dict[str, Any]:
    with _problems():
        remarks.withdraw(remark, reason=body.reason, by=_person(scope))
    return _told(Remark.objects.get(pk=remark.pk), scope)


def _one(run: CheckRun, remark_id: int, kind: Remark.Kind) -> Remark:
    remark = run.remarks.filter(pk=min(remark_id, 2**62), kind=kind).first()
    if remark is None:
        raise NotFound("这次核查没有这一条记录。", "清单见 GET /checks/{id}。", code="remark_unknown")
    return remark


def _require_county(scope: Scope, run: CheckRun, county: str | None) -> None:
    """Who decides is in charge of the county of the finding, or of all that the parcel lies in."""
    of = {county} if county else set(run.counties)
    if not scope.all_counties and not of <= scope.counties:
        raise Forbidden("你的账号只能登记自己县（市）的决定。", "请由该县（市）或全州的管理员登记。")


def _person(scope: Scope) -> User:
    return User.objects.get(pk=scope.user_id or 0)


def _told(remark: Remark, scope: Scope) -> dict[str, Any]:
    told = remarks.remark_told(remark)
    return redacted_remark(told, remark.check_run.answer, scope, catalog.current())


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except remarks.CannotRemark as error:
        kind = Conflict if error.code in CONFLICTS else Refused
        raise kind(str(error), error.hint, code=error.code) from error
