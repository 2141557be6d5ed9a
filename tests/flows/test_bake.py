"""`jingtu bake` on the demo: another program's reader finds in the file what the service sends, tile by tile."""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles

from api.commands import bake as command
from spatial import catalog
from tests.flows.conftest import JINGTU, Demo
from tests.flows.test_demo_tiles import tile_of

Tiles = dict[tuple[int, int, int], bytes]
MAXZOOM = 8
PUBLIC = [
    layer.id
    for layer in catalog.current().layers.values()
    if layer.kind != "request" and "public" in layer.read
]
DELIVERED = """
SELECT DISTINCT r.name, c.data_date FROM spatial_coverage c
JOIN spatial_load l ON l.id = c.load_id JOIN spatial_release r ON r.id = l.release_id
WHERE upper_inf(c.revisions) AND c.layer = ANY (%s)
"""


def bake(demo: Demo, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "JINGTU_DATABASE_URL": (demo.home / "database-url").read_text().strip(),
        "JINGTU_HOME": str(demo.home),
    }
    return subprocess.run([JINGTU, "bake", *arguments], env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def file(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("baked") / "public.pmtiles"
    done = bake(demo, *PUBLIC, "--out", str(path), "--maxzoom", str(MAXZOOM))
    assert done.returncode == 0, done.stderr
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path


@pytest.fixture(scope="module")
def baked(file: Path) -> Tiles:
    return dict(all_tiles(MemorySource(file.read_bytes())))


def metadata(file: Path) -> dict[str, Any]:
    return dict(Reader(MemorySource(file.read_bytes())).metadata())


def test_each_tile_of_the_file_is_the_one_that_the_service_sends(demo: Demo, baked: Tiles) -> None:
    west, south, east, north = catalog.current().region.extent
    sent: Tiles = {}
    with demo.as_role("public") as client:
        for z in range(MAXZOOM + 1):
            left, top = tile_of(west, north, z)
            right, bottom = tile_of(east, south, z)
            for x in range(left, right + 1):
                for y in range(top, bottom + 1):
                    with client.stream("GET", f"/tiles/{','.join(PUBLIC)}/{z}/{x}/{y}.mvt") as answer:
                        raw = b"".join(answer.iter_raw())
                    if answer.status_code == 200:
                        zipped = answer.headers.get("content-encoding") == "gzip"
                        sent[z, x, y] = raw if zipped else gzip.compress(raw, mtime=0)
                        assert not zipped or raw == baked[z, x, y]
    assert len(sent) > 30
    assert {place: gzip.decompress(raw) for place, raw in baked.items()} == {
        place: gzip.decompress(raw) for place, raw in sent.items()
    }


def test_marks_and_labels_are_in_the_file(baked: Tiles) -> None:
    world = mapbox_vector_tile.decode(gzip.decompress(baked[0, 0, 0]))
    marks = {one["geometry"]["type"] for one in world["contaminated_plot"]["features"]}
    assert marks == {"Point"}
    assert len(world["contaminated_plot_label"]["features"]) == len(world["contaminated_plot"]["features"])


def test_the_file_says_which_data_it_holds(demo: Demo, file: Path) -> None:
    told, head = metadata(file), Reader(MemorySource(file.read_bytes())).header()
    with demo.as_role("public") as client:
        live = client.get(f"/tiles/{','.join(PUBLIC)}.json").json()
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        (revision,) = connection.execute("SELECT max(number) FROM spatial_revision").fetchone() or (0,)
        delivered = connection.execute(DELIVERED, [PUBLIC]).fetchall()
    assert told["vector_layers"] == live["vector_layers"]
    assert live["tiles"][0].endswith(f"?v={told['version']}")
    assert told["revision"] == revision
    assert told["release"] == sorted({name for name, _ in delivered})
    assert told["data_date"] == min(day for _, day in delivered).isoformat()
    assert (head["min_zoom"], head["max_zoom"], head["clustered"]) == (0, MAXZOOM, True)
    assert [head[f"{side}_e7"] / 1e7 for side in ("min_lon", "min_lat", "max_lon", "max_lat")] == live[
        "bounds"
    ]


def asked(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def test_a_layer_that_a_stranger_may_not_see_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("park", "suspected_plot", "--out", str(tmp_path / "a.pmtiles")) == 1
    said = capsys.readouterr().err
    assert "疑似污染地块" in said and "不公开" in said and "请" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["no_such", "park --maxzoom 23", "park --out a.mbtiles"])
def test_wrong_usage_of_bake_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    assert asked("--out", str(tmp_path / "a.pmtiles"), *wrong.split()) == 2
    assert re.search("[\u4e00-\u9fff]", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []
