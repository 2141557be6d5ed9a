"""What people put beside an answer: overrides by written decision, and disputes. The answer itself never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from spatial import audit, rules
from spatial.models import CheckRun, Remark, Withdrawal

NAMED_BY = ("rule", "layer", "feature", "county", "gap")
NONE_YET: Mapping[str, list[dict[str, Any]]] = {"overrides": [], "disputes": []}
"""Beside an answer that was given just now."""


class CannotRemark(Exception):
    """A remark that cannot be kept; the message says why and `hint` what to do, both in Chinese."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def finding_of(run: CheckRun, named: Mapping[str, str | None]) -> dict[str, Any]:
    """The one finding of an answer that has all that is named of it (see NAMED_BY). Raises CannotRemark."""
    asked = {name: value for name, value in named.items() if value is not None}
    found = [one for one in run.answer["findings"] if asked.items() <= _name(one).items()]
    if not found:
        raise CannotRemark(
            "finding_unknown", f"核查 {run.number} 里没有这一条结论。", "请按答复中的 rule 和 feature 填写。"
        )
    if len(found) > 1:
        raise CannotRemark(
            "finding_ambiguous",
            f"核查 {run.number} 里有 {len(found)} 条这样的结论。",
            "请再写明 feature（要素编号）、layer、county 或 gap，只指一条。",
        )
    return dict(found[0])


def override(
    run: CheckRun,
    finding: Mapping[str, Any],
    *,
    document_number: str,
    document_date: date,
    person: str,
    reason: str,
    new_verdict: str | None,
    by: Any,
) -> Remark:
    """Keep a written decision that sets one finding aside. Raises CannotRemark."""
    book = rules.current()
    if not finding["overridable"]:
        raise CannotRemark(
            "not_overridable",
            f"规则 {finding['rule']} 没有规定可以由书面决定改变，只能由新的事实消除。",
            "资料有更新时重新核查；认为结论有误可登记异议。",
        )
    if document_date > timezone.localdate():
        raise CannotRemark("document_date_future", f"文件日期 {document_date} 还没有到。", "请核对日期。")
    order = book.verdict_order
    if new_verdict is not None and new_verdict not in order:
        raise CannotRemark(
            "verdict_unknown", f"没有结论“{new_verdict}”。", "可用：" + "、".join(order) + "。"
        )
    if new_verdict is not None and order.index(new_verdict) <= order.index(finding["verdict"]):
        raise CannotRemark(
            "verdict_not_milder",
            f"“{book.verdict_terms[new_verdict]}”不比原结论“{book.verdict_terms[finding['verdict']]}”宽。",
            "书面决定只能放宽这一条结论；不填 new_verdict 表示消除。",
        )
    with transaction.atomic():
        CheckRun.objects.select_for_update().get(pk=run.pk)
        standing = run.remarks.filter(kind=Remark.Kind.OVERRIDE, withdrawal=None)
        if there := standing.filter(finding=_name(finding)).first():
            raise CannotRemark(
                "decision_twice",
                f"这一条结论已登记有文件 {there.document_number} 的决定。",
                "一条结论只有一个决定有效：请先撤销原来的登记。",
            )
        return _added(
            run,
            kind=Remark.Kind.OVERRIDE,
            finding=_name(finding),
            document_number=document_number,
            document_date=document_date,
            person=person,
            reason=reason,
            new_verdict=new_verdict or "",
            by=by,
        )


def dispute(run: CheckRun, finding: Mapping[str, Any], *, reason: str, by: Any) -> Remark:
    """Keep that somebody holds a finding for wrong, and why."""
    with transaction.atomic():
        return _added(run, kind=Remark.Kind.DISPUTE, finding=_name(finding), reason=reason, by=by)


def _added(run: CheckRun, **given: Any) -> Remark:
    remark = Remark.objects.create(check_run=run, **given)
    audit.record(
        remark.kind,
        remark.by_id,
        run.number,
        counties=run.counties,
        remark=remark.pk,
        rule=remark.finding["rule"],
        document=remark.document_number,
    )
    return remark


def withdraw(remark: Remark, *, reason: str, by: Any) -> Withdrawal:
    """End a remark by a record of its own. Raises CannotRemark where it has ended already."""
    try:
        with transaction.atomic():
            withdrawal = Withdrawal.objects.create(remark=remark, reason=reason, by=by)
            audit.record("withdraw", by.pk, remark.check_run.number, remark=remark.pk)
            return withdrawal
    except IntegrityError as error:
        raise CannotRemark("withdrawn_already", "这一条已经撤销。", "请刷新后再看。") from error


def with_remarks(run: CheckRun) -> dict[str, Any]:
    """The answer as it was given, and beside it `overrides` and `disputes`, withdrawn ones too."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in NONE_YET}
    for remark in run.remarks.select_related("by", "withdrawal__by").order_by("pk"):
        told[f"{remark.kind}s"].append(remark_told(remark))
    return {**run.answer, **told}


def remark_told(remark: Remark) -> dict[str, Any]:
    """One remark as people and programs see it."""
    ended: Withdrawal | None = getattr(remark, "withdrawal", None)
    told: dict[str, Any] = {
        "id": remark.pk,
        "finding": remark.finding,
        "reason": remark.reason,
        "by": remark.by.get_username(),
        "at": remark.at.isoformat(),
        "withdrawn": ended
        and {"reason": ended.reason, "by": ended.by.get_username(), "at": ended.at.isoformat()},
    }
    if remark.kind == Remark.Kind.OVERRIDE:
        told |= {
            "document_number": remark.document_number,
            "document_date": remark.document_date and remark.document_date.isoformat(),
            "person": remark.person,
            "new_verdict": remark.new_verdict or None,
        }
    return told


def _name(finding: Mapping[str, Any]) -> dict[str, str | None]:
    feature = finding["feature"]
    return {
        "rule": finding["rule"],
        "layer": finding["layer"],
        "feature": feature["id"] if feature else None,
        "county": finding["county"],
        "gap": finding.get("gap"),
    }
