"""Rows that passed all steps as they will be stored, and the hash by which a later delivery knows each again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
import shapely

from loaders.record import Issue
from loaders.row import Row, shapes_of
from spatial import crs
from spatial.catalog import Layer

LONGEST_KEY = 200
LONGEST_NAME = 300
JSONB = b"\x01"
"""The version in front of jsonb in PostgreSQL's binary format."""
HAS_SRID = b"\x20" + crs.STORAGE.to_bytes(4, "little")
"""What makes EWKB of little-endian WKB in two dimensions: a flag in the type's last byte, and the SRID behind it."""
DUPLICATE = "duplicate_row"
"""The error of a row that the delivery has twice: the second adds nothing."""


class StagedRow(NamedTuple):
    """A row of table `feature` before it has a load, by the names of its columns, as PostgreSQL takes it in binary.

    `geom`: EWKB (EPSG:4490) or None; `attributes`: jsonb.
    """

    row: int
    key: str
    code: str | None
    name: str | None
    county: str | None
    geom: bytes | None
    has_boundary: bool
    attributes: bytes
    valid_from: date | None
    valid_to: date | None
    content: bytes


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


def stage(rows: Sequence[Row], layer: Layer) -> list[StagedRow]:
    """The stored form of rows without errors.

    `content` is over all that a row says: two deliveries that say the same of a feature give the same, however their
    files are written.
    """
    shapes = shapely.to_wkb(shapes_of(rows), byte_order=1)
    return [_stage(row, layer, shape) for row, shape in zip(rows, shapes.tolist(), strict=True)]


def _stage(row: Row, layer: Layer, shape: bytes | None) -> StagedRow:
    values = row.values
    if "has_boundary" in layer.fields:
        values["has_boundary"] = row.has_boundary
    key, county, starts, ends = key_of(row, layer), row.county, row.valid_from, row.valid_to
    attributes = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    said = f"{key or ''}\0{county or ''}\0{starts}\0{ends}\0{row.has_boundary}\0".encode()
    content = hashlib.sha256(said + attributes + (shape or b"")).digest()
    name = values.get(layer.name_field) if layer.name_field else None
    return StagedRow(
        row.row,
        key or f"sha256:{content.hex()}",
        key,
        str(name)[:LONGEST_NAME] if name is not None else None,
        county,
        shape and shape[:4] + HAS_SRID + shape[5:],
        row.has_boundary,
        JSONB + attributes,
        starts,
        ends,
        content,
    )


def require_short_keys(rows: Sequence[Row], layer: Layer) -> None:
    """Refuse rows whose key the database cannot hold."""
    if layer.key is None:
        return
    for row in rows:
        key = row.values.get(layer.key)
        if key is not None and not row.is_refused and len(str(key)) > LONGEST_KEY:
            title = layer.fields[layer.key].title
            row.error("key_too_long", f"{title}超过 {LONGEST_KEY} 个字。", "请核对。", owner=layer.owner)


def key_of(row: Row, layer: Layer) -> str | None:
    """What identifies the feature across deliveries, where the layer has such a field and the row fills it."""
    value = row.values.get(layer.key) if layer.key else None
    return str(value) if value not in (None, "") else None


def hold(row: Row, layer: Layer, epsg: int | None, counties: frozenset[str], file: str) -> HeldRow:
    """The quarantined form of a row with errors: every value as it came, the shape to the last bit.

    `file`: the name of the file it came in, where the delivery has several; else "".
    """
    came = row.record.geometry
    original: dict[str, Any] = {
        "values": storable(dict(row.original)),
        "wkb": shapely.to_wkb(came, hex=True) if came is not None else None,
        "crs": epsg,
    }
    if row.record.text is not None:
        original["text"] = storable(row.record.text)
    if file:
        original["file"] = storable(file)
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
