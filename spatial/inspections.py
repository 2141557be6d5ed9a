"""Double-random inspections: sites and inspectors drawn so that others can draw the same again, followed to the end.

The draw: each candidate is ranked by SHA-256 of `seed:code` (in hexadecimal); the first so many are drawn. For a drawn
site each inspector is ranked by SHA-256 of `seed:code:user name`. The seed comes from the system, not from the drawer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from spatial.models import Draw, Inspection, Site, Step
from spatial.numbers import next_number
from spatial.refusal import Refusal
from spatial.steps import add_step, require_last

SUBJECT = "inspection"
CHECKLIST = {
    "boundary": "界桩、围挡、公示牌完好",
    "restrictions": "限制要求得到遵守，没有无关建设",
    "works": "管控、修复工程与方案一致",
    "soil_out": "没有擅自外运土壤，联单齐全",
    "groundwater": "监测井完好，没有擅自取水",
    "records": "台账、监测报告齐全",
}
State = Inspection.State
MOVES = {
    "visit": (State.DRAWN,),
    "rectify": (State.FOLLOW_UP,),
    "verify": (State.FOLLOW_UP,),
    "note": (State.DRAWN, State.FOLLOW_UP),
}
TITLES = {"visit": "检查", "rectify": "整改", "verify": "复核", "note": "说明"}


def draw(sites: Sequence[Site], inspectors: Sequence[str], many: int, each: int, by: Any) -> Draw:
    """Draw `many` of the sites and for each `each` of the inspectors. Raises Refusal."""
    by_code = {site.code: site for site in sites}
    people = sorted(set(inspectors))
    if not 1 <= many <= len(by_code) or not 1 <= each <= len(people):
        raise Refusal(
            "draw_too_large",
            f"候选地块 {len(by_code)} 个、人员 {len(people)} 人，不能抽 {many} 个、每个 {each} 人。",
            "请减少抽取数量，或放宽候选范围。",
        )
    seed = secrets.token_hex(32)
    codes = sorted(by_code)
    drawn = drawn_by(seed, codes, people, many, each)
    counties = sorted({site.county for site in sites})
    with transaction.atomic():
        number = next_number("CC", counties[0])
        made = Draw.objects.create(
            number=number, seed=seed, sites=codes, inspectors=people, drawn=drawn, counties=counties, by=by
        )
        for at, (code, names) in enumerate(drawn.items(), start=1):
            one = Inspection.objects.create(
                number=f"{number}-{at:03d}", draw=made, site=by_code[code], inspectors=names
            )
            add_step(SUBJECT, one.number, "draw", by, "", [by_code[code].county], draw=number)
    return made


def drawn_by(
    seed: str, codes: Sequence[str], people: Sequence[str], many: int, each: int
) -> dict[str, list[str]]:
    """Who and what a seed draws: the same for whoever draws again."""

    def rank(*words: str) -> str:
        return hashlib.sha256(":".join((seed, *words)).encode()).hexdigest()

    found = sorted(codes, key=rank)[:many]
    return {code: sorted(people, key=lambda name: rank(code, name))[:each] for code in found}


def move(
    number: str, kind: str, by: Any, after: int, note: str = "", findings: dict[str, Any] | None = None
) -> Inspection:
    """Take an inspection on. `findings`: item of CHECKLIST → {"ok": bool, "text"}; any that is not ok wants mending.

    `verify` closes it where the findings that are given are all well. Raises Refusal.
    """
    with transaction.atomic():
        one = Inspection.objects.select_for_update(of=("self",)).select_related("site").get(number=number)
        require_last(SUBJECT, number, after)
        if one.state not in MOVES[kind]:
            message = f"抽查 {number} 处在“{one.get_state_display()}”，不能“{TITLES[kind]}”。"
            raise Refusal("inspection_state", message, "请核对抽查。", conflict=True)
        if kind in ("visit", "verify"):
            _require_whole(findings or {})
            well = all(found["ok"] for found in (findings or {}).values())
            one.state = State.CLOSED if well else State.FOLLOW_UP
        one.save(update_fields=["state"])
        _step(one, kind, by, note, **({"findings": findings} if findings else {}))
    return one


def _require_whole(findings: dict[str, Any]) -> None:
    missing = [
        title for item, title in CHECKLIST.items() if not isinstance(findings.get(item, {}).get("ok"), bool)
    ]
    if missing or set(findings) - set(CHECKLIST):
        raise Refusal("checklist_incomplete", f"检查单没有填完：{'、'.join(missing) or '有不认识的项目'}。",
                            f"每项写明 ok：{'、'.join(CHECKLIST)}。")  # fmt: skip


def _step(one: Inspection, kind: str, by: Any, note: str, **detail: Any) -> Step:
    return add_step(SUBJECT, one.number, kind, by, note, [one.site.county], **detail)
