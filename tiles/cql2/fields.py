"""The names that a filter may use of a layer, and what each is in SQL over row `f`."""

from collections.abc import Mapping
from typing import Any

from psycopg import sql

from spatial.catalog import Field
from tiles.conditions import COLUMNS
from tiles.rows import View, column_of, shown
from tiles.statement import Values

GEOMETRY = "geometry"
KINDS: Mapping[str, str] = {
    "text": "text",
    "choice": "text",
    "code": "text",
    "bool": "bool",
    "date": "date",
    "integer": "number",
    "number": "number",
}
"""Of a field's type; lists and tables cannot be asked."""
_ATTRIBUTE = {
    "text": "(f.attributes ->> {name}::text)",
    "number": "(CASE jsonb_typeof(f.attributes -> {name}::text) WHEN 'number'"
    " THEN (f.attributes -> {name}::text)::numeric END)",
    "bool": "(CASE jsonb_typeof(f.attributes -> {name}::text) WHEN 'boolean'"
    " THEN (f.attributes -> {name}::text)::boolean END)",
    "date": "substring(f.attributes ->> {name}::text FROM '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$')",
}
"""An attribute of its kind; NULL, that is unknown, where a row holds another. A day is text, which sorts as written."""
_JSON_TYPES = {"text": "string", "bool": "boolean", "date": "string", "number": "number"}


def kinds(view: View) -> dict[str, str]:
    """Every name that may be asked, with its kind: text, bool, date, number or geometry."""
    found = {}
    for name in dict.fromkeys((*COLUMNS, *view.layer.fields)):
        kind = _kind(view, name)
        if kind is not None and shown(view, name):
            found[name] = kind
    return {**found, GEOMETRY: "geometry"}


def _kind(view: View, name: str) -> str | None:
    if column_of(view, name) is not None:
        return "bool" if name == "has_boundary" else "text"
    return KINDS.get(view.layer.fields[name].type)


def value(view: View, name: str, kind: str, values: Values) -> sql.Composable:
    """A name of `kinds` over row `f`."""
    if kind == "geometry":
        return sql.SQL("f.geom")
    column = column_of(view, name)
    return column if column is not None else sql.SQL(_ATTRIBUTE[kind]).format(name=values.bind(name))


def queryables(view: View) -> dict[str, Any]:
    """What may be asked of a layer, as JSON Schema (OGC API Features Part 3); `$id` is the caller's."""
    properties = {
        name: _schema(view.layer.fields.get(name), name, kind) for name, kind in kinds(view).items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": view.layer.title,
        "properties": properties,
        "additionalProperties": False,
    }


_TITLES = {"code": "编码", "name": "名称", "county": "县市", "has_boundary": "有边界", GEOMETRY: "图形"}
"""Of what every row has, where the layer has no title of its own."""


def _schema(field: Field | None, name: str, kind: str) -> dict[str, Any]:
    if kind == "geometry":
        return {"title": _TITLES[name], "format": "geometry-any", "x-ogc-role": "primary-geometry"}
    told: dict[str, Any] = {"title": field.title if field else _TITLES[name], "type": _JSON_TYPES[kind]}
    if field and field.type == "integer":
        told["type"] = "integer"
    if kind == "date":
        told["format"] = "date"
    if field and field.choices:
        told["enum"] = list(field.choices)
    if field and field.note:
        told["description"] = field.note
    if field and field.unit:
        told["x-ogc-unit"] = field.unit
    return told
