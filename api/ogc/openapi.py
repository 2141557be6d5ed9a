"""The part of the API's description that OGC clients read, as OpenAPI 3.0.

/openapi.json is OpenAPI 3.1, which the conformance class oas30 does not take: what 3.0 says otherwise is put its way.
"""

from __future__ import annotations

from typing import Any

PREFIX = "/ogc"
COMPONENTS = "#/components/schemas/"
NAMES = {
    "$ref", "title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required",
    "enum", "type", "allOf", "oneOf", "anyOf", "not", "items", "properties", "additionalProperties", "description",
    "format", "default", "nullable", "example",
}  # fmt: skip
"""Keywords of a schema in OpenAPI 3.0."""


_kept: list[dict[str, Any]] = []
"""A description and what was made of it last: it takes longer to make than to send."""


def openapi_30(whole: dict[str, Any], base: str) -> dict[str, Any]:
    """The operations under /ogc, with paths as the standards write them; `base`: the address of the landing page."""
    if not _kept or _kept[0] is not whole:
        _kept[:] = [whole, _made(whole)]
    return {**_kept[1], "servers": [{"url": base}]}


def _made(whole: dict[str, Any]) -> dict[str, Any]:
    paths = {
        path.removeprefix(PREFIX): {method: _operation(one) for method, one in methods.items()}
        for path, methods in whole["paths"].items()
        if path.startswith(f"{PREFIX}/")
    }
    parts = whole["components"]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": whole["info"]["title"],
            "version": whole["info"]["version"],
            "license": {"name": "Apache-2.0"},
        },
        "servers": [],
        "paths": paths,
        "security": whole["security"],
        "components": {
            "schemas": {name: _answer(parts["schemas"][name]) for name in sorted(_named(paths, whole))},
            "securitySchemes": parts["securitySchemes"],
        },
    }


def _operation(one: dict[str, Any]) -> dict[str, Any]:
    """Without 422: here a wrong parameter is 400."""
    told = {name: value for name, value in one.items() if name not in ("parameters", "responses")}
    told["parameters"] = [
        {**parameter, "schema": _schema(parameter["schema"])} for parameter in one.get("parameters", [])
    ]
    told["responses"] = {
        status: _response(response) for status, response in one["responses"].items() if status != "422"
    }
    return told


def _response(response: dict[str, Any]) -> dict[str, Any]:
    told = dict(response)
    if "content" in told:
        told["content"] = {
            name: {"schema": _answer(media.get("schema", {}))} for name, media in told["content"].items()
        }
    return told


def _named(told: Any, whole: dict[str, Any]) -> set[str]:
    """The components that the paths name, and those that these name."""
    found: set[str] = set()
    left = [told]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            name = str(one.get("$ref", "")).removeprefix(COMPONENTS)
            if name and name not in found:
                found.add(name)
                left.append(whole["components"]["schemas"][name])
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    """Of an answer: what may be null says so, and all of a tuple is of one kind."""
    told: dict[str, Any] = {
        name: [_answer(one) for one in value] if name in ("anyOf", "prefixItems") else value
        for name, value in schema.items()
    }
    if isinstance(told.get("items"), dict):
        told["items"] = _answer(told["items"])
    if isinstance(told.get("additionalProperties"), dict):
        told["additionalProperties"] = _answer(told["additionalProperties"])
    if "properties" in told:
        told["properties"] = {name: _answer(one) for name, one in told["properties"].items()}
    if "prefixItems" in told:
        told["items"] = told["prefixItems"][0]
    if {"type": "null"} in told.get("anyOf", []):
        told = {"anyOf": [one for one in told["anyOf"] if one != {"type": "null"}], "nullable": True}
        return {**told, "anyOf": [_schema(one) for one in told["anyOf"]]}
    return _schema(told)


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    told = dict(schema)
    if "const" in told:
        told["enum"] = [told.pop("const")]
    some = [one for one in told.get("anyOf", []) if one != {"type": "null"}]
    if len(some) == 1:  # a parameter that may be left out
        del told["anyOf"]
        told = {**some[0], **told}
    elif some:
        told["anyOf"] = [_schema(one) for one in some]
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        if name in told:
            told[name.removeprefix("exclusive").lower()] = told[name]
            told[name] = True
    if "items" in told:
        told["items"] = _schema(told["items"])
    if "properties" in told:
        told["properties"] = {name: _schema(one) for name, one in told["properties"].items()}
    if isinstance(told.get("additionalProperties"), dict):
        told["additionalProperties"] = _schema(told["additionalProperties"])
    return {name: value for name, value in told.items() if name in NAMES}
