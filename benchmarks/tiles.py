"""Tiles over HTTP beside tipg, MapServer and the bare statement: 200 addresses, each once a pass, no cache anywhere.

    .venv/bin/python benchmarks/tiles.py [--rounds 3] [--home FOLDER] [--parcels 500000 | --data FOLDER]
        [--tiles FILE] [--tipg-python PYTHON]

The data are those of benchmarks/prefecture.py, or the files of `--data` (GeoParquet); `--tiles` names other addresses
(JSON: layer, z, x, y). Ours is `jingtu serve`, one process without tile cache, asked as a stranger; tipg runs in two
processes, MapServer in four behind nginx where Debian's cgi-mapserver and nginx-light are there. The peers and the bare
statement read plain tables with the same rows in the same database. All are asked in turn, one tile at a time and eight
at once. Last comes a tile that is kept, and the word that it is unchanged, beside an application that only sends such
bytes under the same server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import httptools
import psycopg
import tile_data
import tile_peers
import tile_store

from api.private_database import PrivateDatabase

JINGTU = ROOT / ".venv" / "bin" / "jingtu"
FLOOR = """
SELECT ST_AsMVT(q, '{layer}', 4096, 'geom', 'id') FROM (
  SELECT {columns}, ST_AsMVTGeom(
    ST_Transform(t.geom, 3857), ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int), 4096, 64, true
  ) AS geom
  FROM {layer} t
  WHERE t.geom && ST_Transform(ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 0.015625), 4490)
) q
"""
Times = list[tuple[dict[str, Any], float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--tiles", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    parser.add_argument("--tipg-python", type=Path)
    asked = parser.parse_args()
    home = asked.home / ("tiles-given" if asked.data else f"tiles-{asked.parcels}")
    data = asked.data or tile_data.written(home / "data", asked.parcels)
    catalog = home / "catalog"
    tile_store.write_catalog(catalog, data)
    with PrivateDatabase(home / "database").running() as url, ExitStack() as stack:
        own = {"JINGTU_DATABASE_URL": url, "JINGTU_HOME": str(home), "JINGTU_CATALOG_DIR": str(catalog)}
        os.environ.update(own)
        _fill(url, data)
        layers = {name: tile_store.columns(table) for name, table in tile_store.tables(data).items()}
        tiles = json.loads(asked.tiles.read_text()) if asked.tiles else tile_data.addresses(url, list(layers))
        run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jingtu-peers-")))
        run.chmod(0o755)
        peers = {"jingtu": stack.enter_context(_ours(run, "0"))}
        if asked.tipg_python:
            peers["tipg"] = stack.enter_context(tile_peers.tipg(asked.tipg_python, url, layers, run))
        if shutil.which("mapserv") and shutil.which("nginx"):
            points = {name for name in layers if name.endswith("point")}
            peers["mapserver"] = stack.enter_context(tile_peers.mapserver(url, layers, points, run))
        _compare(tiles, peers, url, layers, asked.rounds)
        _kept(stack, run, tiles, asked.rounds)


def _fill(url: str, data: Path) -> None:
    subprocess.run([JINGTU, "migrate"], check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(url) as database:
        if (database.execute("SELECT count(*) FROM spatial_drawing").fetchone() or (0,))[0]:
            return
    subprocess.run([sys.executable, tile_store.__file__, str(data)], check=True)


def _ours(run: Path, cache_mb: str) -> Any:
    port = tile_peers.free_port()

    class Serving(ExitStack):
        def __enter__(self) -> str:  # type: ignore[override]
            env = {"JINGTU_PORT": str(port), "JINGTU_TILE_CACHE_MB": cache_mb}
            self.enter_context(tile_peers.running([JINGTU, "serve"], run / f"jingtu{port}.log", env))
            tile_peers.wait(f"http://127.0.0.1:{port}/healthz")
            return f"http://127.0.0.1:{port}/tiles/{{layer}}/{{z}}/{{x}}/{{y}}.mvt"

    return Serving()


def _compare(
    tiles: list[dict[str, Any]], peers: dict[str, str], url: str, layers: dict[str, list[str]], rounds: int
) -> None:
    took: dict[tuple[str, int], list[tuple[float, Times]]] = defaultdict(list)
    for turn in range(rounds + 1):  # the first warms up
        for at_once in (1, 8):
            for name, address in peers.items():
                found = asyncio.run(_asked([address.format(**tile) for tile in tiles], at_once))
                if turn:
                    took[name, at_once].append((found[0], list(zip(tiles, found[1], strict=True))))
        found = asyncio.run(_bare(tiles, url, layers))
        if turn:
            took["statement", 1].append((found[0], list(zip(tiles, found[1], strict=True))))
    print(f"{'':<12}{'at once':>8}{'tiles/s':>9}{'x ours':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for (name, at_once), passes in sorted(took.items(), key=lambda one: (one[0][1], one[0][0])):
        rate = len(tiles) / median(wall for wall, _ in passes)
        ours = len(tiles) / median(wall for wall, _ in took["jingtu", at_once])
        ms = sorted(1000 * one for _, times in passes for _, one in times)
        print(
            f"{name:<12}{at_once:>8}{rate:>9.1f}{ours / rate:>8.2f}{median(ms):>8.2f}{ms[int(0.95 * len(ms))]:>8.1f}"
        )
    names = [*peers, "statement"]
    print(f"\n{'median ms, one at a time':<28}" + "".join(f"{name:>12}" for name in names))
    kinds = sorted(
        {
            (
                tile["layer"] if tile["z"] < 9 else ("parcels" if tile["layer"] == "parcels" else "zones"),
                tile["z"],
            )
            for tile in tiles
        }
    )
    for kind, z in kinds:
        row = []
        for name in names:
            ms = [
                1000 * one for _, times in took[name, 1] for tile, one in times
                if tile["z"] == z and (tile["layer"] == kind or (kind == "zones" and tile["layer"] != "parcels"))
            ]  # fmt: skip
            row.append(f"{median(ms):>12.2f}")
        print(f"{f'{kind} z{z}':<28}" + "".join(row))
    _small(took)


def _small(took: dict[tuple[str, int], list[tuple[float, Times]]]) -> None:
    """The medians of all small tiles, whatever their layer."""
    print("\nsmall tiles (zooms 14 and 15), p50 ms, one at a time")
    for (name, at_once), passes in sorted(took.items()):
        ms = [1000 * one for _, times in passes for tile, one in times if tile["z"] >= 14]
        if at_once == 1 and ms:
            print(f"{name:<12}{median(ms):>8.2f}{len(ms):>8} tiles")


async def _bare(
    tiles: list[dict[str, Any]], url: str, layers: dict[str, list[str]]
) -> tuple[float, list[float]]:
    """ST_AsMVT through a prepared statement, no HTTP, no rights, no marks."""
    times = []
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        begun = time.perf_counter()
        for tile in tiles:
            layer = tile["layer"]
            statement = FLOOR.format(
                layer=layer, columns=", ".join(f"t.{one}" for one in ("id", *layers[layer]))
            )
            start = time.perf_counter()
            cursor = database.cursor(binary=True)
            await (await cursor.execute(statement, tile, prepare=True)).fetchall()
            times.append(time.perf_counter() - start)
        return time.perf_counter() - begun, times


class _Answer:
    def __init__(self) -> None:
        self.over = False

    def on_message_complete(self) -> None:
        self.over = True


async def _asked(addresses: list[str], at_once: int) -> tuple[float, list[float]]:
    """Every address once, over kept-alive connections: seconds in all, and of each."""
    times, left = [0.0] * len(addresses), iter(range(len(addresses)))

    async def one() -> None:
        parts = urlsplit(addresses[0])
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
        for number in left:
            parts = urlsplit(addresses[number])
            path = f"{parts.path}{'?' + parts.query if parts.query else ''}"
            start = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            answer = _Answer()
            parser = httptools.HttpResponseParser(answer)
            while not answer.over:
                parser.feed_data(await reader.read(1 << 18))
            times[number] = time.perf_counter() - start
            assert parser.get_status_code() in (200, 204), (addresses[number], parser.get_status_code())
            if not parser.should_keep_alive():
                writer.close()
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    return time.perf_counter() - begun, times


RAW = """
import sys; sys.path.insert(0, {root!r})
import os; os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spatial.settings")
import uvicorn
from api.patience import Impatient
TILE = open({tile!r}, "rb").read()
HEAD = [(b"content-type", b"application/vnd.mapbox-vector-tile"), (b"content-length", str(len(TILE)).encode())]
async def app(scope, receive, send):
    await send({{"type": "http.response.start", "status": 200, "headers": HEAD}})
    await send({{"type": "http.response.body", "body": TILE}})
uvicorn.run(app, port={port}, http=Impatient, log_level="warning", server_header=False, lifespan="off")
"""


def _kept(stack: ExitStack, run: Path, tiles: list[dict[str, Any]], rounds: int) -> None:
    """Requests a second of a tile of some 20 kB that is kept, by wrk."""
    wrk = shutil.which("wrk")
    if wrk is None:
        print("\nwrk is not there: no figures of kept tiles")
        return
    address = stack.enter_context(_ours(run, "128"))
    sizes = []
    for tile in tiles:
        with urllib.request.urlopen(address.format(**tile)) as answer:
            sizes.append(
                (
                    abs(len(body := answer.read()) - 20_000),
                    address.format(**tile),
                    body,
                    answer.headers["etag"],
                )
            )
    _, asked, body, tag = min(sizes)
    (run / "tile.mvt").write_bytes(body)
    port = tile_peers.free_port()
    code = RAW.format(root=str(ROOT), tile=str(run / "tile.mvt"), port=port)
    stack.enter_context(tile_peers.running([sys.executable, "-c", code], run / "raw.log"))
    tile_peers.wait(f"http://127.0.0.1:{port}/")
    ways = {
        "only bytes": [f"http://127.0.0.1:{port}/"],
        "kept": [asked],
        "unchanged": ["-H", f"If-None-Match: {tag}", asked],
    }
    print(
        f"\n{f'a kept tile of {len(body)} bytes':<28}"
        + "".join(f"{name:>12}" for name in ways)
        + "   requests/s"
    )
    for at_once in (1, 8):
        rates: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for name, words in ways.items():
                told = subprocess.run(
                    [wrk, "-t1", f"-c{at_once}", "-d2s", *words], capture_output=True, text=True, check=True
                ).stdout
                rates[name].append(float(told.split("Requests/sec:")[1].split()[0]))
        print(f"{f'{at_once} at once':<28}" + "".join(f"{median(rates[name]):>12.0f}" for name in ways))


if __name__ == "__main__":
    main()
