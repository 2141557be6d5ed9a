"""Sites that are divided or become one: nothing that held of them is lost on the way, no ground and no bar."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from spatial.models import Feature
from spatial.registers.lifecycle import current
from spatial.registers.replay import Event, replay
from tests.api.conftest import Bearer
from tests.api.test_registers import (
    SQUARE,
    Ask,
    asks,
    contaminated,
    event,
    geojson,
    line,
    notice,
    state,
    verdict_of,
)
from tests.factories import feature, known_county

WEST, EAST = shapely.box(87.30, 44.00, 87.305, 44.01), shapely.box(87.305, 44.00, 87.31, 44.01)
WAY = [
    ("suspect", "2024-01-01", "county_ecology", {}),
    ("investigate", "2024-01-02", "land_user", {}),
    ("confirm", "2024-01-03", "prefecture_ecology", {}),
    ("investigate_in_detail", "2024-01-04", "land_user", {}),
    ("assess", "2024-01-05", "land_user", {}),
    ("register", "2024-01-06", "region_ecology", {}),
    ("remediate", "2024-01-07", "land_user", {"contractor": "甲公司"}),
    ("evaluate", "2024-02-01", "land_user", {"contractor": "乙公司"}),
    ("apply_for_removal", "2024-03-01", "land_user", {}),
    ("remove", "2024-04-01", "region_ecology", {"released_for": "工业用地"}),
]
REGISTER, SUSPECTED = "/registers/risk_register_plot/notices", "/registers/suspected_plot/notices"


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    known_county()
    return asks(client, bearer("steward"))


def moved(ask: Ask, code: str, many: int, first: int = 1) -> None:
    rows = [event("move", what, on, actor, detail=detail) for what, on, actor, detail in WAY[:many]]
    ask(f"/sites/{code}/events", {"after": first, "events": rows})


def succession(sites: dict[str, int], *parts: tuple[str, Any]) -> dict[str, Any]:
    return {"sites": sites, "parts": [{"code": c, "name": c, "shape": geojson(s)} for c, s in parts],
            "on": "2026-05-01", "actor": "prefecture_ecology", "document_number": "批复1",
            "document_date": "2026-05-01"}  # fmt: skip


def registered(ask: Ask, *lines: Any) -> None:
    ask(REGISTER, notice("名录公告1", "2024-01-06", lines, actor="region_ecology"))


def suspected(ask: Ask, *lines: Any) -> None:
    ask(SUSPECTED, notice("名单1", "2024-01-01", lines, actor="county_ecology"))


def bars(ask: Ask, code: str) -> set[str]:
    return {one["id"] for one in state(ask, code)["bars"]}


def test_parts_bear_what_was_imposed_on_the_whole_and_the_uses_that_were_barred(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    imposed = [event("impose", "excavation", "2026-02-01", "county_ecology", detail={"text": "覆土区"}),
               event("bar_use", "MNR-2023:0701", "2026-02-02", "prefecture_ecology")]  # fmt: skip
    steward("/sites/W1/events", {"after": 1, "events": imposed})
    steward("/successions", succession({"W1": 3}, ("W1-1", WEST), ("W1-2", EAST)))
    for code in ("W1-1", "W1-2"):
        told = state(steward, code)
        assert [(one["id"], one["since"]) for one in told["bars"]][-1] == ("excavation", "2026-02-01")
        assert [(one["use"], one["since"]) for one in told["barred_uses"]] == [
            ("MNR-2023:0701", "2026-02-02")
        ]
    assert {one["code"] for one in steward("/barred-uses")["barred_uses"]} == {"W1-1", "W1-2"}
    lift = event("lift", "excavation", "2026-06-01", "county_ecology")
    steward("/sites/W1-1/events", {"after": 1, "events": [lift]})
    assert "excavation" not in bars(steward, "W1-1") and "excavation" in bars(steward, "W1-2")


def test_parts_owe_what_the_whole_owed_on_the_same_day(steward: Ask) -> None:
    suspected(steward, line("S1"))
    moved(steward, "S1", 1)
    before = state(steward, "S1")["due"]
    steward("/successions", succession({"S1": 2}, ("S1-1", WEST), ("S1-2", EAST)))
    assert before["by"] == "2024-07-01"
    assert state(steward, "S1-1")["due"] == state(steward, "S1-2")["due"] == before
    assert {one["code"] for one in steward("/sites?due=overdue")["sites"]} == {"S1-1", "S1-2"}


def test_a_part_is_not_evaluated_by_who_did_the_works_on_the_whole(steward: Ask) -> None:
    registered(steward, line("R1"))
    moved(steward, "R1", 7)
    steward("/successions", succession({"R1": 8}, ("R1-1", WEST), ("R1-2", EAST)))
    own = event("move", "evaluate", "2026-06-01", "land_user", detail={"contractor": "甲公司"})
    assert steward("/sites/R1-1/events", {"after": 1, "events": [own]}, 409)["code"] == "same_contractor"
    own["detail"] = {"contractor": "乙公司"}
    steward("/sites/R1-1/events", {"after": 1, "events": [own]})


def test_a_part_is_released_for_the_use_that_the_whole_was(steward: Ask) -> None:
    registered(steward, line("R1"))
    moved(steward, "R1", 10)
    steward("/successions", succession({"R1": 11}, ("R1-1", WEST), ("R1-2", EAST)))
    told = state(steward, "R1-2")
    assert told["stage"]["id"] == "S12" and told["conditions"] == {"released_for": "工业用地"}
    assert not told["stage"]["declared"] and told["stage"]["since"] == "2026-05-01"


def test_a_removed_plot_and_one_in_remediation_become_one_that_is_in_remediation(steward: Ask) -> None:
    registered(steward, line("R1", WEST), line("R2", EAST))
    moved(steward, "R1", 10)
    steward(REGISTER, notice("名录公告2", "2024-04-01", [], [line("R1")], actor="region_ecology"))
    moved(steward, "R2", 7)
    steward("/successions", succession({"R1": 12, "R2": 8}, ("R3", SQUARE)))
    told = state(steward, "R3")
    assert told["stage"]["id"] == "S9b"
    assert bars(steward, "R3") == {"housing_and_public_use", "land_procedures", "unrelated_construction"}
    assert told["conditions"] == {"released_for": "R1：工业用地"}
    own = event("move", "evaluate", "2026-06-01", "land_user", detail={"contractor": "甲公司"})
    steward("/sites/R3/events", {"after": 1, "events": [own]}, 409)


def test_of_two_rows_the_stricter_speaks_and_what_they_differ_in_is_not_known(steward: Ask) -> None:
    path = "/registers/contaminated_plot/notices"
    lines = [line("W1", WEST, attributes={"status": "closed", "risk_assessment_reviewed": True, "industry": "coking"}),
             line("W2", EAST, attributes={"status": "risk_assessment", "industry": "coking"})]  # fmt: skip
    steward(path, notice("公告1", "2026-01-10", lines))
    steward("/successions", succession({"W1": 1, "W2": 1}, ("W3", SQUARE)))
    (row,) = Feature.objects.filter(layer="contaminated_plot", code="W3")
    assert row.attributes["status"] == "risk_assessment" and row.attributes["industry"] == "coking"
    assert "risk_assessment_reviewed" not in row.attributes


def test_a_bar_of_the_milder_stage_stays_until_it_is_lifted(steward: Ask) -> None:
    """S1 bars expropriation, S4 does not; what comes of both must not lose it."""
    suspected(steward, line("A", WEST), line("B", EAST))
    moved(steward, "A", 1)
    moved(steward, "B", 3)
    steward("/successions", succession({"A": 2, "B": 4}, ("C", SQUARE)))
    assert state(steward, "C")["stage"]["id"] == "S4"
    assert bars(steward, "C") == {"unrelated_construction", "expropriation"}


def test_parts_lie_on_the_ground_that_there_was_and_not_on_each_other(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    far = shapely.box(87.30, 44.00, 87.60, 44.30)
    for parts, code in (
        ((("A", WEST), ("B", far)), "ground_added"),
        ((("A", SQUARE), ("B", EAST)), "parts_overlap"),
        ((("A", WEST), ("B", WEST)), "ground_lost"),
    ):
        assert steward("/successions", succession({"W1": 1}, *parts), 422)["code"] == code


def test_a_site_that_is_on_no_list_any_more_keeps_its_ground(steward: Ask) -> None:
    path, tiny = "/registers/priority_control_plot/notices", shapely.box(87.30, 44.00, 87.3001, 44.0001)
    steward(path, notice("公告1", "2026-01-10", [line("W1")]))
    steward(path, notice("公告2", "2026-02-10", [], [line("W1")]))
    told = steward("/successions", succession({"W1": 2}, ("A", tiny), ("B", tiny)), 422)
    assert told["code"] == "ground_lost"
    steward("/successions", succession({"W1": 2}, ("A", WEST), ("B", EAST)))
    again = {**succession({"A": 1}, ("A-1", tiny), ("A-2", tiny)), "on": "2026-06-01"}
    assert steward("/successions", again, 422)["code"] == "ground_lost"


def test_sites_of_two_counties_do_not_become_one(steward: Ask) -> None:
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(88.0, 43.0, 89.5, 45.0)]), "652302", code="652302"
    )
    there = shapely.box(88.5, 44.0, 88.51, 44.01)
    suspected(steward, line("A"), line("B", there, county="652302"))
    both = shapely.MultiPolygon([SQUARE, there])
    assert (
        steward("/successions", succession({"A": 1, "B": 1}, ("C", both)), 422)["code"] == "counties_differ"
    )


def test_a_wrong_division_is_taken_back_and_made_right_under_the_same_codes(steward: Ask) -> None:
    steward("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    halves = ("W1-1", WEST), ("W1-2", EAST)
    steward("/successions", succession({"W1": 1}, *halves))
    void = {"after": 2, "events": [event("void", "", "2026-06-01", "prefecture_ecology", corrects=2)]}
    bar = event("impose", "access", "2026-05-10", "county_ecology")
    steward("/sites/W1-2/events", {"after": 1, "events": [bar]})
    assert steward("/sites/W1/events", void, 409)["code"] == "succession_followed"
    undone = event("void", "", "2026-05-11", "county_ecology", corrects=2)
    steward("/sites/W1-2/events", {"after": 2, "events": [undone]})
    told = steward("/sites/W1/events", void)
    assert {one["site"] for one in told["events"]} == {"W1", "W1-1", "W1-2"}
    assert [one["code"] for one in steward("/registers/contaminated_plot")["sites"]] == ["W1"]
    old, part = state(steward, "W1"), state(steward, "W1-1")
    assert old["ended"] is None and old["lineage"]["into"] == [] and contaminated(verdict_of()) == {"W1"}
    assert part["lists"] == [] and part["lineage"]["from"] == []
    steward("/successions", succession({"W1": 3}, ("W1-1", EAST), ("W1-2", WEST)))
    assert contaminated(verdict_of()) == {"W1-2"}


def test_a_wrong_merger_is_taken_back_from_what_came_of_it(steward: Ask) -> None:
    suspected(steward, line("A", WEST), line("B", EAST))
    steward("/successions", succession({"A": 1, "B": 1}, ("C", SQUARE)))
    void = event("void", "", "2026-06-01", "prefecture_ecology", corrects=1)
    steward("/sites/C/events", {"after": 1, "events": [void]})
    assert {one["code"] for one in steward("/registers/suspected_plot")["sites"]} == {"A", "B"}


def test_a_plot_lies_in_the_county_that_it_is_said_to_be_in(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(88.0, 43.0, 89.5, 45.0)]), "652302", code="652302"
    )
    mine, there = asks(client, bearer("steward", "652301")), shapely.box(88.5, 44.0, 88.51, 44.01)
    astride = shapely.box(87.98, 44.0, 88.02, 44.01)
    for shape in (there, astride, shapely.Point(88.5, 44.0)):
        entered = notice("公告1", "2026-01-10", [line("W1", shape)])
        assert mine("/registers/contaminated_plot/notices", entered, 422)["code"] == "county_conflict"
    mine("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", [line("W1")]))
    moved_there = event("rebound", "", "2026-02-01", "county_ecology", shape=geojson(there))
    told = mine("/sites/W1/events", {"after": 1, "events": [moved_there]}, 422)
    assert told["code"] == "county_conflict"


@pytest.mark.parametrize("code", ["", " ", "X" * 81])
def test_a_site_is_not_renumbered_to_nothing(steward: Ask, code: str) -> None:
    suspected(steward, line("S1"))
    renumber = event("renumber", code, "2026-02-01", "county_ecology")
    assert steward("/sites/S1/events", {"after": 1, "events": [renumber]}, 422)["code"] == "code_missing"


@pytest.mark.parametrize(
    "at", [[1e400, 44.0], [87.3, float("nan")], ["87.3", None], [10**400, 44], [0, 0], [44, 87.3]]
)
def test_a_place_that_is_no_number_is_refused(
    client: TestClient, bearer: Callable[..., Bearer], at: list[Any]
) -> None:
    known_county()
    body = notice("公告1", "2026-01-10", [line("W1", None) | {"shape": {"type": "Point", "coordinates": at}}])
    content = json.dumps(body).replace("Infinity", "1e400")
    headers = {**bearer("steward"), "Content-Type": "application/json"}
    told = client.post("/registers/contaminated_plot/notices", content=content, headers=headers)
    assert told.status_code in (400, 422), told.text


def test_works_of_a_time_before_the_last_release_keep_nobody_from_evaluating() -> None:
    """Soil law 42 is about the works that are evaluated."""
    again = [("reopen_in_detail", {}), ("assess", {}), ("register", {}), ("control", {"contractor": "丁公司"}),
             ("evaluate", {"contractor": "甲公司"})]  # fmt: skip
    moves = [*((what, detail) for what, _, _, detail in WAY), *again]
    events = [
        Event(n, "move", what, date(2024, 1, n), "文", detail) for n, (what, detail) in enumerate(moves, 1)
    ]
    assert replay(current(), events).stage == "S10"
