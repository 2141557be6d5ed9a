"""The pairs of a batch: the same from one array, processes and Dask workers; areas by another library.

This file imports no models: workers import it, and set up no Django for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely.geometry import Polygon, box

from spatial import crs
from spatial.batch import engines
from spatial.batch.engines import dask, here, local, overlay_batch
from spatial.batch.pairs import Pairs, overlay_pairs

M = 1e-5
"""About a metre, in degrees."""
X, Y = 87.3, 44.0


def at(west: float, south: float, east: float, north: float) -> Polygon:
    """A box by metres from a place, roughly."""
    return box(X + west * M, Y + south * M, X + east * M, Y + north * M)


def array(*shapes: object) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def blobs(draw: np.random.Generator, many: int, metres: float, vertices: int) -> list[Polygon]:
    """Star-shaped polygons, some with a hole, within 3 km of each other."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    found = []
    for n in range(many):
        radius = metres * M * draw.uniform(0.4, 1.0, vertices)
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
        middle = np.array([X, Y]) + draw.uniform(0, 3000 * M, 2)
        found.append(Polygon(ring + middle, [ring * 0.5 + middle] if n % 3 == 0 else None))
    return found


def drawn(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Parcels and zones at random, and the cases that are worth a name, among them a county border."""
    draw = np.random.default_rng(seed)
    ring = Polygon(at(0, 0, 90, 90).exterior, [at(30, 30, 60, 60).exterior])
    parcels = [
        at(0, 0, 30, 30), at(30, 0, 60, 30), at(30, 30, 60, 60), ring, at(-20, -20, 0, 0),
        shapely.MultiPolygon([at(0, 0, 10, 10), at(200, 200, 210, 210)]), at(60 - 1e-3, 0, 70, 10),
        at(500, 0, 600, 40),
    ]  # fmt: skip
    zones = [
        at(0, 0, 60, 60), ring, at(30, 30, 60, 60), at(60, 0, 90, 90), at(29.999, 0, 100, 100),
        shapely.MultiPolygon([at(5, 5, 7, 7), at(205, 205, 400, 400)]), at(-5000, -5000, 550, 5000),
        at(550, -5000, 6000, 5000),
    ]  # fmt: skip
    parcels += blobs(draw, 400, 60, 12)
    zones += blobs(draw, 60, 250, 80) + blobs(draw, 3, 2500, 1500)
    return array(*parcels), array(*zones)


def brute(parcels: np.ndarray, zones: np.ndarray) -> dict[tuple[int, int], float]:
    """Every parcel with every zone, no index and no short cut."""
    found = {}
    for p, parcel in enumerate(parcels):
        for z, zone in enumerate(zones):
            area = parcel.intersection(zone).area
            if area > 1e-15:
                found[p, z] = area
    return found


def told(pairs: Pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.parcel.tolist(), pairs.zone.tolist(), strict=True), pairs.area, strict=True))


def test_no_pair_is_missed_and_none_is_invented() -> None:
    parcels, zones = drawn()
    found, expected = told(overlay_pairs(parcels, zones)), brute(parcels, zones)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-20)


def test_edges_that_touch_and_a_hole_filled_exactly_are_no_overlap_and_a_millimetre_is() -> None:
    parcels, zones = drawn()
    found = told(overlay_pairs(parcels, zones))
    assert [z for p, z in found if p == 2 and z < 5] == [0, 2, 4]  # the ring it fills is not among them
    assert [z for p, z in found if p == 4 and z < 5] == []
    assert found[6, 0] == pytest.approx(1e-3 * 10 * M * M, rel=1e-6)


def test_two_parts_of_a_border_add_up_to_the_parcel() -> None:
    parcels, zones = drawn()
    found = told(overlay_pairs(parcels, zones, crs.areas_m2))
    assert found[7, 6] + found[7, 7] == pytest.approx(crs.area_m2(parcels[7]), rel=1e-12)


def test_processes_and_dask_find_the_same_pairs_and_areas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcels, zones = drawn()
    monkeypatch.setattr(engines, "PER_FILE", 100)
    alone = overlay_pairs(parcels, zones)
    for name, run in (("here", here), ("local", local()), ("dask", dask())):
        folder = tmp_path / name
        folder.mkdir()
        (found,) = overlay_batch(parcels, [zones], run, folder)
        assert all(np.array_equal(a, b) for a, b in zip(found, alone, strict=True)), name


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    parcels, zones = drawn()
    names = [engines.write_shapes(tmp_path / f"p{n}.parquet", parcels[n::8]) for n in range(8)]
    zone_file = engines.write_shapes(tmp_path / "z.parquet", zones)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            pids = list(client.run(os.getpid).values())
        threading.Timer(0.4, os.kill, (pids[0], signal.SIGKILL)).start()
        calls = [(name, (zone_file,), "deg2") for name in names]
        done = list(dask(cluster.scheduler_address)(slowly, calls))
    for n, (found,) in enumerate(done):
        alone = overlay_pairs(parcels[n::8], zones)
        assert all(np.array_equal(a, b) for a, b in zip(found, alone, strict=True))


def test_a_batch_without_workers_ends_in_an_error_and_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(engines, "WITHOUT_WORKERS_S", 0.5)
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(engines.NoWorkers),
    ):
        list(dask(cluster.scheduler_address)(slowly, [(tmp_path / "p", (), "deg2")]))


def slowly(parcels: Path, zones: tuple[Path, ...], area: str) -> list[Pairs]:
    """Long enough for a worker to die in the middle."""
    time.sleep(0.3)
    return engines.overlay_files(parcels, zones, area)


def test_areas_of_an_array_are_those_of_geographiclib_and_of_one_shape_at_a_time() -> None:
    parcels, _ = drawn()
    mixed = array(*parcels, shapely.Point(X, Y), shapely.Polygon(), None,
                  shapely.GeometryCollection([at(0, 0, 9, 9), shapely.MultiPolygon([at(20, 0, 29, 9)])]))  # fmt: skip
    areas = crs.areas_m2(mixed)
    assert areas[:-2] == pytest.approx([crs.area_m2(shape) for shape in mixed[:-2]], rel=1e-11, abs=1e-7)
    earth = Geodesic(crs.A, crs.F)
    for shape, area in zip(parcels[:20], areas[:20], strict=True):
        # geographiclib's edges are geodesics; cut to 10 m they lie within a hair of straight in degrees.
        by_ring = []
        for part in shapely.get_parts(shapely.segmentize(shape, 10 * M)):
            for ring in (part.exterior, *part.interiors):
                polygon = earth.Polygon()
                for lon, lat in list(ring.coords)[:-1]:
                    polygon.AddPoint(lat, lon)
                by_ring.append((1 if ring == part.exterior else -1) * abs(polygon.Compute()[2]))
        assert area == pytest.approx(sum(by_ring), rel=1e-8, abs=0.001)
    assert areas[-4:-1].tolist() == [0.0, 0.0, 0.0]
    assert areas[-1] == pytest.approx(crs.area_m2(at(0, 0, 9, 9)) + crs.area_m2(at(20, 0, 29, 9)), rel=1e-11)


@pytest.mark.parametrize("at_work", [True, False])
def test_the_processes_of_a_run_that_is_killed_end_with_it(at_work: bool) -> None:
    program = """
import os, time
from spatial.batch.engines import local
for pid in local()(os.getpid, [()] * 4):
    print(pid, flush=True)
    time.sleep(60)
"""
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    if at_work:
        run.stdout.readline()
    deadline = time.monotonic() + 30
    while len(started := children(run.pid)) < 3:  # two at work and the one that tidies up behind them
        assert time.monotonic() < deadline
    run.kill()
    run.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in started):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pid: int) -> list[str]:
    return [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
