"""Area packages for work without a line: what is told of one, and what is in it."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.answers.catalog import Box
from api.answers.field_work import InspectionList
from api.answers.shapes import FoundFeature


class PackageGap(TypedDict):
    """`no_county`: some of the box is no known county's ground, and nothing is known there; it has no `county`."""

    layer: str
    county: str
    state: Literal["never_loaded", "outdated", "partial", "not_shown", "no_county"]


class PackageFacts(TypedDict):
    """`lists`: the lists of sites that were looked through. `unlocated`: rows of its counties without a place;
    `left_off`: layer → how many of these are not in it."""

    name: str
    bbox: Box
    made_at: str
    by: str
    revision: int
    as_of: str
    data_date: str | None
    zooms: tuple[int, int]
    layers: list[str]
    lists: list[str]
    sites: int
    features: int
    unlocated: int
    left_off: dict[str, int]
    gaps: list[PackageGap]


class PackageFile(TypedDict):
    bytes: int
    sha256: str


class PackageFiles(TypedDict):
    tiles: PackageFile
    content: PackageFile


class PackageResult(PackageFacts):
    """The result of a job of kind `package`."""

    rights: str
    tiles: int
    files: PackageFiles


class PackageContent(PackageFacts, InspectionList):
    """Layer → its features in the box; layer → those of which nobody knows where they lie."""

    found: dict[str, list[FoundFeature]]
    nowhere: dict[str, list[FoundFeature]]
