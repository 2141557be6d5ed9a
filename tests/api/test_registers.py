"""Registers over HTTP: what a steward records is what a check sees, and what nobody else may see stays unseen."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
import shapely
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial.checks import Question, run_check
from spatial.landuse import Use
from spatial.models import AuditEntry, CheckRun, Feature, Job, Notice, Release, Revision, Site, SiteEvent
from spatial.releases import newest_revision
from tests.api.conftest import Bearer
from tests.factories import feature, known_county

SQUARE = shapely.box(87.30, 44.00, 87.31, 44.01)
PARCEL = shapely.MultiPolygon([shapely.box(87.302, 44.002, 87.304, 44.004)])
OTHER = shapely.box(87.32, 44.00, 87.33, 44.01)
Ask = Callable[..., Any]


def geojson(shape: Any) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shape))


def notice(number: str, day: str, enter: Any = (), leave: Any = (), **more: Any) -> dict[str, Any]:
    actor = more.pop("actor", "prefecture_ecology")
    return {"number": number, "date": day, "title": "关于名录的公告", "actor": actor, "enter": list(enter),
            "leave": list(leave), **more}  # fmt: skip


def line(code: str, shape: Any = SQUARE, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": f"示例地块{code}", "county": "652301",
            "shape": geojson(shape) if shape is not None else None, **more}  # fmt: skip


def event(kind: str, what: str, on: str, actor: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "what": what, "on": on, "actor": actor, "document_number": "昌环〔2026〕1号",
            "document_date": on, **more}  # fmt: skip


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    """Asks as a steward of the whole region; every layer is known and empty in the county."""
    known_county()
    return asks(client, bearer("steward"))


def asks(client: TestClient, who: Bearer | None) -> Ask:
    def ask(path: str, body: Any = None, status: int = 0, **headers: str) -> Any:
        sent = {**(who or {}), **headers}
        answer = (
            client.post(path, json=body, headers=sent) if body is not None else client.get(path, headers=sent)
        )
        assert answer.status_code == (status or (200 if body is None else 201)), answer.text
        return answer.json()

    return ask


def verdict_of(parcel: shapely.MultiPolygon = PARCEL) -> Any:
    use = Use("MNR-2023", "0701")
    return run_check(Question(parcel, "use_change", use, Use("MNR-2023", "1001"))).answer


def contaminated(answer: Any) -> set[str]:
    """The codes of the contaminated plots that an answer names."""
    return {
        f["feature"]["code"] for f in answer["findings"] if f["layer"] == "contaminated_plot" and f["feature"]
    }


def state(ask: Ask, code: str, **query: str) -> Any:
    more = "&".join(f"{name}={value}" for name, value in query.items())
    return ask(f"/sites/{code}?{more}")


def test_a_plot_that_a_notice_enters_is_met_by_the_next_check(steward: Ask) -> None:
    assert not [f for f in verdict_of()["findings"] if f["layer"] == "contaminated_plot"]
    told = steward(
        "/registers/contaminated_plot/notices", notice("昌环公告〔2026〕1号", "2026-03-01", [line("W1")])
    )
    assert told["enters"] == [{"code": "W1", "name": "示例地块W1", "on": "2026-03-01"}]
    found = verdict_of()
    assert {
        f["feature"]["code"] for f in found["findings"] if f["layer"] == "contaminated_plot" and f["feature"]
    } == {"W1"}
    assert found["versions"]["revision"] == told["revision"] == newest_revision()
    (row,) = Feature.objects.filter(layer="contaminated_plot", code="W1")
    assert row.load_id is None and row.event.number == 1
    assert row.attributes["status"] == "confirmed" and row.attributes["document"] == "昌环公告〔2026〕1号"
    assert Job.objects.filter(kind="recheck").exists()


def test_a_list_of_a_day_is_taken_out_as_a_table_and_that_is_kept(
    client: TestClient, bearer: Callable[..., Bearer], steward: Ask
) -> None:
    who = bearer("auditor")
    steward(
        "/registers/risk_register_plot/notices",
        notice("N1", "2026-01-10", [line("S1"), line("=1")], actor="region_ecology"),
    )
    path = "/registers/risk_register_plot/file"

    def rows(query: str) -> list[str]:
        file = client.get(path + query, headers=who)
        assert file.status_code == 200, file.text
        head, *told = openpyxl.load_workbook(io.BytesIO(file.content)).active.values
        assert head[:3] == ("地块编码", "名称", "县市")
        return [row[0] for row in told]

    assert rows("?as_of=2026-01-09") == []
    assert rows("?as_of=2026-01-11") == ["'=1", "S1"]
    assert rows("?q=s1&county=652301") == ["S1"]
    assert rows("?county=652302") == []
    kept = AuditEntry.objects.filter(action="export", object="risk_register_plot")
    assert [json.loads(one.said)["sites"] for one in kept.order_by("number")] == [0, 2, 1, 0]


def test_a_plot_that_enters_without_a_place_keeps_its_county_from_being_clear(steward: Ask) -> None:
    assert verdict_of()["complete"]
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-03-01", [line("W2", None)]))
    found = verdict_of()
    assert not found["complete"]
    assert ("contaminated_plot", "unlocated") in {(gap["layer"], gap["kind"]) for gap in found["gaps"]}


def test_the_way_of_a_site_from_suspicion_to_release(steward: Ask) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2025-01-10", [line("S1")], actor="county_ecology"),
    )
    steps = [
        ("suspect", "2025-01-10", "county_ecology", {}),
        ("investigate", "2025-02-01", "land_user", {}),
        ("confirm", "2025-05-01", "prefecture_ecology", {}),
        ("investigate_in_detail", "2025-06-01", "responsible_party", {}),
        ("assess", "2025-07-01", "responsible_party", {}),
        ("register", "2025-08-01", "region_ecology", {}),
        ("remediate", "2025-09-01", "responsible_party", {"contractor": "甲公司"}),
        ("evaluate", "2025-11-01", "responsible_party", {"contractor": "乙公司"}),
        ("apply_for_removal", "2026-01-01", "responsible_party", {}),
        ("remove", "2026-02-01", "region_ecology", {"released_for": "工业用地"}),
    ]
    for number, (move, on, actor, detail) in enumerate(steps, start=1):
        body = {"after": number, "events": [event("move", move, on, actor, detail=detail)]}
        if move == "register":
            enter = notice("名录公告", on, [line("S1")], actor="region_ecology")
            steward("/registers/risk_register_plot/notices", enter)
            body["after"] = number + 1
        elif number > 6:
            body["after"] = number + 1
        steward("/sites/S1/events", body)
    steward(
        "/registers/risk_register_plot/notices",
        notice("移出公告", "2026-02-01", [], [line("S1")], actor="region_ecology"),
    )

    assert state(steward, "S1")["stage"]["id"] == "S12"
    assert state(steward, "S1")["conditions"] == {"released_for": "工业用地"}
    assert state(steward, "S1", as_of="2026-01-15")["conditions"] == {}
    assert state(steward, "S1", as_of="2025-05-15")["stage"]["id"] == "S4"
    assert state(steward, "S1", as_of="2025-10-01")["stage"] | {"moves": []} == {
        "id": "S9b", "title": "修复", "title_en": "remediation", "since": "2025-09-01", "declared": False, "moves": [],
    }  # fmt: skip
    bars = {one["id"] for one in state(steward, "S1", as_of="2025-10-01")["bars"]}
    assert bars == {"housing_and_public_use", "land_procedures", "unrelated_construction"}
    # Three parallel facts: it was never taken off the list of suspected plots.
    lists = {one["layer"]: one for one in state(steward, "S1")["lists"]}
    assert (
        lists["suspected_plot"]["listed"]
        and lists["suspected_plot"]["attributes"]["status"] == "preliminary_investigation"
    )
    register = lists["risk_register_plot"]
    assert not register["listed"] and register["until"] == "2026-02-01"
    assert (
        register["attributes"]["register_status"] == "removed"
        and register["attributes"]["targets_met"] is True
    )
    rows = Feature.objects.filter(layer="risk_register_plot", code="S1").extra(where=["upper_inf(revisions)"])
    assert [(str(r.valid_from), str(r.valid_to), r.attributes["stage"]) for r in rows.order_by("valid_from")] == [
        ("2025-08-01", "2025-09-01", "listed"), ("2025-09-01", "2025-11-01", "remediation"),
        ("2025-11-01", "2026-01-01", "effect_evaluation"), ("2026-01-01", "2026-02-01", "removal_review"),
        ("2026-02-01", "None", "closed"),
    ]  # fmt: skip

    def told_on(day: str) -> set[str]:
        found = steward(f"/registers/risk_register_plot?as_of={day}")
        return {one["code"] for one in found["sites"]}

    assert (told_on("2025-07-31"), told_on("2025-08-01"), told_on("2026-01-31"), told_on("2026-02-01")) == (
        set(), {"S1"}, {"S1"}, set(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (event("move", "confirm", "2026-02-01", "prefecture_ecology"), 409, "move_not_allowed"),
        (event("move", "suspect", "2026-02-01", "land_user"), 422, "actor_not_entitled"),
        (event("move", "suspect", "2099-02-01", "county_ecology"), 422, "day_to_come"),
        (event("move", "fly", "2026-02-01", "county_ecology"), 422, "what_unknown"),
        (event("lift", "access", "2026-02-01", "county_ecology"), 409, "not_in_force"),
        (event("enter", "contaminated_plot", "2026-02-01", "prefecture_ecology"), 422, "needs_own_request"),
        (event("void", "", "2026-02-01", "county_ecology", corrects=9), 422, "not_correctable"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(steward: Ask, body: Any, status: int, code: str) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    before = newest_revision()
    told = steward("/sites/S1/events", {"after": 1, "events": [body]}, status)
    assert told["code"] == code and told["detail"] and told["hint"]
    assert newest_revision() == before and SiteEvent.objects.count() == 1


def test_an_effect_evaluation_is_not_done_by_who_did_the_works(steward: Ask) -> None:
    steward(
        "/registers/risk_register_plot/notices",
        notice("公告1", "2026-01-10", [line("R1")], actor="region_ecology"),
    )
    rows = [
        event("move", "suspect", "2024-01-01", "county_ecology"),
        event("move", "investigate", "2024-01-02", "land_user"),
        event("move", "confirm", "2024-01-03", "prefecture_ecology"),
        event("move", "investigate_in_detail", "2024-01-04", "land_user"),
        event("move", "assess", "2024-01-05", "land_user"),
        event("move", "register", "2024-01-06", "region_ecology"),
        event("move", "control", "2024-01-07", "land_user", detail={"contractor": "甲公司"}),
    ]
    steward("/sites/R1/events", {"after": 1, "events": rows})
    again = event("move", "evaluate", "2024-02-01", "land_user", detail={"contractor": "甲公司"})
    assert steward("/sites/R1/events", {"after": 8, "events": [again]}, 409)["code"] == "same_contractor"
    nobody = event("move", "evaluate", "2024-02-01", "land_user")
    assert steward("/sites/R1/events", {"after": 8, "events": [nobody]}, 422)["code"] == "detail_missing"
    again["detail"] = {"contractor": "乙公司"}
    steward("/sites/R1/events", {"after": 8, "events": [again]})


@pytest.mark.parametrize("name", ["甲公司 ", "甲 公司", "\u200b甲公司", "甲公司（新疆）", ["甲公司(新疆)"]])
def test_a_name_that_is_written_otherwise_is_no_other_contractor(steward: Ask, name: Any) -> None:
    registered_and_treated(steward, "甲公司(新疆)" if "新疆" in str(name) else "甲公司")
    again = event("move", "evaluate", "2024-02-01", "land_user", detail={"contractor": name})
    told = steward("/sites/R1/events", {"after": 8, "events": [again]}, 409 if isinstance(name, str) else 422)
    assert told["code"] == ("same_contractor" if isinstance(name, str) else "detail_missing")


def test_who_did_the_first_works_does_not_evaluate_the_second(steward: Ask) -> None:
    registered_and_treated(steward, "甲公司")
    rows = [event("move", "evaluate", "2024-02-01", "land_user", detail={"contractor": "乙公司"}),
            event("move", "remediate_again", "2024-03-01", "land_user", detail={"contractor": "丙公司"})]  # fmt: skip
    steward("/sites/R1/events", {"after": 8, "events": rows})
    for name, status in (("甲公司", 409), ("丙公司", 409), ("乙公司", 201)):
        again = event("move", "evaluate", "2024-04-01", "land_user", detail={"contractor": name})
        steward("/sites/R1/events", {"after": 10, "events": [again]}, status)


def test_starting_to_investigate_does_not_end_the_deadline_to_report(steward: Ask) -> None:
    """Order 42, article 13: six months from the written notice to the report, not to the start."""
    listed = notice("名录1", "2024-01-01", [line("S1")], actor="county_ecology")
    steward("/registers/suspected_plot/notices", listed)
    rows = [event("move", "suspect", "2024-01-01", "county_ecology"),
            event("move", "investigate", "2024-03-01", "land_user")]  # fmt: skip
    steward("/sites/S1/events", {"after": 1, "events": rows})
    assert state(steward, "S1")["due"] == {
        "what": "完成初步调查并报送报告",
        "by": "2024-07-01",
        "overdue": True,
    }
    assert [one["code"] for one in steward("/sites?due=overdue")["sites"]] == ["S1"]
    done = event("move", "exclude", "2024-08-01", "county_ecology")
    steward("/sites/S1/events", {"after": 3, "events": [done]})
    assert state(steward, "S1")["due"] is None and steward("/sites?due=overdue")["sites"] == []


def registered_and_treated(ask: Ask, contractor: str) -> None:
    entered = notice("公告1", "2024-01-06", [line("R1")], actor="region_ecology")
    ask("/registers/risk_register_plot/notices", entered)
    way = [("suspect", "county_ecology"), ("investigate", "land_user"), ("confirm", "prefecture_ecology"),
           ("investigate_in_detail", "land_user"), ("assess", "land_user"), ("register", "region_ecology")]  # fmt: skip
    rows = [event("move", what, f"2024-01-0{n}", actor) for n, (what, actor) in enumerate(way, start=1)]
    rows += [event("move", "remediate", "2024-01-07", "land_user", detail={"contractor": contractor})]
    ask("/sites/R1/events", {"after": 1, "events": rows})


def test_events_that_belong_together_are_recorded_together_or_not_at_all(steward: Ask) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    good = event("move", "suspect", "2026-01-10", "county_ecology")
    bad = event("move", "confirm", "2026-01-11", "prefecture_ecology")
    steward("/sites/S1/events", {"after": 1, "events": [good, bad]}, 409)
    assert SiteEvent.objects.count() == 1
    assert state(steward, "S1")["stage"]["id"] == "S0"


def test_of_two_stewards_the_second_is_told_and_nothing_is_lost(
    steward: Ask,
    client: TestClient,
    bearer: Callable[..., Bearer],
) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    second = asks(client, bearer("steward", "652301"))
    steward(
        "/sites/S1/events", {"after": 1, "events": [event("move", "suspect", "2026-01-10", "county_ecology")]}
    )
    mine = {"after": 1, "events": [event("impose", "access", "2026-01-12", "county_ecology")]}
    told = second("/sites/S1/events", mine, 409)
    assert told["code"] == "stale" and "steward" in told["detail"]
    second("/sites/S1/events", {**mine, "after": 2})
    now = state(steward, "S1")
    assert [(one["kind"], one["what"]) for one in now["events"]] == [
        ("enter", "suspected_plot"), ("move", "suspect"), ("impose", "access"),
    ]  # fmt: skip
    assert {one["id"] for one in now["bars"]} == {"expropriation", "access"}
    assert now["due"] == {"what": "完成初步调查并报送报告", "by": "2026-07-10", "overdue": True}


def test_two_at_the_same_moment_are_one_and_one_refusal(
    steward: Ask,
    client: TestClient,
    bearer: Callable[..., Bearer],
) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    who = [bearer("steward") for _ in range(4)]
    found: list[int] = []

    def ask(one: Bearer) -> None:
        body = {"after": 1, "events": [event("impose", "access", "2026-01-12", "county_ecology")]}
        found.append(client.post("/sites/S1/events", json=body, headers=one).status_code)

    threads = [threading.Thread(target=ask, args=(one,)) for one in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, 409, 409, 409]
    assert SiteEvent.objects.filter(kind="impose").count() == 1


def test_the_same_request_sent_twice_is_one_event(steward: Ask) -> None:
    enter = notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology")
    first = steward("/registers/suspected_plot/notices", enter, **{"Idempotency-Key": "a-1"})
    assert steward("/registers/suspected_plot/notices", enter, **{"Idempotency-Key": "a-1"}) == first
    assert Notice.objects.count() == SiteEvent.objects.count() == 1
    other = notice("名录2", "2026-01-11", [line("S2")], actor="county_ecology")
    told = steward("/registers/suspected_plot/notices", other, 409, **{"Idempotency-Key": "a-1"})
    assert told["code"] == "key_used"
    move = {"after": 1, "events": [event("move", "suspect", "2026-01-10", "county_ecology")]}
    assert steward("/sites/S1/events", move, **{"Idempotency-Key": "a-2"}) == steward(
        "/sites/S1/events", move, **{"Idempotency-Key": "a-2"}
    )
    assert SiteEvent.objects.count() == 2


def test_a_correction_leaves_what_was_known_before(steward: Ask) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    body = {"after": 1, "events": [event("impose", "access", "2026-03-01", "county_ecology")]}
    before = steward("/sites/S1/events", body)
    known = before["events"][0]["recorded_at"].replace("+", "%2B")
    right = event("impose", "access", "2026-02-01", "county_ecology", corrects=2)
    steward("/sites/S1/events", {"after": 2, "events": [right]})
    assert [one["since"] for one in state(steward, "S1", as_of="2026-02-15")["bars"]] == ["2026-02-01"]
    then = state(steward, "S1", as_of="2026-02-15", known_at=known)
    assert then["bars"] == [] and [one["number"] for one in then["events"]] == [1, 2]
    assert then["events"][1]["corrected_by"] is None
    assert state(steward, "S1")["events"][1]["corrected_by"] == 3


def test_a_correction_is_no_way_around_a_notice(steward: Ask) -> None:
    """An entry that needs no notice cannot be corrected into one that does."""
    steward("/registers/priority_control_plot/notices", notice("名录1", "2026-01-10", [line("S1")]))
    wrong = event("enter", "contaminated_plot", "2026-01-10", "prefecture_ecology", corrects=1)
    told = steward("/sites/S1/events", {"after": 1, "events": [wrong]}, 422)
    assert told["code"] == "corrects_other_kind"
    assert steward("/registers/contaminated_plot")["sites"] == []


def test_a_withdrawn_notice_counts_until_its_withdrawal(steward: Ask) -> None:
    path = "/registers/contaminated_plot/notices"
    steward(path, notice("公告1", "2026-02-01", [line("A"), line("B", OTHER)]))
    steward(path, notice("公告2", "2026-03-01", [], [line("A")]))
    steward(path, notice("公告3", "2026-04-01", withdraws="公告2"))

    def on(day: str) -> set[str]:
        return {one["code"] for one in steward(f"/registers/contaminated_plot?as_of={day}")["sites"]}

    assert [on(day) for day in ("2026-01-31", "2026-02-01", "2026-03-01", "2026-04-01")] == [
        set(), {"A", "B"}, {"B"}, {"A", "B"},
    ]  # fmt: skip
    told = {one["number"]: one for one in steward(path)["notices"]}
    assert told["公告2"]["withdrawn_by"] == "公告3" and told["公告3"]["withdraws"] == "公告2"
    assert steward(path, notice("公告4", "2026-05-01", withdraws="公告2"), 409)["code"] == "withdrawn_already"
    assert steward(path, notice("公告1", "2026-05-01", [line("C", OTHER)]), 409)["code"] == "notice_twice"


def test_a_divided_site_leaves_no_ground_behind(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    west, east = shapely.box(87.30, 44.00, 87.305, 44.01), shapely.box(87.305, 44.00, 87.31, 44.01)
    less = shapely.box(87.305, 44.00, 87.309, 44.01)

    def body(second: Any) -> dict[str, Any]:
        parts = [{"code": "W1-1", "name": "西块", "shape": geojson(west)},
                 {"code": "W1-2", "name": "东块", "shape": geojson(second)}]  # fmt: skip
        return {"sites": {"W1": 1}, "parts": parts, "on": "2026-05-01", "actor": "prefecture_ecology",
                "document_number": "批复1", "document_date": "2026-05-01"}  # fmt: skip

    assert steward("/successions", body(less), 422)["code"] == "ground_lost"
    steward("/successions", body(east))
    assert contaminated(verdict_of()) == {"W1-1"}
    before = run_check(Question(PARCEL, as_of=date(2026, 4, 1))).answer
    assert {
        f["feature"]["code"] for f in before["findings"] if f["layer"] == "contaminated_plot" and f["feature"]
    } == {"W1"}
    old, new = state(steward, "W1"), state(steward, "W1-2")
    assert old["ended"] == "2026-05-01" and old["lineage"]["into"] == ["W1-1", "W1-2"]
    assert new["lineage"]["from"] == ["W1"] and new["lists"][0]["listed"]
    late = {"after": 2, "events": [event("impose", "access", "2026-06-01", "county_ecology")]}
    assert steward("/sites/W1/events", late, 409)["code"] == "site_ended"


def test_a_site_keeps_its_identity_under_a_new_number_and_boundary(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    rows = [event("renumber", "W9", "2026-02-01", "county_ecology"),
            event("rebound", "", "2026-03-01", "county_ecology", shape=geojson(OTHER))]  # fmt: skip
    steward("/sites/W1/events", {"after": 1, "events": rows})
    assert Site.objects.count() == 1
    assert state(steward, "W1")["codes"] == state(steward, "W9")["codes"] == ["W1", "W9"]
    assert not [f for f in verdict_of()["findings"] if f["layer"] == "contaminated_plot"]
    moved = shapely.MultiPolygon([shapely.box(87.322, 44.002, 87.324, 44.004)])
    assert {
        f["feature"]["code"] for f in verdict_of(moved)["findings"] if f["layer"] == "contaminated_plot"
    } == {"W9"}


def test_uses_are_barred_and_allowed_again(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    bar = event("bar_use", "MNR-2023:0701", "2026-02-01", "prefecture_ecology", detail={"text": "不得建住宅"})
    steward("/sites/W1/events", {"after": 1, "events": [bar]})
    told = steward("/barred-uses")["barred_uses"]
    assert [(one["code"], one["use"], one["text"]) for one in told] == [("W1", "MNR-2023:0701", "不得建住宅")]
    allow = event("allow_use", "MNR-2023:0701", "2026-03-01", "prefecture_ecology")
    steward("/sites/W1/events", {"after": 2, "events": [allow]})
    assert steward("/barred-uses")["barred_uses"] == []
    assert len(steward("/barred-uses?as_of=2026-02-15")["barred_uses"]) == 1


def test_who_may_see_and_record_what(
    steward: Ask,
    client: TestClient,
    bearer: Callable[..., Bearer],
) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-02-10", [line("W1", OTHER)]))
    stranger, elsewhere = asks(client, None), asks(client, bearer("steward", "652302"))
    here = asks(client, bearer("clerk", "652301"))
    for ask in (stranger, elsewhere):
        assert [one["code"] for one in ask("/sites")["sites"]] == ["W1"]
        ask("/sites/S1", status=404)
        open_ = ask("/sites/W1")
        assert set(open_) == {
            "code",
            "codes",
            "name",
            "county",
            "county_name",
            "as_of",
            "revision",
            "lists",
            "events",
        }
        assert [one["layer"] for one in open_["lists"]] == ["contaminated_plot"]
        assert not {"by", "note", "detail"} & set(open_["events"][0])
    stranger("/registers/suspected_plot", status=401)
    assert elsewhere("/registers/suspected_plot")["sites"] == []
    assert elsewhere("/registers/suspected_plot/notices")["notices"] == []
    assert here("/sites/S1")["events"][0]["by"].startswith("steward")
    body = {"after": 1, "events": [event("impose", "access", "2026-01-12", "county_ecology")]}
    here("/sites/S1/events", body, 403)
    elsewhere("/sites/S1/events", body, 404)
    elsewhere("/sites/W1/events", body, 403)
    elsewhere("/registers/contaminated_plot/notices", notice("公告2", "2026-03-01", [], [line("W1")]), 403)
    stranger("/sites/S1/events", body, 401)


def test_a_delivery_that_comes_later_takes_the_place_of_what_events_made(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    site = Site.objects.get(code="W1")
    Feature.objects.filter(site=site).update(revisions=f"{{[{newest_revision()},{newest_revision() + 1})}}")
    Revision.objects.create(number=newest_revision() + 1, kind="publish", release=Release.objects.first())
    delivered = feature("contaminated_plot", shapely.MultiPolygon([OTHER]), code="W1", status="detailed_investigation",
                        revisions=Int4Multirange([Int4Range(newest_revision(), None)]))  # fmt: skip
    Feature.objects.filter(pk=delivered.pk).update(site=site)
    assert state(steward, "W1")["stage"] | {"moves": []} == {
        "id": "S5", "title": "详细调查", "title_en": "detailed investigation", "since": None, "declared": True,
        "moves": [],
    }  # fmt: skip
    body = {"after": 1, "events": [event("move", "assess", "2026-06-01", "land_user")]}
    steward("/sites/W1/events", body)
    rows = Feature.objects.filter(site=site).extra(where=["upper_inf(revisions)"]).order_by("valid_to")
    assert [(one.attributes["status"], str(one.valid_from), str(one.valid_to)) for one in rows] == [
        ("detailed_investigation", "None", "2026-06-01"), ("risk_assessment", "2026-06-01", "None"),
    ]  # fmt: skip
    assert CheckRun.objects.count() == 0
