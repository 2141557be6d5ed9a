"""Ground divided so that nothing is counted twice: by what lies on it, and by the worst that was found there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.batch.pairs import overlay_pairs
from spatial.geometry import polygons_of
from spatial.measure import is_contact

ADDS_UP = 1e-6
"""Relative: so much the parts of an area may differ from it."""
NOWHERE = shapely.MultiPolygon()


class DoesNotAddUp(ArithmeticError):
    """The parts of an area are not the area: there is no result."""


def overlapping(shapes: Sequence[BaseGeometry]) -> list[list[int]]:
    """For each shape (EPSG:4490) the places of the others that share more than rounding with it."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    found: list[list[int]] = [[] for _ in shapes]
    pairs = overlay_pairs(array, array)
    for one, other in zip(pairs.parcel.tolist(), pairs.zone.tolist(), strict=True):
        if one != other:
            found[one].append(other)
    return found


def less(shape: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry:
    """A shape without the others."""
    return polygons_of(shapely.difference(shape, shapely.union_all(list(others)))) if others else shape


def common(shape: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """The ground of both."""
    if shapely.covers(other, shape):
        return shape
    return polygons_of(shapely.intersection(shape, other))


def split(ground: BaseGeometry, part: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """What of some ground lies in a part, and what beside it; together the ground.

    A strip as thin as storing leaves between two lines that are one (spatial.measure) is not split off.
    """
    inside, outside = common(ground, part), less(ground, [part])
    if is_contact(inside, crs.area_m2(inside)):
        return NOWHERE, ground
    if is_contact(outside, crs.area_m2(outside)):
        return ground, NOWHERE
    return inside, outside


def by_layers(ground: BaseGeometry, parts: Mapping[str, BaseGeometry]) -> dict[tuple[str, ...], BaseGeometry]:
    """Ground by exactly which layers lie on it; `()` is where none does. `parts`: layer → where it lies."""
    found: dict[tuple[str, ...], BaseGeometry] = {(): ground}
    for layer in sorted(parts):
        there: dict[tuple[str, ...], BaseGeometry] = {}
        for names, cell in found.items():
            inside, outside = split(cell, parts[layer])
            there |= {(*names, layer): inside, names: outside}
        found = {names: cell for names, cell in there.items() if not cell.is_empty}
    return found


def worst(
    ground: BaseGeometry, told: Sequence[Mapping[str, BaseGeometry]], order: Sequence[str]
) -> dict[str, BaseGeometry]:
    """Ground by the worst verdict that any of several tellings has for it; the first one tells all of the ground."""
    found: dict[str, BaseGeometry] = {}
    rest = ground
    for verdict in order:
        there = [one[verdict] for one in told if verdict in one]
        if there and not rest.is_empty:
            held, rest = split(rest, shapely.union_all(there))
            if not held.is_empty:
                found[verdict] = held
    if not rest.is_empty:  # too thin to be split: it goes where most of its ground went
        verdict = next(one for one in order if one in told[0])
        found[verdict] = polygons_of(shapely.union(found.get(verdict, NOWHERE), rest))
    return found


def by_verdict(
    ground: BaseGeometry,
    findings: Sequence[Mapping[str, Any]],
    shapes: Mapping[str, Mapping[str, BaseGeometry]],
    order: Sequence[str],
    *,
    complete: bool,
) -> dict[str, BaseGeometry]:
    """Ground by the worst that its findings say of it.

    `findings` as an answer tells them; `shapes`: layer → feature id → polygon. A finding about a polygon that overlaps
    holds where that lies, a sliver's where its layer lies, every other one (a distance, a gap, the request) for all
    of the ground. What is left is `clear` where all is known, else `undetermined`.
    """
    found: dict[str, BaseGeometry] = {}
    rest = ground
    for verdict in order:
        own = [_under(finding, shapes) for finding in findings if finding["verdict"] == verdict]
        if not own or rest.is_empty:
            continue
        there = [shape for shape in own if shape is not None]
        everywhere = len(there) < len(own)
        held, rest = (rest, NOWHERE) if everywhere else split(rest, shapely.union_all(there))
        if not held.is_empty:
            found[verdict] = held
    if not rest.is_empty:
        word = order[-1] if complete else "undetermined"
        found[word] = polygons_of(shapely.union(found[word], rest)) if word in found else rest
    return found


def _under(
    finding: Mapping[str, Any], shapes: Mapping[str, Mapping[str, BaseGeometry]]
) -> BaseGeometry | None:
    """Where a finding holds; None for everywhere."""
    if not finding["overlap_area_m2"]:
        return None
    if finding["feature"]:
        return shapes.get(finding["feature"]["layer"], {}).get(finding["feature"]["id"])
    of_layer = list(shapes.get(finding["layer"], {}).values())
    return shapely.union_all(of_layer) if of_layer else None


def require_sum(parts: Sequence[float], whole: float) -> None:
    """Raise DoesNotAddUp where areas (m²) are not those of the whole."""
    if abs(sum(parts) - whole) > ADDS_UP * whole:
        raise DoesNotAddUp(f"{sum(parts)} m² of {whole} m²")


def area(shape: BaseGeometry) -> float:
    """m² on the ellipsoid, to 1e-6."""
    return round(crs.area_m2(shape), 6)
