"""GeoJSON that is wrong as text, as JSON, in its properties or in what it says about its coordinates."""

from __future__ import annotations

import json
from pathlib import Path

from tests.corpus.entry import World, control, data, held, loaded, refused, square
from tests.corpus.geojson_file import beside_a_good_one, collection, feature, plot, polygon

TWO = collection(plot(0), plot(1))
NAMES = ("示例地块0", "示例地块1")
OLD_DATUM = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4610"}}, '
VRT = '<OGRVRTDataSource><OGRVRTLayer name="bait"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def property_of(text: str) -> str:
    """A feature whose name is this piece of JSON."""
    said = f'{{"DKBM": "H1", "DKMC": {text}}}'
    return f'{{"type": "Feature", "properties": {said}, "geometry": {polygon(square(1))}}}'


def to_bait(path: Path, world: World) -> None:
    path.write_text(VRT.format(world.bait), encoding="utf-8")


def to_url(path: Path, world: World) -> None:
    path.write_text(VRT.format(f"/vsicurl/{world.url}/a.geojson"), encoding="utf-8")


def linked_crs(path: Path, world: World) -> None:
    member = f'"crs": {{"type": "link", "properties": {{"href": "{world.url}/4490.wkt"}}}}, '
    path.write_text(collection(plot(0), members=member), encoding="utf-8")


def crs_in_a_file(path: Path, world: World) -> None:
    """PROJ takes such a name for a file with definitions."""
    member = OLD_DATUM.replace("urn:ogc:def:crs:EPSG::4610", f"+init={world.bait}:4490")
    path.write_text(collection(plot(0), members=member), encoding="utf-8")


ENTRIES = (
    control("plain.geojson", data(TWO), *NAMES),
    control("byte_order_mark.geojson", data(b"\xef\xbb\xbf" + TWO.encode()), *NAMES),
    control("utf16.geojson", data(TWO.encode("utf-16")), *NAMES),
    control("gbk.geojson", data(TWO.encode("gbk")), *NAMES),
    control(
        "formula.geojson",
        data(collection(plot(0, DKMC='=HYPERLINK("http://127.0.0.1:9/","点此")'))),
        '=HYPERLINK("http://127.0.0.1:9/","点此")',
    ),
    control(
        "astral.geojson",
        data(
            collection(feature(polygon(square(0)), DKBM="G0", DKMC="𠮷野家（示例）")).replace(
                "𠮷", "\\ud842\\udfb7"
            )
        ),
        "𠮷野家（示例）",
    ),
    refused("empty.geojson", data(b""), "file_empty"),
    refused(
        "bad_utf8.geojson", data(TWO.encode().replace("示".encode(), b"\xff\xff")), "encoding_unreadable"
    ),
    refused(
        "two_encodings.geojson",
        data(collection(plot(0)).encode()[:-4] + b"," + plot(1).encode("gbk") + b"]}"),
        "encoding_mixed",
    ),
    refused("nul.geojson", data(TWO.replace("示例", "示\0例")), "not_text"),
    refused("nul_escaped.geojson", beside_a_good_one(property_of('"a\\u0000b"')), "not_text"),
    refused("half_a_character.geojson", beside_a_good_one(property_of('"a\\ud800b"')), "not_text"),
    refused("truncated.geojson", data(TWO.encode()[:-30]), "json_unreadable"),
    refused("trailing.geojson", data(TWO + "]"), "json_unreadable"),
    refused("a_feature_a_line.geojson", data(f"{plot(0)}\n{plot(1)}\n"), "json_unreadable"),
    refused("single_quotes.geojson", data(TWO.replace('"', "'")), "json_unreadable"),
    refused(
        "html.geojson", data("<!DOCTYPE html><html><body>404 Not Found</body></html>"), "json_unreadable"
    ),
    refused("vrt_to_a_file.geojson", to_bait, "json_unreadable"),
    refused("vrt_to_an_address.geojson", to_url, "json_unreadable"),
    refused("half_of_utf16.geojson", data(b"\xff\xfe\xff"), "encoding_unreadable"),
    refused(
        "collection_alone.geojson", data('{"type": "GeometryCollection", "geometries": []}'), "not_geojson"
    ),
    refused("a_list_for_the_type.geojson", data('{"type": [1], "coordinates": []}'), "not_geojson"),
    refused("topojson.geojson", data('{"type": "Topology", "objects": {}, "arcs": []}'), "not_geojson"),
    refused(
        "esri.json",
        data(
            '{"geometryType": "esriGeometryPolygon", "features": [{"attributes": {}, "geometry": {"rings": []}}]}'
        ),
        "not_geojson",
    ),
    refused(
        "features_are_no_list.geojson",
        data('{"type": "FeatureCollection", "features": {"0": {}}}'),
        "not_geojson",
    ),
    refused("no_features.geojson", data(collection()), "no_rows"),
    refused("deep.geojson", data("[" * 200_000 + "]" * 200_000), "json_too_deep"),
    refused("deep_property.geojson", beside_a_good_one(property_of("[" * 600 + "]" * 600)), "json_too_deep"),
    refused(
        "whole_number_of_5000_digits.geojson", beside_a_good_one(property_of("9" * 5000)), "json_unreadable"
    ),
    refused("half_a_character_twice.geojson", data('{"\\ud800": 1, "\\ud800": 2}'), "json_name_twice"),
    refused(
        "names_300000.geojson",
        data("{" + "".join(f'"{n}": 1, ' for n in range(300_000)) + '"7": 2}'),
        "json_name_twice",
    ),
    refused("features_twice.geojson", data(TWO[:-2] + f', "features": [{plot(2)}]}}'), "json_name_twice"),
    refused(
        "code_twice.geojson",
        data(collection(plot(0).replace('"DKBM": "G0"', '"DKBM": "G0", "DKBM": "G9"'))),
        "json_name_twice",
    ),
    refused(
        "columns_300.geojson",
        beside_a_good_one(feature(polygon(square(1)), **{f"f{n}": n for n in range(300)})),
        "too_many_columns",
    ),
    held("a_number_for_a_feature.geojson", beside_a_good_one("7"), "not_a_feature"),
    loaded(
        "column_of_a_terminal.geojson",
        beside_a_good_one(plot(1, **{"\x1b[2J\x1b]0;净土\x07": 1, "\u202e别的": 2})),
        told=["columns_unused"],
    ),
    held(
        "value_of_a_terminal.geojson",
        beside_a_good_one(plot(1, XZQDM="\x1b[2J\u202e650109")),
        "county_unknown",
    ),
    loaded(
        "choice_of_a_terminal.geojson",
        beside_a_good_one(plot(1, HYLB="\x1b[2J")),
        repaired=1,
        told=["control_character"],
    ),
    loaded(
        "date_of_a_terminal.geojson",
        beside_a_good_one(plot(1, LRRQ="\x1b[2J")),
        repaired=1,
        told=["not_a_date"],
    ),
    loaded(
        "ratio_of_a_terminal.geojson",
        beside_a_good_one(plot(1, 最大超标倍数_筛选1="\x1b[2J")),
        repaired=1,
        told=["not_a_number"],
    ),
    held(
        "properties_of_a_list.geojson",
        beside_a_good_one(f'{{"type": "Feature", "properties": ["H1"], "geometry": {polygon(square(1))}}}'),
        "properties_unreadable",
    ),
    held(
        "code_of_400_digits.geojson",
        beside_a_good_one(feature(polygon(square(1)), DKBM=10**400)),
        "code_rounded",
    ),
    loaded(
        "ratio_of_400_digits.geojson",
        beside_a_good_one(plot(1, 最大超标倍数_筛选1=10**400)),
        repaired=1,
        told=["not_a_number"],
    ),
    held("a_list_for_a_type.geojson", beside_a_good_one('{"type": ["Feature"]}'), "not_a_feature"),
    held(
        "code_of_70_kb.geojson",
        beside_a_good_one(feature(polygon(square(1)), DKBM="编" * 24_000)),
        "text_unusable",
    ),
    held(
        "code_rounded.geojson",
        beside_a_good_one(feature(polygon(square(1)), DKBM=6.52301e17)),
        "code_rounded",
    ),
    held(
        "code_with_bell.geojson",
        beside_a_good_one(feature(polygon(square(1)), DKBM="H\x071")),
        "control_character",
    ),
    loaded(
        "name_of_70_kb.geojson",
        beside_a_good_one(property_of(json.dumps("名" * 24_000))),
        repaired=1,
        told=["text_unusable"],
    ),
    loaded(
        "name_with_bell.geojson",
        beside_a_good_one(property_of('"示例\\u0007地块"')),
        repaired=1,
        told=["control_character"],
    ),
    loaded(
        "name_turned_round.geojson",
        beside_a_good_one(property_of('"示例\\u202e块地"')),
        repaired=1,
        told=["control_character"],
    ),
    loaded(
        "gcj02_in_a_name.geojson",
        beside_a_good_one(property_of('"高德地图描绘（示例）"')),
        told=["origin_suspected"],
    ),
    refused(
        "gcj02_system.geojson",
        data(collection(plot(0), members=OLD_DATUM.replace("urn:ogc:def:crs:EPSG::4610", "GCJ-02"))),
        "coordinates_shifted",
    ),
    refused("xian_1980.geojson", data(collection(plot(0), members=OLD_DATUM)), "needs_official_conversion"),
    refused(
        "beijing_1954.geojson",
        data(collection(plot(0), members=OLD_DATUM.replace("4610", "4214"))),
        "needs_official_conversion",
    ),
    refused(
        "web_mercator.geojson",
        data(collection(plot(0), members=OLD_DATUM.replace("4610", "3857"))),
        "crs_unsupported",
    ),
    refused(
        "unknown_system.geojson",
        data(collection(plot(0), members=OLD_DATUM.replace("urn:ogc:def:crs:EPSG::4610", "独立坐标系"))),
        "crs_unreadable",
    ),
    refused("system_in_a_file.geojson", crs_in_a_file, "crs_unreadable"),
    refused("linked_system.geojson", linked_crs, "crs_unreadable"),
    refused("no_system.geojson", data(collection(plot(0), members='"crs": null, ')), "crs_missing"),
)
