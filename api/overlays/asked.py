"""From what a planner sent to what is laid on what; every refusal says what is wrong, where and what to do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import shapely

from api.access import Scope, may_read, require_layer, row_counties
from api.asking import day_of, parcel_geometry, question_of_any, shape_from, use_of
from api.errors import Refused, TooLarge
from api.schemas import CheckBody, OverlayTerms
from loaders.parcels import ParcelFile
from loaders.staging import storable
from spatial import catalog, landuse
from spatial.catalog import Layer
from spatial.landuse import Use
from spatial.overlays.area import Allowed, Area, Polygon, source_of_uses
from spatial.overlays.run import Asked

MOST_POLYGONS = 5000
MOST_TITLE = 300
LONGEST = 40
"""Signs of a code in the title of an area."""
DRAWN = "画定的范围"


def asked_from(
    terms: OverlayTerms, areas: Sequence[Area], other_day: date | None, scope: Scope | None
) -> Asked:
    """What `spatial.overlays.run.make` is asked. `scope` None: the console, which sees everything.

    A layer that the asker may no longer read is laid all the same, as one of which nothing may be told.
    """
    layers = tuple(dict.fromkeys(terms.layers))
    known = catalog.current()
    for layer in layers:
        require_laid(known.layer(layer))
    told = terms.model_dump(exclude={"layers", "title", "area", "crs", "compare"})
    question = question_of_any(CheckBody.model_validate({"parcel": {}, **told}))
    return Asked(
        area=areas[0],
        layers=layers,
        allowed=allowed_of((*layers, source.id) if (source := source_of_uses()) else layers, scope),
        question=question,
        other=areas[1] if len(areas) > 1 else None,
        other_day=day_of(other_day),
        purpose=terms.purpose,
        title=terms.title,
    )


def allowed_of(layers: Iterable[str], scope: Scope | None) -> Allowed:
    """The counties whose rows of each layer the asker may see."""
    known = catalog.current()
    if scope is None:
        return dict.fromkeys(layers)
    return {
        layer: row_counties(scope, known.layer(layer))
        for layer in layers
        if may_read(scope, known.layer(layer))
    }


def require_readable(terms: OverlayTerms, scope: Scope) -> None:
    """Raise LayerNotFound, Forbidden or Refused for a layer that cannot be laid for this asker."""
    for layer in terms.layers:
        require_laid(require_layer(scope, catalog.current(), layer))


def require_laid(layer: Layer) -> None:
    """Raise Refused for a layer that has no shapes of its own."""
    if layer.kind == "stored" and not layer.is_raster:
        return
    sources = "、".join(dict.fromkeys(one.layer for one in layer.selection))
    raise _bad(
        "with",
        "layer_not_laid",
        f"图层“{layer.title}”没有自己的图形，不能叠加。",
        f"请改用它的来源图层：{sources}。" if sources else "请选有图形的图层。",
    )


def area_from(given: dict[str, Any], crs: str, at: str, scope: Scope | None) -> Area:
    """The area that a body names: a layer, or polygons in GeoJSON. Raises Refused, TooLarge, CrsRefused, Forbidden."""
    if "layer" in given:
        return _of_layer(given, at, scope)
    if given.get("type") != "FeatureCollection":
        features: list[Any] = [given]
    else:
        features = given["features"] if isinstance(given.get("features"), list) else []
    if not features:
        raise _bad(at, "area_empty", "范围里没有面。", "请画出或上传范围。")
    if len(features) > MOST_POLYGONS:
        raise too_many(len(features))
    polygons = []
    for place, feature in enumerate(features, 1):
        where = at if len(features) == 1 else f"{at}.features[{place - 1}]"
        if not isinstance(feature, dict):
            raise _bad(where, "geometry_unreadable", "看不懂范围图形。", "应为 GeoJSON 的面。")
        given_properties = feature.get("properties")
        told: dict[str, Any] = given_properties if isinstance(given_properties, dict) else {}
        shape = shape_from(feature, crs, where)
        no, name = (_line(told.get(key), f"{where}.{key}") for key in ("parcel_no", "name"))
        polygons.append(Polygon(no or str(place), name, shape, _use(told.get("planned_use"), where)))
    return Area(DRAWN, tuple(polygons))


def _of_layer(given: dict[str, Any], at: str, scope: Scope | None) -> Area:
    known = catalog.current()
    name, codes = given["layer"], given.get("codes", [])
    if not isinstance(name, str) or set(given) - {"layer", "codes"}:
        raise _bad(at, "area_invalid", "看不懂范围。", '应为 {"layer": "图层", "codes": ["编号"]}。')
    if not isinstance(codes, list) or not all(isinstance(code, str) and code for code in codes):
        raise _bad(f"{at}.codes", "area_invalid", "编号应为文字的列表。", "不写则取整个图层。")
    for place, code in enumerate(codes):
        _line(code, f"{at}.codes[{place}]")
    layer = require_layer(scope, known, name) if scope else known.layer(name)
    if layer.kind != "stored" or layer.is_raster or "MultiPolygon" not in layer.geometry:
        raise _bad(
            f"{at}.layer", "layer_not_laid", f"图层“{layer.title}”没有自己的面，不能作范围。", "请选面图层。"
        )
    named = f" {'、'.join(code[:LONGEST] for code in codes[:5])}{'…' if len(codes) > 5 else ''}"
    title = layer.title + (named if codes else "")
    counties = row_counties(scope, layer) if scope else None
    return Area(title, (), layer.id, tuple(codes), None if counties is None else tuple(counties))


def area_of_file(read: ParcelFile, title: str) -> Area:
    """The polygons of a file with the numbers, names and planned uses that it states."""
    if len(read.parcels) > MOST_POLYGONS:
        raise too_many(len(read.parcels))
    polygons = []
    for parcel in read.parcels:
        stated = parcel.land_use
        use = Use(stated.system, stated.code) if stated.system and stated.code else None
        polygons.append(Polygon(parcel.no, parcel.name, parcel_geometry(parcel.geometry), use))
    return Area(storable(title)[:MOST_TITLE], tuple(polygons))


def too_many(count: int) -> TooLarge:
    return TooLarge(
        f"范围有 {count} 个面，一次最多 {MOST_POLYGONS} 个。", "请拆分后提交。", code="too_many_parcels"
    )


def encoded(areas: Sequence[Area]) -> bytes:
    """Areas as JSON, for the worker."""
    return json.dumps([_told(area) for area in areas], ensure_ascii=False).encode()


def decoded(data: bytes, scope: Scope) -> list[Area]:
    """The areas that `encoded` told; of a layer the rows that the asker may see now."""
    found = []
    for one in json.loads(data):
        if one["layer"] is not None:
            found.append(_of_layer({"layer": one["layer"], "codes": one["codes"]}, "area", scope))
            continue
        polygons = tuple(
            Polygon(no, name, shapely.from_wkb(base64.b64decode(wkb)), Use(*use) if use else None)
            for no, name, use, wkb in one["polygons"]
        )
        found.append(Area(one["title"], polygons))
    return found


def _told(area: Area) -> dict[str, Any]:
    return {
        "title": area.title,
        "layer": area.layer,
        "codes": list(area.codes),
        "polygons": [
            [
                one.no, one.name, [one.use.system, one.use.code] if one.use else None,
                base64.b64encode(shapely.to_wkb(one.shape, byte_order=1)).decode(),
            ]
            for one in area.polygons
        ],
    }  # fmt: skip


def _use(given: Any, at: str) -> Use | None:
    """A planned use "[SYSTEM:]CODE" that a feature states."""
    if given is None:
        return None
    told = use_of(given) if isinstance(given, str) else None
    use = Use(told["system"], told["code"]) if told else None
    if use not in landuse.codes():
        raise _bad(
            f"{at}.planned_use", "use_code_unknown", "规划用途代码不在分类标准里。", "写作 [SYSTEM:]CODE。"
        )
    return use


def _line(given: Any, at: str) -> str:
    text = "" if given is None else str(given)
    if len(text) > 500 or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise _bad(
            at, "control_character", "编号或名称太长，或有不可见的控制字符。", "请核对，最多 500 个字。"
        )
    return text


def _bad(at: str, code: str, message: str, hint: str) -> Refused:
    return Refused(message, hint, code=code, errors=[{"at": at, "code": code, "message": message}])
