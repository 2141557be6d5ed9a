"""Heavy work takes turns: a few checks and files at once, the rest wait, so that they never starve what is light."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import anyio.to_thread
from django.conf import settings
from fastapi import Depends, FastAPI, Request

from api.breakdowns import busy

AT_ONCE = 2 * (os.cpu_count() or 1)
WAIT_S = 15.0
"""Some fifty small checks before one; who waited so long is told to come again."""


def open_in(app: FastAPI) -> None:
    """Bind the turns to the running loop, and give as many worker threads as there are connections for them."""
    app.state.turns = asyncio.Semaphore(max(1, min(AT_ONCE, settings.JINGTU_DATABASE_POOL // 2)))
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.JINGTU_DATABASE_POOL


async def _turn(request: Request) -> AsyncIterator[None]:
    turns: asyncio.Semaphore = request.app.state.turns
    try:
        async with asyncio.timeout(WAIT_S):
            await turns.acquire()
    except TimeoutError:
        raise busy() from None
    try:
        yield
    finally:
        turns.release()


Turn = Annotated[None, Depends(_turn, scope="function")]
"""A parameter of an endpoint that may run only in its turn; written after the one that says who is asking."""
