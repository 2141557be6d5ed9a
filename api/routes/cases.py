"""Use-change cases: announced by the land office, seen by all in charge, handed over with receipts, watched."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from fastapi import APIRouter, Depends, Path, Query
from pydantic import ConfigDict, Field

from api.access import Scope, require_role, row_counties, signed_in
from api.answers import answer
from api.answers.cases import (
    CandidateList,
    CaseAnswer,
    CaseList,
    CaseStep,
    Followed,
    MessageList,
    MessagesRead,
)
from api.answers.checks import CheckAnswer
from api.asking import question_from
from api.delivering import enqueue_deliveries
from api.errors import Forbidden, NotFound, Refused
from api.language import said
from api.once import Key, once
from api.redact import redacted, redacted_change
from api.route import DjangoRoute
from api.routes.sites import person
from api.schemas import CheckBody, Line, Reason, TextSafe, UseBody
from api.seen import looked_through
from api.turns import Turn
from spatial import cases, catalog, watch
from spatial.checks import ParcelOutside
from spatial.dashboard import of_key_land
from spatial.models import Case, CheckRun, Feature, Message, VerdictChange
from spatial.recheck import change_told
from spatial.remarks import with_remarks
from spatial.steps import step_told, steps_of
from spatial.wall import beside

router = APIRouter(route_class=DjangoRoute, tags=["cases"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
OPENERS = frozenset({"clerk", "planner", "steward", "administrator"})
DOERS = frozenset({"clerk", "planner", "inspector", "steward", "administrator"})


class CaseBody(TextSafe):
    """What is announced; the parcel and uses as in POST /checks. `action`: by the kind unless said."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["use_change", "take_back", "transfer", "plan"]
    title: Annotated[
        str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
    ]
    parcel: dict[str, Any]
    crs: str = "EPSG:4490"
    action: str | None = None
    proposed_use: UseBody | None = None
    current_use: UseBody | None = None
    project: dict[str, Any] = Field(default_factory=dict)


class StepBody(TextSafe):
    """Something done on a case. `after`: the number of the last step that was seen."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["handover", "receive", "note", "acknowledge", "decide", "close", "reopen"]
    after: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Reason | None = None
    to: Line | None = None
    document_number: Line | None = None
    document_date: date | None = None


class FollowBody(TextSafe):
    model_config = ConfigDict(extra="forbid")
    follow: bool


@router.post("/cases", status_code=201, openapi_extra=answer(CaseAnswer, 201))
def create_case(body: CaseBody, scope: SignedIn, turn: Turn, key: Key = None) -> dict[str, Any]:
    """Announce a case; its parcel is checked at once, and everyone in charge of its counties sees it."""
    require_role(scope, OPENERS)
    given = body.model_dump(mode="json", exclude={"kind", "title"})
    given["action"] = body.action or cases.ACTIONS[body.kind]
    question = question_from(CheckBody.model_validate({**given, "purpose": body.title}), scope)

    def work() -> dict[str, Any]:
        try:
            with transaction.atomic():
                case = cases.open_case(body.kind, body.title, question, person(scope))
                if not scope.all_counties and not scope.counties & set(case.counties):
                    raise Forbidden("地块不在你的县（市）。", "请由该县（市）的人员发起。")
                enqueue_deliveries(scope.user_id)
        except ParcelOutside as error:
            raise Refused(str(error), "请检查坐标系、带号和经纬度次序。", code="outside_region") from error
        return _told(case, scope)

    def again(first: dict[str, Any]) -> dict[str, Any]:
        return _told(case_of(scope, first["number"]), scope)

    return once(scope, key, "case", body.model_dump(mode="json"), work, again)


@router.get("/cases", openapi_extra=answer(CaseList))
def list_cases(
    scope: SignedIn,
    state: Literal["open", "closed", "flagged"] | None = None,
    key_land: Annotated[bool, Query(description="只看变更为住宅、公共管理与公共服务用地的")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z-]{1,40}$")] = None,
) -> dict[str, Any]:
    """Cases of my counties, newest first."""
    rows = visible_cases(scope).select_related("latest", "by")
    if state:
        rows = rows.filter(**({"flagged": True} if state == "flagged" else {"is_open": state == "open"}))
    if key_land:
        rows = of_key_land(rows)
    if before:
        rows = rows.filter(at__lt=Case.objects.filter(number=before).values("at"))
    found = list(rows.order_by("-at")[: limit + 1])
    more = len(found) > limit
    return {
        "cases": [_head(case) for case in found[:limit]],
        "next": found[limit - 1].number if more else None,
    }


@router.get("/cases/{number}", openapi_extra=answer(CaseAnswer))
def get_case(number: Number, scope: SignedIn) -> dict[str, Any]:
    """One case with its steps, its newest check and who saw what; that the asker saw it is kept."""
    case = case_of(scope, number)
    with beside():
        cases.seen(case, scope.user_id)
    return _told(case, scope)


@router.post("/cases/{number}/steps", status_code=201, openapi_extra=answer(CaseStep, 201))
def create_step(
    number: Number, body: StepBody, scope: SignedIn, turn: Turn, key: Key = None
) -> dict[str, Any]:
    """Hand over, receive, note, decide, take note of a change, close or reopen.

    Where newer data are live, who decides, closes or reopens has the parcel checked anew.
    """
    case = case_of(scope, number)
    require_role(scope, DOERS)
    detail = body.model_dump(
        mode="json", include={"to", "document_number", "document_date"}, exclude_none=True
    )

    def work() -> dict[str, Any]:
        with transaction.atomic():
            made = cases.step(case, body.kind, person(scope), body.note or "", body.after, **detail)
            enqueue_deliveries(scope.user_id)
            return step_told(made)

    return once(scope, key, f"step {number}", body.model_dump(mode="json"), work)


@router.post("/cases/{number}/checks", status_code=201, openapi_extra=answer(CheckAnswer, 201))
def create_case_check(number: Number, scope: SignedIn, turn: Turn, key: Key = None) -> dict[str, Any]:
    """Check the parcel anew; whoever does has taken note of what changed."""
    case = case_of(scope, number)
    require_role(scope, DOERS)

    def work() -> dict[str, Any]:
        with transaction.atomic():
            run = cases.ask_again(case, person(scope))
            enqueue_deliveries(scope.user_id)
        return redacted(with_remarks(run), scope, catalog.current())

    def again(first: dict[str, Any]) -> dict[str, Any]:
        run = CheckRun.objects.get(pk=first["id"])
        return redacted(with_remarks(run), scope, catalog.current())

    return once(scope, key, f"case check {number}", {}, work, again)


@router.post("/cases/{number}/follow", openapi_extra=answer(Followed))
def follow_case(number: Number, body: FollowBody, scope: SignedIn) -> dict[str, Any]:
    """Be told when something changes, or no longer."""
    case = case_of(scope, number)
    (case.followers.add if body.follow else case.followers.remove)(person(scope))
    return {"number": case.number, "follow": body.follow}


@router.get("/messages", openapi_extra=answer(MessageList))
def list_messages(scope: SignedIn, unread: bool = False) -> dict[str, Any]:
    """What I was told, newest first; of cases that I may still see."""
    rows = Message.objects.filter(to_id=scope.user_id, case__in=visible_cases(scope)).select_related("case")
    if unread:
        rows = rows.filter(read_at=None)
    return {
        "messages": [
            {
                "id": one.pk,
                "case": one.case.number,
                "text": said(one.text),
                "at": one.at.isoformat(),
                "read": one.read_at is not None,
            }
            for one in rows.order_by("-pk")[:200]
        ]
    }


@router.post("/messages/read", openapi_extra=answer(MessagesRead))
def read_messages(scope: SignedIn) -> dict[str, Any]:
    """All that I was told is read."""
    rows = Message.objects.filter(to_id=scope.user_id, read_at=None)
    return {"read": rows.update(read_at=timezone.now())}


@router.get("/candidates", openapi_extra=answer(CandidateList))
def list_candidates(scope: SignedIn) -> dict[str, Any]:
    """Enterprises whose permit was cancelled or revoked and that stand on no list of plots."""
    layer = catalog.current().layer("closed_permit_enterprise")
    require_role(scope, layer.read)
    counties = row_counties(scope, layer)
    rows = Feature.objects.filter(layer=layer.id).extra(
        where=[
            "upper_inf(revisions)",
            "attributes->>'permit_status' IN ('cancelled', 'revoked')",
            """NOT EXISTS (SELECT FROM spatial_feature l WHERE l.layer IN ('suspected_plot', 'contaminated_plot',
            'risk_register_plot') AND upper_inf(l.revisions) AND (l.site_id = spatial_feature.site_id
            OR l.name = spatial_feature.name OR ST_Intersects(l.geom, spatial_feature.geom)))""",
        ]
    )
    rows = rows if counties is None else rows.filter(county__in=counties)
    found = list(rows.order_by("county", "code")[:1000])
    looked_through(scope, layer.id)
    return {
        "candidates": [
            {
                "feature": str(one.pk),
                "code": one.code,
                "name": one.name,
                "county": one.county,
                "permit_status": one.attributes.get("permit_status"),
                "status_date": one.attributes.get("status_date"),
            }
            for one in found
        ]
    }


def visible_cases(scope: Scope) -> QuerySet[Case]:
    """Cases of the asker's counties."""
    if scope.all_counties:
        return Case.objects.all()
    return Case.objects.filter(counties__overlap=sorted(scope.counties))


def case_of(scope: Scope, number: str) -> Case:
    """A case that the asker may see. Raises NotFound."""
    case = visible_cases(scope).select_related("latest", "by").filter(number=number).first()
    if case is None:
        raise NotFound(f"没有事项 {number}，或不是你能看的。", "清单见 /cases。", code="case_unknown")
    return case


def _head(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": case.kind,
        "kind_title": case.get_kind_display(),
        "title": case.title,
        "counties": case.counties,
        "open": case.is_open,
        "flagged": case.flagged,
        "verdict": case.latest.verdict,
        "complete": case.latest.complete,
        "by": case.by.get_username(),
        "at": case.at.isoformat(),
    }


def _told(case: Case, scope: Scope) -> dict[str, Any]:
    known = catalog.current()
    steps = list(steps_of(watch.SUBJECT, case.number).select_related("by"))
    changes = VerdictChange.objects.filter(pk__in=[s.detail["change"] for s in steps if "change" in s.detail])
    rows = changes.select_related("old", "new").order_by("pk")
    receipts = case.receipts.select_related("by").order_by("pk")
    return {
        **_head(case),
        "asked": case.asked,
        "check": redacted(with_remarks(case.latest), scope, known),
        "last_step": steps[-1].number if steps else 0,
        "steps": [step_told(one) for one in steps],
        "changes": [redacted_change(change_told(one), scope, known) for one in rows],
        "receipts": [
            {"by": one.by.get_username(), "step": one.step, "at": one.at.isoformat()} for one in receipts
        ],
        "followers": sorted(one.get_username() for one in case.followers.all()),
    }
