"""Pixels are read on few threads of their own, so that they starve nothing else and memory stays bounded.

A thread keeps datasets of its own open (tiles.pictures). Who would wait behind too many others is told to come again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from api.breakdowns import busy

P = ParamSpec("P")
R = TypeVar("R")
THREADS = os.cpu_count() or 1


class Lane:
    """Work of one kind: `threads` at once, `waiting` more that are taken in."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._name, self._threads, self._most = name, threads, threads + waiting
        self._pool: ThreadPoolExecutor | None = None
        self._begun = 0

    def open(self) -> None:
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    async def run(self, work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        """The result of work on a thread of the lane. Raises Unavailable (`busy`) where too much waits."""
        if self._pool is None:
            raise RuntimeError("the lane is open only while the application runs (api.drawing.opened)")
        if self._begun >= self._most:
            raise busy()
        self._begun += 1
        begun = self._pool.submit(work, *given, **named)
        begun.add_done_callback(self._ended)
        return await asyncio.wrap_future(begun)

    def _ended(self, _: object) -> None:
        self._begun -= 1


TILES = Lane("raster tiles", THREADS, 64)
COUNTS = Lane("raster statistics", 1, 4)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the lanes open for the application's life."""
    for lane in (TILES, COUNTS):
        lane.open()
    try:
        yield
    finally:
        for lane in (TILES, COUNTS):
            await asyncio.to_thread(lane.close)
