"""Files as offices send them, written by other programs: GDAL (in a process of its own), openpyxl, zipfile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from shapely.geometry.base import BaseGeometry

Row = tuple[BaseGeometry | None, Mapping[str, Any]]

GDAL_WRITE = """
import json, sys
sys.modules.update(pandas=None, geopandas=None, pyarrow=None)  # slow to start and of no use here
import numpy, pyogrio.raw, shapely
for said in json.load(sys.stdin):
    shapes = numpy.array([None if w is None else bytes.fromhex(w) for w in said["wkb"]], dtype=object)
    texts = [any(isinstance(v, str) or v is None for v in column) for column in said["columns"].values()]
    fields = [numpy.array(column, dtype=object if text else None)
              for column, text in zip(said["columns"].values(), texts)]
    pyogrio.raw.write(said["path"], shapes, fields, list(said["columns"]), driver=said["driver"], crs=said["crs"],
                      geometry_type=said["geometry_type"], encoding=said["encoding"], layer=said["layer"],
                      **said["options"])
"""
Order = dict[str, Any]
"""One file that GDAL is to write."""


def gdal(path: Path, rows: Sequence[Row], **given: Any) -> Path:
    """Write a file with GDAL, in a process that has all its drivers."""
    gdal_all([order(path, rows, **given)])
    return path


def gdal_all(orders: Sequence[Order]) -> None:
    """Write many in one such process, which takes longer to start than to write."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GDAL_", "OGR_", "CPL_"))}
    subprocess.run([sys.executable, "-c", GDAL_WRITE], input=json.dumps(orders).encode(), env=env, check=True)


def order(
    path: Path,
    rows: Sequence[Row],
    *,
    driver: str,
    crs: str | None = "EPSG:4490",
    geometry_type: str = "MultiPolygon",
    encoding: str | None = None,
    layer: str | None = None,
    **options: Any,
) -> Order:
    return {
        "path": str(path),
        "driver": driver,
        "crs": crs,
        "geometry_type": geometry_type,
        "encoding": encoding,
        "layer": layer,
        "options": options,
        "wkb": [None if shape is None else shape.wkb.hex() for shape, _ in rows],
        "columns": {name: [values[name] for _, values in rows] for name in rows[0][1]},
    }


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    """A zip with members in order; a name may be hostile."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zipped_shapefile(
    path: Path, rows: Sequence[Row], *, cpg: bool = True, encoding: str = "GBK", **given: Any
) -> Path:
    """A zipped Shapefile; without `cpg` nothing in it says which encoding its text is in."""
    folder = path.parent / f"{path.stem}_parts"
    folder.mkdir()
    gdal(folder / "地块.shp", rows, driver="ESRI Shapefile", encoding=encoding, **given)
    parts = {part.name: part.read_bytes() for part in sorted(folder.iterdir())}
    if not cpg:
        parts = {name: data for name, data in parts.items() if not name.endswith(".cpg")}
        parts = {
            name: data[:29] + b"\0" + data[30:] if name.endswith(".dbf") else data
            for name, data in parts.items()
        }
    return zipped(path, parts)


def geojson(path: Path, rows: Sequence[Row], **members: Any) -> Path:
    """GeoJSON by hand, so that it can be wrong."""
    features = [
        {
            "type": "Feature",
            "properties": dict(values),
            "geometry": None if shape is None else shape.__geo_interface__,
        }
        for shape, values in rows
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False),
        encoding="utf-8",
    )
    return path


def xlsx(path: Path, table: Sequence[Sequence[Any]]) -> Path:
    """The first sheet of a workbook."""
    book = openpyxl.Workbook()
    for line in table:
        book.active.append(list(line))
    book.save(path)
    return path


def boundary_txt(path: Path, plots: str, encoding: str = "utf-8", **header: str) -> Path:
    """A boundary-point file of zone 29 with prefix, unless the header says otherwise; `""` leaves a line out."""
    lines = {
        "格式版本号": "1.01版本",
        "数据产生日期": "2025-03-18",
        "坐标系": "2000国家大地坐标系",
        "几度分带": "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": "29",
        "精度": "0.001",
        "转换参数": ",,,,,,",
        **header,
    }
    said = "\n".join(f"{key}={value}" for key, value in lines.items())
    path.write_bytes(f"[属性描述]\n{said}\n[地块坐标]\n{plots.strip()}\n".encode(encoding))
    return path


def square(
    number: str, west: float = 524570.0, north: float = 4876500.0, side: float = 100.0, ha: str = "1.0000"
) -> str:
    """The lines of a square plot in zone 29."""
    corners = [
        (west, north),
        (west + side, north),
        (west + side, north - side),
        (west, north - side),
        (west, north),
    ]
    names = ["J1", "J2", "J3", "J4", "J1"]
    points = "\n".join(f"{n},1,{y:.3f},29{x:.3f}" for n, (x, y) in zip(names, corners, strict=True))
    return f"5,{ha},{number},示例地块(虚构),面,,工业用地,100102,@\n{points}"
