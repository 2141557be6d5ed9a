"""Which column of a file is which field of a layer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.formats.text import narrow
from spatial.catalog import County, Layer

COUNTY_COLUMNS = (
    "county",
    "行政区代码",
    "XZQDM",
    "县市代码",
    "县市",
    "县（市）",
    "区县",
    "所在县市",
    "行政区",
    "行政区名称",
    "XZQMC",
)
"""Where a row says its county, in layers that have no field for it."""
PLOT_NUMBER, PLOT_NAME = "地块编号", "地块名称"
"""What a boundary-point file calls its plots: the key and the name of whatever layer it is loaded into."""
DBF_NAME_BYTES = 10


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Field id → column; the column that names the county; the columns nobody asks for."""

    columns: Mapping[str, str]
    county: str | None
    unused: tuple[str, ...]

    @property
    def digest(self) -> str:
        said = json.dumps([dict(self.columns), self.county], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def map_columns(
    layer: Layer, columns: tuple[str, ...], county: County | None, encoding: str = "utf-8"
) -> ColumnMap:
    """A column named like a field's id is always that field; else the county's own names, the layer's source names,
    the field's title. A Shapefile cuts names to ten bytes, so a cut name counts where only one field has it."""
    own = county.columns.get(layer.id, {}) if county else {}
    plain = {_plain(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field in layer.fields.values():
        names = (field.id, *own.get(field.id, ()), *field.source, field.title)
        column = next((plain[_plain(name)] for name in names if _plain(name) in plain), None)
        if column is not None and column not in found.values():
            found[field.id] = column
    for field_id, column in _cut(layer, own, columns, found, encoding):
        found.setdefault(field_id, column)
    for role, name in ((layer.key, PLOT_NUMBER), (layer.name_field, PLOT_NAME)):
        if role and role not in found and name in columns and name not in found.values():
            found[role] = name
    where = found.get("county") or next(
        (plain[_plain(name)] for name in COUNTY_COLUMNS if _plain(name) in plain), None
    )
    used = {*found.values(), where}
    return ColumnMap(found, where, tuple(column for column in columns if column not in used))


def _cut(
    layer: Layer,
    own: Mapping[str, tuple[str, ...]],
    columns: tuple[str, ...],
    found: Mapping[str, str],
    encoding: str,
) -> Iterator[tuple[str, str]]:
    codec = encoding or "utf-8"
    claims: dict[str, set[str]] = {}
    for field in layer.fields.values():
        for name in (field.id, *own.get(field.id, ()), *field.source, field.title):
            raw = name.encode(codec, "ignore")
            if len(raw) > DBF_NAME_BYTES:
                claims.setdefault(_plain(raw[:DBF_NAME_BYTES].decode(codec, "ignore")), set()).add(field.id)
    for column in columns:
        fields = claims.get(_plain(column.rstrip("\ufffd?")), set())
        if (
            len(fields) == 1
            and column not in found.values()
            and (field_id := next(iter(fields))) not in found
        ):
            yield field_id, column


def _plain(name: Any) -> str:
    return narrow(str(name)).replace(" ", "").casefold()
