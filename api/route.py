"""The one door to Django's ORM for the HTTP interface: a connection is cared for in the thread that uses it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connections
from fastapi.routing import APIRoute

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


class DjangoRoute(APIRoute):
    """A route whose endpoint may use the ORM: written with `def`, run in a worker thread."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if inspect.iscoroutinefunction(endpoint):
            raise TypeError(f"{endpoint.__name__} may touch the database: write it with `def`")
        super().__init__(path, with_connection(endpoint), **options)
