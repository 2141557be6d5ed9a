"""What is done on a case, a manifest or an inspection: numbered, dated, signed, and only ever added."""

from __future__ import annotations

from typing import Any

from django.db import connection

from spatial import audit
from spatial.models import Step
from spatial.refusal import Refusal


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


def require_last(subject: str, key: str, after: int) -> None:
    """Refuse whoever has not seen the last step of a thing. Raises Refusal."""
    last = steps_of(subject, key).select_related("by").last()
    number = last.number if last else 0
    if number != after:
        who = last.by.get_username() if last and last.by else "系统"
        message = f"{who} 已办理 {key} 的第 {number} 步，你看到的是第 {after} 步。"
        raise Refusal("stale", message, "请刷新后再办理。", conflict=True)


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
