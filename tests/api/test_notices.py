"""Lists are what the notices say: corrected, withdrawn, and never changed behind a notice's back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from spatial.models import SiteEvent
from tests.api.conftest import Bearer
from tests.api.test_registers import OTHER, Ask, asks, event, line, notice, state
from tests.factories import known_county

PATH = "/registers/contaminated_plot/notices"


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    known_county()
    return asks(client, bearer("steward"))


def listed(ask: Ask, on: str = "2026-11-01") -> list[str]:
    return [one["code"] for one in ask(f"/registers/contaminated_plot?as_of={on}")["sites"]]


def test_a_notice_is_withdrawn_although_the_day_of_its_entry_was_corrected(steward: Ask) -> None:
    steward(PATH, notice("公告1", "2026-03-01", [line("W1"), line("W2", OTHER)]))
    right = event("enter", "contaminated_plot", "2026-02-01", "prefecture_ecology", corrects=1)
    steward("/sites/W1/events", {"after": 1, "events": [right]})
    (told,) = steward(PATH)["notices"]
    assert [(one["code"], one["on"]) for one in told["enters"]] == [
        ("W1", "2026-02-01"),
        ("W2", "2026-03-01"),
    ]
    assert listed(steward, "2026-02-15") == ["W1"]
    told = steward(PATH, notice("公告2", "2026-05-01", withdraws="公告1"))
    assert [one["code"] for one in told["leaves"]] == ["W1", "W2"]
    assert listed(steward, "2026-04-30") == ["W1", "W2"] and listed(steward, "2026-05-01") == []


@pytest.mark.parametrize("actor", ["land_user", "prefecture_ecology"])
@pytest.mark.parametrize("corrected", [False, True])
def test_what_a_notice_entered_is_not_erased_without_one(steward: Ask, actor: str, corrected: bool) -> None:
    steward(PATH, notice("公告1", "2026-03-01", [line("W1")]))
    last = 1
    if corrected:
        right = event("enter", "contaminated_plot", "2026-02-01", "prefecture_ecology", corrects=1)
        steward("/sites/W1/events", {"after": 1, "events": [right]})
        last = 2
    void = event("void", "", "2026-04-01", actor, corrects=last)
    told = steward("/sites/W1/events", {"after": last, "events": [void]}, 422)
    assert told["code"] == "withdraw_by_notice"
    assert listed(steward) == ["W1"] and SiteEvent.objects.count() == last


def test_an_entry_that_a_notice_made_on_any_list_is_taken_back_by_one(steward: Ask) -> None:
    steward(
        "/registers/suspected_plot/notices",
        notice("名单1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    void = event("void", "", "2026-04-01", "county_ecology", corrects=1)
    assert steward("/sites/S1/events", {"after": 1, "events": [void]}, 422)["code"] == "withdraw_by_notice"


def test_only_whose_act_it_was_takes_it_back(steward: Ask) -> None:
    steward(PATH, notice("公告1", "2026-03-01", [line("W1")]))
    bar = event("bar_use", "MNR-2023:0701", "2026-03-02", "prefecture_ecology")
    steward("/sites/W1/events", {"after": 1, "events": [bar]})
    void = event("void", "", "2026-04-01", "land_user", corrects=2)
    assert steward("/sites/W1/events", {"after": 2, "events": [void]}, 422)["code"] == "actor_not_entitled"
    steward("/sites/W1/events", {"after": 2, "events": [{**void, "actor": "prefecture_ecology"}]})
    assert steward("/barred-uses")["barred_uses"] == []


def test_a_notice_that_withdraws_says_nothing_else(steward: Ask) -> None:
    steward(PATH, notice("公告1", "2026-01-10", [line("W1")]))
    for lines in ({"enter": [line("W2", OTHER)]}, {"leave": [line("W1")]}):
        mixed = notice("公告2", "2026-02-01", withdraws="公告1") | lines
        assert steward(PATH, mixed, 422)["code"] == "notice_mixed"
    assert listed(steward) == ["W1"]


def test_a_site_that_left_twice_left_after_it_entered(steward: Ask) -> None:
    path = "/registers/risk_register_plot/notices"
    for number, (day, enters) in enumerate(
        [("2024-01-01", True), ("2024-02-01", False), ("2024-03-01", True), ("2024-04-01", False)]
    ):
        lines = ([line("R1")], []) if enters else ([], [line("R1")])
        steward(path, notice(f"公告{number}", day, *lines, actor="region_ecology"))
    (told,) = state(steward, "R1")["lists"]
    assert (told["since"], told["until"]) == ("2024-03-01", "2024-04-01")
    (then,) = state(steward, "R1", as_of="2024-02-15")["lists"]
    assert (then["since"], then["until"]) == ("2024-01-01", "2024-02-01")
