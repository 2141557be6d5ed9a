"""Tiles, TileJSON, style and legend over HTTP: who sees what, and when an answer may be used again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from spatial import catalog, newest
from spatial.models import Feature
from tests.factories import day, feature, revision
from tests.grid import grid
from tests.tiles.ask import decode

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
""")
WORLD = "0/0/0.mvt"
Bearer = Callable[..., dict[str, str]]


def ids(client: TestClient, address: str, **options: dict[str, str]) -> dict[str, list[int]]:
    answer = client.get(address, **options)
    assert answer.status_code in (200, 204), answer.text
    return {name: sorted(found) for name, found in decode(answer.content).items()}


def test_a_stranger_gets_the_tile_of_a_public_layer(client: TestClient) -> None:
    row = feature("contaminated_plot", PLAN.polygon("ABED"), code="1", name="示例", status="confirmed")
    answer = client.get(f"/tiles/contaminated_plot/{WORLD}")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert list(decode(answer.content)["contaminated_plot"]) == [row.id]


def test_an_empty_tile_is_204_without_a_body(client: TestClient) -> None:
    feature("contaminated_plot", PLAN.polygon("ABED"), code="1", name="示例")
    answer = client.get("/tiles/contaminated_plot/3/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"]


def test_a_layer_that_is_not_public_needs_an_account(client: TestClient, bearer: Bearer) -> None:
    feature("suspected_plot", PLAN.polygon("ABED"), code="1", name="示例", status="suspected")
    for address in (f"/tiles/suspected_plot/{WORLD}", "/tiles/suspected_plot.json"):
        refused = client.get(address)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert client.get(address, headers=bearer("clerk", "652301")).status_code == 200
    inspectors_only = client.get(f"/tiles/well/{WORLD}", headers=bearer("clerk"))
    assert (inspectors_only.status_code, inspectors_only.json()["code"]) == (403, "forbidden")


def test_several_layers_are_one_tile_and_one_forbidden_layer_refuses_it(
    client: TestClient, bearer: Bearer
) -> None:
    plot = feature("contaminated_plot", PLAN.polygon("ABED"), code="1", name="示例")
    park = feature("park", PLAN.polygon("BCFE"), name="示例园区")
    found = ids(client, f"/tiles/contaminated_plot,park/{WORLD}")
    assert (found["contaminated_plot"], found["park"]) == ([plot.id], [park.id])
    assert client.get(f"/tiles/contaminated_plot,suspected_plot/{WORLD}").status_code == 401
    assert client.get(f"/tiles/park,well/{WORLD}", headers=bearer("clerk")).status_code == 403


def test_rows_of_another_county_are_hidden_from_a_role_of_one_county(
    client: TestClient, bearer: Bearer
) -> None:
    ours = feature("suspected_plot", PLAN.polygon("ABED"), county="652301", code="1", name="本县")
    theirs = feature("suspected_plot", PLAN.polygon("BCFE"), county="652302", code="2", name="邻县")
    address = f"/tiles/suspected_plot/{WORLD}"
    assert ids(client, address, headers=bearer("clerk", "652301"))["suspected_plot"] == [ours.id]
    assert ids(client, address, headers=bearer("clerk", "652302"))["suspected_plot"] == [theirs.id]
    assert ids(client, address, headers=bearer("planner"))["suspected_plot"] == [ours.id, theirs.id]
    derived = ids(
        client, f"/tiles/any_plot_with_legal_investigation_duty/{WORLD}", headers=bearer("clerk", "652301")
    )
    assert derived["any_plot_with_legal_investigation_duty"] == [ours.id]


@pytest.mark.parametrize(
    "layer",
    [
        "nosuch",
        "park;drop table spatial_feature",
        "park'--",
        '"park"',
        "park%27%20or%201=1",
        "%(v0)s",
        "{rows}",
        "park,",
        "asked_parcel'",
        "公园",
    ],
)
def test_a_name_that_is_no_layer_is_not_found_whatever_it_holds(client: TestClient, layer: str) -> None:
    feature("park", PLAN.polygon("ABED"), name="示例园区")
    for address in (f"/tiles/{layer}/{WORLD}", f"/tiles/{layer}.json", f"/features/{layer}"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert Feature.objects.count() == 1


@pytest.mark.parametrize(
    "place", ["23/0/0", "3/8/0", "3/0/8", "99999999999/0/0", "-1/0/0", "a/b/c", "1.5/0/0"]
)
def test_a_tile_that_is_not_in_the_grid_is_a_problem_and_not_a_failure(
    client: TestClient, place: str
) -> None:
    answer = client.get(f"/tiles/park/{place}.mvt")
    assert answer.status_code == 404
    assert answer.json()["hint"]


def test_what_did_not_change_is_304_and_what_changed_is_sent_again(client: TestClient) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    address = f"/tiles/park/{WORLD}"
    first = client.get(address)
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get(address, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (
        client.get(address, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}).status_code
        == 304
    )
    feature("park", PLAN.polygon("BCFE"), name="二")
    newest.touch("park", 2)
    revision(2)
    changed = client.get(address, headers=tag)
    assert changed.status_code == 200
    assert len(decode(changed.content)["park"]) == 2


def test_a_tag_of_one_scope_never_stands_for_another_scopes_answer(
    client: TestClient, bearer: Bearer
) -> None:
    feature("suspected_plot", PLAN.polygon("ABED"), county="652301", code="1", name="本县")
    address = f"/tiles/suspected_plot/{WORLD}"
    ours, also_ours, theirs = (
        bearer("clerk", "652301"),
        bearer("inspector", "652301"),
        bearer("clerk", "652302"),
    )
    answer = client.get(address, headers=ours)
    assert answer.headers["cache-control"] == "private, max-age=0, must-revalidate"
    assert answer.headers["vary"] == "Accept-Encoding, Cookie, Authorization"
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get(address, headers=also_ours | tag).status_code == 304
    refused = client.get(address, headers=theirs | tag)
    assert (refused.status_code, refused.content) == (204, b"")
    assert client.get(address, headers=tag).status_code == 401


def test_a_day_can_be_asked(client: TestClient) -> None:
    row = feature("risk_register_plot", PLAN.point("A"), code="1", name="移出", valid_to=day("2026-03-01"))
    address = f"/tiles/risk_register_plot/{WORLD}"
    assert ids(client, f"{address}?as_of=2026-02-28")["risk_register_plot"] == [row.id]
    assert client.get(f"{address}?as_of=2026-03-01").status_code == 204
    tags = {client.get(f"{address}?as_of={asked}").headers["etag"] for asked in ("2026-02-28", "2026-03-01")}
    assert len(tags) == 2
    assert client.get(f"{address}?as_of=yesterday").status_code == 422


def test_the_tilejson_leads_to_tiles_of_the_version_it_names(client: TestClient, bearer: Bearer) -> None:
    row = feature("park", PLAN.polygon("ABED"), name="示例园区")
    told = client.get("/tiles/park.json").json()
    (template,) = told["tiles"]
    address = template.replace("{z}", "0").replace("{x}", "0").replace("{y}", "0")
    assert template.startswith("http://127.0.0.1/")
    assert "?v=" in template
    assert ids(client, address)["park"] == [row.id]
    assert [one["id"] for one in told["vector_layers"]] == ["park", "park_label"]
    newest.touch("park", 2)
    revision(2)
    assert client.get("/tiles/park.json").json()["tiles"] != told["tiles"]
    versions = {
        client.get("/tiles/suspected_plot.json", headers=bearer("clerk", county)).json()["tiles"][0]
        for county in ("652301", "652302")
    }
    assert len(versions) == 2


def test_style_and_legend_name_only_the_layers_that_the_asker_may_see(
    client: TestClient, bearer: Bearer
) -> None:
    public = {one.id for one in catalog.current().layers.values() if "public" in one.read}
    assert set(client.get("/style.json").json()["sources"]) == public
    clerk = client.get("/style.json", headers=bearer("clerk")).json()
    assert "suspected_plot" in clerk["sources"]
    assert "well" not in clerk["sources"]
    for source in clerk["sources"].values():
        assert source["url"].startswith("/tiles/")
    listed = {layer["id"] for group in client.get("/legend").json()["groups"] for layer in group["layers"]}
    assert listed == public


def test_every_source_of_the_style_answers_a_stranger(client: TestClient) -> None:
    style = client.get("/style.json").json()
    for name, source in style["sources"].items():
        told = client.get(source["url"]).json()
        names = {one["id"] for one in told["vector_layers"]}
        used = {one["source-layer"] for one in style["layers"] if one.get("source") == name}
        assert used <= names
        assert client.get(f"/tiles/{name}/{WORLD}").status_code == 204
