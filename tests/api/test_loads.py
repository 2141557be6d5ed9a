"""Who may hand in, see, publish and take back what; and the lists that a delivery leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import shapely
from fastapi.testclient import TestClient
from geographiclib.geodesic import Geodesic

from loaders.pipeline import load
from spatial.models import Coverage, Job, Release
from tests.api.conftest import Bearer
from tests.factories import feature
from tests.grid import grid
from tests.loaders import files
from tests.settings import TEST_HOME

Who = Callable[..., Bearer]
PLAN = grid("""
    A . B . C
    . . . . .
    D . E . F
""")
BOW_TIE = shapely.MultiPolygon([shapely.Polygon([PLAN.point(letter).coords[0] for letter in "AEBD"])])
LAYER = "suspected_plot"
CITY, OTHER, REGION = "652301", "652302", "652300"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    rows = [(PLAN.polygon("ABED"), {"DKBM": "A1", "DKMC": "=1+1"}), (BOW_TIE, {"DKBM": "A2"})]
    return files.geojson(tmp_path / "a.geojson", rows)


@pytest.fixture
def committed(delivery: Path, transactional_db: None) -> int:
    """A load of the city that waits in release R1."""
    result = load(delivery, LAYER, county=CITY, release="R1", commit=True)
    assert result.load
    return result.load


def hand_in(client: TestClient, header: Bearer, **fields: str) -> int:
    sent = {"layer": LAYER, **fields}
    given = client.post("/loads", data=sent, files={"files": ("a.geojson", b"{}")}, headers=header)
    return given.status_code


@pytest.mark.parametrize("role", ["clerk", "planner", "inspector", "auditor"])
def test_only_who_edits_a_layer_may_hand_in_publish_and_confirm(
    client: TestClient, bearer: Who, committed: int, role: str
) -> None:
    header = bearer(role)
    assert hand_in(client, header, county=CITY) == 403
    for switch in ("publish", "unpublish"):
        assert client.post(f"/releases/R1/{switch}", headers=header).status_code == 403
    body = {"layer": LAYER, "county": OTHER, "person": "某某"}
    assert client.post("/coverage/confirm-empty", json=body, headers=header).status_code == 403
    assert Release.objects.get().state == "draft" and not Job.objects.exists()


@pytest.mark.parametrize(
    "address", ["/loads", "/releases", "/loads/1", "/loads/1/issues", "/loads/1/quarantine"]
)
def test_deliveries_are_nothing_for_strangers_and_clerks(
    client: TestClient, bearer: Who, address: str
) -> None:
    assert client.get(address).status_code == 401
    assert client.get(address, headers=bearer("clerk")).status_code == 403


def test_a_layer_of_a_file_is_asked_for_by_a_name_that_can_be_one(client: TestClient, bearer: Who) -> None:
    header = bearer("steward", CITY)
    assert hand_in(client, header, county=CITY, source_layer="疑似地块") == 202
    assert Job.objects.get().given["source_layer"] == "疑似地块"
    for name in ("a\nb", "地" * 201):
        assert hand_in(client, header, county=CITY, source_layer=name) == 422
    (body,) = client.get("/openapi.json").json()["paths"]["/loads"]["post"]["requestBody"]["content"].values()
    told = client.get("/openapi.json").json()["components"]["schemas"][
        body["schema"]["$ref"].rpartition("/")[2]
    ]
    assert "读哪一个" in told["properties"]["source_layer"]["description"]


def test_a_steward_hands_in_for_the_own_county_and_only_the_whole_region_for_all(
    client: TestClient, bearer: Who
) -> None:
    city, region = bearer("steward", CITY), bearer("steward")
    assert hand_in(client, city, county=CITY) == 202
    for county in (OTHER, REGION, ""):
        assert hand_in(client, city, county=county) == 403
    assert hand_in(client, city, layer="admin_county", county=CITY) == 403
    for county in (OTHER, REGION, ""):
        assert hand_in(client, region, county=county) == 202
    assert hand_in(client, bearer("administrator"), county=REGION) == 202
    assert client.post("/loads", data={"layer": LAYER}).status_code == 401


def test_a_steward_of_another_county_sees_and_switches_nothing_of_it(
    client: TestClient, bearer: Who, committed: int
) -> None:
    other = bearer("steward", OTHER)
    assert client.get("/loads", headers=other).json()["loads"] == []
    assert client.get("/releases", headers=other).json()["releases"] == []
    for address in (f"/loads/{committed}", f"/loads/{committed}/issues", "/releases/R1/changes"):
        assert client.get(address, headers=other).status_code == 404
    assert client.post("/releases/R1/publish", headers=other).status_code == 403
    assert Release.objects.get().state == "draft"


def test_a_job_is_seen_by_those_in_charge_of_its_county_and_ended_by_its_owner(
    client: TestClient, bearer: Who
) -> None:
    owner = bearer("steward", CITY)
    assert hand_in(client, owner, county=CITY) == 202
    address = f"/jobs/{Job.objects.get().pk}"
    seen = {"auditor": 200, "administrator": 200, "steward": 200, "clerk": 404}
    assert {role: client.get(address, headers=bearer(role)).status_code for role in seen} == seen
    assert client.get(address, headers=bearer("steward", OTHER)).status_code == 404
    assert client.get(address + "/events", headers=bearer("clerk")).status_code == 404
    assert client.get(address).status_code == 401
    assert client.post(address + "/cancel", headers=bearer("steward", CITY)).status_code == 404
    assert client.post(address + "/cancel", headers=owner).json()["state"] == "cancelled"


def test_a_release_goes_live_and_back_by_those_in_charge_and_the_auditor_reads_along(
    client: TestClient, bearer: Who, committed: int
) -> None:
    steward, auditor = bearer("steward", CITY), bearer("auditor")
    (waiting,) = client.get("/releases", headers=auditor).json()["releases"]
    assert (waiting["name"], waiting["state"], waiting["loads"][0]["id"]) == ("R1", "draft", committed)
    live = client.post("/releases/R1/publish", headers=steward)
    assert (live.status_code, live.json()) == (200, {"release": "R1", "state": "published", "revision": 1})
    again = client.post("/releases/R1/publish", headers=steward)
    assert (again.status_code, again.json()["code"]) == (409, "already_published")
    back = client.post("/releases/R1/unpublish", headers=steward)
    assert back.json() == {"release": "R1", "state": "withdrawn", "revision": 2}
    assert client.post("/releases/NO/publish", headers=steward).json()["code"] == "release_unknown"


def test_the_changes_of_a_release_are_the_same_before_and_after_it_goes_live(
    client: TestClient, bearer: Who, committed: int
) -> None:
    feature(LAYER, PLAN.polygon("BCFE"), code="GONE", county=CITY)
    header = bearer("steward", CITY)
    ((before,),) = (client.get("/releases/R1/changes", headers=header).json()["changes"],)
    told = before["by_county"][CITY]
    assert (told["added"], told["changed"], told["removed"]) == (1, 0, 1)
    for name, letters in (("area_gained_m2", "ABED"), ("area_lost_m2", "BCFE")):
        ring = PLAN.polygon(letters).geoms[0].exterior.coords
        polygon = Geodesic.WGS84.Polygon()
        for lon, lat in ring[:-1]:
            polygon.AddPoint(lat, lon)
        assert told[name] == pytest.approx(abs(polygon.Compute()[2]), rel=1e-6)


def test_the_issues_come_as_pages_as_tables_for_the_office_and_as_points_on_the_map(
    client: TestClient, bearer: Who, committed: int
) -> None:
    header = bearer("steward", CITY)
    address = f"/loads/{committed}/issues"
    page = client.get(address, headers=header).json()
    (issue,) = [one for one in page["issues"] if one["code"] == "self_intersection"]
    assert issue["row"] == 2 and issue["message"] and issue["place"]
    first = client.get(address, params={"limit": 1}, headers=header).json()
    rest = client.get(address, params={"after": first["next"]}, headers=header).json()
    assert first["issues"] + rest["issues"] == page["issues"]
    table = client.get(address, params={"format": "csv"}, headers=header)
    lines = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(lines) == 1 + len(page["issues"]) and "self_intersection" in {line[-1] for line in lines}
    sheet = client.get(address, params={"format": "xlsx"}, headers=header)
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    assert book["问题清单"].max_row == len(lines)
    assert "attachment" in sheet.headers["content-disposition"]
    points = client.get(address, params={"format": "geojson"}, headers=header).json()["features"]
    assert issue["place"] in [point["geometry"]["coordinates"] for point in points]
    assert client.get(address, params={"format": "doc"}, headers=header).json()["code"] == "format_unknown"


def test_the_quarantine_keeps_the_row_as_it_came(client: TestClient, bearer: Who, committed: int) -> None:
    (row,) = client.get(f"/loads/{committed}/quarantine", headers=bearer("auditor")).json()["rows"]
    assert row["row"] == 2 and "A2" in str(row["original"]) and row["reason"]


def test_a_named_person_confirms_that_the_own_county_has_nothing(client: TestClient, bearer: Who) -> None:
    body = {"layer": LAYER, "county": CITY, "person": "某某"}
    said = client.post("/coverage/confirm-empty", json=body, headers=bearer("steward", CITY))
    assert said.status_code == 201, said.text
    assert Coverage.objects.get().confirmed_by == "某某"
    elsewhere = client.post("/coverage/confirm-empty", json=body, headers=bearer("steward", OTHER))
    assert elsewhere.status_code == 403
    late = client.post(
        "/coverage/confirm-empty", json=body | {"data_date": "2999-01-01"}, headers=bearer("administrator")
    )
    assert (late.status_code, late.json()["code"]) == (422, "data_date_future")


def test_names_of_files_make_no_path_and_the_same_name_twice_is_refused(
    client: TestClient, bearer: Who
) -> None:
    header = bearer("steward", CITY)
    fields = {"layer": LAYER, "county": CITY}
    sent = [("files", (name, b"x")) for name in ("../../etc/a.shp", "C:\\x\\a.dbf", "..", "a\x00b.txt")]
    assert client.post("/loads", data=fields, files=sent, headers=header).status_code == 202
    job = Job.objects.get()
    kept = {path.name for path in (TEST_HOME / "uploads" / str(job.pk)).iterdir()}
    assert kept == set(job.given["files"]) and {"a.shp", "a.dbf"} < kept
    before = set((TEST_HOME / "uploads").iterdir())
    twice = [("files", ("a/a.txt", b"x")), ("files", ("b/a.txt", b"y"))]
    refused = client.post("/loads", data=fields, files=twice, headers=header)
    assert (refused.status_code, refused.json()["code"]) == (422, "file_twice")
    assert Job.objects.count() == 1
    assert set((TEST_HOME / "uploads").iterdir()) == before
