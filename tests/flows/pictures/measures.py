"""What a picture may hide from a hurried eye, measured in the browser: cut text, overlap, sideways scrolling, words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"

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


def contrast(page: Page) -> list[str]:
    """What axe says of contrast, one line an element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")
    return [
        f"contrast: {node['target'][0]} {node['html'][:90]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
