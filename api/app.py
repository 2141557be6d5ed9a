"""One process: FastAPI for the interface, Django for admin and login, and the built page, told apart by path."""

from __future__ import annotations

import io
import os
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

import django
from django.conf import settings
from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import language
from api.guard import guarded
from api.page_paths import only_here, wants_page

DJANGO_PATHS = ("/admin", "/accounts", "/static")
PAGE = Path(__file__).parents[1] / "web" / "dist"
PAGE_ROUTES = {"/": "index.html", "/help": "index.html", "/docs": "docs/index.html"}
CSP = (
    "default-src 'self'; img-src 'self' data: blob:{basemap}; connect-src 'self'{basemap}; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
"""`basemap`: the origins of JINGTU_BASEMAP, the only others that the page may ask."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HSTS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
"""Where people come by HTTPS."""
PRIVATE = {"cache-control": "private, no-store", "vary": "Cookie, Authorization"}
"""Of every answer that does not say itself who may keep it."""


def create_app() -> ASGIApp:
    """The whole service as one ASGI application."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spatial.settings")
    django.setup()
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from django.core.asgi import get_asgi_application
    from django.core.management import call_command

    call_command("check", fail_level="ERROR", stdout=io.StringIO())
    pages = cast(ASGIApp, ASGIStaticFilesHandler(get_asgi_application()))
    return Dispatch(create_api(), pages)


def create_api() -> FastAPI:
    """The HTTP interface and the page, without Django's own pages."""
    from api import described, drawing, events, failures, keeping, metrics, pool, rights, turns, versions
    from api.parameters import known_parameters
    from api.tile_lane import Lane

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        turns.open_in(app)
        async with (
            pool.opened(),
            drawing.opened(),
            events.listening(),
            rights.kept(),
            keeping.kept(),
            versions.kept() as known,
        ):
            app.state.lane = Lane(known, _always())
            yield
            app.state.lane = None

    app = FastAPI(
        title="净土 Jingtu", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None,
        default_response_class=language.Answer,
    )  # fmt: skip
    failures.install(app)
    metrics.install(app)
    for routes in _route_modules():
        app.include_router(
            routes.router, dependencies=[Depends(known_parameters)], responses=described.PROBLEMS
        )
    described.install(app)
    _serve_page(app)
    return app


def _route_modules() -> list[Any]:
    """Every file of api/routes, by name; a new one is found."""
    from api import routes

    names = sorted(one.name for one in pkgutil.iter_modules(routes.__path__))
    return [import_module(f"api.routes.{name}") for name in names]


def _serve_page(app: FastAPI) -> None:
    """The built page: hashed files may be kept for ever, the page itself is asked for anew."""

    def page(name: str) -> Callable[[], Awaitable[FileResponse]]:
        async def told() -> FileResponse:
            return FileResponse(PAGE / name, headers={"Cache-Control": "no-cache"})

        return told

    for route, name in PAGE_ROUTES.items():
        app.add_api_route(route, page(name), include_in_schema=False)

    async def asset(name: str) -> FileResponse:
        from api.errors import NotFound

        try:
            file = (PAGE / name).resolve()
            there = file.is_relative_to(PAGE.resolve()) and file.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            raise NotFound("没有这个地址。", "请核对地址。")
        kept = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        return FileResponse(file, headers={"Cache-Control": kept})

    app.add_api_route("/{name:path}", asset, include_in_schema=False)


class Dispatch:
    """Sends Django's paths to Django and all else to FastAPI, behind one guard and with the same headers on both.

    Mounting Django inside FastAPI would set root_path and double its addresses.
    """

    def __init__(self, api: FastAPI, pages: ASGIApp) -> None:
        from api.tile_lane import plain

        self.api, self.pages, self._plain_tile = api, pages, plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.api(scope, receive, send)
            return
        if wants_page(scope):
            scope, send = {**scope, "path": "/", "raw_path": b"/"}, only_here(send)
        path: str = scope["path"]
        lane = self.api.state.lane
        if found := lane.at_once(scope):
            await send(found[0])
            await send({"type": "http.response.body", "body": found[1]})
            return
        language.hear(scope)
        if self._plain_tile(scope):
            await guarded(lane, scope, receive, send)
            return
        inner: ASGIApp = (
            self.pages if any(path == p or path.startswith(p + "/") for p in DJANGO_PATHS) else self.api
        )
        send = _with_headers(send, {} if path.startswith("/static/") else PRIVATE)
        if scope["method"] == "HEAD" and inner is self.api:
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        await guarded(inner, scope, receive, send)


def _with_headers(send: Send, unless_said: Mapping[str, str]) -> Send:
    """Sets the security headers, and those of `unless_said` on an answer that does not say who may keep it."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
            names = {name.lower() for name, _ in headers}
            more = [] if b"cache-control" in names else _encoded(unless_said)
            headers += [pair for pair in (*_always(), *more) if pair[0] not in names]
            message = {**message, "headers": headers}
        await send(message)

    return told


def _always() -> list[tuple[bytes, bytes]]:
    """The headers of every answer."""
    origins = dict.fromkeys(urljoin(one, "/").rstrip("/") for one in settings.JINGTU_BASEMAP)
    csp = CSP.format(basemap="".join(f" {origin}" for origin in origins))
    return _encoded({"content-security-policy": csp, **HEADERS, **(HSTS if settings.JINGTU_HTTPS else {})})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _without_body(send: Send) -> Send:
    """The answer to HEAD: what GET says, without what it brings."""

    async def told(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return told
