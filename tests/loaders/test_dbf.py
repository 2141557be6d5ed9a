"""Texts of a Shapefile: in whatever encoding they come, none is lost or garbled without a word."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas
import pytest
import shapely

from loaders.formats import dbf, opened
from loaders.record import Delivery, FileRefused, Record

NAMES = ["昌吉市头屯河农场", "呼图壁县五工台镇", "木垒哈萨克自治县"]


def shapefile(folder: Path, names: list[str], encoding: str, cpg: bool = True) -> Path:
    """Three points with a name each, written by GDAL without our settings."""
    points = [shapely.Point(87.3 + n / 100, 44.0) for n in range(len(names))]
    frame = geopandas.GeoDataFrame({"DKMC": names, "编号": range(len(names))}, geometry=points, crs=4490)
    frame.to_file(folder / "a.shp", encoding=encoding, engine="pyogrio")
    if not cpg:
        (folder / "a.cpg").unlink()
    return folder / "a.shp"


def overwrite(path: Path, old: bytes, new: bytes) -> None:
    table = path.with_suffix(".dbf")
    data = table.read_bytes()
    assert data.count(old) == 1 and len(old) == len(new)
    table.write_bytes(data.replace(old, new))


def read(path: Path, encoding: str | None = None) -> tuple[Delivery, list[Record]]:
    with opened(path, path.name) as (file, reader):
        delivery = reader(file, crs=None, encoding=encoding)
        return delivery, list(delivery.records)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
@pytest.mark.parametrize("cpg", [True, False])
def test_texts_come_as_they_were_written(tmp_path: Path, encoding: str, cpg: bool) -> None:
    delivery, records = read(shapefile(tmp_path, NAMES, encoding, cpg))
    assert [record.values["DKMC"] for record in records] == NAMES
    assert [record.values["编号"] for record in records] == [0, 1, 2]
    assert delivery.encoding == (
        "utf-8" if encoding == "utf-8" else "gb18030" if not cpg else delivery.encoding
    )
    assert not any(record.issues for record in records)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_half_a_character_at_the_end_is_left_out_and_told_and_never_changes_the_encoding(
    tmp_path: Path, encoding: str
) -> None:
    path = shapefile(tmp_path, NAMES, encoding, cpg=False)
    whole = NAMES[1].encode(encoding)
    overwrite(path, whole, whole[:-1] + b" ")
    delivery, records = read(path)
    assert delivery.encoding == ("utf-8" if encoding == "utf-8" else "gb18030")
    assert [record.values["DKMC"] for record in records] == [NAMES[0], NAMES[1][:-1], NAMES[2]]
    (issue,) = records[1].issues
    assert (issue.code, issue.severity, issue.row, issue.field) == ("text_cut", "warning", 2, "DKMC")


def test_bytes_that_are_no_character_keep_their_row_out_with_the_bytes_told(tmp_path: Path) -> None:
    path = shapefile(tmp_path, NAMES, "gbk")
    whole = NAMES[0].encode("gbk")
    overwrite(path, whole, b"\xff\xff" + whole[2:])
    _, records = read(path)
    (issue,) = records[0].issues
    assert (issue.code, issue.severity, issue.row, issue.field) == ("text_undecodable", "error", 1, "DKMC")
    assert records[0].values["DKMC"] == "\\xff\\xff" + NAMES[0][1:]
    assert [record.values["DKMC"] for record in records[1:]] == NAMES[1:]


def test_a_cpg_that_lies_is_told_and_an_asked_encoding_is_kept(tmp_path: Path) -> None:
    path = shapefile(tmp_path, NAMES, "gbk")
    path.with_suffix(".cpg").write_text("UTF-8")
    delivery, records = read(path)
    assert [issue.code for issue in delivery.issues] == ["encoding_wrong"]
    assert [record.values["DKMC"] for record in records] == NAMES
    with pytest.raises(FileRefused) as refusal:
        read(path, "utf-8")  # even the name of a field is not
    assert refusal.value.issue.code == "encoding_unreadable"


def test_rows_marked_as_deleted_are_counted_and_told(tmp_path: Path) -> None:
    path = shapefile(tmp_path, NAMES, "gbk")
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    _, start, length = struct.unpack("<4xIHH", data[:12])
    data[start + length] = ord("*")
    table.write_bytes(data)
    delivery, records = read(path)
    assert [(issue.code, "1 行" in issue.message) for issue in delivery.issues] == [("rows_deleted", True)]
    assert [record.values["DKMC"] for record in records] == [NAMES[0], NAMES[2]]


def test_damage_is_found_in_the_row_that_a_reader_numbers_behind_a_deleted_one(tmp_path: Path) -> None:
    path = shapefile(tmp_path, NAMES, "gbk")
    last = NAMES[2].encode("gbk")
    overwrite(path, last, b"\xff\xff" + last[2:])
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    data[struct.unpack("<4xIHH", data[:12])[1]] = ord("*")
    table.write_bytes(data)
    (damage,) = dbf.look_at(table).damages["gb18030"]
    assert (damage.row, damage.field, damage.is_cut) == (2, 0, False)
    _, records = read(path)
    assert [[issue.code for issue in record.issues] for record in records] == [[], ["text_undecodable"]]
