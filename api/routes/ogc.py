"""OGC API: what there is. Landing page, conformance, description, collections, queryables, tile matrix sets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.access import Scope, readable_layers, require_layer, scope_of
from api.answers import answer
from api.answers.ogc import (
    Collection,
    CollectionList,
    Conformance,
    LandingPage,
    MatrixSet,
    MatrixSetList,
    Queryables,
)
from api.ogc import described
from api.ogc.grids import GRIDS, known_grid
from api.ogc.links import JSON, OPENAPI, REL, SCHEMA, base, link
from api.ogc.openapi import openapi_30
from api.ogc.route import OgcRoute
from api.ogc.systems import systems
from api.reading import view
from spatial import catalog
from tiles.cql2 import queryables

router = APIRouter(tags=["ogc"], route_class=OgcRoute)
Anyone = Annotated[Scope, Depends(scope_of)]
Json = Annotated[Literal["json"] | None, Query(description="格式")]
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
        )
    ),
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)
ALIKE = {"Cache-Control": "public, no-cache"}
"""Of what says the same to all."""


@router.get("/ogc/", openapi_extra=answer(LandingPage))
@router.get("/ogc", include_in_schema=False)
async def get_landing_page(request: Request, f: Json = None) -> JSONResponse:
    """Where everything begins."""
    home, known = base(request), catalog.current()
    return JSONResponse(
        {
            "title": f"净土 · {known.region.name}",
            "description": f"Jingtu, {known.region.name_en}",
            "links": [
                link("self", f"{home}/", JSON),
                link("service-desc", f"{home}/api", OPENAPI),
                link("service-doc", f"{request.base_url!s}docs", "text/html"),
                link("conformance", f"{home}/conformance", JSON),
                link("data", f"{home}/collections", JSON),
                link(f"{REL}/tiling-schemes", f"{home}/tileMatrixSets", JSON),
            ],
        },
        headers=ALIKE,
    )


@router.get("/ogc/conformance", openapi_extra=answer(Conformance))
async def get_conformance(f: Json = None) -> JSONResponse:
    """The conformance classes that are kept."""
    return JSONResponse({"conformsTo": CONFORMANCE}, headers=ALIKE)


@router.get("/ogc/api", response_class=Response, responses={200: {"content": {OPENAPI: {}}}})
async def get_api(request: Request, f: Json = None) -> JSONResponse:
    """What is under /ogc as OpenAPI 3.0; the whole interface, in OpenAPI 3.1, is /openapi.json."""
    return JSONResponse(openapi_30(request.app.openapi(), base(request)), headers=ALIKE, media_type=OPENAPI)


@router.get("/ogc/collections", openapi_extra=answer(CollectionList))
async def list_collections(request: Request, scope: Anyone, f: Json = None) -> dict[str, Any]:
    """Every layer that the asker may see."""
    known = catalog.current()
    return {
        "links": [link("self", f"{base(request)}/collections", JSON)],
        "crs": list(systems(known)),
        "collections": [
            described.collection(request, known, layer) for layer in readable_layers(scope, known)
        ],
    }


@router.get("/ogc/collections/{layer}", openapi_extra=answer(Collection))
async def get_collection(request: Request, layer: str, scope: Anyone, f: Json = None) -> dict[str, Any]:
    """One layer."""
    known = catalog.current()
    return described.collection(request, known, require_layer(scope, known, layer))


@router.get(
    "/ogc/collections/{layer}/queryables",
    response_class=Response,
    responses={200: {"content": {SCHEMA: {}}}},
    openapi_extra=answer(Queryables, media=SCHEMA),
)
async def get_queryables(request: Request, layer: str, scope: Anyone, f: Json = None) -> JSONResponse:
    """What a filter may ask of a layer, as JSON Schema: of its properties those that the asker may see."""
    seen = view(scope, require_layer(scope, catalog.current(), layer))
    own = f"{base(request)}/collections/{seen.layer.id}/queryables"
    return JSONResponse({"$id": own, **queryables(seen)}, media_type=SCHEMA)


@router.get("/ogc/tileMatrixSets", openapi_extra=answer(MatrixSetList))
async def list_tile_matrix_sets(request: Request, f: Json = None) -> JSONResponse:
    """The grids that tiles come in."""
    told: list[dict[str, Any]] = []
    for grid in GRIDS.values():
        document = grid.document()
        own = link("self", f"{base(request)}/tileMatrixSets/{grid.id}", JSON)
        short = {name: document[name] for name in ("id", "title", "uri", "crs") if name in document}
        told.append(short | {"links": [own]})
    return JSONResponse({"tileMatrixSets": told}, headers=ALIKE)


@router.get("/ogc/tileMatrixSets/{tileMatrixSetId}", openapi_extra=answer(MatrixSet))
async def get_tile_matrix_set(tileMatrixSetId: str, f: Json = None) -> JSONResponse:
    """One grid, zoom by zoom."""
    return JSONResponse(known_grid(tileMatrixSetId).document(), headers=ALIKE)
