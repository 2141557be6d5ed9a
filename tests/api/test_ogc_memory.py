# ruff: noqa: E501 (statements)
"""A running server sends a layer of many rows at the memory of a few, and gives everything back to who leaves early."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.api.workers import until
from tests.factories import load_of, revision
from tests.settings import TEST_HOME

LAYER = "park"
MANY = 60_000
FORMATS = ("geojson", "csv", "fgb", "gpkg", "parquet")
GROWTH_MIB = 40
"""Of 250 MB that are sent."""
ROWS = """
INSERT INTO spatial_feature (layer, key, name, county, geom, has_boundary, attributes, revisions, content, load_id, file, row)
SELECT 'park', 'k' || n, '示例园区' || n, '652301',
  ST_Multi(ST_Buffer(ST_SetSRID(ST_Point(86 + (n %% 400) * 0.01, 43 + (n / 400) * 0.005), 4490), 0.004, 8)), true,
  jsonb_build_object('level', 'county', 'area_ha', n * 0.01), '{[1,)}', sha256(n::text::bytea), %s, 1, n
FROM generate_series(1, %s) AS n
"""


IMPATIENT = """
import django
django.setup()
import api.ogc.export
api.ogc.export.STALLED_S = 2
from api.cli import main
raise SystemExit(main(["serve"]))
"""


@pytest.fixture
def server(test_database_url: str, free_port: int) -> Iterator[tuple[str, int]]:
    """The address of a running server over many rows (each 33 vertices), and its process; with little patience."""
    revision()
    load = load_of(LAYER)
    with psycopg.connect(test_database_url) as connection:
        connection.execute(ROWS, [load.pk, MANY])
    run = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT],
        env={
            **os.environ,
            "JINGTU_DATABASE_URL": test_database_url,
            "JINGTU_HOME": str(TEST_HOME),
            "JINGTU_PORT": str(free_port),
            "DJANGO_SETTINGS_MODULE": "spatial.settings",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout is not None
    next(line for line in run.stdout if "Ctrl-C" in line)
    yield f"http://127.0.0.1:{free_port}", run.pid
    run.terminate()
    run.wait(timeout=30)
    run.stdout.close()


def peak_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def taken(address: str, f: str, limit: int) -> int:
    """Take a file and throw it away; how many bytes it had."""
    with httpx2.stream(
        "GET", f"{address}/ogc/collections/{LAYER}/items?f={f}&limit={limit}", timeout=120
    ) as answer:
        assert answer.status_code == 200
        return sum(len(piece) for piece in answer.iter_bytes())


@pytest.mark.long
def test_a_large_layer_needs_no_more_memory_than_a_small_one(server: tuple[str, int]) -> None:
    address, process = server
    for f in FORMATS:  # what the writers themselves need is there after this
        taken(address, f, 5_000)
    before = peak_mib(process)
    for f in FORMATS:
        assert taken(address, f, MANY) > 20 * taken(address, f, MANY // 100), f
    assert peak_mib(process) - before < GROWTH_MIB


def begun(address: str, f: str, bearer: dict[str, str]) -> socket.socket:
    """A download of which the head has come."""
    host, port = address.removeprefix("http://").split(":")
    asked = socket.socket()
    asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asked.connect((host, int(port)))
    path = f"/ogc/collections/{LAYER}/items?f={f}"
    asked.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer['Authorization']}\r\n\r\n".encode()
    )
    assert asked.recv(4096).startswith(b"HTTP/1.1 200")
    return asked


@pytest.mark.long
def test_who_leaves_early_or_takes_nothing_more_leaves_nothing_behind(
    server: tuple[str, int], test_database_url: str, bearer: Callable[..., dict[str, str]]
) -> None:
    address, _ = server
    clerk = bearer("clerk", "652301")
    in_use = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in tr%'"
    aborted = 'SELECT count(*) FROM spatial_auditentry WHERE said::jsonb @> \'{"action": "export", "how": "aborted"}\''
    with psycopg.connect(test_database_url, autocommit=True) as connection:
        before = connection.execute(aborted).fetchone()
        assert before is not None
        for f in FORMATS:
            asked = begun(address, f, clerk)
            if f in ("csv", "gpkg"):  # stays connected
                began = time.monotonic()
                until(lambda: connection.execute(in_use).fetchone() == (0,))
                assert time.monotonic() - began < 10
            asked.close()
        until(lambda: connection.execute(in_use).fetchone() == (0,))
        until(lambda: connection.execute(aborted).fetchone() == (before[0] + len(FORMATS),))
    assert not list((TEST_HOME / "temporary").rglob("jingtu-export-*"))
    assert httpx2.get(f"{address}/ogc/collections/{LAYER}/items?f=csv&limit=1").status_code == 200
