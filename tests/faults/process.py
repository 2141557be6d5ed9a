"""Commands in processes of their own, led from moment to moment and killed where the test says."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from tests.api.workers import until
from tests.faults.moments import NAME, run
from tests.settings import TEST_HOME

HOME = TEST_HOME / "faults"
WAIT_S = 60.0
Stop = Callable[[str], Any]
"""Whether to stand still at a moment of this name."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.faults.child"])
_numbers = itertools.count(1)


class Jingtu:
    """`jingtu WORDS` on a database: stands still at its first moment until it is led on. See tests.faults.child."""

    def __init__(self, url: str, *words: Any) -> None:
        self._said = HOME / f"said-{next(_numbers)}.txt"
        self._channel, theirs = _forks.Pipe()
        given = (theirs, url, HOME, self._said, tuple(map(str, words)))
        self.process = _forks.Process(target=run, args=given, daemon=True)
        self.process.start()
        theirs.close()
        self._stands = self._is_free = False
        self._code: int | None = None

    def __enter__(self) -> Jingtu:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._channel.close()

    def go_to(self, stop: Stop) -> str | None:
        """Let it go on to a moment; its name, None where it ended before."""
        while self._code is None:
            if self._stands:
                self._channel.send("go")
            if (name := self._told()) is not None and stop(name):
                return name
        return None

    def set_free(self) -> None:
        """Let it go on and not stand still again; do not wait for it."""
        if self._stands or self.go_to(lambda name: True):
            self._channel.send("free")
            self._stands, self._is_free = False, True

    def code(self) -> int:
        """The exit code, once it has ended by itself."""
        if not self._is_free:
            self.set_free()
        if self._code is None:
            self._told()
        self.process.join()
        assert self._code is not None
        return self._code

    def out(self) -> Any:
        """The document on standard output."""
        return json.loads(self._said.with_suffix(".out").read_text(encoding="utf-8"))

    def err(self) -> str:
        return self._said.with_suffix(".err").read_text(encoding="utf-8")

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def _told(self) -> str | None:
        """The next moment; None where the command has ended instead."""
        assert self._channel.poll(WAIT_S), "it neither went on nor ended"
        try:
            kind, told = self._channel.recv()
        except (EOFError, ConnectionResetError):
            raise AssertionError(self.err()) from None
        self._stands = kind == "at"
        if kind == "ended":
            self._code = told
            return None
        return str(told)


def backends(url: str) -> list[int]:
    """The processes that serve such commands on this database."""
    with psycopg.connect(url, autocommit=True) as connection:
        asked = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
        )
        return [pid for (pid,) in connection.execute(asked, [NAME]).fetchall()]


@contextmanager
def holding(url: str, statement: str) -> Iterator[None]:
    """Keep the locks of a statement, whatever becomes of the server."""
    with closing(psycopg.connect(url)) as connection:
        connection.execute(statement)
        yield


def is_row(name: str) -> bool:
    """Whether a moment is a sign that rows have been read, whatever its stage is called."""
    return re.fullmatch(r"\w+ [1-9]\d*", name) is not None


def wait_until_gone(url: str) -> None:
    """Until what a killed command had begun is taken back."""
    until(lambda: not backends(url))
