"""What there is: the asker, the layers, the legend, words, examples, and what was understood of a file."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

from api.answers.shapes import ParcelGeometry
from api.answers.words import Issue, Role, UseCode, Verdict

Box = TypeAliasType("Box", tuple[float, float, float, float])
CoverageState = TypeAliasType(
    "CoverageState", Literal["loaded", "confirmed_empty", "never_loaded", "outdated"]
)


class Me(TypedDict):
    """Nobody is signed in where `username` is null. `counties` empty: the whole region, or a stranger."""

    username: str | None
    role: Role
    counties: list[str]


class Region(TypedDict):
    code: str
    name: str
    name_en: str
    extent: Box
    zones: list[int]


class County(TypedDict):
    code: str
    name: str
    name_en: str
    zones: list[int]


class LayerField(TypedDict):
    id: str
    title: str
    title_en: str
    type: str
    choices: dict[str, str]
    unit: str | None


class LayerCoverage(TypedDict):
    """`features`, `unlocated`: null where the asker may not see them."""

    county: str
    state: CoverageState
    data_date: str | None
    release: str | None
    features: int | None
    unlocated: int | None


class CatalogLayer(TypedDict):
    """`read`: the roles that may see it; `on`: shown at first sight; `loaded`: of what the asker may see."""

    id: str
    title: str
    title_en: str
    role: Literal["restriction", "evidence", "context", "request"]
    kind: Literal["stored", "derived", "request"]
    owner: str
    refresh_months: int | None
    geometry: list[str]
    note: str | None
    on: bool
    visible: bool
    read: list[Role]
    loaded: int | None
    fields: list[LayerField]
    coverage: list[LayerCoverage]


class LayerGroup(TypedDict):
    title: str
    title_en: str
    layers: list[CatalogLayer]


class Action(TypedDict):
    id: str
    title: str


class ProjectFlag(TypedDict):
    id: str
    title: str
    type: str
    choices: dict[str, str]


class CatalogAnswer(TypedDict):
    """`basemap`: addresses of tiles under the map, the lowest first."""

    region: Region
    counties: list[County]
    groups: list[LayerGroup]
    actions: list[Action]
    project_flags: list[ProjectFlag]
    basemap: list[str]
    asked_layers: list[str]
    revision: int
    release: str | None
    data_date: str | None


class LegendClass(TypedDict):
    """`swatch`: an SVG document."""

    value: str | None
    label: str
    label_en: str
    swatch: str


class LegendLayer(TypedDict):
    id: str
    title: str
    shown: bool
    classes: list[LegendClass]


class LegendGroup(TypedDict):
    title: str
    layers: list[LegendLayer]


class Legend(TypedDict):
    groups: list[LegendGroup]


class LanduseCode(TypedDict):
    system: str
    code: str
    name: str
    name_en: str
    level: int


class ExampleRequest(TypedDict):
    """A body of POST /checks."""

    parcel: ParcelGeometry
    crs: NotRequired[str]
    action: NotRequired[str | None]
    proposed_use: NotRequired[UseCode | None]
    current_use: NotRequired[UseCode | None]
    project: NotRequired[dict[str, Any]]
    purpose: NotRequired[str]


class Example(TypedDict):
    id: str
    title: str
    verdict: Verdict
    complete: bool
    body: ExampleRequest


class PreviewParcel(TypedDict):
    no: str | None
    name: str | None
    area_m2: float | None
    declared_area_m2: float | None
    points: int | None
    geometry: ParcelGeometry


class Preview(TypedDict):
    """What was understood of a file. `crs`: the EPSG code its coordinates came in."""

    ok: bool
    crs: int | None
    encoding: str
    parcels: list[PreviewParcel]
    issues: list[Issue]
    text_lines: list[str] | None
