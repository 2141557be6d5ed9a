"""Registers: who stands on a list on any day, the notices that said so, and the uses that are barred."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Annotated, Any
from urllib.parse import quote

import xlsxwriter
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from api.access import PUBLIC, Scope, may_read, require_layer, row_counties, scope_of, signed_in
from api.answers import answer
from api.answers.registers import BarredUses, NoticeAnswer, NoticeList, Register, RegisterList
from api.errors import NotFound, Refused
from api.issue_files import XLSX
from api.once import Key, once
from api.papers.sheets import SAFE, Sheet
from api.recheck_job import enqueue_recheck
from api.register_rights import require_editor, sees_all
from api.route import DjangoRoute
from api.routes.sites import Day, Moment, person, point, polygon, revision_at, site_by_code
from api.schemas import Line, Reason, TextSafe
from api.seen import looked_through
from spatial import audit, catalog
from spatial.models import Notice, SiteEvent
from spatial.registers import lifecycle
from spatial.registers.notices import Line as NoticeLine
from spatial.registers.notices import Paper, list_on, publish_notice, withdraw_notice
from spatial.registers.telling import notice_told, state_on
from spatial.releases import newest_revision

router = APIRouter(route_class=DjangoRoute, tags=["registers"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Anyone = Annotated[Scope, Depends(scope_of)]

County = Annotated[str | None, Query(pattern=r"^\d{6}$")]
Words = Annotated[str, Query(max_length=80)]
FILE_HEADINGS = ("地块编码", "名称", "县市", "列入日期", "文件", "有边界")


class LineBody(TextSafe):
    """A site of a notice; name, county and place are needed where it is new. `on`: the notice's day unless said."""

    model_config = ConfigDict(extra="forbid")
    code: Line
    on: date | None = None
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    county: Annotated[str, Field(pattern=r"^(\d{6})?$")] = ""
    note: Reason | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, max_length=40)
    shape: dict[str, Any] | None = Field(None, description="GeoJSON 面；边界不明时为点；位置不明时不写")
    crs: str = "EPSG:4490"


class NoticeBody(TextSafe):
    """A numbered, dated notice. `withdraws`: the number of one that it takes back; then it says nothing else."""

    model_config = ConfigDict(extra="forbid")
    number: Line
    date: date
    title: Annotated[
        str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
    ]
    actor: Line
    enter: list[LineBody] = Field(default_factory=list, max_length=500)
    leave: list[LineBody] = Field(default_factory=list, max_length=500)
    withdraws: Line | None = None


@router.get("/registers", openapi_extra=answer(RegisterList))
def list_registers(scope: Anyone) -> dict[str, Any]:
    """The lists that the asker may see, and how many stand on each today."""
    told = []
    for layer in lifecycle.current().lists:
        if (found := _rows(scope, layer, None, newest_revision())) is not None:
            one = catalog.current().layer(layer)
            told.append({"layer": layer, "title": one.title, "owner": one.owner, "sites": len(found)})
    return {"registers": told}


@router.get("/registers/{layer}", openapi_extra=answer(Register))
def get_register(layer: str, scope: Anyone, as_of: Day = None, known_at: Moment = None) -> dict[str, Any]:
    """Who stands on a list on a day, as known at a moment."""
    _require_list(scope, layer)
    revision, known = revision_at(known_at), catalog.current().layer(layer)
    sites = _rows(scope, layer, as_of, revision) or []
    if PUBLIC not in known.read:
        looked_through(scope, layer)
    return {
        "layer": layer,
        "title": known.title,
        "as_of": as_of.isoformat() if as_of else None,
        "revision": revision,
        "sites": sites,
    }


@router.get("/registers/{layer}/file", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_register_file(
    layer: str, scope: Anyone, as_of: Day = None, county: County = None, q: Words = ""
) -> Response:
    """The list as XLSX, of one county or of those whose name or code holds the words; that it was taken out is kept."""
    _require_list(scope, layer)
    known, on = catalog.current(), as_of or timezone.localdate()
    words = q.strip().lower()
    sites = [
        one
        for one in _rows(scope, layer, on, newest_revision()) or []
        if county in (None, one["county"]) and words in f"{one['name']} {one['code']}".lower()
    ]
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {**SAFE, "in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(on, time())})  # the same list gives the same bytes
        sheet = Sheet(book, "名录", FILE_HEADINGS, (18, 36, 20, 14, 30, 10))
        for one in sites:
            told = (one["since"], one["document"], one["has_boundary"])
            sheet.write((one["code"], one["name"], known.counties[one["county"]].name, *told))
        sheet.close()
    audit.record("export", scope.user_id, layer, counties=scope.counties, how="register", sites=len(sites))
    name = quote(f"名录_{known.layer(layer).title}_{on}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(made.getvalue(), media_type=XLSX, headers=headers)


@router.get("/registers/{layer}/notices", openapi_extra=answer(NoticeList))
def list_notices(layer: str, scope: Anyone) -> dict[str, Any]:
    """Notices about a list, newest first; of the counties that the asker may see."""
    _require_list(scope, layer)
    allowed = row_counties(scope, catalog.current().layer(layer))
    rows = Notice.objects.filter(layer=layer).select_related("withdraws", "withdrawn_by")
    told = []
    for notice in rows:
        one = notice_told(notice)
        if allowed is not None:
            seen = {code for code, county in _counties(notice).items() if county in allowed}
            for name in ("enters", "leaves"):
                one[name] = [line for line in one[name] if line["code"] in seen]
            if not one["enters"] and not one["leaves"]:
                continue
        told.append(one)
    if PUBLIC not in catalog.current().layer(layer).read:
        looked_through(scope, layer)
    return {"notices": told}


@router.post("/registers/{layer}/notices", status_code=201, openapi_extra=answer(NoticeAnswer, 201))
def create_notice(layer: str, body: NoticeBody, scope: SignedIn, key: Key = None) -> dict[str, Any]:
    """Publish a notice, or take one back: who stands on the list changes with it, under a new revision."""
    _require_list(scope, layer)
    if body.withdraws is not None and (body.enter or body.leave):
        raise Refused("撤回公告的公告不能再列入或移出别的地块。", "请另发一份公告。", code="notice_mixed")
    require_editor(scope, _touched(layer, body))
    paper = Paper(body.number, body.date, body.title, body.actor)
    enter = [_line(one, f"enter[{at}]") for at, one in enumerate(body.enter)]
    leave = [_line(one, f"leave[{at}]") for at, one in enumerate(body.leave)]

    def work() -> dict[str, Any]:
        with transaction.atomic():
            if body.withdraws is not None:
                notice = withdraw_notice(body.withdraws, paper, person(scope))
            else:
                notice = publish_notice(layer, paper, enter, leave, person(scope))
            enqueue_recheck(notice.revision_id, scope.user_id)
            return notice_told(notice)

    return once(scope, key, f"notice {layer}", body.model_dump(mode="json"), work)


@router.get("/barred-uses", openapi_extra=answer(BarredUses))
def list_barred_uses(scope: SignedIn, as_of: Day = None) -> dict[str, Any]:
    """The negative list: uses that are barred for a plot, in the asker's counties."""
    on, revision = as_of or timezone.localdate(), newest_revision()
    rows = SiteEvent.objects.filter(Q(kind="bar_use") | Q(kind="arise")).select_related("site")
    sites = {one.site for one in rows if sees_all(scope, one.site.county)}
    states = {site: state_on(site, on, revision) for site in sorted(sites, key=lambda one: one.code)}
    told = [
        {"code": site.code, "name": site.name, "county": site.county, "use": use, "since": held.since.isoformat(),
         "document": held.document, "text": held.text}
        for site, held_now in states.items() if not held_now.ended
        for use, held in held_now.barred_uses.items()
    ]  # fmt: skip
    looked_through(scope, "barred_uses")
    return {"as_of": on.isoformat(), "barred_uses": told}


def _require_list(scope: Scope, layer: str) -> None:
    if layer not in lifecycle.current().lists:
        raise NotFound(f"没有名录 {layer}。", "清单见 /registers。", code="list_unknown")
    require_layer(scope, catalog.current(), layer)


def _rows(scope: Scope, layer: str, on: date | None, revision: int) -> list[dict[str, Any]] | None:
    """The sites on a list that the asker may see; None where he may see none of the list."""
    known = catalog.current().layer(layer)
    if not may_read(scope, known):
        return None
    counties = row_counties(scope, known)
    found = list_on(layer, on or timezone.localdate(), revision)
    return [
        {
            "code": site.code,
            "name": site.name,
            "county": site.county,
            "since": row.attributes.get("entry_date") or (row.valid_from and row.valid_from.isoformat()),
            "document": row.attributes.get("document"),
            "has_boundary": row.has_boundary,
        }
        for site, row in found.items()
        if counties is None or row.county in counties
    ]


def _counties(notice: Notice) -> dict[str, str]:
    return dict(notice.events.values_list("site__code", "site__county"))


def _touched(layer: str, body: NoticeBody) -> set[str]:
    """The counties of the sites that a notice names; a site that is not known yet says its own."""
    if body.withdraws is not None:
        old = Notice.objects.filter(number=body.withdraws, layer=layer).first()
        if old is None:
            hint = f"清单见 /registers/{layer}/notices。"
            raise NotFound(f"没有公告 {body.withdraws}。", hint, code="notice_unknown")
        return set(_counties(old).values())
    found = set()
    for line in [*body.enter, *body.leave]:
        site = site_by_code(line.code)
        found.add(site.county if site else line.county)
    return found


def _line(body: LineBody, at: str) -> NoticeLine:
    shape = None
    if body.shape is not None:
        is_point = body.shape.get("type") == "Point"
        shape = point(body.shape, at) if is_point else polygon(body.shape, body.crs, at)
    return NoticeLine(body.code, body.on, body.name, body.county, body.note or "", body.attributes, shape)
