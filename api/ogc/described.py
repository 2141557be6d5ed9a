"""What collections and tile sets say of themselves."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from api.ogc.formats import FILES
from api.ogc.grids import TileMatrixSet, scheme
from api.ogc.links import GEOJSON, JSON, MVT, REL, SCHEMA, base, link
from api.ogc.systems import CRS84, STORAGE, systems
from spatial.catalog import Catalog, Layer


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


def tileset(request: Request, known: Catalog, layer: Layer, grid: TileMatrixSet) -> dict[str, Any]:
    """The vector tiles of a layer in a grid (OGC 17-083r4, 7); a grid that no register has is told by its link."""
    home = f"{base(request)}/collections/{layer.id}"
    west, south, east, north = known.region.extent
    tile = f"{home}/tiles/{grid.id}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    registered = {"tileMatrixSetURI": grid.named["uri"]} if "uri" in grid.named else {}
    return {
        "title": layer.title,
        "dataType": "vector",
        "crs": grid.crs,
        **registered,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri},
        "layers": [{"id": layer.id, "dataType": "vector"}, {"id": f"{layer.id}_label", "dataType": "vector"}],
        "links": [
            link("self", f"{home}/tiles/{grid.id}", JSON),
            scheme(request, grid),
            link("item", tile, MVT, templated=True),
            link(f"{REL}/geodata", home, JSON),
        ],
    }
