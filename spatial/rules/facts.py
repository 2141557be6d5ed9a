"""What the judgement reads and what it answers: plain frozen records, no geometry, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from spatial.landuse import Use

Shape = Literal["polygon", "line", "point"]
GapKind = Literal["never_loaded", "outdated", "unlocated", "partial"]
Certainty = Literal["certain", "possible", "near_miss"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a STORED layer that overlaps the parcel or lies within reach of a rule.

    An attribute that is absent or None is unknown. `overlaps`: the interiors overlap (a line runs through the
    parcel's interior, a point lies in the parcel); contact of boundaries alone is not an overlap.
    `overlap_share` is a share of the parcel. `certainty`: `possible` where the overlap could vanish, `near_miss`
    where there is none and could be, within `position_error_m`, the errors of both boundaries together.
    """

    id: str
    layer: str
    code: str | None
    name: str | None
    attributes: Mapping[str, object]
    shape: Shape
    overlaps: bool
    overlap_area_m2: float
    overlap_length_m: float
    overlap_share: float
    distance_m: float
    county: str | None = None
    has_boundary: bool = True
    certainty: Certainty = "certain"
    position_error_m: float | None = None

    @property
    def contains_parcel_share(self) -> float:
        """Share of the parcel that lies inside this feature."""
        return self.overlap_share


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """The union of the overlaps of one stored layer; exists only where a polygon of it overlaps."""

    layer: str
    union_area_m2: float
    union_perimeter_m: float
    union_share: float


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known of a stored layer in a county (None: not tied to one) of the parcel."""

    layer: str
    county: str | None
    kind: GapKind
    message: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that lies on or near the parcel.

    `covered_share(ids)` answers which share (0..1) of the parcel the union of these features covers; it is
    asked only of features that overlap, and only of the layers that the parcel facts name. `pieces(layer)` gives
    area in m² and perimeter in m of each feature's overlap and of each connected piece of their union; it is
    asked only of layers whose union is a sliver.
    """

    parcel_area_m2: float
    features: tuple[Feature, ...]
    layers: Mapping[str, LayerFacts]
    gaps: tuple[Gap, ...]
    covered_share: Callable[[frozenset[str]], float]
    pieces: Callable[[str], Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: None, or a project flag that is absent or None, is unknown."""

    action: str | None = None
    proposed_use: Use | None = None
    current_use: Use | None = None
    project: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Citation:
    """A text in force on the asked day; kind: statute, standard, policy or default."""

    text: str
    article: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that fired, on one feature, gap or layer, or on the request alone.

    `layer` is the layer of the rule (derived ones too; of the rules over any layer, the stored layer found).
    The three measures are None where nothing was measured (relations self and coverage); of a sliver they are
    those of the union, and `measures` then holds area, perimeter, width and the limits in metres; of what is not
    certain it holds the error, and of a near miss the distance.
    `missing` names the inputs that keep an undetermined finding undetermined.
    """

    rule: str
    title: str
    verdict: str
    layer: str
    feature: Feature | None
    gap: Gap | None
    relation: str
    overlap_area_m2: float | None
    overlap_share: float | None
    distance_m: float | None
    reason: str
    reason_en: str
    basis: tuple[Citation, ...]
    overridable: bool
    override: Mapping[str, str] | None
    certainty: Certainty
    missing: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The worst verdict of the findings (clear when there is none); complete when no asked layer has a gap."""

    verdict: str
    complete: bool
    findings: tuple[Finding, ...]
