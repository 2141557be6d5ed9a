"""Addresses that are a page for a person and a list for a program: which of the two is meant stands in Accept."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

PAGES = re.compile(
    r"/(?:checks|overlays|cases|releases|loads|sites|verify|field|help)(?:/[^/]+)?/?|/(?:changes|audit|rules|dashboard)/?"
)
"""As web/src/state/pages.ts has them."""


def wants_page(scope: Scope) -> bool:
    """True where a browser goes to an address of the page itself; programs and the page's own questions want JSON."""
    if scope["method"] not in ("GET", "HEAD") or not PAGES.fullmatch(scope["path"]):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def only_here(send: Send) -> Send:
    """The page at such an address is kept nowhere: what is kept would be taken for the list of the same address."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = {b"cache-control", b"vary", b"etag", b"last-modified"}
            headers = [pair for pair in message.get("headers", []) if pair[0].lower() not in kept]
            headers += [(b"cache-control", b"no-store"), (b"vary", b"Accept")]
            message = {**message, "headers": headers}
        await send(message)

    return told
