"""PMTiles files as another program's reader finds them."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from pathlib import Path

import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import zxy_to_tileid

from tiles import archive as archive_module
from tiles.archive import Archive, compressed, first_number, place

WORLD = (-180.0, -85.0, 180.0, 85.0)


def written(folder: Path, tiles: dict[int, bytes], zoom: int) -> bytes:
    scratch = folder / "scratch"
    scratch.mkdir()
    archive = Archive(scratch)
    for number, content in tiles.items():
        archive.add(number, content)
    archive.finish(folder / "file.pmtiles", {"name": "示例"}, WORLD, (0, zoom))
    archive.close()
    return (folder / "file.pmtiles").read_bytes()


@pytest.mark.parametrize("z", range(7))
def test_tiles_are_numbered_along_the_curve_of_the_format_and_lie_within_their_parents(z: int) -> None:
    for along in range(4**z):
        x, y = place(z, along)
        assert zxy_to_tileid(z, x, y) == first_number(z) + along
        assert z == 0 or place(z - 1, along // 4) == (x // 2, y // 2)


def test_a_file_of_many_tiles_has_leaves_and_every_tile_is_found(tmp_path: Path) -> None:
    chance = random.Random(20261126)
    numbers = sorted(chance.sample(range(first_number(9), first_number(10)), 20_000))
    tiles = {number: compressed(str(number).encode()) for number in numbers}
    content = written(tmp_path, tiles, 9)
    head = Reader(MemorySource(content)).header()
    assert head["leaf_directory_length"] > 0
    assert head["root_offset"] + head["root_length"] <= 16_384
    assert head["tile_data_offset"] + head["tile_data_length"] == len(content)
    assert {zxy_to_tileid(*where): found for where, found in all_tiles(MemorySource(content))} == tiles
    one = Reader(MemorySource(content))
    for along in range(0, 1000, 50):
        assert one.get(9, *place(9, along)) == tiles.get(first_number(9) + along)


def test_tiles_alike_are_kept_once_side_by_side_or_apart(tmp_path: Path) -> None:
    a, b = compressed(b"a"), compressed(b"b")
    content = written(tmp_path, {5: a, 6: a, 7: a, 8: b, 9: a, 20: b}, 2)
    reader = Reader(MemorySource(content))
    head = reader.header()
    assert (head["addressed_tiles_count"], head["tile_entries_count"], head["tile_contents_count"]) == (
        6,
        4,
        2,
    )
    assert {zxy_to_tileid(*where): gzip.decompress(one) for where, one in all_tiles(MemorySource(content))} == {
        5: b"a", 6: b"a", 7: b"a", 8: b"b", 9: b"a", 20: b"b",
    }  # fmt: skip
    assert reader.metadata() == {"name": "示例"}


def test_a_file_without_tiles_can_be_read(tmp_path: Path) -> None:
    assert list(all_tiles(MemorySource(written(tmp_path, {}, 3)))) == []


def test_what_cannot_be_finished_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "file.pmtiles").write_bytes(b"before")
    archive = Archive(tmp_path)
    with pytest.raises(TypeError):
        archive.finish(tmp_path / "file.pmtiles", {"name": object()}, WORLD, (0, 0))
    assert (tmp_path / "file.pmtiles").read_bytes() == b"before"


def test_memory_does_not_grow_with_the_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MOST_KNOWN", 2000)

    def peak(many: int) -> int:
        folder = tmp_path / str(many)
        folder.mkdir()
        archive = Archive(folder)
        tracemalloc.start()
        for number in range(many):
            archive.add(number * 2, number.to_bytes(8))
        archive.finish(folder / "file", {}, WORLD, (0, 9))
        archive.close()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(60_000) < 1.1 * peak(20_000)
