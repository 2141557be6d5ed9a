"""An overlay as a job: the area waits in the job's folder, the result is stored whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.access import Scope, scope_of_user
from api.breakdowns import out_of_time
from api.errors import Forbidden, Refused, TooLarge
from api.jobs import Progress, enqueue, folder_of, job_folder
from api.overlays.asked import asked_from, decoded, encoded
from api.schemas import OverlayTerms
from loaders.staging import storable
from spatial.measure import OutOfTime
from spatial.models import AreaOverlay, Job
from spatial.overlays.area import Area, CodesUnknown
from spatial.overlays.judged import Progress as Tell
from spatial.overlays.run import Asked, make
from spatial.overlays.side import MOST_PLOTS, NoPolygons, TooManyPlots

AREAS = "areas.json"


def enqueue_overlay(terms: OverlayTerms, areas: Sequence[Area], other_day: date | None, scope: Scope) -> Job:
    """Leave the area and what is asked of it for the worker."""
    job = Job(kind=Job.Kind.OVERLAY, title=storable(terms.title or areas[0].title)[:500], by_id=scope.user_id)
    names = set(OverlayTerms.model_fields)
    job.given = {
        "terms": terms.model_dump(mode="json", include=names, by_alias=True),
        "other_day": other_day.isoformat() if other_day else None,
    }
    with job_folder(job.pk) as folder:
        (folder / AREAS).write_bytes(encoded(areas))
        return enqueue(job)


def make_overlay(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `overlay`: {"overlay", "number"}. Begun again, it finds what it has stored."""
    made = AreaOverlay.objects.filter(job=job.pk).first()
    if made is None:
        scope = scope_of_user(job.by) if job.by else None
        if scope is None:
            raise Forbidden("你的账号已停用，没有叠加。")
        areas = decoded((folder_of(job.pk) / AREAS).read_bytes(), scope)
        terms = OverlayTerms.model_validate(job.given["terms"])
        day = job.given["other_day"]
        asked = asked_from(terms, areas, date.fromisoformat(day) if day else None, scope)
        made = made_or_refused(asked, job, progress)
    return {"overlay": str(made.pk), "number": made.number}


def made_or_refused(asked: Asked, job: Job | None, progress: Tell) -> AreaOverlay:
    """The overlay; what keeps it from being made, as a problem that people understand."""
    try:
        return make(asked, job.by_id if job else None, job.pk if job else None, progress)
    except NoPolygons as error:
        raise Refused(
            "范围里没有面：图层那天没有要素，或没有你能看的。", "请核对图层、编号和日期。", code="area_empty"
        ) from error
    except CodesUnknown as error:
        raise Refused(
            f"图层那天没有这些编号的面，或没有你能看的：{str(error)[:500]}。",
            "请核对编号和日期。",
            code="area_codes_unknown",
        ) from error
    except TooManyPlots as error:
        raise TooLarge(
            f"范围按规划用途切成 {error} 块，一次最多 {MOST_PLOTS} 块。",
            "请缩小范围或写明编号。",
            code="overlay_too_large",
        ) from error
    except OutOfTime as error:
        raise out_of_time() from error
