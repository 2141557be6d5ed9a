"""`POST /checks` beside the naive statement for the same facts: the same parcels, the same server, in turn.

    .venv/bin/python benchmarks/check.py [--parcels 500000] [--asked 1000] [--rounds 3] [--home FOLDER]

Ours goes over one kept-alive HTTP connection to a server started as a user starts it: signed in, judged by all rules,
stored. The naive statement goes over one connection to plain tables with an index each: no rules, no layer that is
empty, nothing stored, no HTTP. It looks 500 m around in every layer, as the field does; "in our reach" asks of each
layer what our rules ask of it. Both find the same features on a parcel, with the same areas, or the table is not
printed. The last line is `jingtu check-batch` of the same parcels, with the workbook.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from store import CONSTRAINTS, RELEASE, WELLS

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from api.private_database import PrivateDatabase

JINGTU = str(ROOT / ".venv" / "bin" / "jingtu")
AROUND_M = 500.0
OURS_M = {"contaminated_plot": 300.0, "suspected_plot": 300.0}
"""How far the rules look; at the other layers only where they overlap."""
BLOCK = 50
"""Parcels asked in one way before the other has its turn."""
Asked = list[tuple[int, bytes]]


def naive(reach: Callable[[str], float]) -> str:
    """One statement: what of each layer lies on a parcel, with its area, and what lies near it, with its distance."""
    parts = []
    for layer in CONSTRAINTS:
        metres = reach(layer)
        near = (
            f"ST_DWithin(g.geom::geography, p.geom::geography, {metres})"
            if metres
            else "ST_Intersects(g.geom, p.geom)"
        )
        area = (
            "0::float8"
            if layer == WELLS
            else "CASE WHEN ST_Intersects(g.geom, p.geom)"
            " THEN ST_Area(ST_Intersection(g.geom, p.geom)::geography) ELSE 0 END"
        )
        parts.append(
            f"SELECT '{layer}' AS layer, g.id, {area} AS area,"
            f" ST_Distance(g.geom::geography, p.geom::geography) AS distance FROM p, naive.{layer} g"
            f" WHERE g.geom && ST_Expand(p.geom, {metres / 78_000}, {metres / 111_000}) AND {near}"
        )
    return "WITH p AS MATERIALIZED (SELECT geom FROM naive.parcel WHERE id = %s) " + " UNION ALL ".join(parts)


NAIVE = naive(lambda layer: AROUND_M)
NAIVE_OUR_REACH = naive(lambda layer: OURS_M.get(layer, 0.0))
UNION = "WITH p AS (SELECT geom FROM naive.parcel WHERE id = %s) " + " UNION ALL ".join(
    f"SELECT '{layer}', ST_Area(ST_Union(ST_Intersection(g.geom, p.geom))::geography)"
    f" FROM p, naive.{layer} g WHERE ST_Intersects(g.geom, p.geom) HAVING count(*) > 0"
    for layer in CONSTRAINTS
    if layer != WELLS
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--asked", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    asked = parser.parse_args()
    home = asked.home / f"check-{asked.parcels}"
    private = PrivateDatabase(home / "database")
    with private.running() as url:
        postmaster = int((private.data_directory() / "postmaster.pid").read_text().splitlines()[0])
        environment = {**os.environ, "JINGTU_DATABASE_URL": url, "JINGTU_HOME": str(home)}
        environment.pop("JINGTU_CATALOG_DIR", None)
        fill_once(url, environment, asked.parcels)
        parcels = some_parcels(url, asked.asked)
        with served(environment) as (server, port), psycopg.connect(url, autocommit=True) as database:
            run = Run([server.pid, postmaster], port, token(environment), database)
            compare(run, parcels, asked.rounds)
        batch(environment, home, url, postmaster, [number for number, _ in parcels])


def fill_once(url: str, environment: dict[str, str], count: int) -> None:
    subprocess.run([JINGTU, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(url) as database:
        found = database.execute("SELECT to_regclass('naive.parcel') IS NOT NULL").fetchone()
        ready = found is not None and found[0]
    if not ready:
        subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "store.py"), str(count)], env=environment, check=True
        )
        given = {"env": environment, "input": "", "text": True, "check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([JINGTU, "user", "add", RELEASE, "--role", "administrator", "--whole-region"], **given)


def token(environment: dict[str, str]) -> str:
    said = subprocess.run(
        [JINGTU, "user", "token", RELEASE], env=environment, check=True, text=True, capture_output=True
    )
    return said.stdout.strip()


def some_parcels(url: str, many: int) -> Asked:
    """Ids and bodies of the questions, drawn from all parcels."""
    with psycopg.connect(url) as database:
        ids = [row[0] for row in database.execute("SELECT id FROM naive.parcel ORDER BY id").fetchall()]
        drawn = np.random.default_rng(11).choice(ids, many, replace=False).tolist()
        rows = database.execute(
            "SELECT id, ST_AsGeoJSON(geom, 9) FROM naive.parcel WHERE id = ANY(%s)", [drawn]
        )
        shapes = dict(rows.fetchall())
    return [
        (one, json.dumps({"parcel": json.loads(shapes[one]), "crs": "EPSG:4490"}).encode()) for one in drawn
    ]


@contextmanager
def served(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Our server on a free port, once it says that it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = {**environment, "JINGTU_PORT": str(port), "JINGTU_HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen([JINGTU, "serve"], env=own, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert any(f":{port}/" in line for line in server.stdout), "the server did not start"
        yield server, port
    finally:
        server.terminate()
        server.wait(30)


class Run:
    """One connection to each side, and what they answered."""

    def __init__(self, processes: list[int], port: int, token: str, database: psycopg.Connection[Any]):
        self.processes = processes
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.database = database
        database.prepare_threshold = 0
        database.execute("SET max_parallel_workers_per_gather = 0")
        database.execute("SET plan_cache_mode = force_generic_plan")

    def connect(self) -> None:
        """Anew before each block: a server closes what is idle for long."""
        self.http.close()
        self.http.connect()
        assert self.http.sock is not None
        self.http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ours(self, parcel: int, body: bytes) -> Any:
        self.http.request("POST", "/checks", body, self.headers)
        response = self.http.getresponse()
        said = response.read()
        assert response.status == 201, said
        return said

    def naive(self, parcel: int, body: bytes) -> Any:
        return self.database.execute(NAIVE, [parcel]).fetchall()

    def naive_in_our_reach(self, parcel: int, body: bytes) -> Any:
        return self.database.execute(NAIVE_OUR_REACH, [parcel]).fetchall()

    def cpu_seconds(self) -> float:
        """Of the server, the database and all their processes."""
        return sum(cpu_of(pid) for pid in self.processes)


def cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(int(fields[at]) for at in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_of(int(child)) for child in children)


def compare(run: Run, parcels: Asked, rounds: int) -> None:
    ways = {"naive": run.naive, "naive, in our reach": run.naive_in_our_reach, "POST /checks": run.ours}
    for way in ways.values():
        run.connect()
        for one in parcels[:BLOCK]:
            way(*one)
    figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        cpu = dict.fromkeys(ways, 0.0)
        answers: dict[str, list[Any]] = {name: [] for name in ways}
        for start in range(0, len(parcels), BLOCK):
            for name, way in ways.items():
                run.connect()
                before = run.cpu_seconds()
                for one in parcels[start : start + BLOCK]:
                    began = time.perf_counter()
                    answers[name].append(way(*one))
                    seconds[name].append(time.perf_counter() - began)
                cpu[name] += run.cpu_seconds() - before
        for name in ways:
            p50, p95 = np.percentile(seconds[name], [50, 95]) * 1_000
            figures[name].append((float(p50), float(p95), cpu[name]))
    told = agree(run, parcels, answers)
    report(figures)
    print(told)


def report(figures: dict[str, list[tuple[float, float, float]]]) -> None:
    """Medians over the rounds, and the medians of the ratios round by round to the naive statement."""
    print(f"{'':24}{'p50 ms':>8}{'p95 ms':>8}{'cpu s':>8}{'x p50':>8}{'x p95':>8}")
    for name, runs in figures.items():
        p50, p95, cpu = (statistics.median(run[at] for run in runs) for at in range(3))
        ratios = [
            statistics.median(own[at] / peer[at] for own, peer in zip(runs, figures["naive"], strict=True))
            for at in range(2)
        ]
        print(f"{name:24}{p50:8.2f}{p95:8.2f}{cpu:8.1f}{ratios[0]:8.2f}{ratios[1]:8.2f}")


def agree(run: Run, parcels: Asked, answers: dict[str, list[Any]]) -> str:
    """Hold every answer against the statement's: features on the parcel, their areas, distances, unions."""
    hits, total = 0, 0.0
    for place, (parcel, _) in enumerate(parcels):
        answer = json.loads(answers["POST /checks"][place])
        assert answer["complete"], answer["gaps"]
        rows = answers["naive"][place]
        near = {(layer, str(feature)): distance for layer, feature, _, distance in rows}
        on = {
            (layer, str(feature)): area
            for layer, feature, area, distance in rows
            if area > 0 or (layer == WELLS and distance == 0)
        }
        in_reach = answers["naive, in our reach"][place]
        assert on.keys() == {(r[0], str(r[1])) for r in in_reach if r[2] > 0 or (r[0] == WELLS and r[3] == 0)}
        for finding in answer["findings"]:
            if feature := finding["feature"]:
                key = (feature["layer"], feature["id"])
                assert same(finding["overlap_area_m2"], on.get(key, 0.0)), (parcel, finding)
                assert abs(finding["distance_m"] - near[key]) < 0.02, (parcel, finding, near[key])
        unions = dict(run.database.execute(UNION, [parcel]).fetchall())
        for layer in answer["layers"]:
            name = layer["layer"]
            assert layer["features"] == sum(found == name for found, _ in on), (parcel, layer, on)
            assert same(layer["overlap_area_m2"], unions.get(name) or 0.0), (parcel, layer, unions)
        hits, total = hits + len(on), total + sum(on.values())
    return f"the same features on every parcel: {hits}, {total:,.2f} m²; areas, unions and distances agree"


def same(ours: float, theirs: float) -> bool:
    return abs(ours - theirs) <= max(0.01, 1e-6 * theirs)


def batch(environment: dict[str, str], home: Path, url: str, postmaster: int, ids: list[int]) -> None:
    """The command as a whole process, begun anew: a batch that is there already would only be written out."""
    file = home / f"asked-{time.time_ns()}.geojson"
    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT code, ST_AsGeoJSON(geom, 9) FROM naive.parcel WHERE id = ANY(%s)", [ids]
        )
        features = [
            {"type": "Feature", "properties": {"地块编号": code}, "geometry": json.loads(shape)}
            for code, shape in rows
        ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    file.write_text(
        json.dumps({"type": "FeatureCollection", "name": file.stem, "crs": crs, "features": features})
    )
    found = [cpu_of(postmaster)]
    before, began = os.times(), time.perf_counter()
    command = [JINGTU, "check-batch", str(file), "--out", str(file.with_suffix(".xlsx"))]
    said = subprocess.run(command, env=environment, check=True, text=True, capture_output=True).stdout
    clock, after = time.perf_counter() - began, os.times()
    found.append(cpu_of(postmaster))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    checked = re.search(r"已核查：(\d+)", said)
    assert checked and int(checked[1]) == len(ids), said
    print(
        f"check-batch of {len(ids)} parcels with the workbook: {clock:.1f} s, cpu {cpu:.1f} s,"
        f" database {found[1] - found[0]:.1f} s"
    )
    for path in (file, file.with_suffix(".xlsx")):
        path.unlink()


if __name__ == "__main__":
    main()
