"""Who did what, for those who look into it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.access import AUDITOR, Scope, require_role, signed_in
from api.answers import answer
from api.answers.records import AuditPage, Chain
from api.route import DjangoRoute
from api.turns import Turn
from spatial import audit, audit_note, wall
from spatial.models import Account, AuditEntry

router = APIRouter(route_class=DjangoRoute, tags=["audit"])
SignedIn = Annotated[Scope, Depends(signed_in)]
MOST_FAULTS = 100
READERS = frozenset({AUDITOR, Account.Role.ADMINISTRATOR.value})


@router.get("/audit", openapi_extra=answer(AuditPage))
def list_audit(
    scope: SignedIn,
    user: Annotated[str | None, Query(max_length=150)] = None,
    action: Annotated[str | None, Query(max_length=40)] = None,
    object: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> dict[str, Any]:
    """Audit entries, newest first; who is responsible for some counties sees what names one of them."""
    require_role(scope, READERS)
    given = {"username": user, "action": action, "object": object, "number__lt": before}
    rows = AuditEntry.objects.filter(**{name: value for name, value in given.items() if value is not None})
    if not scope.all_counties:
        rows = rows.extra(where=["(said::jsonb -> 'counties') ?| %s"], params=[sorted(scope.counties)])
    page = list(rows[: limit + 1])
    return {
        "entries": [json.loads(entry.said) | {"digest": bytes(entry.digest).hex()} for entry in page[:limit]],
        "next": page[limit - 1].number if len(page) > limit else None,
    }


@router.get("/audit/chain", openapi_extra=answer(Chain))
def prove_chain(scope: SignedIn, turn: Turn) -> dict[str, Any]:
    """Proves the chain as `jingtu audit verify` does: how far it reaches, and what is wrong with which entry."""
    require_role(scope, READERS)
    with wall.beside():  # the chain is one: who reads some of its entries is told of all that they are whole
        noted = audit_note.noted()
        faults = list(audit.verify(*([noted] if noted else [])))
        end = audit.head()
    return {
        "entries": end.number,
        "head": end.digest,
        "faults": [{"number": one.number, "kind": one.kind} for one in faults[:MOST_FAULTS]],
        "faults_in_all": len(faults),
    }
