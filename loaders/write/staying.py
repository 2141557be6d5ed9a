"""Live rows that a delivery does not hold and that stay all the same: told, so that somebody sees to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection

from loaders.record import WARNING, Issue
from spatial import catalog
from spatial.catalog import Catalog

NAMED = 20
STAYING = "SELECT fate, county, name FROM standing WHERE fate IN ('kept', 'border') ORDER BY name, key"


def staying(whole: bool) -> list[Issue]:
    """What table `standing` says stays."""
    kept: Counter[str] = Counter()
    border = []
    with connection.cursor() as cursor:
        cursor.execute(STAYING)
        for fate, county, name in cursor.fetchall():
            if fate == "kept":
                kept[county] += 1
            else:
                border.append(name or "（无名）")
    return _told(catalog.current(), whole, kept, border)


def _told(known: Catalog, whole: bool, kept: Mapping[str, int], border: Sequence[str]) -> list[Issue]:
    """`kept`: county ("" = none) → rows that a delivery without --county does not hold; `border`: names of rows that
    reach into a county that the delivery does not speak for."""
    issues = []
    if not whole:
        issues.append(
            Issue(
                "county_not_stated",
                WARNING,
                "没有指明县（市）：只装入文件里的这些行，不能据此认为某个县（市）的资料齐全。",
                f"从未入库的县（市）仍算未入库，已入库的资料日期不变。文件是全部资料时请加 --county 县（市）代码"
                f"（全州用 {known.region.code}）。",
            )
        )
    if kept:
        said = "、".join(f"{_place(known, county)} {rows} 条" for county, rows in sorted(kept.items()))
        issues.append(
            Issue(
                "kept_rows",
                WARNING,
                f"没有指明县（市），文件里没有的现有资料都保留：{said}。",
                f"如果文件是全部资料，请加 --county 县（市）代码（全州用 {known.region.code}）重新装入，"
                "文件里没有的才会减去。",
            )
        )
    if border:
        names = "、".join(border[:NAMED]) + (f"等 {len(border)} 条" if len(border) > NAMED else "")
        issues.append(
            Issue(
                "border_row_kept",
                WARNING,
                f"这些现有资料伸到别的县（市），这一次没有减去或替换：{names}。",
                f"如确已不在，请用全州的资料（--county {known.region.code}）装入。",
            )
        )
    return issues


def _place(known: Catalog, county: str) -> str:
    return known.counties[county].name if county in known.counties else "县（市）不明"
