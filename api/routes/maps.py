"""Sheets of the map: what somebody sees of some layers, drawn by the server true to scale, as PDF or as a picture."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

import shapely
from django.utils import timezone
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Scope, require_layer, scope_of
from api.errors import Refused
from api.papers.looks import class_of
from api.papers.map import Drawn, map_of
from api.papers.map_sheet import Sheet, sheet_pdf, sheet_png
from api.pool import fetch_seen
from api.reading import moment, view
from api.schemas import Line, TextSafe
from api.seen import browsed, exported
from api.turns import Turn
from spatial import catalog
from spatial.catalog import Layer
from spatial.crs import AREA_OF_USE
from tiles import features
from tiles.cql2 import parse
from tiles.features import Filter
from tiles.rows import Moment, View

router = APIRouter(tags=["papers"])
Anyone = Annotated[Scope, Depends(scope_of)]
MOST = 2000
"""Of one layer no more is drawn; the sheet says so."""
REST = "*"
"""The class without a value."""
MEDIA = {"pdf": "application/pdf", "png": "image/png"}


class LayerBody(BaseModel):
    """A layer as it is shown: what is asked of it in CQL2, and which of its classes are off."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(max_length=80)]
    filter: Annotated[str | None, Field(max_length=8192)] = None
    off: Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=200)] = []


class MapBody(TextSafe):
    """What is to be drawn. `layers` from top to bottom; `ordered`: lie so, else as the catalog has them."""

    model_config = ConfigDict(extra="forbid")
    layers: Annotated[list[LayerBody], Field(max_length=100)]
    ordered: bool = False
    centre: tuple[
        Annotated[float, Field(ge=AREA_OF_USE[0], le=AREA_OF_USE[2], allow_inf_nan=False)],
        Annotated[float, Field(ge=AREA_OF_USE[1], le=AREA_OF_USE[3], allow_inf_nan=False)],
    ] = Field(description="经度、纬度")
    scale: Annotated[float, Field(ge=100, le=10_000_000, allow_inf_nan=False, description="比例尺分母")]
    paper: Literal["a4", "a3"] = "a4"
    upright: bool = False
    title: Line = "地图"
    as_of: date | None = None
    format: Literal["pdf", "png"] = "pdf"


@dataclass(frozen=True)
class _Asked:
    """A layer of the sheet, as its asker may see it."""

    seen: View
    body: LayerBody
    rank: int | None


@router.post(
    "/maps", response_class=Response, responses={200: {"content": {media: {} for media in MEDIA.values()}}}
)
async def create_map(body: MapBody, scope: Anyone, turn: Turn) -> Response:
    """A map of the layers that are named, with the legend of what is really seen on it."""
    known = catalog.current()
    asked = []
    for at, told in enumerate(body.layers):
        layer = require_layer(scope, known, told.id)
        if "raster" in layer.geometry:
            raise Refused(
                f"“{layer.title}”是影像，不能出在图上。", "请去掉这个图层。", code="layer_not_drawn"
            )
        rank = len(body.layers) - at if body.ordered else None
        asked.append(_Asked(view(scope, layer), told, rank))
    sheet = Sheet(body.paper, body.upright, body.centre, body.scale)
    frame, when = sheet.frame(), await moment(body.as_of)
    await browsed(scope, [one.seen.layer for one in asked])
    drawn, notes = [], [_dated(when)]
    for one in asked:
        rows = await _rows(scope, one, when, frame.degrees)
        if len(rows) > MOST:
            notes.append(f"“{one.seen.layer.title}”在图幅内多于 {MOST} 处，只画 {MOST} 处。")
        if one.body.filter:
            notes.append(f"“{one.seen.layer.title}”只画符合筛选条件的。")
        if one.body.off:
            notes.append(f"“{one.seen.layer.title}”关掉的 {len(one.body.off)} 类没有画。")
        drawn.append((one, rows[:MOST]))

    def work() -> bytes:
        found = (_thing(one, row, sheet.zoom) for one, rows in drawn for row in rows)
        things = [thing for thing in found if thing is not None]
        picture = map_of(things, frame, known.symbols, f"数据版本 {when.revision}　{when.as_of}")
        if body.format == "png":
            return sheet_png(picture)
        return sheet_pdf(sheet, picture, body.title, notes, timezone.localtime())

    content = await asyncio.to_thread(work)
    if body.format == "pdf":
        for one, rows in drawn:
            await exported(scope, one.seen.layer, "map", rows=len(rows))
    return Response(content, media_type=MEDIA[body.format], headers={"Cache-Control": "private, no-store"})


async def _rows(
    scope: Scope, one: _Asked, when: Moment, box: tuple[float, float, float, float]
) -> list[dict[str, Any]]:
    """Features of GeoJSON that meet the box, one more than are drawn."""
    tree = None if one.body.filter is None else parse(one.body.filter, "cql2-text", None)
    statement = features.items(
        catalog.current(), one.seen, when, Filter(box, None, None, tree), after=0, limit=MOST + 1
    )
    return [json.loads(row["feature"]) for row in await fetch_seen(scope.asker, *statement)]


def _thing(one: _Asked, row: dict[str, Any], zoom: float) -> Drawn | None:
    """A feature as it is drawn; nothing of a class that is off."""
    layer = one.seen.layer
    look = class_of(layer, row["properties"])
    if (look.value or REST) in one.body.off:
        return None
    label = _label(layer, row) if look.text and look.text.minzoom <= zoom else ""
    if one.rank is not None:
        look = replace(look, order=one.rank * 10_000 + look.order)
    return Drawn(shapely.geometry.shape(row["geometry"]), look, look.label, label=label)


def _label(layer: Layer, row: dict[str, Any]) -> str:
    named = row["properties"].get(layer.tile.label) if layer.tile.label else None
    return str(named or row["name"] or "")


def _dated(when: Moment) -> str:
    return f"数据版本 {when.revision} 中在 {when.as_of} 有效的图形，只含出图人有权查看的。图上空白不等于没有限制。"
