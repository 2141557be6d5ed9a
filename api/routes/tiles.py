"""Vector tiles, TileJSON, style and legend: of every layer that the asker may see."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Scope, readable_layers, scope_of
from api.answers import answer
from api.answers.catalog import Legend
from api.answers.pictures import Style, TileJson
from api.tile_cache import Answer
from api.tile_lane import Lane, Selected
from spatial import catalog
from tiles import style
from tiles.cql2 import Lang

router = APIRouter(tags=["tiles"])
Anyone = Annotated[Scope, Depends(scope_of)]
Version = Annotated[str | None, Query(max_length=80, description="只用来区分缓存；总是给出最新的数据")]
AsOf = Annotated[date | None, Query(description="所问日期，不写为今天")]
MVT = "application/vnd.mapbox-vector-tile"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT: {}}},
    204: {"description": "这一片没有要素"},
    304: {"description": "没有变化"},
}


@router.get("/tiles/{layers}/{z:int}/{x:int}/{y:int}.mvt", response_class=Response, responses=ANSWERS)
async def get_tile(
    request: Request,
    layers: str,
    z: int,
    x: int,
    y: int,
    scope: Anyone,
    as_of: AsOf = None,
    v: Version = None,
    condition: Annotated[str | None, Query(alias="filter", description="过滤条件（CQL2）")] = None,
    filter_lang: Annotated[Lang, Query(description="过滤条件的写法")] = "cql2-text",
) -> Response:
    """One tile of a layer, or of several (`a,b`): their bytes after each other. 204 where nothing lies.

    `filter` holds for each of the layers, which must all have what it names.
    """
    selected = None if condition is None else Selected(condition, filter_lang)
    lane: Lane = request.app.state.lane
    made = lane.tile(scope, layers, z, x, y, as_of=as_of, selected=selected)
    return told(request, await lane.unless_left(made, request.receive))


def told(request: Request, answer: Answer | None) -> Response:
    """A tile as a route tells it: 204 where it is empty, 304 where the asker holds it. None: they left."""
    if answer is None:
        return Response(status_code=204)
    start, body = answer.sent(zipped=False)
    response = Response(body, start["status"])
    response.raw_headers = list(start["headers"])
    if answer.etag.decode() in request.headers.get("if-none-match", ""):
        response = Response(status_code=304)
        response.raw_headers = list(answer.unchanged["headers"])
    return response


@router.get("/tiles/{layers}.json", openapi_extra=answer(TileJson))
async def get_tilejson(request: Request, response: Response, layers: str, scope: Anyone) -> dict[str, Any]:
    """TileJSON 3.0 of a layer or several; its tile addresses carry the version of what the asker sees now."""
    known = catalog.current()
    lane: Lane = request.app.state.lane
    seen = await lane.seen(scope, layers)
    response.headers["Cache-Control"] = "public, no-cache" if seen.is_public else "private, no-cache"
    return style.tilejson(
        known,
        [one.layer.id for one in seen.views],
        version=seen.version,
        bounds=known.region.extent,
        base_url=str(request.base_url).rstrip("/"),
    )


@router.get("/style.json", openapi_extra=answer(Style))
async def get_style(scope: Anyone) -> dict[str, Any]:
    """The MapLibre style of every layer that the asker may see."""
    known = catalog.current()
    return style.style(known, [layer.id for layer in readable_layers(scope, known)])


@router.get("/legend", openapi_extra=answer(Legend))
async def get_legend(scope: Anyone) -> dict[str, Any]:
    """The legend of the same layers: groups, layers, classes with their swatches."""
    known = catalog.current()
    return style.legend(known, [layer.id for layer in readable_layers(scope, known)])
