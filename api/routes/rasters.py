"""Images of a layer as tiles, and what they say of a parcel: those that the asker may see on that day."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import numpy as np
import shapely
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from api import drawing
from api.access import Scope, require_layer, scope_of
from api.answers import answer
from api.answers.pictures import ImageStatistics, TileJson
from api.asking import shape_from
from api.errors import NotFound, Refused, TooLarge, Unavailable
from api.pool import fetch_seen
from api.reading import cache_headers, is_unchanged, moment, version, view
from api.schemas import TextSafe
from api.seen import browsed
from spatial import catalog, crs, rasters
from tiles import images
from tiles.colours import Ramp, Stretch, png
from tiles.grid import HALF_WORLD_M, MAX_ZOOM, Tile
from tiles.pictures import SIZE, BandUnknown, Drawn, ImageMissing, drawn
from tiles.rows import View
from tiles.zonal import MOST_PIXELS, TooManyPixels, statistics

router = APIRouter(tags=["rasters"])
Anyone = Annotated[Scope, Depends(scope_of)]
AsOf = Annotated[date | None, Query(description="所问日期，不写为今天")]
PNG = "image/png"
FILE = re.compile(r"[0-9a-f]{64}(-\d{4,6})?\.tif")
"""As loaders.formats.raster names them: nothing else is opened, whatever a row says."""
MOST_IMAGES = 64
NOTHING = png(np.zeros((4, SIZE, SIZE), np.uint8))
NUMBER = r"-?\d{1,12}(\.\d{1,6})?"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {PNG: {}}},
    304: {"description": "没有变化"},
}


class Look:
    """How the images are drawn: closed values only."""

    def __init__(
        self,
        bands: Annotated[
            str | None,
            Query(
                pattern=r"^[1-9]\d{0,2}(,[1-9]\d{0,2},[1-9]\d{0,2})?$",
                description="一个或三个波段，如 4,3,2；不写为红、绿、蓝，没有时为第一个",
            ),
        ] = None,
        stretch: Annotated[
            Stretch | None,
            Query(
                description="拉伸：none 原值，percent 2%—98%，minmax 最小—最大；不写时 8 位影像为 none，其他为 percent"
            ),
        ] = None,
        between: Annotated[
            str | None,
            Query(
                pattern=rf"^{NUMBER},{NUMBER}(,{NUMBER},{NUMBER},{NUMBER},{NUMBER})?$",
                description="拉伸的两端，所有波段相同或三个波段各一对，如 0,3000；代替 stretch",
            ),
        ] = None,
        colormap: Annotated[Ramp | None, Query(description="单波段的色带")] = None,
    ) -> None:
        numbers = [float(one) for one in between.split(",")] if between else []
        self.drawn = Drawn(
            bands=tuple(int(one) for one in bands.split(",")) if bands else None,
            stretch=stretch,
            between=tuple(zip(numbers[::2], numbers[1::2], strict=True)) or None,
            colormap=colormap,
        )
        given = {"bands": bands, "stretch": stretch, "between": between, "colormap": colormap}
        self.query = {name: value for name, value in given.items() if value is not None}
        single = self.drawn.bands is None or len(self.drawn.bands) == 1
        if (colormap and not single) or (len(numbers) == 6 and single):
            raise Refused(
                "色带只用于一个波段；三对拉伸值只用于三个波段。",
                "例如 bands=1&colormap=viridis，或 bands=4,3,2&between=0,3000,0,2800,0,2500。",
                code="look_invalid",
            )


class StatisticsBody(TextSafe):
    """A parcel, and the day whose images are asked."""

    model_config = ConfigDict(extra="forbid")
    parcel: dict[str, Any] = Field(description="GeoJSON 的 Polygon、MultiPolygon 或 Feature")
    crs: str = "EPSG:4490"
    as_of: date | None = None


@router.get("/raster/{layer}/{z:int}/{x:int}/{y:int}.png", response_class=Response, responses=ANSWERS)
async def get_raster_tile(
    request: Request,
    layer: str,
    z: int,
    x: int,
    y: int,
    scope: Anyone,
    look: Annotated[Look, Depends()],
    as_of: AsOf = None,
    v: Annotated[str | None, Query(max_length=80, description="只用来区分缓存；总是给出最新的数据")] = None,
) -> Response:
    """One tile of 256 pixels: the newest image on top, transparent where none lies."""
    known = catalog.current()
    seen = _images_of(scope, known, layer)
    tile = Tile(z, x, y)
    at = await moment(as_of)
    headers = cache_headers(known, [seen], at)
    if is_unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    await browsed(scope, [seen.layer])
    statement = images.meeting(known, seen, at, tile.degrees(), limit=MOST_IMAGES + 1)
    found = await fetch_seen(scope.asker, *statement)
    if len(found) > MOST_IMAGES:
        headers["Jingtu-Images-Left-Out"] = "true"
    try:
        files = [_file(row["file"]) for row in found[:MOST_IMAGES]]
        content = await drawing.TILES.run(_tile, files, tile, look.drawn)
    except BandUnknown as error:
        raise Refused(
            f"有影像只有 {error} 个波段。", "请换一个波段，或不写 bands。", code="band_unknown"
        ) from error
    except ImageMissing as error:
        raise _missing() from error
    return Response(content, headers=headers, media_type=PNG)


@router.get("/raster/{layer}.json", openapi_extra=answer(TileJson))
async def get_raster_tilejson(
    request: Request,
    response: Response,
    layer: str,
    scope: Anyone,
    look: Annotated[Look, Depends()],
    as_of: AsOf = None,
) -> dict[str, Any]:
    """TileJSON 3.0 of what the asker may see; its tile addresses carry the look asked for and the version."""
    known = catalog.current()
    seen = _images_of(scope, known, layer)
    at = await moment(as_of)
    response.headers.update(cache_headers(known, [seen], at))
    (told,) = await fetch_seen(scope.asker, *images.extent(known, seen, at))
    bounds = told["box"] or list(known.region.extent)
    day = {"as_of": as_of.isoformat()} if as_of else {}
    query = urlencode({**look.query, **day, "v": version(known, [seen], at)})
    base = str(request.base_url).rstrip("/")
    return {
        "tilejson": "3.0.0",
        "name": seen.layer.title,
        "attribution": seen.layer.owner,
        "scheme": "xyz",
        "tiles": [f"{base}/raster/{seen.layer.id}/{{z}}/{{x}}/{{y}}.png?{query}"],
        "minzoom": 0,
        "maxzoom": _finest_zoom(told["finest"], bounds),
        "bounds": bounds,
    }


@router.post("/raster/{layer}/statistics", openapi_extra=answer(ImageStatistics))
async def post_raster_statistics(layer: str, body: StatisticsBody, scope: Anyone) -> dict[str, Any]:
    """What the images say of a parcel, band by band; where a newer image has pixels, older ones are not asked."""
    known = catalog.current()
    seen = _images_of(scope, known, layer)
    parcel = shape_from(body.parcel, body.crs, "parcel")
    at = await moment(body.as_of)
    await browsed(scope, [seen.layer])
    statement = images.meeting(known, seen, at, parcel.bounds, limit=MOST_IMAGES)
    told, left = [], parcel
    try:
        for row in await fetch_seen(scope.asker, *statement):
            outline = shapely.from_wkb(bytes(row["outline"]))
            here = _ground(shapely.intersection(left, outline))
            if here.is_empty:
                continue
            pixels, bands = await drawing.COUNTS.run(statistics, _file(row["file"]), here)
            left = _ground(shapely.difference(left, outline))
            told.append(
                {
                    "id": str(row["id"]),
                    "name": row["name"] if "name" in seen.fields else None,
                    "date": row["date"] if "date" in seen.fields else None,
                    "area_m2": crs.area_m2(here),
                    "pixels": pixels,
                    "bands": [dataclasses.asdict(band) for band in bands],
                }
            )
    except TooManyPixels as error:
        raise TooLarge(
            f"地块范围在一幅影像里有 {int(str(error)) / 1e4:.0f} 万个像元，上限 {MOST_PIXELS / 1e4:.0f} 万个。",
            "请把地块分成几块，分别统计。",
            code="parcel_too_large",
        ) from error
    except ImageMissing as error:
        raise _missing() from error
    area = crs.area_m2(parcel)
    return {
        "layer": seen.layer.id,
        "revision": at.revision,
        "as_of": at.as_of,
        "area_m2": area,
        "without_image_m2": crs.area_m2(left) if not left.is_empty else 0.0,
        "images": told,
    }


def _images_of(scope: Scope, known: catalog.Catalog, layer: str) -> View:
    """A layer of images that the asker may read; raises as `require_layer`, and where it is none."""
    seen = view(scope, require_layer(scope, known, layer))
    if not seen.layer.is_raster:
        raise NotFound(f"图层“{seen.layer.title}”不是影像。", "矢量瓦片见 /tiles。", code="layer_not_raster")
    return seen


def _file(name: str | None) -> Path:
    if name is None or not FILE.fullmatch(name):
        raise ImageMissing(name)
    return rasters.path_of(name)


def _missing() -> Unavailable:
    return Unavailable(
        "有影像的文件不在服务器上，或读不出来。", "请管理员从备份取回影像文件。", code="image_missing"
    )


def _tile(files: list[Path], tile: Tile, look: Drawn) -> bytes:
    picture = drawn(files, tile, look) if files else None
    return NOTHING if picture is None else png(picture)


def _ground(shape: Any) -> Any:
    """Its polygons alone: where two only touch, a line or a point is left."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.MultiPolygon(parts)


def _finest_zoom(pixel_m: float | None, bounds: list[float]) -> int:
    """The zoom from which on a tile has no smaller pixels than the images."""
    if not pixel_m:
        return MAX_ZOOM
    widest = 2 * HALF_WORLD_M * math.cos(math.radians((bounds[1] + bounds[3]) / 2))
    return max(0, min(MAX_ZOOM, math.ceil(math.log2(widest / (SIZE * pixel_m)))))
