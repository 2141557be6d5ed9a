"""A FileGDB comes as a folder in a zip: its one layer with shapes is read, and nothing of it lands elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders import limits
from loaders.formats import digest_of, opened
from loaders.parcels import ParcelFile, read_parcels
from tests.loaders import files
from tests.loaders.test_formats import SHAPE, WORDS, read, same


def geodatabase(folder: Path, **given: str) -> Path:
    return files.gdal(folder / "交付.gdb", [(SHAPE, WORDS)], driver="OpenFileGDB", layer="地块", **given)


def packed(path: Path, source: Path, inside: str = "资料/交付.gdb/", **more: bytes) -> Path:
    parts = {f"{inside}{part.name}": part.read_bytes() for part in sorted(source.iterdir())}
    return files.zipped(path, {**parts, **more})


def codes(file: ParcelFile) -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == "error"]


def test_a_zipped_geodatabase_round_trips(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", geodatabase(tmp_path))
    delivery, (record,) = read(path)
    assert (delivery.crs, delivery.count) == (4490, 1)
    assert record.geometry is not None and same(record.geometry, SHAPE)
    assert {name: record.values[name] for name in WORDS} == WORDS
    with opened(path, path.name) as (file, _):
        assert file.name == "交付.gdb"
        assert {part.suffix for part in file.path.iterdir()} <= {".gdbtable", ".gdbtablx", ".gdbindexes", ""}


def test_a_geodatabase_has_more_files_than_other_archives_may(tmp_path: Path) -> None:
    source = geodatabase(tmp_path)
    for number in range(limits.ARCHIVE_ENTRIES):
        (source / f"a{number:08x}.索引.atx").write_bytes(b"x")
    assert read_parcels(packed(tmp_path / "a.zip", source), "a.zip").ok


def test_the_layer_that_is_meant_is_asked_for_where_there_are_several(tmp_path: Path) -> None:
    path = geodatabase(tmp_path)
    files.gdal(path, [(SHAPE, WORDS)], driver="OpenFileGDB", layer="道路", append=True)
    (issue,) = read_parcels(path, path.name).issues
    assert issue.code == "layers"
    assert "地块" in issue.message and "道路" in issue.message


@pytest.mark.parametrize("inside", ["", "资料/"])
def test_the_files_without_their_folder_are_refused(tmp_path: Path, inside: str) -> None:
    path = packed(tmp_path / "a.zip", geodatabase(tmp_path), inside)
    assert codes(read_parcels(path, "a.zip")) == ["geodatabase_folder"]


def test_a_member_that_points_outside_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", geodatabase(tmp_path), **{"a.gdb/../../a00000001.gdbtable": b"x"})
    assert codes(read_parcels(path, "a.zip")) == ["zip_path"]


@pytest.mark.parametrize("part", ["a00000001.gdbtable", "a00000009.gdbtable", "a00000009.gdbtablx"])
def test_a_damaged_geodatabase_is_refused_and_never_read_as_fewer_rows(tmp_path: Path, part: str) -> None:
    path = geodatabase(tmp_path)
    (path / part).write_bytes((path / part).read_bytes()[:-20])
    assert codes(read_parcels(path, path.name))


def test_any_table_changes_the_digest(tmp_path: Path) -> None:
    path = geodatabase(tmp_path)
    before = digest_of(path)
    (path / "a00000009.gdbtable").write_bytes((path / "a00000009.gdbtable").read_bytes() + b"x")
    assert digest_of(path) != before


def test_a_truncated_flatgeobuf_is_refused(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.fgb", [(SHAPE, WORDS)] * 50, driver="FlatGeobuf")
    data = path.read_bytes()
    for cut in (20, len(data) // 2, len(data) - 100):
        path.write_bytes(data[:cut])
        assert codes(read_parcels(path, "a.fgb"))
