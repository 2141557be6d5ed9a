"""Vector tiles, TileJSON, style and legend: of every layer that the asker may see."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Scope, readable_layers, scope_of
from api.errors import NotFound
from api.pool import fetch_seen
from api.reading import cache_headers, is_unchanged, moment, version, views
from api.seen import browsed
from spatial import catalog
from tiles import mvt, style
from tiles.grid import MAX_ZOOM, TileInvalid

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
) -> Response:
    """One tile of a layer, or of several (`a,b`): their bytes after each other. 204 where nothing lies."""
    known = catalog.current()
    seen = views(scope, known, layers)
    at = await moment(as_of)
    headers = cache_headers(known, seen, at)
    try:
        statements = [
            mvt.query(
                known,
                one.layer,
                z,
                x,
                y,
                revision=at.revision,
                as_of=at.as_of,
                counties=one.counties,
                fields=one.fields,
            )
            for one in seen
        ]
    except TileInvalid as error:
        raise NotFound(
            f"没有瓦片 {error}。",
            f"级别为 0 到 {MAX_ZOOM}，行列号从 0 到 2 的级别次方减 1。",
            code="tile_unknown",
        ) from error
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    await browsed(scope, [one.layer for one in seen])
    content = b"".join(
        [row["tile"] for statement in statements for row in await fetch_seen(scope.asker, *statement)]
    )
    return Response(content, 200 if content else 204, headers, media_type=MVT)


@router.get("/tiles/{layers}.json")
async def get_tilejson(request: Request, response: Response, layers: str, scope: Anyone) -> dict[str, Any]:
    """TileJSON 3.0 of a layer or several; its tile addresses carry the version of what the asker sees now."""
    known = catalog.current()
    seen = views(scope, known, layers)
    at = await moment(None)
    response.headers.update(cache_headers(known, seen, at))
    return style.tilejson(
        known,
        [one.layer.id for one in seen],
        version=version(known, seen, at),
        bounds=known.region.extent,
        base_url=str(request.base_url).rstrip("/"),
    )


@router.get("/style.json")
async def get_style(scope: Anyone) -> dict[str, Any]:
    """The MapLibre style of every layer that the asker may see."""
    known = catalog.current()
    return style.style(known, [layer.id for layer in readable_layers(scope, known)])


@router.get("/legend")
async def get_legend(scope: Anyone) -> dict[str, Any]:
    """The legend of the same layers: groups, layers, classes with their swatches."""
    known = catalog.current()
    return style.legend(known, [layer.id for layer in readable_layers(scope, known)])
