"""A baked file is of one revision, whatever goes live while it is made, and of what a stranger sees."""

from __future__ import annotations

import gzip
from pathlib import Path
from threading import Thread

import pytest
from django.db import connections
from pmtiles.reader import MemorySource, Reader, all_tiles
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api.baking import bake
from tests.api.ogc import box
from tests.factories import feature, revision
from tests.tiles.ask import decode

pytestmark = pytest.mark.django_db(transaction=True)


def names(path: Path, layer: str) -> set[str]:
    tiles = all_tiles(MemorySource(path.read_bytes()))
    decoded = [decode(gzip.decompress(content)).get(layer, {}) for _, content in tiles]
    return {row["properties"]["name"] for found in decoded for row in found.values()}


def metadata(path: Path) -> dict[str, object]:
    return dict(Reader(MemorySource(path.read_bytes())).metadata())


def go_live() -> None:
    revision(2)
    feature("park", box(87.1, 44.0), name="二", revisions=Int4Multirange([Int4Range(2, None)]))
    connections.close_all()


def test_what_goes_live_meanwhile_is_in_the_next_file(tmp_path: Path) -> None:
    feature("park", box(87.0, 44.0), name="一")
    path = tmp_path / "park.pmtiles"

    def meanwhile(stage: str, done: int, total: int | None) -> None:
        if done == 1:
            other = Thread(target=go_live)
            other.start()
            other.join()

    made = bake(["park"], path, 3, meanwhile)
    assert (made.tiles, made.revision, names(path, "park")) == (4, 1, {"一"})
    assert bake(["park"], path, 3, lambda *_: None).revision == metadata(path)["revision"] == 2
    assert names(path, "park") == {"一", "二"}


def test_fields_that_a_stranger_may_not_see_are_not_in_the_file(tmp_path: Path) -> None:
    feature("contaminated_plot", box(87.0, 44.0), code="1", name="甲", max_ratio_screening_class1=3.5)
    path = tmp_path / "a.pmtiles"
    bake(["contaminated_plot", "park"], path, 2, lambda *_: None)
    assert names(path, "contaminated_plot") == {"甲"}
    for _, content in all_tiles(MemorySource(path.read_bytes())):
        for row in decode(gzip.decompress(content))["contaminated_plot"].values():
            assert set(row["properties"]) == {"county", "code", "name"}
    assert metadata(path)["data_date"] is None  # no county says that it is known
