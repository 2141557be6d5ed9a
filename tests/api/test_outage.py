"""The database stopped and started again under a running server: 503 on every route, quickly, and back by itself."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from api.private_database import PrivateDatabase
from tests.api.workers import until, wait_until_blocked
from tests.settings import TEST_HOME

JINGTU = str(Path(sys.executable).with_name("jingtu"))
PARCEL = {
    "type": "Polygon",
    "coordinates": [[[87.30, 44.01], [87.31, 44.01], [87.31, 44.02], [87.30, 44.02], [87.30, 44.01]]],
}
ROUTES = [
    ("GET", "/readyz"),
    ("GET", "/me"),
    ("GET", "/catalog"),
    ("GET", "/checks"),
    ("POST", "/checks"),
    ("GET", "/features/park"),
    ("GET", "/identify?lon=87.3&lat=44"),
    ("GET", "/search?q=x"),
    ("GET", "/tiles/park/6/47/23.mvt"),
    ("GET", "/verify/x"),
    ("GET", "/rules"),
]


@pytest.fixture(scope="module")
def private() -> Iterator[PrivateDatabase]:
    database = PrivateDatabase(TEST_HOME / "outage", {"fsync": "off"})
    yield database
    database.stop()


@pytest.fixture(scope="module")
def environment(private: PrivateDatabase) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JINGTU_", "DJANGO_"))},
        "JINGTU_HOME": str(TEST_HOME / "outage"),
        "JINGTU_DATABASE_URL": private.ensure(),
    }


@pytest.fixture(scope="module")
def server(environment: dict[str, str], free_port: int) -> Iterator[str]:
    """`jingtu serve` on a migrated database of its own."""
    subprocess.run([JINGTU, "migrate"], env=environment, check=True, capture_output=True)
    run = subprocess.Popen(
        [JINGTU, "serve"],
        env=environment | {"JINGTU_PORT": str(free_port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout is not None
    next(line for line in run.stdout if "Ctrl-C" in line)
    yield f"http://127.0.0.1:{free_port}"
    run.terminate()
    run.wait(timeout=30)
    run.stdout.close()


@pytest.fixture(scope="module")
def clerk(environment: dict[str, str], server: str) -> dict[str, str]:
    add = [JINGTU, "user", "add", "clerk", "--role", "clerk", "--county", "652301"]
    subprocess.run(add, env=environment, input="\n", text=True, check=True, capture_output=True)
    token = subprocess.run(
        [JINGTU, "user", "token", "clerk"], env=environment, text=True, check=True, capture_output=True
    )
    return {"Authorization": f"Bearer {token.stdout.split()[-1]}"}


def ask(server: str, method: str, path: str, headers: dict[str, str]) -> httpx2.Response:
    body: dict[str, Any] = {"json": {"parcel": PARCEL}} if method == "POST" else {}
    return httpx2.request(method, server + path, headers=headers, timeout=20, **body)


def test_a_database_that_is_away_is_503_everywhere_and_back_by_itself(
    private: PrivateDatabase, server: str, clerk: dict[str, str]
) -> None:
    assert ask(server, "GET", "/readyz", {}).status_code == 200
    assert ask(server, "GET", "/catalog", clerk).status_code == 200
    private.stop()

    def refuses(method: str, path: str, headers: dict[str, str]) -> None:
        began = time.monotonic()
        refused = ask(server, method, path, headers)
        told = (method, path, bool(headers), refused.text[:200])
        assert refused.status_code == 503, told
        assert refused.headers["content-type"] == "application/problem+json", told
        assert int(refused.headers["retry-after"]) >= 1, told
        assert re.search("[一-鿿]", refused.json()["detail"]), told
        assert time.monotonic() - began < 5, told

    # A stranger is told to sign in there, or needs no database at all.
    asked = [(*route, clerk) for route in ROUTES]
    asked += [(*route, {}) for route in ROUTES if route[1] not in ("/rules", "/checks", "/me")]
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda one: refuses(*one), asked))
    assert ask(server, "GET", "/healthz", {}).json() == {"status": "ok"}
    page = httpx2.get(f"{server}/accounts/login/")
    form = {"username": "clerk", "password": "x", "csrfmiddlewaretoken": page.cookies["csrftoken"]}
    for refused in (
        httpx2.post(f"{server}/accounts/login/", data=form, cookies=page.cookies, timeout=20),
        httpx2.get(f"{server}/admin/", cookies={"sessionid": "a" * 32}, timeout=20),
    ):
        assert (refused.status_code, "数据库" in refused.text) == (503, True), refused.text[:300]
        assert refused.headers["retry-after"]
    private.ensure()
    deadline = time.monotonic() + 15
    while True:
        answers = [ask(server, method, path, clerk).status_code for method, path in ROUTES]
        if all(status < 500 for status in answers) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert dict(zip(ROUTES, answers, strict=True))[("POST", "/checks")] == 201, answers
    assert max(answers) < 500, answers


def test_a_database_that_restarts_in_the_middle_of_a_check_leaves_no_verdict(
    private: PrivateDatabase, environment: dict[str, str], server: str, clerk: dict[str, str]
) -> None:
    url = environment["JINGTU_DATABASE_URL"]
    stored = len(ask(server, "GET", "/checks", clerk).json()["checks"])
    answers: list[httpx2.Response] = []
    asking = threading.Thread(target=lambda: answers.append(ask(server, "POST", "/checks", clerk)))
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE spatial_coverage IN ACCESS EXCLUSIVE MODE")
        asking.start()
        wait_until_blocked(url)
        private.stop()
        private.ensure()
    asking.join()
    assert [answer.status_code for answer in answers] == [503]
    assert "verdict" not in answers[0].json()
    until(lambda: ask(server, "GET", "/checks", clerk).status_code == 200)
    assert len(ask(server, "GET", "/checks", clerk).json()["checks"]) == stored
    whole = until(lambda: (reply := ask(server, "POST", "/checks", clerk)).status_code == 201 and reply)
    assert (whole.json()["verdict"], whole.json()["complete"]) == ("undetermined", False)


def test_fifty_small_checks_at_once_are_all_answered_and_leave_room_for_others(
    server: str, clerk: dict[str, str]
) -> None:
    import asyncio

    async def all_at_once() -> tuple[list[httpx2.Response], float]:
        limits = httpx2.Limits(max_connections=100)
        async with httpx2.AsyncClient(base_url=server, timeout=60, limits=limits) as asking:
            checks = [
                asyncio.create_task(asking.post("/checks", json={"parcel": PARCEL}, headers=clerk))
                for _ in range(50)
            ]
            await asyncio.sleep(0.5)
            began = time.monotonic()
            ready = await asking.get("/readyz")
            assert ready.status_code == 200
            return await asyncio.gather(*checks), time.monotonic() - began

    answers, waited = asyncio.run(all_at_once())
    assert [answer.status_code for answer in answers] == [201] * 50
    assert waited < 60


def test_a_database_that_was_never_migrated_is_told_in_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    url = environment["JINGTU_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    parcel = tmp_path / "parcel.geojson"
    parcel.write_text(json.dumps(PARCEL))
    bare = environment | {"JINGTU_DATABASE_URL": url.rpartition("/")[0] + "/bare"}
    for command in (["check", str(parcel)], ["layers"], ["publish", "x"], ["user", "list"]):
        refused = subprocess.run([JINGTU, *command], env=bare, capture_output=True, text=True)
        assert refused.returncode == 1, (command, refused.stderr)
        assert refused.stderr.strip().count("\n") == 0, (command, refused.stderr)
        assert "jingtu migrate" in refused.stderr
