"""Five minutes of everybody at once, and the database restarted under them. Long: `make test-long`."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.private_database import PrivateDatabase
from tests.flows.conftest import Demo, demo

pytestmark = pytest.mark.long
__all__ = ["demo"]

SECONDS = 300
EACH_SECOND = {"tile": 100, "check": 10, "features": 5}
LAYERS = ("contaminated_plot", "drinking_water_zone", "park", "admin_county")
MIB = 2**20
Asked = list[tuple[str, int, float, float]]
"""Kind, status, begin and seconds of each."""


def resident(process: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096


def tile(chance: random.Random) -> str:
    """A tile over the prefecture, most of them where people work."""
    z = chance.choice((6, 8, 9, 10, 11, 12, 12, 13, 13, 14, 14, 15))
    lon, lat = chance.uniform(86.5, 88.5), chance.uniform(43.7, 44.5)
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"/tiles/{chance.choice(LAYERS)}/{z}/{int((lon + 180) / 360 * 2**z)}/{int(y * 2**z)}.mvt"


def parcel(chance: random.Random) -> dict[str, Any]:
    lon, lat = (
        chance.uniform(87.2, 87.3),
        chance.uniform(44.0, 44.1),
    )  # all in the county of the prefecture's seat
    ring = [[lon, lat], [lon + 2e-3, lat], [lon + 2e-3, lat + 2e-3], [lon, lat + 2e-3], [lon, lat]]
    return {"parcel": {"type": "Polygon", "coordinates": [ring]}, "action": "use_change"}


async def mixed(demo: Demo, seconds: float, seed: int) -> Asked:
    """So many questions of each kind a second, whether or not the ones before are answered."""
    chance, found = random.Random(seed), Asked()
    token = {"Authorization": f"Bearer {demo.accounts['administrator']['token']}"}
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx2.AsyncClient(base_url=demo.url, timeout=30, limits=limits) as client:

        async def one(kind: str) -> None:
            begun = time.monotonic()
            try:
                if kind == "tile":
                    answer = await client.get(tile(chance), headers=token if chance.random() < 0.5 else {})
                elif kind == "check":
                    answer = await client.post("/checks", json=parcel(chance), headers=token)
                else:
                    answer = await client.get(
                        f"/features/{chance.choice(LAYERS)}", params={"limit": 50}, headers=token
                    )
                status = answer.status_code
            except httpx2.HTTPError:
                status = 0
            found.append((kind, status, begun, time.monotonic() - begun))

        plan = sorted(
            ((number + chance.random()) / rate, kind)
            for kind, rate in EACH_SECOND.items()
            for number in range(int(seconds * rate))
        )
        start, running = time.monotonic(), set[asyncio.Task[None]]()
        for at, kind in plan:
            await asyncio.sleep(max(0.0, start + at - time.monotonic()))
            task = asyncio.create_task(one(kind))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
    return found


def p95(found: Asked, kind: str) -> float:
    took = sorted(seconds for name, _, _, seconds in found if name == kind)
    return took[int(0.95 * len(took))]


def counted(found: Asked) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for kind, status, *_ in found:
        counts[f"{kind} {status}"] += 1
    return dict(counts)


def test_five_minutes_of_everybody_at_once(
    demo: Demo, record_property: Callable[[str, object], None]
) -> None:
    asyncio.run(mixed(demo, 60, 1))  # what is read and kept once is not growth
    before = resident(demo.process)
    found = asyncio.run(mixed(demo, SECONDS, 2))
    told = {
        "counts": counted(found),
        "tiles p95 ms": round(1000 * p95(found, "tile")),
        "checks p95 ms": round(1000 * p95(found, "check")),
        "features p95 ms": round(1000 * p95(found, "features")),
        "MiB before and after": [before // MIB, resident(demo.process) // MIB],
    }
    print(json.dumps(told))
    assert {status for _, status, *_ in found} <= {200, 201, 204}, told
    assert p95(found, "tile") < 0.2 and p95(found, "check") < 0.5, told
    assert resident(demo.process) < 1.05 * before, told


def test_a_database_restarted_under_load_is_503_for_a_moment_and_whole_again_within_ten_seconds(
    demo: Demo,
) -> None:
    async def both() -> tuple[Asked, float]:
        load = asyncio.create_task(mixed(demo, 30, 3))
        await asyncio.sleep(8)
        private = PrivateDatabase(demo.home)
        await asyncio.to_thread(private.stop)
        await asyncio.to_thread(private.ensure)
        back = time.monotonic()
        return await load, back

    found, back = asyncio.run(both())
    assert {status for _, status, *_ in found} <= {200, 201, 204, 503}, counted(found)
    late = [one for one in found if one[2] > back + 10 and one[1] == 503]
    assert not late, (len(late), counted(found))
    assert any(one[1] == 503 for one in found), "the restart was not noticed: nothing was tested"
