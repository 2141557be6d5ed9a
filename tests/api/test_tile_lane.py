"""Tiles are kept under what they hang on: never older after newer, never another's, worked out once for many."""

from __future__ import annotations

import asyncio
import gc
import gzip
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import psycopg
import pytest
from django.db import transaction
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api import tile_lane, versions
from api.drawing_job import draw_missing
from api.tile_cache import Answer
from spatial import newest
from spatial.models import Feature, Revision
from spatial.releases import next_revision
from tests.api.test_tiles import PLAN, WORLD
from tests.api.workers import server
from tests.factories import feature, revision
from tests.tiles.ask import decode
from tiles import mvt

Client = httpx2.Client | TestClient


def live(first: int) -> Int4Multirange:
    return Int4Multirange([Int4Range(first, None)])


def parks(client: Client, **asked: Any) -> set[str]:
    answer = client.get(f"/tiles/park/{WORLD}", **asked)
    assert answer.status_code in (200, 204), answer.text
    found = decode(answer.content).get("park", {}) if answer.content else {}
    return {one["properties"]["name"] for one in found.values()}


@pytest.fixture
def two_servers(
    transactional_db: None, test_database_url: str, free_ports: Callable[[], int]
) -> Iterator[list[httpx2.Client]]:
    """Two processes of the service on one database."""
    revision()
    with ExitStack() as stack:
        urls = [stack.enter_context(server(test_database_url, free_ports())) for _ in range(2)]
        yield [stack.enter_context(httpx2.Client(base_url=url, timeout=30)) for url in urls]


@pytest.fixture
def free_ports() -> Callable[[], int]:
    def one() -> int:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port: int = taken.getsockname()[1]
            return port

    return one


def built(name: str) -> None:
    """A park more, live with a revision of its own."""
    with transaction.atomic(), next_revision(Revision.Kind.EVENT, None, None, "test") as made:
        feature("park", PLAN.polygon("ABED"), name=name, revisions=live(made.number))


def test_a_second_question_is_answered_without_the_database(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    assert parks(client) == {"一"}
    asked = []

    async def fetched(*given: Any) -> Any:
        asked.append(given)
        raise AssertionError

    monkeypatch.setattr(tile_lane, "fetch_seen", fetched)
    assert parks(client) == {"一"}
    assert not asked


def test_what_is_new_is_seen_at_once_and_what_did_not_change_keeps_its_tag(client: TestClient) -> None:
    feature("contaminated_plot", PLAN.polygon("ABED"), code="1", status="confirmed")
    feature("park", PLAN.polygon("ABED"), name="一")
    revision(2)
    before = client.get(f"/tiles/contaminated_plot/{WORLD}").headers["etag"]
    assert parks(client) == {"一"}
    revision(3)
    newest.touch("park", 3)
    feature("park", PLAN.polygon("BCFE"), name="二", revisions=live(3))
    revision(4)
    assert parks(client) == {"一", "二"}
    assert client.get(f"/tiles/contaminated_plot/{WORLD}").headers["etag"] == before


def test_a_tile_is_compressed_for_who_takes_it(client: TestClient) -> None:
    for number in range(40):
        feature("park", PLAN.polygon("ABED"), name=f"示例公园{number}")
    plain = client.get(f"/tiles/park/{WORLD}", headers={"Accept-Encoding": "identity"})
    with client.stream("GET", f"/tiles/park/{WORLD}", headers={"Accept-Encoding": "gzip"}) as zipped:
        raw = b"".join(zipped.iter_raw())
    assert zipped.headers["content-encoding"] == "gzip" and "Accept-Encoding" in zipped.headers["vary"]
    assert gzip.decompress(raw) == plain.content and len(raw) < len(plain.content)


def test_a_tile_of_too_many_features_stands_for_all_of_them_and_says_so(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mvt, "MOST_FEATURES", 5)
    mvt._statements.clear()
    for number in range(12):
        feature("park", PLAN.polygon("ABED"), name=f"公园{number}")
    try:
        answer = client.get(f"/tiles/park/{WORLD}")
    finally:
        mvt._statements.clear()
    assert answer.headers["x-jingtu-generalised"] == "park=12"
    found = decode(answer.content)["park"].values()
    assert sum(one["properties"]["_count"] for one in found) == 12
    assert all(one["properties"]["_generalised"] for one in found)


def test_many_who_ask_at_once_ask_the_database_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    asked, true = [], tile_lane.fetch_seen

    async def slowly(*given: Any) -> Any:
        asked.append(given)
        await asyncio.sleep(0.3)
        return await true(*given)

    monkeypatch.setattr(tile_lane, "fetch_seen", slowly)
    lane = client.app.api.state.lane  # type: ignore[attr-defined]

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(lane.tile(tile_lane.STRANGER, "park", 0, 0, 0) for _ in range(20)))

    assert client.portal is not None
    answers = client.portal.call(all_at_once)
    assert len({id(one) for one in answers}) == 1 and len(asked) == 1


def test_a_question_that_nobody_waits_for_any_more_is_called_off(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    async def for_ever(*_: Any) -> Any:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    monkeypatch.setattr(tile_lane, "fetch_seen", for_ever)
    lane = client.app.api.state.lane  # type: ignore[attr-defined]

    async def leave() -> None:
        one, other = (asyncio.create_task(lane.tile(tile_lane.STRANGER, "park", 0, 0, 0)) for _ in range(2))
        await asyncio.sleep(0.2)
        one.cancel()
        await asyncio.sleep(0.1)
        assert not ended
        other.cancel()
        await asyncio.sleep(0.1)

    assert client.portal is not None
    client.portal.call(leave)
    assert ended == [True]


def test_never_older_after_newer_whichever_process_answers(two_servers: list[httpx2.Client]) -> None:
    chance, there, seen = random.Random(7), 0, 0
    for _ in range(1000):
        if chance.random() < 0.1:
            built(f"{there}")
            there += 1
        found = parks(chance.choice(two_servers))
        assert found == {str(number) for number in range(there)}, (there, seen)
        seen = len(found)
    assert there > 80


def test_what_another_machine_publishes_is_seen_within_a_second_though_its_word_is_lost(
    two_servers: list[httpx2.Client], test_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        newest, "tell", lambda number: None
    )  # another machine has no file in common with this one
    assert parks(two_servers[0]) == parks(two_servers[1]) == set()
    with psycopg.connect(test_database_url, autocommit=True) as database:
        deaf = database.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        ).fetchone()
    assert deaf == (2,)
    built("新")
    time.sleep(1.0)
    assert parks(two_servers[0]) == parks(two_servers[1]) == {"新"}


def test_a_version_that_this_process_does_not_know_yet_makes_it_ask(
    two_servers: list[httpx2.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "tell", lambda number: None)
    assert parks(two_servers[0]) == set()
    built("新")
    newer = Revision.objects.latest("number").number
    assert parks(two_servers[0], params={"v": f"{newer}-0"}) == {"新"}


def test_what_was_drawn_meanwhile_shows_the_same_features(client: TestClient) -> None:
    row = feature("park", PLAN.polygon("ABED"), name="一")
    before = decode(client.get("/tiles/park/14/12165/5956.mvt").content or b"")
    draw_missing()
    assert Feature.objects.get(pk=row.pk).drawing.layer == "park"
    revision(2)
    newest.touch("park", 2)
    assert decode(client.get("/tiles/park/14/12165/5956.mvt").content or b"").keys() == before.keys()


def test_a_filter_narrows_a_tile_and_is_no_others_answer(client: TestClient) -> None:
    for name in ("一", "二"):
        feature("park", PLAN.polygon("ABED"), name=name)
    assert parks(client) == {"一", "二"}
    assert parks(client, params={"filter": "name = '一'"}) == {"一"}
    json_said = {"filter": '{"op": "=", "args": [{"property": "name"}, "二"]}', "filter_lang": "cql2-json"}
    assert parks(client, params=json_said) == {"二"}
    assert parks(client) == {"一", "二"}
    refused = client.get(f"/tiles/park/{WORLD}", params={"filter": "pg_sleep(1) = 1"})
    assert (refused.status_code, refused.json()["code"]) == (400, "filter_invalid")


def hearing(path: str, query: str = "") -> dict[str, Any]:
    """What a server tells the application of a request for an address."""
    own = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": ""}
    here = {"server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "headers": [(b"host", b"127.0.0.1")]}
    return {**own, **here, "path": path, "raw_path": path.encode(), "query_string": query.encode()}


async def deaf(_: Any) -> None:
    """Sends to nobody."""


async def silent() -> Any:
    """A client that waits."""
    await asyncio.sleep(60)


def test_a_tile_worked_out_before_a_publication_is_not_given_after_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    lane, true = client.app.api.state.lane, tile_lane.fetch_seen  # type: ignore[attr-defined]

    async def play() -> None:
        read, goes_on = asyncio.Event(), asyncio.Event()

        async def slowly(*given: Any) -> Any:
            rows = await true(*given)
            read.set()
            await goes_on.wait()
            return rows

        monkeypatch.setattr(tile_lane, "fetch_seen", slowly)
        old = asyncio.create_task(lane(hearing(f"/tiles/park/{WORLD}"), silent, deaf))
        await read.wait()
        await asyncio.to_thread(built, "二")
        newer = asyncio.create_task(lane(hearing("/tiles/park/1/0/0.mvt"), silent, deaf))
        await asyncio.sleep(0.7)
        goes_on.set()
        await asyncio.gather(old, newer)

    assert client.portal is not None
    client.portal.call(play)
    assert parks(client) == {"一", "二"}


def test_who_joins_a_reading_begun_before_a_publication_reads_once_more(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    known, true = client.app.api.state.lane._versions, versions.fetch_all  # type: ignore[attr-defined]

    async def play() -> int:
        read, goes_on = asyncio.Event(), asyncio.Event()

        async def slowly(*given: Any) -> Any:
            rows = await true(*given)
            read.set()
            await goes_on.wait()
            return rows

        monkeypatch.setattr(versions, "fetch_all", slowly)
        before = asyncio.create_task(known.read())
        await read.wait()
        await asyncio.to_thread(built, "二")
        after = asyncio.create_task(known.know())
        await asyncio.sleep(0.1)
        goes_on.set()
        await asyncio.gather(before, after)
        return int(known.number)

    assert client.portal is not None
    assert client.portal.call(play) == Revision.objects.latest("number").number


def test_answers_that_are_found_by_their_address_weigh_no_more_than_those_that_are_kept(
    client: TestClient,
) -> None:
    for number in range(60):
        feature("park", PLAN.polygon("ABED"), name=f"示例公园{number}" * 20)
    lane = client.app.api.state.lane  # type: ignore[attr-defined]
    most = lane._kept._most = 40_000
    for z in range(12):
        middle = 2**z // 2
        assert client.get(f"/tiles/park/{z}/{middle}/{middle}.mvt").status_code in (200, 204)
        assert parks(client, params={"v": f"1-{z}"})
    gc.collect()
    alive = [one for one in gc.get_objects() if isinstance(one, Answer)]
    assert sum(one.weight for one in alive) <= most, len(alive)


def test_a_version_of_thousands_of_digits_is_refused_as_any_that_is_too_long(client: TestClient) -> None:
    assert client.get(f"/tiles/park/{WORLD}?v={'9' * 5000}-0").status_code == 422


def test_a_layer_named_many_times_has_one_name_in_the_metrics(client: TestClient) -> None:
    for many in range(1, 6):
        address = f"/tiles/{','.join(['park'] * many)}/9/{many}/3.mvt"
        assert client.get(address).status_code == 204
    told = [
        s for metric in REGISTRY.collect() if metric.name.startswith("jingtu_tile") for s in metric.samples
    ]
    assert not {one.labels["layer"] for one in told if "," in one.labels["layer"]}


def test_the_database_keeps_no_plan_of_a_filter(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    feature("park", PLAN.polygon("ABED"), name="一")
    asked, true = [], tile_lane.fetch_seen

    async def watched(*given: Any) -> Any:
        asked.append(given)
        return await true(*given)

    monkeypatch.setattr(tile_lane, "fetch_seen", watched)
    parks(client)
    parks(client, params={"filter": "name = '一'"})
    ((*_, plain), (who, filtered, *_, last)) = asked
    assert plain is True and last is False

    async def kept() -> list[Any]:
        return await true(who, b"SELECT statement FROM pg_prepared_statements WHERE $1::text = ''", [""])

    assert client.portal is not None
    statements = {row["statement"] for row in client.portal.call(kept)}
    assert asked[0][1].decode() in statements and filtered.decode() not in statements


@pytest.mark.parametrize(
    "address",
    [(f"/tiles/park/{WORLD}", "filter=name=%27x%27"), ("/ogc/collections/park/tiles/CGCS2000Quad/1/0/1", "")],
)
def test_who_leaves_calls_off_what_another_route_draws(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, address: tuple[str, str]
) -> None:
    ended = []

    async def for_ever(*_: Any) -> Any:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    async def leaving() -> Any:
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    monkeypatch.setattr(tile_lane, "fetch_seen", for_ever)

    async def leave() -> None:
        async with asyncio.timeout(5):
            await client.app(hearing(*address), leaving, deaf)
        await asyncio.sleep(0.1)

    assert client.portal is not None
    client.portal.call(leave)
    assert ended == [True]
