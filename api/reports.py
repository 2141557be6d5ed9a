"""What a paper is made of: the stored answer, and what its reader may see of the features on its map."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from shapely.geometry.base import BaseGeometry

from api.access import Scope, readable_fields
from api.errors import Refused, Unavailable
from api.papers.content import Stored, content_of
from api.papers.document import TemplateBroken, report_document
from api.papers.fonts import FontMissing, font_folder
from api.papers.report import report_pdf
from api.papers.report_map import Row, report_frame, report_map
from api.papers.shapes import report_geopackage
from api.papers.signature import KeyUnusable, signature_of
from api.papers.workbook import report_workbook
from spatial import catalog, rules, wall
from spatial.around import MOST, Around, around
from spatial.models import CheckRun

MARGIN_DEG = 0.02
OFFICE = "application/vnd.openxmlformats-officedocument."
FORMATS = {
    "pdf": "application/pdf",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "json": "application/json",
    "zip": "application/zip",
}
"""Media types of a report; `zip` is the PDF with its detached signature."""


def stored_of(run: CheckRun, told: Mapping[str, Any], address: str) -> Stored:
    """`told`: the answer as its reader may see it, overrides and disputes beside it."""
    asker = run.asked_by
    named = (asker.get_full_name() or asker.get_username()) if asker else "控制台（无账号）"
    return Stored(told, named, run.request.get("declared_area_m2"), address.rstrip("/"))


def own_address() -> str:
    """Where people reach this Jingtu, as it stands on papers that no request asked for."""
    return settings.JINGTU_ADDRESS or "http://127.0.0.1:8000"


def rows_of(
    told: Mapping[str, Any], box: tuple[float, ...], scope: Scope | None
) -> tuple[list[Row], list[str]]:
    """The features on the map and what is to be said of it. `scope` None: whoever runs the console sees every row."""
    if scope is None:
        found, cut = around(told, box)
    else:
        with wall.behind(scope.asker):
            found, cut = around(told, box)
    known = catalog.current()
    rows = [_row(one, scope, known) for one in found if not one.shape.is_empty and one.layer in known.layers]
    notes = [
        f"图上为数据版本 {told['versions']['revision']} 中在 {told['as_of']} 有效的图形；周边只画应查图层和县市界。"
        "图上空白不等于没有限制。"
    ]
    if scope is not None:
        notes[0] += "看报告的人无权查看的图形没有画出。"
    notes += [f"“{known.layer(layer).title}”在图幅内多于 {MOST} 处，只画 {MOST} 处。" for layer in cut]
    return rows, notes


def outlines_of(
    shapes: Iterable[BaseGeometry | None], revision: int | None = None, as_of: Any = None
) -> list[Row]:
    """The counties around shapes (EPSG:4490) as a revision knew them on a day; nothing where no revision is said."""
    there = [one for one in shapes if one is not None]
    if not there or revision is None:
        return []
    west, south, east, north = shapely.total_bounds(there)
    wide, high = max(east - west, MARGIN_DEG), max(north - south, MARGIN_DEG)
    asked = {"findings": [], "layers": [], "versions": {"revision": revision}, "as_of": as_of}
    found, _ = around(asked, (west - wide, south - high, east + wide, north + high))
    return [Row(one.id, one.layer, one.code, one.name, one.attributes, one.shape) for one in found]


def _row(one: Around, scope: Scope | None, known: catalog.Catalog) -> Row:
    attributes = one.attributes
    if scope is not None:
        seen = {field.id for field in readable_fields(scope, known.layer(one.layer))}
        attributes = {name: value for name, value in attributes.items() if name in seen}
    return Row(one.id, one.layer, one.code, one.name, attributes, one.shape, one.is_cut)


def paper(format: str, run: CheckRun, told: Mapping[str, Any], scope: Scope | None, address: str) -> bytes:
    """The stored answer in one of FORMATS, as `told` to its reader. Raises Refused where it cannot be made.

    Raises Unavailable where the font is missing.
    """
    if format == "json":
        return json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    if format == "geojson":
        return json.dumps(_geojson(told), ensure_ascii=False, allow_nan=False).encode()
    require_font()
    known, book = catalog.current(), rules.current()
    stored = stored_of(run, told, address)
    if format == "xlsx":
        return report_workbook(content_of(stored, known, book))
    frame = report_frame(told)
    rows, notes = rows_of(told, frame.degrees, scope)
    if format == "gpkg":
        return report_geopackage(stored, content_of(stored, known, book), rows)
    if format == "docx":
        drawn = report_map(told, rows, frame, known)
        own = Path(settings.JINGTU_HOME) / "papers"
        try:
            return report_document(content_of(stored, known, book), drawn, stored.verify_address, own, notes)
        except TemplateBroken as error:
            raise Refused(str(error), f"模板在 {own}。", code="template_broken") from error
    made = report_pdf(stored, rows, frame, known, book, notes)
    return made if format == "pdf" else signed(f"{run.number}.pdf", made)


def require_font() -> None:
    """Raise Unavailable where the font of the papers is not on this machine."""
    try:
        font_folder()
    except FontMissing as error:
        raise Unavailable(str(error), "请告诉管理员。", code="font_missing") from error


def signed(name: str, made: bytes) -> bytes:
    """A zip with a paper and its detached signature by the office's key. Raises Refused without a usable one."""
    if not settings.JINGTU_SIGNING_KEY:
        raise Refused("没有设置签名钥匙，不能出具带签名的报告。", "请管理员设置 JINGTU_SIGNING_KEY，或要 pdf。",
                      code="not_signed")  # fmt: skip
    try:
        signature = signature_of(made, Path(settings.JINGTU_SIGNING_KEY))
    except KeyUnusable as error:
        raise Refused(str(error), "请管理员核对 JINGTU_SIGNING_KEY。", code="not_signed") from error
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr(name, made)
        packed.writestr(f"{name}.p7s", signature)
    return held.getvalue()


def _geojson(told: Mapping[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in told.items() if key != "parcel"}
    geometry = told["parcel"]["geometry"]
    feature = {"type": "Feature", "id": told["id"], "geometry": geometry, "properties": properties}
    return {"type": "FeatureCollection", "features": [feature]}
