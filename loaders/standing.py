"""Live rows that a delivery does not hold and that stay all the same: told, so that somebody sees to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.record import WARNING, Issue
from spatial.catalog import Catalog

NAMED = 20


def stay(catalog: Catalog, whole: bool, kept: Mapping[str, int], border: Sequence[str]) -> list[Issue]:
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
                f"（全州用 {catalog.region.code}）。",
            )
        )
    if kept:
        said = "、".join(f"{_place(catalog, county)} {rows} 条" for county, rows in sorted(kept.items()))
        issues.append(
            Issue(
                "kept_rows",
                WARNING,
                f"没有指明县（市），文件里没有的现有资料都保留：{said}。",
                f"如果文件是全部资料，请加 --county 县（市）代码（全州用 {catalog.region.code}）重新装入，"
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
                f"如确已不在，请用全州的资料（--county {catalog.region.code}）装入。",
            )
        )
    return issues


def _place(catalog: Catalog, county: str) -> str:
    return catalog.counties[county].name if county in catalog.counties else "县（市）不明"
