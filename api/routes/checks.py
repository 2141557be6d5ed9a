"""Checks: ask, ask with a file, read again, and prove that a report is unchanged."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, Response, UploadFile

from api.access import Scope, signed_in
from api.answers import GEOJSON, JSON, answer, answers
from api.answers.checks import CheckAnswer, CheckList, CheckOfFile, CheckShape, RuleList, Verified
from api.answers.loads import AcceptedFile
from api.asking import body_of, question_from, question_with
from api.check_job import enqueue_checks
from api.errors import NotFound, Refused, TooLarge
from api.jobs import accepted
from api.redact import redacted
from api.reports import FORMATS, paper
from api.route import DjangoRoute
from api.schemas import CheckBody
from api.seen import looked_through
from api.turns import Turn
from api.uploads import read_upload
from loaders.parcels import ParcelFile
from spatial import audit, catalog, rules
from spatial.checks import ParcelOutside, Question, is_unchanged, run_check
from spatial.models import AreaOverlay, CheckRun
from spatial.overlays.run import is_unchanged as overlay_unchanged
from spatial.remarks import NONE_YET, with_remarks
from spatial.rules.listing import listed

router = APIRouter(route_class=DjangoRoute, tags=["checks"])
SignedIn = Annotated[Scope, Depends(signed_in)]

REPORT: dict[int | str, dict[str, Any]] = {200: {"content": {media: {} for media in FORMATS.values()}}}
OVERSEERS = frozenset({"steward", "auditor", "administrator"})
MOST_AT_ONCE = 1000
NUMBER = r"^[0-9A-Za-z-]{0,40}$"


def ask(question: Question, scope: Scope) -> dict[str, Any]:
    """Run a check for somebody and tell what they may see of the answer."""
    try:
        run = run_check(question, scope.user_id)
    except ParcelOutside as error:
        raise Refused(str(error), "请检查坐标系、带号和经纬度次序。", code="outside_region") from error
    return redacted({**run.answer, **NONE_YET}, scope, catalog.current())


@router.post("/checks", status_code=201, openapi_extra=answer(CheckAnswer, 201))
def create_check(body: CheckBody, scope: SignedIn, turn: Turn) -> dict[str, Any]:
    """Ask whether a parcel meets a contaminated plot or a zone; the answer is stored as given."""
    return ask(question_from(body, scope), scope)


@router.post(
    "/checks/upload",
    status_code=201,
    responses={202: {"description": "several parcels: a job"}},
    openapi_extra=answers({(201, JSON): CheckOfFile, (202, JSON): AcceptedFile}),
)
def create_check_from_file(
    scope: SignedIn,
    turn: Turn,
    response: Response,
    file: Annotated[UploadFile, File()],
    action: Annotated[str | None, Form()] = None,
    proposed_use: Annotated[str | None, Form()] = None,
    current_use: Annotated[str | None, Form()] = None,
    project: Annotated[str | None, Form(description="JSON object")] = None,
    purpose: Annotated[str, Form()] = "",
    as_of: Annotated[str | None, Form()] = None,
    crs: Annotated[str | None, Form()] = None,
) -> dict[str, Any]:
    """The same with the parcels of a file; uses are [SYSTEM:]CODE. One parcel: its answer; several: 202 and a job."""
    read = read_or_refuse(file, crs)
    if len(read.parcels) > MOST_AT_ONCE:
        raise TooLarge(
            f"文件有 {len(read.parcels)} 个地块，一次最多 {MOST_AT_ONCE} 个。",
            "请拆分文件。",
            code="too_many_parcels",
        )
    body = body_of(action, proposed_use, current_use, project_of(project), purpose, as_of)
    questions = [question_with(parcel, body) for parcel in read.parcels]
    notices = {"notices": [issue.as_json() for issue in read.issues]}
    if len(questions) == 1:
        return ask(questions[0], scope) | notices
    job = enqueue_checks(read, body, file.filename or "", scope.user_id)
    response.status_code = 202
    response.headers["Location"] = f"/jobs/{job.pk}"
    return accepted(job) | notices


def project_of(text: str | None) -> dict[str, Any]:
    """The form field `project`, a JSON object."""
    try:
        project = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        project = None
    if not isinstance(project, dict):
        message = '应为 JSON 对象，例如 {"livestock": false}。'
        raise Refused(
            "项目情况（project）读不懂。",
            message,
            errors=[{"at": "project", "code": "json_invalid", "message": message}],
        )
    return project


def read_or_refuse(file: UploadFile, crs: str | None = None) -> ParcelFile:
    """What an uploaded file holds; raises Refused with every fault when the file has any."""
    read = read_upload(file.file.read(), file.filename or "upload", crs)
    if not read.ok:
        raise Refused(
            f"文件有 {sum(issue.severity == 'error' for issue in read.issues)} 处错误，不能核查。",
            "请按清单改好后重新提交。",
            code="file_refused",
            errors=[
                {"at": f"row {issue.row}" if issue.row else "file", **issue.as_json()}
                for issue in read.issues
            ],
        )
    return read


@router.get("/checks", openapi_extra=answer(CheckList))
def list_checks(
    scope: SignedIn,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(pattern=NUMBER)] = None,
) -> dict[str, Any]:
    """My checks, newest first; stewards, auditors and administrators see those of their counties."""
    runs = visible_checks(scope)
    if before and (last := runs.filter(number=before).first()):
        earlier = Q(checked_at__lt=last.checked_at) | Q(checked_at=last.checked_at, number__lt=before)
        runs = runs.filter(earlier)
    rows = list(runs.select_related("follows").order_by("-checked_at", "-number")[:limit])
    if scope.role in OVERSEERS:
        looked_through(scope, "checks")
    return {
        "checks": [
            {
                "id": str(run.id),
                "number": run.number,
                "verdict": run.verdict,
                "complete": run.complete,
                "checked_at": run.checked_at.isoformat(),
                "as_of": run.as_of.isoformat(),
                "known_at": run.request["known_at"],
                "action": run.answer["action"],
                "area_m2": run.answer["parcel"]["area_m2"],
                "parcel_no": run.answer["parcel"]["parcel_no"],
                "counties": run.counties,
                "purpose": run.purpose,
                "gaps": len(run.answer["gaps"]),
                "follows": run.follows.number if run.follows else None,
            }
            for run in rows
        ]
    }


@router.get("/checks/{check_id}", openapi_extra=answer(CheckAnswer))
def get_check(check_id: UUID, scope: SignedIn) -> dict[str, Any]:
    """One answer, as it was given; beside it the overrides and disputes that people have put there."""
    run = check_of(scope, check_id)
    told = redacted(with_remarks(run), scope, catalog.current())
    if run.asked_by_id != scope.user_id:
        audit.record("view", scope.user_id, f"check {run.number}", counties=run.counties, how="opened")
    return told


@router.get(
    "/checks/{check_id}/report",
    response_class=Response,
    responses=REPORT,
    openapi_extra=answers({(200, JSON): CheckAnswer, (200, GEOJSON): CheckShape}),
)
def get_report(
    check_id: UUID, request: Request, scope: SignedIn, turn: Turn, format: str = "json"
) -> Response:
    """The stored answer as a document: pdf, docx, xlsx, gpkg, geojson, json; zip is the PDF with its signature."""
    run = check_of(scope, check_id)
    told = redacted(with_remarks(run), scope, catalog.current())
    if format not in FORMATS:
        raise Refused(
            f"还不能出具 {format} 格式的报告。", f"可用：{'、'.join(FORMATS)}。", code="format_unknown"
        )
    made = paper(format, run, told, scope, settings.JINGTU_ADDRESS or str(request.base_url))
    audit.record("report", scope.user_id, run.number, counties=run.counties, format=format)
    name = f'attachment; filename="{run.number}.{format}"'
    return Response(made, media_type=FORMATS[format], headers={"Content-Disposition": name})


@router.get("/verify/{number}", openapi_extra=answer(Verified))
def verify(
    turn: Turn,
    number: Annotated[str, Path(max_length=40)],
    fingerprint: Annotated[str | None, Query(max_length=80)] = None,
) -> dict[str, Any]:
    """Whether an answer or overlay with this number exists and is unchanged; says nothing of its content."""
    if run := CheckRun.objects.filter(number=number).first():
        return _verified(run, fingerprint, run.checked_at, is_unchanged(run))
    if made := AreaOverlay.objects.filter(number=number).first():
        return _verified(made, fingerprint, made.made_at, overlay_unchanged(made))
    raise NotFound("没有这个编号。", "请核对报告上的编号。", code="number_unknown")


def _verified(
    one: CheckRun | AreaOverlay, fingerprint: str | None, at: datetime, unchanged: bool
) -> dict[str, Any]:
    return {
        "number": one.number,
        "exists": True,
        "unchanged": unchanged and (fingerprint is None or fingerprint == one.fingerprint),
        "checked_on": timezone.localdate(at).isoformat(),
    }


@router.get("/rules", openapi_extra=answer(RuleList))
def list_rules(scope: SignedIn) -> dict[str, Any]:
    """Every rule with its basis, kind, parameters and what it needs."""
    book = rules.current()
    return {
        "version": book.digest,
        "verdict_order": list(book.verdict_order),
        "rules": listed(book, catalog.current()),
    }


def visible_checks(scope: Scope) -> Any:
    """One's own, and for those who oversee counties all of theirs."""
    if scope.role not in OVERSEERS:
        return CheckRun.objects.filter(asked_by_id=scope.user_id)
    runs = CheckRun.objects.all()
    if scope.all_counties:
        return runs
    return runs.filter(counties__has_any_keys=sorted(scope.counties))


def check_of(scope: Scope, check_id: UUID) -> CheckRun:
    """A check that the asker may see. Raises NotFound."""
    run = visible_checks(scope).filter(id=check_id).first()
    if run is None:
        raise NotFound(
            "没有这次核查，或不是你能看的。", "请核对地址，或在“我的核查”里找。", code="check_unknown"
        )
    return cast(CheckRun, run)
