"""What OGC API Features and Tiles answer, as far as it is ours: the standards' own schemas ask no less."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypeAliasType, TypedDict

from api.answers.catalog import Box
from api.answers.shapes import FoundFeature, Link


class LandingPage(TypedDict):
    title: str
    description: str
    links: list[Link]


class Conformance(TypedDict):
    conformsTo: list[str]


class SpatialExtent(TypedDict):
    bbox: list[Box]
    crs: str


class TemporalExtent(TypedDict):
    """Each interval from and until; null is open."""

    interval: list[list[str | None]]


class Extent(TypedDict):
    spatial: SpatialExtent
    temporal: TemporalExtent


class Collection(TypedDict):
    id: str
    title: str
    description: str
    itemType: Literal["feature"]
    extent: Extent
    crs: list[str]
    storageCrs: str
    links: list[Link]


class CollectionList(TypedDict):
    links: list[Link]
    crs: list[str]
    collections: list[Collection]


class ItemPage(TypedDict):
    type: Literal["FeatureCollection"]
    features: list[FoundFeature]
    numberMatched: int
    numberReturned: int
    links: list[Link]


class AllItems(TypedDict):
    """f=geojson: the whole layer, or all that the filter leaves of it."""

    type: Literal["FeatureCollection"]
    features: list[FoundFeature]


Items = TypeAliasType("Items", ItemPage | AllItems)


class Item(FoundFeature):
    links: list[Link]


Queryables = TypedDict(
    "Queryables",
    {
        "$id": str,
        "$schema": str,
        "type": Literal["object"],
        "title": str,
        "properties": dict[str, dict[str, Any]],
        "additionalProperties": bool,
    },
)


class MatrixSetHead(TypedDict):
    id: str
    title: str
    uri: NotRequired[str]
    crs: str
    links: list[Link]


class MatrixSetList(TypedDict):
    tileMatrixSets: list[MatrixSetHead]


class Matrix(TypedDict):
    id: str
    scaleDenominator: float
    cellSize: float
    cornerOfOrigin: Literal["topLeft"]
    pointOfOrigin: tuple[float, float]
    tileWidth: int
    tileHeight: int
    matrixWidth: int
    matrixHeight: int


class MatrixSet(TypedDict):
    id: str
    title: str
    uri: NotRequired[str]
    wellKnownScaleSet: NotRequired[str]
    crs: str
    orderedAxes: list[str]
    tileMatrices: list[Matrix]


class TilesetHead(TypedDict):
    title: str
    dataType: Literal["vector"]
    crs: str
    tileMatrixSetURI: NotRequired[str]
    links: list[Link]


class TilesetList(TypedDict):
    tilesets: list[TilesetHead]
    links: list[Link]


class Corners(TypedDict):
    lowerLeft: tuple[float, float]
    upperRight: tuple[float, float]
    crs: str


class TilesetLayer(TypedDict):
    id: str
    dataType: Literal["vector"]


class Tileset(TypedDict):
    title: str
    dataType: Literal["vector"]
    crs: str
    tileMatrixSetURI: NotRequired[str]
    boundingBox: Corners
    layers: list[TilesetLayer]
    links: list[Link]
