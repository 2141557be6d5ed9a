"""OGC API: the vector tiles of a collection: those of /tiles, and the same in the grid of CGCS2000."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.access import Scope, readable_layers, require_layer, scope_of
from api.answers import answer
from api.answers.ogc import Tileset, TilesetList
from api.errors import NotFound
from api.ogc import described
from api.ogc.grids import GRIDS, known_grid, scheme
from api.ogc.links import JSON, base, link
from api.ogc.route import OgcRoute
from api.ogc.wmts import capabilities
from api.routes import tiles
from api.routes.ogc import Json
from api.tile_lane import Lane
from spatial import catalog

router = APIRouter(tags=["ogc"], route_class=OgcRoute)
Anyone = Annotated[Scope, Depends(scope_of)]
XML = "application/xml"
Service = Annotated[Literal["WMTS"] | None, Query(description="可不写")]
Asked = Annotated[Literal["GetCapabilities"] | None, Query(alias="request", description="可不写")]
Version = Annotated[Literal["1.0.0"] | None, Query(description="可不写")]
WholeNumber = Annotated[str, Path(json_schema_extra={"type": "integer"})]
"""Read as text: what is no number is no tile (404), not a wrong parameter."""


@router.get("/ogc/wmts", response_class=Response, responses={200: {"content": {XML: {}}}})
async def get_wmts(
    request: Request,
    scope: Anyone,
    service: Service = None,
    asked: Asked = None,
    version: Version = None,
    upper_service: Annotated[Literal["WMTS"] | None, Query(alias="SERVICE")] = None,
    upper_asked: Annotated[Literal["GetCapabilities"] | None, Query(alias="REQUEST")] = None,
    upper_version: Annotated[Literal["1.0.0"] | None, Query(alias="VERSION")] = None,
) -> Response:
    """WMTS 1.0.0 capabilities of the layers that the asker may see; parameters in small letters or capitals."""
    known = catalog.current()
    content = capabilities(
        known,
        readable_layers(scope, known),
        str(request.base_url).rstrip("/"),
        request.app.openapi()["paths"],
    )
    return Response(content, media_type=XML)


@router.get("/ogc/collections/{layer}/tiles", openapi_extra=answer(TilesetList))
async def list_tilesets(request: Request, layer: str, scope: Anyone, f: Json = None) -> dict[str, Any]:
    """The tile sets of a layer: one a grid."""
    known = catalog.current()
    asked = require_layer(scope, known, layer)
    told = []
    for grid in GRIDS.values():
        whole = described.tileset(request, known, asked, grid)
        own = [one for one in whole["links"] if one["rel"] in ("self", scheme(request, grid)["rel"])]
        short = ("title", "dataType", "crs", "tileMatrixSetURI")
        told.append({**{name: whole[name] for name in short if name in whole}, "links": own})
    home = f"{base(request)}/collections/{asked.id}/tiles"
    return {"tilesets": told, "links": [link("self", home, JSON)]}


@router.get("/ogc/collections/{layer}/tiles/{tileMatrixSetId}", openapi_extra=answer(Tileset))
async def get_tileset(
    request: Request,
    layer: str,
    tileMatrixSetId: str,
    scope: Anyone,
    f: Json = None,
) -> dict[str, Any]:
    """One tile set, with the address of its tiles."""
    known = catalog.current()
    asked = require_layer(scope, known, layer)
    return described.tileset(request, known, asked, known_grid(tileMatrixSetId))


@router.get(
    "/ogc/collections/{layer}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    response_class=Response,
    responses=tiles.ANSWERS,
)
async def get_collection_tile(
    request: Request,
    layer: str,
    tileMatrixSetId: str,
    tileMatrix: str,
    tileRow: WholeNumber,
    tileCol: WholeNumber,
    scope: Anyone,
    f: Annotated[Literal["mvt"] | None, Query(description="格式")] = None,
) -> Response:
    """One tile: in WebMercatorQuad what /tiles gives for the same zoom, column and row."""
    require_layer(scope, catalog.current(), layer)  # one layer alone, where /tiles takes a list
    grid = known_grid(tileMatrixSetId)
    place = [
        int(one) if one.isascii() and one.isdigit() and len(one) < 9 else -1
        for one in (tileMatrix, tileCol, tileRow)
    ]
    if -1 in place:
        raise NotFound(
            f"没有瓦片 {tileMatrix[:20]}/{tileRow[:20]}/{tileCol[:20]}。",
            "级别和行列号为整数。",
            code="tile_unknown",
        )
    z, x, y = place
    lane: Lane = request.app.state.lane
    made = lane.tile(scope, layer, z, x, y, grid=grid.id)
    return tiles.told(request, await lane.unless_left(made, request.receive))
