"""Which layers are known where a parcel lies, and which are not: the gaps that keep an answer from being complete."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.catalog import Catalog, Layer
from spatial.geometry import polygons_of
from spatial.measure import is_contact, union_of
from spatial.overlay import COUNTY_LAYER, Covered, Known, Overlay
from spatial.rules import Gap


def counties_of(overlay: Overlay, catalog: Catalog) -> dict[str, BaseGeometry]:
    """County code → the part of the parcel in it (EPSG:4490), largest first.

    Codes come from the county layer's features; an overlap of mere contact is none.
    """
    parts: dict[str, BaseGeometry] = {}
    for feature in overlay.features:
        if feature.layer == COUNTY_LAYER and feature.measured.overlaps and feature.measured.part is not None:
            code = str(feature.code or feature.county)
            if code in catalog.counties:
                there = parts.get(code)
                parts[code] = (
                    feature.measured.part if there is None else union_of([there, feature.measured.part]).part
                )
    return dict(sorted(parts.items(), key=lambda item: (-crs.area_m2(item[1]), item[0])))


def neighbours_of(overlay: Overlay, catalog: Catalog, parts: Mapping[str, BaseGeometry]) -> dict[str, float]:
    """County code → distance in m, of the counties that the parcel does not reach into but that lie near."""
    away: dict[str, float] = {}
    for feature in overlay.features:
        code = str(feature.code or feature.county)
        if feature.layer == COUNTY_LAYER and code in catalog.counties and code not in parts:
            away[code] = min(feature.measured.distance_m, away.get(code, float("inf")))
    return away


def gaps_of(
    overlay: Overlay,
    catalog: Catalog,
    reach_m: Mapping[str, float],
    parts: Mapping[str, BaseGeometry],
    as_of: date,
) -> tuple[Gap, ...]:
    """Every reason why a layer cannot be trusted where the parcel lies, in a stable order.

    `reach_m`: the layers that are asked, and how far from the parcel their rules look: as far as that a neighbour
    county's data count too. `parts` is the result of `counties_of`. Where no county is known (the county layer itself
    is missing) every county of the region is asked. A part of the parcel outside all counties is a gap of the county
    layer.
    """
    gaps: list[Gap] = []
    counties = list(parts) or list(catalog.counties)
    if not parts:
        gaps.append(Gap(COUNTY_LAYER, None, "never_loaded", "县级行政区没有入库，无法判断地块在哪个县市。"))
    else:
        gaps += _outside(overlay, parts)
    away = neighbours_of(overlay, catalog, parts)
    if not overlay.surrounded:  # what lies there may be a county whose outline nobody delivered
        away |= dict.fromkeys(catalog.counties.keys() - parts.keys() - away.keys() - overlay.outlines, 0.0)
    for layer, reach in sorted(reach_m.items()):
        near = [county for county, distance in away.items() if reach > 0 and distance <= reach]
        for county in sorted({*counties, *near}):
            gaps += _county_gaps(overlay, catalog, catalog.layer(layer), county, parts.get(county), as_of)
        gaps += _unlocated(catalog, overlay, layer, None)
    return tuple(gaps)


def gaps_of_layer(
    known: Known, catalog: Catalog, layer: str, counties: Iterable[str], as_of: date
) -> tuple[Gap, ...]:
    """Every reason why not all rows of a layer in some counties are there."""
    own = catalog.layer(layer)
    gaps = [gap for county in counties for gap in _county_gaps(known, catalog, own, county, None, as_of)]
    return (*gaps, *_unlocated(catalog, known, layer, None))


def _outside(overlay: Overlay, parts: Mapping[str, BaseGeometry]) -> list[Gap]:
    rest = polygons_of(shapely.difference(overlay.parcel, shapely.union_all(list(parts.values()))))
    area = crs.area_m2(rest)
    if is_contact(rest, area):
        return []
    share = area / overlay.parcel_area_m2
    return [
        Gap(
            COUNTY_LAYER,
            None,
            "partial",
            f"地块有 {area:.2f} m²（{share:.2%}）在本州县市界线之外，那里没有资料。",
        )
    ]


def _county_gaps(
    overlay: Known, catalog: Catalog, layer: Layer, county: str, part: BaseGeometry | None, as_of: date
) -> list[Gap]:
    place = catalog.counties[county].name
    covered = overlay.coverage.get((layer.id, county))
    if covered is None:
        gaps = [
            Gap(
                layer.id,
                county,
                "never_loaded",
                f"{place}的{quoted(layer.title)}从未入库。负责：{layer.owner}。",
            )
        ]
    else:
        gaps = _before_all(layer, county, place, covered, as_of) or _outdated(
            catalog, layer, county, covered, as_of
        )
        gaps += _left_out(overlay, layer, county, place) + _partial(layer, county, place, covered, part)
    return gaps + _unlocated(catalog, overlay, layer.id, county)


def _before_all(layer: Layer, county: str, place: str, covered: Covered, as_of: date) -> list[Gap]:
    """What was there before the first delivery told of it, and has gone since, nobody knows."""
    if covered.known_date is not None:
        return []
    return [
        Gap(
            layer.id,
            county,
            "never_loaded",
            f"{place}的{quoted(layer.title)}最早的资料是 {covered.data_date} 的，说明不了 {as_of} 的情况。"
            f"负责：{layer.owner}。",
        )
    ]


def _outdated(catalog: Catalog, layer: Layer, county: str, covered: Covered, as_of: date) -> list[Gap]:
    known = covered.known_date or covered.data_date
    if not is_outdated(catalog, layer, county, known, as_of):
        return []
    months = refresh_months(catalog, layer, county)
    return [
        Gap(
            layer.id,
            county,
            "outdated",
            f"{catalog.counties[county].name}的{quoted(layer.title)}数据日期 {known}，"
            f"应每 {months} 个月更新，已过期。负责：{layer.owner}。",
        )
    ]


def refresh_months(catalog: Catalog, layer: Layer, county: str) -> int | None:
    """How often a county's data of a layer are to be delivered anew; None: they do not age."""
    return catalog.counties[county].refresh_months.get(layer.id, layer.refresh_months)


def is_outdated(catalog: Catalog, layer: Layer, county: str, data_date: date, as_of: date) -> bool:
    """Whether data of a day are past their time on another day."""
    months = refresh_months(catalog, layer, county)
    return months is not None and as_of > after_months(data_date, months)


def _left_out(overlay: Known, layer: Layer, county: str, place: str) -> list[Gap]:
    """Where rows of a delivery wait that may lie here, what they would have said is not known."""
    rows = overlay.left_out.get((layer.id, county), 0)
    if not rows:
        return []
    return [
        Gap(
            layer.id,
            county,
            "partial",
            f"{place}的{quoted(layer.title)}有 {rows} 行资料有错、尚未入库，可能正在此处。负责：{layer.owner}。",
        )
    ]


def _partial(layer: Layer, county: str, place: str, covered: Covered, part: BaseGeometry | None) -> list[Gap]:
    if covered.area is None or part is None:
        return []
    rest = polygons_of(shapely.difference(part, covered.area))
    missing = crs.area_m2(rest)
    if is_contact(rest, missing):
        return []
    return [
        Gap(
            layer.id,
            county,
            "partial",
            f"{place}的{quoted(layer.title)}没有覆盖整个地块，其余 {missing:.2f} m² 没有资料。负责：{layer.owner}。",
        )
    ]


def _unlocated(catalog: Catalog, overlay: Known, layer: str, county: str | None) -> list[Gap]:
    entries = overlay.unlocated.get((layer, county), 0)
    if not entries:
        return []
    place = catalog.counties[county].name + "有" if county else "有"
    where = "没有边界" if county else "没有边界、也不知在哪个县市"
    title = catalog.layer(layer).title
    return [
        Gap(
            layer,
            county,
            "unlocated",
            f"{place} {entries} 条{quoted(title)}记录只有名称或地址，{where}，无法判断是否与地块重叠。",
        )
    ]


def quoted(title: str) -> str:
    """A layer's title in quotation marks, which some titles bring along."""
    return title if title.startswith("“") else f"“{title}”"


def after_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where that month is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
