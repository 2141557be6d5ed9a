"""A judged batch against the single check, parcel by parcel, over the demo prefecture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.db import transaction
from django.utils import timezone
from shapely.affinity import rotate

from spatial import answer, rules
from spatial.batch import engines, near
from spatial.batch import run as run_module
from spatial.batch.pairs import overlay_pairs
from spatial.batch.run import Asked, begin, go_on
from spatial.batch.second_opinion import differences, lying_on
from spatial.checks import ParcelOutside, Question, run_check
from spatial.landuse import Use
from spatial.models import Batch, Feature
from spatial.releases import newest_revision
from tests.factories import feature
from tests.spatial import test_batch_pairs

pytestmark = pytest.mark.usefixtures("demo_database")

HARMLESS = (
    "may_pollute_soil",
    "may_pollute_groundwater",
    "discharges_pollutants",
    "livestock",
    "aquaculture",
)
SHOP = Use("MNR-2023", "0901")
QUESTION = Question(shapely.MultiPolygon(), "use_change", SHOP, SHOP, dict.fromkeys(HARMLESS, False))


@pytest.fixture
def undone(demo_database: None) -> Iterator[None]:
    """What a test stores in the demo is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def drawn(many: int, seed: int = 20261125) -> list[shapely.MultiPolygon]:
    """Turned rectangles of 20 m to 2 km beside and over features of all layers, so county borders too."""
    draw = np.random.default_rng(seed)
    rows = list(Feature.objects.exclude(geom=None).order_by("id").values_list("id", "layer"))
    layers = sorted({layer for _, layer in rows})
    by_layer = {layer: [number for number, own in rows if own == layer] for layer in layers}
    found = []
    for n in range(many):
        number = draw.choice(by_layer[layers[n % len(layers)]])
        shape = shapely.from_wkb(bytes(Feature.objects.get(id=number).geom.wkb))
        edge = shape if shape.geom_type == "Point" else shapely.boundary(shape)
        x, y = draw.choice(shapely.get_coordinates(edge if not edge.is_empty else shape))
        wide, high = np.exp(draw.uniform(np.log(1e-4), np.log(0.01), 2))
        x, y = np.array([x, y]) + draw.normal(0, 0.001, 2)
        box = rotate(shapely.box(x - wide, y - high, x + wide, y + high), draw.uniform(0, 90))
        found.append(shapely.MultiPolygon([shapely.orient_polygons(box)]))
    return found


def asked(shapes: list[shapely.MultiPolygon]) -> list[Asked]:
    return [Asked(place, place, f"P{place}", shape) for place, shape in enumerate(shapes, 1)]


def chunks(rows: list[Asked], size: int = 40) -> Iterator[list[Asked]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def alone(task: Any, calls: Any) -> Iterator[Any]:
    return (task(*call) for call in calls)


def told(batch: Batch) -> list[dict[str, Any] | None]:
    rows = batch.parcels.select_related("check_run").order_by("place")
    return [row.check_run.answer if row.check_run else None for row in rows]


def test_two_hundred_parcels_get_the_answers_that_each_gets_alone(undone: None, tmp_path: Path) -> None:
    rows = asked(drawn(200))
    batch = begin(QUESTION, "drawn", "1")
    go_on(batch, QUESTION, chunks(rows), engines.local(), tmp_path, compare=True)
    found = told(batch)
    assert len(found) == 200
    verdicts, hits = set(), 0
    for row, many in zip(rows, found, strict=True):
        question = Question(**{**vars(QUESTION), "parcel": row.shape, "parcel_no": row.number})
        try:
            one = run_check(question).answer
        except ParcelOutside:
            assert many is None
            continue
        assert many is not None
        for what in ("verdict", "complete", "findings", "gaps", "layers", "parcel", "versions"):
            assert many[what] == one[what], (row.number, what)
        assert many["fingerprint"] == one["fingerprint"] == answer.fingerprint(many)
        verdicts.add(many["verdict"])
        hits += sum(finding["feature"] is not None for finding in many["findings"])
    assert verdicts == set(rules.current().verdict_order) and hits > 300, (verdicts, hits)
    assert len({one["number"] for one in found if one}) == sum(one is not None for one in found)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_was_cut_short_goes_on_where_it_stopped(undone: None, tmp_path: Path) -> None:
    rows = asked(drawn(30))

    def dies(task: Any, calls: Any) -> Iterator[Any]:
        yield task(*next(iter(calls)))
        raise KeyboardInterrupt

    batch = begin(QUESTION, "cut", "2")
    with pytest.raises(KeyboardInterrupt):
        go_on(batch, QUESTION, chunks(rows, 10), dies, tmp_path)
    assert [row.place for row in batch.parcels.order_by("place")] == list(range(1, 11))
    kept = told(batch)
    again = begin(QUESTION, "cut", "2")
    assert again.pk == batch.pk and again.ended_at is None
    go_on(again, QUESTION, chunks(rows, 10), alone, tmp_path)
    assert [row.place for row in batch.parcels.order_by("place")] == list(range(1, 31))
    assert told(batch)[:10] == kept
    batch.refresh_from_db()
    assert batch.ended_at is not None


def test_another_question_another_day_and_another_file_are_other_batches(undone: None) -> None:
    first = begin(QUESTION, "a", "3")
    yesterday = Question(**{**vars(QUESTION), "as_of": timezone.localdate() - timedelta(days=1)})
    other = Question(**{**vars(QUESTION), "project": {"livestock": False}})
    keys = {
        first.key,
        begin(yesterday, "a", "3").key,
        begin(other, "a", "3").key,
        begin(QUESTION, "a", "4").key,
    }
    assert len(keys) == 4
    assert begin(QUESTION, "a", "3").pk == first.pk


def test_the_second_opinion_names_an_overlap_that_is_missing_invented_or_of_another_size(
    undone: None,
) -> None:
    parcels = [shapely.MultiPolygon([shapely.box(n, 44, n + 0.001, 44.001)]) for n in (87, 88, 89)]
    zone = str(feature("eco_redline", shapely.MultiPolygon([shapely.box(86, 43, 88.5, 45)])).pk)
    second = [{zone: 1e-6}, {zone: 1e-6}, {}]
    assert differences(parcels, second, second) == {}
    assert differences(parcels, [{}, {zone: 1.000001e-6}, {"9": 1e-6}], second) == {
        0: [f"要素 {zone}"], 1: [f"要素 {zone}"], 2: ["要素 9"],
    }  # fmt: skip


def test_postgis_finds_the_pairs_and_areas_of_the_arrays_among_the_stored_features(undone: None) -> None:
    parcels, zones = test_batch_pairs.drawn()
    Feature.objects.filter(layer="eco_redline").delete()
    ids = [
        str(feature("eco_redline", shapely.MultiPolygon(list(shapely.get_parts(zone)))).pk) for zone in zones
    ]
    alone = overlay_pairs(parcels, zones)
    second = lying_on(parcels, ["eco_redline"], newest_revision(), timezone.localdate())
    by_postgis = {(p, ids.index(one)): much for p, found in enumerate(second) for one, much in found.items()}
    pairs = list(zip(alone.parcel.tolist(), alone.zone.tolist(), strict=True))
    assert sorted(by_postgis) == pairs
    assert [by_postgis[pair] for pair in pairs] == pytest.approx(alone.area, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("kind", ["Polygon", "LineString", "Point"])
def test_a_feature_that_the_batch_never_fetched_is_found_by_the_second_opinion(
    undone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    rows = asked(drawn(60))
    batch = begin(QUESTION, "complete", f"{kind} 1", compare=True)
    go_on(batch, QUESTION, chunks(rows), alone, tmp_path, compare=True)
    complete = {row.place for row in batch.parcels.exclude(check_run=None)}
    assert len(complete) > 50
    lost: set[int] = set()

    def one_short(parcels: np.ndarray, *given: Any) -> list[Any]:
        found = near.features_near(parcels, *given)
        for n, row in enumerate(found):
            shape = shapely.from_wkb(bytes(row.geom or b""))
            here = {int(at) for at in np.flatnonzero(shapely.relate_pattern(parcels, shape, "T********"))}
            if kind in shape.geom_type and here and row.layer != "admin_county":
                lost.update(rows[at].place for at in here)
                return found[:n] + found[n + 1 :]
        return found

    monkeypatch.setattr(run_module, "features_near", one_short)
    short = begin(QUESTION, "short", f"{kind} 2", compare=True)
    go_on(short, QUESTION, chunks(rows, 60), alone, tmp_path, compare=True)
    refused = {row.place: row.issues for row in short.parcels.filter(check_run=None)}
    assert lost and set(refused) - (set(range(1, 61)) - complete) == lost & complete
    assert {issue["code"] for place in lost & complete for issue in refused[place]} == {
        "second_opinion_differs"
    }
