"""Shapes of a batch as GeoParquet files, so that workers are told names and never handed frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from spatial import crs

GEOMETRY = "geometry"


def geo_metadata(kinds: list[str], system: str | int = crs.STORAGE) -> dict[bytes, bytes]:
    """The key `geo` of GeoParquet 1.1 for one column of WKB in EPSG:4490, or the system that is named."""
    column = {
        "encoding": "WKB",
        "geometry_types": kinds,
        "crs": pyproj.CRS.from_user_input(system).to_json_dict(),
    }
    told = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return {b"geo": json.dumps(told).encode()}


def write_shapes(path: Path, shapes: np.ndarray, columns: Mapping[str, Any] | None = None) -> Path:
    """Write an array of shapes in its order, with other columns; a part that was cut short never carries the name."""
    wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
    table = pa.table({**(columns or {}), GEOMETRY: wkb}).replace_schema_metadata(geo_metadata([]))
    part = path.with_suffix(".part")
    pq.write_table(table, part, compression="none", use_dictionary=False)
    part.replace(path)
    return path


def read_shapes(path: Path) -> np.ndarray:
    return shapes_in(pq.read_table(path, columns=[GEOMETRY]))


def shapes_in(table: pa.Table) -> np.ndarray:
    found = shapely.from_wkb(table.column(GEOMETRY).to_numpy(zero_copy_only=False))
    return np.asarray(found, dtype=object)
