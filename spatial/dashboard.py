"""What the plan asks to be counted (昌吉州规划 table 1, chapter 3), deadlines, and how fresh the data are by county.

Every number says from which list it is counted, so that whoever doubts it opens the list. Read behind the wall: what
the asker may not see is not counted for him.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from spatial import catalog, landuse, manifests
from spatial.inventory import inventory
from spatial.models import Case, Inspection
from spatial.registers.telling import owing

PLAN_BEGINS = date(2021, 1, 1)
"""Key units are to be looked through once between this day and the end of 2025 (plan, chapter 3 (1) 2)."""
_KEY_UNITS = """
SELECT count(*) FILTER (WHERE attributes->>'last_hidden_danger_check' >= %s), count(*) FROM spatial_feature
WHERE layer = 'key_supervised_unit_land' AND upper_inf(revisions)
  AND (valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to > %s)
"""
_WELLS = """
SELECT count(*) FILTER (WHERE attributes->>'class' IN ('I', 'II', 'III')),
  count(*) FILTER (WHERE attributes->>'class' = 'V'),
  count(*) FILTER (WHERE attributes->>'class' IS NOT NULL) FROM spatial_feature
WHERE layer = 'well' AND upper_inf(revisions)
  AND (valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to > %s)
"""


def dashboard(on: date, sees: Callable[[str], bool], counties: Collection[str]) -> dict[str, Any]:
    """The numbers of a day. `sees`: whether a layer's rows may be counted; `counties`: those that are looked at."""
    return {
        "as_of": on.isoformat(),
        "indicators": [one for one in _indicators(on, sees) if one is not None],
        "deadlines": _deadlines(on),
        "freshness": _freshness(on, counties),
    }


def _indicators(on: date, sees: Callable[[str], bool]) -> list[dict[str, Any] | None]:
    closed = of_key_land(Case.objects.filter(is_open=False)).select_related("latest")
    safe = sum(one.latest.verdict not in ("prohibit", "needs_investigation", "undetermined") and one.latest.complete
               for one in closed)  # fmt: skip
    checked, units = _one(_KEY_UNITS, [PLAN_BEGINS.isoformat(), on, on])
    good, worst, wells = _one(_WELLS, [on, on])
    return [
        _told(
            "key_land",
            "重点建设用地安全利用（办结的变更为住宅、公共用地事项）",
            safe,
            len(closed),
            "/cases?state=closed&key_land=true",
        ),
        _told(
            "key_units",
            "重点监管单位已完成一轮隐患排查",
            checked,
            units,
            "/features/key_supervised_unit_land",
        ),
        _told("wells", "地下水监测井达到或优于Ⅲ类", good, wells, "/features/well") if sees("well") else None,
        _told("wells_v", "地下水Ⅴ类监测井", worst, wells, "/features/well") if sees("well") else None,
    ]


def of_key_land(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Changes to housing or to public administration and services (plan, table 1, note 1)."""
    found = Q(pk__in=())
    for system in (landuse.MNR, landuse.GBT):
        uses = [use for use in landuse.codes() if use.system == system]
        key = [use.code for use in uses if landuse.flags(use)["yizhuliangong"] == "yes"]
        found |= Q(asked__proposed_use__system=system, asked__proposed_use__code__in=key)
    return cases.filter(found, kind="use_change")


def _deadlines(on: date) -> list[dict[str, Any]]:
    due = owing(on)
    late = sum(told["overdue"] for told in due.values())
    return [
        _told("overdue", "调查逾期的地块", late, len(due), "/sites?due=overdue"),
        _told("flagged", "核查结论有变、待知悉的事项", Case.objects.filter(flagged=True).count(),
              Case.objects.filter(is_open=True).count(), "/cases?state=flagged"),
        _told("soil", "下落不明的污染土（联单）", manifests.missing().count(), None, "/manifests?missing=true"),
        _told("follow_up", "待整改的抽查", Inspection.objects.filter(state="follow_up").count(),
              Inspection.objects.exclude(state="closed").count(), "/inspections?state=follow_up"),
    ]  # fmt: skip


def _freshness(on: date, counties: Collection[str]) -> list[dict[str, Any]]:
    """For each county how many layers are loaded, outdated, confirmed empty or never loaded."""
    known = catalog.current()
    stored = {layer.id for layer in known.stored()}
    found: dict[str, Counter[str]] = {
        county: Counter() for county in known.region.counties if county in counties
    }
    for layer, states in inventory(known, on).items():
        for state in states:
            if layer in stored and state.county in found:
                found[state.county][state.state] += 1
    return [
        {"county": county, "name": known.counties[county].name, "layers": len(stored),
         **{name: counts[name] for name in ("loaded", "confirmed_empty", "outdated", "never_loaded")},
         "list": "/catalog"}
        for county, counts in found.items()
    ]  # fmt: skip


def _told(id_: str, title: str, value: int, of: int | None, path: str) -> dict[str, Any]:
    return {"id": id_, "title": title, "value": value, "of": of, "list": path}


def _one(statement: str, given: list[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return tuple(cursor.fetchone())
