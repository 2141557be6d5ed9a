"""Errors that people see: RFC 9457 problems in Chinese, English on request, by one table."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from spatial.catalog import LayerNotFound
from spatial.crs import CrsRefused
from spatial.measure import OutOfTime

log = logging.getLogger("jingtu.api")

TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Sign-in needed"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方式", "Method not allowed"),
    409: ("与现有数据冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    415: ("不支持这种内容", "Unsupported content"),
    422: ("内容有误", "Content refused"),
    500: ("没有完成", "Not completed"),
    503: ("暂时不可用", "Unavailable"),
}
ENGLISH = {
    "unauthenticated": ("This needs an account.", "Sign in, or send a token as Authorization: Bearer."),
    "forbidden": ("Your account may not do this.", "Ask an administrator for the role or county."),
    "layer_unknown": ("There is no such layer.", "GET /catalog lists the layers."),
    "not_found": ("There is nothing at this address.", "Check the address."),
    "body_invalid": (
        "The request is not of the form that is asked for.",
        "See errors, and /docs for the form.",
    ),
    "internal": (
        "Nothing was completed and no conclusion was drawn.",
        "Try again; if it persists, report the number.",
    ),
}


class Problem(Exception):
    """A request that cannot be answered. `detail` says what is wrong, `hint` what to do, both in Chinese."""

    status = 400
    code = "bad_request"

    def __init__(
        self,
        detail: str,
        hint: str = "",
        *,
        code: str = "",
        errors: Sequence[dict[str, Any]] = (),
        english: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail, self.hint, self.errors = detail, hint, list(errors)
        self.code = code or self.code
        self.english = english or ENGLISH.get(self.code)


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is unknown, withdrawn or over."""

    status, code = 401, "unauthenticated"

    def __init__(
        self, detail: str = "这一项需要登录。", hint: str = "请先登录，或在请求头中带上令牌。"
    ) -> None:
        super().__init__(detail, hint)


class Forbidden(Problem):
    """The account is known and may not."""

    status, code = 403, "forbidden"

    def __init__(
        self, detail: str = "你的账号不能做这一项。", hint: str = "如需要，请联系管理员开通角色或县市。"
    ) -> None:
        super().__init__(detail, hint)


class NotFound(Problem):
    status, code = 404, "not_found"


class Conflict(Problem):
    status, code = 409, "conflict"


class TooLarge(Problem):
    status, code = 413, "too_large"


class Refused(Problem):
    """The content was understood and is wrong; `errors` says where."""

    status, code = 422, "refused"


class Unavailable(Problem):
    status, code = 503, "unavailable"


def problem_response(
    request: Request, problem: Problem, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The problem as application/problem+json in the language that the request asks for."""
    english = request.headers.get("accept-language", "").lower().startswith("en")
    title = TITLES.get(problem.status, (HTTPStatus(problem.status).phrase,) * 2)
    detail, hint = problem.detail, problem.hint
    if english and problem.english:
        detail, hint = problem.english
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title[1 if english else 0],
        "status": problem.status,
        "detail": detail,
        "code": problem.code,
        "hint": hint,
    }
    if problem.errors:
        body["errors"] = problem.errors
    if problem.status == 401:
        headers = {"WWW-Authenticate": "Bearer", **(headers or {})}
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def _layer_unknown(error: Exception) -> Problem:
    return NotFound(f"没有图层“{error}”。", "图层清单见 /catalog。", code="layer_unknown")


def _crs_refused(error: Exception) -> Problem:
    error = cast(CrsRefused, error)
    return Refused(
        error.message,
        error.hint,
        code=error.code,
        errors=[{"at": "crs", "code": error.code, "message": error.message}],
    )


def _body_invalid(error: Exception) -> Problem:
    error = cast(RequestValidationError, error)
    errors = [
        {"at": ".".join(str(part) for part in item["loc"]), "code": item["type"], "message": item["msg"]}
        for item in error.errors()
    ]
    where = "、".join(item["at"] for item in errors[:5])
    return Refused(
        f"请求内容不符合要求：{where}。", "请对照 /docs 中的格式修改。", code="body_invalid", errors=errors
    )


def _out_of_time(error: Exception) -> Problem:
    return Unavailable(
        "地块未能在时限内量算完，本次没有得出任何结论。",
        "请把地块拆成几块、减少界址点后再核查。",
        code="check_timeout",
    )


TRANSLATED = {
    LayerNotFound: _layer_unknown,
    CrsRefused: _crs_refused,
    RequestValidationError: _body_invalid,
    OutOfTime: _out_of_time,
}
"""Exceptions of the inner packages and what they mean to a caller."""


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, cast(Problem, error))

    async def on_translated(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, TRANSLATED[type(error)](error))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        error = cast(HTTPException, error)
        problem = Problem(
            "没有这个地址。" if error.status_code == 404 else "不能这样请求。",
            "请核对地址和请求方式。",
            code="not_found",
        )
        problem.status = error.status_code
        return problem_response(request, problem, dict(error.headers or {}))

    async def on_failure(request: Request, error: Exception) -> JSONResponse:
        number = secrets.token_hex(3).upper()
        log.error("request failed %s %s %s", number, request.method, request.url.path, exc_info=error)
        problem = Problem(
            f"没有完成，未得出任何结论。编号 {number}。",
            "请重试；仍不成功时把编号告诉管理员。",
            code="internal",
        )
        problem.status = 500
        return problem_response(request, problem)

    app.add_exception_handler(Problem, on_problem)
    for kind in TRANSLATED:
        app.add_exception_handler(kind, on_translated)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_failure)
