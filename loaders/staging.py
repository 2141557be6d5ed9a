"""A row that passed all steps as it will be stored, and the hash by which a later delivery knows it again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely

from loaders.record import Issue
from loaders.row import Row
from spatial.catalog import Layer
from spatial.crs import STORAGE

LONGEST_KEY = 200
LONGEST_NAME = 300
DUPLICATE = "duplicate_row"
"""The error of a row that the delivery has twice: the second adds nothing."""


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row of table `feature` before it has a load. `geometry`: EWKB in hex, EPSG:4490, or None."""

    row: int
    key: str
    code: str | None
    name: str | None
    county: str | None
    geometry: str | None
    has_boundary: bool
    attributes: str
    valid_from: date | None
    valid_to: date | None
    content: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that waits for a person: as it came, why, and the feature it would have been.

    `counties`: those in which it may lie. `adds_nothing`: the delivery has the very same row already.
    """

    row: int
    key: str | None
    original: Mapping[str, Any]
    reason: str
    counties: frozenset[str]
    adds_nothing: bool


def stage(row: Row, layer: Layer) -> StagedRow:
    """The stored form of a row without errors."""
    attributes = dict(row.values)
    if "has_boundary" in layer.fields:
        attributes["has_boundary"] = row.has_boundary
    key = key_of(row, layer)
    wkb = shapely.to_wkb(row.geometry, hex=True, byte_order=1) if row.geometry is not None else None
    said = _canonical(
        [key, row.county, attributes, _day(row.valid_from), _day(row.valid_to), row.has_boundary, wkb]
    )
    content = hashlib.sha256(said.encode()).hexdigest()
    name = row.values.get(layer.name_field) if layer.name_field else None
    return StagedRow(
        row=row.row,
        key=key or f"sha256:{content}",
        code=key,
        name=str(name)[:LONGEST_NAME] if name is not None else None,
        county=row.county,
        geometry=_ewkb(row),
        has_boundary=row.has_boundary,
        attributes=_canonical(attributes),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        content=content,
    )


def key_of(row: Row, layer: Layer) -> str | None:
    """What identifies the feature across deliveries, where the layer has such a field and the row fills it."""
    value = row.values.get(layer.key) if layer.key else None
    return str(value) if value not in (None, "") else None


def hold(row: Row, layer: Layer, epsg: int | None, counties: frozenset[str]) -> HeldRow:
    """The quarantined form of a row with errors: every value as it came, the shape to the last bit."""
    came = row.record.geometry
    original: dict[str, Any] = {
        "values": storable(dict(row.original)),
        "wkb": shapely.to_wkb(came, hex=True) if came is not None else None,
        "crs": epsg,
    }
    if row.record.text is not None:
        original["text"] = storable(row.record.text)
    key = key_of(row, layer)
    return HeldRow(
        row=row.row,
        key=key[:LONGEST_KEY] if key else None,
        original=original,
        reason="；".join(_errors(row.issues)),
        counties=counties,
        adds_nothing=any(issue.code == DUPLICATE for issue in row.issues),
    )


def _errors(issues: list[Issue]) -> list[str]:
    return [storable(issue.message) for issue in issues if issue.severity == "error"]


def storable(value: Any) -> Any:
    """The value as jsonb can keep it: no NUL, no half characters, no NaN, nothing that JSON has no word for."""
    if isinstance(value, str):
        return value.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {storable(str(name)): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else storable(str(value))


def _ewkb(row: Row) -> str | None:
    if row.geometry is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(row.geometry, STORAGE), hex=True, include_srid=True))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
