"""Files of every format as other programs write them: GDAL, geopandas, pyarrow, openpyxl, xlsxwriter, ezdxf, csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import ezdxf
import geopandas
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
import xlsxwriter
from shapely.geometry.base import BaseGeometry

from tests.loaders import files

SYSTEMS = (4490, 4517, 4518, 4538, 4493)
"""Degrees; three-degree zones 29 and 30 with their number before the easting, 29 without; six-degree zone 15."""
ZONES = {4517: (87, 29_500_000), 4518: (90, 30_500_000), 4538: (87, 500_000), 4493: (87, 15_500_000)}
"""Central meridian and false easting."""
CODE, NAME, DOCUMENT = "DKBM", "DKMC", "WH"
# Only the second has characters that GBK lacks, and signs that a format may take for its own.
IN_GBK = "示例地块（一）·“甲”—①"
BEYOND_GBK = f"{IN_GBK}㐂𠮷 <乙>&,\"'"
PLAIN, HOLED, PARTS, POINTS = "plain", "with a hole", "of two parts", "points"
Row = tuple[BaseGeometry, dict[str, str]]
Write = Callable[[Path, Sequence[Row], int], Path]


@dataclass(frozen=True)
class Way:
    """How a program writes a format. `order` in place of `write`: GDAL writes all of its files in one go.

    `shapes` and `texts` are what such a file can say; `is_silent`: its system has to be told. `record`: a text that no
    field of the layer takes, in the record of the reader.
    """

    suffix: str
    program: str
    write: Write | None = None
    order: Callable[[Path, Sequence[Row], int], files.Order] | None = None
    systems: tuple[int, ...] = SYSTEMS
    shapes: tuple[str, ...] = (PLAIN, HOLED, PARTS)
    texts: tuple[str, ...] = (CODE, NAME, DOCUMENT)
    name: str = BEYOND_GBK
    is_silent: bool = False
    record: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.suffix} by {self.program}"


def shapes_at(west: float, south: float) -> dict[str, BaseGeometry]:
    """Crooked, as plots are; about a kilometre."""

    def ring(*places: tuple[float, float]) -> list[tuple[float, float]]:
        return [(west + x / 997, south + y / 991) for x, y in places]

    shell, hole = ring((0, 0), (9, 1), (10, 8), (4, 11), (1, 7)), ring((3, 3), (6, 4), (5, 7), (3, 6))
    away = ring((12, 0), (15, 1), (14, 5))
    return {
        PLAIN: shapely.MultiPolygon([shapely.Polygon(shell)]),
        HOLED: shapely.MultiPolygon([shapely.Polygon(shell, [hole])]),
        PARTS: shapely.MultiPolygon([shapely.Polygon(shell, [hole]), shapely.Polygon(away)]),
        POINTS: shapely.Point(ring((2, 2))[0]),
    }


def plane(shape: BaseGeometry, epsg: int) -> BaseGeometry:
    """Longitude and latitude in a zone, by the zone's own definition and not by its number in a table."""
    if epsg not in ZONES:
        return shape
    meridian, easting = ZONES[epsg]
    ellipsoid = "+a=6378137 +rf=298.257222101"
    project = pyproj.Proj(f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={easting} +y_0=0 {ellipsoid}")
    return shapely.transform(shape, lambda places: np.column_stack(project(places[:, 0], places[:, 1])))


def by_gdal(path: Path, rows: Sequence[Row], epsg: int, **given: Any) -> files.Order:
    return files.order(
        path, [(plane(shape, epsg), texts) for shape, texts in rows], crs=f"EPSG:{epsg}", **given
    )


def pyarrow_table(path: Path, rows: Sequence[Row], epsg: int) -> Path:
    crs = pyproj.CRS.from_epsg(epsg).to_json_dict()
    about = {"encoding": "WKB", "geometry_types": [], "crs": crs}
    geo = {"version": "1.1.0", "primary_column": "图形", "columns": {"图形": about}}
    columns: dict[str, Any] = {name: [texts[name] for _, texts in rows] for name in rows[0][1]}
    table = pa.table({**columns, "图形": [plane(shape, epsg).wkb for shape, _ in rows]})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def frame(rows: Sequence[Row], epsg: int) -> geopandas.GeoDataFrame:
    shapes = [plane(shape, epsg) for shape, _ in rows]
    return geopandas.GeoDataFrame([texts for _, texts in rows], geometry=shapes, crs=epsg)


def geopandas_parquet(path: Path, rows: Sequence[Row], epsg: int) -> Path:
    frame(rows, epsg).to_parquet(path)
    return path


def geopandas_json(path: Path, rows: Sequence[Row], epsg: int) -> Path:
    path.write_text(frame(rows, epsg).to_json(ensure_ascii=False), encoding="utf-8")
    return path


def as_wkt(rows: Sequence[Row], epsg: int) -> Iterator[list[Any]]:
    yield [*rows[0][1], "WKT"]
    for shape, texts in rows:
        yield [*texts.values(), shapely.to_wkt(plane(shape, epsg), rounding_precision=-1)]


def as_points(rows: Sequence[Row], epsg: int) -> Iterator[list[Any]]:
    """Degrees east first, metres north first: as people write them."""
    yield [*rows[0][1], *(("X", "Y") if epsg in ZONES else ("经度", "纬度"))]
    for shape, texts in rows:
        east, north = plane(shape, epsg).coords[0]
        yield [*texts.values(), *((north, east) if epsg in ZONES else (east, north))]


def as_vertices(rows: Sequence[Row], epsg: int) -> Iterator[list[Any]]:
    yield [
        "地块编号",
        "地块名称",
        "圈号",
        "点号",
        *(("X坐标", "Y坐标") if epsg in ZONES else ("经度", "纬度")),
    ]
    for shape, texts in rows:
        for ring, point, (east, north) in corners(plane(shape, epsg)):
            places = (north, east) if epsg in ZONES else (east, north)
            yield [texts[CODE], texts[NAME], ring, f"J{point}", *places]


def corners(shape: BaseGeometry) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Number of the ring, number of the point in the plot, easting and northing; the first again at the end."""
    (polygon,) = shape.geoms
    first = 1
    for ring, line in enumerate((polygon.exterior, *polygon.interiors), 1):
        last = len(line.coords) - 1
        for index, (east, north) in enumerate(line.coords):
            yield ring, first + index % last, (east, north)
        first += last


Table = Callable[[Sequence[Row], int], Iterator[list[Any]]]


def csv_file(path: Path, rows: Sequence[Row], epsg: int, *, table: Table, encoding: str = "gb18030") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(table(rows, epsg))
    return path


def openpyxl_book(path: Path, rows: Sequence[Row], epsg: int, *, table: Table) -> Path:
    book = openpyxl.Workbook()
    for line in table(rows, epsg):
        book.active.append(line)
    book.save(path)
    return path


def xlsxwriter_book(path: Path, rows: Sequence[Row], epsg: int, *, table: Table) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(table(rows, epsg)):
            sheet.write_row(number, 0, line)
    return path


def drawing(path: Path, rows: Sequence[Row], epsg: int, *, version: str, encoding: str) -> Path:
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = 6
    for shape, _ in rows:
        places = [place for _, _, place in corners(plane(shape, epsg))][:-1]
        document.modelspace().add_lwpolyline(places, close=True, dxfattribs={"layer": "界址线"})
    if encoding == "gbk":
        document.encoding = encoding
    document.saveas(path, encoding=encoding)
    return path


def boundary_points(path: Path, rows: Sequence[Row], epsg: int) -> Path:
    """The official exchange format, to the millimetre; northing first."""
    meridian, _ = ZONES[epsg]
    width, zone = (6, (meridian + 3) // 6) if epsg == 4493 else (3, meridian // 3)
    plots = []
    for number, (shape, texts) in enumerate(rows, 1):
        places, hectares = list(corners(plane(shape, epsg))), plane(shape, epsg).area / 10_000
        plots.append(f"{len(places)},{hectares:.4f},{texts[CODE]},{texts[NAME]},面,,工业用地,10010{number},@")
        plots += [f"J{point},{ring},{north:.3f},{east:.3f}" for ring, point, (east, north) in places]
    header = {"几度分带": str(width), "带号": str(zone)}
    return files.boundary_txt(path, "\n".join(plots), encoding="gbk", **header)


def cass_points(path: Path, rows: Sequence[Row], epsg: int, *, code: str, label: str) -> Path:
    """East first."""
    places = [place for shape, _ in rows for place in shapely.get_coordinates(plane(shape, epsg))]
    lines = [f"{label}{n},{code},{east:.4f},{north:.4f},512.3" for n, (east, north) in enumerate(places, 1)]
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    return path


METRES = (4517, 4518, 4538, 4493)
DEGREES = (4490,)
PLOT: dict[str, Any] = {"shapes": (PLAIN, HOLED), "texts": (CODE, NAME)}
LISTED: dict[str, Any] = {"shapes": (POINTS,), "is_silent": True}
DRAWN: dict[str, Any] = {
    "systems": METRES,
    "shapes": (PLAIN,),
    "texts": (),
    "is_silent": True,
    "record": {"图层": "界址线"},
}


def _gdal(suffix: str, driver: str, program: str = "GDAL", **given: Any) -> Way:
    of_way = {name: given.pop(name) for name in tuple(given) if name in Way.__dataclass_fields__}
    return Way(suffix, program, order=partial(by_gdal, driver=driver, **given), **of_way)


KML: dict[str, Any] = {"systems": DEGREES, "is_silent": True, "layer": "地块"}
WAYS = (
    Way(".txt", "hand in GBK", boundary_points, systems=METRES, **{**PLOT, "name": IN_GBK}),
    Way(".dat", "hand in GBK", partial(cass_points, code="", label="J"), **{**DRAWN, "record": {}}),
    Way(
        ".dat",
        "hand, points",
        partial(cass_points, code="监测井", label=""),
        **{**DRAWN, "shapes": (POINTS,), "record": {"编码": "监测井"}},
    ),
    Way(".dxf", "ezdxf", partial(drawing, version="R2010", encoding="utf-8"), **DRAWN),
    Way(".dxf", "ezdxf in GBK", partial(drawing, version="R2000", encoding="gbk"), **DRAWN),
    Way(
        ".dxf",
        "ezdxf R2018",
        partial(drawing, version="R2018", encoding="utf-8"),
        **{**DRAWN, "systems": (4517,)},
    ),
    _gdal(".shp", "ESRI Shapefile", "GDAL in GBK", encoding="GBK", name=IN_GBK),
    _gdal(".shp", "ESRI Shapefile", "GDAL in UTF-8", encoding="UTF-8"),
    _gdal(".gpkg", "GPKG"),
    _gdal(".gdb", "OpenFileGDB", layer="地块"),
    _gdal(".fgb", "FlatGeobuf"),
    _gdal(".geojson", "GeoJSON", COORDINATE_PRECISION="12"),
    Way(".json", "geopandas", geopandas_json),
    Way(".parquet", "pyarrow", pyarrow_table),
    Way(".geoparquet", "geopandas", geopandas_parquet),
    _gdal(".kml", "KML", "GDAL's KML", **KML),
    _gdal(".kml", "LIBKML", "GDAL's LIBKML", **KML),
    _gdal(".kmz", "LIBKML", "GDAL's LIBKML", **KML),
    _gdal(".csv", "CSV", "GDAL", GEOMETRY="AS_WKT", is_silent=True),
    Way(".csv", "csv, WKT", partial(csv_file, table=as_wkt), is_silent=True),
    Way(".csv", "csv, vertices", partial(csv_file, table=as_vertices), is_silent=True, **PLOT),
    Way(".csv", "csv, points", partial(csv_file, table=as_points, encoding="utf-8-sig"), **LISTED),
    Way(".xlsx", "openpyxl, WKT", partial(openpyxl_book, table=as_wkt), is_silent=True),
    Way(".xlsx", "xlsxwriter, vertices", partial(xlsxwriter_book, table=as_vertices), is_silent=True, **PLOT),
    Way(".xlsx", "openpyxl, points", partial(openpyxl_book, table=as_points), **LISTED),
)
