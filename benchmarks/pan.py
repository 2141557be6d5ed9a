"""A fixed path over 500,000 parcels, beside the same path over an empty map with as many tiles served as static files.

    .venv/bin/python benchmarks/pan.py [--rounds 5] [--parcels 500000] [--zoom 15] [--home FOLDER]

Both are the page itself in a cold Chromium at the same place, with the layer of parcels on. One is served by `jingtu
serve` without tile cache, so that every tile comes from the database. The other is a process that has in memory what
the first answered, and for every tile the same empty one. The path is 5,760 by 2,880 px: 24 pulls of half a second as
a hand does them, each until the map is idle again with all that is seen drawn. That is what is judged. The same path
backwards is then taken in 96 steps, each drawn before the next, as fast as the machine draws: what a frame costs where
no graphics card draws it. Told are seconds on the clock, and of processors by the browser. Rounds alternate. The store
is made once, in some ten minutes.
"""

from __future__ import annotations

import argparse
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import chromium
import pan_store
import psycopg
import tile_peers
from playwright.sync_api import Page, Playwright, sync_playwright

from api.private_database import PrivateDatabase

JINGTU = ROOT / ".venv" / "bin" / "jingtu"
MOST = 1.10
PULLS, PULL_MS, RIGHT_PX, DOWN_PX = 24, 500, 240, 120
STEPS = 4
"""Of a pull, where it is taken step by step."""
IDLE = "document.querySelector('[data-idle]') && window.jingtuMap && window.jingtuMap.loaded()"
PULL = """async ([pulls, ms, right, down]) => {
  const map = window.jingtuMap, begun = performance.now()
  for (let i = 0; i < pulls; i++) {
    await new Promise(still => { map.once('idle', still); map.panBy([right, down], { duration: ms, easing: t => t }) })
  }
  return performance.now() - begun
}"""
STEP = """async ([steps, right, down]) => {
  const map = window.jingtuMap, frames = [], begun = performance.now()
  let last = begun
  for (let i = 0; i < steps; i++) {
    await new Promise(drawn => { map.once('render', drawn); map.panBy([right, down], { animate: false }) })
    const now = performance.now(); frames.push(now - last); last = now
  }
  await new Promise(still => { map.once('idle', still); map.triggerRepaint() })
  return [performance.now() - begun, frames.sort((a, b) => a - b)]
}"""
DRAWN = "window.jingtuMap.queryRenderedFeatures().filter(one => one.source === 'parcel').length"
EMPTY_TILE = b"\x1a\x0d\x0a\x06parcel\x28\x80\x20\x78\x02"
"""One layer of version 2 with its name and extent, and nothing in it."""
STATIC = """
import pathlib, pickle, uvicorn
KEPT, TILE = pickle.loads(pathlib.Path({kept!r}).read_bytes())
async def app(scope, receive, send):
    asked = scope["raw_path"].decode() + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
    kind, body = ("application/vnd.mapbox-vector-tile", TILE) if ".mvt" in asked else KEPT.get(asked, ("", None))
    head = [(b"content-type", kind.encode()), (b"content-length", str(len(body or b"")).encode())]
    await send({{"type": "http.response.start", "status": 200 if body is not None else 204, "headers": head}})
    await send({{"type": "http.response.body", "body": body or b""}})
uvicorn.run(app, port={port}, http="httptools", log_level="warning", lifespan="off")
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """Pulled and stepped: seconds on the clock and of processors. Milliseconds of a frame; tiles, features at last."""

    pulled_s: float
    pulled_busy_s: float
    stepped_s: float
    stepped_busy_s: float
    frames: list[float]
    tiles: int
    drawn: int


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--zoom", type=float, default=15)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    asked = parser.parse_args()
    home = asked.home / f"pan-{asked.parcels}"
    walks: dict[str, list[Walk]] = defaultdict(list)
    with ExitStack() as stack:
        url = stack.enter_context(PrivateDatabase(home / "database").running())
        own = {
            "JINGTU_DATABASE_URL": url,
            "JINGTU_HOME": str(home),
            "JINGTU_CATALOG_DIR": str(home / "catalog"),
        }
        os.environ.update(own)
        _fill(url, home, asked.parcels)
        run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jingtu-pan-")))
        ours = stack.enter_context(_served(run))
        lon, lat = pan_store.start(asked.parcels)
        view = f"/?probe&layers=parcel#{asked.zoom:g}/{lat}/{lon}"
        tool = stack.enter_context(sync_playwright())
        static = stack.enter_context(_static(tool, run, ours, view))
        for number in range(asked.rounds):
            for name, address in (("parcels", ours), ("empty", static)):
                walks[name].append(walk := _walk(tool, address + view))
                print(f"round {number + 1} {name:<8} {_told(walk)}, {chromium.machine()}", flush=True)
    return _judged(walks)


def _judged(walks: dict[str, list[Walk]]) -> int:
    pairs = list(zip(walks["parcels"], walks["empty"], strict=True))
    wall = median(a.pulled_s / b.pulled_s for a, b in pairs)
    busy = median(a.pulled_busy_s / b.pulled_busy_s for a, b in pairs)
    stepped = median(a.stepped_s / b.stepped_s for a, b in pairs)
    stepped_busy = median(a.stepped_busy_s / b.stepped_busy_s for a, b in pairs)
    quickest = min(a.pulled_s for a, _ in pairs) / min(b.pulled_s for _, b in pairs)
    print("\nparcels / empty, median of the rounds")
    print(
        f"pulled:  time {wall:.2f} (at most {MOST:.2f}), quickest by quickest {quickest:.2f}, busy {busy:.2f}"
    )
    print(f"stepped: time {stepped:.2f}, busy {stepped_busy:.2f}")
    tiles = {walk.tiles for walk in walks["parcels"]}, {walk.tiles for walk in walks["empty"]}
    assert tiles[0] == tiles[1], f"not as many tiles: {tiles}"
    return int(wall > MOST)


def _told(walk: Walk) -> str:
    frames = walk.frames
    return (
        f"pulled {walk.pulled_s:6.2f} s, busy {walk.pulled_busy_s:6.2f} s; stepped {walk.stepped_s:6.2f} s, busy"
        f" {walk.stepped_busy_s:6.2f} s, frame p50 {frames[len(frames) // 2]:5.1f} ms"
        f" p95 {frames[int(len(frames) * 0.95)]:5.1f} ms; {walk.tiles} tiles, {walk.drawn} drawn"
    )


def _fill(url: str, home: Path, count: int) -> None:
    pan_store.write_catalog(home / "catalog")
    subprocess.run([JINGTU, "migrate"], check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(url) as database:
        if (database.execute("SELECT count(*) FROM spatial_drawing").fetchone() or (0,))[0]:
            return
    pan_store.write_data(home / "data", count)
    subprocess.run([sys.executable, pan_store.__file__, str(home / "data")], check=True)


@contextmanager
def _served(run: Path) -> Iterator[str]:
    port = tile_peers.free_port()
    env = {"JINGTU_PORT": str(port), "JINGTU_TILE_CACHE_MB": "0"}
    with tile_peers.running([JINGTU, "serve"], run / "jingtu.log", env):
        tile_peers.wait(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _static(tool: Playwright, run: Path, ours: str, view: str) -> Iterator[str]:
    """What the page asked of ours but tiles, kept as it was answered, under an address of its own."""
    port, kept = tile_peers.free_port(), {}
    with chromium.cold(tool) as (_, page):
        came = []
        page.on("response", lambda one: came.append(one))
        _opened(page, ours + view)
        page.wait_for_timeout(1000)
        for one in came:
            parts = urlsplit(one.url)
            if one.status == 200 and parts.path != "/events" and ".mvt" not in parts.path:
                body = one.body().replace(ours.encode(), f"http://127.0.0.1:{port}".encode())
                asked = parts.path + (f"?{parts.query}" if parts.query else "")
                kept[asked] = one.headers.get("content-type", ""), body
    (run / "kept").write_bytes(pickle.dumps((kept, EMPTY_TILE)))
    code = STATIC.format(kept=str(run / "kept"), port=port)
    with tile_peers.running([sys.executable, "-c", code], run / "static.log"):
        tile_peers.wait(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"


def _walk(tool: Playwright, address: str) -> Walk:
    with chromium.cold(tool) as (browser, page):
        tiles: list[str] = []
        page.on(
            "request", lambda one: tiles.append(one.url) if re.search(r"/parcel/.*\.mvt", one.url) else None
        )
        _opened(page, address)
        busy = [chromium.busy_s(browser)]
        pulled = page.evaluate(PULL, [PULLS, PULL_MS, RIGHT_PX, DOWN_PX])
        busy.append(chromium.busy_s(browser))
        drawn = page.evaluate(DRAWN)
        stepped, frames = page.evaluate(STEP, [PULLS * STEPS, -RIGHT_PX / STEPS, -DOWN_PX / STEPS])
        busy.append(chromium.busy_s(browser))
        return Walk(
            pulled / 1000, busy[1] - busy[0], stepped / 1000, busy[2] - busy[1], frames, len(tiles), drawn
        )


def _opened(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    while not page.evaluate(f"Boolean({IDLE})"):
        page.wait_for_timeout(50)


if __name__ == "__main__":
    sys.exit(main())
