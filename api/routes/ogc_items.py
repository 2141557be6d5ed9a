"""OGC API: the features of a collection, in pages of GeoJSON or whole as a file."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Scope, require_layer, scope_of
from api.answers import answer
from api.answers.ogc import Item, Items
from api.errors import NotFound
from api.ogc.asked import area, days, invalid, keys
from api.ogc.export import download
from api.ogc.files import Content
from api.ogc.formats import FILES, ITEMS, PAGE, negotiated
from api.ogc.links import GEOJSON, JSON, base, link
from api.ogc.paging import Turned, digest, turned, word
from api.ogc.route import OgcRoute
from api.ogc.systems import CRS84, STORAGE, System, system
from api.pool import fetch_seen
from api.reading import cache_headers, is_unchanged, moment, view
from api.seen import browsed, opened
from spatial import catalog
from tiles import collection
from tiles.collection import Collection, Condition, Key, Place, kind_of
from tiles.cql2 import Lang, compile_tree, parse
from tiles.features import properties_of

router = APIRouter(tags=["ogc"], route_class=OgcRoute)
Anyone = Annotated[Scope, Depends(scope_of)]
MOST = 1000
LARGEST_ID = 2**63 - 1
Format = Annotated[
    Literal["json", "geojson", "csv", "fgb", "gpkg", "parquet"] | None,
    Query(description="json 为分页；其余为整个图层的文件。不写则看 Accept"),
]
Limit = Annotated[
    int | None,
    Query(
        ge=1,
        description="一页多少个，不写为 100；文件最多多少行，不写为全部",
        json_schema_extra={"maximum": MOST},
    ),
]
Box = Annotated[str | None, Query(max_length=200, description="左下角和右上角，按 bbox-crs 的轴序")]
BoxCrs = Annotated[
    str | None, Query(alias="bbox-crs", max_length=200, description="bbox 的坐标系，不写为 CRS84")
]
Crs = Annotated[
    str | None, Query(max_length=200, description="坐标系；GeoJSON 不写为 CRS84，其余文件不写为 EPSG:4490")
]
DateTime = Annotated[str | None, Query(max_length=80, description="日期、时刻或起止；不写为今天")]
SortBy = Annotated[str | None, Query(max_length=400, description="属性名，前面写 - 为从大到小，用逗号分开")]
FilterText = Annotated[str | None, Query(alias="filter", description="过滤条件（CQL2）")]
FilterLang = Annotated[Lang, Query(alias="filter-lang", description="过滤条件的写法")]
FilterCrs = Annotated[
    str | None, Query(alias="filter-crs", max_length=100, description="过滤条件里坐标的坐标系，不写为 CRS84")
]
After = Annotated[str | None, Query(max_length=2000, description="翻页位置，见上一页的 next 链接")]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type in (GEOJSON, *FILES.values())}},
    304: {"description": "没有变化"},
    406: {"description": "没有这种格式"},
}


@router.get(
    "/ogc/collections/{layer}/items",
    response_class=Response,
    responses=ANSWERS,
    openapi_extra=answer(Items, media=GEOJSON),
)
async def list_items(
    request: Request,
    layer: str,
    scope: Anyone,
    f: Format = None,
    limit: Limit = None,
    bbox: Box = None,
    bbox_crs: BoxCrs = None,
    crs: Crs = None,
    datetime: DateTime = None,
    sortby: SortBy = None,
    condition: FilterText = None,
    filter_lang: FilterLang = "cql2-text",
    filter_crs: FilterCrs = None,
    after: After = None,
) -> Response:
    """Features of a layer. All pages of one walk are of one revision, whatever is published meanwhile."""
    known = catalog.current()
    seen = view(scope, require_layer(scope, known, layer))
    chosen = negotiated(request, f, ITEMS)
    default = CRS84 if chosen in (PAGE, "geojson", "csv") else STORAGE
    told_in = system(known, crs, "crs", default)
    ground = area(bbox, system(known, bbox_crs, "bbox-crs", CRS84))
    order, span = keys(sortby, seen), days(datetime)
    conditions: list[Condition] = [] if ground is None else [collection.meets(ground)]
    if condition is not None:
        conditions.append(partial(compile_tree, parse(condition, filter_lang, filter_crs)))
    question = digest(seen, [bbox, bbox_crs, datetime, sortby, condition, filter_lang, filter_crs])
    before = None if after is None else turned(after, question)
    at = before.moment if before else await moment(span.first, span.last)
    asked = Collection(known, seen, at, conditions)
    if chosen != PAGE:
        return await _file(request, scope, asked, order, chosen, told_in, limit)
    headers = _headers(asked, told_in)
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    await browsed(scope, [seen.layer])
    statement = collection.page(
        asked,
        order,
        collection.shape(told_in.epsg, by_registry=told_in.by_registry),
        after=await _place(scope, asked, order, before.row) if before else None,
        most=min(limit or 100, MOST),
    )
    page = await fetch_seen(scope.asker, *statement)
    matched = before.matched if before else await _matched(scope, asked)
    links = [
        link("self", str(request.url), GEOJSON),
        *(link("alternate", _changed(request, f=name), told, name) for name, told in FILES.items()),
        link("collection", f"{base(request)}/collections/{seen.layer.id}", JSON, seen.layer.title),
    ]
    if page and page[-1]["more"]:
        following = _changed(request, after=word(Turned(page[-1]["id"], at, matched), question))
        links.append(link("next", following, GEOJSON))
    features = ", ".join(row["feature"] for row in page)
    told = {"numberMatched": matched, "numberReturned": len(page), "links": links}
    return _spliced(f'{{"type": "FeatureCollection", "features": [{features}]}}', told, headers)


@router.get(
    "/ogc/collections/{layer}/items/{featureId}",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}}}, 304: ANSWERS[304], 406: ANSWERS[406]},
    openapi_extra=answer(Item, media=GEOJSON),
)
async def get_item(
    request: Request,
    layer: str,
    featureId: str,
    scope: Anyone,
    f: Annotated[Literal["json"] | None, Query(description="格式")] = None,
    crs: Crs = None,
    datetime: DateTime = None,
) -> Response:
    """One feature. What the asker may not see is answered as if it were not there."""
    known = catalog.current()
    seen = view(scope, require_layer(scope, known, layer))
    negotiated(request, f, {PAGE: ITEMS[PAGE]})
    told_in, span = system(known, crs, "crs", CRS84), days(datetime)
    at = await moment(span.first, span.last)
    number = int(featureId) if featureId.isascii() and featureId.isdigit() and len(featureId) < 20 else 0
    asked = Collection(known, seen, at, [collection.has_id(number)])
    shape = collection.shape(told_in.epsg, by_registry=told_in.by_registry)
    found = (
        await fetch_seen(scope.asker, *collection.features(asked, [], shape))
        if 0 < number <= LARGEST_ID
        else []
    )
    if not found:
        raise NotFound(
            f"图层“{seen.layer.title}”里没有编号 {featureId[:40]} 的要素。",
            "它可能已被替换；请从列表重新打开。",
            code="feature_unknown",
        )
    await opened(scope, seen.layer, number)
    headers = _headers(asked, told_in)
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    home = f"{base(request)}/collections/{seen.layer.id}"
    links = [
        link("self", str(request.url), GEOJSON),
        link("collection", home, JSON, seen.layer.title),
    ]
    return _spliced(found[0]["feature"], {"links": links}, headers)


async def _file(
    request: Request,
    scope: Scope,
    asked: Collection,
    order: list[Key],
    f: str,
    told_in: System,
    limit: int | None,
) -> Response:
    """The whole as a file. Files have longitude or easting first whatever the registry says; GeoJSON as it says."""
    shape = collection.shape(told_in.epsg, by_registry=f == "geojson" and told_in.by_registry)
    matched = await _matched(scope, asked)
    if f == "geojson":
        statement = collection.features(asked, order, shape, limit=limit)
    else:
        wrapped = collection.as_wkt if f == "csv" else collection.as_wkb
        by_place = f == "fgb" and limit is None  # its index is the better for it
        statement = collection.table(asked, order, wrapped(shape), limit=limit, by_place=by_place)
    content = Content(
        asked.view.layer.id,
        [(name, kind_of(asked.view, name)) for name in properties_of(asked.view)],
        f"EPSG:{told_in.epsg}" if told_in.by_registry else "OGC:CRS84",
        asked.view.layer.row_geometry,
    )
    detail = {"revision": asked.moment.revision, "rows": matched, "asked": request.url.query[:400]}
    answer = await download(scope, asked.view.layer, f, statement, content, **detail)
    answer.headers["Content-Crs"] = f"<{told_in.uri}>"
    return answer


async def _place(scope: Scope, asked: Collection, order: list[Key], row: int) -> Place:
    if not order:
        return Place((), row)
    found = await fetch_seen(scope.asker, *collection.place(asked, order, row))
    if not found:
        raise invalid("after", "这个翻页位置已失效。", "请从第一页重新开始。")
    return Place(tuple(found[0]["keys"]), row)


async def _matched(scope: Scope, asked: Collection) -> int:
    (counted,) = await fetch_seen(scope.asker, *collection.matched(asked))
    return int(counted["matched"])


def _headers(asked: Collection, told_in: System) -> dict[str, str]:
    """Caches must know that the same address gives other formats too."""
    headers = cache_headers(asked.catalog, [asked.view], asked.moment)
    vary = ", ".join(filter(None, [headers.get("Vary"), "Accept"]))
    return {**headers, "Vary": vary, "Content-Crs": f"<{told_in.uri}>"}


def _changed(request: Request, **changed: str) -> str:
    query = {
        name: value for name, value in request.query_params.items() if "f" not in changed or name != "after"
    }
    return f"{base(request)}{request.url.path.removeprefix('/ogc')}?{urlencode({**query, **changed})}"


def _spliced(document: str, more: dict[str, Any], headers: dict[str, str]) -> Response:
    """A JSON object as the database wrote it and more members, not read again: no digit of a coordinate can change."""
    content = f"{document[:-1]}, {json.dumps(more, ensure_ascii=False)[1:]}"
    return Response(content, headers=headers, media_type=GEOJSON)
