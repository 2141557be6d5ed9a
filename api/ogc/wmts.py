"""Capabilities of a Web Map Tile Service (WMTS 1.0.0, OGC 07-057r7) over the tiles that are there, by templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from api.ogc.grids import GRIDS, TileMatrixSet
from api.ogc.links import MVT
from spatial.catalog import Catalog, Layer
from tiles.grid import WEB_MERCATOR

WMTS, OWS, XLINK = (
    "http://www.opengis.net/wmts/1.0",
    "http://www.opengis.net/ows/1.1",
    "http://www.w3.org/1999/xlink",
)
RASTER = "/raster/{layer}/{z}/{x}/{y}.png"
WELL_KNOWN = "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible"


def capabilities(known: Catalog, layers: Iterable[Layer], base: str, paths: Iterable[str]) -> bytes:
    """The document, for layers that the asker may read. `base`: the address of the service, without a slash at its end;
    `paths`: those of the API, so that images are offered where there are any."""
    ET.register_namespace("", WMTS)
    ET.register_namespace("ows", OWS)
    ET.register_namespace("xlink", XLINK)
    root = ET.Element(_wmts("Capabilities"), {"version": "1.0.0"})
    about = _add(root, _ows("ServiceIdentification"))
    _add(about, _ows("Title"), f"净土 · {known.region.name}")
    _add(about, _ows("ServiceType"), "OGC WMTS")
    _add(about, _ows("ServiceTypeVersion"), "1.0.0")
    _operation(root, f"{base}/ogc/wmts")
    contents = _add(root, _wmts("Contents"))
    with_images = RASTER in paths
    for layer in layers:
        tiles = f"{base}/ogc/collections/{layer.id}/tiles/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}"
        formats, grids = {MVT: tiles}, list(GRIDS)
        if layer.is_raster and with_images:
            formats = {
                "image/png": f"{base}/raster/{layer.id}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png"
            } | formats
            grids = [WEB_MERCATOR]  # a format cannot be had in some grids of a layer alone
        _layer(contents, known, layer, formats, grids)
    for grid in GRIDS.values():
        _grid(contents, grid)
    _add(root, _wmts("ServiceMetadataURL")).set(f"{{{XLINK}}}href", f"{base}/ogc/wmts")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _operation(root: ET.Element, address: str) -> None:
    operation = _add(_add(root, _ows("OperationsMetadata")), _ows("Operation"))
    operation.set("name", "GetCapabilities")
    get = _add(_add(_add(operation, _ows("DCP")), _ows("HTTP")), _ows("Get"))
    get.set(f"{{{XLINK}}}href", address)
    constraint = _add(get, _ows("Constraint"))
    constraint.set("name", "GetEncoding")
    _add(_add(constraint, _ows("AllowedValues")), _ows("Value"), "KVP")


def _layer(
    contents: ET.Element, known: Catalog, layer: Layer, formats: Mapping[str, str], grids: Iterable[str]
) -> None:
    west, south, east, north = known.region.extent
    told = _add(contents, _wmts("Layer"))
    _add(told, _ows("Title"), layer.title)
    _add(told, _ows("Abstract"), layer.note or layer.title_en)
    box = _add(told, _ows("WGS84BoundingBox"))
    _add(box, _ows("LowerCorner"), f"{west} {south}")
    _add(box, _ows("UpperCorner"), f"{east} {north}")
    _add(told, _ows("Identifier"), layer.id)
    style = _add(told, _wmts("Style"))
    style.set("isDefault", "true")
    _add(style, _ows("Identifier"), "default")
    for media_type in formats:
        _add(told, _wmts("Format"), media_type)
    for grid in grids:
        _add(_add(told, _wmts("TileMatrixSetLink")), _wmts("TileMatrixSet"), grid)
    for media_type, template in formats.items():
        given = {"format": media_type, "resourceType": "tile", "template": template}
        ET.SubElement(told, _wmts("ResourceURL"), given)


def _grid(contents: ET.Element, known: TileMatrixSet) -> None:
    grid = _add(contents, _wmts("TileMatrixSet"))
    _add(grid, _ows("Identifier"), known.id)
    _add(grid, _ows("SupportedCRS"), f"urn:ogc:def:crs:EPSG::{known.epsg}")
    if known.id == WEB_MERCATOR:
        _add(grid, _wmts("WellKnownScaleSet"), WELL_KNOWN)
    for one in known.document()["tileMatrices"]:
        matrix = _add(grid, _wmts("TileMatrix"))
        _add(matrix, _ows("Identifier"), one["id"])
        _add(matrix, _wmts("ScaleDenominator"), repr(one["scaleDenominator"]))
        _add(matrix, _wmts("TopLeftCorner"), " ".join(map(repr, one["pointOfOrigin"])))
        for name in ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight"):
            _add(matrix, _wmts(name[0].upper() + name[1:]), str(one[name]))


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = text
    return child


def _wmts(name: str) -> str:
    return f"{{{WMTS}}}{name}"


def _ows(name: str) -> str:
    return f"{{{OWS}}}{name}"
