"""The one door to Django's ORM for the HTTP interface: a connection is cared for in the thread that uses it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from django.db import close_old_connections, connections
from fastapi.routing import APIRoute

from api.access import Scope
from spatial import wall

P = ParamSpec("P")
R = TypeVar("R")


def release_connections() -> None:
    """Give this thread's connections back; the test client lends its own and replaces this."""
    connections.close_all()


def with_connection(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Open with fresh connections and leave none behind, whatever happens in between."""

    @functools.wraps(endpoint)
    def cared_for(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return endpoint(*args, **kwargs)
        finally:
            release_connections()

    return cared_for


def behind_the_wall(endpoint: Callable[P, R]) -> Callable[P, R]:
    """Run what only reads as the database lets the asker read (spatial.wall)."""

    @functools.wraps(endpoint)
    def reading(*args: P.args, **kwargs: P.kwargs) -> R:
        with wall.behind(cast(Scope, kwargs["scope"]).asker):
            return endpoint(*args, **kwargs)

    return reading


class DjangoRoute(APIRoute):
    """A route whose endpoint may use the ORM: written with `def`, run in a worker thread.

    What answers GET for somebody (`scope`) reads behind the wall; what has no asker tells everybody the same.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if inspect.iscoroutinefunction(endpoint):
            raise TypeError(f"{endpoint.__name__} may touch the database: write it with `def`")
        only_reads = set(options.get("methods") or ["GET"]) <= {"GET"}
        if only_reads and "scope" in inspect.signature(endpoint).parameters:
            endpoint = behind_the_wall(endpoint)
        super().__init__(path, with_connection(endpoint), **options)
