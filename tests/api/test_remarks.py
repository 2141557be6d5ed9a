"""Overrides by written decision and disputes: kept beside the answer, which stays the machine's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from fastapi.testclient import TestClient

from spatial.models import CheckRun, Remark, Withdrawal
from tests.api.test_checks import PLAN, Bearer, body
from tests.factories import feature, known_county

DECISION = {
    "document_number": "昌州土环〔2026〕3号",
    "document_date": "2026-11-01",
    "person": "示例甲",
    "reason": "示例：已列入移出计划",
}
Answer = dict[str, Any]


@pytest.fixture
def listed(client: TestClient, bearer: Bearer) -> Answer:
    """The answer about a parcel on a listed plot: REG-01 has no override, REG-02 has one."""
    known_county()
    feature(
        "risk_register_plot", PLAN.polygon("ACFD"), code="R1", name="示例皮革旧址", register_status="listed"
    )
    housing = {"system": "MNR-2023", "code": "0701"}
    given = client.post("/checks", json=body(proposed_use=housing), headers=bearer("clerk", "652301"))
    told: Answer = given.json()
    assert told["verdict"] == "prohibit"
    assert {f["rule"]: f["overridable"] for f in told["findings"]}["REG-02"] is True
    assert told["overrides"] == told["disputes"] == []
    return told


def decide(
    client: TestClient, told: Answer, who: dict[str, str], rule: str = "REG-02", **given: Any
) -> tuple[int, Answer]:
    sent = {"finding": {"rule": rule}, **DECISION, **given}
    reply = client.post(f"/checks/{told['id']}/overrides", json=sent, headers=who)
    return reply.status_code, reply.json()


def test_a_written_decision_stands_beside_the_verdict_and_changes_nothing_of_it(
    client: TestClient, bearer: Bearer, listed: Answer
) -> None:
    steward = bearer("steward", "652301")
    status, kept = decide(client, listed, steward, new_verdict="conditional")
    assert status == 201
    assert kept["finding"] == {
        "rule": "REG-02",
        "layer": "risk_register_plot",
        "feature": next(f["feature"]["id"] for f in listed["findings"] if f["rule"] == "REG-02"),
        "county": "652301",
        "gap": None,
    }
    assert {name: kept[name] for name in DECISION} == DECISION
    assert (kept["new_verdict"], kept["withdrawn"]) == ("conditional", None)
    assert kept["by"].startswith("steward")
    again = client.get(f"/checks/{listed['id']}", headers=steward).json()
    assert again == {**listed, "overrides": [kept]}
    assert client.get(f"/verify/{listed['number']}").json()["unchanged"] is True
    report = client.get(f"/checks/{listed['id']}/report?format=json", headers=steward).json()
    assert report["overrides"] == [kept]
    drawn = client.get(f"/checks/{listed['id']}/report?format=geojson", headers=steward).json()
    assert drawn["features"][0]["properties"]["overrides"] == [kept]
    assert drawn["features"][0]["properties"]["verdict"] == "prohibit"


def test_a_ban_of_a_statute_cannot_be_set_aside(client: TestClient, bearer: Bearer, listed: Answer) -> None:
    status, problem = decide(client, listed, bearer("administrator"), "REG-01")
    assert (status, problem["code"]) == (409, "not_overridable")
    assert "REG-01" in problem["detail"]
    assert not Remark.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"rule": "SUS-01"}, "finding_unknown"),
        ({"finding": {"rule": "REG-02", "feature": "0"}}, "finding_unknown"),
        ({"new_verdict": "prohibit"}, "verdict_not_milder"),
        ({"new_verdict": "fine"}, "verdict_unknown"),
        ({"document_date": str(timezone.localdate() + timedelta(1))}, "document_date_future"),
        ({"document_number": " "}, "body_invalid"),
        ({"person": ""}, "body_invalid"),
        ({"reason": ""}, "body_invalid"),
        ({"verdict": "clear"}, "body_invalid"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    client: TestClient, bearer: Bearer, listed: Answer, given: dict[str, Any], code: str
) -> None:
    status, problem = decide(client, listed, bearer("steward", "652301"), **given)
    assert (status, problem["code"]) == (422, code)
    assert not Remark.objects.exists()


@pytest.mark.parametrize(
    ("role", "counties", "status"),
    [
        ("clerk", ["652301"], 404),
        ("planner", ["652301"], 404),
        ("steward", ["652302"], 404),
        ("auditor", ["652301"], 403),
        ("steward", [], 201),
        ("administrator", ["652301"], 201),
    ],
)
def test_who_answers_for_the_county_records_decisions(
    client: TestClient, bearer: Bearer, listed: Answer, role: str, counties: list[str], status: int
) -> None:
    assert decide(client, listed, bearer(role, *counties))[0] == status


def test_the_asker_may_not_record_the_decision_that_frees_the_parcel(
    client: TestClient, bearer: Bearer, listed: Answer
) -> None:
    clerk = bearer("clerk", "652301")
    own = client.post("/checks", json=body(proposed_use={"code": "0701"}), headers=clerk).json()
    assert decide(client, own, clerk)[0] == 403


def test_a_decision_ends_by_a_record_of_its_own_and_both_stay(
    client: TestClient, bearer: Bearer, listed: Answer
) -> None:
    steward = bearer("steward", "652301")
    kept = decide(client, listed, steward)[1]
    twice = decide(client, listed, steward)
    assert (twice[0], twice[1]["code"]) == (409, "decision_twice")
    path = f"/checks/{listed['id']}/overrides/{kept['id']}/withdraw"
    assert client.post(path, json={"reason": ""}, headers=steward).status_code == 422
    ended = client.post(path, json={"reason": "文号有误"}, headers=steward)
    assert ended.status_code == 201
    assert ended.json()["withdrawn"]["reason"] == "文号有误"
    again = client.post(path, json={"reason": "再撤一次"}, headers=steward)
    assert (again.status_code, again.json()["code"]) == (409, "withdrawn_already")
    assert decide(client, listed, steward, document_number="昌州土环〔2026〕4号")[0] == 201
    told = client.get(f"/checks/{listed['id']}", headers=steward).json()["overrides"]
    assert [(one["document_number"], one["withdrawn"] is None) for one in told] == [
        ("昌州土环〔2026〕3号", False),
        ("昌州土环〔2026〕4号", True),
    ]


@pytest.mark.parametrize("statement", ["UPDATE spatial_remark SET reason = ''", "DELETE FROM spatial_remark"])
def test_the_database_lets_nobody_change_or_delete_one(
    client: TestClient, bearer: Bearer, listed: Answer, statement: str
) -> None:
    steward = bearer("steward", "652301")
    kept = decide(client, listed, steward)[1]
    path = f"/checks/{listed['id']}/overrides/{kept['id']}/withdraw"
    client.post(path, json={"reason": "文号有误"}, headers=steward)
    for table in ("spatial_remark", "spatial_withdrawal"):
        with pytest.raises(IntegrityError, match="only ever added"), connection.cursor() as cursor:
            cursor.execute(statement.replace("spatial_remark", table))
    assert (Remark.objects.count(), Withdrawal.objects.count()) == (1, 1)


def test_a_dispute_is_kept_with_its_reason_and_the_answer_stays(
    client: TestClient, bearer: Bearer, listed: Answer
) -> None:
    planner, steward = bearer("planner", "652301"), bearer("steward", "652301")
    own = client.post("/checks", json=body(proposed_use={"code": "0701"}), headers=planner).json()
    path = f"/checks/{own['id']}/disputes"
    sent = {"finding": {"rule": "REG-01"}, "reason": "边界来自邻宗测量"}
    assert client.post(path, json=sent, headers=bearer("auditor", "652301")).status_code == 403
    kept = client.post(path, json=sent, headers=planner)
    assert kept.status_code == 201
    told = client.get(f"/checks/{own['id']}", headers=steward).json()
    assert told["disputes"] == [kept.json()]
    assert (told["verdict"], told["fingerprint"]) == (own["verdict"], own["fingerprint"])
    withdraw = f"{path}/{kept.json()['id']}/withdraw"
    assert client.post(withdraw, json={"reason": "已核实"}, headers=planner).status_code == 201
    unknown = client.post(f"{path}/999999/withdraw", json={"reason": "x"}, headers=planner)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "remark_unknown")


def test_of_several_findings_that_fit_one_must_be_named(client: TestClient, bearer: Bearer) -> None:
    known_county(but=("eco_redline", "farmland_class"))
    administrator = bearer("administrator")
    told = client.post("/checks", json=body(), headers=administrator).json()
    path = f"/checks/{told['id']}/disputes"
    sent = {"finding": {"rule": "DAT-01"}, "reason": "资料已在装入"}
    refused = client.post(path, json=sent, headers=administrator)
    assert (refused.status_code, refused.json()["code"]) == (422, "finding_ambiguous")
    sent["finding"] = {"rule": "DAT-01", "layer": "eco_redline"}
    kept = client.post(path, json=sent, headers=administrator).json()
    assert (kept["finding"]["gap"], kept["finding"]["layer"]) == ("never_loaded", "eco_redline")


def test_a_remark_on_a_hidden_feature_does_not_tell_which(client: TestClient, bearer: Bearer) -> None:
    known_county()
    feature(
        "suspected_plot",
        PLAN.polygon("ACFD"),
        code="S1",
        name="示例化工",
        county="652302",
        status="suspected",
    )
    steward = bearer("steward", "652301")
    told = client.post("/checks", json=body(), headers=steward).json()
    hit = next(f for f in told["findings"] if f["feature"])
    assert hit["feature"]["hidden"] is True
    sent = {"finding": {"rule": hit["rule"]}, "reason": "示例"}
    kept = client.post(f"/checks/{told['id']}/disputes", json=sent, headers=steward).json()
    assert kept["finding"]["feature"] is None
    assert client.get(f"/checks/{told['id']}", headers=steward).json()["disputes"] == [kept]
    assert CheckRun.objects.get().remarks.get().finding["feature"] is not None
