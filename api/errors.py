"""Problems that people see (RFC 9457): what there can be, and how one is told, in Chinese, English on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api.language import Answer, said

RETRY_AFTER_S = 2

TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种请求方式",
    406: "没有这种格式",
    408: "等得太久",
    409: "与现有数据冲突",
    413: "内容过大",
    415: "不支持这种内容",
    422: "内容有误",
    431: "请求头过大",
    500: "没有完成",
    503: "暂时不可用",
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
    ) -> None:
        super().__init__(detail)
        self.detail, self.hint, self.errors = detail, hint, list(errors)
        self.code = code or self.code


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


class ProblemResponse(Answer):
    """What was sent may stand in the answer, and what was sent may be no text at all: that becomes `?`."""

    media_type = "application/problem+json"
    replaced = "replace"


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Answer:
    """The problem as application/problem+json, in the language that is asked for."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": said(TITLES.get(problem.status, HTTPStatus(problem.status).phrase)),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "hint": problem.hint,
    }
    if problem.errors:
        body["errors"] = problem.errors
    told = dict(headers or {})
    if problem.status == 401:
        told.setdefault("WWW-Authenticate", "Bearer")
    if problem.status == 503:
        told.setdefault("Retry-After", str(RETRY_AFTER_S))
    return ProblemResponse(body, problem.status, told)
