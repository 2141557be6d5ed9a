"""The plan's indicators, deadlines and freshness of data: each number with the list behind it."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from fastapi import APIRouter, Depends

from api.access import Scope, may_read, signed_in
from api.answers import answer
from api.answers.records import Dashboard
from api.route import DjangoRoute
from spatial import catalog
from spatial.dashboard import dashboard

router = APIRouter(route_class=DjangoRoute, tags=["registers"])
SignedIn = Annotated[Scope, Depends(signed_in)]


@router.get("/dashboard", openapi_extra=answer(Dashboard))
def get_dashboard(scope: SignedIn) -> dict[str, Any]:
    """Counted over what the asker may see, today."""
    known = catalog.current()
    counties = set(known.region.counties) if scope.all_counties else scope.counties
    return dashboard(timezone.localdate(), lambda layer: may_read(scope, known.layer(layer)), counties)
