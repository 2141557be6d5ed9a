"""Overlaps too thin to be judged: a strip along a shared border is as a rule an error of two maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spatial.catalog import Catalog
from spatial.rules.facts import Certainty, Facts, LayerFacts

LIMITS = ("sliver_area_m2", "sliver_width_m", "sliver_max_area_m2", "sliver_max_share")


@dataclass(frozen=True, slots=True)
class Sliver:
    """A stored layer whose union of overlaps is a sliver; width is the mean, 2 × area / perimeter."""

    overlap: LayerFacts
    width_m: float
    limits: Mapping[str, float]
    certainty: Certainty


def slivers(facts: Facts, catalog: Catalog, parameters: Mapping[str, float]) -> dict[str, Sliver]:
    """The stored restriction layers whose overlaps do not count, by id. Lines and points are never slivers."""
    with_area = {f.layer for f in facts.features if f.overlaps and f.shape == "polygon"}
    found = {}
    for layer_id in sorted(with_area):
        layer = catalog.layer(layer_id)
        if layer.role != "restriction":
            continue
        own = {name: getattr(layer.overlay, name) for name in LIMITS}
        limits = {name: parameters[name] if value is None else value for name, value in own.items()}
        overlap = facts.layers[layer_id]
        width = _width_m(overlap.union_area_m2, overlap.union_perimeter_m)
        # A plot is not made a sliver by a strip elsewhere: each piece must be one by itself, too.
        if _is_sliver(overlap, width, limits) and all(
            _is_thin(area, _width_m(area, perimeter), limits) for area, perimeter in facts.pieces(layer_id)
        ):
            sure = any(
                f.certainty == "certain"
                for f in facts.features
                if f.layer == layer_id and f.overlaps and f.shape == "polygon"
            )
            found[layer_id] = Sliver(overlap, width, limits, "certain" if sure else "possible")
    return found


def _is_sliver(overlap: LayerFacts, width_m: float, limits: Mapping[str, float]) -> bool:
    if overlap.union_share >= limits["sliver_max_share"]:
        return False
    return _is_thin(overlap.union_area_m2, width_m, limits)


def _is_thin(area_m2: float, width_m: float, limits: Mapping[str, float]) -> bool:
    if area_m2 < limits["sliver_area_m2"]:
        return True
    return width_m < limits["sliver_width_m"] and area_m2 < limits["sliver_max_area_m2"]


def _width_m(area_m2: float, perimeter_m: float) -> float:
    return 2 * area_m2 / perimeter_m if perimeter_m else 0.0
