"""The answer of a check as people and programs see it, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import shapely

from spatial.canonical import canonical
from spatial.catalog import Catalog
from spatial.overlay import Candidate, Covered, Overlay
from spatial.rules import Finding, Gap, Judgement, RuleBook
from spatial.rules.listing import parameter_told

OUTSIDE_FINGERPRINT = (
    "id", "number", "checked_at", "purpose", "known_at", "fingerprint", "overrides", "disputes",
)  # fmt: skip
STATE_OF_GAP = {
    "never_loaded": "no_data",
    "partial": "no_data",
    "outdated": "outdated",
    "unlocated": "unlocated",
}
_STATE_ORDER = ("no_data", "outdated", "unlocated")


def fingerprint(answer: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of an answer without what differs from one asking to the next."""
    told = {key: value for key, value in answer.items() if key not in OUTSIDE_FINGERPRINT}
    return "sha256:" + hashlib.sha256(canonical(told)).hexdigest()


def area(value: float | None) -> float | None:
    """m² to 0.01, metres alike."""
    return None if value is None else round(float(value), 2)


def share(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)


def findings_of(judgement: Judgement, book: RuleBook) -> list[dict[str, Any]]:
    """The findings, worst first."""
    named = {finding.rule for finding in judgement.findings}
    numbers = {
        rule.id: [parameter_told(book.parameters[name]) for name in rule.parameters]
        for rule in book.rules
        if rule.id in named
    }
    return [_finding(finding, numbers[finding.rule]) for finding in judgement.findings]


def _finding(finding: Finding, numbers: list[dict[str, Any]]) -> dict[str, Any]:
    feature = finding.feature
    told: dict[str, Any] = {
        "rule": finding.rule,
        "title": finding.title,
        "verdict": finding.verdict,
        "layer": finding.layer,
        "feature": feature
        and {"id": feature.id, "code": feature.code, "name": feature.name, "layer": feature.layer},
        "county": feature.county if feature else (finding.gap.county if finding.gap else None),
        "relation": finding.relation,
        "overlap_area_m2": area(finding.overlap_area_m2),
        "overlap_share": share(finding.overlap_share),
        "overlap_length_m": area(feature.overlap_length_m) if feature and feature.shape == "line" else None,
        "distance_m": area(finding.distance_m),
        "reason": finding.reason,
        "reason_en": finding.reason_en,
        "basis": [{"text": c.text, "article": c.article, "kind": c.kind} for c in finding.basis],
        "overridable": finding.overridable,
        "override": dict(finding.override) if finding.override else None,
        "certainty": finding.certainty,
        "missing": list(finding.missing),
    }
    if finding.gap:
        told["gap"] = finding.gap.kind
        told["message"] = finding.gap.message
    if numbers:
        told["parameters"] = numbers
    if finding.measures:
        told["measures"] = {name: round(float(value), 4) for name, value in finding.measures.items()}
    return told


def layers_of(
    catalog: Catalog, overlay: Overlay, layers: list[str], counties: list[str], gaps: tuple[Gap, ...]
) -> list[dict[str, Any]]:
    """One row for each layer that was asked: its state, the union of its overlaps, its release and data date."""
    by_layer: dict[str, list[Candidate]] = {}
    for feature in overlay.features:
        if feature.measured.overlaps:
            by_layer.setdefault(feature.layer, []).append(feature)
    rows = []
    for layer in layers:
        hits = by_layer.get(layer, [])
        union = overlay.unions.get(layer)
        known = [
            overlay.coverage[layer, county] for county in counties if (layer, county) in overlay.coverage
        ]
        oldest: Covered | None = min(known, key=lambda covered: covered.data_date, default=None)
        states = {STATE_OF_GAP[gap.kind] for gap in gaps if gap.layer == layer}
        rows.append(
            {
                "layer": layer,
                "title": catalog.layer(layer).title,
                "state": "hit"
                if hits
                else next((state for state in _STATE_ORDER if state in states), "clear"),
                "features": len(hits),
                "overlap_area_m2": area(min(union.area_m2, overlay.parcel_area_m2)) if union else 0.0,
                "overlap_share": share(min(union.area_m2 / overlay.parcel_area_m2, 1.0)) if union else 0.0,
                "release": oldest.release if oldest else None,
                "data_date": oldest.data_date.isoformat() if oldest else None,
            }
        )
    return rows


def gaps_told(catalog: Catalog, gaps: tuple[Gap, ...]) -> list[dict[str, Any]]:
    return [
        {
            "layer": gap.layer,
            "title": catalog.layer(gap.layer).title,
            "county": gap.county,
            "kind": gap.kind,
            "message": gap.message,
            "owner": catalog.layer(gap.layer).owner,
        }
        for gap in gaps
    ]


def geojson(geometry: shapely.Geometry) -> dict[str, Any]:
    """A shape as GeoJSON in EPSG:4490, longitude before latitude, every digit kept."""
    return dict(shapely.geometry.mapping(geometry)) | {
        "coordinates": _lists(shapely.geometry.mapping(geometry)["coordinates"])
    }


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value] if isinstance(value, tuple | list) else float(value)
