"""Features as GeoJSON: pages of a layer, one feature, what lies here, what is called so."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from api.access import Scope, readable_layers, require_layer, scope_of
from api.answers import answer
from api.answers.shapes import FeaturePage, FoundFeature, Identified, SearchHits
from api.errors import NotFound, Problem
from api.pool import fetch_seen
from api.reading import cache_headers, is_unchanged, moment, view, views
from api.seen import browsed, opened
from spatial import catalog
from tiles import features
from tiles.cql2 import Lang, parse
from tiles.features import Filter
from tiles.rows import View
from tiles.sought import Closeness

router = APIRouter(tags=["features"])
Anyone = Annotated[Scope, Depends(scope_of)]
AsOf = Annotated[date | None, Query(description="所问日期，不写为今天")]
# PostgreSQL's texts cannot hold the sign 0.
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]*$", strip_whitespace=True)
]
Layers = Annotated[
    str | None, Query(max_length=4000, description="图层，用逗号分开；不写为可看的全部名录和图层")
]
GEOJSON = "application/geo+json"
LARGEST_ID = 2**63 - 1
COLLECTION: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {}}},
    304: {"description": "没有变化"},
}


@router.get(
    "/features/{layer}",
    response_class=Response,
    responses=COLLECTION,
    openapi_extra=answer(FeaturePage, media=GEOJSON),
)
async def list_features(
    request: Request,
    layer: str,
    scope: Anyone,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID, description="上一页 next 给出的编号")] = 0,
    bbox: Annotated[str | None, Query(max_length=200, description="西,南,东,北（度）")] = None,
    county: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    q: Annotated[Words | None, Query()] = None,
    as_of: AsOf = None,
    condition: Annotated[str | None, Query(alias="filter", description="过滤条件（CQL2）")] = None,
    filter_lang: Annotated[Lang, Query(description="过滤条件的写法")] = "cql2-text",
    filter_crs: Annotated[
        str | None, Query(max_length=100, description="过滤条件里坐标的坐标系，不写为先经度后纬度（CRS84）")
    ] = None,
) -> Response:
    """A page of a layer, entries without geometry too; `next` is the `after` of the page that follows."""
    known = catalog.current()
    seen = view(scope, require_layer(scope, known, layer))
    tree = None if condition is None else parse(condition, filter_lang, filter_crs)
    asked = Filter(_box(bbox), county, q, tree)
    at = await moment(as_of)
    page_of = features.items(known, seen, at, asked, after=after, limit=limit + 1)
    headers = cache_headers(known, [seen], at)
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    await browsed(scope, [seen.layer])
    found = await fetch_seen(scope.asker, *page_of)
    (total,) = await fetch_seen(scope.asker, *features.matched(known, seen, at, asked))
    page, more = found[:limit], len(found) > limit
    told: dict[str, Any] = {
        "numberMatched": total["matched"],
        "numberReturned": len(page),
        "revision": at.revision,
        "next": page[-1]["id"] if more else None,
        "links": [_link("self", request, {})]
        + ([_link("next", request, {"after": page[-1]["id"]})] if more else []),
    }
    return _collection([row["feature"] for row in page], told, headers)


@router.get(
    "/features/{layer}/{feature_id:int}",
    response_class=Response,
    responses=COLLECTION,
    openapi_extra=answer(FoundFeature, media=GEOJSON),
)
async def get_feature(
    request: Request, layer: str, feature_id: int, scope: Anyone, as_of: AsOf = None
) -> Response:
    """One feature. What the asker may not see is answered as if it were not there."""
    known = catalog.current()
    seen = view(scope, require_layer(scope, known, layer))
    at = await moment(as_of)
    headers = cache_headers(known, [seen], at)
    statement = features.feature(known, seen, at, feature_id)
    found = await fetch_seen(scope.asker, *statement) if feature_id <= LARGEST_ID else []
    if not found:
        raise NotFound(
            f"图层“{seen.layer.title}”里没有编号 {feature_id} 的要素。",
            "它可能已被替换；请从地图或列表重新打开。",
            code="feature_unknown",
        )
    await opened(scope, seen.layer, feature_id)
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(found[0]["feature"], headers=headers, media_type=GEOJSON)


@router.get(
    "/identify",
    response_class=Response,
    responses=COLLECTION,
    openapi_extra=answer(Identified, media=GEOJSON),
)
async def identify(
    scope: Anyone,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    tolerance_m: Annotated[float, Query(ge=0, le=20_000, description="多少米以内")] = 10.0,
    layers: Layers = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    as_of: AsOf = None,
) -> Response:
    """What lies at a place or within the tolerance of it, nearest and smallest first.

    Without `layers` every stored layer is asked; a derived layer only repeats what its lists hold.
    """
    known = catalog.current()
    seen = _asked(scope, known, layers)
    at = await moment(as_of)
    await browsed(scope, [one.layer for one in seen])
    statement = features.identify(known, seen, at, lon, lat, tolerance_m=tolerance_m, limit=limit)
    found = await fetch_seen(scope.asker, *statement) if seen else []
    return _collection(
        [row["feature"] for row in found],
        {"numberReturned": len(found), "revision": at.revision},
        cache_headers(known, seen, at),
    )


@router.get("/search", openapi_extra=answer(SearchHits))
async def search(
    scope: Anyone,
    q: Annotated[Words, Query()],
    layers: Layers = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    as_of: AsOf = None,
) -> dict[str, Any]:
    """Features whose name, code or address holds the words, or their pinyin, the closest first, with place and box.

    Whole first, then beginnings, then anything that holds them; what is merely similar where none is called so.
    """
    known = catalog.current()
    seen = _asked(scope, known, layers)
    at = await moment(as_of)
    await browsed(scope, [one.layer for one in seen])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    is_called = False
    for closeness in Closeness:
        if len(found) >= limit or (closeness is Closeness.SIMILAR and is_called):
            break
        statement = features.search(known, seen, at, q, closeness, limit=limit)
        hits = await fetch_seen(scope.asker, *statement) if statement else []
        for row in hits:
            found.setdefault((row["layer"], row["id"]), row)
        is_called = is_called or (closeness is Closeness.WHOLE and bool(hits))
    return {
        "results": [
            {
                "layer": row["layer"],
                "id": row["id"],
                "code": row["code"],
                "name": row["name"],
                "county": row["county"],
                "point": None if row["lon"] is None else [row["lon"], row["lat"]],
                "bbox": None if row["lon"] is None else row["box"],
            }
            for row in list(found.values())[:limit]
        ]
    }


def _asked(scope: Scope, known: catalog.Catalog, layers: str | None) -> list[View]:
    if layers is not None:
        return views(scope, known, layers)
    return [view(scope, layer) for layer in readable_layers(scope, known) if layer.kind == "stored"]


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Problem(
            "bbox 应为“西,南,东,北”四个度数。", "例如 bbox=87.0,43.8,87.6,44.3。", code="bbox_invalid"
        )
    return west, south, east, north


def _link(relation: str, request: Request, changed: dict[str, Any]) -> dict[str, str]:
    query = urlencode({**request.query_params, **changed})
    return {"rel": relation, "type": GEOJSON, "href": request.url.path + (f"?{query}" if query else "")}


def _collection(found: list[str], told: dict[str, Any], headers: dict[str, str]) -> Response:
    """The features as the database wrote them, not read again: no digit of a coordinate can change."""
    rest = json.dumps(told, ensure_ascii=False)[1:]
    content = f'{{"type": "FeatureCollection", "features": [{", ".join(found)}], {rest}'
    return Response(content, headers=headers, media_type=GEOJSON)
