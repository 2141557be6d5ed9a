"""The area that is asked about: polygons that somebody drew or handed in, or features of a layer; cut into plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import catalog, crs, landuse
from spatial.batch.near import features_near, near_each
from spatial.catalog import Layer
from spatial.geometry import polygons_of
from spatial.landuse import Use
from spatial.measure import is_contact
from spatial.overlay import Row, attributes_of, shapes_of
from spatial.overlays.partition import less

Allowed = Mapping[str, Sequence[str] | None]
"""Layer → the counties whose rows the asker may see; None: all. A layer that is not in it is hidden altogether."""
AT_ONCE = 250
"""Polygons whose surroundings are fetched together."""


@dataclass(frozen=True)
class Polygon:
    """One polygon of an area (valid MultiPolygon, EPSG:4490), with the number and planned use that it came with."""

    no: str
    name: str
    shape: BaseGeometry
    use: Use | None = None


@dataclass(frozen=True)
class Area:
    """What is asked about. `layer`: its live features are the polygons, those of `codes` alone where any are named and
    of `counties` alone where the asker may see no others; else `polygons` are."""

    title: str
    polygons: tuple[Polygon, ...] = ()
    layer: str | None = None
    codes: tuple[str, ...] = ()
    counties: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Plot:
    """A polygon, or the part of one under one planned use: what is judged. `polygon` is its place in the area."""

    polygon: int
    no: str
    name: str
    shape: BaseGeometry
    use: Use | None


class CodesUnknown(ValueError):
    """Features that were named are not among the polygons of the layer on that day; its message is their codes."""


def polygons_of_area(area: Area, revision: int, as_of: date) -> tuple[list[Polygon], list[str]]:
    """The polygons, and the counties whose rows they are where the area is a layer. Raises CodesUnknown."""
    if area.layer is None:
        return list(area.polygons), []
    known = catalog.current()
    layer = known.layer(area.layer)
    extent = np.array([shapely.box(*known.region.extent)], dtype=object)
    rows = [row for row in features_near(extent, {layer.id: 0.0}, revision, as_of) if _asked(row, area)]
    found = []
    for row, shape in zip(rows, shapes_of(rows), strict=True):
        if "Polygon" in shape.geom_type:
            name = row.name or ""
            found.append((row, Polygon(row.code or str(row.id), name, shape, _use_of(layer, row))))
    missing = set(area.codes) - {row.code for row, _ in found}
    if missing:
        raise CodesUnknown("、".join(sorted(missing)))
    counties = sorted({str(row.county) for row, _ in found if row.county})
    return [polygon for _, polygon in found], counties


def _asked(row: Row, area: Area) -> bool:
    mine = area.counties is None or row.county in area.counties
    return mine and (not area.codes or row.code in area.codes)


def _use_of(layer: Layer, row: Row) -> Use | None:
    """The planned use that a row of a layer tells."""
    told = layer.planned_use
    if told is None:
        return None
    values = attributes_of(row)
    code = values.get(told.code)
    system = values.get(told.system) if told.system else landuse.MNR
    return Use(str(system), str(code)) if code and system else None


def source_of_uses() -> Layer | None:
    """The layer that tells the planned use of ground that has none of its own."""
    return next(
        (one for one in catalog.current().stored() if one.planned_use and one.planned_use.of_ground), None
    )


def may_see(layer: str, county: str | None, allowed: Allowed) -> bool:
    counties = allowed.get(layer, ())
    return counties is None or county in counties


def plots_of(
    polygons: Sequence[Polygon], revision: int, as_of: date, allowed: Allowed
) -> tuple[list[Plot], set[str]]:
    """The plots of an area in the order of its polygons: one without a use of its own is cut by the planned uses that
    the asker may see. And the counties whose rows these are, for their outline shows.

    What is cut off is cut off truly: a strip as thin as storing leaves stays with the plot beside it.
    """
    plots: list[Plot] = []
    counties: set[str] = set()
    source = source_of_uses()
    for start in range(0, len(polygons), AT_ONCE):
        some = polygons[start : start + AT_ONCE]
        planned = _planned(some, source, revision, as_of, allowed) if source else [[] for _ in some]
        for place, (polygon, uses) in enumerate(zip(some, planned, strict=True), start):
            plots += _cut(place, polygon, [(use, shape) for use, shape, _ in uses])
            counties |= {county for *_, county in uses if county}
    return plots, counties


def _planned(
    polygons: Sequence[Polygon], source: Layer, revision: int, as_of: date, allowed: Allowed
) -> list[list[tuple[Use | None, BaseGeometry, str | None]]]:
    """Of each polygon without a use the planned uses near it, each with the county whose row it is."""
    found: list[list[tuple[Use | None, BaseGeometry, str | None]]] = [[] for _ in polygons]
    at = [place for place, one in enumerate(polygons) if one.use is None]
    if not at:
        return found
    shapes = np.empty(len(at), dtype=object)
    shapes[:] = [polygons[place].shape for place in at]
    reach = {source.id: 0.0}
    all_rows = features_near(shapes, reach, revision, as_of)
    rows = [row for row in all_rows if may_see(row.layer, row.county, allowed)]
    if not rows:
        return found
    there = np.empty(len(rows), dtype=object)
    there[:] = shapes_of(rows)
    for place, near in zip(at, near_each(shapes, there, [row.layer for row in rows], reach), strict=True):
        found[place] = [(_use_of(source, rows[n]), there[n], rows[n].county) for n in near]
    return found


def _cut(place: int, polygon: Polygon, uses: Sequence[tuple[Use | None, BaseGeometry]]) -> list[Plot]:
    whole = Plot(place, polygon.no, polygon.name, polygon.shape, polygon.use)
    rest, parts = polygon.shape, []
    for use, shape in uses:
        part = polygons_of(shapely.intersection(rest, shape)) if shapely.intersects(rest, shape) else None
        if part is not None and not is_contact(part, crs.area_m2(part)):
            parts.append(replace(whole, shape=part, use=use))
            rest = less(rest, [shape])
    if not parts:
        return [whole]
    if not rest.is_empty and is_contact(rest, crs.area_m2(rest)):
        largest = max(range(len(parts)), key=lambda at: shapely.area(parts[at].shape))
        joined = polygons_of(shapely.union(parts[largest].shape, rest))
        parts[largest] = replace(parts[largest], shape=joined)
    elif not rest.is_empty:
        parts.append(replace(whole, shape=rest))
    return parts


def class_of(use: Use | None) -> str | None:
    """The class of a planned use: the first two digits in MNR-2023, "?" where its code says none, None without one."""
    if use is None:
        return None
    code = landuse.codes().get(use)
    classes = {mnr[:2] for mnr in code.mnr_codes} if code else set()
    return classes.pop() if len(classes) == 1 else "?"


def class_title(name: str | None) -> str:
    """A class as people read it."""
    if name is None:
        return "规划用途未知"
    if name == "?":
        return "规划用途代码不能归类"
    return f"{name} {landuse.codes()[Use(landuse.MNR, name)].name}"
