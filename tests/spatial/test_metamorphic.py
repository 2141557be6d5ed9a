"""What must not matter does not, and what is added is never lost: on random data, without knowing the right answer."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import rules
from spatial.checks import Question, run_check
from spatial.geometry import polygons_of
from tests.factories import feature, known_county
from tests.spatial.test_checks import SHOP
from tests.spatial.test_differential import drawn

pytestmark = pytest.mark.django_db

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "suspected_plot": {"status": "suspected"},
    "eco_redline": {"control_area": "general"},
    "farmland_class": {"class": "strict_control"},
    "permanent_basic_farmland": {},
    "risk_register_plot": {"register_status": "listed"},
}
NEAR = frozenset({"adjacent", "dwithin", "nearest", "sliver"})
"""Relations that look beyond the parcel or at its borders."""
ORDER = rules.current().verdict_order
SEEDS = pytest.mark.parametrize("seed", range(12))
Answer = dict[str, Any]


def ask(parcel: BaseGeometry) -> Answer:
    return run_check(Question(polygons_of(parcel), **SHOP)).answer  # type: ignore[no-any-return, arg-type]


def add(random: Random, number: int) -> None:
    layer = random.choice(sorted(ATTRIBUTES))
    feature(layer, drawn(random), code=f"F{number}", **ATTRIBUTES[layer])


@pytest.fixture
def random(seed: int) -> Random:
    """A county in which everything is known and something lies about."""
    drawing = Random(seed)
    known_county()
    for number in range(40):
        add(drawing, number)
    return drawing


def said(answer: Answer) -> Any:
    """All that a reader acts on: headline, findings, areas and layers."""
    findings = [
        (f["rule"], f["verdict"], f["layer"], (f["feature"] or {}).get("id"), f["certainty"])
        for f in answer["findings"]
    ]
    return (
        answer["verdict"],
        answer["complete"],
        findings,
        [(r["layer"], r["state"]) for r in answer["layers"]],
    )


def areas(answer: Answer) -> list[float]:
    return [answer["parcel"]["area_m2"], *(row["overlap_area_m2"] for row in answer["layers"])]


def overlapped(answer: Answer) -> set[tuple[str, str]]:
    """What was found on the ground of the parcel itself."""
    return {
        (f["rule"], f["feature"]["id"])
        for f in answer["findings"]
        if f["feature"] and f["relation"] == "intersects" and f["rule"] != "DAT-05"
    }


def rank(answer: Answer) -> int:
    return ORDER.index(answer["verdict"])


@SEEDS
def test_how_a_ring_is_written_does_not_matter(random: Random) -> None:
    parcel = drawn(random)
    plain = ask(parcel)

    def turned(ring: Any) -> Any:
        corners = list(ring.coords)[:-1]
        first = random.randrange(len(corners))
        corners = corners[first:] + corners[:first]
        return corners[::-1] if random.random() < 0.5 else corners

    def parts(shape: BaseGeometry) -> BaseGeometry:
        return shapely.MultiPolygon(
            [
                shapely.Polygon(turned(part.exterior), [turned(hole) for hole in part.interiors])
                for part in shapely.get_parts(shape)
            ]
        )

    for written in (parts(parcel), shapely.segmentize(parcel, 3e-5)):
        again = ask(written)
        assert said(again) == said(plain)
        assert areas(again) == pytest.approx(areas(plain), rel=1e-6, abs=0.011)


@SEEDS
def test_the_pieces_of_a_parcel_add_up_and_say_together_what_it_says(random: Random) -> None:
    parcel = drawn(random)
    west, south, east, north = parcel.bounds
    cut = west + (east - west) * random.uniform(0.3, 0.7)
    halves = [
        polygons_of(shapely.intersection(parcel, shapely.box(a, south - 1, b, north + 1)))
        for a, b in ((west - 1, cut), (cut, east + 1))
    ]
    whole, pieces = ask(parcel), [ask(half) for half in halves if not half.is_empty]
    assert [sum(column) for column in zip(*map(areas, pieces), strict=True)] == pytest.approx(
        areas(whole), rel=1e-6, abs=0.025
    )
    if not any(f["relation"] in NEAR for answer in (whole, *pieces) for f in answer["findings"]):
        assert rank(whole) == min(map(rank, pieces))
        assert overlapped(whole) == set().union(*map(overlapped, pieces))


@SEEDS
def test_another_restriction_never_makes_an_answer_milder(random: Random) -> None:
    parcel = drawn(random)
    before = ask(parcel)
    for number in range(40, 60):
        add(random, number)
    after = ask(parcel)
    hits = {row["layer"] for row in before["layers"] if row["state"] == "hit"}
    assert hits <= {row["layer"] for row in after["layers"] if row["state"] == "hit"}
    assert rank(after) <= rank(before)
    assert overlapped(before) <= overlapped(after)


@SEEDS
def test_a_parcel_that_grows_never_loses_a_hit(random: Random) -> None:
    parcel = drawn(random)
    grown = polygons_of(shapely.union(parcel, drawn(random)))
    small, large = ask(parcel), ask(grown)
    hits = {row["layer"] for row in small["layers"] if row["state"] == "hit"}
    assert hits <= {row["layer"] for row in large["layers"] if row["state"] == "hit"}
    assert overlapped(small) <= overlapped(large)
    assert large["verdict"] != "clear" or small["verdict"] == "clear"
