"""The headline: every verdict, complete or not; what is not complete never reads as done."""

from __future__ import annotations

import pytest

from api.papers.plate import plate_of
from tests.papers.sample import GAP, answer, finding, layer

# The table of the interface design, written out for one finding, 22 layers and one gap.
COMPLETE = {
    "prohibit": ("不得办理",
                 "命中 1 条禁止规定，其中 1 条出自法律，任何书面决定都不能放行。应查的 22 个图层已全部核对。"),
    "needs_investigation": ("须先调查", "办理前须先完成调查或评估，涉及 1 条规定。应查的 22 个图层已全部核对。"),
    "conditional": ("有条件", "满足下列 1 项条件后方可办理。应查的 22 个图层已全部核对。"),
    "undetermined": ("无法判定：缺少填报信息", "图层齐全，但未填写：proposed_use。补填后即可得出结论。"),
    "notice": ("未发现限制，有 1 条提示", "应查的 22 个图层已全部核对，没有命中限制。办理前请看下列提示。"),
    "clear": ("未发现限制", "应查的 22 个图层已全部核对，数据截至 2026-10-01。"
              "只对本次事项、拟用途和日期有效，不代替土壤污染状况调查。"),
}  # fmt: skip
OPEN = {
    "prohibit": ("不得办理", "补齐后可能查出更多限制。"),
    "needs_investigation": ("须先调查", "补齐后可能得出“不得办理”。"),
    "conditional": ("条件未查全", "补齐前不要据此办理，可能另有条件、须先调查或不得办理。"),
    "undetermined": ("无法判定：缺 1 项资料", "这不等于“没有限制”，不能据此办理。"),
    "notice": ("无法判定：缺 1 项资料", "这不等于“没有限制”，不能据此办理。"),
    "clear": ("无法判定：缺 1 项资料", "这不等于“没有限制”，不能据此办理。"),
}


@pytest.mark.parametrize("verdict", COMPLETE)
def test_a_complete_answer_says_verdict_and_that_all_layers_were_asked(verdict: str) -> None:
    missing = ["proposed_use"] if verdict == "undetermined" else []
    found = [] if verdict == "clear" else [finding(verdict=verdict, missing=missing)]
    plate = plate_of(answer(verdict=verdict, findings=found), str)
    assert (plate.title, plate.text) == COMPLETE[verdict]
    assert plate.look == verdict and plate.short.endswith("核查完整") and not plate.gap_title


@pytest.mark.parametrize("verdict", OPEN)
@pytest.mark.parametrize("complete", [False, True], ids=["told so", "gap though complete"])
def test_an_answer_with_a_gap_never_reads_as_complete(verdict: str, complete: bool) -> None:
    layers = [*(layer(n) for n in range(21)), layer(22, "no_data", layer=GAP["layer"])]
    found = [] if verdict == "clear" else [finding(verdict=verdict)]
    told = answer(verdict=verdict, complete=complete, gaps=[GAP], layers=layers, findings=found)
    plate = plate_of(told, str)
    assert (plate.title, plate.gap_text) == OPEN[verdict]
    assert plate.gap_title == "核查不完整：应查 22 个图层，缺 1 项资料"
    assert "核查不完整（缺 1 项）" in plate.short
    assert plate.look not in ("clear", "notice")


def test_what_a_written_decision_can_lift_is_said_so() -> None:
    told = answer(findings=[finding(overridable=True)])
    assert "可凭书面决定放行，须登记文号" in plate_of(told, str).text
