"""What the database tells its listeners, handed to every open stream of server-sent events.

One connection listens for the whole process; a stream waits for its own word and reads anew. Who missed a word, because
the connection was lost, is told to look again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
from fastapi.responses import StreamingResponse

from api.background import background
from api.breakdowns import busy
from api.errors import Problem
from api.language import spoken
from api.pool import listening_connection

JOB, REVISION = "jingtu_job", "jingtu_revision"
MOST_STREAMS = 200
BEAT_S = 15.0
"""How often an idle stream says that it is alive, and asks anew whether it may go on."""
AGAIN_S = 1.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
log = logging.getLogger("jingtu.api")

_waiting: dict[asyncio.Event, tuple[str, str]] = {}


@asynccontextmanager
async def listening() -> AsyncIterator[None]:
    """Listen for the application's life."""
    async with background(_listen()):
        yield


async def _listen() -> None:
    while True:
        try:
            async with await listening_connection() as connection:
                await connection.execute(f"LISTEN {JOB}; LISTEN {REVISION}")
                _wake(None, "")
                async for said in connection.notifies():
                    _wake(said.channel, said.payload)
        except psycopg.Error as error:
            log.warning("not listening to the database: %s", error)
        await asyncio.sleep(AGAIN_S)


def _wake(channel: str | None, payload: str) -> None:
    for word, (wanted, key) in _waiting.items():
        if channel is None or (channel == wanted and key in ("", payload)):
            word.set()


@contextmanager
def ear(channel: str, key: str = "") -> Iterator[asyncio.Event]:
    """An event that is set at each word on a channel, and whenever one may have been missed."""
    one = asyncio.Event()
    _waiting[one] = (channel, key)
    try:
        yield one
    finally:
        del _waiting[one]


Told = tuple[str, dict[str, Any]]
"""The name of an event and what it says."""
Read = Callable[[], Awaitable[tuple[list[Told], bool]]]
"""What there is to tell now, and whether that is all that will ever be."""


async def stream(channel: str, key: str, read: Read) -> StreamingResponse:
    """Server-sent events: what `read` finds at first and after each word on the channel, said once, until it is all.

    `key`: the one payload that is meant, "" for any. A Problem of the first reading is the answer; a later one ends it.
    """
    if len(_waiting) >= MOST_STREAMS:
        raise busy()
    return StreamingResponse(
        _events(channel, key, await read(), read), media_type="text/event-stream", headers=HEADERS
    )


async def _events(channel: str, key: str, first: tuple[list[Told], bool], read: Read) -> AsyncIterator[str]:
    (found, is_over), last = first, list[Told]()
    with ear(channel, key) as word:
        word.set()  # for what was told since the first reading
        while True:
            for name, content in found:
                if (name, content) not in last:
                    yield f"event: {name}\ndata: {json.dumps(spoken(content), ensure_ascii=False)}\n\n"
            last = found or last
            if is_over:
                return
            try:
                async with asyncio.timeout(BEAT_S):
                    await word.wait()
            except TimeoutError:
                yield ": alive\n\n"
            word.clear()
            try:
                found, is_over = await read()
            except Problem:  # the right to hear is gone
                return
            except psycopg.Error:  # away for a moment: the next beat asks again
                found, is_over = [], False
