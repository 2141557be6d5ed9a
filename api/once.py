"""A request with a key of its own is handled once, however often it is sent (`Idempotency-Key`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.db import transaction
from fastapi import Header

from api.access import Scope
from api.errors import Conflict
from spatial.models import Handled

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=120,
        pattern=r"^[\x21-\x7e]+$",
        description="同一请求重发时写同一个值，只办一次",
    ),
]


def once(
    scope: Scope,
    key: str | None,
    what: str,
    body: Mapping[str, Any],
    work: Callable[[], dict[str, Any]],
    again: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What `work` answers, or answered when the request first came; whoever sends it at the same moment waits.

    `again`: the same read anew, where rights that have ended since must be asked: it is given the first answer.

    The key and what the work wrote are kept together: work that fails leaves the key free. Raises Conflict where the
    key came with another request.
    """
    if key is None:
        return work()
    said = json.dumps([what, body], sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()
    with transaction.atomic():
        row, is_new = Handled.objects.get_or_create(by_id=scope.user_id, key=key, defaults={"digest": digest})
        if is_new:
            row.answer = work()
            row.save(update_fields=["answer"])
        elif row.digest != digest:
            raise Conflict("这个 Idempotency-Key 已用于另一个请求。", "新的请求请换一个值。", code="key_used")
        elif again is not None:
            return again(dict(row.answer or {}))
    return dict(row.answer or {})
