"""What Django's own addresses say when something is wrong: in Chinese, in the page's colours, with the right status."""

from __future__ import annotations

import logging
import secrets
import sys

from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger("jingtu.pages")
UNREACHED = (OperationalError, InterfaceError, InternalError)
RETRY_AFTER_S = 2


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(400, "请求有误", "读不懂这次请求。", "请从页面上的链接重新进入。")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(403, "没有权限", "你的账号不能做这一项。", "如需要，请联系管理员。")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(403, "页面已过期", "这次提交缺少页面令牌，没有执行。", "请回到原页面，刷新后重新提交。")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(404, "没有找到", "没有这个地址。", "请核对地址。")


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 where the database is not to be had, 400 for what no database takes, else our fault."""
    error = sys.exc_info()[1]
    if isinstance(error, UNREACHED):
        page = _page(503, "暂时不可用", "数据库暂时连不上或正忙。", "请稍后重试。")
        page["Retry-After"] = str(RETRY_AFTER_S)
        return page
    if isinstance(error, DataError):
        return bad_request(request)
    number = secrets.token_hex(3).upper()
    log.error("page failed %s %s", number, request.path)
    return _page(
        500,
        "没有完成",
        f"出了问题，没有执行任何操作。编号 {number}。",
        "请重试；仍不成功时把编号告诉管理员。",
    )


def _page(status: int, title: str, detail: str, hint: str) -> HttpResponse:
    text = render_to_string("errors/page.html", {"title": title, "detail": detail, "hint": hint})
    return HttpResponse(text, status=status)
