"""A ParcelFile as JSON and back: what a reading process that may have been taken over is allowed to say, and no more.

Shapes are WKB in base64. Values of a row that JSON does not know, and lists and objects, come back as text.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from loaders.land_use import StatedUse
from loaders.parcels import ParcelFile, ParcelIn
from loaders.record import ERROR, NOTICE, WARNING, Issue


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
    try:
        document = json.loads(data)
        return ParcelFile(
            parcels=tuple(_read_parcel(parcel) for parcel in document["parcels"]),
            issues=tuple(_read_issue(issue) for issue in document["issues"]),
            crs=_whole(document["crs"]),
            encoding=_text(document["encoding"]),
            lines=None if document["lines"] is None else tuple(map(_text, document["lines"])),
            ok=_truth(document["ok"]),
        )
    except (KeyError, TypeError, RecursionError, OverflowError, shapely.errors.ShapelyError) as error:
        raise ValueError("not a parcel file") from error


def _parcel(parcel: ParcelIn) -> dict[str, Any]:
    return {
        "no": parcel.no,
        "name": parcel.name,
        "wkb": base64.b64encode(shapely.to_wkb(parcel.geometry)).decode(),
        "row": parcel.row,
        "declared_area_m2": parcel.declared_area_m2,
        "points": parcel.points,
        "land_use": [parcel.land_use.words, parcel.land_use.code, parcel.land_use.system],
        "attributes": {str(name): _plain(value) for name, value in parcel.attributes.items()},
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _read_parcel(told: dict[str, Any]) -> ParcelIn:
    words, code, system = told["land_use"]
    return ParcelIn(
        no=_text(told["no"]),
        name=_text(told["name"]),
        geometry=_multipolygon(told["wkb"]),
        row=_whole(told["row"]) or 0,
        declared_area_m2=_number(told["declared_area_m2"]),
        points=_whole(told["points"]),
        land_use=StatedUse(_text(words), _text(code), _text_or_none(system)),
        attributes={_text(name): _plain(value) for name, value in told["attributes"].items()},
    )


def _read_issue(told: dict[str, Any]) -> Issue:
    if told["severity"] not in (ERROR, WARNING, NOTICE):
        raise ValueError("severity")
    place = told["place"]
    return Issue(
        code=_text(told["code"]),
        severity=told["severity"],
        message=_text(told["message"]),
        hint=_text(told["hint"]),
        row=_whole(told["row"]),
        ring=_whole(told["ring"]),
        field=_text_or_none(told["field"]),
        value=_text_or_none(told["value"]),
        place=None if place is None else (_float(place[0]), _float(place[1])),
        owner=_text_or_none(told["owner"]),
    )


def _multipolygon(text: Any) -> BaseGeometry:
    shape = shapely.from_wkb(base64.b64decode(_text(text), validate=True))
    if shape is None or shape.geom_type != "MultiPolygon":
        raise ValueError("not a polygon")
    return shape


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("truth")
    return value


def _whole(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError("whole number")
    return value


def _float(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("number")
    return float(value)


def _number(value: Any) -> float | None:
    return None if value is None else _float(value)
