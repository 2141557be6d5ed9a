"""A batch's overlay beside one core of vectorised shapely: the same parcels, the same six layers, in turn.

    .venv/bin/python benchmarks/overlay.py [--parcels 500000] [--rounds 3] [--home FOLDER]

The peer is the fastest way that one process has: STRtree bulk query, prepared short cut for parcels wholly in a zone,
vectorised intersection. Both begin with the files and end with the pairs in memory; ours writes its files for the
workers and starts them within the time. Each runs in a child process; memory is that of the child and all of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from spatial.batch.engines import local, overlay_batch
from spatial.batch.files import read_shapes, write_shapes


def ours(parcels: np.ndarray, layers: list[np.ndarray]) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        found = overlay_batch(parcels, layers, local(), Path(folder))
    return sum(len(pairs.area) for pairs in found), sum(float(pairs.area.sum()) for pairs in found)


def peer(parcels: np.ndarray, layers: list[np.ndarray]) -> tuple[int, float]:
    tree, own = shapely.STRtree(parcels), shapely.area(parcels)
    pairs, total = 0, 0.0
    for zones in layers:
        shapely.prepare(zones)
        zone, parcel = tree.query(zones, predicate="intersects")
        inside = shapely.covers(zones[zone], parcels[parcel])
        area = np.where(inside, own[parcel], 0.0)
        area[~inside] = shapely.area(shapely.intersection(parcels[parcel[~inside]], zones[zone[~inside]]))
        area = area[area > 1e-15]
        pairs, total = pairs + len(area), total + float(area.sum())
    return pairs, total


def files(home: Path, count: int) -> list[Path]:
    """The parcels and the layers, made once."""
    folder = home / f"overlay-{count}"
    if not folder.exists():
        import prefecture  # not above: each worker imports this file again, and what made the data is none of its work

        folder.mkdir(parents=True)
        layers = prefecture.zones(count)
        for name, shapes in {**layers, "parcels": prefecture.parcels(count)[0]}.items():
            assert shapely.is_valid(shapes).all(), name
            write_shapes(folder / f"{name}.parquet", shapes)
    return [folder / "parcels.parquet", *sorted(p for p in folder.glob("*.parquet") if p.stem != "parcels")]


def measured(way: str, home: Path, count: int) -> dict[str, float]:
    """Run one way in a child; seconds by the clock and of the processors, peak memory of the child and its own."""
    before, started, peak = os.times(), time.perf_counter(), 0
    child = subprocess.Popen(
        [sys.executable, __file__, "--only", way, "--home", str(home), "--parcels", str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )
    while child.poll() is None:
        peak = max(peak, tree_bytes(child.pid))
        time.sleep(0.05)
    clock, after = time.perf_counter() - started, os.times()
    assert child.returncode == 0 and child.stdout is not None
    pairs, area = json.loads(child.stdout.read())
    processors = after.children_user + after.children_system - before.children_user - before.children_system
    return {"clock": clock, "cpu": processors, "mib": peak / 2**20, "pairs": pairs, "area": area}


def tree_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; pages they share are counted in each."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = Path(f"/proc/{pid}/task").iterdir()
        children += [c for t in threads if t.name != str(pid) for c in (t / "children").read_text().split()]
    except OSError:
        return 0
    return own + sum(tree_bytes(int(child)) for child in children)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    parser.add_argument("--only", choices=("ours", "peer"))
    asked = parser.parse_args()
    paths = files(asked.home, asked.parcels)
    if asked.only:
        parcels, *layers = (read_shapes(path) for path in paths)
        print(json.dumps({"ours": ours, "peer": peer}[asked.only](parcels, layers)))
        return
    runs = [
        {way: measured(way, asked.home, asked.parcels) for way in ("peer", "ours")}
        for _ in range(asked.rounds)
    ]
    print(f"{'':24}{'s':>8}{'cpu s':>8}{'x peer':>8}{'MiB':>8}{'pairs':>12}  area, square degrees")
    for way, title in (("peer", "shapely, one core"), ("ours", "overlay_batch, local")):
        one = runs[0][way]
        ratio = statistics.median(run[way]["clock"] / run["peer"]["clock"] for run in runs)
        clock, cpu = (statistics.median(run[way][what] for run in runs) for what in ("clock", "cpu"))
        most = max(run[way]["mib"] for run in runs)
        print(
            f"{title:24}{clock:8.1f}{cpu:8.1f}{ratio:8.2f}{most:8.0f}{one['pairs']:12.0f}  {one['area']:.15f}"
        )
    for run in runs:
        assert run["ours"]["pairs"] == run["peer"]["pairs"]
        assert abs(run["ours"]["area"] / run["peer"]["area"] - 1) < 1e-12


if __name__ == "__main__":
    main()
