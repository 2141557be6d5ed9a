"""How long the server waits for the head of a request, and how much of one it takes: uvicorn has no such bound."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.errors import Problem, problem_response

HEAD_S = 10.0
LARGEST_HEAD = 64 * 1024


class _Cycle(RequestResponseCycle):
    """One request and its answer. The head of an answer that is kept is written as it was put together (`head`), where
    uvicorn would look through each header anew, which takes longer than all else together."""

    async def send(self, message: Any) -> None:
        if "head" not in message or not self.keep_alive:
            await super().send(message)
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        self.response_started, self.waiting_for_100_continue = True, False
        self.chunked_encoding, self.expected_content_length = False, message["length"]
        own = [part for name, value in self.default_headers for part in (name, b": ", value, b"\r\n")]
        self.transport.write(b"".join((STATUS_LINE[message["status"]], *own, message["head"])))


class Impatient(HttpToolsProtocol):
    """Closes connections that do not bring a whole head in time, and says what cannot be read as a problem."""

    _timer: asyncio.TimerHandle | None = None
    _head = 0  # bytes of an unfinished head
    _in_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_S, self._give_up)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.__class__ = _Cycle

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self._refuse(
                    431, "请求头过大。", "请缩短地址，或清除本站的 Cookie。", code="headers_too_large"
                )

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "这不是一个有效的 HTTP 请求。", "请核对地址和请求头。", code="bad_request")

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, detail: str, hint: str, *, code: str) -> None:
        problem = Problem(detail, hint, code=code)
        problem.status = status
        response = problem_response(problem, {"Connection": "close"})
        head = b"".join(name + b": " + value + b"\r\n" for name, value in response.raw_headers)
        self.transport.write(b"HTTP/1.1 %d Refused\r\n%s\r\n%s" % (status, head, response.body))
        self.transport.close()
