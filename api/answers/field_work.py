"""Work in the field: manifests of soil, draws and inspections, what became of a site's soil."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

ManifestState = TypeAliasType(
    "ManifestState", Literal["planned", "underway", "received", "differs", "closed", "cancelled"]
)
InspectionState = TypeAliasType("InspectionState", Literal["drawn", "follow_up", "closed"])


class ManifestStep(TypedDict):
    number: int
    kind: str
    at: str
    by: str | None
    note: str
    tonnes: NotRequired[str]


class ManifestAnswer(TypedDict):
    """A transport of soil, in tonnes."""

    number: str
    site: str
    county: str
    receiver: str
    receiver_county: str
    soil: str
    carrier: str
    vehicle: str
    route: str
    plan_document: str
    state: ManifestState
    planned_t: float
    departed_t: float | None
    received_t: float | None
    state_title: str
    due: str
    overdue: bool
    last_step: int
    steps: list[ManifestStep]


class ManifestList(TypedDict):
    manifests: list[ManifestAnswer]


class Soil(TypedDict):
    site: str
    left_t: float
    received_t: float
    underway_t: float
    unaccounted_t: float


class DrawAnswer(TypedDict):
    """`candidates`, `drawn`: site → inspectors."""

    number: str
    seed: str
    at: str
    by: str
    sites: list[str]
    inspectors: list[str]
    candidates: dict[str, list[str]]
    drawn: dict[str, list[str]]
    inspections: list[str]


class ItemFound(TypedDict):
    ok: bool
    text: str


class Observed(TypedDict):
    """When and where it was seen, as the phone knew it."""

    at: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None


class InspectionStep(TypedDict):
    number: int
    kind: str
    at: str
    by: str | None
    note: str
    draw: NotRequired[str]
    site: NotRequired[str]
    candidates: NotRequired[list[str]]
    findings: NotRequired[dict[str, ItemFound]]
    observed: NotRequired[Observed]


class InspectionAnswer(TypedDict):
    number: str
    draw: str
    site: str
    name: str
    county: str
    inspectors: list[str]
    state: InspectionState
    state_title: str
    last_step: int
    steps: list[InspectionStep]


class InspectionList(TypedDict):
    """`checklist`: item → what it asks."""

    checklist: dict[str, str]
    inspections: list[InspectionAnswer]
