"""Chosen layers laid on plots: what of each lies there, and where it is not known whether any does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from django.conf import settings
from shapely.geometry.base import BaseGeometry

from spatial import catalog, crs
from spatial.batch.near import features_near, near_each
from spatial.coverage import COUNTY_LAYER, counties_of, gaps_of, quoted
from spatial.geometry import polygons_of
from spatial.measure import is_contact, union_of
from spatial.overlay import Candidate, Known, around, candidates, known_layers, shapes_of
from spatial.overlays.area import Allowed, Plot, may_see
from spatial.overlays.judged import Progress
from spatial.overlays.partition import less

AT_ONCE = 100


@dataclass(frozen=True)
class NotKnown:
    """Why a layer is not known, and where on the plot. `kind`: as of gaps, and `forbidden`."""

    layer: str
    county: str | None
    kind: str
    message: str
    ground: BaseGeometry


@dataclass(frozen=True)
class Laid:
    """One plot. `hits`: features that the asker may see and that overlap; `unions`: layer → where its polygons lie."""

    counties: tuple[str, ...]
    hits: tuple[Candidate, ...]
    unions: dict[str, BaseGeometry]
    unknown: tuple[NotKnown, ...]


def lay(
    plots: Sequence[Plot],
    layers: Sequence[str],
    allowed: Allowed,
    revision: int,
    as_of: date,
    progress: Progress,
) -> tuple[list[Laid], Known]:
    """Each plot with what of the layers lies on it, in one revision. Raises spatial.measure.OutOfTime."""
    reach = {**dict.fromkeys(layers, 0.0), COUNTY_LAYER: 0.0}
    known = known_layers(sorted(reach), as_of, revision)
    found = []
    for start in range(0, len(plots), AT_ONCE):
        progress("laying", start, len(plots))
        some = plots[start : start + AT_ONCE]
        shapes = np.empty(len(some), dtype=object)
        shapes[:] = [plot.shape for plot in some]
        rows = features_near(shapes, reach, revision, as_of)
        there = np.empty(len(rows), dtype=object)
        there[:] = shapes_of(rows)
        shapely.prepare(there)
        places = near_each(shapes, there, [row.layer for row in rows], reach)
        for plot, near in zip(some, places, strict=True):
            own = [rows[n] for n in near]
            lying = candidates(
                plot.shape, own, [there[n] for n in near], reach, float(settings.JINGTU_CHECK_SECONDS)
            )
            found.append(_laid(plot, lying, layers, allowed, known, as_of))
    return found, known


def _laid(
    plot: Plot,
    lying: tuple[Candidate, ...],
    layers: Sequence[str],
    allowed: Allowed,
    known: Known,
    as_of: date,
) -> Laid:
    facts = around(plot.shape, lying, known, [], 0.0)
    everything = catalog.current()
    parts = counties_of(facts, everything)
    hits = [one for one in lying if one.measured.overlaps and one.layer in layers]
    seen = tuple(one for one in hits if may_see(one.layer, one.county, allowed))
    unknown = [
        NotKnown(gap.layer, gap.county, gap.kind, gap.message, _where(plot.shape, gap.county, parts))
        for gap in (gaps_of(facts, everything, dict.fromkeys(layers, 0.0), parts, as_of) if parts else ())
        if gap.layer != COUNTY_LAYER
    ]
    unknown += _outside(plot.shape, parts, layers)
    unknown += _forbidden(plot.shape, parts, layers, allowed, {one.layer for one in hits if one not in seen})
    polygons: dict[str, list[BaseGeometry]] = {}
    for one in seen:
        if one.shape == "polygon" and one.measured.part is not None:
            polygons.setdefault(one.layer, []).append(one.measured.part)
    unions = {layer: union_of(shapes).part for layer, shapes in polygons.items()}
    return Laid(tuple(sorted(parts)), seen, unions, tuple(unknown))


def _where(plot: BaseGeometry, county: str | None, parts: Mapping[str, BaseGeometry]) -> BaseGeometry:
    return parts.get(county, plot) if county else plot


def _outside(plot: BaseGeometry, parts: Mapping[str, BaseGeometry], layers: Sequence[str]) -> list[NotKnown]:
    """Outside all counties nobody delivers anything: no layer is known there."""
    rest = less(plot, list(parts.values()))
    if is_contact(rest, crs.area_m2(rest)):
        return []
    message = "在本州县市界线之外（或县级行政区没有入库），那里没有资料。"
    return [NotKnown(layer, None, "partial", message, rest) for layer in layers]


def _forbidden(
    plot: BaseGeometry,
    parts: Mapping[str, BaseGeometry],
    layers: Sequence[str],
    allowed: Allowed,
    hidden_hits: set[str],
) -> list[NotKnown]:
    """Where the asker may not see rows, what lies there is not told: that is no clear ground.

    A hidden row may reach over a border; then nothing is said of all the plot, so that its shape does not show.
    """
    known = catalog.current()
    found = []
    for layer in layers:
        counties = allowed.get(layer, ())
        title = quoted(known.layer(layer).title)
        if counties is None:
            continue
        if layer in hidden_hits:
            found.append(NotKnown(layer, None, "forbidden", f"此处的{title}有你无权查看的内容。", plot))
        for county, part in parts.items():
            if county not in counties:
                place = known.counties[county].name
                found.append(NotKnown(layer, county, "forbidden", f"{place}的{title}你无权查看。", part))
    return found


def unknown_ground(one: Laid, but: Sequence[str] = ()) -> BaseGeometry:
    """Where some layer is not known, those named left out."""
    return polygons_of(shapely.union_all([gap.ground for gap in one.unknown if gap.layer not in but]))
