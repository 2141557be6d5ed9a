"""Requests that nobody sends by mistake: each is refused in words, none is a failure of the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from fastapi.testclient import TestClient

from spatial.answer import geojson
from spatial.models import Account
from tests.factories import covered, feature, known_county
from tests.grid import grid

PLAN = grid("""
    A . B
    . . .
    D . E
""")
PARCEL = geojson(PLAN.polygon("ABED"))
Bearer = Callable[..., dict[str, str]]
RING = "[[?,44.0],[87.31,44.0],[87.31,44.1],[?,44.0]]"


def ring(first: str) -> str:
    return '{"parcel":{"type":"Polygon","coordinates":[' + RING.replace("?", first) + "]}}"


def with_parcel(more: str) -> str:
    return '{"parcel":' + json.dumps(PARCEL) + "," + more + "}"


@pytest.mark.parametrize(
    "body",
    [
        ring("9" * 400),
        ring("9" * 5000),
        ring('"87.3"'),
        ring("true"),
        ring("null"),
        ring("1e999"),
        '{"parcel":{"type":"Polygon","coordinates":' + "[" * 900 + "]" * 900 + "}}",
        '{"parcel":{"type":"Polygon","coordinates":' + "[" * 100_000 + "]" * 100_000 + "}}",
        with_parcel('"purpose":"\\ud800"'),
        with_parcel('"action":"\\ud800"'),
        with_parcel('"crs":"\\ud800"'),
        with_parcel('"\\ud800":1'),
        with_parcel('"project":{"\\ud800":1}'),
        with_parcel('"project":{"purpose":"\\ud800"}'),
        with_parcel('"project":{"purpose":[1]}'),
        with_parcel('"project":{"purpose":{"a":1}}'),
        '{"parcel":{"parcel_no":"\\ud800"}}',
        with_parcel('"purpose":"a\\u0000"'),
    ],
)
def test_a_body_that_no_parcel_has_is_refused(client: TestClient, bearer: Bearer, body: str) -> None:
    known_county()
    me = bearer("clerk") | {"Content-Type": "application/json"}
    answer = client.post("/checks", content=body, headers=me)
    assert answer.status_code in (400, 422), answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("project", ["{", "[1]", "1", "[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, "null"])
def test_a_project_that_is_no_object_is_refused_with_its_field(
    client: TestClient, bearer: Bearer, project: str
) -> None:
    file = {"file": ("a.geojson", json.dumps(PARCEL).encode())}
    answer = client.post("/checks/upload", files=file, data={"project": project}, headers=bearer("clerk"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"].startswith("project")


def test_a_cookie_that_no_session_has_is_a_stranger(client: TestClient) -> None:
    for cookie in ("a%00b", "\x00", "'; --", "x" * 5000, "é"):
        answer = client.get("/me", headers={"Cookie": f"sessionid={cookie}".encode("latin-1")})
        assert (answer.status_code, answer.json()["role"]) == (200, "public")


def test_a_sign_that_no_text_holds_is_refused_in_a_parameter(client: TestClient, bearer: Bearer) -> None:
    for address in ("/checks?before=%00", "/search?q=%00", "/features/park?q=%00", "/landuse?q=%00"):
        assert client.get(address, headers=bearer("clerk")).status_code in (200, 422), address


def test_the_admins_filters_and_unknown_pages_answer_in_chinese(client: TestClient) -> None:
    user = User.objects.create_superuser("root", password="a long enough one 1")
    Account.objects.create(user=user, role="administrator", counties=[])
    admin = Client(raise_request_exception=False)
    admin.force_login(user)
    for address in ("/admin/spatial/feature/?county=%00", "/admin/spatial/feature/?layer=%00"):
        answer = admin.get(address)
        assert (answer.status_code, "读不懂" in answer.content.decode()) == (400, True)
    missing = admin.get("/accounts/nope")
    assert (missing.status_code, "没有这个地址" in missing.content.decode()) == (404, True)
    stale = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert (stale.status_code, "页面令牌" in stale.content.decode()) == (403, True)


def test_an_unknown_parameter_is_named(client: TestClient, bearer: Bearer) -> None:
    answer = client.get("/features/park?limt=3&bbox=87,43,88,45")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "parameter_unknown")
    assert "limt" in told["detail"]
    assert told["errors"] == [
        {"at": "query.limt", "code": "parameter_unknown", "message": "没有这个参数，是不是 limit？"}
    ]
    assert client.get("/catalog?x=1").status_code == 400
    assert client.get("/tiles/park.json?v=1", headers=bearer("clerk")).status_code == 400


def test_an_unknown_field_of_a_form_is_named(client: TestClient, bearer: Bearer) -> None:
    file = {"file": ("a.geojson", json.dumps(PARCEL).encode())}
    for path in ("/checks/upload", "/parcels/preview"):
        told = client.post(path, files=file, data={"proposeduse": "0701"}, headers=bearer("clerk")).json()
        assert (told["status"], told["errors"][0]["at"]) == (400, "body.proposeduse")


def test_what_is_wrong_with_a_field_is_told_in_chinese_and_in_english_on_request(client: TestClient) -> None:
    told = client.get("/features/park?limit=0").json()
    assert told["errors"] == [{"at": "query.limit", "code": "greater_than_equal", "message": "应不小于 1。"}]
    english = client.get("/features/park?limit=0", headers={"Accept-Language": "en"}).json()
    assert english["errors"][0]["message"] == "This should be at least 1."
    assert client.get("/checks/nope").json()["code"] == "unauthenticated"


def test_a_wrong_method_and_an_unreadable_body_have_codes_of_their_own(
    client: TestClient, bearer: Bearer
) -> None:
    wrong = client.delete("/catalog")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (
        405,
        "method_not_allowed",
        "GET",
    )
    me = bearer("clerk") | {"Content-Type": "application/json"}
    unreadable = client.post("/checks", content=b'{"parcel":"\xff\xfe"}', headers=me)
    assert (unreadable.status_code, unreadable.json()["code"]) == (400, "bad_request")


def test_what_is_not_there_is_never_unchanged(client: TestClient) -> None:
    row = feature("park", PLAN.polygon("ABED"), name="一")
    tag = {"If-None-Match": client.get(f"/features/park/{row.id}").headers["etag"]}
    assert client.get(f"/features/park/{row.id}", headers=tag).status_code == 304
    assert client.get(f"/features/park/{row.id + 1}", headers=tag).status_code == 404
    tile = {"If-None-Match": client.get("/tiles/park/0/0/0.mvt").headers["etag"]}
    assert client.get("/tiles/park/0/0/0.mvt", headers=tile).status_code == 304
    assert client.get("/tiles/park/3/8/0.mvt", headers=tile).status_code == 404


def test_how_many_rows_lack_a_place_is_told_only_to_those_who_may_see_them(
    client: TestClient, bearer: Bearer
) -> None:
    known_county(but=("suspected_plot",))
    covered("suspected_plot", "652301")
    for number in range(3):
        feature("suspected_plot", None, code=f"{number}", name="无位置", status="suspected")

    def told(me: dict[str, str]) -> list[dict[str, Any]]:
        answer = client.post("/checks", json={"parcel": PARCEL}, headers=me).json()
        return [one for one in (*answer["gaps"], *answer["findings"]) if "无法判断" in one.get("message", "")]

    ours, theirs = told(bearer("clerk", "652301")), told(bearer("clerk", "652302"))
    assert {one["layer"] for one in ours} == {one["layer"] for one in theirs} == {"suspected_plot"}
    assert len(ours) == len(theirs) >= 2
    assert all(" 3 条" in one["message"] for one in ours)
    assert all("3" not in one["message"] for one in theirs)
