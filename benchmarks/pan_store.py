"""A town of parcels without gaps as the layer `parcel` of Jingtu's own catalog, open to all, for benchmarks/pan.py.

Run in a process of its own, with JINGTU_DATABASE_URL and JINGTU_CATALOG_DIR: pan_store.py FOLDER.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import prefecture
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import tile_store

ROOT = Path(__file__).resolve().parents[1]
READ = 'read           = ["clerk", "planner", "inspector", "steward", "auditor", "administrator"]'
CORNER = np.array([87.0, 43.9])
"""South-west corner of the town."""
CELL = prefecture.SIZE_DEG * np.array([1.35, 1.0])
"""A parcel from west to east and from south to north, in degrees."""


def write_catalog(folder: Path) -> None:
    """The file of the layer as it is, but that strangers may read it."""
    text = (ROOT / "spatial" / "catalog" / "layers" / "parcel.toml").read_text("utf-8")
    assert READ in text
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    (folder / "layers" / "parcel.toml").write_text(text.replace(READ, 'read = "public"'), "utf-8")


def write_data(folder: Path, count: int) -> None:
    """The blocks of the made-up prefecture, moved beside each other."""
    shapes, columns = prefecture.parcels(count)
    number = np.arange(count) // prefecture.BLOCK**2
    across = int(np.ceil(np.sqrt(number[-1] + 1)))
    side = prefecture.BLOCK * CELL
    first = np.unique(number, return_index=True)[1]
    now = shapely.bounds(shapes)
    corners = np.array([now[number == one, :2].min(axis=0) for one in number[first]])
    wanted = CORNER + np.stack([number[first] % across, number[first] // across], axis=1) * side
    moved = (wanted - corners)[number]
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    shapes = shapely.set_coordinates(shapes, np.round(points + moved[owner], 9))
    told = {
        "id": np.arange(1, count + 1), "code": columns["code"], "parcel_no": columns["code"],
        "county": columns["county"], "geometry": shapely.to_wkb(shapes),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({name: pa.array(list(values)) for name, values in told.items()}), folder / "parcel.parquet"
    )


def start(count: int) -> tuple[float, float]:
    """A place in the north-west of the town, from which the path leads south-east and stays in it."""
    lon, lat = CORNER + np.array([0.15, 0.85]) * np.sqrt(count) * CELL
    return float(lon), float(lat)


if __name__ == "__main__":
    tile_store.fill(os.environ["JINGTU_DATABASE_URL"], Path(sys.argv[1]))
