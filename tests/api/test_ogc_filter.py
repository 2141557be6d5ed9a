"""OGC API Features part 3: the abstract tests of Queryables, Filter, Features Filter (OGC 19-079r2, annex A)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from spatial.models import Feature
from tests.api.ogc import CRS84, HOME, ITEMS, LAYER, box, dataset, get, links, names, path_of
from tests.api.test_ogc_crs import OFFERED, expected
from tests.factories import feature

Bearer = Callable[..., dict[str, str]]
SPEC = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
ALL = {"datetime": "../.."}


@pytest.fixture
def rows(client: TestClient) -> dict[str, Feature]:
    return dataset()


def asked(client: TestClient, condition: str, status: int = 200, **more: str) -> Any:
    return get(client, ITEMS, status, params={**ALL, "filter": condition, **more})


def refused(client: TestClient, condition: str, **more: str) -> None:
    told = asked(client, condition, 400, **more)
    assert told["code"] == "filter_invalid"
    assert told["errors"][0]["at"]


def declared(client: TestClient, name: str) -> bool:
    return f"{SPEC}/{name}" in get(client, "/ogc/conformance")["conformsTo"]


def test_conf_queryables_get_conformance(client: TestClient) -> None:
    assert declared(client, "queryables")


def test_conf_queryables_get_queryables(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        path = f"/ogc/collections/{one['id']}/queryables"
        answer = client.get(path, headers={"Accept": "application/schema+json"})
        assert answer.headers["content-type"] == "application/schema+json"
        told = answer.json()
        assert told["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert told["$id"] == f"{HOME}/collections/{one['id']}/queryables"
        assert told["type"] == "object"
        assert told["properties"]["geometry"]["x-ogc-role"] == "primary-geometry"


def test_conf_queryables_get_collection(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        (own,) = links(one, QUERYABLES)
        assert path_of(own["href"]) == f"/ogc/collections/{one['id']}/queryables"


def test_conf_filter_get_conformance(client: TestClient) -> None:
    assert declared(client, "filter")


def test_conf_filter_filter_param(client: TestClient, rows: dict[str, Feature]) -> None:
    for lang, valid, wrong in (
        ("cql2-text", "{0} IS NULL", "THIS IS NOT A FILTER"),
        ("cql2-json", '{{"op": "isNull", "args": [{{"property": "{0}"}}]}}', '{"op": "notAFilter"}'),
    ):
        for name in get(client, f"/ogc/collections/{LAYER}/queryables")["properties"]:
            told = asked(client, valid.format(name), **{"filter-lang": lang})
            for one in told["features"]:
                assert (one if name == "geometry" else one["properties"]).get(name) is None
        refused(client, wrong, **{"filter-lang": lang})
    assert asked(client, "name = '甲'", 400, **{"filter-lang": "sql"})["code"] == "parameter_invalid"


def test_conf_filter_filter_lang_default(client: TestClient, rows: dict[str, Feature]) -> None:
    assert names(asked(client, "geometry IS NULL")) == ["丁"]
    refused(client, json.dumps({"op": "isNull", "args": [{"property": "geometry"}]}))


def test_conf_filter_expression_construction(client: TestClient, rows: dict[str, Feature]) -> None:
    refused(client, "this_is_not_a_queryable IS NULL")


def test_conf_filter_filter_crs_wgs84(client: TestClient, rows: dict[str, Feature]) -> None:
    (bounds,) = get(client, f"/ogc/collections/{LAYER}")["extent"]["spatial"]["bbox"]
    within = asked(client, f"S_INTERSECTS(geometry,BBOX({','.join(map(str, bounds))}))")
    assert names(within) == ["甲", "乙", "丙"]
    refused(client, "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))")


def test_conf_filter_filter_crs_param(client: TestClient, rows: dict[str, Feature]) -> None:
    for uri in OFFERED:
        bounds = expected(shapely.box(87.05, 44.05, 87.2, 44.2), uri).bounds
        condition = f"S_INTERSECTS(geometry,BBOX({','.join(map(repr, bounds))}))"
        assert names(asked(client, condition, **{"filter-crs": uri})) == ["乙"], uri
    nowhere = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"
    refused(client, "S_INTERSECTS(geometry,BBOX(87,44,88,45))", **{"filter-crs": nowhere})


def test_conf_filter_mixing_expression(client: TestClient, rows: dict[str, Feature]) -> None:
    condition = "S_INTERSECTS(geometry,BBOX(86.9,43.9,87.2,44.2))"
    assert names(asked(client, condition, bbox="86.9,43.9,87.05,44.05")) == ["甲"]
    assert names(asked(client, condition, bbox="89,43,90,45")) == []
    assert names(asked(client, "status = 'closed'", sortby="-name", crs=CRS84)) == ["甲", "丁"]


def test_conf_features_filter_get_conformance(client: TestClient) -> None:
    assert declared(client, "features-filter")


def test_conf_features_filter_filter_on_items(client: TestClient, rows: dict[str, Feature]) -> None:
    told = asked(client, "status = 'closed' OR code IN ('B')", limit="1")
    assert (told["numberMatched"], names(told)) == (3, ["甲"])
    (following,) = links(told, "next")
    assert names(get(client, path_of(following["href"]))) == ["乙"]
    for f in ("geojson", "csv"):
        text = client.get(ITEMS, params={**ALL, "filter": "code = 'B'", "f": f}).text
        assert "乙" in text and "甲" not in text


def test_a_filter_cannot_ask_what_the_asker_may_not_see(client: TestClient, bearer: Bearer) -> None:
    feature(LAYER, box(87.0, 44.0), code="1", name="示例", max_ratio_screening_class1=3.5)
    refused(client, "max_ratio_screening_class1 > 3")
    clerk = bearer("clerk", "652301")
    asked_by_clerk = {"params": {"filter": "max_ratio_screening_class1 > 3"}, "headers": clerk}
    assert names(get(client, ITEMS, **asked_by_clerk)) == ["示例"]


@pytest.mark.parametrize("system", ["EPSG:3857", "EPSG:4517", "EPSG:4490"])
def test_a_line_of_no_length_is_refused_in_every_system(client: TestClient, system: str) -> None:
    at = "87 44" if system == "EPSG:4490" else "500000 4800000"
    for wrong in (f"LINESTRING({at},{at})", f"GEOMETRYCOLLECTION(LINESTRING({at},{at}))"):
        asked = {"filter": f"S_INTERSECTS(geometry, {wrong})", "filter-crs": system}
        answer = client.get(ITEMS, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (400, "filter_invalid")


def test_a_system_whose_number_ends_like_another_is_another(client: TestClient) -> None:
    asked = {"filter": "S_INTERSECTS(geometry, POINT(1 1))", "filter-crs": "EPSG:13857"}
    answer = client.get(ITEMS, params=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "filter_invalid")
