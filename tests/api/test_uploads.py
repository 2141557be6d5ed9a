"""Files that are handed in over HTTP: whatever is in them, there is an answer, soon, and the service goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import override_settings
from fastapi.testclient import TestClient

from tests.api.conftest import Bearer
from tests.loaders.test_hostile import HUGE, SHELL, feature, polygon
from tests.loaders.test_hostile_tables import ENDLESS, changed, geopackage, sheet
from tests.loaders.test_sandbox import MANY_FAULTS, SMALL

Send = Callable[[str, bytes], list[str]]


@pytest.fixture
def send(client: TestClient, bearer: Callable[..., Bearer]) -> Send:
    """Preview a file and try to check it; the codes of the errors, which both must name."""
    header = bearer("clerk")

    def sent(name: str, data: bytes) -> list[str]:
        seen = client.post("/parcels/preview", files={"file": (name, data)}, headers=header)
        assert seen.status_code == 200, seen.text
        errors = [issue["code"] for issue in seen.json()["issues"] if issue["severity"] == "error"]
        if errors:
            refused = client.post("/checks/upload", files={"file": (name, data)}, headers=header)
            assert refused.status_code == 422, refused.text
            told = refused.json()
            assert told["code"] == "file_refused"
            assert [e["code"] for e in told["errors"] if e["severity"] == "error"] == errors
        return errors

    return sent


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.geojson", b'{"type": [1]}', "not_geojson"),
        ("a.geojson", feature(geometry='{"type": {"a": 1}}'), "geometry_type"),
        ("a.geojson", polygon([[int(HUGE), 1], [2, 3], [4, 5], [6, 7]]), "not_finite"),
        ("a.geojson", feature('{"地块编号": "\\ud800"}'), "not_text"),
        ("a.geojson", feature('{"地块编号": "a\\u0000b"}'), "not_text"),
        ("a." + "y" * 300, polygon(SHELL), "format_unsupported"),
    ],
)
def test_what_only_python_takes_is_refused_and_is_no_failure(
    send: Send, name: str, data: bytes, code: str
) -> None:
    assert send(name, data) == [code]


def test_a_declared_area_beyond_all_numbers_is_left_out(send: Send) -> None:
    assert send("a.geojson", feature(f'{{"declared_area_m2": {HUGE}}}')) == []


@pytest.mark.parametrize(("depth", "codes"), [(10, []), (900, ["json_too_deep"])])
def test_an_attribute_may_be_nested_and_not_without_end(send: Send, depth: int, codes: list[str]) -> None:
    assert send("a.geojson", feature('{"地块编号": ' + "[" * depth + "]" * depth + "}")) == codes


def test_files_that_would_hold_a_thread_for_ever_are_refused_at_once(send: Send, tmp_path: Path) -> None:
    view = changed(
        geopackage(tmp_path),
        f"CREATE VIEW v AS {ENDLESS}",
        "UPDATE gpkg_contents SET table_name = 'v'",
        "UPDATE gpkg_geometry_columns SET table_name = 'v'",
    )
    started = time.monotonic()
    assert send("a.gpkg", view.read_bytes()) == ["geopackage_view"]
    far = sheet(tmp_path, (b'r="2"', b'r="1048576"'))
    assert send("a.xlsx", far.read_bytes()) == ["rows_far_apart"]
    assert time.monotonic() - started < 30


@override_settings(JINGTU_READ_SECONDS=1)
def test_a_file_that_takes_too_long_is_given_up_and_others_are_read_meanwhile(send: Send) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(send, "a.geojson", MANY_FAULTS)
        assert send("a.txt", SMALL) == []
        assert slow.result(timeout=30) == ["too_slow"]


def test_twenty_previews_at_once_are_all_answered(send: Send) -> None:
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda n: send(f"{n}.txt", SMALL), range(20))) == [[]] * 20


def test_the_same_file_is_understood_the_same_whatever_it_is_called(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    header = bearer("clerk")
    told = set()
    for name in ("a.txt", "../x.txt", "/etc/x.TXT", "净土‮txt.txt", "a\r\nb.txt"):
        seen = client.post("/parcels/preview", files={"file": (name, SMALL, "image/png")}, headers=header)
        told.add(json.dumps(seen.json(), sort_keys=True))
    assert len(told) == 1 and json.loads(told.pop())["ok"]
