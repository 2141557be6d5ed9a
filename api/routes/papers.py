"""The papers of a file's checks: asked for as a job, fetched whole or in part."""

from __future__ import annotations

import zipfile
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from api import jobs
from api.access import Scope, rights_of, signed_in
from api.answers import answer
from api.answers.loads import Accepted
from api.batch_papers import SUMMARY, WORKBOOK
from api.errors import Forbidden, NotFound, Refused
from api.jobs import accepted
from api.papers_job import enqueue_papers, file_of
from api.reports import FORMATS
from api.route import DjangoRoute
from spatial import audit
from spatial.models import Job

router = APIRouter(route_class=DjangoRoute, tags=["jobs"])
SignedIn = Annotated[Scope, Depends(signed_in)]
INSIDE = {"pdf": SUMMARY, "xlsx": WORKBOOK}
PAPERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {FORMATS[format]: {} for format in ("zip", *INSIDE)}}
}


@router.post("/jobs/{job_id}/papers", status_code=202, openapi_extra=answer(Accepted, 202))
def create_papers(job_id: UUID, request: Request, scope: SignedIn, response: Response) -> dict[str, Any]:
    """Have the papers of one's own file of parcels made: a job of kind `papers`."""
    checks = jobs.done(job_id, scope.user_id, Job.Kind.CHECKS)
    job = enqueue_papers(checks, settings.JINGTU_ADDRESS or str(request.base_url))
    response.headers["Location"] = f"/jobs/{job.pk}"
    return accepted(job)


@router.get("/jobs/{job_id}/papers", response_class=Response, responses=PAPERS)
def get_papers(job_id: UUID, scope: SignedIn, format: str = "zip") -> Response:
    """What a job of kind `papers` made: all as a zip, the summary as pdf, the workbook as xlsx."""
    job = jobs.done(job_id, scope.user_id, Job.Kind.PAPERS)
    if format != "zip" and format not in INSIDE:
        raise Refused(f"没有 {format} 格式。", "可用：zip、pdf、xlsx。", code="format_unknown")
    if (job.result or {}).get("rights") != rights_of(scope):
        raise Forbidden("报告出具以后你的权限或图层目录有变。", "请重新出具。")
    path = file_of(job.pk)
    if not path.exists():
        raise NotFound("报告只保留七天，已经删除。", "请重新出具，内容不变。", code="papers_gone")
    audit.record("report", scope.user_id, str(job.pk), counties=job.counties, format=format, **_counted(job))
    name = f"{job.title}.{format}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    if format == "zip":
        return FileResponse(path, media_type=FORMATS["zip"], headers=headers)
    with zipfile.ZipFile(path) as packed:
        return Response(packed.read(INSIDE[format]), media_type=FORMATS[format], headers=headers)


def _counted(job: Job) -> dict[str, Any]:
    result = job.result or {}
    return {"checks": result.get("checks"), "papers": result.get("papers")}
