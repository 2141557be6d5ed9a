"""OGC API Features part 1: the abstract tests of OpenAPI 3.0 (OGC 17-069r4, annex A), each by its URI."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.api.ogc import HOME, ITEMS, dataset, get

TYPE = "application/vnd.oai.openapi+json;version=3.0"


def described(client: TestClient) -> dict[str, Any]:
    return dict(get(client, "/ogc/api"))


def test_conf_oas30_definition_1(client: TestClient) -> None:
    answer = client.get("/ogc/api", headers={"Accept": TYPE})
    assert answer.headers["content-type"] == TYPE


def test_conf_oas30_definition_2(client: TestClient) -> None:
    told = described(client)
    assert told["openapi"] == "3.0.3"
    assert [str(error) for error in OpenAPIV30SpecValidator(told).iter_errors()] == []


def test_conf_oas30_oas_impl(client: TestClient) -> None:
    """What is described is there: every operation answers as its description says, for values that are right."""
    rows = dataset()
    told = described(client)
    assert told["servers"] == [{"url": HOME}]
    values = {
        "layer": "contaminated_plot", "featureId": str(rows["甲"].pk), "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrix": "0", "tileRow": "0", "tileCol": "0",
    }  # fmt: skip
    for path, methods in told["paths"].items():
        address = "/ogc" + path.format(**values)
        answer = client.get(address)
        responses = methods["get"]["responses"]
        assert str(answer.status_code) in responses, address
        if answer.status_code == 200:
            assert answer.headers["content-type"] in responses["200"]["content"], address


def test_conf_oas30_completeness(client: TestClient) -> None:
    told = described(client)
    for path in (
        "/", "/conformance", "/api", "/collections", "/collections/{layer}", "/collections/{layer}/queryables",
        "/collections/{layer}/items", "/collections/{layer}/items/{featureId}",
    ):  # fmt: skip
        operation = told["paths"][path]["get"]
        assert operation["responses"]["200"]["content"]
        for parameter in operation["parameters"]:
            assert parameter["schema"]
    items = {one["name"] for one in told["paths"]["/collections/{layer}/items"]["get"]["parameters"]}
    assert items == {
        "layer", "f", "limit", "bbox", "bbox-crs", "crs", "datetime", "sortby", "filter", "filter-lang", "filter-crs",
        "after",
    }  # fmt: skip


def test_conf_oas30_exception_codes(client: TestClient) -> None:
    paths = described(client)["paths"]
    asked = {
        (ITEMS, "/collections/{layer}/items"): ("?limit=x", 400),
        ("/ogc/collections/nothing", "/collections/{layer}"): ("", 404),
        ("/ogc/collections/suspected_plot", "/collections/{layer}"): ("", 401),
        ("/ogc/tileMatrixSets/x", "/tileMatrixSets/{tileMatrixSetId}"): ("", 404),
    }
    for (address, path), (query, status) in asked.items():
        answer = client.get(address + query)
        assert answer.status_code == status
        described_as = paths[path]["get"]["responses"][str(status)]["content"]
        assert answer.headers["content-type"] in described_as


def test_conf_oas30_security(client: TestClient) -> None:
    told = described(client)
    assert {one for each in told["security"] for one in each} == set(told["components"]["securitySchemes"])
    assert {} in told["security"]  # what is public needs no account
