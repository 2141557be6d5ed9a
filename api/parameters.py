"""A parameter that no one reads is a typing mistake: it is refused by name instead of being passed over."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Form, Query

from api.errors import Problem


async def known_parameters(request: Request) -> None:
    """Refuse what stands in the query, or in a form, and not in the route's description."""
    dependant = request.scope["route"].dependant
    _require_known(
        "query",
        request.query_params,
        {param.alias for param in get_flat_params(dependant) if isinstance(param.field_info, Query)},
    )
    fields = {param.alias for param in dependant.body_params if isinstance(param.field_info, Form)}
    if fields:  # FastAPI has read the form already, and gives it again
        _require_known("body", await request.form(), fields)


def _require_known(where: str, sent: Iterable[str], known: set[str]) -> None:
    unknown = sorted(set(sent) - known)
    if not unknown:
        return
    hint = "可用：" + "、".join(sorted(known)) + "。" if known else "这个地址没有参数。"
    raise Problem(
        f"没有参数 {'、'.join(unknown)}。",
        hint,
        code="parameter_unknown",
        errors=[
            {"at": f"{where}.{name}", "code": "parameter_unknown", "message": _message(name, known)}
            for name in unknown
        ],
    )


def _message(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"没有这个参数，是不是 {near[0]}？" if near else "没有这个参数。"
