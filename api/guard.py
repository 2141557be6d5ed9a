"""What stands before every address: host, path, size and patience are judged before anybody reads a body."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import NotFound, Problem, TooLarge, Unauthenticated, problem_response

UPLOADS = frozenset({"/checks/upload", "/parcels/preview", "/loads", "/attachments"})
"""The addresses that take files, and so more than a body in JSON may hold."""
MIB = 1024 * 1024
LONGEST_PATH = 2000
NO_PATH = re.compile(r"[\x00-\x1f\x7f]|(^|/)\.\.(/|$)")
IDLE_S = 20.0
"""How long a piece of a body is waited for."""
BODY_S = 60.0
"""How long a whole body is waited for; files may take as long as their pieces keep coming."""
LINGER_S = 2.0
"""How long what still comes is thrown away after a refusal: a connection cut off at once would lose the answer."""


async def guarded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request on whose host, path and size are allowed; answer the others with a problem."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    problem = _refusal(scope["path"], headers)
    if problem is not None:
        await _answer(scope, receive, send, problem)
        return
    body = _Body(scope["path"], receive, send)
    try:
        await app(scope, body.receive, body.send)
    except Exception:
        if body.refused is None:
            raise
    if body.refused is not None and not body.answered:
        await _answer(scope, receive, send, body.refused)


def _refusal(path: str, headers: Mapping[str, str]) -> Problem | None:
    """What is wrong before the body is looked at."""
    host, _ = split_domain_port(headers.get("host", ""))
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return Problem(
            "请求的主机名不是本系统的。", "管理员可用 JINGTU_ALLOWED_HOSTS 添加主机名。", code="host_unknown"
        )
    if len(path) > LONGEST_PATH or NO_PATH.search(path):
        return NotFound("没有这个地址。", "请核对地址。")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > _limit(path):
        return _too_large(path)
    if (
        path in UPLOADS
        and "authorization" not in headers
        and f"{settings.SESSION_COOKIE_NAME}=" not in headers.get("cookie", "")
    ):
        return Unauthenticated()
    return None


def _limit(path: str) -> int:
    return MIB * (settings.JINGTU_MAX_UPLOAD_MB if path in UPLOADS else settings.JINGTU_MAX_BODY_MB)


def _too_large(path: str) -> Problem:
    return TooLarge(f"请求内容超过 {_limit(path) // MIB} MB。", "请拆分后提交。")


def _too_slow() -> Problem:
    problem = Problem("请求的内容迟迟没有传完。", "请检查网络后重试。", code="too_slow")
    problem.status = 408
    return problem


class _Body:
    """Counts a body while it is read, and keeps the application's answer back once the body was refused."""

    def __init__(self, path: str, receive: Receive, send: Send) -> None:
        self.path, self._receive, self._send = path, receive, send
        self.left = _limit(path)
        self.until = None if path in UPLOADS else asyncio.get_running_loop().time() + BODY_S
        self.ended = self.answered = False
        self.refused: Problem | None = None

    async def receive(self) -> Message:
        if self.ended:
            return await self._receive()  # what follows a body is the end of the connection, however late
        now = asyncio.get_running_loop().time()
        wait = IDLE_S if self.until is None else min(IDLE_S, self.until - now)
        try:
            async with asyncio.timeout(max(wait, 0)):
                message = await self._receive()
        except TimeoutError:
            raise self._refuse(_too_slow()) from None
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise self._refuse(_too_large(self.path))
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self.refused is None:
            self.answered = True
            await self._send(message)

    def _refuse(self, problem: Problem) -> Exception:
        self.refused = problem
        return _Stopped(problem.detail)


class _Stopped(Exception):
    """Ends the reading of a body; what is answered then is the guard's."""


async def _answer(scope: Scope, receive: Receive, send: Send, problem: Problem) -> None:
    """The problem, whole; then throw away for a moment what still comes, and close."""
    response = problem_response(problem, {"Connection": "close"})
    await send({"type": "http.response.start", "status": problem.status, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    if scope["method"] not in ("GET", "HEAD") and problem.status != 408:
        await _drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Callable[[], Awaitable[Message]]) -> None:
    try:
        async with asyncio.timeout(LINGER_S):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        return
