"""Use-change cases: opened, handed over, decided, closed by people; what happens to them is `spatial.watch`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from spatial import rules, watch
from spatial.cadastre import ParcelUnknown
from spatial.checks import ParcelOutside, Question, question_of, run_check, stored_geometry
from spatial.models import Case, CheckRun, Receipt, Recheck, Step, VerdictChange
from spatial.numbers import next_number
from spatial.recheck import causes_of, differ, differing
from spatial.refusal import Refusal
from spatial.releases import newest_revision
from spatial.steps import require_last, steps_of
from spatial.watch import SUBJECT, case_step

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
    """Announce a case: its parcel is checked at once, the other side is told. Raises ParcelOutside, OutOfTime."""
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
        case_step(case, "open", by, check=run.number, verdict=run.verdict)
        words = f"{case.get_kind_display()}，核查结论：{rules.current().verdict_terms[run.verdict]}"
        text = f"新的事项 {case.number}（{title}）：{words}。"
        watch.tell(case, watch.other_side(case, by), text, "case.opened", {"check": run.number}, but=by)
    return case


def ask_again(case: Case, by: Any) -> CheckRun:
    """Check the parcel of an open case anew. Raises Refusal, OutOfTime.

    Whoever asks has taken note of what changed before; where the answer is another one, the case is flagged and its
    people are told, as when the data change.
    """
    with transaction.atomic():
        case = watch.locked(pk=case.pk).get()
        _require_state(case, is_open=True, what="重新核查")
        run, changed = _asked(case, by)
        if not changed:
            case.latest, case.flagged = run, False
            case.save(update_fields=["latest", "flagged"])
            case_step(case, "check", by, check=run.number, verdict=run.verdict)
    return run


def step(case: Case, kind: str, by: Any, note: str, after: int, **detail: Any) -> Step:
    """Do something on a case. `after`: the number of the last step that was seen. Raises Refusal, OutOfTime."""
    with transaction.atomic():
        case = watch.locked(pk=case.pk).get()
        require_last(SUBJECT, case.number, after)
        _require_state(case, is_open=kind != "reopen", what=STEPS[kind])
        if kind == "close" and case.flagged:
            raise Refusal("case_flagged", f"事项 {case.number} 的核查结论有变，还没有人知悉，不能办结。",
                             "请先查看新的结论并登记“已知悉”。", conflict=True)  # fmt: skip
        if kind in ("decide", "close") and _is_overtaken(case) and _asked(case, by)[1]:
            raise Refusal("case_overtaken", f"事项 {case.number} 核查以后资料有更新，结论已不同，不能“{STEPS[kind]}”。",
                             "请重新核查，查看新的结论并登记“已知悉”。", conflict=True)  # fmt: skip
        if kind in ("close", "reopen"):
            case.is_open = kind == "reopen"
        if kind == "acknowledge":
            case.flagged = False
        case.save(update_fields=["is_open", "flagged"])
        case.followers.add(by)
        made = case_step(case, kind, by, note, **detail)
        if kind == "handover":
            people = [*watch.people_of(case), *watch.other_side(case, by)]
            to = f"给{detail['to']}" if detail.get("to") else ""
            text = f"事项 {case.number}（{case.title}）已转交{to}。"
            watch.tell(case, people, text, "case.handover", {"note": note}, but=by)
        if kind == "reopen" and _is_overtaken(case):
            _asked(case, by)
        return made


def _require_state(case: Case, *, is_open: bool, what: str) -> None:
    if case.is_open != is_open:
        state = "还在办理" if case.is_open else "已经办结"
        raise Refusal(
            "case_state", f"事项 {case.number} {state}，不能“{what}”。", "请核对事项。", conflict=True
        )


def _is_overtaken(case: Case) -> bool:
    """Whether data went live after the answer of a case. Whether any of it matters only a new check tells."""
    return case.latest.revision < newest_revision()


def _asked(case: Case, by: Any) -> tuple[CheckRun, bool]:
    """The parcel of an open case that is held (`watch.locked`), checked anew; whether the answer is another one.

    Then the case is flagged and its people are told. Nobody waits for the worker.
    """
    old, newest = case.latest, newest_revision()
    rows = differing(old.revision, newest, cases=True).get(old.pk, [])
    try:
        run = run_check(question_of(old), by.pk, follows=old)
    except ParcelOutside as error:
        raise Refusal("outside_region", str(error), "请核对地块和县市界线。") from error
    except ParcelUnknown as error:
        raise Refusal("parcel_unknown", str(error), "宗地已分割、合并的，请按新宗地另立事项。") from error
    if not differ(old.answer, run.answer):
        watch.moved_on(old, run)
        return run, False
    asking = Recheck.objects.create(since=old.revision, revision=run.revision, asked=1, by=by)
    causes = causes_of(old.answer, run.answer, rows)
    watch.flag(VerdictChange.objects.create(recheck=asking, old=old, new=run, causes=causes), by)
    return run, True


def seen(case: Case, by: Any) -> None:
    """Keep that a person saw a case as it is now; once for each step."""
    last = steps_of(SUBJECT, case.number).values_list("number", flat=True).last() or 0
    Receipt.objects.get_or_create(case=case, by_id=by, step=last)
