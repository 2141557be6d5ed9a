"""What a hot read stands on: layers as the asker may see them, revision and day, and for how long an answer holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from fastapi import Request

from api.access import STRANGER, Scope, may_read, readable_fields, require_layer, row_counties
from api.pool import fetch_all
from spatial.catalog import Catalog, Layer
from tiles.rows import Moment, View

_REVISION = "SELECT coalesce(max(number), 0) AS revision FROM spatial_revision"


async def moment(as_of: date | None, until: date | None = None) -> Moment:
    """The newest published revision, about a day (today where none is asked) or the days until another."""
    (newest,) = await fetch_all(_REVISION)
    return Moment(newest["revision"], as_of or timezone.localdate(), until)


def view(scope: Scope, layer: Layer) -> View:
    """What the asker may see of a layer that may be read."""
    counties = row_counties(scope, layer)
    fields = frozenset(field.id for field in readable_fields(scope, layer))
    return View(layer, None if counties is None else tuple(counties), fields)


def views(scope: Scope, catalog: Catalog, layers: str) -> list[View]:
    """The layers of a comma-separated list, each once. Raises LayerNotFound, Unauthenticated or Forbidden."""
    return [
        view(scope, require_layer(scope, catalog, layer_id)) for layer_id in dict.fromkeys(layers.split(","))
    ]


def version(catalog: Catalog, seen: Sequence[View], at: Moment) -> str:
    """Stands for data, catalog, day and rights: two askers share it only where they see the same."""
    return version_of(at.revision, at.as_of, catalog.digest, seen, at.until)


def version_of(
    revision: int, as_of: date, digest: str, seen: Sequence[View], until: date | None = None
) -> str:
    """The same of a revision; `digest` is the catalog's."""
    rights = [[one.layer.id, one.counties, sorted(one.fields)] for one in seen]
    days = [as_of.isoformat(), until.isoformat() if until else None]
    told = json.dumps([days, digest, rights])
    return f"{revision}-{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def cache_headers(catalog: Catalog, seen: Sequence[View], at: Moment) -> dict[str, str]:
    """ETag and Cache-Control of an answer made of these views.

    A shared cache may keep what a stranger sees in the same way; everything is asked again before it is used.
    """
    headers = {"ETag": f'"{version(catalog, seen, at)}"'}
    if all(may_read(STRANGER, one.layer) and one == view(STRANGER, one.layer) for one in seen):
        return headers | {"Cache-Control": "public, no-cache"}
    return headers | {"Cache-Control": "private, max-age=0, must-revalidate", "Vary": "Cookie, Authorization"}


def is_unchanged(request: Request, headers: dict[str, str]) -> bool:
    """Whether the asker already holds this very answer (If-None-Match)."""
    held = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return headers["ETag"] in held
