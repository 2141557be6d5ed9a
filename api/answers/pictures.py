"""Tiles and images: TileJSON, the style, and what images say of a parcel."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from api.answers.catalog import Box


class VectorLayer(TypedDict):
    id: str
    description: str
    fields: dict[str, str]
    minzoom: int
    maxzoom: int


class TileJson(TypedDict):
    """TileJSON 3.0.0; of images there are no `vector_layers`."""

    tilejson: Literal["3.0.0"]
    name: str
    attribution: str
    scheme: Literal["xyz"]
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: Box
    vector_layers: NotRequired[list[VectorLayer]]


class Style(TypedDict):
    """A MapLibre style (version 8); `metadata` holds what the page needs beside it."""

    version: Literal[8]
    name: str
    metadata: NotRequired[dict[str, Any]]
    sources: dict[str, Any]
    layers: list[dict[str, Any]]


class Band(TypedDict):
    """One band under a parcel. `count`: pixels with a value, their parts added up; without any the rest is null."""

    band: int
    name: str | None
    count: float
    without_value: float
    mean: float | None
    min: float | None
    max: float | None
    quantiles: dict[str, float | None]


class ImageFound(TypedDict):
    id: str
    name: str | None
    date: str | None
    area_m2: float
    pixels: float
    bands: list[Band]


class ImageStatistics(TypedDict):
    layer: str
    revision: int
    as_of: str
    area_m2: float
    without_image_m2: float
    images: list[ImageFound]
