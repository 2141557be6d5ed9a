"""KML and KMZ: the origin is asked, every fault named, nothing is followed or expanded."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from loaders.parcels import ParcelFile, read_parcels
from tests.loaders import files
from tests.loaders.test_formats import SHAPE, read

SQUARE = "87.30,44.01 87.31,44.01 87.31,44.02 87.30,44.02 87.30,44.01"
RING = "<LinearRing><coordinates>{}</coordinates></LinearRing>"
POLYGON = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>"


MIXED = (
    f"<MultiGeometry>{POLYGON.format(SQUARE)}<Point><coordinates>87,44</coordinates></Point></MultiGeometry>"
)


def kml(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    document = f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    return document.encode()


def placemark(shape: str, more: str = "<name>甲</name>") -> str:
    return f"<Placemark>{more}{shape}</Placemark>"


def codes(file: ParcelFile) -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == "error"]


def test_the_origin_is_asked_until_somebody_states_it() -> None:
    data = kml(placemark(POLYGON.format(SQUARE)))
    asked = read_parcels(data, "a.kml")
    assert [(issue.code, issue.severity) for issue in asked.issues] == [("origin_unknown", "notice")]
    stated = read_parcels(data, "a.kml", crs="EPSG:4490")
    assert (stated.ok, stated.issues, stated.crs) == (True, (), 4490)


@pytest.mark.parametrize(
    ("word", "system"), [("高德地图导出", "GCJ-02"), ("Baidu Map", "BD-09"), ("gcj02", "GCJ-02")]
)
def test_words_of_a_web_map_are_a_warning_that_names_them(word: str, system: str) -> None:
    data = kml(f"<description>{word}</description>" + placemark(POLYGON.format(SQUARE)))
    file = read_parcels(data, "a.kml")
    (issue,) = file.issues
    assert (issue.code, issue.severity) == ("origin_suspected", "warning")
    assert system in issue.message and (issue.value or "") in word
    assert file.parcels[0].geometry.bounds == (87.30, 44.01, 87.31, 44.02)


@pytest.mark.parametrize("crs", ["GCJ-02", "gcj02", "BD09", "百度坐标", "火星坐标系"])
@pytest.mark.parametrize("name", ["a.kml", "a.geojson"])
def test_coordinates_that_are_stated_to_be_shifted_are_refused(crs: str, name: str) -> None:
    data = kml(placemark(POLYGON.format(SQUARE))) if name == "a.kml" else shapely.to_geojson(SHAPE).encode()
    assert codes(read_parcels(data, name, crs=crs)) == ["coordinates_shifted"]


def test_folders_extended_data_and_an_old_encoding_are_read(tmp_path: Path) -> None:
    data = '<ExtendedData><Data name="地块编号"><value>DK-1</value></Data></ExtendedData>'
    body = f"<Folder><name>一期</name>{placemark(POLYGON.format(SQUARE), data)}</Folder>"
    text = kml(body, '<?xml version="1.0" encoding="GBK"?>').decode()
    (tmp_path / "a.kml").write_bytes(text.encode("gbk"))
    delivery, (record,) = read(tmp_path / "a.kml")
    assert delivery.encoding == "gbk"
    assert dict(record.values) == {"folder": "一期", "地块编号": "DK-1"}


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (POLYGON.format("87.30, 44.01, 0\n87.31, 44.01, 0\n87.31, 44.02, 0\n87.30, 44.01, 0"), []),
        (POLYGON.format("87.30,44.01 87.31,44.01 87.31,44.02"), ["not_closed"]),
        (POLYGON.format("87.30,44.01 87.31,x 87.31,44.02"), ["coordinate_unreadable"]),
        (POLYGON.format("87.30,44.01 87.31,nan 87.31,44.02 87.30,44.01"), ["not_finite"]),
        (POLYGON.format("87.30 44.01"), ["geometry_unreadable"]),
        (POLYGON.format("44.01,87.30 44.01,87.31 44.02,87.31 44.01,87.30"), ["axes_swapped"]),
        ("<Point><coordinates>87.3,44</coordinates></Point>", ["geometry_type"]),
        (MIXED, ["geometry_type"]),
        ("<gx:Track xmlns:gx='g'/>", ["geometry_type"]),
        ("", ["no_geometry"]),
    ],
)  # fmt: skip
def test_every_fault_names_its_placemark(shape: str, found: list[str]) -> None:
    file = read_parcels(kml(placemark(POLYGON.format(SQUARE)) + placemark(shape)), "a.kml")
    assert [(issue.row, issue.code) for issue in file.issues if issue.severity == "error"] == [
        (2, c) for c in found
    ]


def test_height_is_dropped_and_told_and_links_are_told_and_not_opened() -> None:
    body = placemark(POLYGON.format(SQUARE.replace(" ", ",512 ")))
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    file = read_parcels(kml(body + link), "a.kml", crs="EPSG:4326")
    assert [issue.code for issue in file.issues] == ["links_ignored", "height_dropped"]


BOMB = '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("dtd", [BOMB, OUTSIDE, '<!DOCTYPE k SYSTEM "http://127.0.0.1:9/k.dtd">'])
def test_a_dtd_is_refused(dtd: str) -> None:
    data = kml(placemark(POLYGON.format(SQUARE), "<name>&a;</name>"), f'<?xml version="1.0"?>{dtd}')
    assert codes(read_parcels(data, "a.kml")) == ["xml_dtd"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (kml("<Folder>" * 100_000), "xml_too_deep"),
        (kml(placemark(""))[:-30], "kml_unreadable"),
        (b"<kml", "kml_unreadable"),
        (b"\xff\xff<kml/>", "encoding_unreadable"),
        (b'<?xml version="1.0" encoding="no-such"?><kml/>', "encoding_unknown"),
        (b"<kml/>", "no_rows"),
    ],
)
def test_what_is_no_kml_is_refused(data: bytes, code: str) -> None:
    assert codes(read_parcels(data, "a.kml")) == [code]


@pytest.mark.parametrize("name", ["../doc.kml", "/doc.kml", "a\\..\\..\\doc.kml"])
def test_a_kmz_that_points_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    path = files.zipped(tmp_path / "a.kmz", {name: kml(placemark(POLYGON.format(SQUARE)))})
    assert codes(read_parcels(path, path.name)) == ["zip_path"]


def test_a_kmz_bomb_two_files_and_none_are_refused(tmp_path: Path) -> None:
    one = kml(placemark(POLYGON.format(SQUARE)))
    for members, code in (
        ({"doc.kml": b" " * 50_000_000}, "zip_too_large"),
        ({"a.kml": one, "b.kml": one}, "zip_several"),
        ({"a.png": b"x"}, "zip_empty"),
    ):
        path = files.zipped(tmp_path / "a.kmz", members)
        assert codes(read_parcels(path, path.name)) == [code]
    path = files.zipped(tmp_path / "a.kmz", {"doc.kml": one, "files/other.kml": kml(""), "a.png": b"x"})
    assert read_parcels(path, path.name).ok
