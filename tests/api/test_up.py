"""`jingtu up` as a person runs it: ready, stopped by a signal, started again, and after a killed run."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.private_database import PrivateDatabase
from tests.settings import TEST_HOME

JINGTU = str(Path(sys.executable).with_name("jingtu"))


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = TEST_HOME / "up"
    yield folder
    PrivateDatabase(folder).stop()


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"JINGTU_HOME": str(home), "JINGTU_PORT": str(port)}


@contextmanager
def up(home: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start `jingtu up` and wait for the line that ends its welcome."""
    run = subprocess.Popen(
        [JINGTU, "up"],
        env=environment(home, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    said = ""
    for line in run.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    try:
        yield run, said
    finally:
        if run.poll() is None:
            run.kill()
        run.wait()
        run.stdout.close()


def server_runs(home: Path) -> bool:
    return (home / "postgres" / "postmaster.pid").exists()


def get(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return int(answer.status)


def test_up_serves_says_where_last_and_a_signal_stops_the_database_too(home: Path, port: int) -> None:
    with up(home, port) as (run, said):
        assert f"http://127.0.0.1:{port}/" in said
        assert get(port, "/healthz") == 200
        assert get(port, "/readyz") == 200
        assert server_runs(home)
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
        assert run.returncode == 0
    assert not server_runs(home)


def workers(of: int) -> list[int]:
    """The worker processes that this one started."""
    children = Path(f"/proc/{of}/task")
    found = [pid for thread in children.glob("*/children") for pid in thread.read_text().split()]
    return [int(pid) for pid in found if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def soon(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_up_keeps_a_worker_that_is_started_again_when_killed_and_never_outlives_it(
    home: Path, port: int
) -> None:
    with up(home, port) as (run, _):
        (first,) = workers(run.pid)
        os.kill(first, signal.SIGKILL)
        soon(lambda: workers(run.pid) not in ([], [first]))
        (second,) = workers(run.pid)
        run.kill()
        run.wait()
        soon(lambda: not Path(f"/proc/{second}").exists())
    with up(home, port) as (run, _):
        (third,) = workers(run.pid)
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
        assert run.returncode == 0 and not Path(f"/proc/{third}").exists()
    assert not server_runs(home)


def test_a_worker_that_still_listens_to_its_parent_ends_without_a_word(home: Path, port: int) -> None:
    with up(home, port):
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.cli", "worker", "--until-stdin-ends"],
            env=environment(home, port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert worker.stdout is not None
        worker.stdout.readline()  # it listens while it waits for the other one
        worker.terminate()
        assert worker.wait(timeout=30) == 128 + signal.SIGTERM
        assert worker.stdout.read() == b""


def test_a_second_start_takes_seconds_prints_the_demo_accounts_and_ctrl_c_ends_it(
    home: Path, port: int
) -> None:
    started = time.monotonic()
    with up(home, port) as (run, said):
        assert time.monotonic() - started < 15
        accounts = home / "demo-accounts.json"
        assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
        for account in json.loads(accounts.read_text()).values():
            if account:
                assert account["username"] in said
                assert account["password"] in said
        run.send_signal(signal.SIGINT)
        run.wait(timeout=60)
        assert run.returncode == 0
    assert not server_runs(home)


def test_a_start_after_a_killed_run_takes_its_database_over_and_stops_it(home: Path, port: int) -> None:
    with up(home, port) as (run, _):
        run.kill()
        run.wait()
    assert server_runs(home)
    with up(home, port) as (run, _):
        assert get(port, "/readyz") == 200
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
    assert not server_runs(home)


def test_a_taken_port_is_told_at_once_with_the_way_out(home: Path, port: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = subprocess.run([JINGTU, "up"], env=environment(home, port), capture_output=True, text=True)
    assert refused.returncode == 1
    assert re.search(rf"127\.0\.0\.1:{port} 已被别的程序占用.*JINGTU_PORT", refused.stderr)
    assert not server_runs(home)


def test_the_server_listens_on_this_machine_alone(home: Path, port: int) -> None:
    with up(home, port) as (run, _):
        listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        addresses = re.findall(rf" ([0-9A-F]+):{port:04X} 0+:0000 0A ", listening)
        assert addresses == ["0100007F"]
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=60)
