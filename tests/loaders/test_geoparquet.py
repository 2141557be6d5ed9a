"""GeoParquet that pyarrow wrote, by its standard: systems, broken shapes, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest

from loaders import limits, sandbox
from loaders.parcels import ParcelFile, read_parcels
from spatial import crs
from tests.loaders.test_formats import SHAPE, WORDS, same

CGCS2000 = pyproj.CRS.from_epsg(4490).to_json_dict()


def geoparquet(path: Path, shapes: list[Any], system: Any = CGCS2000, **column: Any) -> Path:
    """A table with a column of shapes; `system` is the crs member, `...` leaves it out."""
    told = {"encoding": "WKB", "geometry_types": [], "crs": system, **column}
    if system is ...:
        del told["crs"]
    about = {"version": "1.1.0", "primary_column": "图形", "columns": {"图形": told}}
    wkb = [shape if isinstance(shape, bytes | None) else shape.wkb for shape in shapes]
    table = pa.table({**{name: [value] * len(wkb) for name, value in WORDS.items()}, "图形": wkb})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), path)
    return path


def codes(file: ParcelFile) -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == "error"]


@pytest.mark.parametrize(
    ("system", "epsg"),
    [
        (..., 4326),
        (pyproj.CRS.from_user_input("OGC:CRS84").to_json_dict(), 4326),
        ({"id": {"authority": "EPSG", "code": 4517}}, 4517),
        (
            {
                name: value
                for name, value in pyproj.CRS.from_epsg(4517).to_json_dict().items()
                if name != "id"
            },
            4517,
        ),
    ],
    ids=["left out", "CRS84", "by code", "by definition"],
)
def test_the_system_of_the_file_is_understood(tmp_path: Path, system: Any, epsg: int) -> None:
    path = geoparquet(tmp_path / "a.parquet", [crs.from_storage(SHAPE, epsg)], system)
    file = read_parcels(path, path.name)
    assert (file.ok, file.crs) == (True, epsg)
    assert same(file.parcels[0].geometry, SHAPE)


def test_an_unknown_system_is_asked_for_and_an_old_or_another_one_refused(tmp_path: Path) -> None:
    path = geoparquet(tmp_path / "a.parquet", [SHAPE], None)
    assert codes(read_parcels(path, path.name)) == ["crs_missing"]
    assert read_parcels(path, path.name, crs="EPSG:4490").ok
    path = geoparquet(tmp_path / "b.parquet", [SHAPE], pyproj.CRS.from_epsg(4610).to_json_dict())
    assert codes(read_parcels(path, path.name)) == ["needs_official_conversion"]
    path = geoparquet(tmp_path / "c.parquet", [SHAPE])
    assert codes(read_parcels(path, path.name, crs="EPSG:4517")) == ["crs_conflict"]


def test_the_bounded_child_reads_it_too(tmp_path: Path) -> None:
    data = geoparquet(tmp_path / "a.parquet", [SHAPE]).read_bytes()
    file = sandbox.read_parcels(data, "a.parquet")
    assert file.ok
    assert same(file.parcels[0].geometry, SHAPE)


def test_rows_without_a_shape_and_with_a_broken_one_are_named(tmp_path: Path) -> None:
    path = geoparquet(tmp_path / "a.parquet", [SHAPE, None, b"\x01\x06\0\0"])
    file = read_parcels(path, path.name)
    found = [(issue.row, issue.code) for issue in file.issues if issue.severity == "error"]
    assert found == [(2, "no_geometry"), (3, "geometry_unreadable")]


@pytest.mark.parametrize("column", [{"encoding": "polygon"}, {"edges": "spherical"}])
def test_shapes_of_another_kind_are_refused(tmp_path: Path, column: dict[str, str]) -> None:
    path = geoparquet(tmp_path / "a.parquet", [SHAPE], **column)
    assert codes(read_parcels(path, path.name)) == ["parquet_encoding"]


@pytest.mark.parametrize(
    "told", [None, "x", "[]", "{}", '{"primary_column": [], "columns": {}}', "[" * 90_000]
)
def test_a_table_without_shapes_is_refused(tmp_path: Path, told: str | None) -> None:
    table = pa.table({"名称": ["甲"]})
    pq.write_table(table.replace_schema_metadata({"geo": told} if told else None), tmp_path / "a.parquet")
    (code,) = codes(read_parcels(tmp_path / "a.parquet", "a.parquet"))
    assert code in ("parquet_no_shapes", "parquet_unreadable")


def test_a_damaged_file_is_refused_and_never_read_as_fewer_rows(tmp_path: Path) -> None:
    data = geoparquet(tmp_path / "a.parquet", [SHAPE] * 100).read_bytes()
    for cut in (5, len(data) // 2, len(data) - 1):
        assert codes(read_parcels(data[:cut], "a.parquet"))
    for start in range(4, len(data) - 8, len(data) // 7):
        broken = data[:start] + b"\xff" * 40 + data[start + 40 :]
        file = sandbox.read_parcels(broken, "a.parquet")
        assert file.issues or len(file.parcels) == 100


def test_more_rows_columns_or_bytes_than_are_read_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = geoparquet(tmp_path / "a.parquet", [SHAPE] * 3)
    for name, most, code in (
        ("ROWS", 2, "too_many_rows"), ("COLUMNS", 2, "too_many_columns"), ("UNPACKED_BYTES", 100, "zip_too_large")
    ):  # fmt: skip
        with monkeypatch.context() as patched:
            patched.setattr(limits, name, most)
            assert codes(read_parcels(path.read_bytes(), "a.parquet"))[0] in (code, "file_too_large")
