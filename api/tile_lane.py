"""The lane of tiles: from an address to bytes with as little between them as can be.

A tile hangs on its layers' newest revision, the day, the catalog and the rights of who asks, and on nothing else: under
these it is kept, and of many who ask for one at once one asks the database. What a stranger asked before is answered
from memory alone, as long as nobody knows of newer data (api.versions).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone
from starlette.requests import Request
from starlette.types import Receive, Send
from starlette.types import Scope as Asked

from api.access import BELIEVED, STRANGER, Scope, may_read, scope_of
from api.failures import told
from api.metrics import TILE_BYTES, TILE_HITS, TILE_SECONDS
from api.pool import fetch_seen
from api.reading import version_of, view, views
from api.seen import browsed
from api.tile_cache import Answer, Headers, Heads, Kept, Start
from api.versions import Versions
from spatial import catalog
from tiles import mvt
from tiles.cql2 import Lang, compile_tree, parse
from tiles.grid import WEB_MERCATOR, DegreeTile, Grid, Tile, tile_of
from tiles.rows import View

MVT = b"application/vnd.mapbox-vector-tile"
PATH = re.compile(r"/tiles/([a-z][a-z0-9_,]{0,2000})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt")
VERSIONED = re.compile(rb"(?:v=(\d{1,10})-[0-9a-f]{1,64})?")
MOST_BYTES = 1_000_000
SLOW_S = 1.0
PATIENCE_S = 0.2
"""Who has waited so long is listened to: if they leave, and nobody else waits, the question is called off."""
MOST_KNOWN = 20_000
log = logging.getLogger("jingtu.tiles")


@dataclass(frozen=True, slots=True)
class Seen:
    """Layers as somebody sees them now."""

    views: list[View]
    version: str
    is_public: bool
    revision: int
    as_of: date
    heads: Heads


@dataclass(frozen=True, slots=True)
class Selected:
    """Which features are asked for: a condition in CQL2."""

    condition: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile's bytes; which layers were generalised, as `layer=features`; how many features have their box here.

    Without any there is nothing in the tiles within this one either.
    """

    body: bytes
    generalised: list[str]
    features: int


async def drawn(
    scope: Scope, seen: Seen, tile: Tile | DegreeTile, where: mvt.Condition | None = None
) -> Drawn:
    """A tile of layers as somebody sees them, from the database: the layers' bytes after each other."""
    parts, generalised, features = [], [], 0
    for one in seen.views:
        draw = partial(
            mvt.query, catalog.current(), one.layer, tile.z, tile.x, tile.y, revision=seen.revision,
            as_of=seen.as_of, counties=one.counties, fields=one.fields, where=where, grid=tile.grid,
        )  # fmt: skip
        (row,) = await fetch_seen(scope.asker, *draw(), where is None)
        features += row["features"]
        if row["features"] > mvt.MOST_FEATURES or len(row["tile"]) > MOST_BYTES:
            (row,) = await fetch_seen(scope.asker, *draw(generalised=True), where is None)
            generalised.append(f"{one.layer.id}={row['features']}")
        parts.append(row["tile"])
    return Drawn(b"".join(parts), generalised, features)


class Lane:
    """The tiles of one application. `shared`: the headers that every answer of it carries."""

    def __init__(self, versions: Versions, shared: Headers) -> None:
        self._versions, self._shared = versions, shared
        self._kept = Kept(settings.JINGTU_TILE_CACHE_MB * 1024 * 1024)
        self._flying: dict[Any, tuple[asyncio.Task[Answer], int]] = {}
        self._known: dict[Any, Seen] = {}
        self._asked: dict[Any, Any] = {}
        self._number, self._until = -1, 0.0
        self._session = settings.SESSION_COOKIE_NAME.encode() + b"="

    def at_once(self, asked: Asked) -> tuple[Start, bytes] | None:
        """What a stranger asked before and nobody knows to be old: head and bytes. None: it is to be worked out."""
        path = asked["raw_path"]
        if not path.endswith(b".mvt") or asked["method"] != "GET":
            return None
        host = held = None
        zipped = False
        for name, value in asked["headers"]:
            if name == b"host":
                host = value
            elif name == b"if-none-match":
                held = value
            elif name == b"accept-encoding":
                zipped = b"gzip" in value
            elif name in (b"authorization", BELIEVED.encode()) or (
                name == b"cookie" and self._session in value
            ):
                return None
        self._forget_what_is_old()
        key = self._asked.get((path, asked["query_string"], host))
        if key is None or not self._versions.is_known():
            return None
        answer = self._kept.get(key)
        if answer is None:
            return None
        answer.hits.inc()
        if held is not None and answer.etag in held:
            return answer.unchanged, b""
        return answer.sent(zipped)

    async def __call__(self, asked: Asked, receive: Receive, send: Send) -> None:
        """Answer a plain address of a tile; every failure as a problem."""
        layers, z, x, y, least = plain(asked) or ("", 0, 0, 0, 0)
        headers = dict(asked["headers"])
        request = Request(asked)
        try:
            scope = await scope_of(request)
            answer = await self.unless_left(self.tile(scope, layers, z, x, y, least=least), receive)
        except Exception as error:  # noqa: BLE001  whatever it is, it is told as everywhere
            await (await told(request, error))(asked, receive, send)
            return
        if answer is None:
            return
        if scope == STRANGER and self._is_newest(answer, layers):
            if len(self._asked) > MOST_KNOWN:
                self._asked.clear()
            self._asked[asked["raw_path"], asked["query_string"], headers.get(b"host")] = answer.key
        if answer.etag in headers.get(b"if-none-match", b""):
            start, body = answer.unchanged, b""
        else:
            start, body = answer.sent(b"gzip" in headers.get(b"accept-encoding", b""))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def tile(
        self,
        scope: Scope,
        layers: str,
        z: int,
        x: int,
        y: int,
        *,
        as_of: date | None = None,
        least: int = 0,
        selected: Selected | None = None,
        grid: Grid = WEB_MERCATOR,
    ) -> Answer:
        """A tile as somebody sees it. `least`: a revision that they know of. Raises FilterRefused and TileInvalid."""
        place = tile_of(grid, z, x, y)
        seen = await self.seen(scope, layers, as_of, least)
        await browsed(scope, [one.layer for one in seen.views])
        key = (seen.version, grid, z, x, y, selected)
        answer = self._kept.get(key)
        if answer is None:
            answer = await self._once(key, partial(self._worked_out, scope, seen, layers, place, selected))
            self._kept.keep(key, answer)
        else:
            answer.hits.inc()
        return answer

    async def _once(self, key: Any, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """One run of a work for all who ask for it meanwhile; called off when the last of them has left."""
        task, waiting = self._flying.get(key) or (asyncio.create_task(work()), 0)
        self._flying[key] = task, waiting + 1
        try:
            return await asyncio.shield(task)
        finally:
            _, waiting = self._flying[key]
            if waiting == 1:
                del self._flying[key]
                task.cancel()
            else:
                self._flying[key] = task, waiting - 1

    async def seen(self, scope: Scope, layers: str, as_of: date | None = None, least: int = 0) -> Seen:
        """The layers as somebody sees them, and the version that stands for it. Raises as api.reading.views."""
        await self._versions.know(least)
        self._forget_what_is_old()
        known = catalog.current()
        key = (layers, scope.key, as_of, known.digest)
        found = self._known.get(key)
        if found is None:
            seen, day = views(scope, known, layers), as_of or timezone.localdate()
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            revision = self._versions.of(source for one in seen for source in _sources(one.layer))
            version = version_of(revision, day, known.digest, seen)
            is_public = all(
                may_read(STRANGER, one.layer) and one == view(STRANGER, one.layer) for one in seen
            )
            heads = Heads([*_headers(version, is_public), *self._shared])
            found = self._known[key] = Seen(seen, version, is_public, self._versions.number, day, heads)
        return found

    def _forget_what_is_old(self) -> None:
        """Newer data, or another day: what is kept under its version stays, which address leads to it is asked anew."""
        if self._versions.number != self._number or time.time() >= self._until:
            self._number, self._until = self._versions.number, _midnight()
            self._known.clear()
            self._asked.clear()

    def _is_newest(self, answer: Answer, layers: str) -> bool:
        """Whether a stranger is still told so: something may have been published while it was worked out."""
        now = self._known.get((layers, STRANGER.key, None, catalog.current().digest))
        return now is not None and answer.etag == f'"{now.version}"'.encode()

    async def _worked_out(
        self, scope: Scope, seen: Seen, layers: str, tile: Tile | DegreeTile, selected: Selected | None
    ) -> Answer:
        began = time.monotonic()
        where = partial(compile_tree, parse(selected.condition, selected.lang)) if selected else None
        made = await drawn(scope, seen, tile, where)
        body = made.body
        took = time.monotonic() - began
        name = seen.views[0].layer.id if len(seen.views) == 1 else "several"
        TILE_SECONDS.labels(name, tile.z).observe(took)
        TILE_BYTES.labels(name, tile.z).observe(len(body))
        if took > SLOW_S:
            log.warning(
                "slow tile %s %s/%s/%s: %.1f s, %s bytes", layers, tile.z, tile.x, tile.y, took, len(body)
            )
        heads = seen.heads
        if made.generalised:
            said = (b"x-jingtu-generalised", ", ".join(made.generalised).encode())
            heads = Heads([*heads.headers, said])
        return Answer(body, heads, f'"{seen.version}"'.encode(), TILE_HITS.labels(name, tile.z))

    async def unless_left(self, work: Any, receive: Receive) -> Answer | None:
        """What the work gives, None where the client left while it waited."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
        if not done:
            leaving = asyncio.ensure_future(_left(receive))
            await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if not task.done():
                task.cancel()
                return None
        return await task


def plain(asked: Asked) -> tuple[str, int, int, int, int] | None:
    """Layers, zoom, column, row and revision (0: any) of a tile's address as maps ask for it; None for all other."""
    if asked["method"] != "GET" or not asked["path"].endswith(".mvt"):
        return None
    match = PATH.fullmatch(asked["path"])
    versioned = VERSIONED.fullmatch(asked["query_string"])
    if match is None or versioned is None:
        return None
    layers, z, x, y = match.groups()
    return layers, int(z), int(x), int(y), int(versioned.group(1) or 0)


def _headers(version: str, is_public: bool) -> Headers:
    return [
        (b"content-type", MVT),
        (b"etag", f'"{version}"'.encode()),
        (b"cache-control", b"public, no-cache" if is_public else b"private, max-age=0, must-revalidate"),
        (b"vary", b"Accept-Encoding" if is_public else b"Accept-Encoding, Cookie, Authorization"),
    ]


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _sources(layer: catalog.Layer) -> list[str]:
    return [one.layer for one in layer.selection] if layer.kind == "derived" else [layer.id]


def _midnight() -> float:
    """The next one in Beijing, in seconds since 1970."""
    here = timezone.localtime()
    return datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), here.tzinfo).timestamp()
