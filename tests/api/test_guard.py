"""What is refused before anybody reads it: foreign hosts, impossible addresses, bodies too large or too slow."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

Bearer = Callable[..., dict[str, str]]
IMPATIENT = """
import api.guard, api.patience
api.patience.HEAD_S = api.guard.IDLE_S = 1.5
from api.cli import main
raise SystemExit(main(["serve"]))
"""


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    told: dict[str, Any] = answer.json()
    assert (told["status"], told["code"]) == (status, code)
    assert re.search("[一-鿿]", told["detail"])
    return told


def test_a_foreign_host_is_refused_so_that_no_address_can_carry_it(client: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1@evil.example", "127.0.0.1.evil.example:80", ""):
        problem(client.get("/tiles/park.json", headers={"Host": host}), 400, "host_unknown")
    told = client.get("/tiles/park.json", headers={"Host": "localhost:8000"}).json()
    assert told["tiles"][0].startswith("http://localhost:8000/")


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/assets/%00",
        "/" + "a" * 1000,
        "/" + "a" * 5000,
        "/..%2f..%2fapi/app.py",
        "/static/..%2f..%2fx",
        "/verify/x%00y",
        "/verify/" + "x" * 41,
        "/features/park/" + "9" * 5000,
        "/features/park/" + "9" * 1500,
        f"/tiles/park/5/{'9' * 5000}/0.mvt",
        f"/tiles/park/5/{'9' * 1500}/0.mvt",
    ],
)
def test_an_address_that_nothing_can_have_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_is_bounded_whether_its_length_is_told_or_not(client: TestClient, bearer: Bearer) -> None:
    me = bearer("clerk") | {"Content-Type": "application/json"}
    large = json.dumps({"parcel": {}, "purpose": "x" * 1024 * 1024}).encode()

    def pieces() -> Iterator[bytes]:
        yield from (large[start : start + 65536] for start in range(0, len(large), 65536))

    for body in (large, pieces()):
        problem(client.post("/checks", content=body, headers=me), 413, "too_large")
        problem(client.post("/parcels/preview/text", content=large, headers=me), 413, "too_large")
    assert client.post("/accounts/login/", content=large, headers=me).status_code == 413


def test_an_upload_is_bounded_by_its_own_setting(client: TestClient, bearer: Bearer, settings: Any) -> None:
    settings.JINGTU_MAX_UPLOAD_MB = 2
    me = bearer("clerk")
    for path in ("/checks/upload", "/parcels/preview"):
        small = client.post(path, files={"file": ("a.txt", b"x" * 1_500_000)}, headers=me)
        assert small.status_code in (200, 422)
        refused = client.post(path, files={"file": ("a.txt", b"x" * 2_100_000)}, headers=me)
        problem(refused, 413, "too_large")


def test_what_does_not_say_who_may_keep_it_is_for_the_asker_alone(client: TestClient, bearer: Bearer) -> None:
    for path in ("/me", "/catalog", "/checks", "/rules", "/style.json", "/legend", "/search?q=x", "/nothing"):
        answer = client.get(path, headers=bearer("clerk"))
        assert answer.headers["cache-control"] == "private, no-store", path
        assert answer.headers["vary"] == "Cookie, Authorization", path
    assert client.get("/tiles/park.json").headers["cache-control"] == "public, no-cache"


def test_head_says_what_get_says_and_brings_nothing(client: TestClient) -> None:
    for path in ("/healthz", "/catalog", "/tiles/park.json", "/features/park", "/nothing"):
        asked, got = client.head(path), client.get(path)
        assert asked.content == b""
        assert asked.status_code == got.status_code
        for name in ("content-type", "content-length", "etag"):
            assert asked.headers.get(name) == got.headers.get(name)


@pytest.fixture
def address(test_database_url: str, free_port: int) -> Iterator[tuple[str, int]]:
    """`jingtu serve` on the test database, with little patience."""
    run = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT],
        env={**os.environ, "JINGTU_DATABASE_URL": test_database_url, "JINGTU_PORT": str(free_port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout is not None
    next(line for line in run.stdout if "Ctrl-C" in line)
    yield "127.0.0.1", free_port
    run.terminate()
    run.wait(timeout=30)
    run.stdout.close()


def test_a_running_server_loses_patience_with_those_who_send_slowly_or_without_an_account(
    address: tuple[str, int],
) -> None:
    started = [socket.create_connection(address) for _ in range(50)]
    for one in started[:25]:
        one.sendall(b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ")
    body = socket.create_connection(address)
    head = b"POST /checks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    body.sendall(head + b"Content-Length: 1000\r\n\r\n{")
    assert status_of(address, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == 200
    body.settimeout(10)
    assert body.recv(9000).startswith(b"HTTP/1.1 408 ")
    time.sleep(0.5)
    for one in started:
        one.settimeout(1)
        assert one.recv(1) == b""
    upload = http.client.HTTPConnection(*address, timeout=20)
    upload.putrequest("POST", "/checks/upload")
    upload.putheader("Content-Type", "multipart/form-data; boundary=x")
    upload.putheader("Content-Length", str(150 * 1024 * 1024))
    upload.endheaders()
    began = time.monotonic()
    answer = upload.getresponse()  # not one byte of the body was sent
    assert (answer.status, answer.getheader("content-type")) == (401, "application/problem+json")
    assert time.monotonic() - began < 1
    assert status_of(address, b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 200_000) == 431
    assert status_of(address, b"nonsense\r\n\r\n") == 400


def status_of(address: tuple[str, int], sent: bytes) -> int:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        return int(connection.recv(65536).split()[1])
