"""Sites: what holds of one on any day, as known at any time; and what happens to it, recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import shapely
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from fastapi import APIRouter, Depends, Path, Query
from pydantic import ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from api.access import Scope, scope_of, signed_in
from api.answers import answer
from api.answers.registers import Lifecycle, Recorded, SiteCard, SitesFound
from api.asking import moment_of, require_extent, shape_from
from api.errors import Refused
from api.language import said
from api.once import Key, once
from api.recheck_job import enqueue_recheck
from api.register_rights import require_editor, sees_all, site_of, told, visible_sites
from api.route import DjangoRoute
from api.schemas import Line, Reason, TextSafe
from api.seen import looked_through
from spatial import audit
from spatial.models import Revision, Site, SiteCode, SiteEvent
from spatial.registers import lifecycle, lineage
from spatial.registers.recording import Entry, add
from spatial.registers.telling import event_told, head_told, owing
from spatial.releases import newest_revision

router = APIRouter(route_class=DjangoRoute, tags=["registers"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Anyone = Annotated[Scope, Depends(scope_of)]
Code = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
Day = Annotated[date | None, Query(description="按哪一天的情况；不写是今天")]
Moment = Annotated[datetime | None, Query(description="当时已登记的；不写是现在")]


class EventBody(TextSafe):
    """One thing that happened: what, when it took effect, whose act it was, on what document."""

    model_config = ConfigDict(extra="forbid")
    kind: Line
    what: Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    on: date
    actor: Line
    document_number: Line
    document_date: date
    note: Reason | None = None
    detail: dict[str, Any] = Field(default_factory=dict, max_length=40)
    shape: dict[str, Any] | None = Field(None, description="GeoJSON Polygon 或 MultiPolygon")
    crs: str = "EPSG:4490"
    corrects: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class EventsBody(TextSafe):
    """Events that belong together: all are recorded or none. `after`: the number of the last event that was seen."""

    model_config = ConfigDict(extra="forbid")
    after: Annotated[int, Field(ge=0, le=2**31 - 1)]
    events: list[EventBody] = Field(min_length=1, max_length=20)


class PartBody(TextSafe):
    """A site to come."""

    model_config = ConfigDict(extra="forbid")
    code: Line
    name: Line
    shape: dict[str, Any]
    crs: str = "EPSG:4490"


class SuccessionBody(TextSafe):
    """One site becomes several or several one. `sites`: code → number of the last event that was seen."""

    model_config = ConfigDict(extra="forbid")
    sites: dict[str, int] = Field(min_length=1, max_length=20)
    parts: list[PartBody] = Field(min_length=1, max_length=20)
    on: date
    actor: Line
    document_number: Line
    document_date: date
    note: Reason | None = None


@router.get("/lifecycle", openapi_extra=answer(Lifecycle))
def get_lifecycle(scope: Anyone) -> dict[str, Any]:
    """Stages, moves with who makes them on what document, lists, and what a stage keeps from being done."""
    cycle = lifecycle.current()
    return {
        "stages": [
            {"id": s.id, "title": s.title, "title_en": s.title_en, "bars": list(s.bars), "closed": s.closed}
            for s in cycle.stages.values()
        ],
        "moves": [
            {
                "id": m.id,
                "title": m.title,
                "from": list(m.origins),
                "to": m.to,
                "actors": list(m.actors),
                "document": said(m.document),
                "basis": m.basis,
                "needs": list(m.needs),
                "due_months": m.due.months if m.due else None,
                "due": said(m.due.what) if m.due else None,
            }
            for m in cycle.moves.values()
        ],
        "bars": [{"id": b.id, "title": b.title, "basis": b.basis} for b in cycle.bars.values()],
        "actors": dict(cycle.actors),
        "lists": [
            {"layer": one.layer, "actors": list(one.actors), "noticed": one.noticed}
            for one in cycle.lists.values()
        ],
    }


@router.get("/sites", openapi_extra=answer(SitesFound))
def list_sites(
    scope: Anyone,
    q: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00-\x1f]*$")] = None,
    county: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    due: Annotated[Literal["overdue"] | None, Query(description="只看逾期的")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00-\x1f]*$")] = None,
) -> dict[str, Any]:
    """The sites that the asker may see, by code; `q` looks into codes and names."""
    rows = visible_sites(scope)
    if county:
        rows = rows.filter(county=county)
    if q:
        rows = rows.filter(name__icontains=q) | rows.filter(codes__code__icontains=q)
    if due:
        late = [site.pk for site, one in owing(timezone.localdate()).items() if one["overdue"]]
        rows = rows.filter(pk__in=[pk for pk in late if sees_all(scope, Site.objects.get(pk=pk).county)])
    if after:
        rows = rows.filter(code__gt=after)
    found = list(rows.distinct().order_by("code")[: limit + 1])
    more = len(found) > limit
    looked_through(scope, "sites")
    return {
        "sites": [head_told(site) for site in found[:limit]],
        "next": found[limit - 1].code if more else None,
    }


@router.get("/sites/{code}", openapi_extra=answer(SiteCard))
def get_site(code: Code, scope: Anyone, as_of: Day = None, known_at: Moment = None) -> dict[str, Any]:
    """One site: stage, lists, restrictions, what is owed, where it came from, and every event."""
    site = site_of(scope, code)
    answer = told(scope, site, as_of, revision_at(known_at))
    if sees_all(scope, site.county):
        audit.record("view", scope.user_id, f"site {site.code}", counties=[site.county])
    for move in (answer.get("stage") or {}).get("moves", []):
        move["document"] = said(move["document"])
    if due := answer.get("due"):
        due["what"] = said(due["what"])
    return answer


@router.post("/sites/{code}/events", status_code=201, openapi_extra=answer(Recorded, 201))
def create_events(code: Code, body: EventsBody, scope: SignedIn, key: Key = None) -> dict[str, Any]:
    """Record what happened; the rows that checks look at change with it, under a new revision."""
    site = site_of(scope, code)
    require_editor(scope, {site.county})
    entries = [_entry(one, at) for at, one in enumerate(body.events)]
    succession = lineage.taken_back(code, entries)
    require_editor(scope, {one.site.county for one in succession})

    def work() -> dict[str, Any]:
        with transaction.atomic():
            record = lineage.take_back if succession else add
            made = record(code, entries, after=body.after, by=person(scope))
            return _recorded(made, scope)

    return once(scope, key, f"events {site.pk}", body.model_dump(mode="json"), work)


@router.post("/successions", status_code=201, openapi_extra=answer(Recorded, 201))
def create_succession(body: SuccessionBody, scope: SignedIn, key: Key = None) -> dict[str, Any]:
    """Divide a site or merge several: what comes after carries lists, stage and all the ground on."""
    sites = [site_of(scope, code) for code in body.sites]
    require_editor(scope, {site.county for site in sites})
    parts = [
        lineage.Part(one.code, one.name, polygon(one.shape, one.crs, f"parts[{at}].shape"))
        for at, one in enumerate(body.parts)
    ]
    paper = lineage.Paper(body.on, body.actor, body.document_number, body.document_date, body.note or "")

    def work() -> dict[str, Any]:
        with transaction.atomic():
            made = lineage.succeed(body.sites, parts, paper, person(scope))
            return _recorded(made, scope)

    return once(scope, key, "succession", body.model_dump(mode="json"), work)


def _recorded(made: list[SiteEvent], scope: Scope) -> dict[str, Any]:
    """What was recorded; answers that stood before are asked again by the worker."""
    revision = made[-1].revision_id
    enqueue_recheck(revision, scope.user_id)
    rows = SiteEvent.objects.filter(pk__in=[one.pk for one in made])
    events = rows.select_related("site", "by", "revision", "notice", "corrects").order_by("pk")
    return {
        "revision": revision,
        "events": [{"site": one.site.code, **event_told(one, revision)} for one in events],
    }


def _entry(body: EventBody, at: int) -> Entry:
    shape = polygon(body.shape, body.crs, f"events[{at}].shape") if body.shape is not None else None
    return Entry(
        body.kind, body.what, body.on, body.actor, body.document_number, body.document_date, body.note or "",
        body.detail, shape, body.corrects,
    )  # fmt: skip


def polygon(given: Mapping[str, Any], crs: str, at: str) -> BaseGeometry:
    """A boundary as it is stored; raises Refused."""
    return shape_from(given, crs, at)


def point(given: Mapping[str, Any], at: str) -> BaseGeometry:
    """A place in EPSG:4490; raises Refused."""
    try:
        x, y = (float(one) for one in given["coordinates"][:2])
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise Refused("看不懂点位。", "应为 GeoJSON 的 Point。", code="geometry_unreadable") from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise Refused("点位不是有限的数。", "请核对坐标。", code="geometry_unreadable")
    require_extent(shapely.Point(x, y))
    return shapely.Point(x, y)


def revision_at(moment: datetime | None) -> int:
    """The revision that was the newest at a moment."""
    stated = moment_of(moment)
    if stated is None:
        return newest_revision()
    found = (
        Revision.objects.filter(at__lte=stated).order_by("-number").values_list("number", flat=True).first()
    )
    return found or 0


def person(scope: Scope) -> User:
    return User.objects.get(pk=scope.user_id or 0)


def site_by_code(code: str) -> Site | None:
    known = SiteCode.objects.select_related("site").filter(code=code).first()
    return known.site if known else None
