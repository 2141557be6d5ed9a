"""The API's description: complete, and drawn from the service's own files under its own strict policy."""

from __future__ import annotations

import re
from typing import Any

from fastapi.testclient import TestClient

PROBLEM = {"$ref": "#/components/schemas/Problem"}


def test_the_page_of_the_description_asks_nothing_from_outside_and_has_no_inline_script(
    client: TestClient,
) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/docs/swagger-ui-bundle.js", "/docs/init.js"} <= set(files)
    for file in files:
        assert file.startswith("/")
        assert client.get(file).status_code == 200, file
    assert "/openapi.json" in client.get("/docs/init.js").text


def test_every_route_describes_the_problems_that_it_may_answer(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            for status in ("400", "401", "403", "404", "409", "413", "422", "503"):
                content: dict[str, Any] = route["responses"][status]["content"]
                assert content["application/problem+json"]["schema"] == PROBLEM, (path, method, status)
            assert "HTTPValidationError" not in str(route)
    assert told["components"]["schemas"]["Problem"]["required"]
    assert set(told["components"]["securitySchemes"]) == {"token", "session"}


def test_a_problem_is_of_the_form_that_is_described(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["components"]["schemas"]["Problem"]
    for path in ("/nothing", "/checks", "/features/park?limit=0", "/features/nosuch"):
        told = client.get(path).json()
        assert set(described["required"]) <= set(told) <= set(described["properties"])
