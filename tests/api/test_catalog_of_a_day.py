"""What the catalog says of a day that is past: what was told up to then, and no more."""

from __future__ import annotations

from datetime import date

from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from tests.factories import covered, revision

FIRST, SECOND = Int4Multirange([Int4Range(1, 2)]), Int4Multirange([Int4Range(2, None)])


def state(client: TestClient, layer: str, day: str) -> tuple[str, str | None]:
    told = client.get("/catalog", params={"as_of": day} if day else {}).json()
    (own,) = [one for group in told["groups"] for one in group["layers"] if one["id"] == layer]
    (county,) = [one for one in own["coverage"] if one["county"] == "652301"]
    return county["state"], county["data_date"]


def test_a_day_before_the_first_delivery_is_not_known_and_one_between_two_by_the_first(
    client: TestClient,
) -> None:
    revision(1), revision(2)
    covered("outfall", data_date=date(2024, 3, 1), revisions=FIRST)
    covered("outfall", data_date=date(2026, 9, 1), revisions=SECOND)
    covered("park", data_date=date(2026, 9, 1), revisions=SECOND)
    assert state(client, "outfall", "") == ("loaded", "2026-09-01")
    assert state(client, "outfall", "2024-05-01") == ("loaded", "2024-03-01")
    assert state(client, "outfall", "2026-08-31")[1] == "2024-03-01"
    assert state(client, "outfall", "2024-02-29") == ("never_loaded", None)
    assert state(client, "park", "2026-08-31") == ("never_loaded", None)


def test_what_is_past_its_time_is_so_on_the_day_that_is_asked(client: TestClient) -> None:
    revision(1)
    covered("suspected_plot", data_date=date(2024, 3, 1))  # every 6 months (spatial/catalog/layers)
    assert state(client, "suspected_plot", "2024-06-01") == ("loaded", "2024-03-01")
    assert state(client, "suspected_plot", "2026-06-01") == ("outdated", "2024-03-01")


def test_a_day_that_is_none_is_refused(client: TestClient) -> None:
    assert client.get("/catalog?as_of=2026-02-30").status_code == 422
