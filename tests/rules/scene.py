"""Facts and requests from the short form in which examples and cases are written. No engine code in here.

A feature either overlaps (`overlap_area_m2`, or `share` of the parcel, or `part` = from and to on a parcel drawn as the
line 0..1) or lies `distance_m` away. Where no perimeter is given the overlap is taken as one square.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any

from spatial.landuse import Use
from spatial.rules import Facts, Feature, Gap, LayerFacts, Request

TODAY = date(2026, 11, 23)


def facts(
    features: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]] = (),
    parcel_area_m2: float = 10000.0,
) -> Facts:
    made = [_feature(i, spec, parcel_area_m2) for i, spec in enumerate(features)]
    parts = {f.id: spec.get("part", [0.0, f.overlap_share]) for f, spec in zip(made, features, strict=True)}
    layers = {}
    for feature, spec in zip(made, features, strict=True):
        if feature.overlaps and feature.shape == "polygon":
            layers[feature.layer] = _merged(layers.get(feature.layer), feature, spec, parcel_area_m2)
    return Facts(
        parcel_area_m2=parcel_area_m2,
        features=tuple(made),
        layers=layers,
        gaps=tuple(Gap(g["layer"], g.get("county", "652301"), g["kind"], "") for g in gaps),
        covered_share=lambda ids: _union_length([parts[i] for i in ids]),
        pieces=lambda layer: [
            (feature.overlap_area_m2, _perimeter(feature, spec))
            for feature, spec in zip(made, features, strict=True)
            if feature.layer == layer and feature.overlaps and feature.shape == "polygon"
        ],
    )


def request(
    action: str | None, proposed_use: Any, current_use: Any, project: Mapping[str, Any] | None = None
) -> Request:
    return Request(action, _use(proposed_use), _use(current_use), dict(project or {}))


def _use(spec: Any) -> Use | None:
    if spec is None:
        return None
    if isinstance(spec, str):
        return Use("MNR-2023", spec)
    return Use(spec["system"], spec["code"])


def _feature(i: int, spec: Mapping[str, Any], parcel_area_m2: float) -> Feature:
    attributes = dict(spec.get("attributes", {}))
    share = spec.get("share")
    if "part" in spec:
        share = spec["part"][1] - spec["part"][0]
    area = spec.get("overlap_area_m2", None if share is None else share * parcel_area_m2)
    return Feature(
        id=str(1000 + i),
        layer=spec["layer"],
        code=None,
        name=f"示例{i}",
        attributes=attributes,
        shape=spec.get("shape", "polygon"),
        overlaps=area is not None,
        overlap_area_m2=area or 0.0,
        overlap_length_m=spec.get("overlap_length_m", 0.0),
        overlap_share=(area or 0.0) / parcel_area_m2,
        distance_m=spec.get("distance_m", 0.0),
        county="652301",
        has_boundary=attributes.pop("has_boundary", True),
        certainty=spec.get("certainty", "certain"),
        position_error_m=spec.get("position_error_m"),
    )


def _merged(
    so_far: LayerFacts | None, feature: Feature, spec: Mapping[str, Any], parcel_area_m2: float
) -> LayerFacts:
    """Overlaps of one layer, taken as apart from each other."""
    area = feature.overlap_area_m2 + (so_far.union_area_m2 if so_far else 0.0)
    perimeter = _perimeter(feature, spec) + (so_far.union_perimeter_m if so_far else 0.0)
    return LayerFacts(feature.layer, area, perimeter, area / parcel_area_m2)


def _perimeter(feature: Feature, spec: Mapping[str, Any]) -> float:
    return float(spec.get("overlap_perimeter_m", 4 * sqrt(feature.overlap_area_m2)))


def _union_length(parts: Sequence[Sequence[float]]) -> float:
    length, reached = 0.0, 0.0
    for start, end in sorted(parts):
        length += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return length
