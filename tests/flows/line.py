"""A line to a service that can be cut, lose the answers, or answer for itself: between a browser and the real thing."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    """Listens on a port of its own and hands every connection on. `whole`, `cut`, or `deaf`: no answer comes back.

    `refuses`: method and beginning of a path → the status that a gateway on the way answers in the server's place.
    """

    def __init__(self, url: str) -> None:
        self._far = (str(urlsplit(url).hostname), int(urlsplit(url).port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._state = "whole"
        self.refuses: dict[str, int] = {}
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def become(self, state: str) -> None:
        """What was open ends at once, as when a phone loses its cell."""
        self._state = state
        for one in list(self._open):
            _end(one)

    def close(self) -> None:
        self.become("cut")
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._hand_on, args=[near], daemon=True).start()

    def _hand_on(self, near: socket.socket) -> None:
        if self._state == "cut":
            _end(near)
            return
        far = socket.create_connection(self._far)
        self._open |= {near, far}
        back = threading.Thread(target=self._copy, args=[far, near, self._state == "deaf"], daemon=True)
        back.start()
        self._ask(near, far)
        back.join()
        self._open -= {near, far}

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := near.recv(65536):
                for begin, status in self.refuses.items():
                    if part.startswith(begin.encode()):
                        near.sendall(f"HTTP/1.1 {status} Gateway\r\nContent-Length: 0\r\n\r\n".encode())
                        near.shutdown(socket.SHUT_WR)
                        while near.recv(65536):  # closed with bytes unread, the answer would be lost
                            pass
                        part = b""
                        break
                if not part:
                    break
                far.sendall(part)
        _end(near)
        _end(far)

    def _copy(self, one: socket.socket, other: socket.socket, lost: bool) -> None:
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                if lost:
                    break  # the answer has begun: what was asked is done
                other.sendall(part)
        _end(one)
        _end(other)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
