"""The checks of a file with many parcels, one after the other; each answer is stored once, however often begun."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from api.asking import question_with
from api.breakdowns import out_of_time
from api.errors import Refused
from api.jobs import Progress, enqueue, folder_of, job_folder
from api.schemas import CheckBody
from loaders import parcel_json
from loaders.parcels import ParcelFile
from loaders.staging import storable
from spatial.checks import ParcelOutside, run_check
from spatial.measure import OutOfTime
from spatial.models import Job

PARCELS = "parcels.json"


def enqueue_checks(read: ParcelFile, body: CheckBody, name: str, user_id: int | None) -> Job:
    """Leave the parcels, as they were understood, for the worker."""
    job = Job(kind=Job.Kind.CHECKS, title=storable(name)[:500], by_id=user_id)
    job.given = {"body": body.model_dump(mode="json")}
    with job_folder(job.pk) as folder:
        (folder / PARCELS).write_bytes(parcel_json.encode(read))
        return enqueue(job)


def check_parcels(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `checks`: {"checks": [id…], "refused": [{parcel_no, code, detail}…]}."""
    parcels = parcel_json.decode((folder_of(job.pk) / PARCELS).read_bytes()).parcels
    body = CheckBody.model_validate(job.given["body"])
    result: dict[str, Any] = job.result or {"checks": [], "refused": []}
    for number in range(len(result["checks"]) + len(result["refused"]), len(parcels)):
        progress("checking", number, len(parcels))
        parcel = parcels[number]
        try:
            with transaction.atomic():
                run = run_check(question_with(parcel, body), job.by_id)
                result["checks"].append(str(run.pk))
                Job.objects.filter(pk=job.pk).update(result=result)
        except OutOfTime:
            told = {"parcel_no": parcel.no, "code": "check_timeout", "detail": out_of_time().detail}
        except ParcelOutside as error:
            told = {"parcel_no": parcel.no, "code": "outside_region", "detail": str(error)}
        except Refused as error:
            told = {"parcel_no": parcel.no, "code": error.code, "detail": error.detail}
        else:
            continue
        result["refused"].append(told)
        Job.objects.filter(pk=job.pk).update(result=result)
    return result
