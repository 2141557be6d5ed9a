"""The papers of a file's checks, made by the worker and kept for a week; the same answers give the same again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from api.access import rights_of, scope_of_user
from api.batch_output import write_workbook
from api.batch_papers import require_few, write_papers
from api.errors import Forbidden
from api.jobs import Progress, enqueue
from spatial import rules
from spatial.models import BatchParcel, CheckRun, Job

KEPT_S = 7 * 24 * 3600


def file_of(job: UUID) -> Path:
    return Path(settings.JINGTU_HOME) / "made-papers" / f"{job}.zip"


def enqueue_papers(checks: Job, address: str) -> Job:
    """Leave it for the worker. `checks`: a job of that kind, done. Raises TooLarge."""
    ids = (checks.result or {}).get("checks", [])
    require_few(len(ids))
    known = CheckRun.objects.filter(pk__in=ids).values_list("counties", flat=True)
    counties = sorted({county for some in known for county in some})
    job = Job(kind=Job.Kind.PAPERS, title=checks.title, by_id=checks.by_id, counties=counties)
    job.given = {"checks": str(checks.pk), "address": address}
    return enqueue(job)


def make_papers(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `papers`: {"checks", "papers", "rights"}; begun again, it begins from the first."""
    checks = Job.objects.get(pk=job.given["checks"])
    scope = scope_of_user(job.by) if job.by else None
    if scope is None:
        raise Forbidden("你的账号已不能出具报告。")
    result = checks.result or {"checks": [], "refused": []}
    ids = result["checks"]
    path = file_of(job.pk)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    try:
        made = write_papers(
            part, checks.title, _facts(checks), lambda: _rows(checks), len(ids), scope, job.given["address"],
            checks.ended_at or datetime.now().astimezone(), write_workbook,
            lambda done: progress("setting", done, len(ids)),
        )  # fmt: skip
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {"checks": str(checks.pk), "papers": made, "rights": rights_of(scope)}


def remove_old() -> None:
    """Papers that were made more than a week ago go; the answers stay."""
    for path in file_of(UUID(int=0)).parent.glob("*"):
        if time.time() - path.stat().st_mtime > KEPT_S:
            path.unlink(missing_ok=True)


def _rows(checks: Job) -> Iterator[BatchParcel]:
    """What became of the parcels, those that were answered first."""
    result = checks.result or {"checks": [], "refused": []}
    ids = [UUID(one) for one in result["checks"]]
    at = 0
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        runs = CheckRun.objects.select_related("asked_by").in_bulk(some)
        for one in some:
            at += 1
            run = runs[one]
            yield BatchParcel(
                place=at, row=at, parcel_no=run.answer["parcel"]["parcel_no"] or "", check_run=run
            )
    for told in result["refused"]:
        at += 1
        issues = [{"code": told["code"], "message": told["detail"]}]
        yield BatchParcel(place=at, row=at, parcel_no=told["parcel_no"] or "", issues=issues)


def _facts(checks: Job) -> list[tuple[str, Any]]:
    result = checks.result or {"checks": [], "refused": []}
    runs = CheckRun.objects.filter(pk__in=result["checks"])
    verdicts = list(runs.values_list("verdict", "complete", "revision", "as_of"))
    terms = rules.current().verdict_terms
    return [
        ("文件", checks.title),
        ("所问日期", "、".join(sorted({day.isoformat() for *_, day in verdicts}))),
        ("数据版本", "、".join(str(one) for one in sorted({revision for _, _, revision, _ in verdicts}))),
        ("读入地块", len(verdicts) + len(result["refused"])),
        ("已核查", len(verdicts)),
        ("未核查（有错误）", len(result["refused"])),
        ("核查不完整（缺资料）", sum(not complete for _, complete, *_ in verdicts)),
        *((f"结论：{terms[one]}", sum(verdict == one for verdict, *_ in verdicts)) for one in terms),
    ]
