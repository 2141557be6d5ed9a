"""Who saw restricted data: an entry for each feature or site that is opened, one an hour for a layer browsed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from api.access import PUBLIC, Scope
from api.route import with_connection
from spatial import audit
from spatial.catalog import Layer

MOST_HELD = 10_000
_noted: dict[tuple[int | None, str, datetime], None] = {}
"""Who looked at which layer in which hour, the oldest first; another process notes it once more."""


async def browsed(scope: Scope, layers: Iterable[Layer]) -> None:
    """Keep that somebody looked at layers that are not for everyone, once an hour for each."""
    if new := _new(scope, [layer.id for layer in layers if PUBLIC not in layer.read]):
        await asyncio.to_thread(_record, scope, "、".join(new), "browsed")


def looked_through(scope: Scope, *what: str) -> None:
    """The same for what is no layer, in the transaction under way; at its end, for an entry makes others wait."""
    if scope.signed_in and (new := _new(scope, what)):
        audit.record("view", scope.user_id, "、".join(new), counties=scope.counties, how="browsed")


def _new(scope: Scope, names: Iterable[str]) -> list[str]:
    """What the asker was not noted for in this hour; now he is."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    new = [name for name in names if (scope.user_id, name, hour) not in _noted]
    for name in new:
        _noted[scope.user_id, name, hour] = None
    while len(_noted) > MOST_HELD:
        del _noted[next(iter(_noted))]
    return new


async def opened(scope: Scope, layer: Layer, feature: int) -> None:
    """Keep that somebody opened one feature of a layer that is not for everyone."""
    if PUBLIC not in layer.read:
        await asyncio.to_thread(_record, scope, f"{layer.id} {feature}", "opened")


async def exported(scope: Scope, layer: Layer, how: str, **detail: Any) -> None:
    """Keep that a layer is taken out, or that this broke off: by an account, or where it is not for everyone."""
    if scope.signed_in or PUBLIC not in layer.read:
        await asyncio.to_thread(_record, scope, layer.id, how, "export", **detail)


@with_connection
def _record(scope: Scope, object: str, how: str, action: str = "view", **detail: Any) -> None:
    audit.record(action, scope.user_id, object, counties=scope.counties, how=how, **detail)
