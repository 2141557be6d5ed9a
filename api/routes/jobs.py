"""Jobs and what is new: state, and server-sent events as the database tells them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from api import events, jobs
from api.access import Scope, may_oversee, may_read, scope_of, signed_in
from api.answers import answer
from api.answers.loads import Accepted, JobAnswer
from api.errors import Conflict, Forbidden, NotFound
from api.events import JOB, REVISION, Told
from api.issue_files import CSV, XLSX, issue_file
from api.pool import fetch_all, fetch_one, fetch_seen
from api.route import DjangoRoute
from loaders.record import Issue
from spatial import catalog

router = APIRouter(tags=["jobs"])
changing = APIRouter(route_class=DjangoRoute, tags=["jobs"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Anyone = Annotated[Scope, Depends(scope_of)]
STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}
ENDED = frozenset({"done", "failed", "cancelled"})
OWED = frozenset({"recheck", "deliver"})
_JOB = """
SELECT id, kind, title, layer, counties, by_id, state, stage, done, total, cancel_asked, result, failure,
  created_at, started_at, ended_at
FROM spatial_job WHERE id = %s
"""
_NEWEST = """
SELECT v.number, v.kind, v.at, r.name AS release,
  ARRAY(SELECT DISTINCT l.layer FROM spatial_load l
        WHERE l.release_id = v.release_id AND v.kind IN ('publish', 'unpublish') AND l.state IN ('live', 'withdrawn')
        UNION
        SELECT DISTINCT c.layer FROM spatial_coverage c
        WHERE c.revisions @> v.number AND NOT c.revisions @> v.number - 1
        UNION
        SELECT DISTINCT f.layer FROM spatial_siteevent e JOIN spatial_feature f ON f.site_id = e.site_id
        WHERE e.revision_id = v.number AND (f.revisions @> v.number) <> (f.revisions @> v.number - 1)) AS layers
FROM spatial_revision v LEFT JOIN spatial_release r ON r.id = v.release_id
WHERE v.number > %s ORDER BY v.number DESC LIMIT 100
"""
_LAST = "SELECT coalesce(max(number), 0) AS number FROM spatial_revision"


@router.get("/jobs/{job_id}", openapi_extra=answer(JobAnswer))
async def get_job(job_id: UUID, scope: SignedIn) -> dict[str, Any]:
    """How far a job is, and once it has ended what came of it."""
    return _told(await _one(scope, job_id))


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse, responses=STREAM)
async def get_job_events(job_id: UUID, request: Request, scope: SignedIn) -> StreamingResponse:
    """The same as it changes: `progress` events, and one named like the state that ends the job."""
    asker = scope

    async def read() -> tuple[list[Told], bool]:
        nonlocal asker
        row = await _one(asker, job_id)
        asker = await scope_of(request)  # for the next word
        ended = row["state"] in ENDED
        return [(row["state"] if ended else "progress", _told(row))], ended

    return await events.stream(JOB, str(job_id), read)


@router.get(
    "/jobs/{job_id}/issues", response_class=Response, responses={200: {"content": {CSV: {}, XLSX: {}}}}
)
async def get_job_issues(job_id: UUID, scope: SignedIn, format: str = "xlsx") -> Response:
    """What a load that was tried found wrong, as its result names it, for the office that sent the data."""
    row = await _one(scope, job_id)
    told = (row["result"] or {}).get("issues", [])
    issues = [Issue(**{**one, "place": tuple(one["place"]) if one["place"] else None}) for one in told]
    return await asyncio.to_thread(issue_file, issues, format, "issues")


@changing.post("/jobs/{job_id}/cancel", openapi_extra=answer(Accepted))
def cancel_job(job_id: UUID, scope: SignedIn) -> dict[str, Any]:
    """End one's own job: at once while it waits, at its next sign of progress while it runs.

    An administrator ends those of his counties too; a job of no county is the whole region's. What the system owes
    others, rechecks and messages, nobody ends.
    """
    job = jobs.find(job_id)
    if job is None or (job.by_id != scope.user_id and not _administers(scope, job.counties)):
        raise _unknown()
    if job.kind in OWED:
        raise Conflict("复查和发送消息是系统对他人的告知，不能取消。", "请等它结束。", code="job_owed")
    return jobs.accepted(jobs.cancel(job))


@router.get("/events", response_class=StreamingResponse, responses=STREAM)
async def get_events(request: Request, scope: Anyone) -> StreamingResponse:
    """A `revision` event whenever other data are live, with the layers that the asker may read; first the newest."""
    newest = (await fetch_one(_LAST) or {"number": 0})["number"]
    since, asker = newest - 1, scope

    async def read() -> tuple[list[Told], bool]:
        nonlocal since, asker
        rows = await fetch_all(_NEWEST, [since])
        seen = [("revision", _revision(asker, row)) for row in reversed(rows)]
        since = max([since, *(row["number"] for row in rows)])
        asker = await scope_of(request)
        return seen, False

    return await events.stream(REVISION, "", read)


router.include_router(changing)


async def _one(scope: Scope, job_id: UUID) -> dict[str, Any]:
    """A job of one's own, or of the counties and layers that one oversees; rights that ended end the sight of it."""
    found = await fetch_seen(scope.asker, _JOB, [job_id]) if scope.signed_in else []
    if not found:
        raise _unknown()
    (row,) = found
    if row["kind"] == "load":
        seen = may_oversee(scope, catalog.current().layer(row["layer"]), row["counties"])
        if not seen and row["by_id"] == scope.user_id:
            raise Forbidden("你的账号已不能看这份资料。")
    else:
        seen = row["by_id"] == scope.user_id
    if not seen:
        raise _unknown()
    return row


def _told(row: dict[str, Any]) -> dict[str, Any]:
    times = {
        name: row[name].isoformat() if row[name] else None
        for name in ("created_at", "started_at", "ended_at")
    }
    plain = ("kind", "title", "state", "stage", "done", "total", "result", "failure")
    return {"id": str(row["id"]), **{name: row[name] for name in plain}, **times}


def _revision(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    known = catalog.current()
    layers = [name for name in row["layers"] if name in known.layers and may_read(scope, known.layer(name))]
    return {"revision": row["number"], "kind": row["kind"], "at": row["at"].isoformat(), "release": row["release"],
            "layers": sorted(layers)}  # fmt: skip


def _administers(scope: Scope, counties: list[str]) -> bool:
    own = bool(counties) and set(counties) <= scope.counties
    return scope.role == "administrator" and (scope.all_counties or own)


def _unknown() -> NotFound:
    return NotFound("没有这个任务，或不是你能看的。", "请核对编号。", code="job_unknown")
