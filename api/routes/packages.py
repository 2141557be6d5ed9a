"""Area packages for work without a line: asked for as a job, which tells their size, then fetched."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import ConfigDict, Field

from api import jobs
from api.access import Scope, require_role, rights_of, signed_in
from api.answers import answer
from api.answers.loads import Accepted
from api.answers.packages import PackageContent
from api.errors import Forbidden, NotFound, Problem
from api.jobs import accepted
from api.packages_job import enqueue_package, folder_of
from api.route import DjangoRoute
from api.routes.field_work import DOERS
from api.schemas import Line, TextSafe
from spatial import audit
from spatial.models import Job

router = APIRouter(route_class=DjangoRoute, tags=["field work"])
SignedIn = Annotated[Scope, Depends(signed_in)]
MEDIA = {"tiles": "application/vnd.pmtiles", "content": "application/json"}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {one: {} for one in MEDIA.values()}}}


class PackageBody(TextSafe):
    """The ground that the package is of: west, south, east, north in degrees."""

    model_config = ConfigDict(extra="forbid")
    bbox: tuple[
        Annotated[float, Field(ge=-180, le=180)],
        Annotated[float, Field(ge=-90, le=90)],
        Annotated[float, Field(ge=-180, le=180)],
        Annotated[float, Field(ge=-90, le=90)],
    ]
    name: Line


@router.post("/packages", status_code=202, openapi_extra=answer(Accepted, 202))
def create_package(body: PackageBody, scope: SignedIn, response: Response) -> dict[str, Any]:
    """Have an area package made: a job of kind `package`, whose result tells what is in it and how large it is."""
    require_role(scope, DOERS)
    west, south, east, north = body.bbox
    if not (west < east and south < north):
        raise Problem(
            "bbox 应为“西,南,东,北”四个度数。", "例如 [87.0, 43.8, 87.2, 44.0]。", code="bbox_invalid"
        )
    job = enqueue_package(scope, body.bbox, body.name)
    response.headers["Location"] = f"/jobs/{job.pk}"
    return accepted(job)


@router.get(
    "/packages/{job_id}/{file}",
    response_class=FileResponse,
    responses=FILES,
    openapi_extra=answer(PackageContent),
)
def get_package(job_id: UUID, file: Literal["tiles", "content"], scope: SignedIn) -> FileResponse:
    """A file of one's own package, whole or in part (Range)."""
    job = jobs.done(job_id, scope.user_id, Job.Kind.PACKAGE)
    if (job.result or {}).get("rights") != rights_of(scope):
        raise Forbidden("离线包做好以后你的权限或图层目录有变。", "请重新准备。")
    path = folder_of(job.pk) / file
    if not path.exists():
        raise NotFound("离线包只在服务器上保留一天，已经删除。", "请重新准备。", code="package_gone")
    audit.record("export", scope.user_id, str(job.pk), counties=job.counties, how=f"package {file}")
    return FileResponse(path, media_type=MEDIA[file])
