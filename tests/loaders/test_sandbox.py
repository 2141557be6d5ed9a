"""The child that reads a stranger's file: what it may not do, how it ends, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loaders import parcel_json, sandbox
from loaders.parcels import ParcelFile, read_parcels
from loaders.sandbox import Limits
from tests.grid import grid
from tests.loaders import files

SAMPLES = Path(__file__).parents[1] / "data/samples"
SMALL = (SAMPLES / "valid_01_zone29_hole_utf8.txt").read_bytes()
SHAPE = grid("""
    A . B
    . . .
    D . E
""").polygon("ABED")
MANY_FAULTS = b'{"type": "FeatureCollection", "features": [' + b"0," * 4_000_000 + b"0]}"
"""8 MB that take a minute to tell all that is wrong with them."""
MANY_LISTS = b"[" + b"[]," * 12_000_000 + b"[]]"
"""36 MB that are near 1 GB once they are read."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's files lie for a while, apart from those of other servers on the machine."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def process(folder: Path) -> Iterator[int]:
    """The number of the reading process."""
    sandbox._PROCESS.stop()
    with sandbox.running():
        assert sandbox.read_parcels(SMALL, "a.txt").ok
        yield sandbox._PROCESS._process.pid  # type: ignore[union-attr]


def children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def is_alive(number: int) -> bool:
    """Whether a process runs; one that only waits for the system to bury it does not."""
    path = Path(f"/proc/{number}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def left_behind(folder: Path) -> list[Path]:
    """What lies in the folder of the one reading process."""
    (own,) = folder.iterdir()
    return list(own.iterdir())


def issue(file: ParcelFile) -> str:
    (only,) = file.issues
    assert not file.ok and not file.parcels
    assert only.message and only.hint
    assert "/" not in only.message + only.hint and "Traceback" not in only.message
    return only.code


def same(one: ParcelFile, other: ParcelFile) -> bool:
    """All but the attributes, of which dates come back as text."""
    return (one.issues, one.crs, one.encoding, one.lines, one.ok) == (
        other.issues,
        other.crs,
        other.encoding,
        other.lines,
        other.ok,
    ) and [
        (p.no, p.name, p.geometry.wkb, p.row, p.declared_area_m2, p.points, p.land_use) for p in one.parcels
    ] == [
        (p.no, p.name, p.geometry.wkb, p.row, p.declared_area_m2, p.points, p.land_use) for p in other.parcels
    ]


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.name)
def test_the_child_reads_what_is_read_without_it(sample: Path) -> None:
    data = sample.read_bytes()
    assert same(sandbox.read_parcels(data, sample.name), read_parcels(data, sample.name))


def test_every_format_is_read_within_the_bounds(tmp_path: Path) -> None:
    rows = [(SHAPE, {"DKMC": "甲", "DKBH": "1"})]
    paths = [
        files.gdal(tmp_path / "a.gpkg", rows, driver="GPKG"),
        files.zipped_shapefile(tmp_path / "a.zip", rows),
        files.geojson(tmp_path / "a.geojson", rows),
        files.xlsx(tmp_path / "a.xlsx", [["名称", "经度", "纬度"], ["甲", 87.3, 44.0]]),
    ]
    for path in paths:
        data = path.read_bytes()
        file = sandbox.read_parcels(data, path.name, crs="EPSG:4490")
        assert same(file, read_parcels(data, path.name, crs="EPSG:4490"))
        assert file.ok == (path.suffix != ".xlsx")


def test_a_file_that_takes_too_long_is_stopped_and_says_so(process: int, folder: Path) -> None:
    started = time.monotonic()
    file = sandbox.read_parcels(MANY_FAULTS, "a.geojson", bounds=Limits(cpu_s=1))
    assert issue(file) == "too_slow"
    assert time.monotonic() - started < 20
    assert children(process) == []
    assert left_behind(folder) == []


def test_a_child_that_waits_for_ever_is_stopped_by_the_clock(process: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(sandbox.read_parcels, MANY_FAULTS, "a.geojson", bounds=Limits(cpu_s=60, wall_s=2))
        while not (running := children(process)):
            time.sleep(0.01)
        os.kill(int(running[0]), signal.SIGSTOP)
        assert issue(asked.result(timeout=30)) == "too_slow"
    assert children(process) == []


def test_a_file_that_wants_too_much_memory_is_stopped_and_says_so(process: int) -> None:
    file = sandbox.read_parcels(MANY_LISTS, "a.json", bounds=Limits(memory_bytes=512 * 1024**2))
    assert issue(file) == "too_large"
    assert children(process) == []


def test_a_file_that_unpacks_to_too_much_is_stopped_and_says_so(
    tmp_path: Path, process: int, folder: Path
) -> None:
    path = files.zipped(tmp_path / "a.zip", {"a.txt": os.urandom(2_000_000)})
    file = sandbox.read_parcels(path.read_bytes(), "a.zip", bounds=Limits(disk_bytes=1_000_000))
    assert issue(file) == "too_large"
    assert left_behind(folder) == []


def test_more_faults_than_anybody_can_read_are_too_much_of_an_answer(
    monkeypatch: pytest.MonkeyPatch, process: int
) -> None:
    monkeypatch.setattr(sandbox, "ANSWER_BYTES", 1000)
    assert issue(sandbox.read_parcels(SMALL.replace(b"@", b""), "a.txt")) == "too_large"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_child_that_dies_harms_nobody_else(process: int, how: signal.Signals, folder: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(sandbox.read_parcels, MANY_FAULTS, "a.geojson")
        while not (running := children(process)):
            time.sleep(0.01)
        assert sandbox.read_parcels(SMALL, "a.txt").ok
        os.kill(int(running[0]), how)
        assert issue(asked.result(timeout=30)) in ("unreadable", "too_large")
    assert (children(process), left_behind(folder)) == ([], [])


def test_the_reading_process_is_started_again_when_it_is_gone(process: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(sandbox.read_parcels, MANY_FAULTS, "a.geojson")
        while not (running := children(process)):
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)
        assert issue(asked.result(timeout=30)) == "unreadable"
    assert sandbox.read_parcels(SMALL, "a.txt").ok
    assert not is_alive(int(running[0]))
    assert not Path("/proc", str(process)).exists()


def test_twenty_files_at_once_each_get_their_own_answer(process: int, folder: Path) -> None:
    with ThreadPoolExecutor(20) as pool:
        told = [pool.submit(sandbox.read_parcels, SMALL, f"{n}.txt") for n in range(20)]
        assert all(one.result(timeout=30).ok for one in told)
    assert (children(process), left_behind(folder)) == ([], [])


def test_nothing_is_left_when_the_service_stops(folder: Path) -> None:
    sandbox._PROCESS.stop()
    with sandbox.running():
        assert sandbox.read_parcels(SMALL, "a.txt").ok
        process = sandbox._PROCESS._process.pid  # type: ignore[union-attr]
    assert not Path("/proc", str(process)).exists()
    assert not list(folder.iterdir())


def test_nothing_is_left_when_the_service_is_killed(folder: Path) -> None:
    program = (
        "import sys, time; from loaders import sandbox; sandbox.read_parcels(b'x', 'a.txt');"
        "print(sandbox._PROCESS._process.pid, flush=True); time.sleep(60)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(folder)}
    )
    assert server.stdout is not None
    process = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    until = time.monotonic() + 20
    while (is_alive(process) or any(folder.iterdir())) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(process) and not any(folder.iterdir())


def test_a_folder_that_somebody_cleared_away_is_made_again(folder: Path, process: int) -> None:
    for own in folder.iterdir():
        own.rmdir()
    assert sandbox.read_parcels(SMALL, "a.txt").ok


def test_the_reading_process_knows_no_secret_and_is_bounded(
    process: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = Path(f"/proc/{process}/environ").read_text()
    assert {line.split("=")[0] for line in environment.split("\0") if line.startswith("JINGTU_")} <= {
        "JINGTU_CATALOG_DIR"
    }
    modules = Path(f"/proc/{process}/maps").read_text()
    assert "psycopg" not in modules and "libgdal" in modules
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(sandbox.read_parcels, MANY_FAULTS, "a.geojson", bounds=Limits(cpu_s=3))
        while not (running := children(process)):
            time.sleep(0.01)
        told: dict[str, str] = {}
        while told.get("Max cpu time") != "3":  # the last that it sets
            limits = Path(f"/proc/{running[0]}/limits").read_text()
            told = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
        asked.result(timeout=30)
    assert told["Max address space"] == str(2 * 1024**3)
    assert (told["Max core file size"], told["Max open files"]) == ("0", "256")


def test_a_process_that_has_left_the_network_reaches_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program = (
            "import socket, sys; from loaders.sandbox_process import leave_network; left = leave_network()\n"
            "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)\n"
            "except OSError: print(left, 'alone')\n"
            "else: print(left, 'reached')"
        )
        port = str(listener.getsockname()[1])
        told = subprocess.run(
            [sys.executable, "-c", program, port], capture_output=True, text=True, check=True
        ).stdout.split()
    # Where the system lets nobody leave, GDAL's own settings are what stands.
    assert told in (["True", "alone"], ["False", "reached"])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"ok": 1, "crs": null, "encoding": "", "lines": null, "issues": [], "parcels": []}',
        b'{"ok": true, "crs": "x", "encoding": "", "lines": null, "issues": [], "parcels": []}',
        b'{"ok": true, "crs": null, "encoding": "", "lines": null, "issues": [{}], "parcels": []}',
        b'{"ok": true, "crs": null, "encoding": "", "lines": null, "issues": [], "parcels": [{"wkb": "AQ=="}]}',
        b"\xff\xff",
    ],
)
def test_an_answer_that_no_honest_child_gives_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):
        parcel_json.decode(answer)
