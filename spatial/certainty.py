"""How sure an overlap is: whether the stated errors of both boundaries could make it vanish, or an overlap of none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.catalog import Catalog
from spatial.measure import Measured
from spatial.rules import RuleBook
from spatial.rules.facts import Certainty

OWN_ERROR = "position_error_m"
"""The attribute in which a feature states the error of its own boundary."""
LARGEST_OWN_ERROR_M = 100.0
"""So far is looked where features may state their own."""
ROUNDED_M = 0.005
"""Distances are told in centimetres."""


@dataclass(frozen=True)
class PositionErrors:
    """What is stated of the boundaries: the parcel's, and by layer; a layer that states nothing is not in `layers`."""

    parcel_m: float
    layers: Mapping[str, float]
    own: frozenset[str]

    def reach_m(self, layer: str) -> float:
        """How far from the parcel a feature may lie and still meet it within the errors."""
        if layer in self.own:
            return self.parcel_m + max(self.layers.get(layer, 0.0), LARGEST_OWN_ERROR_M)
        return self.parcel_m + self.layers[layer] if layer in self.layers else 0.0

    def together_m(self, layer: str, attributes: Mapping[str, Any]) -> float | None:
        """Both errors added for one feature; None where none is stated of it."""
        own = attributes.get(OWN_ERROR) if layer in self.own else None
        stated = own if isinstance(own, int | float) and own >= 0 else self.layers.get(layer)
        return None if stated is None else self.parcel_m + float(stated)


def position_errors(catalog: Catalog, book: RuleBook) -> PositionErrors:
    """Of the restriction layers that are stored; evidence and context are not judged by their overlap."""
    judged = [layer for layer in catalog.stored() if layer.role == "restriction"]
    return PositionErrors(
        parcel_m=book.values()["parcel_position_error_m"],
        layers={
            layer.id: layer.overlay.position_error_m
            for layer in judged
            if layer.overlay.position_error_m is not None
        },
        own=frozenset(layer.id for layer in judged if OWN_ERROR in layer.fields),
    )


def certainty_of(parcel: BaseGeometry, shape: BaseGeometry, measured: Measured, error_m: float) -> Certainty:
    """Of a feature (EPSG:4490) whose boundary and the parcel's may both be wrong, by `error_m` together."""
    if not measured.overlaps or measured.part is None:
        return "near_miss" if measured.distance_m <= error_m else "certain"
    west, south, east, north = measured.part.bounds
    plane = crs.LocalPlane((west + east) / 2, (south + north) / 2)
    error = error_m + ROUNDED_M
    part = plane.project(measured.part)
    edges = [_edge_near(parcel, measured.part, error)]
    if "Polygon" in shape.geom_type:
        edges.append(_edge_near(shape, measured.part, error))
    return "possible" if all(_all_within(part, edge, error, plane) for edge in edges) else "certain"


def _edge_near(shape: BaseGeometry, part: BaseGeometry, error_m: float) -> BaseGeometry:
    west, south, east, north = part.bounds
    dx, dy = crs.degrees_for(2 * error_m, max(abs(south), abs(north)))
    return shapely.clip_by_rect(shapely.boundary(shape), west - dx, south - dy, east + dx, north + dy)


def _all_within(part: BaseGeometry, edge: BaseGeometry, error_m: float, plane: crs.LocalPlane) -> bool:
    """Whether no place of a part lies farther from an edge than the error: else the edge cannot pass over all of it."""
    if edge.is_empty:
        return False
    line = plane.project(edge)
    if shapely.distance(shapely.point_on_surface(part), line) > error_m * plane.scale:
        return False
    return bool(shapely.covers(shapely.buffer(line, error_m * plane.scale, quad_segs=32), part))
