"""What there is: who I am, which layers are loaded, and which words a request may use."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone
from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile

from api.access import Scope, may_read, readable_fields, row_counties, scope_of, signed_in
from api.answers import answer
from api.answers.catalog import CatalogAnswer, Example, LanduseCode, Me, Preview
from api.examples import examples
from api.issue_files import XLSX, issue_file
from api.language import said
from api.route import DjangoRoute
from api.schemas import TextBody
from api.turns import Turn
from api.uploads import read_upload
from spatial import catalog, crs, landuse, rules
from spatial.answer import area, geojson
from spatial.catalog import Catalog, Layer
from spatial.inventory import CountyState, inventory, newest

router = APIRouter(route_class=DjangoRoute, tags=["catalog"])
Anyone = Annotated[Scope, Depends(scope_of)]
SignedIn = Annotated[Scope, Depends(signed_in)]


@router.get("/me", openapi_extra=answer(Me))
def me(request: Request, scope: Anyone) -> dict[str, Any]:
    """Who is asking, with which role and counties ([] is the whole region, or a stranger)."""
    return {"username": scope.username, "role": scope.role, "counties": sorted(scope.counties)}


@router.get("/catalog", openapi_extra=answer(CatalogAnswer))
def get_catalog(scope: Anyone, as_of: date | None = None) -> dict[str, Any]:
    """Every layer with what is loaded of it for each county; counts only of what the asker may see.

    `as_of`: what is known of that day, today where none is asked; counts are always of what is live.
    """
    known, book = catalog.current(), rules.current()
    day = as_of or timezone.localdate()
    found = inventory(known, day)
    revision, release = newest()
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in reversed(known.symbols.groups)}
    for layer in known.layers.values():
        if layer.kind != "request":
            groups.setdefault(layer.group, []).append(_layer(known, layer, found[layer.id], scope))
    region = known.region
    dates = [state.data_date for states in found.values() for state in states if state.data_date]
    return {
        "region": {
            "code": region.code,
            "name": region.name,
            "name_en": region.name_en,
            "extent": list(region.extent),
            "zones": list(region.zones),
        },
        "counties": [
            {"code": c.code, "name": c.name, "name_en": c.name_en, "zones": list(c.zones)}
            for c in known.counties.values()
        ],
        "groups": [
            {"title": title, "title_en": known.symbols.groups_en.get(title, title), "layers": layers}
            for title, layers in groups.items()
            if layers
        ],
        "actions": [{"id": key, "title": title} for key, title in book.action_terms.items()],
        "project_flags": [
            {"id": flag.name, "title": flag.title, "type": flag.type, "choices": dict(flag.values)}
            for flag in book.project_flags.values()
        ],
        "basemap": settings.JINGTU_BASEMAP,
        "asked_layers": sorted(book.layers_asked(day)),
        "revision": revision,
        "release": release,
        "data_date": max(dates).isoformat() if dates else None,
    }


def _layer(known: Catalog, layer: Layer, states: list[CountyState], scope: Scope) -> dict[str, Any]:
    visible = may_read(scope, layer)
    counties = row_counties(scope, layer) if visible else []
    shown = [s for s in states if visible and (counties is None or s.county in counties)]
    return {
        "id": layer.id,
        "title": layer.title,
        "title_en": layer.title_en,
        "role": layer.role,
        "kind": layer.kind,
        "owner": layer.owner,
        "refresh_months": layer.refresh_months,
        "geometry": list(layer.geometry),
        "note": layer.note,
        "on": layer.style.shown,
        "visible": visible,
        "read": sorted(layer.read),
        "loaded": sum(s.features for s in shown) if visible and layer.kind == "stored" else None,
        "fields": [
            {
                "id": f.id,
                "title": f.title,
                "title_en": f.title_en,
                "type": f.type,
                "choices": dict(f.choices),
                "unit": f.unit,
            }
            for f in (readable_fields(scope, layer) if visible else [])
        ],
        "coverage": [
            {
                "county": s.county,
                "state": s.state,
                "data_date": s.data_date.isoformat() if s.data_date else None,
                "release": s.release,
                "features": s.features if s in shown else None,
                "unlocated": s.unlocated if s in shown else None,
            }
            for s in states
        ],
    }


@router.get("/landuse", openapi_extra=answer(list[LanduseCode]))
def search_landuse(
    q: Annotated[str, Query(max_length=40)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 60
) -> list[dict[str, Any]]:
    """Land-use codes by digits, Chinese or English name, pinyin or its initials; always with their code system."""
    return [
        {
            "system": code.system,
            "code": code.code,
            "name": code.name,
            "name_en": code.name_en,
            "level": code.level,
        }
        for code in landuse.search(q, limit)
    ]


@router.get("/examples", openapi_extra=answer(list[Example]))
def list_examples() -> list[dict[str, Any]]:
    """The demo's one-click checks, one for each verdict at least; empty without the demo."""
    return [{**one, "title": said(one["title"])} for one in examples()]


@router.post("/parcels/preview", openapi_extra=answer(Preview))
def preview(scope: SignedIn, turn: Turn, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """What was understood of a file, before anything is asked and without storing anything."""
    return _understood(file.file.read(), file.filename or "upload")


@router.post("/parcels/preview/issues", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def preview_issues(scope: SignedIn, turn: Turn, file: Annotated[UploadFile, File()]) -> Response:
    """What is wrong with a file, as a table for the office that made it; nothing is stored."""
    read = read_upload(file.file.read(), file.filename or "upload")
    return issue_file(read.issues, "xlsx", "issues")


@router.post("/parcels/preview/text", openapi_extra=answer(Preview))
def preview_text(body: TextBody, scope: SignedIn, turn: Turn) -> dict[str, Any]:
    """The same for pasted boundary points."""
    return _understood(body.text.encode(), "pasted.txt")


def _understood(content: bytes, name: str) -> dict[str, Any]:
    read = read_upload(content, name)
    return {
        "ok": read.ok,
        "crs": read.crs,
        "encoding": read.encoding,
        "parcels": [
            {
                "no": parcel.no,
                "name": parcel.name,
                "area_m2": area(crs.area_m2(parcel.geometry)),
                "declared_area_m2": area(parcel.declared_area_m2),
                "points": parcel.points,
                "geometry": geojson(parcel.geometry),
            }
            for parcel in read.parcels
        ],
        "issues": [issue.as_json() for issue in read.issues],
        "text_lines": list(read.lines) if read.lines else None,
    }
