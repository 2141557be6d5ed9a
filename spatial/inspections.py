"""Double-random inspections: sites and inspectors drawn so that others can draw the same again, followed to the end.

The draw: each candidate is ranked by SHA-256 of `seed:code` (in hexadecimal); the first so many are drawn. For a drawn
site each inspector who is in charge of its county is ranked by SHA-256 of `seed:code:user name`. The seed comes from
the system, not from the drawer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction

from spatial.models import Draw, Inspection, Site, Step
from spatial.numbers import next_number
from spatial.refusal import Refusal
from spatial.steps import add_step, require_last, steps_of

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
    "differ": (State.FOLLOW_UP, State.CLOSED),
}
TITLES = {"visit": "检查", "rectify": "整改", "verify": "复核", "note": "说明", "differ": "补报"}


def draw(
    sites: Sequence[Site], inspectors: Mapping[str, Collection[str]], many: int, each: int, by: Any
) -> Draw:
    """Draw `many` of the sites and for each `each` of the inspectors. `inspectors`: user name → counties, none is all.

    Raises Refusal.
    """
    by_code = {site.code: site for site in sites}
    counties = sorted({site.county for site in sites})
    fit = {
        county: sorted(name for name, own in inspectors.items() if not own or county in own)
        for county in counties
    }
    few = [county for county in counties if len(fit[county]) < each]
    if not 1 <= many <= len(by_code) or each < 1 or few:
        people = "、".join(f"{county} 有人员 {len(fit[county])} 人" for county in few or counties)
        raise Refusal(
            "draw_too_large",
            f"候选地块 {len(by_code)} 个，{people or '没有人员'}，不能抽 {many} 个、每个 {each} 人。",
            "请减少抽取数量，或放宽候选范围，或先为该县（市）增加检查人员。",
        )
    seed = secrets.token_hex(32)
    candidates = {code: fit[site.county] for code, site in sorted(by_code.items())}
    drawn = drawn_by(seed, candidates, many, each)
    people_all = sorted({name for names in fit.values() for name in names})
    with transaction.atomic():
        number = next_number("CC", counties[0])
        made = Draw.objects.create(
            number=number,
            seed=seed,
            sites=list(candidates),
            inspectors=people_all,
            drawn=drawn,
            counties=counties,
            by=by,
        )
        for at, (code, names) in enumerate(drawn.items(), start=1):
            one = Inspection.objects.create(
                number=f"{number}-{at:03d}", draw=made, site=by_code[code], inspectors=names
            )
            said = {"draw": number, "site": code, "candidates": candidates[code]}
            add_step(SUBJECT, one.number, "draw", by, "", [by_code[code].county], **said)
    return made


def drawn_by(
    seed: str, candidates: Mapping[str, Sequence[str]], many: int, each: int
) -> dict[str, list[str]]:
    """Who and what a seed draws: the same for whoever draws again. `candidates`: site code → who may visit it."""

    def rank(*words: str) -> str:
        return hashlib.sha256(":".join((seed, *words)).encode()).hexdigest()

    found = sorted(candidates, key=rank)[:many]
    return {code: sorted(candidates[code], key=lambda name: rank(code, name))[:each] for code in found}


def candidates_of(made: Draw) -> dict[str, list[str]]:
    """Drawn site → who could be drawn for it, as it was then."""
    numbers = made.inspections.values_list("number", flat=True)
    steps = Step.objects.filter(subject=SUBJECT, key__in=numbers, kind="draw").order_by("key")
    told = {one.detail["site"]: one.detail["candidates"] for one in steps if "candidates" in one.detail}
    return told or dict.fromkeys(made.drawn, made.inspectors)


def move(
    number: str,
    kind: str,
    by: Any,
    after: int,
    note: str = "",
    findings: dict[str, Any] | None = None,
    **told: Any,
) -> Inspection:
    """Take an inspection on. `findings`: item of CHECKLIST → {"ok": bool, "text"}; any that is not ok wants mending.

    `verify` closes it where the findings that are given are all well and the mending is on record. `differ` is what
    another who was drawn found on a visit that reached us after the first: both stay, its note says what differs, and
    what it found wanting opens the inspection again. Of a mending that came second it has a note alone and changes
    nothing. `told`: what else is kept of the step. Raises Refusal.
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
            if kind == "verify" and well:
                _require_mended(number)
            one.state = State.CLOSED if well else State.FOLLOW_UP
        if kind == "differ" and findings:
            _require_whole(findings)
            if not all(found["ok"] for found in findings.values()):
                one.state = State.FOLLOW_UP
        one.save(update_fields=["state"])
        _step(one, kind, by, note, **({"findings": findings} if findings else {}), **told)
    return one


def _require_mended(number: str) -> None:
    """Refuse to close what was found wanting before somebody has put on record that and how it was mended."""
    told = steps_of(SUBJECT, number).filter(kind__in=("visit", "rectify", "verify", "differ"))
    # A word on a mending that came second finds nothing.
    last = told.exclude(kind="differ", detail__findings__isnull=True).last()
    if last is None or last.kind != "rectify":
        raise Refusal("not_rectified", f"抽查 {number} 的问题还没有整改记录，不能复核为已办结。",
                      "请先登记整改（rectify）。", conflict=True)  # fmt: skip


def _require_whole(findings: dict[str, Any]) -> None:
    missing = [
        title for item, title in CHECKLIST.items() if not isinstance(findings.get(item, {}).get("ok"), bool)
    ]
    if missing or set(findings) - set(CHECKLIST):
        raise Refusal("checklist_incomplete", f"检查单没有填完：{'、'.join(missing) or '有不认识的项目'}。",
                            f"每项写明 ok：{'、'.join(CHECKLIST)}。")  # fmt: skip


def _step(one: Inspection, kind: str, by: Any, note: str, **detail: Any) -> Step:
    return add_step(SUBJECT, one.number, kind, by, note, [one.site.county], **detail)
