"""A route of the OGC API: a parameter that cannot be read is 400 (OGC 17-069r4, /req/core/query-param-invalid)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.errors import Problem
from api.field_errors import field_errors


class OgcRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await inner(request)
            except RequestValidationError as error:
                errors = field_errors(error.errors())
                where = "、".join(item["at"] for item in errors[:5])
                raise Problem(
                    f"参数不对：{where}。",
                    "请对照 /ogc/api 中的说明修改。",
                    code="parameter_invalid",
                    errors=errors,
                ) from None

        return told
