"""The shapes of an overlay for other GIS: GeoPackage with styles, GeoJSON, Shapefile in GBK for who needs it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from api.overlays.qgis import Look, Styled, write_styles
from api.overlays.tables import title_of
from api.papers.looks import VERDICT_COLOURS
from spatial import answer, catalog, rules
from spatial.models import AreaOverlay
from spatial.overlays.area import class_title

GEOMETRY = "geom"
SYSTEM = "EPSG:4490"
TITLES = {"plot": "地块", "piece": "压占分摊", "hit": "相交要素"}
TEXT, NUMBER, WHOLE = pa.string(), pa.float64(), pa.int64()
COLUMNS: dict[str, tuple[tuple[str, str, pa.DataType], ...]] = {
    "plot": (
        ("plot", "次序", WHOLE), ("no", "地块", TEXT), ("name", "名称", TEXT), ("use", "规划用途", TEXT),
        ("area_m2", "面积", NUMBER), ("counted_m2", "计入面积", NUMBER), ("verdict", "结论代码", TEXT),
        ("verdict_title", "结论", TEXT), ("complete", "核查完整", TEXT), ("counties", "县市", TEXT),
    ),
    "piece": (
        ("plot", "次序", WHOLE), ("no", "地块", TEXT), ("use", "规划用途", TEXT), ("layers", "图层代码", TEXT),
        ("layers_title", "压占图层", TEXT), ("state", "状态", TEXT), ("area_m2", "面积", NUMBER),
        ("open_m2", "待补面积", NUMBER),
    ),
    "hit": (
        ("plot", "次序", WHOLE), ("no", "地块", TEXT), ("use", "规划用途", TEXT), ("layer", "图层代码", TEXT),
        ("layer_title", "图层", TEXT), ("code", "要素编号", TEXT), ("name", "要素名称", TEXT),
        ("area_m2", "面积", NUMBER),
        ("length_m", "长度", NUMBER),
    ),
}  # fmt: skip
"""Kind of shape → (column, its Chinese name in a Shapefile of at most ten bytes in GBK, type)."""
STATES = {"clear": "未压占", "unknown": "资料不全", "restricted": "有压占"}
STATE_COLOURS = {"clear": "#0B8570", "unknown": "#4A4D55", "restricted": "#C2520A"}
DBF_BYTES = 254
GETA = "〓"
"""What stands for a sign that GBK does not have."""
SIDES = ("", "_b")
FAMILIES = {"Polygon": "", "Line": "_line", "Point": "_point"}


@dataclass(frozen=True)
class Shapes:
    """The shapes of one kind and one family of geometry, of one side."""

    table: str
    kind: str
    geometry: str
    rows: list[dict[str, Any]]
    shapes: list[shapely.Geometry]


def shapes_of(one: AreaOverlay) -> list[Shapes]:
    """All stored shapes, in tables that hold one type of geometry each."""
    found: dict[tuple[int, str, str], Shapes] = {}
    for row in one.shapes.order_by("order").iterator(chunk_size=500):
        shape = shapely.from_wkb(bytes(row.geom.wkb))
        family = next(name for name in FAMILIES if name in shape.geom_type)
        geometry = (
            shape.geom_type
            if family == "Point"
            else "MultiLineString"
            if family == "Line"
            else "MultiPolygon"
        )
        table = f"{row.kind}s{FAMILIES[family]}{SIDES[row.side]}"
        there = found.setdefault((row.side, row.kind, family), Shapes(table, row.kind, geometry, [], []))
        there.rows.append(_row(row.kind, row.told))
        there.shapes.append(shape)
    return list(found.values())


def _row(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    row = {**told, "use": class_title(told["use"]), "plot": told["plot"] + 1}
    if kind == "plot":
        row |= {
            "verdict_title": rules.current().verdict_terms[told["verdict"]],
            "complete": "是" if told["complete"] else "否",
            "counties": "、".join(told["counties"]),
        }
    elif kind == "piece":
        state = "restricted" if told["layers"] else "clear" if told["known"] else "unknown"
        row |= {
            "layers": ",".join(told["layers"]),
            "layers_title": " + ".join(title_of(layer) for layer in told["layers"]),
            "state": STATES[state],
            "open_m2": told["incomplete_m2"],
        }
    else:
        row |= {"layer_title": title_of(told["layer"])}
    return row


def geojson(one: AreaOverlay, told: Mapping[str, Any]) -> bytes:
    """A FeatureCollection in EPSG:4490, longitude first; `kind` and `side` tell the shapes apart."""
    features = [
        {
            "type": "Feature",
            "properties": {"kind": row.kind, "side": row.side, **_row(row.kind, row.told)},
            "geometry": answer.geojson(shapely.from_wkb(bytes(row.geom.wkb))),
        }
        for row in one.shapes.order_by("order").iterator(chunk_size=500)
    ]
    head = {
        name: told[name]
        for name in ("number", "title", "as_of", "verdict", "complete", "versions", "fingerprint")
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    document = {"type": "FeatureCollection", "crs": crs, "overlay": head, "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def geopackage(one: AreaOverlay) -> bytes:
    """Every kind of shape as a table, with a style for each table of polygons."""
    import pyogrio  # takes geopandas with it where that is installed

    with tempfile.TemporaryDirectory(prefix="jingtu-") as folder:
        path = Path(folder) / "overlay.gpkg"
        found = shapes_of(one)
        for number, shapes in enumerate(found):
            pyogrio.write_arrow(
                _arrow(shapes, {}), path, layer=shapes.table, driver="GPKG", geometry_name=GEOMETRY,
                geometry_type=shapes.geometry, crs=SYSTEM, append=number > 0, layer_options={"FID": "fid"},
            )  # fmt: skip
        write_styles(path, GEOMETRY, [_styled(one) for one in found if one.geometry == "MultiPolygon"])
        return path.read_bytes()


def shapefile(one: AreaOverlay) -> bytes:
    """A zip of Shapefiles whose texts are GBK, with .cpg and .prj; long texts are cut, what GBK lacks becomes 〓."""
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="jingtu-") as folder:
        for shapes in shapes_of(one):
            names = {name: title for name, title, _ in COLUMNS[shapes.kind]}
            pyogrio.write_arrow(
                _arrow(shapes, names), Path(folder) / f"{shapes.table}.shp", driver="ESRI Shapefile",
                geometry_name=GEOMETRY, geometry_type=shapes.geometry, crs=SYSTEM, encoding="GBK",
            )  # fmt: skip
        target = Path(folder) / "overlay.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(Path(folder).glob("*.*")):
                if path != target:
                    packed.write(path, path.name)
        return target.read_bytes()


def _arrow(shapes: Shapes, names: Mapping[str, str]) -> pa.Table:
    """`names`: column → its name in a Shapefile; empty: the columns' own, texts as they are."""
    arrays, schema = [], []
    for name, _, kind in COLUMNS[shapes.kind]:
        cells: Sequence[Any] = [row.get(name) for row in shapes.rows]
        if names and kind == TEXT:
            cells = [None if cell is None else in_gbk(str(cell)) for cell in cells]
        arrays.append(pa.array(cells, kind))
        schema.append((names.get(name, name), kind))
    arrays.append(pa.array(shapely.to_wkb(shapes.shapes), pa.binary()))
    return pa.Table.from_arrays(arrays, schema=pa.schema([*schema, (GEOMETRY, pa.binary())]))


def in_gbk(text: str) -> str:
    """A text as a Shapefile in GBK can hold it: no more bytes than a field has, cut between two signs."""
    held = "".join(sign if _is_gbk(sign) else GETA for sign in text)
    while len(held.encode("gbk")) > DBF_BYTES:
        over = len(held.encode("gbk")) - DBF_BYTES
        held = held[: -max(1, over // 2)]
    return held


def _is_gbk(sign: str) -> bool:
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _styled(shapes: Shapes) -> Styled:
    if shapes.kind == "plot":
        book = rules.current()
        looks = [Look(one, book.verdict_terms[one], VERDICT_COLOURS[one], 0.35) for one in book.verdict_order]
        return Styled(shapes.table, "verdict", "地块按结论", looks)
    if shapes.kind == "piece":
        looks = [Look(STATES[state], STATES[state], colour) for state, colour in STATE_COLOURS.items()]
        return Styled(shapes.table, "state", "压占与否", looks)
    layers = dict.fromkeys(row["layer"] for row in shapes.rows)
    return Styled(shapes.table, "layer", "相交要素按图层", [_of_layer(layer) for layer in layers])


def _of_layer(layer: str) -> Look:
    known = catalog.current()
    classes = known.layer(layer).style.classes if layer in known.layers else ()
    fill = next((one.fill.color for one in classes if one.fill), None)
    line = next((one.line.color for one in classes if one.line), None)
    colour = fill or line or "#B4006F"
    return Look(layer, title_of(layer), colour, 0.4 if fill else 0.0, line or colour)
