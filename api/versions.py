"""The newest revision, and in which each layer changed last, as this process knows them without asking.

They are read from the database at the start, at its word (NOTIFY), whenever another process of this machine knows of a
newer revision (spatial.newest), and every POLL_S, because a word may be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable

import psycopg

from api import events
from api.background import background
from api.pool import fetch_all
from spatial import newest

POLL_S = 0.4
LONGEST_S = 2.0
"""What was not asked for so long is asked before anybody is answered with it."""
_READ = """
SELECT (SELECT coalesce(max(number), 0) FROM spatial_revision) AS number, l.layer, l.revision
FROM (SELECT) one LEFT JOIN spatial_layerversion l ON true
"""
log = logging.getLogger("jingtu.api")


class Versions:
    """One for a process, kept by `kept`."""

    def __init__(self) -> None:
        self.number = -1
        self._layers: dict[str, int] = {}
        self._read_at = float("-inf")
        self._told = -1
        self._board = newest.Board()
        self._reading: asyncio.Task[None] | None = None

    def is_known(self) -> bool:
        """Whether nobody on this machine knows of more, and the database was asked just now."""
        return self._board.read() == self._told and time.monotonic() - self._read_at < LONGEST_S

    async def know(self, at_least: int = 0) -> None:
        """Read anew unless all is known. Raises psycopg.Error where the database is away."""
        for _ in range(2):  # what others wait for already may have been read before what is new was there
            if self.is_known() and at_least <= self.number:
                return
            await self.read()

    async def read(self) -> None:
        """Read anew, once for all who wait."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        told, now = self._board.read(), time.monotonic()
        rows = await fetch_all(_READ)
        self._layers = {row["layer"]: row["revision"] for row in rows if row["layer"] is not None}
        self.number = rows[0]["number"]
        if self.number > told:
            newest.tell(self.number)
            told = self._board.read()
        self._told, self._read_at = told, now

    def of(self, layers: Iterable[str]) -> int:
        """The newest revision in which one of some stored layers changed."""
        return max((self._layers.get(layer, 0) for layer in layers), default=0)


@contextlib.asynccontextmanager
async def kept() -> AsyncIterator[Versions]:
    """Know the versions for the application's life."""
    versions = Versions()
    with contextlib.suppress(psycopg.Error):  # away or not migrated: asked again when somebody asks
        await versions.read()
        newest.reset(versions.number)
        await versions.read()
    async with background(_follow(versions)):
        yield versions


async def _follow(versions: Versions) -> None:
    with events.ear(events.REVISION) as ear:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await ear.wait()
            ear.clear()
            with contextlib.suppress(psycopg.Error):
                await versions.read()
