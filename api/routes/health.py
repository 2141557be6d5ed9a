"""Is the service well: for whoever watches it. Nothing here waits behind the work that the service does."""

from __future__ import annotations

from fastapi import APIRouter

from api.answers import answer
from api.answers.records import Health
from api.breakdowns import not_migrated
from api.database import migrations_of_this_version
from api.pool import fetch_all

router = APIRouter(tags=["health"])


@router.get("/healthz", openapi_extra=answer(Health))
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", openapi_extra=answer(Health))
async def readyz() -> dict[str, str]:
    """The database is reachable and migrated."""
    applied = {
        (row["app"], row["name"]) for row in await fetch_all("SELECT app, name FROM django_migrations")
    }
    if not migrations_of_this_version() <= applied:
        raise not_migrated()
    return {"status": "ready"}
