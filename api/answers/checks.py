"""Checks: the answer, what people put beside it, lists of them, the rules behind them, and what changed."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from api.answers.shapes import ParcelGeometry
from api.answers.words import (
    Basis,
    BasisKind,
    Certainty,
    GapKind,
    Issue,
    LayerState,
    Parameter,
    UseCode,
    Verdict,
)


class FindingFeature(TypedDict):
    """`hidden`: the asker may not see which one it is."""

    id: str | None
    code: str | None
    name: str | None
    layer: str
    hidden: NotRequired[bool]


class WayOut(TypedDict):
    """By what written decision a finding may be set aside."""

    kind: Literal["policy_decision", "statutory_approval", "statutory_condition"]
    document: str
    article: NotRequired[str]


class Finding(TypedDict):
    rule: str
    title: str
    verdict: Verdict
    layer: str
    feature: FindingFeature | None
    county: str | None
    relation: str
    overlap_area_m2: float | None
    overlap_share: float | None
    overlap_length_m: float | None
    distance_m: float | None
    reason: str
    reason_en: str
    basis: list[Basis]
    overridable: bool
    override: WayOut | None
    certainty: Certainty
    missing: list[str]
    gap: NotRequired[GapKind]
    message: NotRequired[str]
    parameters: NotRequired[list[Parameter]]
    measures: NotRequired[dict[str, float]]


class AskedLayer(TypedDict):
    layer: str
    title: str
    state: LayerState
    features: int
    overlap_area_m2: float
    overlap_share: float
    release: str | None
    data_date: str | None


class Gap(TypedDict):
    layer: str
    title: str
    county: str | None
    kind: GapKind
    message: str
    owner: str


class CheckedParcel(TypedDict):
    parcel_no: str | None
    area_m2: float
    counties: list[str]
    geometry: ParcelGeometry


class Versions(TypedDict):
    """The data and the rules that an answer was given with."""

    revision: int
    release: str | None
    catalog: str
    rules: str


class NamedFinding(TypedDict):
    rule: str
    layer: str
    feature: str | None
    county: str | None
    gap: GapKind | None


class Withdrawn(TypedDict):
    reason: str
    by: str
    at: str


class Dispute(TypedDict):
    id: int
    finding: NamedFinding
    reason: str
    by: str
    at: str
    withdrawn: Withdrawn | None


class Override(Dispute):
    """A written decision. `new_verdict` null: it closes the finding."""

    document_number: str
    document_date: str
    person: str
    new_verdict: Verdict | None


class CheckProperties(TypedDict):
    """The answer without its parcel, whose shape is the feature's."""

    id: str
    number: str
    checked_at: str
    purpose: str
    known_at: str | None
    verdict: Verdict
    complete: bool
    as_of: str
    action: str | None
    proposed_use: UseCode | None
    current_use: UseCode | None
    project: dict[str, Any]
    findings: list[Finding]
    layers: list[AskedLayer]
    gaps: list[Gap]
    versions: Versions
    fingerprint: str
    overrides: list[Override]
    disputes: list[Dispute]


class CheckAnswer(CheckProperties):
    """Stored as given; `overrides` and `disputes` are what people put beside it."""

    parcel: CheckedParcel


class CheckFeature(TypedDict):
    type: Literal["Feature"]
    id: str
    geometry: ParcelGeometry
    properties: CheckProperties


class CheckShape(TypedDict):
    type: Literal["FeatureCollection"]
    features: list[CheckFeature]


class CheckOfFile(CheckAnswer):
    notices: list[Issue]


class CheckSummary(TypedDict):
    id: str
    number: str
    verdict: Verdict
    complete: bool
    checked_at: str
    as_of: str
    known_at: str | None
    action: str | None
    area_m2: float
    parcel_no: str | None
    counties: list[str]
    purpose: str
    gaps: int
    follows: str | None


class CheckList(TypedDict):
    checks: list[CheckSummary]


class Verified(TypedDict):
    number: str
    exists: Literal[True]
    unchanged: bool
    checked_on: str


class RuleBasis(Basis):
    indirect: bool
    valid_from: str | None
    valid_to: str | None


class RuleParameter(Parameter):
    why: str


class RuleWayOut(WayOut):
    words: str


class Rule(TypedDict):
    id: str
    group: str
    group_title: str
    title: str
    layer: str
    relation: str
    looks_at: str
    distance_m: float | None
    distance_kind: BasisKind | None
    verdict: Verdict
    reason: str
    reason_en: str
    actions: list[str] | None
    actions_except: list[str] | None
    basis: list[RuleBasis]
    parameters: list[RuleParameter]
    needs: list[str]
    needs_titles: list[str]
    override: RuleWayOut | None
    confidence: str
    seed: list[str]
    note: str | None


class RuleList(TypedDict):
    version: str
    verdict_order: list[Verdict]
    rules: list[Rule]


class ChangedRun(TypedDict):
    id: str
    number: str
    verdict: Verdict
    complete: bool
    as_of: str
    revision: int


class Cause(TypedDict):
    """What of the data changed; of a change of the rules or of the day alone there is only `kind`."""

    kind: str
    layer: NotRequired[str]
    feature: NotRequired[str | None]
    code: NotRequired[str | None]
    name: NotRequired[str | None]
    county: NotRequired[str | None]
    change: NotRequired[Literal["came", "went"]]
    hidden: NotRequired[bool]


class Change(TypedDict):
    """An earlier answer that is no longer given so. `new` null: it could not be asked again, `failure` says why."""

    id: int
    at: str
    recheck: int
    parcel_no: str | None
    counties: list[str]
    action: str | None
    purpose: str
    old: ChangedRun
    new: ChangedRun | None
    failure: str | None
    causes: list[Cause]


class ChangeList(TypedDict):
    changes: list[Change]
    next: int | None
