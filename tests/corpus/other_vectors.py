"""FlatGeobuf, GeoParquet, FileGDB and DXF that are damaged or no such thing, and formats that nobody reads."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

import ezdxf
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from tests.corpus.entry import World, Write, control, data, held, refused, rubbish, square
from tests.loaders import files

NAMES = ("示例地块0", "示例地块1")
CORNERS = [(29524570.0, 4876500.0), (29524670.0, 4876500.0), (29524670.0, 4876400.0), (29524570.0, 4876400.0)]
ZONE = {"layer": "eco_redline", "crs": "EPSG:4517"}
BOW_TIE = shapely.Polygon([(87.304, 44.01), (87.306, 44.012), (87.306, 44.01), (87.304, 44.012)])


def by_gdal(path: Path, driver: str, **options: str) -> None:
    shapes = np.array([shapely.Polygon(square(n)).wkb for n in range(2)], dtype=object)
    columns = [np.array([f"G{n}" for n in range(2)], dtype=object), np.array(NAMES, dtype=object)]
    pyogrio.raw.write(
        path, shapes, columns, ["DKBM", "DKMC"], driver=driver, crs="EPSG:4490", geometry_type="Polygon",
        layer="地块", encoding="UTF-8", **options,
    )  # fmt: skip


def flatgeobuf(start: int | None = None, stop: int | None = None) -> Write:
    """A FlatGeobuf of two plots, or a part of its bytes."""

    def write(path: Path, world: World) -> None:
        by_gdal(path, "FlatGeobuf", SPATIAL_INDEX="NO")
        path.write_bytes(path.read_bytes()[start:stop])

    return write


def flatgeobuf_of_12000(path: Path, world: World) -> None:
    by_gdal(path, "FlatGeobuf", SPATIAL_INDEX="NO")
    content, count = path.read_bytes(), struct.pack("<Q", 2)
    assert content.count(count) == 1
    path.write_bytes(content.replace(count, struct.pack("<Q", 12_000)))


def flatgeobuf_overwritten(start: int, stop: int) -> Write:
    def write(path: Path, world: World) -> None:
        by_gdal(path, "FlatGeobuf", SPATIAL_INDEX="NO")
        content = bytearray(path.read_bytes())
        content[start:stop] = b"\xff" * (stop - start)
        path.write_bytes(bytes(content))

    return write


def parquet(system: object = "EPSG:4490", *, told: str | None = None, shape: bytes | None = None) -> Write:
    """A GeoParquet of a good plot and one whose shape may be given; `told`: what its metadata say instead."""

    def write(path: Path, world: World) -> None:
        named = {"id": {"authority": "EPSG", "code": int(str(system)[5:])}} if system else None
        about = {
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": named}},
        }
        shapes = [shapely.Polygon(square(0)).wkb, shape or shapely.Polygon(square(1)).wkb]
        table = pa.table({"DKBM": ["G0", "G1"], "DKMC": list(NAMES), "geometry": shapes})
        pq.write_table(table.replace_schema_metadata({"geo": told or json.dumps(about)}), path)

    return write


def parquet_cut(path: Path, world: World) -> None:
    parquet()(path, world)
    path.write_bytes(path.read_bytes()[:-20])


def parquet_hollow(path: Path, world: World) -> None:
    parquet()(path, world)
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * (len(content) // 3) + content[4 + len(content) // 3 :])


def geodatabase(change: dict[str, bytes] | None = None, rename: bool = False) -> Write:
    """A zipped FileGDB of two plots; `change`: ending of a file's name → what it holds instead, "" leaves it out."""

    def write(path: Path, world: World) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            source = Path(folder, "a.gdb")
            by_gdal(source, "OpenFileGDB")
            members = {f"a.gdb/{part.name}": part.read_bytes() for part in sorted(source.iterdir())}
        if rename:
            wrong = "地块".encode()[:4] + b"\xff" + "地块".encode()[5:]
            members = {name: content.replace("地块".encode(), wrong) for name, content in members.items()}
        for ending, content in (change or {}).items():
            for name in [name for name in members if name.endswith(ending)]:
                members[name] = content
        files.zipped(path, {name: content for name, content in members.items() if content})

    return write


def drawing(
    *, closed: bool = True, cut: int | None = None, layers: tuple[str, ...] = ("JZX",), scale: float = 1.0
) -> Write:
    def write(path: Path, world: World) -> None:
        document = ezdxf.new("R2010")
        for number, layer in enumerate(layers):
            points = [(x * scale + 200 * number, y * scale) for x, y in CORNERS]
            document.modelspace().add_lwpolyline(points, close=closed, dxfattribs={"layer": layer})
        document.saveas(path)
        path.write_bytes(path.read_bytes()[:cut])

    return write


ENTRIES = (
    control("plain.fgb", flatgeobuf(), *NAMES),
    refused("cut.fgb", flatgeobuf(stop=-100), "truncated", "vector_unreadable"),
    refused("head_alone.fgb", flatgeobuf(stop=60), "vector_unreadable"),
    refused("without_its_name.fgb", flatgeobuf(start=8), "wrong_content"),
    refused("rubbish_after_its_name.fgb", rubbish("fgb", head=b"fgb\x03fgb\x01"), "vector_unreadable"),
    refused("says_12000_rows.fgb", flatgeobuf_of_12000, "truncated", "vector_unreadable", read=None),
    held("overwritten.fgb", flatgeobuf_overwritten(-60, -20), "not_finite"),
    control("plain.parquet", parquet(), *NAMES),
    held("shape_is_rubbish.parquet", parquet(shape=b"\x01\x03rubbish"), "geometry_unreadable"),
    held("bow_tie.parquet", parquet(shape=BOW_TIE.wkb), "self_intersection"),
    refused("cut.parquet", parquet_cut, "truncated"),
    refused("hollow.parquet", parquet_hollow, "parquet_unreadable"),
    refused(
        "rubbish_between_its_names.parquet", data(b"PAR1" + b"\xff" * 500 + b"PAR1"), "parquet_unreadable"
    ),
    refused("rubbish.parquet", rubbish("parquet"), "wrong_content"),
    refused("no_parquet_of_shapes.parquet", parquet(told="[]"), "parquet_unreadable"),
    refused("xian_1980.parquet", parquet("EPSG:4610"), "needs_official_conversion"),
    refused("no_system.parquet", parquet(None), "crs_missing"),
    control("plain_gdb.zip", geodatabase(), *NAMES),
    refused("gdb_of_rubbish.zip", geodatabase({".gdbtable": b"\xff" * 400}), "vector_unreadable"),
    refused("gdb_layer_of_half_characters.zip", geodatabase(rename=True), "encoding_unreadable"),
    refused("gdb_without_its_catalog.zip", geodatabase({"a00000001.gdbtable": b""}), "wrong_content"),
    refused("gdb_without_indexes.zip", geodatabase({".gdbtablx": b""}), "geodatabase_part"),
    control("plain.dxf", drawing(), "", **ZONE),
    refused("not_closed.dxf", drawing(closed=False), "not_closed", read=1, **ZONE),
    refused("without_system.dxf", drawing(), "crs_missing", read=1, layer="eco_redline"),
    refused("in_millimetres.dxf", drawing(scale=1000), "millimetres", **ZONE),
    refused("cut.dxf", drawing(cut=-400), "truncated", **ZONE),
    refused("two_layers.dxf", drawing(layers=("甲", "乙")), "layers", **ZONE),
    refused("rubbish.dxf", rubbish("dxf"), "wrong_content", **ZONE),
    refused(
        "rubbish_with_its_words.dxf", rubbish("dxf2", head=b"  0\nSECTION\n", size=500), "truncated", **ZONE
    ),
    refused(
        "groups_of_nothing.dxf",
        data("  0\nSECTION\n  2\nENTITIES\nx\ny\n  0\nEOF\n"),
        "dxf_unreadable",
        **ZONE,
    ),
    refused("binary.dxf", rubbish("dxf3", head=b"AutoCAD Binary DXF\r\n\x1a\0"), "dxf_binary", **ZONE),
    refused("drawing.dwg", rubbish("dwg", head=b"AC1032"), "format_unsupported"),
    refused("personal.mdb", rubbish("mdb"), "format_unsupported"),
    refused("mapgis.wp", rubbish("wp"), "format_unsupported"),
    refused("program.exe", rubbish("exe", head=b"MZ"), "format_unsupported"),
)
