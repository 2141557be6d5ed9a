"""The headline of an answer: verdict and completeness in words, the same that the page shows (web/src/check/plate.ts).

Nothing is judged here. An answer that is not complete never reads as one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answer = Mapping[str, Any]
Finding = Mapping[str, Any]
INPUTS = {"action": "事项", "current_use": "现状用途", "proposed_use": "拟用途"}
TITLES = {
    "prohibit": "不得办理",
    "needs_investigation": "须先调查",
    "conditional": "有条件",
    "undetermined": "无法判定",
    "notice": "未发现限制，有提示",
    "clear": "未发现限制",
}
SHORT = TITLES | {"notice": "有提示"}
"""For a finding alone."""


@dataclass(frozen=True)
class Plate:
    """`look`: the verdict whose colour and sign it has; `short`: for the head of every page; `gap_…`: what lacks."""

    look: str
    title: str
    text: str
    gap_title: str
    gap_text: str
    short: str


def is_complete(answer: Answer) -> bool:
    return bool(answer["complete"]) and not answer["gaps"]


def shown(answer: Answer) -> list[Finding]:
    """Findings besides those that only repeat a gap, or a neighbour that may touch."""
    return [
        one for one in answer["findings"] if one["certainty"] != "near_miss" and one["relation"] != "coverage"
    ]


def plate_of(answer: Answer, named: Callable[[str], str]) -> Plate:
    """`named`: what the answer calls missing, in words."""
    verdict = answer["verdict"]
    findings = shown(answer)
    own = [one for one in findings if one["verdict"] == verdict]
    layers, gaps = len(answer["layers"]), len(answer["gaps"])
    if is_complete(answer):
        title, text = _whole(answer, verdict, own, findings, named)
        return Plate(verdict, title, text, "", "", f"{title} · 核查完整")
    lacking = {gap["layer"] for gap in answer["gaps"]}
    lacking |= {one["layer"] for one in answer["layers"] if one["state"] not in ("hit", "clear")}
    answered = sum(one["layer"] not in lacking for one in answer["layers"])
    gap_title = f"核查不完整：应查 {layers} 个图层，缺 {gaps} 项资料"
    if verdict in ("prohibit", "needs_investigation", "conditional"):
        title = "条件未查全" if verdict == "conditional" else TITLES[verdict]
        text = f"已知 {_rules(own)} 项条件。" if verdict == "conditional" else _sentence(verdict, own)
        could = {
            "prohibit": "补齐后可能查出更多限制。",
            "needs_investigation": "补齐后可能得出“不得办理”。",
            "conditional": "补齐前不要据此办理，可能另有条件、须先调查或不得办理。",
        }[verdict]
        return Plate(verdict, title, text, gap_title, could, f"{title} · 核查不完整（缺 {gaps} 项）")
    hits = sum(one["state"] == "hit" for one in answer["layers"])
    if not hits:
        found = f"查到的 {answered} 个图层没有命中。"
    elif findings:
        found = f"查到的 {answered} 个图层中有 {hits} 个命中，结论未定。"
    else:
        found = f"查到的 {answered} 个图层中有 {hits} 个命中，都没有触发规定。"
    notices = _rules([one for one in findings if one["verdict"] == "notice"])
    more = f"另有 {notices} 条提示，见下。" if notices else ""
    title = f"无法判定：缺 {gaps} 项资料"
    text = f"应查 {layers} 个图层，只查到 {answered} 个。{found}{more}"
    gap_text = "这不等于“没有限制”，不能据此办理。"
    return Plate("undetermined", title, text, gap_title, gap_text, f"无法判定 · 核查不完整（缺 {gaps} 项）")


def _whole(
    answer: Answer,
    verdict: str,
    own: Sequence[Finding],
    findings: Sequence[Finding],
    named: Callable[[str], str],
) -> tuple[str, str]:
    layers = len(answer["layers"])
    all_answered = f"应查的 {layers} 个图层已全部核对"
    if verdict == "clear":
        dates = sorted(one["data_date"] for one in answer["layers"] if one["data_date"])
        until = dates[-1] if dates else answer["as_of"]
        return TITLES[verdict], (
            f"{all_answered}，数据截至 {until}。只对本次事项、拟用途和日期有效，不代替土壤污染状况调查。"
        )
    if verdict == "notice":
        return (
            f"未发现限制，有 {_rules(own)} 条提示",
            f"{all_answered}，没有命中限制。办理前请看下列提示。",
        )
    if verdict == "undetermined":
        names = list(dict.fromkeys(name for one in own for name in one["missing"]))
        inputs = "、".join(named(name) for name in names if is_input(name))
        records = "、".join(named(name) for name in names if not is_input(name))
        title = "无法判定：缺少填报信息" if inputs else "无法判定：资料内容不全"
        if inputs and records:
            return title, f"图层齐全，但未填写：{inputs}；资料中没有写明：{records}。"
        if inputs:
            return title, f"图层齐全，但未填写：{inputs}。补填后即可得出结论。"
        if records:
            return title, f"图层齐全，但资料中没有写明：{records}。"
        return title, f"图层齐全，但有 {_rules(findings)} 条记录不足以下结论，见下。"
    return TITLES[verdict], f"{_sentence(verdict, own)}{all_answered}。"


def is_input(name: str) -> bool:
    """Whether the asker can fill it in; else the records lack it."""
    return name in INPUTS or name.startswith("project.")


def _sentence(verdict: str, own: Sequence[Finding]) -> str:
    many = _rules(own)
    if verdict == "needs_investigation":
        return f"办理前须先完成调查或评估，涉及 {many} 条规定。"
    if verdict == "conditional":
        return f"满足下列 {many} 项条件后方可办理。"
    fixed = [one for one in own if not one["overridable"]]
    by_law = _rules([one for one in fixed if any(basis["kind"] == "statute" for basis in one["basis"])])
    if by_law:
        return f"命中 {many} 条禁止规定，其中 {by_law} 条出自法律，任何书面决定都不能放行。"
    return f"命中 {many} 条禁止规定。" if fixed else f"命中 {many} 条禁止规定，可凭书面决定放行，须登记文号。"


def _rules(findings: Sequence[Finding]) -> int:
    """Sentences count rules: two plots under one rule are one."""
    return len({one["rule"] for one in findings})
