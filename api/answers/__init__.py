"""What comes out: the answers of the routes, described once. /openapi.json says it, the page's types are made of it.

Nothing is checked or written anew on its way out: a description costs no answer any time and changes no byte of it.
The tests hold what is really answered against it (tests/api/told.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

JSON = "application/json"
GEOJSON = "application/geo+json"
REF = "#/components/schemas/{model}"
_described: dict[str, Any] = {}
"""By name; made into schemas when /openapi.json is first asked for, so that no start waits for it."""


class _Plain(GenerateJsonSchema):
    """Without a title for every field: it would only repeat the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def answer(told: Any, status: int = 200, media: str = JSON) -> dict[str, Any]:
    """For `openapi_extra` of a route: that it answers `told` (a TypedDict, a list of one, a union) with a status."""
    return answers({(status, media): told})


def answers(told: Mapping[tuple[int, str], Any]) -> dict[str, Any]:
    """The same for a route that has several answers, by status and media type."""
    responses: dict[str, Any] = {}
    for (status, media), one in told.items():
        content = responses.setdefault(str(status), {"content": {}})["content"]
        content[media] = {"schema": _schema(one)}
    return {"responses": responses}


def _schema(told: Any) -> dict[str, Any]:
    if get_origin(told) is list:
        return {"type": "array", "items": _schema(get_args(told)[0])}
    if _described.setdefault(told.__name__, told) is not told:
        raise TypeError(f"two answers are called {told.__name__}")
    return {"$ref": REF.format(model=told.__name__)}


def schemas() -> dict[str, Any]:
    """Name → schema of all that is described, and of what it is made of."""
    asked = [(name, "serialization", TypeAdapter(told)) for name, told in sorted(_described.items())]
    _, whole = TypeAdapter.json_schemas(asked, ref_template=REF, schema_generator=_Plain)  # type: ignore[arg-type]
    return dict(whole["$defs"])


def settled(responses: Mapping[str, Any]) -> None:
    """Where an answer is described, what FastAPI says of a dict beside it goes."""
    for response in responses.values():
        for media in response.get("content", {}).values():
            if told := media.get("schema"):
                described = {name: told[name] for name in ("$ref", "type", "items") if name in told}
                if "$ref" in described or "$ref" in described.get("items", {}):
                    media["schema"] = {"$ref": told["$ref"]} if "$ref" in told else described
