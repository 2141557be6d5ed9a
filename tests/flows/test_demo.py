"""The demo as it stands in the database: counts of the plan, coverage, examples, accounts, and running it again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from fastapi.testclient import TestClient

from api import demo as api_demo
from api import demo_accounts
from api.app import create_app
from loaders import demo
from spatial import catalog
from spatial.inventory import inventory
from spatial.models import Feature, Load, Release, Revision
from tests.api.told import Held

pytestmark = pytest.mark.usefixtures("demo_database")

# Status at the end of 2020 in the prefecture's plan, §一(一)1 and §三(二)3; real entries without boundary on top.
COUNTS = {
    "suspected_plot": 2 + 1,
    "contaminated_plot": 1 + 1,
    "high_risk_site": 3 + 1,
    "attention_plot": 119,
    "key_supervised_unit_land": 36,
    "drinking_water_source": 11,
    "drinking_water_zone": 11 * 3,
    "groundwater_recharge_zone": 11 - 1,  # that of 652328 never comes
    "monitoring_point": 165 + 37,
    "mining_concentration_area": 9,
    "admin_county": 7,
}
WASTE = {"landfill": 7, "industrial": 6, "medical": 3, "hazardous": 15}

# The rule that decides each example, and its gaps (layer, county, kind).
DECIDED_BY: dict[str, tuple[str | None, list[tuple[str, str, str]]]] = {
    "suspected-start": ("CON-02", []),
    "register-housing": ("REG-01", []),
    "farmland-school": ("PBF-01", []),
    "shop-to-homes": ("CHG-01", []),
    "pesticide-store": ("CON-01", []),
    "works-extension": ("ECU-01", []),
    "home-beside-works": ("ADJ-01", []),
    "point-nearby": ("DAT-04", []),
    "survey-drilling": ("DAT-05", []),
    "shop-rebuilt": (None, []),
    "school-with-report": (None, []),
    "shop-to-homes-fukang": ("CHG-01", [("high_risk_site", "652302", "unlocated")]),
    "layer-outdated": ("DAT-01", [("drinking_water_zone", "652327", "outdated")]),
    "layer-missing": (
        "DAT-01",
        [("groundwater_recharge_zone", "652328", "never_loaded"), ("suspected_plot", "652328", "unlocated")],
    ),
}


@pytest.fixture(scope="module")
def application(demo_database: None) -> Iterator[Held]:
    """The running application on the demo; nothing here may flush the database, so it is the module's own."""
    with Held(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def accounts() -> dict[str, dict[str, Any]]:
    return json.loads((Path(settings.JINGTU_HOME) / "demo-accounts.json").read_text(encoding="utf-8"))


def live(layer: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM spatial_feature WHERE layer = %s AND upper_inf(revisions)", [layer]
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("layer", COUNTS)
def test_counts_are_those_of_the_plan(layer: str) -> None:
    assert live(layer) == COUNTS[layer]


def test_waste_sites_and_monitoring_points_are_those_of_the_plan_by_kind() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attributes->>'type', count(*) FROM spatial_feature WHERE layer = 'waste_site' GROUP BY 1"
        )
        found = dict(cursor.fetchall())
        assert {kind: found[kind] for kind in WASTE} == WASTE
        cursor.execute(
            "SELECT attributes->>'kind', count(*) FROM spatial_feature WHERE layer = 'monitoring_point' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == {"farmland": 165, "construction": 37}
        cursor.execute(
            "SELECT count(*) FROM spatial_feature WHERE layer = 'eco_control_unit'"
            " AND attributes->>'unit_class' = 'key' AND attributes->>'element' = 'construction_land_risk'"
        )
        assert cursor.fetchone()[0] == 24


def test_thousands_of_parcels_and_farmland_classes_in_all_seven_counties() -> None:
    assert 3000 <= live("parcel") <= 6000
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT county FROM spatial_feature WHERE layer = 'farmland_class'")
        assert {county for (county,) in cursor.fetchall()} == set(catalog.current().counties)


def test_register_plots_stand_in_every_stage_and_one_is_removed_and_one_under_post_management() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attributes->>'stage', attributes->>'register_status', (attributes->>'post_management')::bool"
            " FROM spatial_feature WHERE layer = 'risk_register_plot'"
        )
        rows = cursor.fetchall()
    assert {stage for stage, _, _ in rows} == {
        "listed", "risk_control", "remediation", "effect_evaluation", "removal_review", "closed",
    }  # fmt: skip
    assert "removed" in {status for _, status, _ in rows}
    assert True in {post for _, _, post in rows}


def test_every_layer_is_known_in_every_county_but_for_the_gaps_that_are_meant() -> None:
    known = catalog.current()
    found = inventory(known, timezone.localdate())
    not_known = {
        (layer.id, state.county): state.state
        for layer in known.stored()
        for state in found[layer.id]
        if state.state not in ("loaded", "confirmed_empty")
    }
    assert not_known == {
        ("groundwater_recharge_zone", "652328"): "never_loaded",
        ("drinking_water_zone", "652327"): "outdated",
    }
    assert all(county != "652301" for _, county in not_known)


def test_only_the_three_real_enterprises_have_no_place_and_they_have_none_at_all() -> None:
    entries = Feature.objects.filter(geom__isnull=True)
    assert {(entry.layer, entry.county, entry.name) for entry in entries} == {
        ("suspected_plot", "652328", "木垒县正阳化工有限责任公司"),
        ("contaminated_plot", "652325", "原奇台县新亚皮革加工有限公司"),
        ("high_risk_site", "652302", "新疆新鑫矿业股份有限公司阜康冶炼厂"),
    }
    for name in ("正阳化工", "新亚皮革", "新鑫矿业"):
        assert not Feature.objects.filter(name__contains=name, geom__isnull=False).exists()
        assert not Feature.objects.filter(name__contains=name, has_boundary=True).exists()


def test_the_files_came_in_every_format_and_went_in_as_they_were() -> None:
    loads = Load.objects.all()
    suffixes = {name.rpartition(".")[2] for load in loads for name in load.file_name.split("；")}
    assert suffixes == {"zip", "gpkg", "geojson", "xlsx", "csv", "txt"}
    assert {load.outcome for load in loads} == {"accepted"}
    said = {crs for load in loads for crs in load.crs.split("、") if crs}
    assert said == {"EPSG:4490", "EPSG:4517", "EPSG:4518"}
    assert "gb18030" in {load.encoding for load in loads}


def test_no_column_of_a_delivery_was_left_unread_but_those_of_the_boundary_points() -> None:
    unread = {
        load.layer: issue.message
        for load in Load.objects.prefetch_related("issues")
        for issue in load.issues.all()
        if issue.code == "columns_unused"
    }
    assert set(unread) == {"priority_control_plot"}
    assert Feature.objects.filter(layer="priority_control_plot", code__isnull=True).count() == 0


@pytest.mark.parametrize("example", demo.examples(), ids=lambda example: example.id)
def test_each_example_gets_the_verdict_it_was_made_for(
    example: demo.Example, application: TestClient
) -> None:
    rule, gaps = DECIDED_BY[example.id]
    role = "clerk" if example.complete else "planner"
    headers = {"Authorization": f"Bearer {accounts()[role]['token']}"}
    answer = application.post("/checks", json=example.body, headers=headers)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["verdict"], said["complete"]) == (example.verdict, example.complete)
    assert [(gap["layer"], gap["county"], gap["kind"]) for gap in said["gaps"]] == gaps
    assert said["versions"]["release"] == "demo"
    if rule is None:
        assert said["findings"] == []
    else:
        assert rule in {one["rule"] for one in said["findings"] if one["verdict"] == example.verdict}


def test_the_page_is_offered_the_examples(application: TestClient) -> None:
    headers = {"Authorization": f"Bearer {accounts()['clerk']['token']}"}
    offered = application.get("/examples", headers=headers).json()
    assert [one["id"] for one in offered] == list(DECIDED_BY)


def test_whatever_the_demo_holds_is_told_as_it_is_described(application: Held) -> None:
    headers = {"Authorization": f"Bearer {accounts()['administrator']['token']}"}

    def asked(address: str) -> Any:
        answer = application.get(address, headers=headers)
        assert answer.status_code == 200, (address, answer.text[:300])
        return answer.json()

    for layer in (one["id"] for group in asked("/catalog")["groups"] for one in group["layers"]):
        asked(f"/features/{layer}?limit=500")
        asked(f"/ogc/collections/{layer}/items?limit=500")
        asked(f"/ogc/collections/{layer}/items?f=geojson&limit=500")
    for register in asked("/registers")["registers"]:
        for site in asked(f"/registers/{register['layer']}")["sites"][:20]:
            asked(f"/sites/{site['code']}")
    for check in asked("/checks?limit=200")["checks"]:
        asked(f"/checks/{check['id']}")
    for load in asked("/loads?limit=200")["loads"]:
        asked(f"/loads/{load['id']}/issues")
        asked(f"/loads/{load['id']}/quarantine")
    for release in asked("/releases")["releases"]:
        asked(f"/releases/{release['name']}/changes")
    for address in (
        "/dashboard", "/manifests", "/inspections", "/cases", "/changes", "/barred-uses", "/audit", "/candidates",
        "/messages", "/overlays", "/legend", "/rules", "/lifecycle", "/search?q=厂",
    ):  # fmt: skip
        asked(address)


def test_the_accounts_are_one_for_each_role_and_for_their_owner_alone() -> None:
    file = Path(settings.JINGTU_HOME) / "demo-accounts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = accounts()
    assert list(told) == ["clerk", "planner", "inspector", "steward", "auditor", "administrator"]
    for role, account in told.items():
        assert set(account) == {"username", "password", "token", "counties"}
        assert account["counties"] == (["652301"] if role in ("clerk", "inspector") else [])
        user = authenticate(username=account["username"], password=account["password"])
        assert user is not None, role
        assert user.account.role == role
        assert (user.is_staff, user.is_superuser) == (
            role in ("steward", "administrator"),
            role == "administrator",
        )


def test_a_second_run_changes_nothing() -> None:
    before = (Revision.objects.count(), Feature.objects.count(), Load.objects.count(), accounts())
    told: list[str] = []
    assert api_demo.load_if_empty(told.append) is False
    assert told == []
    assert (Revision.objects.count(), Feature.objects.count(), Load.objects.count(), accounts()) == before


def test_lost_files_are_written_again_and_a_disabled_account_stays_disabled() -> None:
    home = Path(settings.JINGTU_HOME)
    before = accounts()
    User.objects.filter(username=before["auditor"]["username"]).update(is_active=False)
    (home / "demo-accounts.json").unlink()
    (home / "demo-examples.json").unlink()
    assert api_demo.load_if_empty(print) is False
    after = accounts()
    assert set(after) == set(before) - {"auditor"}
    assert all(after[role]["password"] != before[role]["password"] for role in after)
    assert authenticate(username=before["clerk"]["username"], password=before["clerk"]["password"]) is None
    assert len(json.loads((home / "demo-examples.json").read_text(encoding="utf-8"))) == len(DECIDED_BY)
    demo_accounts.issue(home / "demo-accounts.json")


def test_data_of_others_are_left_alone() -> None:
    Release.objects.filter(name=api_demo.RELEASE).update(name="2026Q4")
    try:
        assert api_demo.load_if_empty(print) is False
        assert not Release.objects.filter(name=api_demo.RELEASE).exists()
    finally:
        Release.objects.filter(name="2026Q4").update(name=api_demo.RELEASE)
