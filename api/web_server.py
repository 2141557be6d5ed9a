"""The one web server process: its port, its limits, and what it says when it is ready."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator

import uvicorn
from django.conf import settings

from api.database import limit_for_serving
from api.machine import AddressTaken
from api.patience import Impatient
from loaders import sandbox

STOP_SECONDS = 5
KEEP_ALIVE_S = 5
MOST_CONNECTIONS = 500
"""Well under the 1024 open files that a process usually may have; the database and the page's files need some."""


@contextlib.contextmanager
def reserved() -> Iterator[socket.socket]:
    """Hold JINGTU_PORT from the start, so that a taken one is told before any long work."""
    host, port = settings.JINGTU_HOST, settings.JINGTU_PORT
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"{host}:{port} 已被别的程序占用，请先停掉它，或用 JINGTU_PORT 换一个端口。"
                f" / {host}:{port} is taken: stop what uses it, or choose another JINGTU_PORT. ({error})"
            ) from error
        yield listener


def serve(listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM; both are a normal end."""
    limit_for_serving()
    config = uvicorn.Config(
        "api.app:create_app",
        factory=True,
        http=Impatient,
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
    )
    server = _Server(config)
    try:
        with sandbox.running():
            server.run(sockets=[listener])
    except (KeyboardInterrupt, SystemExit):
        if not server.started:
            raise


def welcome() -> str:
    """The address and, where the demo made some, its accounts."""
    lines = ["", f"  净土已启动 / Jingtu is ready: http://{settings.JINGTU_HOST}:{settings.JINGTU_PORT}/"]
    path = settings.JINGTU_HOME / "demo-accounts.json"
    if path.exists():
        accounts = json.loads(path.read_text(encoding="utf-8"))
        lines += ["", f"  示例账号 / demo accounts ({path}):"]
        for role, account in accounts.items():
            if account and "username" in account:
                counties = " ".join(account.get("counties") or []) or "全部区县"
                lines.append(f"    {role:<14} {account['username']:<20} {account['password']:<24} {counties}")
    return "\n".join([*lines, "", "  Ctrl-C 停止全部 / Ctrl-C stops everything", ""])


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(welcome(), flush=True)
