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
        width = 2 * overlap.union_area_m2 / overlap.union_perimeter_m if overlap.union_perimeter_m else 0.0
        if _is_sliver(overlap, width, limits):
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
    if overlap.union_area_m2 < limits["sliver_area_m2"]:
        return True
    return width_m < limits["sliver_width_m"] and overlap.union_area_m2 < limits["sliver_max_area_m2"]
