"""What is corrected after a delivery is corrected in the lists too, and what the delivery says of its own stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial.models import Feature, Release, Revision, Site
from spatial.releases import newest_revision
from tests.api.conftest import Bearer
from tests.api.test_registers import (
    OTHER,
    SQUARE,
    Ask,
    asks,
    contaminated,
    event,
    line,
    notice,
    state,
    verdict_of,
)
from tests.factories import feature, known_county

SUSPECTED, CONTAMINATED = "suspected_plot", "contaminated_plot"


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    known_county()
    return asks(client, bearer("steward"))


def deliver(layer: str, code: str, shape: Any = SQUARE, **said: Any) -> None:
    """A file that is whole for the list and has one row, of this site."""
    site, next_ = Site.objects.get(code=code), newest_revision() + 1
    for row in Feature.objects.filter(site=site, layer=layer).extra(where=["upper_inf(revisions)"]):
        Feature.objects.filter(pk=row.pk).update(revisions=f"{{[{row.revisions[0].lower},{next_})}}")
    Revision.objects.create(number=next_, kind="publish", release=Release.objects.first())
    live = Int4Multirange([Int4Range(next_, None)])
    row = feature(
        layer, shapely.MultiPolygon([shape]), code=code, name=f"示例地块{code}", revisions=live, **said
    )
    Feature.objects.filter(pk=row.pk).update(site=site)


def now(layer: str, code: str) -> list[tuple[str, str, str | None]]:
    rows = Feature.objects.filter(layer=layer, site__code=code).extra(where=["upper_inf(revisions)"])
    return sorted(
        (str(one.valid_from), str(one.valid_to), one.attributes.get("status")) for one in rows.order_by("pk")
    )


def excluded(ask: Ask) -> None:
    entered = notice("名单1", "2026-01-10", [line("S1")], actor="county_ecology")
    ask(f"/registers/{SUSPECTED}/notices", entered)
    rows = [event("move", "suspect", "2026-01-10", "county_ecology"),
            event("move", "investigate", "2026-02-01", "land_user"),
            event("move", "exclude", "2026-03-01", "county_ecology")]  # fmt: skip
    ask("/sites/S1/events", {"after": 1, "events": rows})


def void(ask: Ask, code: str, number: int, after: int, actor: str = "county_ecology") -> None:
    taken_back = event("void", "", "2026-04-01", actor, corrects=number)
    ask(f"/sites/{code}/events", {"after": after, "events": [taken_back]})


def test_a_wrong_exclusion_that_a_delivery_repeated_is_taken_back_in_the_list(steward: Ask) -> None:
    """Else the row goes on to say excluded, and the next check is clear of it."""
    excluded(steward)
    deliver(SUSPECTED, "S1", status="excluded")
    assert "SUS-02" not in {one["rule"] for one in verdict_of()["findings"]}
    void(steward, "S1", 4, 4)
    told = state(steward, "S1")
    assert told["stage"]["id"] == "S2"
    assert told["lists"][0]["attributes"]["status"] == "preliminary_investigation"
    assert "SUS-02" in {one["rule"] for one in verdict_of()["findings"]}
    assert now(SUSPECTED, "S1") == [
        ("2026-01-10", "2026-02-01", "suspected"), ("2026-02-01", "None", "preliminary_investigation"),
    ]  # fmt: skip


def test_an_exclusion_that_a_delivery_says_of_its_own_stands(steward: Ask) -> None:
    """The register never had it excluded: that the investigation began later says nothing against the file."""
    excluded(steward)
    void(steward, "S1", 4, 4)
    deliver(SUSPECTED, "S1", status="excluded")
    right = event("move", "investigate", "2026-02-05", "land_user", corrects=3)
    steward("/sites/S1/events", {"after": 5, "events": [right]})
    assert {status for _, _, status in now(SUSPECTED, "S1")} == {"excluded"}


def test_the_day_of_an_entry_is_corrected_after_a_delivery(steward: Ask) -> None:
    steward(f"/registers/{CONTAMINATED}/notices", notice("公告1", "2026-03-01", [line("W1")]))
    deliver(CONTAMINATED, "W1", status="confirmed", entry_date="2026-03-01")
    right = event("enter", CONTAMINATED, "2026-02-01", "prefecture_ecology", corrects=1)
    steward("/sites/W1/events", {"after": 1, "events": [right]})
    on = {day: len(steward(f"/registers/{CONTAMINATED}?as_of={day}")["sites"])
          for day in ("2026-01-31", "2026-02-01", "2026-03-01")}  # fmt: skip
    assert on == {"2026-01-31": 0, "2026-02-01": 1, "2026-03-01": 1}
    assert state(steward, "W1")["lists"][0]["since"] == "2026-02-01"
    assert state(steward, "W1")["lists"][0]["attributes"]["entry_date"] == "2026-02-01"


def test_a_day_that_is_put_right_loses_neither_boundary_nor_attributes(steward: Ask) -> None:
    entered = line("W1", attributes={"status": "risk_assessment", "industry": "coking"})
    steward(f"/registers/{CONTAMINATED}/notices", notice("公告1", "2026-03-01", [entered]))
    right = event("enter", CONTAMINATED, "2026-02-01", "prefecture_ecology", corrects=1)
    steward("/sites/W1/events", {"after": 1, "events": [right]})
    (row,) = Feature.objects.filter(layer=CONTAMINATED, site__code="W1").extra(where=["upper_inf(revisions)"])
    assert row.has_boundary and shapely.from_wkb(bytes(row.geom.wkb)).equals(SQUARE)
    assert (row.attributes["status"], row.attributes["industry"]) == ("risk_assessment", "coking")
    assert contaminated(verdict_of()) == {"W1"}


def test_an_entry_that_was_wrong_is_taken_back_although_a_delivery_repeats_it(steward: Ask) -> None:
    steward("/registers/priority_control_plot/notices", notice("名录1", "2026-01-01", [line("W1")]))
    entered = event("enter", SUSPECTED, "2026-01-10", "county_ecology")
    steward("/sites/W1/events", {"after": 1, "events": [entered]})
    deliver(SUSPECTED, "W1", status="suspected")
    assert state(steward, "W1")["stage"]["id"] == "S1"
    void(steward, "W1", 2, 2)
    assert now(SUSPECTED, "W1") == [] and steward(f"/registers/{SUSPECTED}")["sites"] == []
    assert state(steward, "W1")["stage"]["id"] == "S0"


def test_what_a_delivery_redrew_stays_as_it_redrew_it(steward: Ask) -> None:
    excluded(steward)
    deliver(SUSPECTED, "S1", OTHER, status="excluded", industry="coking")
    void(steward, "S1", 4, 4)
    rows = Feature.objects.filter(layer=SUSPECTED, site__code="S1").extra(where=["upper_inf(revisions)"])
    shapes = [shapely.from_wkb(bytes(one.geom.wkb)) for one in rows]
    assert len(shapes) == 2 and all(one.equals(OTHER) for one in shapes)
    assert {one.attributes["industry"] for one in rows} == {"coking"}


def test_what_was_known_before_the_correction_stays_known(steward: Ask) -> None:
    excluded(steward)
    deliver(SUSPECTED, "S1", status="excluded")
    known = newest_revision()
    at = Revision.objects.get(number=known).at.isoformat().replace("+", "%2B")
    void(steward, "S1", 4, 4)
    then = state(steward, "S1", known_at=at)
    assert then["stage"]["id"] == "S3" and then["lists"][0]["attributes"]["status"] == "excluded"
