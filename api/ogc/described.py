"""What collections and tile sets say of themselves."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from api.ogc.formats import FILES
from api.ogc.links import GEOJSON, JSON, MVT, REL, SCHEMA, Link, base, link
from api.ogc.systems import CRS84, STORAGE, systems
from spatial.catalog import Catalog, Layer
from tiles.grid import HALF_WORLD_M, MAX_ZOOM

QUAD = "WebMercatorQuad"
QUAD_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR_URI = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILE_PX = 256
PIXEL_M = 0.00028
"""The side of a pixel on the standard's screen (OGC 17-083r4, 6.2)."""


def collection(request: Request, known: Catalog, layer: Layer) -> dict[str, Any]:
    """A layer as a collection. Its extent is the region's: that of the rows would tell what may not be seen."""
    home = f"{base(request)}/collections/{layer.id}"
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.note or layer.title_en,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [list(known.region.extent)], "crs": CRS84.uri},
            "temporal": {"interval": [[None, None]]},
        },
        "crs": list(systems(known)),
        "storageCrs": STORAGE.uri,
        "links": [
            link("self", home, JSON),
            link("items", f"{home}/items", GEOJSON, layer.title),
            *(
                link("items", f"{home}/items?f={name}", told, name)
                for name, told in FILES.items()
                if name != "geojson"
            ),
            link("enclosure", f"{home}/items?f=geojson", GEOJSON, "geojson"),
            link(f"{REL}/queryables", f"{home}/queryables", SCHEMA),
            link(f"{REL}/tilesets-vector", f"{home}/tiles", JSON),
        ],
    }


def tile_matrix_set() -> dict[str, Any]:
    """WebMercatorQuad of OGC 17-083r4, annex D.1, to the zoom that tiles go to."""
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": QUAD_URI,
        "crs": MERCATOR_URI,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell = 2 * HALF_WORLD_M / TILE_PX / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell / PIXEL_M,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "tileWidth": TILE_PX,
        "tileHeight": TILE_PX,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def scheme(request: Request) -> Link:
    return link(f"{REL}/tiling-scheme", f"{base(request)}/tileMatrixSets/{QUAD}", JSON)


def tileset(request: Request, known: Catalog, layer: Layer) -> dict[str, Any]:
    """The vector tiles of a layer (OGC 17-083r4, 7)."""
    home = f"{base(request)}/collections/{layer.id}"
    west, south, east, north = known.region.extent
    tile = f"{home}/tiles/{QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return {
        "title": layer.title,
        "dataType": "vector",
        "crs": MERCATOR_URI,
        "tileMatrixSetURI": QUAD_URI,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri},
        "layers": [{"id": layer.id, "dataType": "vector"}, {"id": f"{layer.id}_label", "dataType": "vector"}],
        "links": [
            link("self", f"{home}/tiles/{QUAD}", JSON),
            scheme(request),
            link("item", tile, MVT, templated=True),
            link(f"{REL}/geodata", home, JSON),
        ],
    }
