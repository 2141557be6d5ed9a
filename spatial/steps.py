"""What is done on a case, a manifest or an inspection: numbered, dated, signed, and only ever added."""

from __future__ import annotations

from typing import Any

from django.db import connection

from spatial import audit
from spatial.models import Step


def add_step(
    subject: str, key: str, kind: str, by: Any, note: str = "", counties: Any = (), **detail: Any
) -> Step:
    """Add the next step, in the transaction under way; whoever else adds one to the same thing waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jingtu {subject} {key}"])
    last = steps_of(subject, key).order_by("-number").values_list("number", flat=True).first() or 0
    step = Step.objects.create(
        subject=subject, key=key, number=last + 1, kind=kind, by=by, note=note, detail=detail
    )
    audit.record(subject, by.pk if by else None, key, counties=counties, step=step.number, kind=kind)
    return step


def steps_of(subject: str, key: str) -> Any:
    """The steps of a thing, in order."""
    return Step.objects.filter(subject=subject, key=key).order_by("number")


def step_told(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "kind": step.kind,
        "at": step.at.isoformat(),
        "by": step.by.get_username() if step.by else None,
        "note": step.note,
        **step.detail,
    }
