"""Files of strangers, read in a child process with little memory, little time and no network.

One process beside the server has the readers loaded and forks a child for each file; the child answers in JSON, so
that nothing of it runs here. `api` reads uploads through this; `jingtu check FILE` reads a person's own file in its
own process. A preview of a small TXT takes 16 ms here against 2 ms in the server's own process, and a fresh
interpreter for each file would take 600 ms and more; measured on two cores by
`python -m timeit -s "from loaders import sandbox; d = open('tests/data/samples/valid_01_zone29_hole_utf8.txt', 'rb').read(); sandbox.read_parcels(d, 'a.txt')" "sandbox.read_parcels(d, 'a.txt')"`.
"""  # noqa: E501 — the command can be copied

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from loaders import limits, parcel_json
from loaders.parcels import ParcelFile
from loaders.record import ERROR, Issue
from loaders.sandbox_process import DONE, FAILED, LARGE, SLOW

CPU_S = 60
ANSWER_BYTES = 64 * 1024**2
GRACE_S = 10
STOP_S = 5
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
    """What one child may use. `wall_s` counts from its start, waiting included."""

    cpu_s: int = CPU_S
    wall_s: int = 2 * CPU_S
    memory_bytes: int = limits.READ_MEMORY_BYTES
    file_bytes: int = limits.UNPACKED_BYTES


def read_parcels(
    content: bytes,
    name: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    source_layer: str | None = None,
    bounds: Limits | None = None,
) -> ParcelFile:
    """What loaders.parcels.read_parcels finds in a file, or the one issue `too_slow`, `too_large` or `unreadable`."""
    asked = {
        "name": name,
        "size": len(content),
        "given": {"crs": crs, "encoding": encoding, "source_layer": source_layer},
    }
    ended, answer = _PROCESS.ask(json.dumps(asked).encode() + b"\n", content, bounds or Limits())
    if ended == DONE:
        try:
            return parcel_json.decode(answer)
        except ValueError:
            ended = FAILED
    return ParcelFile((), (ISSUES[ended],), None, encoding or "", None, False)


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The reading process ready before the first file comes, and stopped at the end."""
    _PROCESS.start()
    try:
        yield
    finally:
        _PROCESS.stop()


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

    def ask(self, head: bytes, content: bytes, bounds: Limits) -> tuple[bytes, bytes]:
        """How the child ended, and what it said."""
        data, theirs = socket.socketpair()
        status, told = socket.socketpair()
        with data, status, theirs, told:
            process = self._pass(json.dumps(asdict(bounds)).encode(), [theirs.fileno(), told.fileno()])
            theirs.close()
            told.close()
            for end in (data, status):
                end.settimeout(bounds.wall_s + GRACE_S)
            try:
                answer = _exchange(data, head, content)
                data.close()  # a child that still talks is done for
                ended = status.recv(16)
            except TimeoutError:
                process.kill()  # it should have ended the child long ago
                return SLOW, b""
        if ended == DONE and len(answer) > ANSWER_BYTES:
            return LARGE, b""
        return (ended if ended == DONE or ended in ISSUES else FAILED), answer

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
                env={**told, "PYTHONPATH": str(Path(__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"},
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


def _exchange(data: socket.socket, head: bytes, content: bytes) -> bytes:
    """Send the file, then hear what the child says, to its end or a byte more than it may say."""
    answer = bytearray()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # ended before it had read all
        data.sendall(head)
        data.sendall(content)
        while len(answer) <= ANSWER_BYTES and (part := data.recv(1024 * 1024)):
            answer += part
    return bytes(answer)


_PROCESS = _Process()
atexit.register(_PROCESS.stop)
