"""Which earlier answers are no longer given so, since the data changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.access import Scope, signed_in
from api.answers import answer
from api.answers.checks import ChangeList
from api.redact import redacted_change
from api.route import DjangoRoute
from api.routes.checks import visible_checks
from spatial import catalog
from spatial.models import VerdictChange
from spatial.recheck import change_told

router = APIRouter(route_class=DjangoRoute, tags=["checks"])
SignedIn = Annotated[Scope, Depends(signed_in)]


@router.get("/changes", openapi_extra=answer(ChangeList))
def list_changes(
    scope: SignedIn,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> dict[str, Any]:
    """Changes of verdict, newest first: of my checks; stewards, auditors and administrators see their counties'."""
    rows = VerdictChange.objects.filter(old__in=visible_checks(scope)).select_related("old", "new")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows.order_by("-pk")[: limit + 1])
    known = catalog.current()
    return {
        "changes": [redacted_change(change_told(one), scope, known) for one in page[:limit]],
        "next": page[limit - 1].pk if len(page) > limit else None,
    }
