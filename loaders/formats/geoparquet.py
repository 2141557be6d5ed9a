"""GeoParquet (.parquet) through pyarrow: shapes as WKB in one column, their system in the file's own words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import shapely

from loaders import limits
from loaders.formats import origin, vector
from loaders.record import ERROR, Delivery, File, Issue, Record, refused
from spatial import crs as coordinate_systems

MAGIC = b"PAR1"
_AGAIN = "请用 GIS 软件重新导出，或改用 GPKG。"


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The rows of a GeoParquet; columns of other shapes than the primary one are left as bytes nobody asks for."""
    vector.require_magic(file, MAGIC, "Parquet")
    with file.path.open("rb") as opened:
        opened.seek(-4, 2)
        if opened.read() != MAGIC:
            raise refused("truncated", "Parquet 不完整。", "请重新复制或导出后再提交。")
    # Slow to import and seldom needed; in the bounded child it must not come before the fork.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file.path, pre_buffer=False)
        about = table.metadata
        told = (about.metadata or {}).get(b"geo")
        unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        columns = [str(name) for name in table.schema_arrow.names]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise refused("parquet_unreadable", "Parquet 读不出来，可能已损坏。", _AGAIN) from error
    if about.num_rows > limits.ROWS:
        raise refused("too_many_rows", f"要素超过 {limits.ROWS} 个。", "请拆分后再提交。")
    if len(columns) > limits.COLUMNS:
        raise refused(
            "too_many_columns",
            f"有 {len(columns)} 个字段，超过 {limits.COLUMNS} 个。",
            "请只导出需要的字段。",
        )
    if unpacked > limits.UNPACKED_BYTES:
        raise refused("zip_too_large", "Parquet 解开后过大。", "请拆分后再提交。")
    shape, system = _shapes(told, columns)
    epsg = _crs(system, crs)
    kept = tuple(name for name in columns if name != shape)
    records = _records(table, shape, kept)
    return Delivery(records, kept, epsg, "utf-8", tuple(origin.tell(epsg)), count=about.num_rows)


def _shapes(told: bytes | None, columns: list[str]) -> tuple[str, Any]:
    """The column of shapes and its `crs` member, {} where there is none. Raises FileRefused."""
    if told is None:
        raise refused("parquet_no_shapes", "这个 Parquet 不是 GeoParquet，没有图形。", _AGAIN)
    try:
        about = json.loads(told)
        name = about["primary_column"]
        column = about["columns"][name]
        encoded, system = column["encoding"], column.get("crs", {})
        curved = column.get("edges", "planar") != "planar"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refused("parquet_unreadable", "GeoParquet 的图形说明读不出来。", _AGAIN) from error
    if name not in columns or encoded != "WKB" or curved:
        raise refused("parquet_encoding", "GeoParquet 的图形不是平面的 WKB，读不了。", _AGAIN)
    return name, system


def _crs(system: Any, asked: str | None) -> int:
    """A file without the member is in OGC:CRS84 by the standard; `null` says that nobody knows."""
    stated = None
    if system == {}:
        stated = coordinate_systems.WGS84
    elif isinstance(system, dict):
        named = system.get("id") if isinstance(system.get("id"), dict) else {}
        words = f"{named.get('authority')}:{named.get('code')}" if named else json.dumps(system)
        stated = coordinate_systems.parse(words)
    wanted = coordinate_systems.parse(asked) if asked else None
    if stated and wanted and stated != wanted:
        raise refused(
            "crs_conflict",
            f"指明的坐标系 EPSG:{wanted} 与文件写的 EPSG:{stated} 不一致。",
            "请核对后改正其中一个。",
        )
    if not (stated or wanted):
        raise refused(
            "crs_missing", "文件没有坐标系。", "请用 --crs 指明，例如 --crs EPSG:4490；不会替您猜。"
        )
    return stated or wanted or 0


def _records(table: Any, shape: str, kept: tuple[str, ...]) -> Iterator[Record]:
    import pyarrow as pa

    row = 0
    batches = table.iter_batches(batch_size=vector.BATCH, use_threads=False)
    try:
        for batch in batches:
            wkb = np.array(batch.column(shape).to_pylist(), dtype=object)
            shapes = shapely.from_wkb(wkb, on_invalid="ignore")
            lists = [batch.column(name).to_pylist() for name in kept]
            for index in range(batch.num_rows):
                row += 1
                issues: tuple[Issue, ...] = ()
                if shapes[index] is None and wkb[index] is not None:
                    hint = "请用 GIS 软件修复后重新导出。"
                    issues = (Issue("geometry_unreadable", ERROR, "图形读不出来。", hint, row=row),)
                values = {name: _plain(cells[index]) for name, cells in zip(kept, lists, strict=True)}
                yield Record(row, values, shapes[index], issues, _as_it_came(wkb[index]) if issues else None)
    except (pa.ArrowException, OSError, ValueError, TypeError, shapely.errors.ShapelyError) as error:
        said = f"读到第 {row} 行以后读不下去，文件可能已损坏。"
        raise refused("parquet_unreadable", said, _AGAIN) from error


def _as_it_came(shape: Any) -> str:
    return shape.hex() if isinstance(shape, bytes) else str(shape)


def _plain(value: Any) -> Any:
    """A value as the other formats have it; NaN says nothing, bytes mean nothing here."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, time | timedelta):
        return str(value)
    return None if isinstance(value, bytes) else value
