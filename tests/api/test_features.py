"""Features as GeoJSON, identify and search over HTTP, against what the table holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from django.contrib.auth.models import User
from fastapi.testclient import TestClient

from tests.factories import day, feature, revision
from tests.grid import grid

PLAN = grid("""
    A . B . . C
    . P . . . .
    D . E . . F
""")
Bearer = Callable[..., dict[str, str]]


def collection(client: TestClient, address: str, **options: Any) -> dict[str, Any]:
    answer = client.get(address, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    told = answer.json()
    assert told["type"] == "FeatureCollection"
    assert told["numberReturned"] == len(told["features"])
    return told


def names(told: dict[str, Any]) -> list[str]:
    return [one["properties"]["name"] for one in told["features"]]


def test_a_feature_is_told_as_it_is_stored_and_no_coordinate_is_rounded(client: TestClient) -> None:
    shape = shapely.MultiPolygon(
        [shapely.Polygon([(87.3, 44.0), (87.30000000012345, 44.1), (87.4, 44.123456789012345)])]
    )
    row = feature(
        "contaminated_plot", shape, code="652301-1", name="示例地块", status="confirmed", industry="chemical"
    )
    (told,) = collection(client, "/features/contaminated_plot")["features"]
    assert (told["id"], told["layer"]) == (str(row.id), "contaminated_plot")
    assert told["properties"] == {
        "code": "652301-1",
        "name": "示例地块",
        "county": "652301",
        "has_boundary": True,
        "status": "confirmed",
        "industry": "chemical",
    }
    assert shapely.equals_exact(shapely.geometry.shape(told["geometry"]), shape, tolerance=0)
    assert client.get(f"/features/contaminated_plot/{row.id}").json() == told


def test_pages_follow_each_other_and_hold_every_row_once(client: TestClient) -> None:
    wanted = [str(feature("park", PLAN.point("A"), name=f"园区{number}").id) for number in range(7)]
    seen: list[str] = []
    address: str | None = "/features/park?limit=3"
    sizes = []
    while address:
        page = collection(client, address)
        assert page["numberMatched"] == 7
        sizes.append(page["numberReturned"])
        seen += [one["id"] for one in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == wanted
    assert sizes == [3, 3, 1]
    assert page["next"] is None


def test_an_entry_without_geometry_is_listed_and_counted(client: TestClient, bearer: Bearer) -> None:
    feature("suspected_plot", None, code="1", name="无边界", status="suspected")
    told = collection(client, "/features/suspected_plot", headers=bearer("clerk", "652301"))
    assert told["numberMatched"] == 1
    assert told["features"][0]["geometry"] is None
    assert told["features"][0]["properties"]["has_boundary"] is False


def test_box_county_and_text_narrow_a_list(client: TestClient) -> None:
    feature("park", PLAN.polygon("ABED"), name="甲园区")
    feature(
        "park", shapely.MultiPolygon([shapely.box(88.0, 44.0, 88.1, 44.1)]), name="乙园区", county="652302"
    )
    feature("park", None, name="丙_园区")
    west, south, east, north = PLAN.polygon("ABED").bounds
    assert names(collection(client, f"/features/park?bbox={west},{south},{east},{north}")) == ["甲园区"]
    assert names(collection(client, "/features/park?bbox=88.05,44.05,89,45")) == ["乙园区"]
    assert names(collection(client, "/features/park?county=652302")) == ["乙园区"]
    assert names(collection(client, "/features/park", params={"q": "甲"})) == ["甲园区"]
    assert names(collection(client, "/features/park", params={"q": "_"})) == ["丙_园区"]
    assert names(collection(client, "/features/park", params={"q": "%"})) == []
    assert collection(client, "/features/park", params={"q": "' OR 1=1 --"})["numberMatched"] == 0


def test_a_box_touches_shapes_and_not_merely_their_boxes(client: TestClient) -> None:
    corner = shapely.Polygon([(87, 44), (88, 44), (88, 45), (87.9, 45), (87.9, 44.1), (87, 44.1)])
    feature("park", shapely.MultiPolygon([corner]), name="角")
    assert collection(client, "/features/park?bbox=87.2,44.5,87.4,44.7")["features"] == []


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "88,44,87,45", "87,44,88,nan", "87,44,88,95", ""])
def test_a_box_that_is_none_is_refused_in_words(client: TestClient, box: str) -> None:
    refused = client.get("/features/park", params={"bbox": box})
    assert (refused.status_code, refused.json()["code"]) == (400, "bbox_invalid")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "after=-1", "after=99999999999999999999", "county=6523", "as_of=x"]
)
def test_what_is_out_of_range_is_refused_in_words(client: TestClient, query: str) -> None:
    refused = client.get(f"/features/park?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "body_invalid")


def test_rows_and_fields_that_the_asker_may_not_see_are_nowhere(client: TestClient, bearer: Bearer) -> None:
    ours = feature("suspected_plot", PLAN.polygon("ABED"), county="652301", code="A1", name="本县地块")
    theirs = feature("suspected_plot", PLAN.polygon("BCFE"), county="652302", code="B2", name="邻县地块")
    clerk = bearer("clerk", "652301")
    assert names(collection(client, "/features/suspected_plot", headers=clerk)) == ["本县地块"]
    assert collection(client, "/features/suspected_plot", headers=clerk)["numberMatched"] == 1
    assert client.get(f"/features/suspected_plot/{ours.id}", headers=clerk).status_code == 200
    hidden = client.get(f"/features/suspected_plot/{theirs.id}", headers=clerk)
    absent = client.get(f"/features/suspected_plot/{theirs.id + 999}", headers=clerk)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["code"] == absent.json()["code"] == "feature_unknown"
    lon, lat = theirs.geom.point_on_surface.coords
    assert collection(client, f"/identify?lon={lon}&lat={lat}", headers=clerk)["features"] == []
    assert client.get("/search", params={"q": "邻县"}, headers=clerk).json() == {"results": []}
    assert client.get("/features/suspected_plot").status_code == 401


def test_a_field_for_some_roles_is_told_to_them_alone(client: TestClient, bearer: Bearer) -> None:
    feature("contaminated_plot", PLAN.point("A"), code="1", name="示例", max_ratio_screening_class1=3.5)
    stranger = client.get("/features/contaminated_plot")
    clerk = client.get("/features/contaminated_plot", headers=bearer("clerk", "652301"))
    assert "max_ratio_screening_class1" not in stranger.json()["features"][0]["properties"]
    assert clerk.json()["features"][0]["properties"]["max_ratio_screening_class1"] == 3.5
    assert stranger.headers["cache-control"] == "public, no-cache"
    assert clerk.headers["cache-control"].startswith("private")
    assert stranger.headers["etag"] != clerk.headers["etag"]


def test_an_unchanged_list_is_304(client: TestClient) -> None:
    feature("park", PLAN.point("A"), name="甲")
    first = client.get("/features/park")
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get("/features/park", headers=tag).status_code == 304
    revision(2)
    assert client.get("/features/park", headers=tag).status_code == 200


def test_a_derived_layer_lists_the_rows_it_selects_and_says_where_they_come_from(
    client: TestClient, bearer: Bearer
) -> None:
    feature("suspected_plot", PLAN.point("A"), code="1", name="点", status="suspected")
    feature("suspected_plot", PLAN.polygon("BCFE"), code="2", name="面", status="suspected")
    told = collection(client, "/features/source_without_polygon", headers=bearer("clerk", "652301"))
    assert names(told) == ["点"]
    assert told["features"][0]["layer"] == "source_without_polygon"
    assert told["features"][0]["properties"]["list"] == "suspected_plot"


def test_identify_tells_what_holds_the_place_smallest_first_and_what_is_near(
    client: TestClient, bearer: Bearer
) -> None:
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(87, 43.5, 88, 44.5)]), code="652301", name="示例县"
    )
    feature("contaminated_plot", PLAN.polygon("ABED"), code="1", name="地块")
    feature("suspected_plot", PLAN.polygon("ABED"), code="1", name="看不到")
    place = PLAN.point("P")  # the middle of ABED, 100 m from its edges
    told = collection(client, f"/identify?lon={place.x}&lat={place.y}")
    assert [(one["layer"], one["name"]) for one in told["features"]] == [
        ("contaminated_plot", "地块"),
        ("admin_county", "示例县"),
    ]
    outside = PLAN.point("C")  # 300 m east of the plot's edge
    near = f"/identify?lon={outside.x}&lat={outside.y}&layers=contaminated_plot"
    assert collection(client, near)["features"] == []
    assert collection(client, f"{near}&tolerance_m=299")["features"] == []
    assert names(collection(client, f"{near}&tolerance_m=301")) == ["地块"]
    clerk = collection(
        client, f"/identify?lon={place.x}&lat={place.y}&layers=suspected_plot", headers=bearer("clerk")
    )
    assert names(clerk) == ["看不到"]


def test_identify_takes_a_row_once_and_a_derived_layer_where_it_is_asked(client: TestClient) -> None:
    feature("risk_register_plot", PLAN.polygon("ABED"), code="1", name="移出", register_status="removed")
    place = PLAN.point("P")
    address = f"/identify?lon={place.x}&lat={place.y}"
    assert [one["layer"] for one in collection(client, address)["features"]] == ["risk_register_plot"]
    asked = collection(client, f"{address}&layers=released_plot")
    assert [one["layer"] for one in asked["features"]] == ["released_plot"]


@pytest.mark.parametrize(
    "query", ["", "lon=87", "lon=x&lat=44", "lon=nan&lat=44", "lon=87&lat=91", "lon=87&lat=44&tolerance_m=-1"]
)
def test_identify_without_a_place_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/identify?{query}").status_code == 422


def test_search_finds_names_and_codes_the_closest_first(client: TestClient) -> None:
    long = feature("park", PLAN.polygon("BCFE"), name="准东示例化工园区东区")
    short = feature("park", PLAN.polygon("ABED"), name="示例化工园区")
    plot = feature("contaminated_plot", None, code="652301-077", name="某地块")
    found = client.get("/search", params={"q": "示例化工园区"}).json()["results"]
    assert [one["id"] for one in found] == [str(short.id), str(long.id)]
    west, south, east, north = PLAN.polygon("ABED").bounds
    assert found[0]["bbox"] == pytest.approx([west, south, east, north], abs=1e-12)
    assert shapely.Point(found[0]["point"]).within(PLAN.polygon("ABED"))
    (by_code,) = client.get("/search", params={"q": "652301-077"}).json()["results"]
    assert by_code == {
        "layer": "contaminated_plot",
        "id": str(plot.id),
        "code": "652301-077",
        "name": "某地块",
        "county": "652301",
        "point": None,
        "bbox": None,
    }
    assert len(client.get("/search", params={"q": "示例", "limit": 1}).json()["results"]) == 1
    assert client.get("/search", params={"q": "示例", "layers": "contaminated_plot"}).json()["results"] == []


@pytest.mark.parametrize(
    "words", ["%", "_", "\\", "'; DROP TABLE spatial_feature; --", "%(v0)s", "{}", " ", "\x00"]
)
def test_search_takes_every_sign_as_itself(client: TestClient, words: str) -> None:
    feature("park", PLAN.polygon("ABED"), name="示例园区")
    answer = client.get("/search", params={"q": words})
    assert answer.status_code in (200, 422)
    assert not answer.json().get("results")


def test_a_day_can_be_asked_of_lists_and_places(client: TestClient) -> None:
    feature("risk_register_plot", PLAN.polygon("ABED"), code="1", name="移出", valid_to=day("2026-03-01"))
    place = PLAN.point("P")
    for address in ("/features/risk_register_plot?", f"/identify?lon={place.x}&lat={place.y}&"):
        assert len(collection(client, f"{address}as_of=2026-02-28")["features"]) == 1
        assert collection(client, f"{address}as_of=2026-03-01")["features"] == []


def test_who_is_not_whom_he_takes_himself_for_is_refused_and_not_answered_as_a_stranger(
    client: TestClient, bearer: Bearer
) -> None:
    feature("contaminated_plot", PLAN.polygon("ABED"), code="1", name="示例", status="confirmed")
    clerk, other = bearer("clerk"), bearer("clerk")
    User.objects.filter(username=client.get("/me", headers=clerk).json()["username"]).update(username="张三")
    believed = {"X-Jingtu-User": quote("张三")}
    for address in (
        "/identify?lon=87.3&lat=44",
        "/search?q=示例",
        "/tiles/contaminated_plot/0/0/0.mvt",
        "/ogc/collections/contaminated_plot/items",
        "/catalog",
    ):
        assert client.get(address).status_code == 200, address
        assert client.get(address, headers=clerk | believed).status_code == 200, address
        for wrong in (believed, other | believed):
            answer = client.get(address, headers=wrong)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), address
