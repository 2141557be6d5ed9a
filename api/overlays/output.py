"""An overlay as a file, by format: from what is stored, never computed again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from api.overlays.geodata import geojson, geopackage, shapefile
from api.overlays.workbook import workbook
from spatial.models import AreaOverlay

Writer = Callable[[AreaOverlay, Mapping[str, Any]], bytes]
MEDIA = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "shp": "application/zip",
}
"""Format → media type."""
SUFFIXES = {"shp": "zip"}
WRITERS: dict[str, Writer] = {
    "json": lambda one, told: json.dumps(told, ensure_ascii=False, allow_nan=False).encode(),
    "xlsx": lambda one, told: workbook(told),
    "gpkg": geopackage,
    "geojson": geojson,
    "shp": shapefile,
}
UNFIT = re.compile(r"[^\w.-]+")
LONGEST = 60


def exported(one: AreaOverlay, told: Mapping[str, Any], format: str) -> tuple[bytes, str]:
    """The file and its name. `told`: the result as its asker may see it. Raises KeyError for another format."""
    title = UNFIT.sub("_", str(told["title"]))[:LONGEST].strip("_.")
    name = f"叠加_{title or one.number}_{told['as_of']}.{SUFFIXES.get(format, format)}"
    return WRITERS[format](one, told), name
