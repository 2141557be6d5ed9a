"""Delivery files as offices send them, written by other programs' writers: GDAL, xlsxwriter, plain text.

Columns carry the usual source names of the catalog, choices their Chinese labels, yes and no as 是 and 否.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import pyogrio
import shapely
import xlsxwriter
from shapely.geometry.base import BaseGeometry

from loaders.demo.row import Row
from spatial.catalog import Field, Layer
from spatial.crs import STORAGE, area_m2, from_storage, home_zone, zone_epsg

Written = tuple[Path, ...]
ZIPPED_AT = (2026, 1, 1, 0, 0, 0)


def _column(field: Field, chinese: bool) -> str:
    """A usual column name: the first one (Chinese), or the pinyin initials where the catalog has them."""
    short = [name for name in field.source if name.isascii()]
    return short[0] if short and not chinese else field.source[0]


def _said(field: Field, value: Any) -> Any:
    """A value as a file says it."""
    if value is None:
        return None
    if field.type == "choice":
        return field.choices[value]
    if field.type == "bool":
        return "是" if value else "否"
    if field.type == "date":
        return value.isoformat()
    if field.type == "list":
        return "、".join(value)
    if field.type == "table":
        return json.dumps(value, ensure_ascii=False)
    return value


def _table(layer: Layer, rows: Sequence[Row], chinese: bool) -> dict[str, list[Any]]:
    """Column → cells; a field that no row fills gets no column."""
    used = [
        field for field in layer.fields.values() if any(row.values.get(field.id) is not None for row in rows)
    ]
    return {
        _column(field, chinese): [_said(field, row.values.get(field.id)) for row in rows] for field in used
    }


def geojson(layer: Layer, rows: Sequence[Row], folder: Path, chinese: bool = True) -> Written:
    """One FeatureCollection that names its CRS as GDAL does; entries without boundary have a null geometry."""
    table = _table(layer, rows, chinese)
    document = {
        "type": "FeatureCollection",
        "name": layer.id,
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{STORAGE}"}},
        "features": [
            {
                "type": "Feature",
                "properties": {name: cells[index] for name, cells in table.items()},
                "geometry": _mapping(row.shape) if row.shape is not None else None,
            }
            for index, row in enumerate(rows)
        ],
    }
    path = folder / f"{layer.title}.geojson"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return (path,)


def _mapping(shape: BaseGeometry) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shapely.orient_polygons(shape)))  # RFC 7946 wants its direction


def geopackage(layer: Layer, rows: Sequence[Row], folder: Path) -> Written:
    path = folder / f"{layer.title}.gpkg"
    _gdal(path, layer, rows, "GPKG", STORAGE, None, chinese=True)
    return (path,)


def shapefile(layer: Layer, rows: Sequence[Row], folder: Path) -> Written:
    """A zipped Shapefile in GBK with Chinese column names, cut to ten bytes as the format does."""
    return (_zipped_shapefile(layer, rows, folder, layer.title, STORAGE, chinese=True),)


def shapefiles_by_county(layer: Layer, rows: Sequence[Row], folder: Path) -> Written:
    """A zipped Shapefile for each county, in the plane coordinates of its 3-degree zone, pinyin column names."""
    counties = dict.fromkeys(row.county for row in rows)
    return tuple(
        _shapefile_in_zone(layer, [row for row in rows if row.county == county], folder, county)
        for county in counties
    )


def _shapefile_in_zone(layer: Layer, rows: Sequence[Row], folder: Path, county: str) -> Path:
    zone = home_zone(rows[0].shape.centroid.x)  # type: ignore[union-attr]
    return _zipped_shapefile(
        layer, rows, folder, f"{county}{layer.title}", zone_epsg(zone.number), chinese=False
    )


def _zipped_shapefile(
    layer: Layer, rows: Sequence[Row], folder: Path, name: str, epsg: int, *, chinese: bool
) -> Path:
    inner = folder / f"{name}.shp"
    _gdal(inner, layer, rows, "ESRI Shapefile", epsg, "GBK", chinese=chinese)
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):  # no .cpg, as is usual here
            part = inner.with_suffix(suffix)
            archive.writestr(zipfile.ZipInfo(part.name, ZIPPED_AT), part.read_bytes(), zipfile.ZIP_DEFLATED)
    for part in folder.glob(f"{name}.*"):
        if part != path:
            part.unlink()
    return path


def _gdal(
    path: Path,
    layer: Layer,
    rows: Sequence[Row],
    driver: str,
    epsg: int,
    encoding: str | None,
    *,
    chinese: bool,
) -> None:
    table = _table(layer, rows, chinese)
    shapes = [row.shape for row in rows]
    if epsg != STORAGE:
        shapes = [from_storage(shape, epsg) for shape in shapes]
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    names = [_cut(name) for name in table] if encoding else list(table)
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(shape) if shape is not None else None for shape in shapes], dtype=object),
        [_cells(cells) for cells in table.values()],
        names,
        driver=driver,
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=f"EPSG:{epsg}",
        encoding=encoding,
    )


def _cut(name: str) -> str:
    """A column name as a DBF keeps it: ten bytes."""
    return name.encode("gbk")[:10].decode("gbk", "ignore")


def _cells(cells: list[Any]) -> np.ndarray:
    """Numbers as numbers where every row has one, else text."""
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
        return np.array(cells)
    return np.array([None if cell is None else str(cell) for cell in cells], dtype=object)


def xlsx(layer: Layer, rows: Sequence[Row], folder: Path, title: str = "") -> Written:
    """A sheet, with a title line above when given; places in two columns of decimal degrees."""
    path = folder / f"{layer.title}.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet(layer.title)
    lines = _lines(layer, rows)
    if title:
        lines.insert(0, [title])
    for number, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(number, column, value)
    book.close()
    return (path,)


def csv_gbk(layer: Layer, rows: Sequence[Row], folder: Path) -> Written:
    """Comma-separated, in the encoding that a Chinese spreadsheet program saves."""
    path = folder / f"{layer.title}.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(_lines(layer, rows))
    return (path,)


def _lines(layer: Layer, rows: Sequence[Row]) -> list[list[Any]]:
    table = _table(layer, rows, chinese=True)
    if any(row.shape is not None for row in rows):
        table["经度"] = [row.shape.x if row.shape is not None else None for row in rows]
        table["纬度"] = [row.shape.y if row.shape is not None else None for row in rows]
    return [list(table), *([cells[index] for cells in table.values()] for index in range(len(rows)))]


def boundary_txt(layer: Layer, rows: Sequence[Row], folder: Path, today: date) -> Written:
    """Boundary-point files (界址点), one for each zone: X is north, Y is east with the zone number in front."""
    zones: dict[int, list[Row]] = {}
    for row in rows:
        zones.setdefault(home_zone(row.shape.centroid.x).number, []).append(row)  # type: ignore[union-attr]
    return tuple(
        _boundary_txt(layer, found, folder, number, today) for number, found in sorted(zones.items())
    )


def _boundary_txt(layer: Layer, rows: Sequence[Row], folder: Path, zone: int, today: date) -> Path:
    lines = [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=示例生态环境部门",
        f"数据产生日期={today.isoformat()}",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        "精度=0.001",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    for row in rows:
        (part,) = from_storage(row.shape, zone_epsg(zone)).geoms
        ring = list(part.exterior.coords)
        code, name = row.values[layer.key or ""], f"示例{layer.title}"
        lines.append(f"{len(ring)},{area_m2(row.shape) / 10_000:.4f},{code},{name},面,,,,@")
        for number, (east, north) in enumerate(ring):
            lines.append(f"J{number % (len(ring) - 1) + 1},1,{north:.4f},{east:.4f}")
    path = folder / f"{layer.title}{zone}带.txt"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="gb18030", newline="")
    return path


WRITERS: Mapping[str, Callable[[Layer, Sequence[Row], Path], Written]] = {
    "geojson": geojson,
    "gpkg": geopackage,
    "shp": shapefile,
    "shp by county": shapefiles_by_county,
    "xlsx": xlsx,
    "csv": csv_gbk,
}
