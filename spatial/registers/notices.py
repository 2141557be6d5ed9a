"""Lists are published by numbered, dated notices: who enters, who leaves; a notice is taken back by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from shapely.geometry.base import BaseGeometry

from spatial import catalog
from spatial.models import Notice, Revision, Site, SiteCode, SiteEvent
from spatial.refusal import Refusal
from spatial.registers import lifecycle, rows
from spatial.registers.recording import Entry, find, record
from spatial.registers.replay import VOID, Version, is_listed
from spatial.releases import lock, newest_revision, next_revision

REVERSE = {"enter": "leave", "leave": "enter"}


@dataclass(frozen=True)
class Line:
    """A site of a notice. `shape`: EPSG:4490 as stored, a point where the boundary is not known, none without place."""

    code: str
    on: date | None = None
    name: str = ""
    county: str = ""
    note: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    shape: BaseGeometry | None = None


@dataclass(frozen=True)
class Paper:
    """The notice itself."""

    number: str
    date: date
    title: str
    actor: str


def publish_notice(layer: str, paper: Paper, enter: Sequence[Line], leave: Sequence[Line], by: Any) -> Notice:
    """Record a notice and what it does, all or nothing. Raises Refusal."""
    if layer not in lifecycle.current().lists:
        raise Refusal(
            "list_unknown", f"没有名录 {layer}。", f"可用：{'、'.join(lifecycle.current().lists)}。"
        )
    if not enter and not leave:
        raise Refusal("notice_empty", "公告里没有列入，也没有移出。", "请写明地块。")
    with transaction.atomic():
        lock("publish")
        return _recorded(
            layer, paper, [("enter", one) for one in enter] + [("leave", one) for one in leave], None, by
        )


def withdraw_notice(number: str, paper: Paper, by: Any) -> Notice:
    """Take a notice back by another, from the day of that one on: who entered leaves, who left enters again."""
    with transaction.atomic():
        lock("publish")
        old = Notice.objects.filter(number=number).first()
        if old is None:
            raise Refusal("notice_unknown", f"没有公告 {number}。", "清单见 /registers/{名录}/notices。")
        if hasattr(old, "withdrawn_by"):
            raise Refusal(
                "withdrawn_already",
                f"公告 {number} 已由 {old.withdrawn_by.number} 撤回。",
                "不必再撤回。",
                conflict=True,
            )
        if paper.date < old.date:
            raise Refusal("date_before", f"撤回日期 {paper.date} 早于公告日期 {old.date}。", "请核对日期。")
        standing = [
            (event, standing_event(event)) for event in old.events.select_related("site").order_by("pk")
        ]
        lines = [(REVERSE[event.kind], Line(event.site.code, paper.date)) for event, now in standing if now]
        if not lines:
            message = f"公告 {number} 所列的记录都已撤销，没有可以撤回的。"
            raise Refusal("withdraw_empty", message, "请核对文号；名录现状见 /registers。", conflict=True)
        return _recorded(old.layer, paper, lines, old, by)


def standing_event(event: SiteEvent) -> SiteEvent | None:
    """The event that now stands in the place of one, after all corrections; None where it was taken back."""
    while (later := getattr(event, "corrected_by", None)) is not None:
        event = later
    return None if event.kind == VOID else event


def _recorded(
    layer: str, paper: Paper, lines: Sequence[tuple[str, Line]], withdraws: Notice | None, by: Any
) -> Notice:
    if Notice.objects.filter(number=paper.number).exists():
        raise Refusal("notice_twice", f"公告 {paper.number} 已经登记。", "请核对文号。", conflict=True)
    with next_revision(Revision.Kind.EVENT, None, by, paper.number) as revision:
        notice = Notice.objects.create(
            layer=layer, number=paper.number, date=paper.date, title=paper.title, withdraws=withdraws, by=by,
            revision=revision,
        )  # fmt: skip
        for kind, line in lines:
            bounded = line.shape is not None and line.shape.geom_type == "MultiPolygon"
            detail: dict[str, Any] = {"attributes": dict(line.attributes)} if line.attributes else {}
            entry = Entry(
                kind, layer, line.on or paper.date, paper.actor, paper.number, paper.date, line.note,
                detail | ({"has_boundary": bounded} if line.shape is not None else {}), line.shape,
            )  # fmt: skip
            record(_site(line) if kind == "enter" else find(line.code), [entry], by, revision, notice)
    return notice


def _site(line: Line) -> Site:
    known = SiteCode.objects.select_related("site").filter(code=line.code).first()
    if known is not None:
        return known.site
    if line.county not in catalog.current().counties or not line.name.strip():
        raise Refusal(
            "site_incomplete", f"新地块 {line.code} 要写明名称和六位县市代码。", "请补全后重新提交。"
        )
    site = Site.objects.create(code=line.code, name=line.name.strip(), county=line.county)
    SiteCode.objects.create(code=line.code, site=site)
    return site


def list_on(layer: str, on: date, revision: int | None = None) -> dict[Site, Version]:
    """The sites that stand on a list on a day, as known in a revision (the newest)."""
    newest = newest_revision() if revision is None else revision
    spec = lifecycle.current().lists[layer]
    found = {}
    for site, row in rows.of_list(layer, on, newest):
        if is_listed(spec, row):
            found[site] = row
    return found
