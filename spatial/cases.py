"""Use-change cases: opened, handed over, watched; when the data change under one, its people are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from spatial import rules
from spatial.checks import Question, question_of, run_check, stored_geometry
from spatial.models import Account, Case, CheckRun, Delivery, Message, Receipt, Step, VerdictChange
from spatial.numbers import next_number
from spatial.refusal import Refusal
from spatial.steps import add_step, require_last, steps_of

SUBJECT = "case"
ACTIONS: Mapping[str, str | None] = {
    "use_change": "use_change",
    "take_back": "reclaim",
    "transfer": "transfer",
    "plan": None,
}
"""What is asked of the parcel of a kind of case, unless it is said."""
STEPS = {
    "handover": "转交",
    "receive": "签收",
    "note": "说明",
    "acknowledge": "已知悉结论变化",
    "decide": "作出决定",
    "close": "办结",
    "reopen": "重新办理",
}
"""What people may do; `open`, `check` and `changed` are the system's own."""


def open_case(kind: str, title: str, question: Question, by: Any) -> Case:
    """Announce a case: its parcel is checked at once. Raises ParcelOutside, OutOfTime."""
    with transaction.atomic():
        run = run_check(question, by.pk)
        case = Case.objects.create(
            number=next_number("YT", run.number.split("-")[1]),
            kind=kind,
            title=title,
            counties=run.counties,
            parcel=stored_geometry(question.parcel),
            asked={name: run.answer[name] for name in ("action", "proposed_use", "current_use", "project")},
            latest=run,
            by=by,
        )
        case.followers.add(by)
        _step(case, "open", by, check=run.number, verdict=run.verdict)
    return case


def ask_again(case: Case, by: Any) -> CheckRun:
    """Check the parcel of a case anew; whoever asks has taken note of what changed before."""
    with transaction.atomic():
        run = run_check(question_of(case.latest), by.pk, follows=case.latest)
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        case.latest, case.flagged = run, False
        case.save(update_fields=["latest", "flagged"])
        _step(case, "check", by, check=run.number, verdict=run.verdict)
    return run


def step(case: Case, kind: str, by: Any, note: str, after: int, **detail: Any) -> Step:
    """Do something on a case. `after`: the number of the last step that was seen. Raises Refusal."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        require_last(SUBJECT, case.number, after)
        if case.is_open == (kind == "reopen"):
            state = "还在办理" if case.is_open else "已经办结"
            raise Refusal(
                "case_state",
                f"事项 {case.number} {state}，不能“{STEPS[kind]}”。",
                "请核对事项。",
                conflict=True,
            )
        if kind == "close" and case.flagged:
            raise Refusal("case_flagged", f"事项 {case.number} 的核查结论有变，还没有人知悉，不能办结。",
                             "请先查看新的结论并登记“已知悉”。", conflict=True)  # fmt: skip
        if kind in ("close", "reopen"):
            case.is_open = kind == "reopen"
        if kind == "acknowledge":
            case.flagged = False
        case.save(update_fields=["is_open", "flagged"])
        case.followers.add(by)
        made = _step(case, kind, by, note, **detail)
        if kind == "handover":
            _tell(
                case, f"事项 {case.number}（{case.title}）已转交。", "case.handover", {"note": note}, but=by
            )
        return made


def moved_on(old: CheckRun, new: CheckRun) -> None:
    """A check of an open case was asked again and says the same."""
    Case.objects.filter(latest=old, is_open=True).update(latest=new)


def flag(change: VerdictChange) -> list[Case]:
    """Flag the open cases whose check is no longer given so, and tell their people; in the change's transaction."""
    terms = rules.current().verdict_terms
    found = list(Case.objects.select_for_update(of=("self",)).filter(latest=change.old, is_open=True))
    for case in found:
        case.flagged = True
        case.latest = change.new or change.old
        case.save(update_fields=["flagged", "latest"])
        after = terms[change.new.verdict] if change.new else "不能再判断"
        words = f"{terms[change.old.verdict]} → {after}"
        said = {
            "change": change.pk,
            "old": change.old.number,
            "new": change.new.number if change.new else None,
        }
        _step(case, "changed", None, words, **said)
        _tell(case, f"事项 {case.number}（{case.title}）的核查结论有变：{words}。", "case.changed", said)
    return found


def people_of(case: Case) -> list[User]:
    """Who opened a case, follows it or did something on it, and may still see it."""
    doers = steps_of(SUBJECT, case.number).exclude(by=None).values_list("by_id", flat=True)
    ids = {case.by_id, *doers, *case.followers.values_list("pk", flat=True)}
    accounts = Account.objects.filter(user_id__in=ids, user__is_active=True).select_related("user")
    return [one.user for one in accounts if not one.counties or set(one.counties) & set(case.counties)]


def seen(case: Case, by: Any) -> None:
    """Keep that a person saw a case as it is now; once for each step."""
    last = steps_of(SUBJECT, case.number).values_list("number", flat=True).last() or 0
    Receipt.objects.get_or_create(case=case, by_id=by, step=last)


def _step(case: Case, kind: str, by: Any, note: str = "", **detail: Any) -> Step:
    return add_step(SUBJECT, case.number, kind, by, note, case.counties, **detail)


def _tell(case: Case, text: str, event: str, said: Mapping[str, Any], but: Any = None) -> None:
    """A message to each of a case's people, by mail too where he has an address; and to the webhook if there is one."""
    people: Iterable[User] = [one for one in people_of(case) if but is None or one.pk != but.pk]
    Message.objects.bulk_create(Message(to=one, case=case, text=text) for one in people)
    out = []
    if settings.JINGTU_MAIL_URL:
        out += [
            Delivery(
                channel="mail",
                target=one.email,
                payload={"subject": f"净土：事项 {case.number}", "text": text},
            )
            for one in people
            if one.email
        ]
    if settings.JINGTU_WEBHOOK_URL:
        payload = {
            "event": event,
            "case": case.number,
            "title": case.title,
            "counties": case.counties,
            "text": text,
            **said,
        }
        out.append(Delivery(channel="webhook", target=settings.JINGTU_WEBHOOK_URL, payload=payload))
    Delivery.objects.bulk_create(out)
