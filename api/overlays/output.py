"""An overlay as a file, by format: from what is stored, never computed again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from api.overlays.geodata import geojson, geopackage, shapefile
from api.overlays.paper import paper
from api.overlays.workbook import workbook
from api.reports import FORMATS
from spatial.models import AreaOverlay

Writer = Callable[[AreaOverlay, Mapping[str, Any], str], bytes]
MEDIA = {
    **{name: FORMATS[name] for name in ("pdf", "docx", "xlsx", "gpkg", "geojson", "json")},
    "shp": FORMATS["zip"],
}
"""Format → media type."""
SUFFIXES = {"shp": "zip"}
WRITERS: dict[str, Writer] = {
    "pdf": lambda one, told, address: paper(one, told, address, "pdf"),
    "docx": lambda one, told, address: paper(one, told, address, "docx"),
    "xlsx": lambda one, told, address: workbook(told),
    "gpkg": lambda one, told, address: geopackage(one),
    "geojson": lambda one, told, address: geojson(one, told),
    "shp": lambda one, told, address: shapefile(one),
    "json": lambda one, told, address: json.dumps(told, ensure_ascii=False, allow_nan=False).encode(),
}
UNFIT = re.compile(r"[^\w.-]+")
LONGEST = 60


def exported(one: AreaOverlay, told: Mapping[str, Any], format: str, address: str) -> tuple[bytes, str]:
    """The file and its name. `told`: the result as its asker may see it; `address`: where this Jingtu is reached.

    Raises KeyError for another format.
    """
    title = UNFIT.sub("_", str(told["title"]))[:LONGEST].strip("_.")
    name = f"叠加_{title or one.number}_{told['as_of']}.{SUFFIXES.get(format, format)}"
    return WRITERS[format](one, told, address), name
