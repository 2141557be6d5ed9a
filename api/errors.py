"""Problems that people see (RFC 9457): what there can be, and how one is told, in Chinese, English on request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

RETRY_AFTER_S = 2

TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Sign-in needed"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方式", "Method not allowed"),
    406: ("没有这种格式", "Not acceptable"),
    408: ("等得太久", "Waited too long"),
    409: ("与现有数据冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    415: ("不支持这种内容", "Unsupported content"),
    422: ("内容有误", "Content refused"),
    431: ("请求头过大", "Headers too large"),
    500: ("没有完成", "Not completed"),
    503: ("暂时不可用", "Unavailable"),
}
ENGLISH = {
    "unauthenticated": ("This needs an account.", "Sign in, or send a token as Authorization: Bearer."),
    "forbidden": ("Your account may not do this.", "Ask an administrator for the role or county."),
    "layer_unknown": ("There is no such layer.", "GET /catalog lists the layers."),
    "not_found": ("There is nothing at this address.", "Check the address."),
    "method_not_allowed": ("This address does not take such a request.", "See Allow, and /docs."),
    "database_unavailable": ("The database cannot be reached just now.", "Try again in a moment."),
    "busy": ("The service is busy.", "Try again in a moment."),
    "query_timeout": ("The question took too long and was stopped.", "Ask for less, then try again."),
    "unavailable": ("The service is not ready.", "Try again in a moment, or tell an administrator."),
    "too_large": ("This is larger than is accepted.", "Split it and send the parts."),
    "parameter_unknown": ("The address has a parameter that is not known here.", "See errors, and /docs."),
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


class ProblemResponse(JSONResponse):
    """What was sent may stand in the answer, and what was sent may be no text at all: that becomes `?`."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def problem_response(
    asked: Mapping[str, str], problem: Problem, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem as application/problem+json in the language that the request's headers ask for."""
    english = asked.get("accept-language", "").lower().startswith("en")
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
        body["errors"] = [_in_one_language(error, english) for error in problem.errors]
    told = dict(headers or {})
    if problem.status == 401:
        told.setdefault("WWW-Authenticate", "Bearer")
    if problem.status == 503:
        told.setdefault("Retry-After", str(RETRY_AFTER_S))
    return ProblemResponse(body, problem.status, told)


def _in_one_language(error: Mapping[str, Any], english: bool) -> dict[str, Any]:
    told = {name: value for name, value in error.items() if name != "message_en"}
    if english and "message_en" in error:
        told["message"] = error["message_en"]
    return told
