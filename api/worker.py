"""The worker as a child of `jingtu up`: started, started again when it dies, stopped at the end."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator

STOP_S = 5.0
PAUSES_S = (0.5, 2.0, 10.0)
"""Before a worker that died is started again; the last from the third time on."""


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Keep one worker process for as long; it ends with this process even where that is killed."""
    child = _Child()
    thread = threading.Thread(target=child.keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        child.stop()
        thread.join(2 * STOP_S)


class _Child:
    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        for deaths in range(sys.maxsize):
            with self._lock:
                if self._stopping.is_set():
                    return
                self._process = process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "api.cli", "worker", "--until-stdin-ends"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C in a terminal is the server's
                )
            process.wait()
            if self._stopping.wait(PAUSES_S[min(deaths, len(PAUSES_S) - 1)]):
                return

    def stop(self) -> None:
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()  # whatever it did is rolled back, and begun again at the next start
            process.wait()
