"""Who receives what leaves the system: a mail server and a receiver of pushes, on this machine."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class _Mail(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as takes a mail in."""

    def handle(self) -> None:
        def say(line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        say("220 test")
        for raw in self.rfile:
            word = raw.decode().strip().upper()
            if word.startswith("DATA"):
                say("354 go on")
                lines = []
                for line in self.rfile:
                    if line.strip() == b".":
                        break
                    lines.append(line)
                self.server.received.append(b"".join(lines))  # type: ignore[attr-defined]
                say("250 kept")
            elif word.startswith("QUIT"):
                say("221 bye")
                return
            else:
                say("250 ok")


class _Push(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def listening(kind: str, *statuses: int) -> Iterator[tuple[int, list[Any]]]:
    """The port of a `mail` server or a receiver of a `push`, and what comes in. `statuses`: its first answers."""
    server: Any = (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
        if kind == "mail"
        else HTTPServer(("127.0.0.1", 0), _Push)
    )
    server.received, server.statuses = [], list(statuses)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], server.received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
