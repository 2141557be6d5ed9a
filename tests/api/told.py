"""Holds every answer that a test gets against what /openapi.json says of it: nothing missing, nothing beside.

And every sentence of a refusal against the English catalogue: whoever asks for English is told no Chinese sentence.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import httpx2
import jsonschema_rs
from fastapi.testclient import TestClient

from api.app import create_api
from api.english import FOLDER, english

OF_ITS_OWN = {"/ogc/api"}
"""A description itself: tests/api/test_ogc_openapi.py holds it against the schema of descriptions."""
QUOTED = re.compile(r"“.*?”", re.DOTALL)
Route = tuple[str, str, str, str]
"""Method, path as it is described, status, media type."""


class Held(TestClient):
    """The test client, which refuses what is not as it is described. `seen`: the answers that it has held."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.seen: set[Route] = set()

    def send(self, request: Any, **more: Any) -> httpx2.Response:
        answer = super().send(request, **more)
        if answer.headers.get("content-type") == "application/problem+json" and answer.content:
            told = answer.json()
            speaks_english(
                [told["detail"], told["hint"], *(one["message"] for one in told.get("errors", []))]
            )
        if route := hold(request.method, request.url.path, answer):
            self.seen.add(route)
        return answer


def speaks_english(said: list[str]) -> None:
    """What is quoted is somebody's own; `?` stands for what was sent and is no text."""
    left = [one for one in said if "。" in QUOTED.sub("", english(one))]
    assert not left, f"add them to {FOLDER.name}/*.toml: {left}"


def hold(method: str, path: str, answer: Any) -> Route | None:
    """Which description an answer was held against; None for what is no JSON of ours. Raises AssertionError."""
    media = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code not in (200, 201, 202) or not media.endswith("json") or not answer.content:
        return None
    found = next((one for one, pattern in patterns() if pattern.fullmatch(path)), None)
    if found is None or found in OF_ITS_OWN:
        return None
    route = (method, found, str(answer.status_code), media)
    checker = checkers().get(route)
    assert checker is not None, f"/openapi.json does not say what {' '.join(route)} is"
    faults = [
        f"{'/'.join(map(str, one.instance_path)) or '(all)'}: {one.message[:300]}"
        for one in checker.iter_errors(answer.json())
    ]
    assert not faults, f"{method} {path} is not as /openapi.json says:\n" + "\n".join(faults[:10])
    return route


@cache
def description() -> dict[str, Any]:
    """/openapi.json; here an object has no field that is not described, unless it says that it may."""
    told: dict[str, Any] = json.loads(json.dumps(create_api().openapi()))
    left: list[Any] = [told["components"]["schemas"]]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if one.get("type") == "object" and "properties" in one:
                one.setdefault("additionalProperties", False)
            left += one.values()
        elif isinstance(one, list):
            left += one
    return told


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Path as it is described → what it fits, the narrower first."""
    found = [
        (path, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))))
        for path in description()["paths"]
    ]
    return sorted(found, key=lambda one: one[0].count("{"))


@cache
def checkers() -> dict[Route, jsonschema_rs.Draft202012Validator]:
    """One for each answer that is described."""
    parts = description()["components"]
    return {
        (method.upper(), path, status, media): jsonschema_rs.Draft202012Validator(
            {**schema, "components": parts}
        )
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for media, said in response.get("content", {}).items()
        if "$ref" in (schema := said.get("schema") or {}) or "$ref" in schema.get("items", {})
    }
