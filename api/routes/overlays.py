"""Overlays: ask for one as a job, read it again, take it away as a file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, cast
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import ValidationError

from api.access import Scope, may_see_row, signed_in
from api.answers import GEOJSON, JSON, answer, answers
from api.answers.loads import Accepted
from api.answers.overlays import Overlay, OverlayList, OverlayShapes
from api.asking import day_of, use_of
from api.errors import Forbidden, NotFound, Refused
from api.field_errors import field_errors
from api.jobs import accepted
from api.language import said
from api.overlays.asked import DRAWN, area_from, area_of_file, asked_from, require_readable
from api.overlays.geodata import geojson
from api.overlays.job import enqueue_overlay
from api.overlays.output import MEDIA, exported
from api.redact import redacted_overlay
from api.route import DjangoRoute
from api.routes.checks import OVERSEERS, project_of, read_or_refuse
from api.schemas import OverlayBody, OverlayTerms
from api.seen import looked_through
from api.turns import Turn
from spatial import audit, catalog
from spatial.models import AreaOverlay
from spatial.overlays.area import Area

router = APIRouter(route_class=DjangoRoute, tags=["overlays"])
SignedIn = Annotated[Scope, Depends(signed_in)]
NUMBER = r"^[0-9A-Za-z-]{0,40}$"


@router.post("/overlays", status_code=202, openapi_extra=answer(Accepted, 202))
def create_overlay(body: OverlayBody, scope: SignedIn, turn: Turn, response: Response) -> dict[str, Any]:
    """Lay layers on an area: a job whose result names the overlay."""
    require_readable(body, scope)
    areas = [area_from(body.area, body.crs, "area", scope)]
    other_day = None
    if body.compare is not None:
        other_day = day_of(body.compare.as_of)
        if body.compare.area is not None:
            areas.append(area_from(body.compare.area, body.crs, "compare.area", scope))
    return _left(body, areas, other_day, scope, response)


@router.post("/overlays/upload", status_code=202, openapi_extra=answer(Accepted, 202))
def create_overlay_from_file(
    scope: SignedIn,
    turn: Turn,
    response: Response,
    file: Annotated[UploadFile, File()],
    layers: Annotated[str, Form(alias="with", description="layers, comma between", max_length=4000)],
    compare: Annotated[UploadFile | None, File(description="a second area")] = None,
    compare_as_of: Annotated[date | None, Form()] = None,
    title: Annotated[str, Form()] = "",
    action: Annotated[str | None, Form()] = None,
    current_use: Annotated[str | None, Form()] = None,
    project: Annotated[str | None, Form(description="JSON object")] = None,
    purpose: Annotated[str, Form()] = "",
    as_of: Annotated[str | None, Form()] = None,
    crs: Annotated[str | None, Form()] = None,
) -> dict[str, Any]:
    """The same with the polygons of a file in any format that a check reads."""
    if compare is not None and compare_as_of is not None:
        raise Refused("compare 和 compare_as_of 应写其中一项。", "请只与一个方案或一天比较。")
    told = {
        "with": [layer.strip() for layer in layers.split(",") if layer.strip()], "title": title,
        "action": action or None, "current_use": use_of(current_use), "project": project_of(project),
        "purpose": purpose, "as_of": as_of or None,
    }  # fmt: skip
    try:
        terms = OverlayTerms.model_validate(told)
    except ValidationError as error:
        errors = field_errors(error.errors())
        told_where = "、".join(one["at"] for one in errors)
        raise Refused(f"填写的内容有误：{told_where}。", "请核对格式。", errors=errors) from error
    require_readable(terms, scope)
    areas = [
        area_of_file(read_or_refuse(one, crs), one.filename or "")
        for one in (file, compare)
        if one is not None
    ]
    return _left(terms, areas, day_of(compare_as_of), scope, response)


def _left(
    terms: OverlayTerms, areas: list[Area], other_day: date | None, scope: Scope, response: Response
) -> dict[str, Any]:
    asked_from(terms, areas, other_day, scope)  # what is wrong with the question is told now
    job = enqueue_overlay(terms, areas, other_day, scope)
    response.headers["Location"] = f"/jobs/{job.pk}"
    return accepted(job)


@router.get("/overlays", openapi_extra=answer(OverlayList))
def list_overlays(
    scope: SignedIn,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(pattern=NUMBER)] = None,
) -> dict[str, Any]:
    """My overlays, newest first; stewards, auditors and administrators see those that lie wholly in their counties."""
    made = visible_overlays(scope)
    if before and (last := made.filter(number=before).values_list("made_at", flat=True).first()):
        made = made.filter(Q(made_at__lt=last) | Q(made_at=last, number__lt=before))
    # The results themselves may be large: only what is listed of them is read.
    made = made.defer("answer").annotate(area_m2=F("answer__area__area_m2"), purpose=F("answer__purpose"))
    rows = made.order_by("-made_at", "-number")[:limit]
    if scope.role in OVERSEERS:
        looked_through(scope, "overlays")
    return {
        "overlays": [
            {
                "id": str(one.pk), "number": one.number, "title": _title(one.title), "verdict": one.verdict,
                "complete": one.complete, "made_at": one.made_at.isoformat(), "as_of": one.as_of.isoformat(),
                "counties": one.counties, "area_m2": one.area_m2, "purpose": one.purpose,
            }
            for one in rows
        ]
    }  # fmt: skip


@router.get("/overlays/{overlay_id}", openapi_extra=answer(Overlay))
def get_overlay(overlay_id: UUID, scope: SignedIn) -> dict[str, Any]:
    """One result, as it was made."""
    one = overlay_of(scope, overlay_id)
    if one.asked_by_id != scope.user_id:
        audit.record("view", scope.user_id, f"overlay {one.number}", counties=one.counties, how="opened")
    told = _worded(redacted_overlay(one.answer, scope, catalog.current()))
    other = told["other"]
    return {**told, "title": _title(told["title"]), "other": _worded(other) if other else None}


def _worded(side: dict[str, Any]) -> dict[str, Any]:
    """A side with the service's own names for areas and uses in the language that is asked for."""
    area = {**side["area"], "title": _title(side["area"]["title"])}
    return {**side, "area": area, "uses": [{**one, "title": _use(one["title"])} for one in side["uses"]]}


def _title(title: str) -> str:
    return said(title) if title == DRAWN else title


def _use(title: str) -> str:
    """A class of planned use, with its code in front where it has one."""
    code, blank, name = title.partition(" ")
    return f"{code} {said(name)}" if blank and code.isdigit() else said(title)


@router.get(
    "/overlays/{overlay_id}/shapes",
    response_class=Response,
    openapi_extra=answer(OverlayShapes, media=GEOJSON),
)
def get_overlay_shapes(overlay_id: UUID, scope: SignedIn) -> Response:
    """Its plots, pieces and hits to be looked at beside the result; whoever takes them away asks for the report."""
    one = overlay_of(scope, overlay_id)
    told = redacted_overlay(one.answer, scope, catalog.current())
    return Response(geojson(one, told), media_type="application/geo+json")


@router.get(
    "/overlays/{overlay_id}/report",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA.values()}}},
    openapi_extra=answers({(200, JSON): Overlay, (200, GEOJSON): OverlayShapes}),
)
def get_overlay_report(
    overlay_id: UUID, scope: SignedIn, request: Request, format: Annotated[str, Query(max_length=20)] = "json"
) -> Response:
    """The stored result as a file, never computed again."""
    if format not in MEDIA:
        raise Refused(
            f"还不能出具 {format} 格式的叠加成果。", f"可用：{'、'.join(MEDIA)}。", code="format_unknown"
        )
    one = overlay_of(scope, overlay_id)
    address = settings.JINGTU_ADDRESS or str(request.base_url)
    content, name = exported(one, redacted_overlay(one.answer, scope, catalog.current()), format, address)
    audit.record("report", scope.user_id, one.number, counties=one.counties, format=format)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=MEDIA[format], headers={"Content-Disposition": disposition})


def visible_overlays(scope: Scope) -> Any:
    """One's own, and for those who oversee counties all that lie wholly in theirs."""
    if scope.role not in OVERSEERS:
        return AreaOverlay.objects.filter(asked_by_id=scope.user_id)
    if scope.all_counties:
        return AreaOverlay.objects.all()
    return AreaOverlay.objects.filter(
        Q(asked_by_id=scope.user_id)
        | Q(counties__contained_by=sorted(scope.counties)) & ~Q(counties=[])  # of no county: nobody's but his
    )


def overlay_of(scope: Scope, overlay_id: UUID) -> AreaOverlay:
    """An overlay that the asker may see. Its shapes show rows: who may not see them all, any more, sees none of it.

    Raises NotFound or Forbidden.
    """
    one = visible_overlays(scope).filter(pk=overlay_id).first()
    if one is None:
        raise NotFound("没有这份叠加分析，或不是你能看的。", "请核对地址。", code="overlay_unknown")
    if not _sees_all(scope, one):
        raise Forbidden("你的账号已不能看这份叠加分析里的全部图层。", "请用现在的权限重新叠加。")
    return cast(AreaOverlay, one)


def _sees_all(scope: Scope, one: AreaOverlay) -> bool:
    known = catalog.current()
    return all(
        layer in known.layers and may_see_row(scope, known.layer(layer), county or None)
        for layer, counties in one.shown.items()
        for county in counties
    )
