"""Releases: what waits in them, what they change, the switch and the way back; and the word that there is nothing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from api.access import Scope, require_edit, require_role, signed_in
from api.answers import answer
from api.answers.loads import ConfirmedEmpty, ReleaseChanges, ReleaseList, Switched
from api.errors import NotFound
from api.recheck_job import enqueue_recheck
from api.route import DjangoRoute
from api.routes.loads import OVERSEERS, told, visible_loads
from spatial import catalog
from spatial.changes import changes_of
from spatial.models import Load, Release, Revision
from spatial.releases import confirm_empty, locked, publish, unpublish

router = APIRouter(route_class=DjangoRoute, tags=["releases"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Name = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]


class EmptyBody(BaseModel):
    """That a county has nothing in a layer, on the word of a named person."""

    model_config = ConfigDict(extra="forbid")
    layer: str = Field(max_length=80)
    county: str = Field(pattern=r"^\d{6}$")
    person: str = Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]*$")
    data_date: date | None = None


@router.get("/releases", openapi_extra=answer(ReleaseList))
def list_releases(scope: SignedIn) -> dict[str, Any]:
    """Releases, newest first, with those of their deliveries that the asker may see."""
    require_role(scope, OVERSEERS)
    by_release: dict[int, list[Load]] = {}
    for load in visible_loads(scope).select_related("release", "by").order_by("pk"):
        by_release.setdefault(load.release_id, []).append(load)
    releases = Release.objects.order_by("-created_at", "-pk")
    return {
        "releases": [
            {
                "name": one.name,
                "state": one.state,
                "created_at": one.created_at.isoformat(),
                "published_at": one.published_at.isoformat() if one.published_at else None,
                "loads": [told(load) for load in by_release[one.pk]],
            }
            for one in releases
            if one.pk in by_release
        ]
    }


@router.get("/releases/{name}/changes", openapi_extra=answer(ReleaseChanges))
def get_changes(name: Name, scope: SignedIn) -> dict[str, Any]:
    """What the release changes against the live data, or changed when it was published, by layer and county."""
    require_role(scope, OVERSEERS)
    release = _one(name)
    seen = set(visible_loads(scope).filter(release=release).values_list("pk", flat=True))
    if not seen:
        raise _unknown(name)
    changes = [one for one in changes_of(release) if one["load"] in seen]
    return {"release": release.name, "state": release.state, "changes": changes}


@router.post("/releases/{name}/publish", openapi_extra=answer(Switched))
def publish_release(name: Name, scope: SignedIn) -> dict[str, Any]:
    """Switch a release on; the asker must be in charge of every county of every delivery in it."""
    return _switched(publish, name, scope)


@router.post("/releases/{name}/unpublish", openapi_extra=answer(Switched))
def unpublish_release(name: Name, scope: SignedIn) -> dict[str, Any]:
    """Switch it off: what was live before is live again."""
    return _switched(unpublish, name, scope)


@router.post("/coverage/confirm-empty", status_code=201, openapi_extra=answer(ConfirmedEmpty, 201))
def confirm_empty_coverage(body: EmptyBody, scope: SignedIn) -> dict[str, Any]:
    """A named person's statement that a county has nothing in a layer."""
    require_edit(scope, catalog.current().layer(body.layer), [body.county])
    with transaction.atomic():
        _take_time()
        day = body.data_date or timezone.localdate()
        revision = confirm_empty(body.layer, body.county, body.person, day, _person(scope))
        enqueue_recheck(revision.number, scope.user_id)
    return {"revision": revision.number}


def _switched(switch: Any, name: str, scope: Scope) -> dict[str, Any]:
    """Rights are asked under the lock of the switch's own transaction: a delivery that comes in between counts too."""
    require_role(scope, OVERSEERS)
    with transaction.atomic():
        _take_time()
        release = locked(name)
        if release is None:
            raise _unknown(name)
        for load in release.loads.exclude(state=Load.State.REPLACED):
            require_edit(scope, catalog.current().layer(load.layer), load.counties)
        revision: Revision = switch(name, _person(scope))
        enqueue_recheck(revision.number, scope.user_id)
    return {"release": name, "state": Release.objects.get(name=name).state, "revision": revision.number}


def _take_time() -> None:
    """A switch of much data takes longer than any question may, and waits for a load that is being written."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '30s'")


def _person(scope: Scope) -> User:
    return User.objects.get(pk=scope.user_id or 0)


def _one(name: str) -> Release:
    release = Release.objects.filter(name=name).first()
    if release is None:
        raise _unknown(name)
    return release


def _unknown(name: str) -> NotFound:
    return NotFound(f"没有批次 {name}，或不是你能看的。", "清单见 /releases。", code="release_unknown")
