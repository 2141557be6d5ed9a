"""Transport manifests of contaminated soil: what left a plot arrives, or its absence stands there until explained.

The plan is reported to the authorities of both ends beforehand (土壤污染防治法 41; 生态环境法典 460).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from spatial.models import Manifest, Site, Step
from spatial.numbers import next_number
from spatial.refusal import Refusal
from spatial.steps import add_step, require_last, steps_of

SUBJECT = "manifest"
TOLERANCE = Decimal("0.01")
"""Two weighbridges may differ by a hundredth; more is a difference that somebody must explain."""
LOST_T = Decimal(1)
"""Nor may what is within it add up: so much of a plot's soil in all is missed, though no load lacks a hundredth."""
OVER_PLAN = Decimal("0.1")
"""Transport is reported beforehand (土壤污染防治法 41): by so much a load may exceed what was, with a reason."""
State = Manifest.State
MOVES = {
    "depart": ((State.PLANNED,), State.UNDERWAY),
    "receive": ((State.UNDERWAY,), State.RECEIVED),
    "explain": ((State.DIFFERS,), State.CLOSED),
    "close": ((State.RECEIVED,), State.CLOSED),
    "cancel": ((State.PLANNED,), State.CANCELLED),
}
TITLES = {"depart": "出场", "receive": "接收", "explain": "说明差额", "close": "办结", "cancel": "取消"}


def plan(site: Site, by: Any, **given: Any) -> Manifest:
    """Report a transport beforehand."""
    with transaction.atomic():
        manifest = Manifest.objects.create(number=next_number("ZY", site.county), site=site, by=by, **given)
        _step(manifest, "plan", by, "", tonnes=str(manifest.planned_t))
    return manifest


def move(
    number: str, kind: str, by: Any, after: int, note: str = "", tonnes: Decimal | None = None
) -> Manifest:
    """Take a manifest on. `after`: the last step that was seen. Raises Refusal."""
    with transaction.atomic():
        manifest = Manifest.objects.select_for_update(of=("self",)).select_related("site").get(number=number)
        require_last(SUBJECT, number, after)
        origins, to = MOVES[kind]
        if manifest.state not in origins:
            state = manifest.get_state_display()
            message = f"联单 {number} 处在“{state}”，不能“{TITLES[kind]}”。"
            raise Refusal("manifest_state", message, "请核对联单。", conflict=True)
        if kind in ("depart", "receive") and (tonnes is None or (kind == "depart" and tonnes <= 0)):
            raise Refusal("tonnes_missing", f"“{TITLES[kind]}”要写明过磅数量。", "请填写 tonnes。")
        if kind == "explain" and not note.strip():
            raise Refusal("note_missing", "差额要写明原因。", "请填写 note。")
        if kind == "depart" and tonnes is not None:
            _require_planned(manifest, tonnes, note)
            manifest.departed_t = tonnes
        if kind == "receive":
            _require_other(manifest, by)
            manifest.received_t = tonnes
            if is_different(manifest):
                to = State.DIFFERS
        manifest.state = to
        manifest.save(update_fields=["departed_t", "received_t", "state"])
        _step(manifest, kind, by, note, **({"tonnes": str(tonnes)} if tonnes is not None else {}))
    return manifest


def _require_planned(manifest: Manifest, tonnes: Decimal, note: str) -> None:
    planned = manifest.planned_t
    if tonnes > planned * (1 + OVER_PLAN):
        raise Refusal("over_plan", f"出场 {tonnes} t，报备的是 {planned} t，超出一成以上。",
                      "请取消本联单，按实际数量重新报备。")  # fmt: skip
    if tonnes > planned and not note.strip():
        raise Refusal(
            "note_missing", f"出场 {tonnes} t，多于报备的 {planned} t，要写明原因。", "请填写 note。"
        )


def _require_other(manifest: Manifest, by: Any) -> None:
    """Who weighed what left does not weigh what came: else one person can make soil vanish."""
    if steps_of(SUBJECT, manifest.number).filter(kind="depart", by=by).exists():
        raise Refusal("same_weigher", f"联单 {manifest.number} 的出场是你登记的，接收应由接收一方的另一人登记。",
                      "请由接收地的人员登记。", conflict=True)  # fmt: skip


def is_different(manifest: Manifest) -> bool:
    """Whether what arrived is not what left, or with what the plot's loads lacked since the last explanation is."""
    left, came = manifest.departed_t or Decimal(0), manifest.received_t or Decimal(0)
    return abs(left - came) > TOLERANCE * left or left - came + _lacking(manifest) > LOST_T


def _lacking(manifest: Manifest) -> Decimal:
    """What other loads of the plot lacked in all (t) since somebody last explained a difference."""
    others = Manifest.objects.filter(site=manifest.site, state__in=(State.RECEIVED, State.CLOSED))
    known = {one.number: one for one in others.exclude(pk=manifest.pk).exclude(received_t=None)}
    steps = Step.objects.filter(subject=SUBJECT, key__in=known)
    explained = steps.filter(kind="explain").order_by("-pk").first()
    came = steps.filter(kind="receive", pk__gt=explained.pk if explained else 0)
    loads = [known[key] for key in came.values_list("key", flat=True)]
    return sum(((one.departed_t or Decimal(0)) - (one.received_t or Decimal(0)) for one in loads), Decimal(0))


def missing() -> QuerySet[Manifest]:
    """Soil that is not accounted for: underway longer than it should be, or arrived in another quantity."""
    return Manifest.objects.filter(
        Q(state=State.DIFFERS) | Q(state=State.UNDERWAY, due__lt=timezone.now())
    ).order_by("due")


def balance(site: Site) -> dict[str, Decimal]:
    """What left a site in all, by where it is now: left = received + underway + unaccounted."""
    rows = list(Manifest.objects.filter(site=site).exclude(departed_t=None))
    left = sum((one.departed_t or Decimal(0) for one in rows), Decimal(0))
    received = sum(
        (min(one.received_t or Decimal(0), one.departed_t or Decimal(0)) for one in rows), Decimal(0)
    )
    underway = sum((one.departed_t or Decimal(0) for one in rows if one.state == State.UNDERWAY), Decimal(0))
    return {"left_t": left, "received_t": received, "underway_t": underway,
            "unaccounted_t": left - received - underway}  # fmt: skip


def _step(manifest: Manifest, kind: str, by: Any, note: str, **detail: Any) -> Step:
    counties = {manifest.site.county, manifest.receiver_county} - {""}
    return add_step(SUBJECT, manifest.number, kind, by, note, counties, **detail)
