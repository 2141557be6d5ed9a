"""CQL2 over HTTP: a filter narrows a list within what the asker may see, or is refused with 400 in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
import shapely
from fastapi.testclient import TestClient

from tests.factories import feature
from tests.tiles.cql2.hostile import JSONS, TEXTS

Bearer = Callable[..., dict[str, str]]
BOX = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.31, 44.01)])
FAR = shapely.MultiPolygon([shapely.box(88.3, 44.0, 88.31, 44.01)])


def codes(client: TestClient, layer: str, headers: dict[str, str] | None = None, **query: str) -> list[str]:
    answer = client.get(f"/features/{layer}", params=query, headers=headers or {})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["numberMatched"] == len(told["features"])
    return [one["code"] for one in told["features"]]


def test_a_filter_in_text_and_in_json_narrows_a_list_and_its_count(client: TestClient) -> None:
    feature("contaminated_plot", BOX, code="A", status="closed", entry_date="2020-01-01")
    feature("contaminated_plot", FAR, code="B", status="confirmed", entry_date="2024-01-01")
    feature("contaminated_plot", None, code="C")
    assert codes(client, "contaminated_plot", filter="status = 'closed'") == ["A"]
    assert codes(client, "contaminated_plot", filter="NOT status = 'closed'") == ["B"]
    assert codes(client, "contaminated_plot", filter="status IS NULL", q="c") == ["C"]
    assert codes(client, "contaminated_plot", filter="T_AFTER(entry_date, DATE('2022-01-01'))") == ["B"]
    assert codes(client, "contaminated_plot", filter="TRUE", bbox="87,43,88,45") == ["A"]
    within = {"op": "s_within", "args": [{"property": "geometry"}, {"bbox": [88, 43, 89, 45]}]}
    assert codes(client, "contaminated_plot", filter=json.dumps(within), filter_lang="cql2-json") == ["B"]
    zone = "S_INTERSECTS(geometry, BBOX(29524000, 4874000, 29524300, 4874300))"
    assert codes(client, "contaminated_plot", filter=zone, filter_crs="EPSG:4517") == ["A"]


def test_pages_keep_their_filter(client: TestClient) -> None:
    for number in range(5):
        feature("park", BOX, name=f"园区{number}")
    page = client.get("/features/park", params={"filter": "name <> '园区2'", "limit": "3"}).json()
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    names = [one["name"] for one in page["features"] + client.get(following).json()["features"]]
    assert names == ["园区0", "园区1", "园区3", "园区4"]


def test_every_hostile_filter_is_refused_with_400_in_chinese(client: TestClient) -> None:
    feature("contaminated_plot", BOX, code="A")
    given = [(one, "cql2-text") for one, _ in TEXTS] + [(one, "cql2-json") for one, _ in JSONS]
    # Half a sign cannot be sent, nor a head of more than 64 KB.
    sendable = [
        (one, lang)
        for one, lang in given
        if len(quote(one, errors="replace")) < 60_000 and "\ud800" not in one
    ]
    assert len(sendable) > 200
    for text, lang in sendable:
        answer = client.get("/features/contaminated_plot", params={"filter": text, "filter_lang": lang})
        told = answer.json()
        assert (answer.status_code, told["code"]) == (400, "filter_invalid"), text[:100]
        assert re.search(r"[\u4e00-\u9fff]", told["detail"])
        assert told["errors"][0]["at"].startswith(("character ", "/"))


def test_the_refusal_is_told_in_english_on_request(client: TestClient) -> None:
    told = client.get(
        "/features/park",
        params={"filter": "name = 'a' AND pg_sleep(1) = 1"},
        headers={"Accept-Language": "en"},
    ).json()
    assert told["detail"] == "The filter, at character 16: There is no function “pg_sleep”."
    assert told["errors"] == [
        {"at": "character 16", "code": "filter_invalid", "message": "There is no function “pg_sleep”."}
    ]


def test_a_filter_tells_nothing_of_rows_and_fields_that_are_hidden(
    client: TestClient, bearer: Bearer
) -> None:
    feature("contaminated_plot", BOX, code="A", max_ratio_control_class1=9.5)
    feature("suspected_plot", BOX, county="652301", code="OURS", name="甲")
    feature("suspected_plot", BOX, county="652302", code="THEIRS", name="甲")
    clerk = bearer("clerk", "652301")
    for text in ("TRUE", "code = 'OURS' OR TRUE", "NOT code = 'X'", "code = 'THEIRS' OR name = '甲'"):
        assert codes(client, "suspected_plot", clerk, filter=text) == ["OURS"]
    assert codes(client, "suspected_plot", clerk, filter="code = 'THEIRS'") == []
    assert codes(client, "contaminated_plot", clerk, filter="max_ratio_control_class1 > 9") == ["A"]
    hidden, absent = (
        client.get("/features/contaminated_plot", params={"filter": f"{name} > 9"}).json()
        for name in ("max_ratio_control_class1", "max_ratio_control_class9")
    )
    assert hidden["detail"].replace("class1", "class9") == absent["detail"]
    assert client.get("/features/suspected_plot", params={"filter": "TRUE"}).status_code == 401


@pytest.mark.parametrize("query", ["filter_lang=cql", "filter_lang=", "filter_crs=" + "x" * 101])
def test_another_language_is_refused(client: TestClient, query: str) -> None:
    refused = client.get(f"/features/park?filter=TRUE&{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "body_invalid")
