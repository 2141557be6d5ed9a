"""Files that want something else: each is refused with a code and advice, and no other file is read."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest

from loaders import gdal_settings
from loaders.parcels import ParcelFile, read_parcels
from tests.grid import grid
from tests.loaders import files

PLAN = grid("""
    A . B
    . . .
    D . E
""")
SHAPE = PLAN.polygon("ABED")
VRT = '<OGRVRTDataSource><OGRVRTLayer name="bait"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def codes(file: ParcelFile) -> list[str]:
    assert not file.ok
    assert all(issue.message and "Traceback" not in issue.message for issue in file.issues)
    return [issue.code for issue in file.issues if issue.severity == "error"]


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.csv", "a.txt", "a.xlsx", "a.zip"])
def test_a_virtual_file_under_a_harmless_name_reads_nothing(tmp_path: Path, name: str) -> None:
    bait = files.geojson(tmp_path / "bait.geojson", [(SHAPE, {"secret": "bait"})])
    path = tmp_path / name
    path.write_text(VRT.format(bait))
    file = read_parcels(path, name)
    assert codes(file)
    assert not file.parcels


@pytest.mark.parametrize("name", ["/vsicurl/http://127.0.0.1:9/a.gpkg", "/vsizip//etc/a.zip"])
def test_a_name_that_is_an_address_is_no_file(name: str) -> None:
    assert codes(read_parcels(Path(name), "a.gpkg")) == ["file_missing"]


def test_gdal_has_only_the_drivers_that_are_asked_for_and_memory() -> None:
    assert set(pyogrio.list_drivers()) == {"ESRI Shapefile", "GPKG", "OpenFileGDB", "FlatGeobuf", "MEM"}
    assert "VRT" in gdal_settings.SWITCHED_OFF


def polygon(*rings: list[list[float]]) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": rings}).encode()


SHELL = [[87.30, 44.01], [87.31, 44.01], [87.31, 44.02], [87.30, 44.02], [87.30, 44.01]]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.shp", "a.zip", "a.txt", "a.json"])
@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, b"PK\x03\x04" + b"\0" * 99, b"x" * 3]
)
def test_rubbish_under_any_name_is_refused_and_nothing_breaks(name: str, data: bytes) -> None:
    assert codes(read_parcels(data, name))


def feature(
    properties: str = "{}", geometry: str = json.dumps({"type": "Polygon", "coordinates": [SHELL]})
) -> bytes:
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'.encode()


HUGE = "9" * 400


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"type": [1], "coordinates": []}', "not_geojson"),
        (b'{"type": {"a": 1}}', "not_geojson"),
        (b'{"type": "FeatureCollection", "features": [{"type": ["Feature"]}]}', "not_a_feature"),
        (feature(geometry='{"type": [1], "coordinates": []}'), "geometry_type"),
        (feature(geometry=f'{{"type": "Polygon", "coordinates": [[[{HUGE}, 1], [2, 3], [4, 5]]]}}'), "not_finite"),
        (feature(geometry='{"type": "Polygon", "coordinates": [[[87.3, 1e999], [2, 3]]]}'), "not_finite"),
        (feature('{"地块编号": "\\ud800"}'), "not_text"),
        (feature('{"\\udfff": 1}'), "not_text"),
        (feature('{"地块编号": "a\\u0000b"}'), "not_text"),
        (feature('{"地块编号": "a\\u0007b"}'), "control_character"),
        (feature(f'{{"地块名称": "{"长" * 100_000}"}}'), "text_too_long"),
    ],
)  # fmt: skip
def test_json_that_python_takes_and_nothing_else_does_is_refused(data: bytes, code: str) -> None:
    assert codes(read_parcels(data, "a.geojson")) == [code]


@pytest.mark.parametrize("number", [HUGE, "1e999", "NaN", "true", '"x"', "[1]", "null"])
def test_a_declared_number_that_is_none_is_left_out(number: str) -> None:
    data = feature(f'{{"declared_area_m2": {number}, "declared_points": {number}, "no": [{number}]}}')
    file = read_parcels(data, "a.geojson")
    assert file.ok
    (parcel,) = file.parcels
    assert (parcel.declared_area_m2, parcel.points, parcel.no) == (None, None, "1")


def test_two_halves_of_one_character_and_a_written_escape_are_no_fault() -> None:
    (parcel,) = read_parcels(feature('{"no": "\\ud840\\udc00", "name": "\\\\u0000"}'), "a.geojson").parcels
    assert (parcel.no, parcel.name) == ("\U00020000", "\\u0000")


@pytest.mark.parametrize("name", [".", "./", "/", " ", "\0"])
def test_a_zip_with_a_name_that_is_none_reads_or_refuses_and_nothing_breaks(
    tmp_path: Path, name: str
) -> None:
    path = files.zipped(tmp_path / "a.zip", {name.replace("\0", "QQ"): b"", "a.geojson": polygon(SHELL)})
    path.write_bytes(path.read_bytes().replace(b"QQ", b"\0Q"))
    file = read_parcels(path, "a.zip")
    assert file.ok or codes(file) == ["zip_path"]


@pytest.mark.parametrize("name", ["a." + "y" * 300, "y" * 300 + ".geojson", "a.\0", "..", "/", "a.geojson/"])
def test_a_file_name_never_reaches_the_disk(name: str) -> None:
    file = read_parcels(polygon(SHELL), name)
    assert file.ok or codes(file) == ["format_unsupported"]
    assert all(len(issue.message) < 100 for issue in file.issues)
