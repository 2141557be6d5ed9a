"""What the service measures of itself, for Prometheus: requests by route, method and status, and how long they took."""

from __future__ import annotations

import time

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = Histogram(
    "jingtu_request_seconds",
    "Time from request to end of answer",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

TILE_SECONDS = Histogram(
    "jingtu_tile_seconds",
    "Time to work out a tile that was not kept",
    ["layer", "z"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
TILE_BYTES = Histogram(
    "jingtu_tile_bytes",
    "Bytes of a tile that was not kept",
    ["layer", "z"],
    buckets=(0, 1000, 5000, 20_000, 50_000, 100_000, 200_000, 500_000),
)
TILE_HITS = Counter("jingtu_tile_hits", "Tiles given from memory", ["layer", "z"])


def install(app: FastAPI) -> None:
    """Measure every request of the application and tell it at /metrics."""
    app.add_middleware(Measured)

    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app.add_api_route("/metrics", metrics, include_in_schema=False)


class Measured:
    """Times a request. The label is the route's template, never the address, so that labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            SECONDS.labels(scope["method"], route, str(status)).observe(time.perf_counter() - began)
