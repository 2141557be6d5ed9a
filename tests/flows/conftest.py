"""The demo prefecture as `jingtu up` serves it, started once for all journeys; and the parts of the interface tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.private_database import PrivateDatabase
from tests.api.conftest import bearer, client
from tests.settings import TEST_HOME

__all__ = ["bearer", "client"]

JINGTU = str(Path(sys.executable).with_name("jingtu"))


@dataclass(frozen=True)
class Demo:
    """A running service with the demo loaded, and the accounts that it printed."""

    url: str
    home: Path
    accounts: dict[str, dict[str, Any]]
    process: int

    def as_role(self, role: str) -> httpx2.Client:
        """A client that speaks for a role, or for a stranger ("public")."""
        token = self.accounts.get(role, {}).get("token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60)

    def examples(self) -> list[dict[str, Any]]:
        return list(httpx2.get(f"{self.url}/examples", timeout=60).json())


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with served_demo() as served:
        yield served


@contextmanager
def served_demo() -> Iterator[Demo]:
    """What a newcomer gets from `make run`: own database, demo, page; stopped as Ctrl-C would."""
    home = TEST_HOME / "demo"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    run = subprocess.Popen(
        [JINGTU, "up"],
        env=kept | {"JINGTU_HOME": str(home), "JINGTU_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    listener = threading.Thread(target=said.extend, args=[run.stdout], daemon=True)
    listener.start()  # a server whose words nobody takes stands still once the pipe is full
    try:
        accounts = json.loads((home / "demo-accounts.json").read_text()) if run.poll() is None else {}
        assert accounts, "".join(said)
        yield Demo(f"http://127.0.0.1:{port}", home, accounts, run.pid)
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
        listener.join(timeout=10)
        PrivateDatabase(home).stop()
