"""A case is watched: when the data change under it, or somebody hands it on, its people are told.

In the page, by mail where it is configured and they have an address, and to the webhook if there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from spatial import rules
from spatial.models import Account, Case, CheckRun, Delivery, Message, Step, VerdictChange
from spatial.steps import add_step, steps_of

SUBJECT = "case"
LAND = frozenset({"clerk", "planner"})
ECOLOGY = frozenset({"inspector", "steward"})
"""The two sides between which a case goes."""


def locked(**which: Any) -> QuerySet[Case]:
    """Cases, held until the transaction ends; before `answers` and the audit chain, see `spatial.releases.lock`.

    A receipt that points to one is written meanwhile.
    """
    return Case.objects.select_for_update(of=("self",), no_key=True).filter(**which).order_by("pk")


def moved_on(old: CheckRun, new: CheckRun) -> None:
    """A check of an open case was asked again and says the same."""
    Case.objects.filter(latest=old, is_open=True).update(latest=new)


def flag(change: VerdictChange, by: Any = None) -> list[Case]:
    """Flag the open cases whose check is no longer given so, and tell their people; in the change's transaction.

    `by`: who found it out, and need not be told.
    """
    terms = rules.current().verdict_terms
    found = list(locked(latest=change.old, is_open=True))
    for case in found:
        case.flagged = True
        case.latest = change.new or change.old
        case.parcel = case.latest.parcel
        case.save(update_fields=["flagged", "latest", "parcel"])
        after = terms[change.new.verdict] if change.new else "不能再判断"
        words = f"{terms[change.old.verdict]} → {after}"
        said = {
            "change": change.pk,
            "old": change.old.number,
            "new": change.new.number if change.new else None,
        }
        case_step(case, "changed", by, words, **said)
        text = f"事项 {case.number}（{case.title}）的核查结论有变：{words}。"
        tell(case, people_of(case), text, "case.changed", said, but=by)
    return found


def people_of(case: Case) -> list[User]:
    """Who opened a case, follows it or did something on it, and may still see it."""
    doers = steps_of(SUBJECT, case.number).exclude(by=None).values_list("by_id", flat=True)
    return _in_charge(case, user_id__in={case.by_id, *doers, *case.followers.values_list("pk", flat=True)})


def other_side(case: Case, by: Any) -> list[User]:
    """Who is in charge of the counties of a case in the other department: ecology for the land office, and back.

    An administrator belongs to neither, and both are the other.
    """
    role = Account.objects.values_list("role", flat=True).filter(user_id=by.pk).first()
    return _in_charge(case, role__in=ECOLOGY if role in LAND else LAND if role in ECOLOGY else LAND | ECOLOGY)


def _in_charge(case: Case, **which: Any) -> list[User]:
    accounts = Account.objects.filter(user__is_active=True, **which).select_related("user")
    return [one.user for one in accounts if not one.counties or set(one.counties) & set(case.counties)]


def case_step(case: Case, kind: str, by: Any, note: str = "", **detail: Any) -> Step:
    return add_step(SUBJECT, case.number, kind, by, note, case.counties, **detail)


def tell(
    case: Case, people: Iterable[User], text: str, event: str, said: Mapping[str, Any], but: Any = None
) -> None:
    """A message to each, by mail too where he has an address; and to the webhook if there is one."""
    told = {one.pk: one for one in people if but is None or one.pk != but.pk}.values()
    Message.objects.bulk_create(Message(to=one, case=case, text=text) for one in told)
    out: list[Delivery] = []
    if settings.JINGTU_MAIL_URL:
        payload = {"subject": f"净土：事项 {case.number}", "text": text}
        out += [Delivery(channel="mail", target=one.email, payload=payload) for one in told if one.email]
    if settings.JINGTU_WEBHOOK_URL:
        said = {
            "event": event,
            "case": case.number,
            "title": case.title,
            "counties": case.counties,
            "text": text,
            **said,
        }
        out.append(Delivery(channel="webhook", target=settings.JINGTU_WEBHOOK_URL, payload=said))
    Delivery.objects.bulk_create(out)
