"""A real worker process on the test database, and ways to hold it still at a chosen moment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from fastapi.testclient import TestClient

from tests.api.conftest import Bearer
from tests.settings import TEST_HOME

JINGTU = str(Path(sys.executable).with_name("jingtu"))
WAIT_S = 60.0


@contextmanager
def jingtu(url: str, until_it_says: str, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on, once it has said something; killed at the end if it still lives."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    process = subprocess.Popen(
        [JINGTU, *words],
        env=kept | {"JINGTU_HOME": str(TEST_HOME), "JINGTU_DATABASE_URL": url} | more,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        assert any(until_it_says in line for line in process.stdout)
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def worker(
    url: str, until_it_says: str = "worker is ready", **more: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    return jingtu(url, until_it_says, "worker", **more)


@contextmanager
def server(url: str, port: int) -> Iterator[str]:
    """The address of `jingtu serve`."""
    with jingtu(url, "Ctrl-C", "serve", JINGTU_PORT=str(port)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """Keep a lock in an open transaction, so that whoever wants it stands still."""
    with psycopg.connect(url) as connection:
        connection.execute(statement)
        yield
        connection.rollback()


def wait_until_blocked(url: str) -> None:
    """Until somebody on this database waits for a lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as connection:
        until(lambda: (connection.execute(blocked).fetchone() or (0,))[0])


def until(done: Callable[[], Any]) -> Any:
    end = time.monotonic() + WAIT_S
    while not (found := done()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


def ended(client: TestClient | httpx2.Client, job: str, header: Bearer) -> dict[str, Any]:
    """The job, once it has ended."""

    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = client.get(f"/jobs/{job}", headers=header).json()
        return told if told["state"] in ("done", "failed", "cancelled") else None

    return dict(until(look))
