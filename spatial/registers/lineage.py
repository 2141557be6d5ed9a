"""A site that is divided, or several that become one: what comes after carries their lists, stage and ground on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from spatial import catalog, crs
from spatial.models import Revision, Site, SiteCode, SiteEvent
from spatial.refusal import Refusal
from spatial.registers import lifecycle
from spatial.registers.recording import Entry, event_of, find, listed_on, record, require_last, stage_now
from spatial.releases import lock, newest_revision, next_revision

LEAST_LOST_M2 = 1.0
"""What two surveys of one line may differ by; more ground than that is not let go without a word."""


@dataclass(frozen=True)
class Part:
    """A site to come. `shape`: MultiPolygon in EPSG:4490, valid."""

    code: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Paper:
    """On what it rests."""

    on: date
    actor: str
    document_number: str
    document_date: date
    note: str = ""


def succeed(before: Mapping[str, int], parts: Sequence[Part], paper: Paper, by: Any) -> list[SiteEvent]:
    """One site becomes several, or several become one. `before`: code → number of the last event that was seen.

    The new sites stand on every list on which one of the old stood, in the farthest of their stages. Together they
    cover all the ground that the old had: ground that no site has any more would read as clear. Raises Refusal.
    """
    if min(len(before), len(parts)) != 1 or max(len(before), len(parts)) < 2:
        raise Refusal("not_a_succession", "应由一个地块分成几个，或由几个合成一个。", "请核对地块数。")
    codes = [part.code for part in parts]
    if len(set(codes)) < len(codes) or SiteCode.objects.filter(code__in=codes).exists():
        raise Refusal(
            "code_taken",
            f"编码 {'、'.join(codes)} 中有重复或已使用的。",
            "新地块要用新的编码。",
            conflict=True,
        )
    kind = "divide" if len(before) == 1 else "merge"
    with transaction.atomic():
        lock("publish")
        old = [find(code) for code in before]
        for site, after in zip(old, before.values(), strict=True):
            require_last(site, after)
        carried, ground = _carried(old, paper.on)
        lost = crs.area_m2(shapely.difference(ground, shapely.union_all([part.shape for part in parts])))
        if lost > LEAST_LOST_M2:
            raise Refusal("ground_lost", f"原地块有 {lost:.2f} m² 不在新地块内。",
                          "请补全边界；缩小范围请先登记边界变更。")  # fmt: skip
        stage = max((_stage(site) for site in old), key=list(lifecycle.current().stages).index)
        with next_revision(Revision.Kind.EVENT, None, by, "、".join(before)) as revision:
            made = []
            for part in parts:
                site = Site.objects.create(code=part.code, name=part.name, county=old[0].county)
                SiteCode.objects.create(code=part.code, site=site)
                detail = {"from": list(before), "stage": stage, "lists": carried}
                made += record(site, [_entry("arise", part.code, paper, detail, part.shape)], by, revision)
            for site in old:
                made += record(
                    site, [_entry(kind, "、".join(codes), paper, {"into": codes}, None)], by, revision
                )
            return made


def _carried(old: Sequence[Site], on: date) -> tuple[dict[str, dict[str, Any]], BaseGeometry]:
    """What each list says that one of the sites is on, and all the ground that they have on any list."""
    carried: dict[str, dict[str, Any]] = {}
    shapes = []
    for layer in lifecycle.current().lists:
        for site in old:
            row = listed_on(site, layer, on, newest_revision())
            if row is not None:
                own = {
                    "code",
                    "name",
                    "entry_date",
                    "exit_date",
                    "document",
                    catalog.current().layer(layer).key,
                }
                carried.setdefault(layer, {k: v for k, v in row.attributes.items() if k not in own})
                shapes += [shapely.from_wkb(row.shape)] if row.shape and row.has_boundary else []
    return carried, shapely.union_all(shapes)


def _stage(site: Site) -> str:
    return stage_now(site, [event_of(one) for one in site.events.select_related("corrects")])


def _entry(kind: str, what: str, paper: Paper, detail: dict[str, Any], shape: BaseGeometry | None) -> Entry:
    of = (paper.on, paper.actor, paper.document_number, paper.document_date, paper.note)
    return Entry(kind, what[:120], *of, detail, shape)
