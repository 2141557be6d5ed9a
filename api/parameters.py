"""A parameter that no one reads is a typing mistake: it is refused by name instead of being passed over."""

from __future__ import annotations

from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

from api.errors import Problem


def known_parameters(request: Request) -> None:
    """Refuse what stands in the query and not in the route's description."""
    params = get_flat_params(request.scope["route"].dependant)
    known = {param.alias for param in params if isinstance(param.field_info, Query)}
    unknown = sorted(set(request.query_params) - known)
    if not unknown:
        return
    hint = "可用：" + "、".join(sorted(known)) + "。" if known else "这个地址没有参数。"
    raise Problem(
        f"没有参数 {'、'.join(unknown)}。",
        hint,
        code="parameter_unknown",
        errors=[
            {"at": f"query.{name}", "code": "parameter_unknown", "message": _message(name, known)}
            for name in unknown
        ],
    )


def _message(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"没有这个参数，是不是 {near[0]}？" if near else "没有这个参数。"
