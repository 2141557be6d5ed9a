"""What a picture may hide from a hurried eye, measured in the browser: cut text, overlap, sideways scrolling, words."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

LATIN = frozenset(
    [
        "f6", "esc", "tab", "enter", "shift", "ctrl", "alt", "backspace", "space", "delete", "pdf", "xlsx",
        "docx", "csv", "gpkg", "geojson", "geopackage", "shp", "shapefile", "zip", "txt", "dat", "json",
        "dxf", "dwg", "kml", "utf", "gbk", "km", "hm", "ha", "mg", "kg", "ug", "ph", "cgcs2000", "epsg",
        "wgs", "gcj", "jingtu", "maplibre", "webgl", "sha", "demo", "cql2", "pmtiles", "audit", "verify",
    ]
)  # fmt: skip
"""Latin words of a Chinese page that are names, units, formats and keys."""

MEASURE = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")


def measured(page: Page, language: str) -> list[str]:
    """One line a fault that geometry or letters give away; `language` is that of the page, `zh` or `en`."""
    return list(page.evaluate(MEASURE, [language, sorted(LATIN)]))
