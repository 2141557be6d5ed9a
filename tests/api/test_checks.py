"""POST /checks and what stands around it, over HTTP against the real database."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from django.contrib.auth.models import User
from django.utils import timezone
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api.check_job import check_parcels
from spatial.answer import fingerprint, geojson
from spatial.models import CheckRun, Job
from tests.factories import feature, known_county, revision
from tests.grid import grid

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
    . . . . . .
    G . H . . I
""")
PARCEL = PLAN.polygon("ABED")
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
Bearer = Callable[..., dict[str, str]]


def body(**given: Any) -> dict[str, Any]:
    return {
        "parcel": geojson(PARCEL),
        "action": "use_change",
        "proposed_use": {"system": "MNR-2023", "code": "0901"},
        "current_use": {"system": "MNR-2023", "code": "1001"},
        "project": {"may_pollute_soil": False, "livestock": False},
        **given,
    }


def test_an_answer_is_stored_and_read_again_as_it_was_given(client: TestClient, bearer: Bearer) -> None:
    known_county()
    me = bearer("clerk", "652301")
    given = client.post("/checks", json=body(purpose="昌土供〔2026〕18号"), headers=me)
    assert given.status_code == 201
    told = given.json()
    assert (told["verdict"], told["complete"]) == ("clear", True)
    assert set(told) >= {
        "id",
        "number",
        "verdict",
        "complete",
        "checked_at",
        "as_of",
        "action",
        "parcel",
        "findings",
    }
    assert set(told) >= {"layers", "gaps", "versions", "fingerprint"}
    assert set(told["versions"]) == {"revision", "release", "catalog", "rules"}
    assert client.get(f"/checks/{told['id']}", headers=me).json() == told
    assert fingerprint(told) == told["fingerprint"]
    assert [row["number"] for row in client.get("/checks", headers=me).json()["checks"]] == [told["number"]]


def test_only_the_parcel_is_needed_and_what_is_left_out_is_said(client: TestClient, bearer: Bearer) -> None:
    known_county()
    told = client.post("/checks", json={"parcel": geojson(PARCEL)}, headers=bearer("clerk")).json()
    assert told["verdict"] == "undetermined"
    assert {name for finding in told["findings"] for name in finding["missing"]} >= {"action", "proposed_use"}


def test_a_feature_and_a_polygon_are_the_same_parcel(client: TestClient, bearer: Bearer) -> None:
    known_county()
    me = bearer("clerk")
    polygon = geojson(PARCEL.geoms[0])
    answers = [
        client.post("/checks", json=body(parcel=parcel), headers=me).json()
        for parcel in (polygon, geojson(PARCEL), {"type": "Feature", "properties": {}, "geometry": polygon})
    ]
    assert len({told["fingerprint"] for told in answers}) == 1


def test_a_cadastral_number_stands_for_its_parcel(client: TestClient, bearer: Bearer) -> None:
    known_county()
    row = feature("parcel", PARCEL, parcel_no="652301001001GB00001", code="652301001001GB00001")
    row.key = "652301001001GB00001"
    row.save()
    told = client.post("/checks", json=body(parcel={"parcel_no": row.key}), headers=bearer("clerk")).json()
    assert told["parcel"]["parcel_no"] == row.key
    assert told["parcel"]["area_m2"] == pytest.approx(40_000, rel=3e-5)
    missing = client.post(
        "/checks", json=body(parcel={"parcel_no": "652301001001GB99999"}), headers=bearer("clerk")
    )
    assert (missing.status_code, missing.json()["code"]) == (404, "parcel_unknown")


def test_a_cadastral_number_of_another_county_stands_for_nothing(client: TestClient, bearer: Bearer) -> None:
    known_county()
    row = feature("parcel", PARCEL, parcel_no="652301001001GB00001", code="652301001001GB00001")
    row.key = "652301001001GB00001"
    row.save()
    asked = body(parcel={"parcel_no": row.key})
    assert client.post("/checks", json=asked, headers=bearer("clerk", "652301")).status_code == 201
    hidden = client.post("/checks", json=asked, headers=bearer("clerk", "652302"))
    absent = client.post("/checks", json=body(parcel={"parcel_no": "x"}), headers=bearer("clerk", "652302"))
    assert (
        (hidden.status_code, hidden.json()["code"])
        == (absent.status_code, absent.json()["code"])
        == (404, "parcel_unknown")
    )


def test_coordinates_of_a_zone_are_brought_to_4490(client: TestClient, bearer: Bearer) -> None:
    known_county()
    flat = PLAN.flat("ABED")
    told = client.post(
        "/checks", json=body(parcel=geojson(flat), crs="EPSG:4538"), headers=bearer("clerk")
    ).json()
    assert told["parcel"]["area_m2"] == pytest.approx(40_000, rel=3e-5)
    bad = client.post("/checks", json=body(parcel=geojson(flat), crs="EPSG:2375"), headers=bearer("clerk"))
    assert (bad.status_code, bad.json()["code"]) == (422, "needs_official_conversion")


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[87.3, 44.0], [87.31, 44.01], [87.31, 44.0], [87.3, 44.01], [87.3, 44.0]]],
}
SWAPPED = {"type": "Polygon", "coordinates": [[[44.0, 87.3], [44.01, 87.3], [44.01, 87.31], [44.0, 87.3]]]}
FULL_HOLE = {"type": "Polygon", "coordinates": [geojson(PARCEL)["coordinates"][0][0]] * 2}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (body(parcel=BOW_TIE), "self_intersection"),
        (body(parcel=SWAPPED), "outside_extent"),
        (body(parcel={"type": "Point", "coordinates": [87.3, 44.0]}), "not_a_polygon"),
        (
            body(parcel={"type": "Polygon", "coordinates": [[[87.3, 44.0], [87.31, "x"]]]}),
            "geometry_unreadable",
        ),
        (body(parcel={"type": "Polygon", "coordinates": []}), "empty_geometry"),
        (body(parcel={"type": "Polygon"}), "geometry_unreadable"),
        (body(parcel={}), "geometry_unreadable"),
        (body(action="sell"), "action_unknown"),
        (body(proposed_use={"system": "MNR-2023", "code": "9999"}), "use_code_unknown"),
        (body(proposed_use={"system": "X", "code": "07"}), "code_system_unknown"),
        (body(project={"may_polute_soil": False}), "project_flag_unknown"),
        (body(project={"livestock": "no"}), "not_a_bool"),
        (body(project={"purpose": "fun"}), "choice_unknown"),
        (body(purpose="a\u0000b"), "control_character"),
        (body(as_of="1850-01-01"), "day_out_of_range"),
        (body(crs="EPSG:3857"), "crs_unsupported"),
        (body(what="?"), "body_invalid"),
        ({}, "body_invalid"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_chinese_and_stores_nothing(
    client: TestClient, bearer: Bearer, given: dict[str, Any], code: str
) -> None:
    known_county()
    refused = client.post("/checks", json=given, headers=bearer("clerk"))
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["detail"])
    assert told["hint"]
    assert CheckRun.objects.count() == 0


def test_a_hole_that_equals_its_shell_is_refused(client: TestClient, bearer: Bearer) -> None:
    known_county()
    refused = client.post("/checks", json=body(parcel=FULL_HOLE), headers=bearer("clerk"))
    assert refused.status_code == 422


def test_not_a_number_is_refused(client: TestClient, bearer: Bearer) -> None:
    known_county()
    text = json.dumps(body()).replace("87.", "NaN, 87.", 1)
    refused = client.post(
        "/checks", content=text, headers=bearer("clerk") | {"content-type": "application/json"}
    )
    assert refused.status_code == 422


def test_a_stranger_is_asked_to_sign_in(client: TestClient) -> None:
    for method, path in (
        ("POST", "/checks"),
        ("GET", "/checks"),
        ("GET", "/rules"),
        ("POST", "/parcels/preview"),
    ):
        refused = client.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


def test_an_answer_is_not_for_another_clerk_but_for_the_auditor_of_the_county(
    client: TestClient, bearer: Bearer
) -> None:
    known_county()
    told = client.post("/checks", json=body(), headers=bearer("clerk", "652301")).json()
    assert client.get(f"/checks/{told['id']}", headers=bearer("clerk", "652301")).status_code == 404
    assert client.get(f"/checks/{told['id']}", headers=bearer("auditor", "652301")).status_code == 200
    assert client.get(f"/checks/{told['id']}", headers=bearer("auditor", "652302")).status_code == 404
    assert client.get("/checks", headers=bearer("clerk", "652301")).json()["checks"] == []


def test_a_hit_that_may_not_be_seen_is_still_a_hit_without_name_and_shape(
    client: TestClient, bearer: Bearer
) -> None:
    known_county()
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S-1", name="示例化工旧址", status="suspected")
    there, elsewhere = bearer("clerk", "652301"), bearer("clerk", "652302")
    seen = client.post("/checks", json=body(), headers=there).json()
    hidden = client.post("/checks", json=body(), headers=elsewhere).json()
    assert "示例化工旧址" in json.dumps(seen, ensure_ascii=False)
    assert "示例化工旧址" not in json.dumps(hidden, ensure_ascii=False)
    assert "S-1" not in json.dumps(hidden, ensure_ascii=False)
    assert hidden["verdict"] == seen["verdict"] == "needs_investigation"
    assert [(f["rule"], f["overlap_area_m2"]) for f in hidden["findings"]] == [
        (f["rule"], f["overlap_area_m2"]) for f in seen["findings"]
    ]
    assert "示例化工旧址" not in client.get(f"/checks/{hidden['id']}", headers=elsewhere).text


def test_a_token_that_is_withdrawn_or_whose_user_is_disabled_ends_at_once(
    client: TestClient, bearer: Bearer
) -> None:
    known_county()
    me = bearer("clerk")
    assert client.get("/checks", headers=me).status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/checks", headers=me).status_code == 401


def test_a_session_needs_its_csrf_token_for_what_changes_something(
    client: TestClient, bearer: Bearer
) -> None:
    known_county()
    bearer("clerk")
    page = client.get("/accounts/login/")
    assert page.status_code == 200
    form = {
        "username": "clerk0",
        "password": "a long enough one 1",
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }
    signed = client.post(
        "/accounts/login/",
        data=form,
        headers={"referer": "http://127.0.0.1/accounts/login/"},
        follow_redirects=False,
    )
    assert signed.status_code == 302
    assert client.get("/me").json()["username"] == "clerk0"
    assert client.post("/checks", json=body()).status_code == 403
    assert (
        client.post("/checks", json=body(), headers={"X-CSRFToken": client.cookies["csrftoken"]}).status_code
        == 201
    )


def test_anyone_may_verify_a_number_and_learns_nothing_else(client: TestClient, bearer: Bearer) -> None:
    known_county()
    told = client.post("/checks", json=body(), headers=bearer("clerk")).json()
    found = client.get(f"/verify/{told['number']}", params={"fingerprint": told["fingerprint"]}).json()
    assert (found["exists"], found["unchanged"]) == (True, True)
    assert "verdict" not in found
    assert (
        client.get(f"/verify/{told['number']}", params={"fingerprint": "sha256:0"}).json()["unchanged"]
        is False
    )
    run = CheckRun.objects.get()
    run.answer["verdict"] = "prohibit"
    run.save()
    assert client.get(f"/verify/{told['number']}").json()["unchanged"] is False
    assert client.get("/verify/JT-652301-20260101-000001").status_code == 404


def test_what_is_wrong_with_a_file_leaves_as_a_table_for_those_who_made_it(
    client: TestClient, bearer: Bearer
) -> None:
    name = "broken_01_many_faults.txt"
    sent = {"files": {"file": (name, (SAMPLES / name).read_bytes())}, "headers": bearer("clerk")}
    issues = client.post("/parcels/preview", **sent).json()["issues"]
    book = openpyxl.load_workbook(io.BytesIO(client.post("/parcels/preview/issues", **sent).content))
    head, *rows = book.active.values
    assert [(row[head.index("行")], row[head.index("代码")]) for row in rows] == [
        (one["row"], one["code"]) for one in issues
    ]
    assert len(rows) > 5
    assert client.post("/parcels/preview/issues", files=sent["files"]).status_code == 401


@pytest.mark.parametrize("sample", ["valid_01_zone29_hole_utf8.txt", "valid_02_zone30_open_ring_gbk.txt"])
def test_a_file_is_checked_plot_by_plot(client: TestClient, bearer: Bearer, sample: str) -> None:
    known_county(shape=shapely.MultiPolygon([shapely.box(86.5, 43.0, 89.0, 45.0)]))
    expected = json.loads((SAMPLES / "expected.json").read_text())[sample]["plots"]
    me = bearer("clerk")
    with (SAMPLES / sample).open("rb") as file:
        given = client.post(
            "/checks/upload", files={"file": (sample, file)}, data={"action": "supply"}, headers=me
        )
    assert given.status_code == (201 if len(expected) == 1 else 202)
    with (SAMPLES / sample).open("rb") as file:
        seen = client.post("/parcels/preview", files={"file": (sample, file)}, headers=me).json()
    assert given.json()["notices"] == seen["issues"]
    told = [given.json()]
    if given.status_code == 202:
        done = check_parcels(Job.objects.get(pk=given.json()["job"]), lambda stage, done, total: None)
        told = [client.get(f"/checks/{one}", headers=me).json() for one in done["checks"]]
    assert [t["parcel"]["parcel_no"] for t in told] == [plot["no"] for plot in expected]
    assert [t["parcel"]["area_m2"] for t in told] == pytest.approx(
        [p["ellipsoid_area_m2"] for p in expected], abs=0.011
    )


def test_a_broken_file_is_refused_with_its_lines(client: TestClient, bearer: Bearer) -> None:
    sample = "broken_01_many_faults.txt"
    with (SAMPLES / sample).open("rb") as file:
        refused = client.post("/checks/upload", files={"file": (sample, file)}, headers=bearer("clerk"))
    assert refused.status_code == 422
    assert {error["row"] for error in refused.json()["errors"]} >= {17, 19, 25}


def test_english_is_spoken_on_request(client: TestClient) -> None:
    refused = client.get("/checks", headers={"Accept-Language": "en"})
    assert refused.json()["detail"] == "This needs a sign-in."


def test_every_rule_is_told_with_its_basis(client: TestClient, bearer: Bearer) -> None:
    told = client.get("/rules", headers=bearer("clerk")).json()["rules"]
    assert len(told) == 84
    assert all(rule["basis"] and rule["title"] and rule["verdict"] and rule["looks_at"] for rule in told)
    (one,) = [rule for rule in told if rule["id"] == "ADJ-02"]
    assert one["looks_at"] == "正在管控或修复的地块：在一定距离以内"
    assert one["needs_titles"] == ["事项", "正在管控或修复的地块“阶段”", "拟用途"]
    (number,) = one["parameters"]
    assert (number["value"], number["unit"], number["kind"], number["of_region"]) == (
        200.0,
        "m",
        "default",
        False,
    )
    (lifted,) = [rule for rule in told if rule["id"] == "RED-01"]
    assert lifted["override"]["words"].startswith("法律规定了可以解除禁止的批准")


@pytest.mark.parametrize("value", [["risk_control"], {}, 1, True])
def test_a_choice_that_is_no_text_is_refused(client: TestClient, bearer: Bearer, value: object) -> None:
    refused = client.post("/checks", json=body(project={"purpose": value}), headers=bearer("clerk"))
    assert (refused.status_code, refused.json()["code"]) == (422, "choice_unknown")


def test_a_cadastral_number_has_the_boundary_that_was_known_then(client: TestClient, bearer: Bearer) -> None:
    known_county()
    number = "652301001001GB00001"
    spans = Int4Multirange([Int4Range(1, 2)]), Int4Multirange([Int4Range(2, None)])
    for letters, span in (("ABED", spans[0]), ("ACFD", spans[1])):
        row = feature("parcel", PLAN.polygon(letters), code=number, revisions=span)
        row.key = number
        row.save()
    before = timezone.now()
    revision(2)
    me = bearer("clerk")
    asked = {"parcel": {"parcel_no": number}}
    then = client.post("/checks", json={**asked, "known_at": before.isoformat()}, headers=me).json()
    now = client.post("/checks", json=asked, headers=me).json()
    assert now["parcel"]["area_m2"] == pytest.approx(2.5 * then["parcel"]["area_m2"], rel=1e-4)
