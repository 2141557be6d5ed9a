"""A whole collection as a download, at constant memory: a cursor in the database, some rows at a time.

GeoJSON and CSV leave while they are read; a format with an index or a footer is written to a scratch file first.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.from_thread
import anyio.to_thread
from fastapi.responses import StreamingResponse
from psycopg import AsyncServerCursor
from psycopg.rows import TupleRow
from starlette.types import Message, Receive, Scope, Send

from api import access
from api.breakdowns import busy
from api.ogc.files import WRITERS, Content, Rows, csv_head, csv_rows
from api.ogc.formats import FILES
from api.pool import cursor_seen
from api.seen import exported
from spatial.catalog import Layer
from tiles.features import Statement

AT_ONCE = 2
FIRST_ROWS = 50
MOST_ROWS = 500
BATCH_BYTES = 1024 * 1024
"""How much is aimed at for one batch: a row may hold a point or 200,000 vertices, and others wait for each batch."""
PIECE = 256 * 1024
STALLED_S = 60.0
"""How long a client may take for one piece before its connection is given up."""

_running: set[object] = set()


class Download(StreamingResponse):
    """Sends what comes, gives up on a client that takes nothing, and lets go of all that it held whatever happens."""

    def __init__(self, body: AsyncIterator[bytes], held: AsyncExitStack, **options: Any) -> None:
        super().__init__(body, **options)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            async with asyncio.timeout(STALLED_S):
                await send(message)

        async with self._held:
            await super().__call__(scope, receive, told)


async def download(
    scope: access.Scope, layer: Layer, f: str, statement: Statement, content: Content, **detail: Any
) -> Download:
    """The rows of a statement of tiles.collection as a file of a format; `detail` goes into the audit trail.

    Raises Problem (503) where too many are under way, and psycopg.Error before anything is sent.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_place())
        await exported(scope, layer, "begun", format=f, **detail)
        sent = await stack.enter_async_context(_counted(scope, layer, f))
        if f in WRITERS:
            folder = Path(tempfile.mkdtemp(prefix="jingtu-export-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            path = folder / f"{layer.id}.{f}"
            async with cursor_seen(scope.asker, *statement) as cursor:
                await anyio.to_thread.run_sync(WRITERS[f], path, content, _pulled(_batches(cursor)))
            body, size = _file(path), path.stat().st_size
        else:
            cursor = await stack.enter_async_context(cursor_seen(scope.asker, *statement))
            batches = _batches(cursor)
            first: Rows = await anext(batches, [])  # what fails fails before anything is sent
            body, size = (_geojson if f == "geojson" else _csv)(first, batches, content), None
        headers = {"Content-Disposition": f'attachment; filename="{layer.id}.{f}"'}
        if size is not None:
            headers["Content-Length"] = str(size)
        return Download(sent(body), stack.pop_all(), media_type=FILES[f], headers=headers)


@asynccontextmanager
async def _place() -> AsyncIterator[None]:
    """One of the few that may be under way at once."""
    if len(_running) >= AT_ONCE:
        raise busy()
    mine = object()
    _running.add(mine)
    try:
        yield
    finally:
        _running.discard(mine)


@asynccontextmanager
async def _counted(scope: access.Scope, layer: Layer, f: str) -> AsyncIterator[Any]:
    """Gives a function that passes pieces on; where not all of them went out, the audit trail says so."""
    is_whole = False

    async def sent(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        nonlocal is_whole
        async for piece in body:
            yield piece
        is_whole = True

    try:
        yield sent
    finally:
        if not is_whole:
            with anyio.CancelScope(shield=True):
                await exported(scope, layer, "aborted", format=f)


async def _batches(cursor: AsyncServerCursor[TupleRow]) -> AsyncIterator[Rows]:
    many = FIRST_ROWS
    while rows := await cursor.fetchmany(many):
        yield rows
        size = sum(len(cell) for row in rows for cell in row if isinstance(cell, str | bytes))
        many = max(1, min(MOST_ROWS, 2 * many, BATCH_BYTES * len(rows) // max(size, 1)))


def _pulled(batches: AsyncIterator[Rows]) -> Iterator[Rows]:
    """The batches in a worker thread, one at a time."""

    async def following() -> Rows | None:
        return await anext(batches, None)

    while (rows := anyio.from_thread.run(following)) is not None:
        yield rows


async def _geojson(first: Rows, batches: AsyncIterator[Rows], content: Content) -> AsyncIterator[bytes]:
    """The features as the database wrote them, in their second column."""
    yield b'{"type": "FeatureCollection", "features": ['
    comma, rows = "\n", first
    while rows:
        yield (comma + ",\n".join(row[1] for row in rows)).encode()
        comma, rows = ",\n", await anext(batches, [])
    yield b"\n]}\n"


async def _csv(first: Rows, batches: AsyncIterator[Rows], content: Content) -> AsyncIterator[bytes]:
    yield csv_head(content).encode()
    rows, width = first, len(content.schema)
    while rows:
        yield csv_rows([row[:width] for row in rows]).encode()
        rows = await anext(batches, [])


async def _file(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(PIECE):
            yield piece
