"""An area package holds what its asker may see of a box, tells its size first, and is nobody else's."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from fastapi.testclient import TestClient
from pmtiles.reader import MemorySource, Reader, all_tiles

from spatial.models import Account, ApiToken, AuditEntry
from tests.api.conftest import Bearer
from tests.api.ogc import box
from tests.api.test_field_work import steward
from tests.api.test_jobs import LAYER, PLAN
from tests.api.test_registers import Ask, asks
from tests.api.workers import ended, held, wait_until_blocked, worker
from tests.factories import feature, known_county
from tests.loaders import files
from tests.tiles.ask import decode

__all__ = ["steward"]
BOX = [87.30, 43.99, 87.3355, 44.02]
"""Meets the plots W0 to W3 of the fixture `steward`, which lie a hundredth of a degree apart."""


@pytest.fixture
def working(test_database_url: str) -> Iterator[None]:
    with worker(test_database_url):
        yield


def made(client: TestClient, who: Bearer, ground: list[float] = BOX) -> dict[str, Any]:
    asked = client.post("/packages", json={"bbox": ground, "name": "示例镇"}, headers=who)
    assert asked.status_code == 202, asked.text
    told = ended(client, asked.json()["job"], who)
    assert told["state"] == "done", told
    return {"id": told["id"], **told["result"]}


def test_a_package_holds_the_box_and_tells_its_size_before_it_is_fetched(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], working: None
) -> None:
    feature("suspected_plot", None, code="S1", name="只有地址", county="652301")
    inspector = bearer("inspector", "652301")
    told = made(client, inspector)
    assert (told["sites"], told["unlocated"], told["name"]) == (4, 1, "示例镇")
    assert "contaminated_plot" in told["layers"]
    tiles = client.get(f"/packages/{told['id']}/tiles", headers=inspector).content
    content = client.get(f"/packages/{told['id']}/content", headers=inspector).content
    for name, body in (("tiles", tiles), ("content", content)):
        assert told["files"][name] == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    part = client.get(f"/packages/{told['id']}/tiles", headers={**inspector, "Range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"PMTiles")
    # Every tile is what the service sends for the same place to the same person.
    header = Reader(MemorySource(tiles)).header()
    assert [header["min_zoom"], header["max_zoom"]] == told["zooms"]
    seen = 0
    for (z, x, y), packed in all_tiles(MemorySource(tiles)):
        sent = client.get(f"/tiles/{','.join(told['layers'])}/{z}/{x}/{y}.mvt", headers=inspector).content
        assert gzip.decompress(packed) == sent
        seen += len(decode(sent).get("contaminated_plot", {}))
    assert seen >= 4
    found = client.get(f"/packages/{told['id']}/content", headers=inspector).json()
    expected = client.get(
        f"/features/contaminated_plot?bbox={','.join(map(str, BOX))}", headers=inspector
    ).json()["features"]
    assert found["found"]["contaminated_plot"] == expected and len(expected) == 4
    assert [one["properties"]["name"] for one in found["nowhere"]["suspected_plot"]] == ["只有地址"]
    assert found["gaps"] == []


def test_a_package_shows_nothing_that_its_asker_may_not_see(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], working: None
) -> None:
    feature("suspected_plot", box(87.31, 44.0), code="S1", name="他县", county="652302")
    feature("admin_county", box(87.32, 44.0), code="652302", name="邻界", county="652302")
    feature("suspected_plot", box(87.31, 44.0), code="S2", name="本县", county="652301")
    inspector = bearer("inspector", "652301")
    told = made(client, inspector)
    content = client.get(f"/packages/{told['id']}/content", headers=inspector).text
    assert "本县" in content and "他县" not in content
    assert {"layer": "suspected_plot", "county": "652302", "state": "not_shown"} in told["gaps"]
    tiles = client.get(f"/packages/{told['id']}/tiles", headers=inspector).content
    shown = b"".join(gzip.decompress(one) for _, one in all_tiles(MemorySource(tiles)))
    assert "本县".encode() in shown and "他县".encode() not in shown


def test_a_package_is_nobody_elses_and_ends_with_the_rights_it_was_made_with(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], working: None
) -> None:
    inspector = bearer("inspector", "652301")
    told = made(client, inspector)
    path = f"/packages/{told['id']}/content"
    assert client.get(path, headers=bearer("inspector", "652301")).status_code == 404
    assert client.get(path, headers=bearer("administrator")).status_code == 404
    assert client.get(path).status_code == 401
    assert client.get(path, headers=inspector).status_code == 200
    kept = AuditEntry.objects.filter(action="export", said__contains=told["id"]).order_by("number")
    said = [json.loads(one.said) for one in kept]
    assert [one["how"] for one in said] == ["package", "package content"]
    assert said[0]["bbox"] == BOX and "contaminated_plot" in said[0]["object"]
    Account.objects.filter(user__username__startswith="inspector", counties=["652301"]).update(
        counties=["652302"]
    )
    assert client.get(path, headers=inspector).status_code == 403


def test_what_is_too_large_or_upside_down_or_not_of_the_field_is_refused(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    inspector = asks(client, bearer("inspector"))
    assert inspector("/packages", {"bbox": [80, 40, 90, 50], "name": "全州"}, 413)["code"] == "too_large"
    inspector("/packages", {"bbox": [88, 44, 87, 45], "name": "反了"}, 400)
    asks(client, bearer("clerk"))("/packages", {"bbox": BOX, "name": "示例镇"}, 403)


def test_a_person_has_one_package_on_its_way_and_can_cancel_it(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    first, other = asks(client, bearer("inspector")), asks(client, bearer("inspector"))
    waiting = first("/packages", {"bbox": BOX, "name": "甲"}, 202)["job"]
    refused = first("/packages", {"bbox": BOX, "name": "乙"}, 409)
    assert refused["code"] == "package_underway" and "“甲”还在准备" in refused["detail"]
    assert [one["at"] for one in refused["errors"]] == [f"/jobs/{waiting}"]
    other("/packages", {"bbox": BOX, "name": "乙"}, 202)
    assert first(f"/jobs/{waiting}/cancel", {}, 200)["state"] == "cancelled"
    first("/packages", {"bbox": BOX, "name": "乙"}, 202)


def test_packages_leave_a_turn_to_other_work(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], test_database_url: str, tmp_path: Path
) -> None:
    inspectors = [bearer("inspector"), bearer("inspector")]
    first, second = (
        asks(client, one)("/packages", {"bbox": BOX, "name": "甲"}, 202)["job"] for one in inspectors
    )
    one = bearer("steward", "652301")
    rows = files.geojson(tmp_path / "a.geojson", [(PLAN.polygon("ABED"), {"DKBM": "A1", "DKMC": "示例一"})])
    with held(test_database_url, "LOCK TABLE spatial_inspection"), worker(test_database_url):
        wait_until_blocked(test_database_url)
        sent = client.post(
            "/loads",
            data={"layer": LAYER, "county": "652301", "release": "R1", "commit": "false"},
            files={"files": (rows.name, rows.read_bytes())},
            headers=one,
        )
        assert ended(client, sent.json()["job"], one)["state"] == "done"
        states = [
            client.get(f"/jobs/{job}", headers=who).json()["state"]
            for job, who in zip((first, second), inspectors, strict=True)
        ]
        assert states == ["running", "queued"]


def test_a_box_without_anything_in_it_is_a_package_that_says_what_is_not_known(
    client: TestClient, bearer: Callable[..., Bearer], working: None
) -> None:
    known_county(but=("high_risk_site",))
    inspector = bearer("inspector")
    told = made(client, inspector, [87.30, 44.10, 87.31, 44.11])
    found = client.get(f"/packages/{told['id']}/content", headers=inspector).json()
    assert told["sites"] == 0
    assert found["gaps"] == [{"layer": "high_risk_site", "county": "652301", "state": "never_loaded"}]


def token_of(name: str) -> Bearer:
    return {"Authorization": f"Bearer {ApiToken.issue(User.objects.get(username=name), 'test')}"}


def test_two_who_were_drawn_both_tell_what_they_found_and_the_worse_counts(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    for _ in range(2):
        bearer("inspector", "652301")
    drawn = steward("/draws", {"lists": ["contaminated_plot"], "sites": 1, "inspectors_each": 2})
    path = f"/inspections/{drawn['inspections'][0]}/steps"
    first, second = (
        asks(client, token_of(name)) for name in steward(path.removesuffix("/steps"))["inspectors"]
    )
    good = {item: {"ok": True} for item in steward("/inspections")["checklist"]}
    seen = {"at": "2026-11-20T10:32:00+08:00", "lon": 87.3, "lat": 44.0, "accuracy_m": 12.5}
    visit = {"kind": "visit", "after": 1, "findings": good, "observed": seen}
    told = first(path, visit)
    assert told["state"] == "closed" and told["steps"][-1]["observed"] == seen
    stale = second(path, {**visit, "findings": good | {"soil_out": {"ok": False, "text": "有车辙"}}}, 409)
    assert stale["code"] == "stale"
    late = {
        **visit,
        "kind": "differ",
        "after": 2,
        "findings": good | {"soil_out": {"ok": False, "text": "有车辙"}},
    }
    assert second(path, late, 422)["code"] == "note_missing"
    late["note"] = "东门另有一处出口"
    key = {"Idempotency-Key": "late"}
    told = second(path, late, **key)
    assert second(path, late, **key) == told
    assert told["state"] == "follow_up"
    assert [one["kind"] for one in told["steps"]] == ["draw", "visit", "differ"]
    steward(path, {**late, "after": 3}, 404)
    steward(path, {"kind": "rectify", "after": 3, "note": "已平整"})
    second(path, {**late, "after": 4, "note": "又有新的车辙"})
    early = {"kind": "verify", "after": 5, "findings": good}
    assert steward(path, early, 409)["code"] == "not_rectified"
    second(path, {**late, "after": 5, "observed": {"at": "2026-11-20T10:32:00+08:00", "lon": 999}}, 422)


def test_what_was_mended_and_came_second_is_kept_beside_the_first(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    bearer("inspector", "652301")
    drawn = steward("/draws", {"lists": ["contaminated_plot"], "sites": 1, "inspectors_each": 1})
    path = f"/inspections/{drawn['inspections'][0]}/steps"
    (name,) = steward(path.removesuffix("/steps"))["inspectors"]
    inspector = asks(client, token_of(name))
    good = {item: {"ok": True} for item in steward("/inspections")["checklist"]}
    bad = good | {"soil_out": {"ok": False, "text": "有车辙"}}
    inspector(path, {"kind": "visit", "after": 1, "findings": bad})
    steward(path, {"kind": "verify", "after": 2, "findings": bad})
    late = {"kind": "rectify", "after": 2, "note": "已平整"}
    assert inspector(path, late, 409)["code"] == "stale"
    told = inspector(path, {**late, "kind": "differ", "after": 3, "note": "复核之后又平整\n已平整"})
    assert [one["kind"] for one in told["steps"]] == ["draw", "visit", "verify", "differ"]
    assert told["state"] == "follow_up" and told["steps"][-1]["note"] == "复核之后又平整\n已平整"
    # It is no mending on record, and hides none that is.
    verified = {"kind": "verify", "findings": good}
    assert steward(path, {**verified, "after": 4}, 409)["code"] == "not_rectified"
    inspector(path, {"kind": "rectify", "after": 4, "note": "又平整"})
    inspector(path, {"kind": "differ", "after": 5, "note": "先到的一次整改在七月"})
    assert steward(path, {**verified, "after": 6})["state"] == "closed"
    inspector(
        path, {"kind": "differ", "after": 7, "findings": {"soil_out": {"ok": True}}, "note": "缺项"}, 422
    )
