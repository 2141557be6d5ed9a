"""Deliveries read in the bounded child: the same as without it, as they are wanted, and whatever the child comes to."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import delivery_stream as stream
from loaders import limits, sandbox
from loaders.formats import opened
from loaders.record import Delivery, FileRefused, Record
from loaders.sandbox import LOADS, Limits
from tests.loaders import files
from tests.loaders.test_delivery_stream import DELIVERY, HONEST
from tests.loaders.test_geoparquet import geoparquet
from tests.loaders.test_sandbox import MANY_FAULTS, SHAPE, children, is_alive, left_behind

WORDS = {"DKMC": "甲地块", "DKBH": "1", "面积": 1.5, "数": 3}
ROWS: list[files.Row] = [(SHAPE, WORDS), (SHAPE, {**WORDS, "DKMC": "乙"}), (None, {**WORDS, "数": 4})]
SAMPLES = Path(__file__).parents[1] / "data/samples"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the child's files lie, apart from those of other servers on the machine."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def process(folder: Path) -> Iterator[int]:
    """The number of the reading process."""
    sandbox._PROCESS.stop()
    with sandbox.running():
        yield sandbox._PROCESS._process.pid  # type: ignore[union-attr]


def shapefile(folder: Path) -> Path:
    (folder / "parts").mkdir()
    return files.gdal(folder / "parts/地块.shp", ROWS, driver="ESRI Shapefile", encoding="GBK")


def two_layers(folder: Path) -> Path:
    path = files.gdal(folder / "a.gpkg", ROWS, driver="GPKG", layer="地块")
    return files.gdal(path, ROWS[:1], driver="GPKG", layer="道路", append=True)


FORMATS: dict[str, tuple[Callable[[Path], Path], dict[str, str]]] = {
    "zipped Shapefile in GBK": (lambda at: files.zipped_shapefile(at / "a.zip", ROWS), {}),
    "loose parts of a Shapefile": (shapefile, {}),
    "folder with a Shapefile": (lambda at: shapefile(at).parent, {}),
    "FileGDB": (lambda at: files.gdal(at / "a.gdb", ROWS, driver="OpenFileGDB"), {}),
    "GeoPackage": (lambda at: files.gdal(at / "a.gpkg", ROWS, driver="GPKG"), {}),
    "layer of a GeoPackage": (two_layers, {"part": "道路"}),
    "FlatGeobuf": (lambda at: files.gdal(at / "a.fgb", ROWS[:2], driver="FlatGeobuf"), {}),
    "GeoParquet": (lambda at: geoparquet(at / "a.parquet", [SHAPE, SHAPE]), {}),
    "GeoJSON": (lambda at: files.geojson(at / "a.geojson", ROWS), {}),
    "boundary points": (lambda _: SAMPLES / "valid_01_zone29_hole_utf8.txt", {}),
    "CSV": (
        lambda at: write(at / "a.csv", "名称,经度,纬度\n甲,87.3,44.0\n乙,87.31,44.0\n".encode("gbk")),
        {},
    ),
    "XLSX with days": (
        lambda at: files.xlsx(at / "a.xlsx", [["名称", "日期"], ["甲", datetime(2025, 3, 1)]]),
        {},
    ),
}


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def many(path: Path, count: int = 60_000) -> Path:
    """A file of which a child has not told all before somebody listens."""
    lines = "".join(f"{number},87.3,44.0\n" for number in range(count))
    return write(path, b"no,lon,lat\n" + lines.encode())


def content(delivery: Delivery) -> list[Any]:
    """All of a delivery, its records read."""
    head = [getattr(delivery, name) for name in Delivery.__slots__ if name != "records"]
    told = [
        (one.row, dict(one.values), one.geometry and one.geometry.wkb, one.issues, one.text)
        for one in delivery.records
    ]
    return [*head, told]


def refusal(of: pytest.ExceptionInfo[FileRefused]) -> str:
    issue = of.value.issue
    assert issue.message and issue.hint and "/" not in issue.message + issue.hint
    return issue.code


@pytest.mark.parametrize("name", FORMATS)
def test_the_child_reads_a_delivery_as_it_is_read_without_it(tmp_path: Path, name: str) -> None:
    made, more = FORMATS[name]
    path, part = made(tmp_path), more.get("part")
    with opened(path, path.name, part) as (file, reader):
        expected = content(reader(file, crs=None, encoding=None))
    with sandbox.opening() as opening, opening(path, path.name, part) as (told, reader):
        assert (told.name, told.suffix) == (file.name, file.suffix)
        assert content(reader(told, crs=None, encoding=None)) == expected
    assert expected[-1]


def test_one_child_reads_all_files_of_a_delivery(tmp_path: Path, process: int, folder: Path) -> None:
    paths = [files.zipped_shapefile(tmp_path / f"{name}.zip", ROWS) for name in "abc"]
    with sandbox.opening() as opening:
        deliveries = []
        for path in paths:
            context = opening(path, path.name, None)
            file, reader = context.__enter__()
            deliveries.append(reader(file))
        assert len(children(process)) == len(left_behind(folder)) == 1
        assert [len(list(delivery.records)) for delivery in deliveries] == [3, 3, 3]
    assert (children(process), left_behind(folder)) == ([], [])


def test_a_refusal_and_its_place_come_through(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", b'{"type":\n\n')
    with pytest.raises(FileRefused) as told, reading(path):
        pass
    assert (refusal(told), told.value.issue.row) == ("json_unreadable", 3)
    with pytest.raises(FileRefused) as told, reading(tmp_path / "none.zip"):
        pass
    assert refusal(told) == "file_missing"


@contextlib.contextmanager
def reading(path: Path, bounds: Limits = LOADS, waiting: Callable[[], None] = lambda: None) -> Iterator[Any]:
    with sandbox.opening(bounds, waiting) as opening, opening(path, path.name, None) as (file, reader):
        yield iter(reader(file, crs="EPSG:4490").records)


@pytest.mark.long
def test_a_child_waits_for_its_reader_and_its_clock_with_it(tmp_path: Path, process: int) -> None:
    assert list(sandbox.read_parcels(b"", "a.txt").issues)  # it is ready
    with reading(many(tmp_path / "a.csv"), Limits(wall_s=10)) as records:
        next(records)
        (child,) = children(process)
        time.sleep(1)
        before = Path(f"/proc/{child}/stat").read_text().split()[13:15]
        time.sleep(10)
        assert Path(f"/proc/{child}/stat").read_text().split()[13:15] == before
        assert sum(1 for _ in records) == 59_999


@pytest.mark.parametrize(
    ("how", "code"),
    [(signal.SIGSEGV, "unreadable"), (signal.SIGABRT, "unreadable"), (signal.SIGKILL, "too_large")],
)
def test_a_child_that_dies_among_its_records_refuses_the_file(
    tmp_path: Path, process: int, folder: Path, how: signal.Signals, code: str
) -> None:
    with reading(many(tmp_path / "a.csv")) as records:
        next(records)
        os.kill(int(children(process)[0]), how)
        with pytest.raises(FileRefused) as told:
            list(records)
    assert refusal(told) == code
    assert (children(process), left_behind(folder)) == ([], [])


def test_a_child_that_works_or_waits_too_long_is_stopped(tmp_path: Path, process: int) -> None:
    path = write(tmp_path / "a.geojson", MANY_FAULTS)
    with pytest.raises(FileRefused) as told, reading(path, Limits(cpu_s=1)) as records:
        list(records)
    assert refusal(told) == "too_slow"
    with reading(many(tmp_path / "a.csv"), Limits(wall_s=2)) as records:
        next(records)
        os.kill(int(children(process)[0]), signal.SIGSTOP)
        with pytest.raises(FileRefused) as told:
            list(records)
    assert refusal(told) == "too_slow"
    assert children(process) == []


def test_whoever_waits_may_change_their_mind(tmp_path: Path, process: int, folder: Path) -> None:
    path = write(tmp_path / "a.geojson", MANY_FAULTS)

    def enough() -> None:
        if children(process):
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"), reading(path, waiting=enough) as records:
        list(records)
    assert (children(process), left_behind(folder)) == ([], [])


def test_files_that_fill_the_folder_together_are_stopped(tmp_path: Path, folder: Path, process: int) -> None:
    paths = [files.zipped(tmp_path / f"{name}.zip", {"a.csv": os.urandom(1_500_000)}) for name in "ab"]
    with sandbox.opening(Limits(disk_bytes=2_000_000)) as opening:
        for path in paths:
            opening(path, path.name, None).__enter__()
        while children(process):
            time.sleep(0.1)
        with pytest.raises(FileRefused) as told:
            opening(paths[0], "a.zip", None).__enter__()
    assert refusal(told) == "too_large"
    assert (children(process), left_behind(folder)) == ([], [])


def test_nothing_is_left_when_the_reading_process_is_killed(tmp_path: Path, process: int) -> None:
    with reading(many(tmp_path / "a.csv")) as records:
        next(records)
        (child,) = children(process)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(FileRefused) as told:
            list(records)
    assert refusal(told) == "unreadable"
    until = time.monotonic() + 20
    while is_alive(int(child)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(int(child))


def test_a_service_manager_that_ends_all_processes_at_once_ends_no_file(tmp_path: Path, process: int) -> None:
    with reading(many(tmp_path / "a.csv")) as records:
        next(records)
        for one in (process, int(children(process)[0])):
            os.kill(one, signal.SIGTERM)
        assert sum(1 for _ in records) == 59_999


def heard(said: bytes, ended: bytes = b"done") -> list[Record]:
    """What is understood of a child that says this and ends so, whatever it is asked."""
    (data, theirs), (status, keeper) = socket.socketpair(), socket.socketpair()

    def speak() -> None:
        with theirs, keeper, contextlib.suppress(ConnectionError):
            theirs.sendall(said)
            theirs.shutdown(socket.SHUT_WR)
            keeper.sendall(ended)
            keeper.shutdown(socket.SHUT_WR)
            while theirs.recv(4096):
                pass

    child = sandbox._Child(data, status, 20, lambda: None)
    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        with data, status, sandbox._opened(child, Path("a.zip"), "a.zip") as (file, reader):
            return list(reader(file).records)
    finally:
        speaker.join()


FRAMES = [
    stream.Frame(stream.OPENED, b'"a.shp"').packed(),
    stream.frame_of(DELIVERY).packed(),
    *[frame.packed() for frame in stream.frames_of(HONEST)],
    stream.Frame(stream.END).packed(),
]


def test_an_honest_child_is_understood() -> None:
    assert heard(b"".join(FRAMES)) == HONEST


@given(
    st.lists(st.sampled_from(FRAMES), max_size=5).map(b"".join),
    st.binary(max_size=30),
    st.sampled_from([b"done", b"failed", b"large", b"slow", b"", b"nonsense"]),
)
def test_a_child_that_says_anything_else_is_refused(said: bytes, noise: bytes, ended: bytes) -> None:
    try:
        records = heard(said + noise, ended)
    except FileRefused as refused:
        told = refused.issue.code
    else:
        told = "understood"
        assert (said + noise).startswith(b"".join(FRAMES[:2])) and FRAMES[-1] in said
        assert records == HONEST * (len(records) // 2)
    assert told in {"understood", "unreadable", "too_large", "too_slow"}


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_child_that_ends_before_the_end_is_refused_even_if_it_ended_well(cut: int) -> None:
    with pytest.raises(FileRefused) as told:
        heard(b"".join(FRAMES[:cut]))
    assert refusal(told) == "unreadable"


@pytest.mark.parametrize("sizes", [(2**32 - 1, 0), (2, 2**63)])
def test_a_frame_that_claims_more_than_any_may_have_is_not_waited_for(sizes: tuple[int, int]) -> None:
    with pytest.raises(FileRefused) as told:
        heard(stream.HEAD.pack(stream.OPENED, *sizes))
    assert refusal(told) == "too_large"


def test_more_records_than_a_file_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS", 1)
    with pytest.raises(FileRefused) as told:
        heard(b"".join(FRAMES))
    assert refusal(told) == "too_large"
