"""What the server does from time to time so that nothing is lost: the end of the audit chain noted, files copied."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import DatabaseError

from api import packages_job, papers_job
from api.background import background
from api.route import with_connection
from spatial import audit_note, copies

EVERY_S = 60.0
log = logging.getLogger("jingtu.keeping")


@asynccontextmanager
async def kept() -> AsyncIterator[None]:
    """Do it in the background while the application runs."""
    async with background(_keep()):
        yield


async def _keep() -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        await asyncio.to_thread(keep_once)


@with_connection
def keep_once() -> None:
    """Whatever stands in the way is told, and tried again the next time."""
    try:
        if not audit_note.note():
            log.error("the audit chain is not what it was: run jingtu audit verify")
    except (DatabaseError, OSError) as error:
        log.warning("the end of the audit chain is not noted: %s", type(error).__name__)
    try:
        copies.copy_all()
    except OSError as error:
        log.warning("files are not copied to where backups go: %s", error)
    try:
        papers_job.remove_old()
        packages_job.remove_old()
    except OSError as error:
        log.warning("old papers and packages are not removed: %s", error)
