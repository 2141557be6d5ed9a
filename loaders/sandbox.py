"""Files of strangers, read in a child process with little memory, little time and no network.

One process beside the server, or the worker, has the readers loaded and forks a child for each upload or delivery; the
child answers in JSON and shapes in WKB, so that nothing of it runs here. `api` reads uploads and deliveries through
this; `jingtu check FILE` and `jingtu load` read a person's own file in their own process. A preview of a small TXT takes
16 ms here against 2 ms in the server's own process, and a fresh interpreter for each file would take 600 ms and more;
measured on two cores by
`python -m timeit -s "from loaders import sandbox; d = open('tests/data/samples/valid_01_zone29_hole_utf8.txt', 'rb').read(); sandbox.read_parcels(d, 'a.txt')" "sandbox.read_parcels(d, 'a.txt')"`.
"""  # noqa: E501 — the command can be copied

from __future__ import annotations

import atexit
import contextlib
import errno
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loaders import delivery_stream, limits, parcel_json
from loaders.delivery_stream import Frame
from loaders.formats import Opening, Reader
from loaders.parcels import ParcelFile
from loaders.record import ERROR, Delivery, File, FileRefused, Issue, Record
from loaders.sandbox_process import DONE, FAILED, FULL, LARGE, SLOW

CPU_S = 60
ANSWER_BYTES = 64 * 1024**2
GRACE_S = 10
STOP_S = 5
TICK_S = 0.5
"""How often somebody who waits may change their mind."""
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB", "JINGTU_CATALOG_DIR")
"""All that the reading process is told of ours, beside the limits: no address of a database, no secret."""

ISSUES = {
    SLOW: Issue(
        "too_slow",
        ERROR,
        "文件没能在时限内读完，已停止。",
        "请减少地块和界址点，或拆成几个文件后再提交；文件若不大，可能已损坏，请重新导出。",
    ),
    LARGE: Issue(
        "too_large", ERROR, "读这个文件需要的内存或磁盘超过上限，已停止。", "请拆成几个文件后再提交。"
    ),
    FAILED: Issue(
        "unreadable",
        ERROR,
        "文件读不下去，可能已损坏。",
        "请用 GIS 软件重新导出后再提交；仍不成功时请告诉管理员。",
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. `wall_s`: how long it may be waited for in all; `disk_bytes`: of a file, and of all."""

    cpu_s: int = CPU_S
    wall_s: int = 2 * CPU_S
    memory_bytes: int = limits.READ_MEMORY_BYTES
    disk_bytes: int = limits.UNPACKED_BYTES


LOADS = Limits(limits.LOAD_CPU_S, limits.LOAD_WAIT_S, limits.LOAD_MEMORY_BYTES, limits.LOAD_DISK_BYTES)
"""What the child may use that reads a delivery."""


def read_parcels(
    content: bytes,
    name: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    source_layer: str | None = None,
    bounds: Limits | None = None,
) -> ParcelFile:
    """What loaders.parcels.read_parcels finds in a file, or the one issue `too_slow`, `too_large` or `unreadable`.

    Raises OSError where the disk is full.
    """
    asked = {
        "name": name,
        "size": len(content),
        "given": {"crs": crs, "encoding": encoding, "source_layer": source_layer},
    }
    try:
        with _PROCESS.child(bounds or Limits()) as child:
            child.say(_line(asked), content)
            return parcel_json.decode(child.last_words(ANSWER_BYTES))
    except _Ended as end:
        issue = end.issue()
    except ValueError:
        issue = ISSUES[FAILED]
    return ParcelFile((), (issue,), None, encoding or "", None, False)


@contextlib.contextmanager
def opening(bounds: Limits = LOADS, waiting: Callable[[], None] = lambda: None) -> Iterator[Opening]:
    """Opens files as formats.opened does, but in a child: one for all the files of a delivery, as long as this lasts.

    What cannot be read within the bounds is a FileRefused, `too_slow`, `too_large` or `unreadable`, of the reader or of
    the records; OSError where the disk is full. `waiting` is called while the child is waited for; what it raises ends
    the child.
    """
    with _PROCESS.child(bounds, waiting) as child:
        child.say(_line({"deliveries": True}))
        yield functools.partial(_opened, child)


@contextlib.contextmanager
def _opened(child: _Child, source: Path, name: str, part: str | None = None) -> Iterator[tuple[File, Reader]]:
    with _refusing(child):
        asked = {"open": str(source.absolute()), "name": name, "part": part}
        file = File(delivery_stream.name_in(child.asked(asked, delivery_stream.OPENED)), source, part)
    number = child.files
    child.files += 1
    yield file, functools.partial(_read, child, number)


def _read(
    child: _Child, number: int, file: File, *, crs: str | None = None, encoding: str | None = None
) -> Delivery:
    with _refusing(child):
        frame = child.asked({"read": number, "crs": crs, "encoding": encoding}, delivery_stream.READ)
        return delivery_stream.delivery_in(frame, _records(child, number))


def _records(child: _Child, number: int) -> Iterator[Record]:
    count = 0
    with _refusing(child):
        child.say(_line({"records": number}))
        while (
            frame := child.frame(delivery_stream.RECORDS, delivery_stream.END)
        ).kind != delivery_stream.END:
            records = delivery_stream.records_in(frame)
            count += len(records)
            if count > limits.ROWS:
                raise _Ended(LARGE)
            yield from records


@contextlib.contextmanager
def _refusing(child: _Child) -> Iterator[None]:
    """An end that is not the child's own, and words that no reader says, as the refusal of the file."""
    try:
        yield
    except _Ended as end:
        raise FileRefused(end.issue()) from None
    except ValueError as error:
        raise FileRefused(ISSUES[FAILED]) from error


def _line(asked: dict[str, Any]) -> bytes:
    return json.dumps(asked).encode() + b"\n"


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The reading process ready before the first file comes, and stopped at the end."""
    _PROCESS.start()
    try:
        yield
    finally:
        _PROCESS.stop()


class _Ended(Exception):
    """A child has nothing more to say, or is not heard out."""

    def __init__(self, how: bytes) -> None:
        super().__init__(how)
        self.how = how

    def issue(self) -> Issue:
        """What is told of the file. Raises OSError where it is no fault of the file."""
        if self.how == FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return ISSUES[self.how]


class _Child:
    """What is said to a child and what it answers. Its clock runs while it is waited for, not while we are busy."""

    def __init__(
        self, data: socket.socket, status: socket.socket, wall_s: float, waiting: Callable[[], None]
    ) -> None:
        self._data, self._status = data, status
        self._left_s, self._waiting = wall_s, waiting
        self.files = 0
        for end in (data, status):
            end.settimeout(TICK_S)

    def say(self, *parts: bytes) -> None:
        """Say something; a child that has ended does not hear it, and what it said last is heard all the same."""
        for part in parts:
            rest = memoryview(part)
            while rest and (size := self._patiently(lambda rest=rest: self._data.send(rest))):  # type: ignore[misc]
                rest = rest[size:]

    def last_words(self, most: int) -> bytes:
        """All that it says until it has ended well."""
        words = bytearray()
        while part := self._patiently(lambda: self._data.recv(1024 * 1024)):
            words += part
            if len(words) > most:
                raise _Ended(LARGE)
        if (how := self._end()) != DONE:
            raise _Ended(how)
        return bytes(words)

    def asked(self, command: dict[str, Any], kind: bytes) -> Frame:
        """The answer to a command."""
        self.say(_line(command))
        return self.frame(kind)

    def frame(self, *kinds: bytes) -> Frame:
        """The next frame. Raises FileRefused where the child refuses the file, ValueError for what it may not say."""
        kind, document, more = delivery_stream.sizes(self._exactly(delivery_stream.HEAD.size))
        if document > delivery_stream.MOST_TEXT or more > delivery_stream.MOST_BYTES:
            raise _Ended(LARGE)
        frame = Frame(kind, self._exactly(document), self._exactly(more))
        if kind == delivery_stream.REFUSED:
            raise delivery_stream.refusal_in(frame)
        if kind not in kinds:
            raise ValueError("not what was asked")
        return frame

    def _exactly(self, size: int) -> bytes:
        """So many bytes. A child that ends before has not ended well, whatever it says."""
        found = bytearray(size)
        rest = memoryview(found)
        while rest:
            got = self._patiently(lambda rest=rest: self._data.recv_into(rest))  # type: ignore[misc]
            if not got:
                self._waiting()  # the worker may be stopping, and its children with it
                how = self._end()
                raise _Ended(FAILED if how == DONE else how)
            rest = rest[got:]
        return bytes(found)

    def _end(self) -> bytes:
        """How it ended; FAILED where whoever should know is gone."""
        how: bytes = self._patiently(lambda: self._status.recv(16))
        return how if how in (DONE, FULL, *ISSUES) else FAILED

    def _patiently(self, step: Callable[[], Any]) -> Any:
        """What a step gives that may have to wait; nothing where the other end is gone."""
        while self._left_s > 0:
            started = time.monotonic()
            try:
                return step()
            except TimeoutError:
                self._waiting()
            except ConnectionError:
                return b""
            finally:
                self._left_s -= time.monotonic() - started
        raise _Ended(SLOW)


class _Process:
    """The reading process: started when it is first needed, started again when it is gone. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder = ""

    def start(self) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def stop(self) -> None:
        with self._lock:
            self._stop()

    @contextlib.contextmanager
    def child(self, bounds: Limits, waiting: Callable[[], None] = lambda: None) -> Iterator[_Child]:
        """A new child; at the end it is dead and its folder gone."""
        data, theirs = socket.socketpair()
        status, told = socket.socketpair()
        with data, status, theirs, told:
            process = self._pass(json.dumps(asdict(bounds)).encode(), [theirs.fileno(), told.fileno()])
            theirs.close()
            told.close()
            try:
                yield _Child(data, status, bounds.wall_s, waiting)
            finally:
                data.close()
                status.settimeout(GRACE_S)
                with contextlib.suppress(OSError):
                    status.shutdown(socket.SHUT_WR)  # whatever it does, nobody wants it any more
                    try:
                        while status.recv(16):
                            pass
                    except TimeoutError:
                        process.kill()  # it should have ended the child long ago

    def _pass(self, message: bytes, numbers: list[int]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None or self._process.poll() is not None or not Path(self._folder).is_dir():
                self._start()
            try:
                self._send(message, numbers)
            except OSError:  # it ended this very moment
                self._start()
                self._send(message, numbers)
            assert self._process is not None  # noqa: S101
            return self._process

    def _send(self, message: bytes, numbers: list[int]) -> None:
        assert self._control is not None  # noqa: S101
        socket.send_fds(self._control, [message], numbers)

    def _start(self) -> None:
        self._stop()
        self._folder = tempfile.mkdtemp(prefix="jingtu-read-")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(GRACE_S)
        told = {name: os.environ[name] for name in (*ENVIRONMENT, *limits.DEFAULTS) if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "loaders.sandbox_process", self._folder],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={
                    **told,
                    "PYTHONPATH": str(Path(__file__).parents[1]),
                    "OPENBLAS_NUM_THREADS": "1",
                    "JE_ARROW_MALLOC_CONF": "background_thread:false",
                },
                start_new_session=True,  # Ctrl-C in a terminal is the server's
            )

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._control = None


_PROCESS = _Process()
atexit.register(_PROCESS.stop)
