"""GeoJSON (RFC 7946) as it is answered: longitude before latitude, EPSG:4490."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

Position = TypeAliasType("Position", list[float])


class Point(TypedDict):
    type: Literal["Point"]
    coordinates: Position


class MultiPoint(TypedDict):
    type: Literal["MultiPoint"]
    coordinates: list[Position]


class LineString(TypedDict):
    type: Literal["LineString"]
    coordinates: list[Position]


class MultiLineString(TypedDict):
    type: Literal["MultiLineString"]
    coordinates: list[list[Position]]


class Polygon(TypedDict):
    type: Literal["Polygon"]
    coordinates: list[list[Position]]


class MultiPolygon(TypedDict):
    type: Literal["MultiPolygon"]
    coordinates: list[list[list[Position]]]


ParcelGeometry = TypeAliasType("ParcelGeometry", Polygon | MultiPolygon)
Geometry = TypeAliasType(
    "Geometry", Point | MultiPoint | LineString | MultiLineString | Polygon | MultiPolygon
)


class Link(TypedDict):
    rel: str
    href: str
    type: NotRequired[str]
    title: NotRequired[str]
    templated: NotRequired[bool]


class FoundFeature(TypedDict):
    """A feature with what every one has beside its attributes, which are those of its layer (/catalog)."""

    type: Literal["Feature"]
    id: str
    layer: str
    code: str | None
    name: str | None
    county: str | None
    geometry: Geometry | None
    properties: dict[str, Any]


class FeaturePage(TypedDict):
    """`next`: the `after` of the page that follows."""

    type: Literal["FeatureCollection"]
    features: list[FoundFeature]
    numberMatched: int
    numberReturned: int
    revision: int
    next: int | None
    links: list[Link]


class Identified(TypedDict):
    type: Literal["FeatureCollection"]
    features: list[FoundFeature]
    numberReturned: int
    revision: int


class SearchHit(TypedDict):
    """`point` and `bbox` null: it has no place."""

    layer: str
    id: str
    code: str | None
    name: str | None
    county: str | None
    point: tuple[float, float] | None
    bbox: tuple[float, float, float, float] | None


class SearchHits(TypedDict):
    results: list[SearchHit]
