"""Overlays of areas: the sides of one, what changed between them, its shapes and the list of them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

from api.answers.checks import FindingFeature, Versions, WayOut
from api.answers.shapes import Geometry
from api.answers.words import Basis, Certainty, GapKind, LayerState, Parameter, UseCode, Verdict

Trend = TypeAliasType("Trend", Literal["better", "worse", "same", "unknown"])
Unknown = TypeAliasType("Unknown", Literal["forbidden", "no_data", "outdated", "unlocated"])


class OverlayArea(TypedDict):
    """`counted_twice_m2`: ground in more than one of its polygons."""

    title: str
    layer: str | None
    codes: list[str]
    polygons: int
    plots: int
    area_m2: float
    counted_twice_m2: float
    counties: list[str]


class UseSum(TypedDict):
    use: str | None
    title: str
    plots: int
    area_m2: float


class Piece(TypedDict):
    """Ground by exactly which layers lie on it, counted once."""

    use: str | None
    layers: list[str]
    known: bool
    area_m2: float
    incomplete_m2: float


class VerdictSum(TypedDict):
    use: str | None
    verdict: Verdict
    area_m2: float


class LayerSum(TypedDict):
    use: str | None
    layer: str
    area_m2: float


class LaidLayer(TypedDict):
    layer: str
    title: str
    state: LayerState | Literal["forbidden"]
    incomplete: Unknown | None
    features: int
    overlap_area_m2: float
    overlap_share: float
    release: str | None
    data_date: str | None


class OverlayGap(TypedDict):
    layer: str
    title: str
    county: str | None
    kind: GapKind | Literal["forbidden"]
    message: str
    owner: str
    plots: int


class Touched(TypedDict):
    layer: str
    features: int
    area_m2: float


class Plot(TypedDict):
    plot: int
    polygon: int
    no: str
    name: str | None
    planned_use: UseCode | None
    use: str | None
    area_m2: float
    counted_m2: float
    verdict: Verdict
    complete: bool
    counties: list[str]
    touched: list[Touched]


class Conflict(TypedDict):
    """A finding about a feature; what its rule says stands in `rules`."""

    plot: int
    no: str
    use: str | None
    rule: str
    verdict: Verdict
    layer: str
    feature: FindingFeature
    county: str | None
    relation: str
    overlap_area_m2: float | None
    overlap_share: float | None
    overlap_length_m: float | None
    distance_m: float | None
    certainty: Certainty
    missing: list[str]
    message: NotRequired[str]
    measures: NotRequired[dict[str, float]]


class OverlayRemark(TypedDict):
    """Findings about no feature: each rule once."""

    rule: str
    verdict: Verdict
    missing: list[str]
    plots: int
    area_m2: float


class RuleSaid(TypedDict):
    title: str
    reason: str
    reason_en: str
    basis: list[Basis]
    overridable: bool
    override: WayOut | None
    parameters: NotRequired[list[Parameter]]


class Side(TypedDict):
    area: OverlayArea
    as_of: str
    verdict: Verdict
    complete: bool
    uses: list[UseSum]
    partition: list[Piece]
    verdicts: list[VerdictSum]
    by_layer: list[LayerSum]
    layers: list[LaidLayer]
    gaps: list[OverlayGap]
    plots: list[Plot]
    conflicts: list[Conflict]
    remarks: list[OverlayRemark]
    rules: dict[str, RuleSaid]


Compared = TypedDict("Compared", {"first_m2": float, "second_m2": float, "change_m2": float, "is": Trend})


class ComparedVerdict(Compared):
    verdict: Verdict


class ComparedLayer(Compared):
    layer: str
    title: str


class ComparedConflict(Compared):
    rule: str
    verdict: Verdict
    layer: str
    feature: FindingFeature
    county: str | None
    plots: tuple[int, int]
    message: NotRequired[str]


class OverlayChange(TypedDict):
    """From the first side to the second."""

    area_m2: tuple[float, float]
    verdicts: list[ComparedVerdict]
    unrestricted: Compared
    unknown: Compared
    layers: list[ComparedLayer]
    conflicts: list[ComparedConflict]


_Asked = TypedDict("_Asked", {"with": list[str]})


class Overlay(Side, _Asked):
    id: str
    number: str
    title: str
    purpose: str
    checked_at: str
    action: str | None
    current_use: UseCode | None
    project: dict[str, Any]
    other: Side | None
    change: OverlayChange | None
    shapes: str
    versions: Versions
    fingerprint: str


class OverlaySummary(TypedDict):
    id: str
    number: str
    title: str
    verdict: Verdict
    complete: bool
    made_at: str
    as_of: str
    counties: list[str]
    area_m2: float
    purpose: str


class OverlayList(TypedDict):
    overlays: list[OverlaySummary]


class OverlayHead(TypedDict):
    number: str
    title: str
    as_of: str
    verdict: Verdict
    complete: bool
    versions: Versions
    fingerprint: str


class OverlayShape(TypedDict):
    """`kind` says what it is: a plot, a piece of the partition, a hit of a feature."""

    kind: Literal["plot", "piece", "hit"]
    side: int
    plot: int
    no: str
    use: str
    area_m2: float
    polygon: NotRequired[int]
    name: NotRequired[str | None]
    verdict: NotRequired[Verdict]
    verdict_title: NotRequired[str]
    complete: NotRequired[str]
    counties: NotRequired[str]
    counted_m2: NotRequired[float]
    known: NotRequired[bool]
    state: NotRequired[str]
    layers: NotRequired[str]
    layers_title: NotRequired[str]
    incomplete_m2: NotRequired[float]
    open_m2: NotRequired[float]
    layer: NotRequired[str]
    layer_title: NotRequired[str]
    feature: NotRequired[str | None]
    code: NotRequired[str | None]
    county: NotRequired[str | None]
    length_m: NotRequired[float]


class ShapeFeature(TypedDict):
    type: Literal["Feature"]
    properties: OverlayShape
    geometry: Geometry


class CrsName(TypedDict):
    name: str


class NamedCrs(TypedDict):
    type: Literal["name"]
    properties: CrsName


class OverlayShapes(TypedDict):
    type: Literal["FeatureCollection"]
    crs: NamedCrs
    overlay: OverlayHead
    features: list[ShapeFeature]
