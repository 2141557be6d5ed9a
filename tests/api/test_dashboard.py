"""The numbers of the overview against what was put there by hand; each opens the list that it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from loaders.pipeline import load
from spatial.releases import publish
from tests.api.conftest import Bearer
from tests.api.test_cases import announced
from tests.api.test_registers import Ask, asks, event, line, notice
from tests.factories import feature, known_county
from tests.loaders import files


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    known_county()
    return asks(client, bearer("steward"))


def numbers(ask: Ask) -> dict[str, tuple[int, int | None]]:
    told = ask("/dashboard")
    return {one["id"]: (one["value"], one["of"]) for one in [*told["indicators"], *told["deadlines"]]}


def square(at: int) -> Any:
    return shapely.box(87.3 + at / 100, 44.0, 87.305 + at / 100, 44.005)


def test_units_and_wells_are_counted_from_the_layers(steward: Ask, tmp_path: Path) -> None:
    dates = ("2022-05-01", "2024-12-31", "2019-01-01", None)
    units = [
        (square(n), {"unit": f"单位{n}", "last_hidden_danger_check": day}) for n, day in enumerate(dates)
    ]
    path = files.geojson(tmp_path / "u.geojson", units)
    load(path, "key_supervised_unit_land", county="652301", release="U", commit=True)
    classes = ("I", "III", "IV", "V", "V")
    wells = [
        (shapely.Point(87.3 + n / 100, 44.0), {"code": f"J{n}", "class": one})
        for n, one in enumerate(classes)
    ]
    load(files.geojson(tmp_path / "w.geojson", wells), "well", county="652301", release="W", commit=True)
    publish("U")
    publish("W")
    found = numbers(steward)
    assert (found["key_units"], found["wells"], found["wells_v"]) == ((2, 4), (2, 5), (2, 5))
    for one in steward("/dashboard")["indicators"]:
        assert steward(one["list"])


def test_key_land_is_counted_by_the_cases_that_changed_it(steward: Ask) -> None:
    made = []
    for at, use in ((0, "0701"), (2, "0804"), (4, "1001"), (6, "0701")):
        made.append(
            steward("/cases", announced(square(at), proposed_use={"code": use}, action="use_change"))[
                "number"
            ]
        )
    for number in made[:3]:
        steward(f"/cases/{number}/steps", {"kind": "close", "after": 1})
    closed = {one["number"]: one for one in steward("/cases?state=closed")["cases"]}
    key = [
        closed[number] for number in made[:2]
    ]  # housing and a school; not the factory, not what is still open
    safe = [one for one in key if one["complete"] and one["verdict"] in ("clear", "notice", "conditional")]
    assert numbers(steward)["key_land"] == (len(safe), 2)
    (told,) = [one for one in steward("/dashboard")["indicators"] if one["id"] == "key_land"]
    assert [one["number"] for one in steward(told["list"])["cases"]] == [made[1], made[0]]


def test_a_unit_or_well_is_counted_on_the_days_on_which_it_is_listed(steward: Ask) -> None:
    for number, (begin, end) in enumerate(
        [
            (None, None),
            (None, date(2025, 1, 1)),
            (date(2030, 1, 1), None),
            (date(2020, 1, 1), date(2030, 1, 1)),
        ]
    ):
        days = {"valid_from": begin, "valid_to": end}
        feature("key_supervised_unit_land", shapely.MultiPolygon([square(number)]), code=f"K{number}", **days)
        feature("well", square(number).centroid, code=f"J{number}", **{"class": "I"}, **days)
    for one in steward("/dashboard")["indicators"]:
        if one["id"] in ("key_units", "wells"):
            assert one["of"] == 2 == steward(one["list"])["numberMatched"]


def test_what_is_overdue_is_counted_and_listed(steward: Ask) -> None:
    for code, day in (("S1", "2025-01-10"), ("S2", "2026-11-01")):
        at = square(0 if code == "S1" else 2)
        steward(
            "/registers/suspected_plot/notices", notice(code, day, [line(code, at)], actor="county_ecology")
        )
        body = {"after": 1, "events": [event("move", "suspect", day, "county_ecology")]}
        steward(f"/sites/{code}/events", body)
    assert numbers(steward)["overdue"] == (1, 2)
    assert [one["code"] for one in steward("/sites?due=overdue")["sites"]] == ["S1"]


def test_freshness_is_of_ones_counties(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    rows = {one["county"]: one for one in steward("/dashboard")["freshness"]}
    here = rows["652301"]
    assert here["loaded"] == here["layers"] and here["never_loaded"] == 0
    assert rows["652302"]["never_loaded"] == rows["652302"]["layers"]
    own = asks(client, bearer("clerk", "652302"))("/dashboard")["freshness"]
    assert [one["county"] for one in own] == ["652302"]
