"""Deliveries, releases, and the jobs that do the work."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypeAliasType, TypedDict

from api.answers.packages import PackageResult
from api.answers.shapes import Point
from api.answers.words import Issue, IssueSaid

LoadState = TypeAliasType("LoadState", Literal["running", "staged", "live", "replaced", "withdrawn"])
Outcome = TypeAliasType("Outcome", Literal["accepted", "repaired", "quarantined", "refused"])
ReleaseState = TypeAliasType("ReleaseState", Literal["draft", "published", "withdrawn"])
JobState = TypeAliasType("JobState", Literal["queued", "running", "done", "failed", "cancelled"])
JobKind = TypeAliasType(
    "JobKind", Literal["load", "checks", "recheck", "deliver", "draw", "papers", "overlay", "package"]
)


class Counts(TypedDict):
    read: int
    loaded: int
    repaired: int
    quarantined: int
    refused: int


class LoadCounts(Counts):
    unchanged: int


class LoadAnswer(TypedDict):
    id: int
    layer: str
    release: str
    state: LoadState
    outcome: Outcome | Literal[""]
    counties: list[str]
    whole: bool
    rows: LoadCounts
    file: str
    sha256: str
    crs: str | None
    encoding: str
    mapping: str
    code_version: str
    data_date: str
    base_revision: int
    by: str | None
    at: str


class LoadList(TypedDict):
    loads: list[LoadAnswer]
    next: int | None


class IssuePage(TypedDict):
    issues: list[Issue]
    next: int | None


class IssueFeature(TypedDict):
    type: Literal["Feature"]
    id: int
    geometry: Point
    properties: IssueSaid


class IssueShapes(TypedDict):
    """Those that have a place."""

    type: Literal["FeatureCollection"]
    features: list[IssueFeature]


class QuarantinedRow(TypedDict):
    """A row as it came."""

    row: int
    original: dict[str, Any]
    reason: str


class QuarantinePage(TypedDict):
    rows: list[QuarantinedRow]
    next: int | None


class ReleaseAnswer(TypedDict):
    name: str
    state: ReleaseState
    created_at: str
    published_at: str | None
    loads: list[LoadAnswer]


class ReleaseList(TypedDict):
    releases: list[ReleaseAnswer]


class CountyChange(TypedDict):
    added: int
    changed: int
    removed: int
    area_gained_m2: float
    area_lost_m2: float


class LayerChange(TypedDict):
    load: int
    layer: str
    by_county: dict[str, CountyChange]


class ReleaseChanges(TypedDict):
    release: str
    state: ReleaseState
    changes: list[LayerChange]


class Switched(TypedDict):
    release: str
    state: ReleaseState
    revision: int


class ConfirmedEmpty(TypedDict):
    revision: int


class Accepted(TypedDict):
    """What a request is answered that left a job: /jobs/{job}."""

    job: str
    kind: JobKind
    state: JobState
    title: str


class AcceptedFile(Accepted):
    notices: list[Issue]


class DeliveryChanges(TypedDict):
    """`by_county`: county → kind of change → how many."""

    added: int
    changed: int
    removed: int
    unchanged: int
    by_county: dict[str, dict[str, int]]


class LoadDocument(TypedDict):
    """The result of a job of kind `load`. `issues_in_all`: more than the first of them stand at /loads/{id}/issues."""

    layer: str
    outcome: Outcome
    rows: Counts
    issues: list[Issue]
    issues_in_all: int
    crs: str | None
    encoding: str
    release: str | None
    committed: bool
    load: int | None
    changes: DeliveryChanges
    counties: list[str]
    data_date: str | None


class RefusedParcel(TypedDict):
    parcel_no: str | None
    code: str
    detail: str


class BatchResult(TypedDict):
    """The result of a job of kind `checks`: ids of the answers, and the parcels that got none."""

    checks: list[str]
    refused: list[RefusedParcel]


class OverlayMade(TypedDict):
    overlay: str
    number: str


class PapersMade(TypedDict):
    checks: str
    papers: int
    rights: str


class Rechecked(TypedDict):
    recheck: int
    revision: int
    asked: int
    changes: int
    failed: int


class Delivered(TypedDict):
    sent: int
    waiting: int


class Drawn(TypedDict):
    drawn: int


JobResult = TypeAliasType(
    "JobResult",
    LoadDocument | BatchResult | OverlayMade | PapersMade | Rechecked | Delivered | Drawn | PackageResult,
)


class JobFailure(TypedDict):
    code: str
    detail: str
    hint: str


class JobAnswer(TypedDict):
    id: str
    kind: JobKind
    title: str
    state: JobState
    stage: str
    done: int
    total: int | None
    result: JobResult | None
    failure: JobFailure | None
    created_at: str
    started_at: str | None
    ended_at: str | None
