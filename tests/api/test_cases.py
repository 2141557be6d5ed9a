"""Use-change cases: announced, seen, handed over; a change of the data reaches the people within seconds."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.contrib.auth.models import User
from fastapi.testclient import TestClient

from loaders.pipeline import load
from spatial import crs, rules
from spatial.models import Account, Case, Delivery, Job, Message, VerdictChange
from spatial.recheck import recheck
from spatial.releases import publish
from tests.api.conftest import Bearer
from tests.api.outside import listening
from tests.api.test_jobs import url
from tests.api.test_registers import Ask, asks, event, line, notice
from tests.api.workers import until, worker
from tests.factories import known_county
from tests.loaders import files

__all__ = ["url"]
SECRET = "0123456789abcdef0123456789abcdef"
PARCEL = shapely.box(87.302, 44.002, 87.304, 44.004)
USE = {"proposed_use": {"code": "0701"}, "current_use": {"code": "1001"}}


def announced(parcel: Any = PARCEL, **more: Any) -> dict[str, Any]:
    return {"kind": "use_change", "title": "示例地块变更为居住用地", "parcel": dict(shapely.geometry.mapping(parcel)),
            **USE, **more}  # fmt: skip


@pytest.fixture
def clerk(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    known_county()
    return asks(client, bearer("clerk", "652301"))


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    return asks(client, bearer("steward"))


def test_a_case_is_seen_by_the_other_side_at_once_and_each_handover_has_receipts(
    clerk: Ask, steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    case = clerk("/cases", announced())
    assert case["open"] and not case["flagged"] and case["check"]["number"]
    assert [one["kind"] for one in case["steps"]] == ["open"]
    assert [one["number"] for one in steward("/cases")["cases"]] == [case["number"]]
    path = f"/cases/{case['number']}"
    clerk(f"{path}/steps", {"kind": "handover", "after": 1, "to": "州生态环境局", "note": "请核对"})
    seen = steward(path)
    assert seen["last_step"] == 2 and seen["steps"][1]["to"] == "州生态环境局"
    assert [one["step"] for one in steward(path)["receipts"]] == [2]
    steward(f"{path}/steps", {"kind": "receive", "after": 2})
    assert clerk(f"{path}/steps", {"kind": "close", "after": 2}, 409)["code"] == "stale"
    clerk(f"{path}/steps", {"kind": "close", "after": 3, "document_number": "昌土〔2026〕9号"})
    assert clerk(f"{path}/steps", {"kind": "note", "after": 4}, 409)["code"] == "case_state"
    clerk(f"{path}/steps", {"kind": "reopen", "after": 4, "note": "补充材料"})
    elsewhere = asks(client, bearer("steward", "652302"))
    elsewhere(path, status=404)
    assert elsewhere("/cases")["cases"] == []
    auditor = asks(client, bearer("auditor"))
    auditor(f"{path}/steps", {"kind": "note", "after": 5}, 403)
    entries = [
        one["object"] for one in auditor("/audit?action=case")["entries"]
    ]  # others' cases stand there too
    assert entries.count(case["number"]) == 5


def test_the_same_announcement_sent_twice_is_one_case(clerk: Ask) -> None:
    first = clerk("/cases", announced(), **{"Idempotency-Key": "k"})
    assert clerk("/cases", announced(), **{"Idempotency-Key": "k"})["number"] == first["number"]
    assert Case.objects.count() == 1


def test_a_parcel_of_another_county_is_not_announced(
    clerk: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    other = asks(client, bearer("clerk", "652302"))
    other("/cases", announced(), 403)
    asks(client, bearer("inspector", "652301"))("/cases", announced(), 403)
    assert Case.objects.count() == 0


def test_a_plot_published_over_a_clear_case_flags_it_within_seconds_and_tells_its_people(
    clerk: Ask, steward: Ask, client: TestClient, bearer: Callable[..., Bearer], url: str
) -> None:
    with listening("mail") as (mail_port, mails), listening("push", 500) as (push_port, pushes):
        more = {
            "JINGTU_MAIL_URL": f"smtp://127.0.0.1:{mail_port}?from=jingtu@example.invalid",
            "JINGTU_WEBHOOK_URL": f"http://127.0.0.1:{push_port}/in",
            "JINGTU_WEBHOOK_SECRET": SECRET,
        }
        case = clerk("/cases", announced())
        User.objects.filter(username__startswith="clerk").update(email="clerk@example.invalid")
        assert case["verdict"] != "prohibit"
        number = case["number"]
        with worker(url, **more):
            begun = time.monotonic()
            enter = notice("公告1", "2026-03-01", [line("W1")], actor="region_ecology")
            steward("/registers/risk_register_plot/notices", enter)
            until(lambda: Case.objects.get(number=number).flagged)
            flagged_after = time.monotonic() - begun
            until(lambda: mails and len(pushes) > 1)
            until(lambda: not Delivery.objects.filter(done_at=None).exists())
        assert flagged_after < 10
    told = clerk(f"/cases/{number}")
    assert (
        told["flagged"]
        and told["verdict"] == "prohibit"
        and told["check"]["number"] != case["check"]["number"]
    )
    (change,) = told["changes"]
    assert change["causes"][0]["code"] == "W1" and change["old"]["number"] == case["check"]["number"]
    assert [one["text"] for one in clerk("/messages?unread=true")["messages"]] == [
        f"事项 {number}（示例地块变更为居住用地）的核查结论有变：{told['steps'][-1]['note']}。"
    ]
    mail = email.message_from_bytes(mails[0], policy=default)
    assert mail["To"] == "clerk@example.invalid" and number in mail["Subject"]
    assert "结论有变" in mail.get_content() and "W1" not in mail.get_content()
    # The first answer was 500: it was sent again. Whoever has the secret can tell that it is ours.
    headers, sent = pushes[-1]
    expected = hmac.new(SECRET.encode(), headers["X-Jingtu-Time"].encode() + b"." + sent, hashlib.sha256)
    assert headers["X-Jingtu-Signature"] == f"sha256={expected.hexdigest()}"
    assert json.loads(sent)["case"] == number and json.loads(sent)["event"] == "case.changed"
    assert not Delivery.objects.filter(done_at=None).exists()

    path = f"/cases/{number}"
    assert clerk(f"{path}/steps", {"kind": "close", "after": 2}, 409)["code"] == "case_flagged"
    clerk(f"{path}/steps", {"kind": "acknowledge", "after": 2})
    assert not clerk(path)["flagged"]
    clerk("/messages/read", {}, 200)
    assert clerk("/messages?unread=true")["messages"] == []
    clerk(f"{path}/steps", {"kind": "close", "after": 3})


def test_a_case_is_asked_again_though_somebody_asked_the_same_later(
    clerk: Ask, steward: Ask, client: TestClient
) -> None:
    case = clerk("/cases", announced())
    again = {"parcel": dict(shapely.geometry.mapping(PARCEL)), "action": "use_change", **USE}
    clerk("/checks", again)
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-03-01", [line("W1")]))
    kept = recheck()
    assert kept.asked == 2 and VerdictChange.objects.count() == 2
    assert Case.objects.get(number=case["number"]).flagged


def test_who_lost_the_right_to_a_county_is_told_nothing_more(clerk: Ask, steward: Ask) -> None:
    case = clerk("/cases", announced())
    Account.objects.filter(role="clerk").update(counties=["652302"])
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-03-01", [line("W1")]))
    recheck()
    assert Case.objects.get(number=case["number"]).flagged
    assert not Message.objects.filter(to__account__role="clerk").exists()


def test_the_answers_that_a_new_plot_touches_are_those_that_brute_force_finds(
    clerk: Ask, steward: Ask, tmp_path: Path
) -> None:
    """Sixty parcels around one new plot: asked again are those that it meets or that rules look for it near."""
    drawn = random.Random(5)
    parcels = {}
    for _ in range(60):
        x, y = drawn.uniform(87.29, 87.32), drawn.uniform(43.99, 44.02)
        parcel = shapely.box(x, y, x + 0.001, y + 0.001)
        body = {"parcel": dict(shapely.geometry.mapping(parcel)), "action": "use_change", **USE}
        parcels[clerk("/checks", body)["number"]] = parcel
    plot = shapely.MultiPolygon([shapely.box(87.30, 44.00, 87.31, 44.01)])
    steward(
        "/registers/contaminated_plot/notices", notice("公告1", "2026-03-01", [line("W1", plot.geoms[0])])
    )
    recheck()
    touched = {one.old.number for one in VerdictChange.objects.select_related("old")}
    plane = crs.home_zone(87.3).epsg
    ground = crs.from_storage(plot, plane)
    distance = {
        number: crs.from_storage(shapely.MultiPolygon([one]), plane).distance(ground)
        for number, one in parcels.items()
    }
    met = {number for number, metres in distance.items() if metres == 0}
    assert len(met) >= 3 and met <= touched
    # What is farther than any rule looks for a contaminated plot is not touched.
    book = rules.current()
    reach = max(book.reach_m("contaminated_plot"), 1.0)
    near = {number for number, metres in distance.items() if metres <= reach}
    assert touched <= near


def test_permits_that_were_cancelled_make_candidates(
    clerk: Ask, steward: Ask, client: TestClient, bearer: Callable[..., Bearer], tmp_path: Path
) -> None:
    rows = [
        (shapely.box(87.30, 44.00, 87.31, 44.01), {"permit_no": "P1", "name": "甲化工", "permit_status": "cancelled"}),
        (shapely.box(87.33, 44.00, 87.34, 44.01), {"permit_no": "P2", "name": "乙焦化", "permit_status": "revoked"}),
        (shapely.box(87.36, 44.00, 87.37, 44.01), {"permit_no": "P3", "name": "丙电镀", "permit_status": "valid"}),
    ]  # fmt: skip
    path = files.geojson(tmp_path / "p.geojson", rows)
    load(path, "closed_permit_enterprise", county="652301", release="P", commit=True)
    publish("P")
    assert [one["code"] for one in clerk("/candidates")["candidates"]] == ["P1", "P2"]
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    assert [one["code"] for one in clerk("/candidates")["candidates"]] == ["P2"]
    assert asks(client, bearer("clerk", "652302"))("/candidates")["candidates"] == []


def test_events_on_a_site_leave_a_recheck_job(clerk: Ask, steward: Ask) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    body = {"after": 1, "events": [event("move", "suspect", "2026-01-10", "county_ecology")]}
    steward("/sites/S1/events", body)
    assert Job.objects.filter(kind="recheck").count() == 2
