# ruff: noqa: E501 (tables)
"""OGC API Features part 1: the abstract tests of Core and GeoJSON (OGC 17-069r4, annex A), each by its URI."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from fastapi.testclient import TestClient

from api.routes.ogc import CONFORMANCE
from spatial.models import Feature
from tests.api.ogc import HOME, ITEMS, LAYER, box, dataset, get, links, names, path_of, shape_of
from tests.factories import feature

Bearer = Callable[..., dict[str, str]]
GEOJSON = "application/geo+json"
NOW = "datetime=2026-08-01"


@pytest.fixture
def rows(client: TestClient) -> dict[str, Feature]:
    return dataset()


def test_conf_core_http(client: TestClient) -> None:
    for method in ("GET", "HEAD"):
        assert client.request(method, "/ogc/").status_code == 200
    refused = client.post("/ogc/collections")
    assert refused.status_code == 405
    assert refused.headers["allow"]
    assert client.get(ITEMS, headers={"Accept": "application/gml+xml"}).status_code == 406


def test_conf_core_crs84(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}?{NOW}")
    first = shape_of(told["features"][0])
    assert first.bounds == (87.0, 44.0, 87.01, 44.01)  # longitude before latitude


def test_conf_core_root_op(client: TestClient) -> None:
    answer = client.get("/ogc/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/ogc").json() == answer.json()


def test_conf_core_root_success(client: TestClient) -> None:
    told = get(client, "/ogc/")
    found = {one["rel"] for one in told["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= found
    for one in told["links"]:
        assert one["type"]
        if one["href"].startswith(HOME):
            assert client.get(path_of(one["href"])).status_code == 200, one


def test_conf_core_api_definition_op(client: TestClient) -> None:
    for one in links(get(client, "/ogc/"), "service-desc") + links(get(client, "/ogc/"), "service-doc"):
        path = one["href"].removeprefix("http://127.0.0.1")
        assert client.get(path, headers={"Accept": one["type"]}).status_code in (
            200,
            404 if path == "/docs" else 200,
        )


def test_conf_core_api_definition_success(client: TestClient) -> None:
    (one,) = links(get(client, "/ogc/"), "service-desc")
    answer = client.get(path_of(one["href"]))
    assert answer.headers["content-type"] == one["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert answer.json()["openapi"].startswith("3.0.")


def test_conf_core_conformance_op(client: TestClient) -> None:
    (one,) = links(get(client, "/ogc/"), "conformance")
    assert path_of(one["href"]) == "/ogc/conformance"
    assert client.get("/ogc/conformance").status_code == 200


def test_conf_core_conformance_success(client: TestClient) -> None:
    told = get(client, "/ogc/conformance")["conformsTo"]
    assert tuple(told) == CONFORMANCE
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in told


def test_conf_core_fc_md_op(client: TestClient) -> None:
    (one,) = links(get(client, "/ogc/"), "data")
    assert client.get(path_of(one["href"])).status_code == 200


def test_conf_core_fc_md_success(client: TestClient) -> None:
    told = get(client, "/ogc/collections")
    assert isinstance(told["links"], list)
    assert {"contaminated_plot", "park", "admin_county"} <= {one["id"] for one in told["collections"]}


def test_conf_core_fc_md_links(client: TestClient) -> None:
    told = get(client, "/ogc/collections")
    (own,) = links(told, "self")
    assert path_of(own["href"]) == "/ogc/collections"
    assert all(one["rel"] and one["type"] for one in told["links"])


def test_conf_core_fc_md_items(client: TestClient, bearer: Bearer) -> None:
    public = {one["id"] for one in get(client, "/ogc/collections")["collections"]}
    whole = {
        one["id"] for one in get(client, "/ogc/collections", headers=bearer("administrator"))["collections"]
    }
    assert "suspected_plot" in whole - public
    for id in public:
        assert client.get(f"/ogc/collections/{id}").status_code == 200
    assert client.get("/ogc/collections/suspected_plot").status_code == 401
    assert get(client, "/ogc/collections/nothing", 404)["code"] == "layer_unknown"


def test_conf_core_fc_md_items_links(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        items = links(one, "items")
        assert items[0]["type"] == GEOJSON
        assert {item["type"].partition(";")[0] for item in items} >= {
            GEOJSON, "text/csv", "application/flatgeobuf", "application/geopackage+sqlite3", "application/vnd.apache.parquet",
        }  # fmt: skip
        assert all(item["rel"] and item["type"] for item in one["links"])


def test_conf_core_fc_md_extent(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"/ogc/collections/{LAYER}")
    (bounds,) = told["extent"]["spatial"]["bbox"]
    for one in rows.values():
        if one.geom:
            assert shapely.box(*bounds).contains(shapely.from_wkb(bytes(one.geom.wkb)))
    assert told["extent"]["temporal"]["interval"] == [[None, None]]


def test_conf_core_sfc_md_op(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        (own,) = links(one, "self")
        assert client.get(path_of(own["href"])).status_code == 200


def test_conf_core_sfc_md_success(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        assert get(client, f"/ogc/collections/{one['id']}") == one


def test_conf_core_fc_op(client: TestClient, rows: dict[str, Feature]) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        items = next(item for item in links(one, "items") if item["type"] == GEOJSON)
        answer = client.get(path_of(items["href"]))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == GEOJSON


def test_conf_core_fc_response(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}?{NOW}")
    assert told["type"] == "FeatureCollection"
    assert names(told) == ["甲", "丙", "丁"]
    assert [one["id"] for one in told["features"]] == [str(rows[name].pk) for name in ("甲", "丙", "丁")]


def test_conf_core_fc_limit_definition(client: TestClient) -> None:
    (limit,) = parameters(client, "limit")
    assert (limit["in"], limit["required"]) == ("query", False)
    assert limit["schema"]["type"] == "integer"
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 1000)


def parameters(client: TestClient, name: str) -> list[dict[str, object]]:
    described = get(client, "/ogc/api")["paths"]["/collections/{layer}/items"]["get"]
    return [one for one in described["parameters"] if one["name"] == name]


def test_conf_core_fc_limit_response(client: TestClient, rows: dict[str, Feature]) -> None:
    assert names(get(client, f"{ITEMS}?{NOW}&limit=2")) == ["甲", "丙"]
    for number in range(1001):
        feature("park", box(87.0, 44.0), name=str(number))
    assert get(client, "/ogc/collections/park/items")["numberReturned"] == 100
    assert get(client, "/ogc/collections/park/items?limit=100000")["numberReturned"] == 1000


def test_conf_core_fc_bbox_definition(client: TestClient) -> None:
    (bbox,) = parameters(client, "bbox")
    assert (bbox["in"], bbox["required"]) == ("query", False)


def test_conf_core_fc_bbox_response(client: TestClient, rows: dict[str, Feature]) -> None:
    def found(bbox: str) -> list[str]:
        return names(get(client, f"{ITEMS}?datetime=../..&bbox={bbox}"))

    assert found("86.9,43.9,87.05,44.05") == ["甲", "丁"]  # what has no place matches every box
    assert found("87.01,44.01,87.1,44.1") == ["甲", "乙", "丁"]  # their corners touch it
    assert found("86.9,43.9,-100,87.05,44.05,9000") == ["甲", "丁"]
    assert found("170,43,-170,45") == ["丁"]
    assert found("89,43,-170,45") == ["丙", "丁"]  # across the 180th meridian


def test_conf_core_fc_bbox_response_for_shapes_and_not_their_boxes(client: TestClient) -> None:
    corner = shapely.Polygon([(87, 44), (88, 44), (88, 45), (87.9, 45), (87.9, 44.1), (87, 44.1)])
    feature("park", shapely.MultiPolygon([corner]), name="角")
    assert names(get(client, "/ogc/collections/park/items?bbox=87.2,44.5,87.4,44.7")) == []


def test_conf_core_fc_time_definition(client: TestClient) -> None:
    (datetime,) = parameters(client, "datetime")
    assert (datetime["in"], datetime["required"]) == ("query", False)
    assert datetime["schema"]["type"] == "string"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2026-02-28T12:00:00%2B08:00", "甲乙丁"),
        ("2026-02-28T16:00:00Z", "甲丁"),  # the first of March in Beijing
        ("2026-02-28", "甲乙丁"),
        ("2026-02-01/2026-08-01", "甲乙丙丁"),
        ("2026-02-01T00:00:00Z/2026-04-01T00:00:00Z", "甲乙丁"),
        ("2026-04-01/..", "甲丙丁"),
        ("2026-04-01/", "甲丙丁"),
        ("../2026-04-01", "甲乙丁"),
        ("/2026-04-01", "甲乙丁"),
        ("../..", "甲乙丙丁"),
    ],
)
def test_conf_core_fc_time_response(
    client: TestClient, rows: dict[str, Feature], asked: str, expected: str
) -> None:
    told = get(client, f"{ITEMS}?datetime={asked}")
    assert names(told) == list(expected)
    assert told["numberMatched"] == len(expected)


def test_conf_core_fc_links(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}?{NOW}&limit=1")
    (own,) = links(told, "self")
    assert own["href"] == f"{HOME}/collections/{LAYER}/items?{NOW}&limit=1"
    assert get(client, path_of(own["href"])) == told
    (next_,) = links(told, "next")
    assert names(get(client, path_of(next_["href"]))) == ["丙"]
    assert all(one["rel"] and one["type"] for one in told["links"])
    for one in links(told, "alternate"):
        assert client.get(path_of(one["href"])).headers["content-type"] == one["type"]


def test_conf_core_fc_timeStamp(client: TestClient, rows: dict[str, Feature]) -> None:
    assert "timeStamp" not in get(
        client, ITEMS
    )  # optional: one answer of one revision stays the same, byte by byte
    assert client.get(ITEMS).content == client.get(ITEMS).content


def test_conf_core_fc_numberMatched(client: TestClient, rows: dict[str, Feature]) -> None:
    assert get(client, f"{ITEMS}?{NOW}&limit=1")["numberMatched"] == 3


def test_conf_core_fc_numberReturned(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}?{NOW}&limit=2")
    assert told["numberReturned"] == len(told["features"]) == 2


def test_conf_core_f_op(client: TestClient, rows: dict[str, Feature]) -> None:
    for one in get(client, f"{ITEMS}?{NOW}")["features"]:
        assert client.get(f"{ITEMS}/{one['id']}?{NOW}").status_code == 200


def test_conf_core_f_success(client: TestClient, rows: dict[str, Feature]) -> None:
    answer = client.get(f"{ITEMS}/{rows['甲'].pk}")
    assert answer.headers["content-type"] == GEOJSON
    told = answer.json()
    assert (told["type"], told["id"]) == ("Feature", str(rows["甲"].pk))
    assert told["properties"]["name"] == "甲"
    assert shapely.equals_exact(shape_of(told), box(87.0, 44.0), tolerance=0)
    for absent in (str(rows["甲"].pk + 1000), "x", "-1", "9" * 30, "²"):
        assert get(client, f"{ITEMS}/{absent}", 404)["code"] == "feature_unknown"


def test_conf_core_f_links(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}/{rows['甲'].pk}")
    assert [path_of(one["href"]) for one in links(told, "self")] == [f"{ITEMS}/{rows['甲'].pk}"]
    assert [path_of(one["href"]) for one in links(told, "collection")] == [f"/ogc/collections/{LAYER}"]
    assert all(one["rel"] and one["type"] for one in told["links"])


def test_conf_core_query_param_unknown(client: TestClient, rows: dict[str, Feature]) -> None:
    for path in ("/ogc/", "/ogc/conformance", "/ogc/collections", f"/ogc/collections/{LAYER}", ITEMS):
        assert get(client, f"{path}?unknown=1", 400)["code"] == "parameter_unknown"
    assert get(client, f"{ITEMS}/{rows['甲'].pk}?limit=1", 400)["code"] == "parameter_unknown"


WRONG = [
        "limit=0", "limit=-1", "limit=x", "limit=1.5", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=87,45,88,44", "bbox=87,44,88,nan",
        "bbox=87,44,88,inf", "bbox=87,44,88,95", "bbox=187,44,188,45", "bbox=1,2,3,4,5", "bbox=", "datetime=x", "datetime=",
        "datetime=2026-13-01", "datetime=2026-02-30", "datetime=2026-05-01/2026-04-01", "datetime=2026-05-01T00:00:00",
        "datetime=0001-01-01T00:00:00%2B08:00", "datetime=a/b/c", "sortby=nothing", "sortby=name,name", "sortby=", "f=xml",
        "sortby=id;--", "after=x", "crs=EPSG:1", "bbox-crs=x", "datetime=２０２６-01-01",
]  # fmt: skip


def test_conf_core_query_param_invalid(client: TestClient, rows: dict[str, Feature]) -> None:
    for wrong in WRONG:
        refused = get(client, f"{ITEMS}?{wrong}", 400)
        assert refused["code"] == "parameter_invalid"
        assert refused["errors"][0]["at"] == f"query.{wrong.partition('=')[0]}", wrong


def test_conf_geojson_definition(client: TestClient, rows: dict[str, Feature]) -> None:
    for accept in ("application/geo+json", "application/json", "*/*", "text/html, */*;q=0.1", ""):
        answer = client.get(ITEMS, headers={"Accept": accept})
        assert answer.headers["content-type"] == GEOJSON, accept
        assert "Accept" in answer.headers["vary"]


def test_conf_geojson_content(client: TestClient, rows: dict[str, Feature]) -> None:
    told = get(client, f"{ITEMS}?datetime=../..")
    assert told["type"] == "FeatureCollection"
    for one in told["features"]:
        assert {"type", "id", "geometry", "properties"} <= set(one)
        assert one["type"] == "Feature"
        row = rows[one["properties"]["name"]]
        if row.geom is None:
            assert one["geometry"] is None
        else:
            assert one["geometry"]["type"] == "MultiPolygon"
            assert shapely.equals_exact(shape_of(one), shapely.from_wkb(bytes(row.geom.wkb)), tolerance=0)
