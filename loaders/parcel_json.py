"""A ParcelFile as JSON and back.

Shapes are WKB in base64. Values of a row that JSON does not know, and lists and objects, come back as text.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from loaders import told
from loaders.land_use import StatedUse
from loaders.parcels import ParcelFile, ParcelIn


def encode(file: ParcelFile) -> bytes:
    """The file as JSON in UTF-8, one character that is none replaced by "?"."""
    document = {
        "ok": file.ok,
        "crs": file.crs,
        "encoding": file.encoding,
        "lines": file.lines,
        "issues": [issue.as_json() for issue in file.issues],
        "parcels": [_parcel(parcel) for parcel in file.parcels],
    }
    return json.dumps(document, ensure_ascii=False, default=str).encode(errors="replace")


def decode(data: bytes) -> ParcelFile:
    """The file that `encode` told. Raises ValueError for anything that it would not have told."""
    with told.nothing_else():
        document = told.document(data)
        return ParcelFile(
            parcels=tuple(_read_parcel(parcel) for parcel in document["parcels"]),
            issues=tuple(told.issue(issue) for issue in document["issues"]),
            crs=told.whole_or_none(document["crs"]),
            encoding=told.text(document["encoding"]),
            lines=None if document["lines"] is None else tuple(map(told.text, document["lines"])),
            ok=told.truth(document["ok"]),
        )


def _parcel(parcel: ParcelIn) -> dict[str, Any]:
    return {
        "no": parcel.no,
        "name": parcel.name,
        "wkb": base64.b64encode(shapely.to_wkb(parcel.geometry, byte_order=1)).decode(),
        "row": parcel.row,
        "declared_area_m2": parcel.declared_area_m2,
        "points": parcel.points,
        "land_use": [parcel.land_use.words, parcel.land_use.code, parcel.land_use.system],
        "attributes": {str(name): _plain(value) for name, value in parcel.attributes.items()},
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _read_parcel(said: dict[str, Any]) -> ParcelIn:
    words, code, system = said["land_use"]
    return ParcelIn(
        no=told.text(said["no"]),
        name=told.text(said["name"]),
        geometry=_multipolygon(said["wkb"]),
        row=told.whole(said["row"]),
        declared_area_m2=told.number_or_none(said["declared_area_m2"]),
        points=told.integer_or_none(said["points"]),
        land_use=StatedUse(told.text(words), told.text(code), told.text_or_none(system)),
        attributes={told.text(name): _plain(value) for name, value in said["attributes"].items()},
    )


def _multipolygon(text: Any) -> BaseGeometry:
    (shape,) = told.shapes([base64.b64decode(told.text(text), validate=True)])
    if shape is None or shape.geom_type != "MultiPolygon":
        raise ValueError("not a polygon")
    return shape
