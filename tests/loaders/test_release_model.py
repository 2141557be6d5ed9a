"""Any sequence of loading, switching on and switching back leaves what a plain dict says, then and later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.pipeline import load
from spatial.releases import publish, unpublish
from tests.factories import day
from tests.loaders import files

pytestmark = pytest.mark.django_db

LAYER = "high_risk_site"
REGION, WEST, EAST = "652300", "652301", "652302"
NOWHERE = shapely.box(10.0, 10.0, 10.1, 10.1)
# A row: its county, its code there, what it says; a row of which it says nothing cannot go in.
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([WEST, EAST]), st.sampled_from("AB")),
    st.sampled_from(["one", "two", None]),
    max_size=4,
)
LOADS = st.tuples(st.sampled_from([REGION, WEST, EAST, None]), ROWS)
STEPS = st.lists(
    st.one_of(st.lists(LOADS, min_size=1, max_size=2), st.sampled_from(["back", "again"])), max_size=6
)
Live = dict[tuple[str, str], str]
Missed = dict[tuple[int, str], int]


@dataclass(frozen=True)
class State:
    """What is live by county and code; rows that wait by delivery and county."""

    live: Live
    missed: Missed


@dataclass(frozen=True)
class Load:
    """A delivery as the model has it: `speaks_for` shrinks when a later one of the same release takes counties over."""

    number: int
    whole: bool
    speaks_for: frozenset[str]
    rows: dict[tuple[str, str], str | None]
    missed: dict[str, int]

    def without(self, other: Load) -> Load:
        left = self.speaks_for - other.speaks_for
        both = self.speaks_for & other.speaks_for
        missed = {c: n for c, n in self.missed.items() if left and c not in both}
        return Load(self.number, self.whole, left, self.rows, missed)


def load_of(number: int, county: str | None, rows: dict[tuple[str, str], str | None]) -> Load:
    good = {place for (place, _), said in rows.items() if said}
    every = {WEST, EAST, "652323", "652324", "652325", "652327", "652328"}
    speaks_for = good if county is None else every if county == REGION else {county}
    missed: dict[str, int] = {}
    for (place, _), said in rows.items():
        if said is None:
            for there in {place} | speaks_for:
                missed[there] = missed.get(there, 0) + 1
    return Load(number, county is not None, frozenset(speaks_for), rows, missed)


def published(state: State, loads: list[Load]) -> State:
    live, missed = dict(state.live), dict(state.missed)
    for one in loads:
        if one.whole:
            # What waits may be the new form of a row of its code, wherever that lies: the old form stays.
            waiting = {code for (_, code), said in one.rows.items() if said is None}
            live = {at: s for at, s in live.items() if at[0] not in one.speaks_for or at[1] in waiting}
            missed = {at: n for at, n in missed.items() if at[1] not in one.speaks_for}
        live |= {at: said for at, said in one.rows.items() if said and at[0] in one.speaks_for}
    missed |= {(one.number, county): n for one in loads for county, n in one.missed.items()}
    return State(live, missed)


def stored(at: int | None = None) -> tuple[list[Any], dict[str, int]]:
    """What the database has live now or had at a revision; rows that wait summed by county."""
    current = "upper_inf(revisions)" if at is None else "revisions @> %(at)s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT county, code, name FROM spatial_feature WHERE {current}", {"at": at})
        live = sorted(cursor.fetchall())
        cursor.execute(
            f"SELECT county, sum(rows) FROM spatial_leftout WHERE {current} GROUP BY 1", {"at": at}
        )
        return live, {county: int(rows) for county, rows in cursor.fetchall()}


def told(state: State) -> tuple[list[Any], dict[str, int]]:
    missed: dict[str, int] = {}
    for (_, county), rows in state.missed.items():
        missed[county] = missed.get(county, 0) + rows
    return sorted((county, code, said) for (county, code), said in state.live.items()), missed


def deliver(folder: Path, release: str, county: str | None, rows: dict[tuple[str, str], str | None]) -> bool:
    """Load a file; whether it went in. Every row ends as exactly one of loaded, quarantined or refused."""
    named = [
        (None if said else NOWHERE, {"code": code, "county": place, "name": said})
        for (place, code), said in rows.items()
    ]
    path = files.geojson(folder / "a.geojson", named)
    result = load(path, LAYER, county=county, release=release, commit=True, data_date=day("2025-03-01"))
    counts = result.rows
    assert counts.read == len(rows) == counts.loaded + counts.quarantined + counts.refused
    return result.committed


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_what_is_live_is_what_a_plain_dict_says(steps: list[Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    with transaction.atomic():
        history = [State({}, {})]
        on: list[tuple[str, list[Load], State]] = []
        off: list[tuple[str, list[Load]]] = []
        for number, step in enumerate(steps):
            now = history[-1]
            if step == "back" and on:
                release, loads, before = on.pop()
                unpublish(release)
                off.append((release, loads))
                history.append(before)
            elif step == "again" and off:
                release, loads = off.pop()
                publish(release)
                off.clear()  # those that were on top of it are older than it now
                on.append((release, loads, now))
                history.append(published(now, loads))
            elif isinstance(step, list):
                loads = []
                for part, (county, rows) in enumerate(step):
                    if county not in (None, REGION):
                        rows = {at: said for at, said in rows.items() if at[0] == county}
                    if deliver(folder, f"R{number}", county, rows):
                        made = load_of(10 * number + part, county, rows)
                        loads = [kept for kept in (one.without(made) for one in loads) if kept.speaks_for]
                        loads.append(made)
                if loads:
                    publish(f"R{number}")
                    on.append((f"R{number}", loads, now))
                    off.clear()
                    history.append(published(now, loads))
            assert stored() == told(history[-1])
        assert [stored(revision) for revision in range(len(history))] == [told(state) for state in history]
        transaction.set_rollback(True)
