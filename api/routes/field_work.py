"""Manifests of soil on its way, and inspections that are drawn at random and followed to the end."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.access import Scope, require_role, signed_in
from api.answers import answer
from api.answers.field_work import (
    DrawAnswer,
    InspectionAnswer,
    InspectionList,
    ManifestAnswer,
    ManifestList,
    Soil,
)
from api.errors import Forbidden, NotFound, Refused
from api.language import said
from api.once import Key, once
from api.register_rights import require_editor, sees_all, site_of
from api.route import DjangoRoute
from api.routes.sites import person
from api.schemas import Line, Reason, TextSafe
from spatial import catalog, inspections, manifests
from spatial.models import Account, Draw, Inspection, Manifest, Site
from spatial.registers import lifecycle
from spatial.registers.notices import list_on
from spatial.steps import step_told, steps_of

router = APIRouter(route_class=DjangoRoute, tags=["field work"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
DOERS = frozenset({"inspector", "steward", "administrator"})
DRAWERS = frozenset({"steward", "administrator"})
Tonnes = Annotated[Decimal, Field(gt=0, le=Decimal("999999999"), decimal_places=3)]


class ManifestBody(TextSafe):
    """A transport as it is reported beforehand, at both ends."""

    model_config = ConfigDict(extra="forbid")
    site: Line
    receiver: Line
    receiver_county: Annotated[str, Field(pattern=r"^(\d{6})?$")] = ""
    soil: Line
    carrier: Line
    vehicle: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
    route: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")]
    plan_document: Line
    planned_t: Tonnes
    due: datetime


class ManifestStepBody(TextSafe):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["depart", "receive", "explain", "close", "cancel"]
    after: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Reason | None = None
    tonnes: Annotated[Decimal, Field(ge=0, le=Decimal("999999999"), decimal_places=3)] | None = None


class DrawBody(TextSafe):
    """Of the sites on some lists in the asker's counties so many are drawn, for each so many inspectors."""

    model_config = ConfigDict(extra="forbid")
    lists: list[Line] = Field(min_length=1, max_length=10)
    county: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    sites: Annotated[int, Field(ge=1, le=1000)]
    inspectors_each: Annotated[int, Field(ge=1, le=10)] = 2


class FindingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ok: bool
    text: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")] = ""


class ObservedBody(BaseModel):
    """When and where it was seen, as the phone knew it; it may be sent much later. Degrees of CGCS2000, metres."""

    model_config = ConfigDict(extra="forbid")
    at: AwareDatetime
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    accuracy_m: Annotated[float | None, Field(ge=0, le=1e6)] = None


class InspectionStepBody(TextSafe):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["visit", "rectify", "verify", "note", "differ"]
    after: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Reason | None = None
    findings: dict[Line, FindingBody] = Field(default_factory=dict, max_length=40)
    observed: ObservedBody | None = None


@router.post("/manifests", status_code=201, openapi_extra=answer(ManifestAnswer, 201))
def create_manifest(body: ManifestBody, scope: SignedIn, key: Key = None) -> dict[str, Any]:
    """Report a transport of contaminated soil beforehand."""
    site = site_of(scope, body.site)
    require_editor(scope, {site.county})
    if body.receiver_county and body.receiver_county not in catalog.current().counties:
        message = f"没有县（市）{body.receiver_county}。"
        raise Refused(message, "请核对六位县市代码；接收地不在本地区时不写。", code="county_unknown")
    given = body.model_dump(exclude={"site", "due"})
    due = body.due if timezone.is_aware(body.due) else timezone.make_aware(body.due)

    def work() -> dict[str, Any]:
        return _manifest(manifests.plan(site, person(scope), due=due, **given))

    return once(scope, key, "manifest", body.model_dump(mode="json"), work)


@router.get("/manifests", openapi_extra=answer(ManifestList))
def list_manifests(
    scope: SignedIn,
    missing: Annotated[bool, Query(description="只看下落不明的：超时未到、数量不符")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Manifests that begin or end in my counties, newest first."""
    rows = _visible_manifests(scope)
    if missing:
        rows = rows.filter(pk__in=manifests.missing().values("pk"))
    return {"manifests": [_manifest(one) for one in rows.order_by("-pk")[:limit]]}


@router.get("/manifests/{number}", openapi_extra=answer(ManifestAnswer))
def get_manifest(number: Number, scope: SignedIn) -> dict[str, Any]:
    """One manifest with its steps."""
    return _manifest(manifest_of(scope, number))


@router.post("/manifests/{number}/steps", status_code=201, openapi_extra=answer(ManifestAnswer, 201))
def create_manifest_step(
    number: Number, body: ManifestStepBody, scope: SignedIn, key: Key = None
) -> dict[str, Any]:
    """What left is weighed, what came is weighed; a difference is explained before it is closed."""
    manifest = manifest_of(scope, number)
    require_role(scope, DOERS)
    _require_end(scope, manifest, body.kind)

    def work() -> dict[str, Any]:
        moved = manifests.move(number, body.kind, person(scope), body.after, body.note or "", body.tonnes)
        return _manifest(moved)

    return once(scope, key, f"manifest step {number}", body.model_dump(mode="json"), work)


def _require_end(scope: Scope, manifest: Manifest, kind: str) -> None:
    """Each end tells what happened at it. Raises Forbidden."""
    sender, receiver = manifest.site.county, manifest.receiver_county or manifest.site.county
    end = {"depart": {sender}, "cancel": {sender}, "receive": {receiver}}.get(kind, {sender, receiver})
    if not scope.all_counties and not end & scope.counties:
        raise Forbidden("这一步由另一端的县（市）登记。", "出场由产生地登记，接收由接收地登记。")


@router.get("/sites/{code}/soil", openapi_extra=answer(Soil))
def get_soil(code: str, scope: SignedIn) -> dict[str, Any]:
    """What left a site in all, by where it is now."""
    site = site_of(scope, code)
    if not sees_all(scope, site.county):
        raise NotFound(f"没有地块 {code}，或不是你能看的。", "清单见 /sites。", code="site_unknown")
    return {"site": site.code, **{name: float(value) for name, value in manifests.balance(site).items()}}


@router.post("/draws", status_code=201, openapi_extra=answer(DrawAnswer, 201))
def create_draw(body: DrawBody, scope: SignedIn, key: Key = None) -> dict[str, Any]:
    """Draw sites and inspectors at random; the seed is kept, so that anybody can draw the same again."""
    require_role(scope, DRAWERS)
    unknown = [one for one in body.lists if one not in lifecycle.current().lists]
    if unknown:
        raise NotFound(f"没有名录 {'、'.join(unknown)}。", "清单见 /registers。", code="list_unknown")
    found: dict[str, Site] = {}
    for layer in body.lists:
        found |= {site.code: site for site in list_on(layer, timezone.localdate())}
    sites = [
        one for one in found.values() if sees_all(scope, one.county) and body.county in (None, one.county)
    ]
    accounts = Account.objects.filter(role="inspector", user__is_active=True).select_related("user")
    people = {one.user.get_username(): one.counties for one in accounts}

    def work() -> dict[str, Any]:
        with transaction.atomic():
            return _draw(inspections.draw(sites, people, body.sites, body.inspectors_each, person(scope)))

    def again(first: dict[str, Any]) -> dict[str, Any]:
        return _draw(draw_of(scope, first["number"]))

    return once(scope, key, "draw", body.model_dump(mode="json"), work, again)


@router.get("/draws/{number}", openapi_extra=answer(DrawAnswer))
def get_draw(number: Number, scope: SignedIn) -> dict[str, Any]:
    """One draw with its seed and all that could have been drawn."""
    return _draw(draw_of(scope, number))


def draw_of(scope: Scope, number: str) -> Draw:
    """A draw all of whose counties are the asker's. Raises NotFound."""
    rows = Draw.objects.filter(number=number)
    if not scope.all_counties:
        rows = rows.filter(counties__contained_by=sorted(scope.counties))
    one = rows.first()
    if one is None:
        raise NotFound(f"没有抽取 {number}，或不是你能看的。", "请核对编号。", code="draw_unknown")
    return one


@router.get("/inspections", openapi_extra=answer(InspectionList))
def list_inspections(
    scope: SignedIn,
    mine: bool = False,
    state: Literal["drawn", "follow_up", "closed"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Inspections of my counties, newest first; `mine`: those that I was drawn for."""
    rows = _visible_inspections(scope)
    if mine:
        rows = rows.filter(inspectors__contains=[scope.username])
    if state:
        rows = rows.filter(state=state)
    return inspections_told(list(rows.order_by("-pk")[:limit]))


def inspections_told(rows: list[Inspection]) -> dict[str, Any]:
    """As the list of them is answered."""
    return {
        "checklist": {item: said(title) for item, title in inspections.CHECKLIST.items()},
        "inspections": [_inspection(one) for one in rows],
    }


@router.get("/inspections/{number}", openapi_extra=answer(InspectionAnswer))
def get_inspection(number: Number, scope: SignedIn) -> dict[str, Any]:
    """One inspection with its steps."""
    return _inspection(inspection_of(scope, number))


@router.post("/inspections/{number}/steps", status_code=201, openapi_extra=answer(InspectionAnswer, 201))
def create_inspection_step(
    number: Number, body: InspectionStepBody, scope: SignedIn, key: Key = None
) -> dict[str, Any]:
    """What was found, what was mended, what was verified; only who was drawn visits."""
    one = inspection_of(scope, number)
    require_role(scope, DOERS)
    if body.kind in ("visit", "differ") and scope.username not in one.inspectors:
        raise NotFound("你没有抽中这次检查。", "检查由抽中的人员登记。", code="inspection_unknown")
    if body.kind == "differ" and not body.note:
        raise Refused("补报没有说明与先到的记录差在哪里。", "请在 note 里说明差别。", code="note_missing")
    findings = {item: found.model_dump() for item, found in body.findings.items()}
    told = {"observed": body.observed.model_dump(mode="json")} if body.observed else {}

    def work() -> dict[str, Any]:
        return _inspection(
            inspections.move(number, body.kind, person(scope), body.after, body.note or "", findings, **told)
        )

    return once(scope, key, f"inspection step {number}", body.model_dump(mode="json"), work)


def _visible_manifests(scope: Scope) -> QuerySet[Manifest]:
    rows = Manifest.objects.select_related("site", "by")
    if scope.all_counties:
        return rows
    own = sorted(scope.counties)
    return rows.filter(Q(site__county__in=own) | Q(receiver_county__in=own))


def manifest_of(scope: Scope, number: str) -> Manifest:
    one = _visible_manifests(scope).filter(number=number).first()
    if one is None:
        raise NotFound(f"没有联单 {number}，或不是你能看的。", "清单见 /manifests。", code="manifest_unknown")
    return one


def _visible_inspections(scope: Scope) -> QuerySet[Inspection]:
    rows = Inspection.objects.select_related("site", "draw")
    return rows if scope.all_counties else rows.filter(site__county__in=sorted(scope.counties))


def inspection_of(scope: Scope, number: str) -> Inspection:
    one = _visible_inspections(scope).filter(number=number).first()
    if one is None:
        raise NotFound(
            f"没有抽查 {number}，或不是你能看的。", "清单见 /inspections。", code="inspection_unknown"
        )
    return one


def _manifest(one: Manifest) -> dict[str, Any]:
    steps = [step_told(step) for step in steps_of(manifests.SUBJECT, one.number).select_related("by")]
    shown = ("receiver", "receiver_county", "soil", "carrier", "vehicle", "route", "plan_document", "state")
    return {
        "number": one.number,
        "site": one.site.code,
        "county": one.site.county,
        **{name: getattr(one, name) for name in shown},
        **{
            name: None if getattr(one, name) is None else float(getattr(one, name))
            for name in ("planned_t", "departed_t", "received_t")
        },
        "state_title": one.get_state_display(),
        "due": one.due.isoformat(),
        "overdue": one.state == Manifest.State.UNDERWAY and one.due < timezone.now(),
        "last_step": steps[-1]["number"] if steps else 0,
        "steps": steps,
    }


def _draw(one: Draw) -> dict[str, Any]:
    return {
        "number": one.number,
        "seed": one.seed,
        "at": one.at.isoformat(),
        "by": one.by.get_username(),
        "sites": one.sites,
        "inspectors": one.inspectors,
        "candidates": inspections.candidates_of(one),
        "drawn": one.drawn,
        "inspections": sorted(one.inspections.values_list("number", flat=True)),
    }


def _inspection(one: Inspection) -> dict[str, Any]:
    steps = [step_told(step) for step in steps_of(inspections.SUBJECT, one.number).select_related("by")]
    return {
        "number": one.number,
        "draw": one.draw.number,
        "site": one.site.code,
        "name": one.site.name,
        "county": one.site.county,
        "inspectors": one.inspectors,
        "state": one.state,
        "state_title": one.get_state_display(),
        "last_step": steps[-1]["number"] if steps else 0,
        "steps": steps,
    }
