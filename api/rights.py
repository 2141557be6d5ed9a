"""What the catalog's files say of rights is told to the database, as soon as it can be reached and is migrated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import DatabaseError

from api.background import background
from api.route import with_connection
from spatial import catalog, wall

PAUSE_S = 2.0
FIRST_S = 10.0
"""So long the start waits; without rights nobody is shown anything that is not told by the application alone."""
log = logging.getLogger("jingtu.rights")


@asynccontextmanager
async def kept() -> AsyncIterator[None]:
    """Keep the table of rights in the background until it is written."""
    async with background(_keep()) as task:
        await asyncio.wait([task], timeout=FIRST_S if await _is_there() else 0)
        yield


async def _is_there() -> bool:
    try:
        await asyncio.to_thread(with_connection(wall.has_rights))
    except DatabaseError:
        return False
    return True


async def _keep() -> None:
    while True:
        try:
            await asyncio.to_thread(with_connection(wall.keep_rights), catalog.current())
        except DatabaseError as error:
            log.warning("rights are not told yet: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_S)
        else:
            return
