"""What runs in a process of its own; loaded once, in the process that the others are forked from.

A moment is whatever can be told from outside: a sign of progress, a statement, and before and after a commit. Each is
told through the channel, and the process stands still until it is answered.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings

from tests.faults.moments import AFTER_COMMIT, BEFORE_COMMIT, NAME

os.environ["DJANGO_SETTINGS_MODULE"] = "spatial.settings"
django.setup()
for late in ("failures", "machine", "commands.load", "commands.publish", "commands.unpublish"):
    importlib.import_module(f"api.{late}")
cli, progress_bar = importlib.import_module("api.cli"), importlib.import_module("api.progress_bar")
for read_once in ("spatial.catalog", "spatial.rules"):
    importlib.import_module(read_once).current()

COPIED = 100
"""Rows between two moments of a COPY."""


class Moments:
    """Tells each moment and waits for leave to go on; once set free, it tells nothing more."""

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._free = False

    def at(self, name: str) -> None:
        with self._lock:
            if not self._free:
                self._channel.send(("at", name))
                self._free = self._channel.recv() == "free"

    def watch(self) -> None:
        """Hear of every sign of progress, every statement, every so many rows that are copied, and every commit."""
        self._before(psycopg.Cursor, "execute", lambda cursor, query, *_, **__: said(query))
        self._before(psycopg.Cursor, "copy", lambda cursor, query, *_, **__: said(query))
        rows = itertools.count(1)
        self._before(psycopg.Copy, "write_row", lambda *_: every(next(rows), COPIED))
        self._before(progress_bar.ProgressBar, "__call__", lambda bar, stage, done, total: f"{stage} {done}")
        self._before(psycopg.Connection, "commit", lambda connection: BEFORE_COMMIT, AFTER_COMMIT)

    def _before(
        self, kind: type, method: str, name: Callable[..., str | None], after: str | None = None
    ) -> None:
        """Tell before a method is called, where `name` gives the moment one, and after it has returned."""
        original = getattr(kind, method)

        @functools.wraps(original)
        def told(*given: Any, **named: Any) -> Any:
            if before := name(*given, **named):
                self.at(before)
            result = original(*given, **named)
            if after:
                self.at(after)
            return result

        setattr(kind, method, told)


def said(query: Any) -> str:
    text = query if isinstance(query, str) else query.as_string(None)
    return " ".join(text.split())[:100]


def every(number: int, many: int) -> str | None:
    return f"copied {number}" if number % many == 0 else None


def run(channel: Connection, url: str, home: Path, said: Path, words: tuple[str, ...]) -> None:
    """`jingtu WORDS`; what it prints goes into two files; its exit code is told in the end."""
    for number, suffix in ((1, ".out"), (2, ".err")):
        os.dup2(os.open(said.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(JINGTU_DATABASE_URL=url, PGAPPNAME=NAME)
    settings.JINGTU_HOME = home
    Moments(channel).watch()
    channel.send(("ended", cli.main(words)))
