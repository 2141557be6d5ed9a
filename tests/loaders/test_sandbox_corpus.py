"""Every hostile file ends in the child as it does without it; what would take a program down takes the child alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders import sandbox
from loaders.formats import Opening, opened, refusal_of
from loaders.record import FileRefused
from loaders.sandbox import Limits
from spatial.crs import CrsRefused
from tests.corpus import CORPUS, Entry, World
from tests.corpus.entry import SECRET
from tests.loaders.test_sandbox_loads import content

BOUNDS = Limits(cpu_s=20)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    bait = tmp_path_factory.mktemp("bait") / "bait.geojson"
    bait.write_text(f'{{"type":"Feature","properties":{{"DKMC":"{SECRET}"}},"geometry":null}}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield World(bait, f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(BlockingIOError):
            server.accept()


def read(opening: Opening, path: Path, crs: str | None) -> list[Any]:
    """All of a delivery, or why it is refused."""
    try:
        with opening(path, path.name, None) as (file, reader):
            return [file.name, *content(reader(file, crs=crs, encoding=None))]
    except (FileRefused, CrsRefused) as error:
        return [refusal_of(error)]


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_a_hostile_file_ends_in_the_child_as_it_does_without_it(
    entry: Entry, world: World, tmp_path: Path
) -> None:
    path = tmp_path / entry.name
    entry.write(path, world)
    with sandbox.opening(BOUNDS) as opening:
        found = repr(read(opening, path, entry.crs))
    assert SECRET not in found
    assert found == repr(read(opened, path, entry.crs))
