"""After every change of the live data, earlier answers are asked again where it matters: by the worker."""

from __future__ import annotations

from typing import Any

from api.delivering import enqueue_deliveries
from api.drawing_job import enqueue_drawing
from api.jobs import Cancelled, Progress, enqueue
from spatial.models import Job, Recheck
from spatial.recheck import recheck, unanswered

PAUSES_S = (60, 600, 3600)
"""Before what failed is asked again; after the last of them the next revision does it."""


def enqueue_recheck(revision: int, user_id: int | None = None) -> Job:
    """Leave it for the worker, within the transaction that made the revision; new rows are drawn for tiles, too."""
    enqueue_drawing()
    return enqueue(Job(kind=Job.Kind.RECHECK, title=f"数据版本 {revision} 后的复查", by_id=user_id))


def recheck_answers(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `recheck`; begun again, it goes on with what is not asked yet.

    What changed before the last one that came to its end was looked at then; what failed then is asked again.
    """
    last = Recheck.objects.filter(job__state=Job.State.DONE).order_by("-revision").first()
    try:
        kept = recheck(last.revision if last else 0, by=job.by, job=job, progress=progress)
    except Cancelled:
        raise
    except Exception:  # the job ends as it must; people are owed an answer all the same
        _again_later(job)
        raise
    enqueue_deliveries(job.by_id)
    failed = unanswered().count()
    if failed:
        _again_later(job)
    return {
        "recheck": kept.pk,
        "revision": kept.revision,
        "asked": kept.asked,
        "changes": kept.changes.count(),
        "failed": failed,
    }


def _again_later(job: Job) -> None:
    tries = job.given.get("tries", 0)
    if tries < len(PAUSES_S):
        again = Job(kind=Job.Kind.RECHECK, title=job.title, by_id=job.by_id, given={"tries": tries + 1})
        enqueue(again, PAUSES_S[tries])
