"""What benchmarks/tiles.py asks about: the made-up prefecture as GeoParquet files, and 200 addresses of tiles of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import prefecture
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

PARCELS = {12: 14, 13: 30, 14: 34, 15: 22}
ZONES = {6: 3, 7: 4, 8: 6, 9: 8, 10: 11, 11: 14, 12: 16, 13: 16, 14: 13, 15: 9}
"""How many addresses of each zoom: few of the first looks, most of where people work."""
LEAST_ZOOM = {"contaminated": 8, "suspected": 8, "farmland": 11, "monitoring_point": 9}
NAMES = {
    "contaminated_plot": "contaminated",
    "suspected_plot": "suspected",
    "drinking_water_zone": "water_zone",
    "groundwater_recharge_zone": "recharge",
    "eco_control_unit": "control_unit",
    "farmland_class": "farmland",
}


def written(folder: Path, count: int) -> Path:
    """The folder with a file for each layer: id, code, kind, geometry; of parcels their own columns."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    shapes, columns = prefecture.parcels(count)
    _write(folder / "parcels.parquet", shapes, dict(columns))
    for layer, zones in prefecture.zones(count).items():
        _write(folder / f"{NAMES[layer]}.parquet", zones, _named(NAMES[layer], len(zones)))
    points = prefecture.points(count // 10, count)
    _write(folder / "monitoring_point.parquet", points, _named("monitoring_point", len(points)))
    return folder


def _named(name: str, many: int) -> dict[str, np.ndarray]:
    numbers = np.arange(many)
    kinds = np.array(["甲", "乙", "丙"])[numbers % 3]
    return {"code": np.array([f"{name[:2].upper()}{number:07d}" for number in numbers]), "kind": kinds}


def _write(file: Path, shapes: np.ndarray, columns: dict[str, np.ndarray]) -> None:
    told = {"id": np.arange(1, len(shapes) + 1), **columns, "geometry": shapely.to_wkb(shapes)}
    pq.write_table(pa.table({name: pa.array(list(values)) for name, values in told.items()}), file)


def addresses(url: str, layers: list[str], seed: int = 7) -> list[dict[str, object]]:
    """Addresses where something lies, the same for the same data."""
    draw, found = np.random.default_rng(seed), set()
    with psycopg.connect(url) as database:
        middles = {
            name: database.execute(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p"
                f" FROM {name} ORDER BY md5(id::text) LIMIT 2000) s"
            ).fetchall()
            for name in layers
        }
    zones = [name for name in layers if name != "parcels"]
    for z, many in [*PARCELS.items(), *ZONES.items()]:
        before = len(found)
        for _ in range(5000):
            if len(found) - before == many:
                break
            is_parcel = before < sum(PARCELS.values())
            layer = "parcels" if is_parcel else zones[int(draw.integers(len(zones)))]
            if z < LEAST_ZOOM.get(layer, 0):
                continue
            lon, lat = middles[layer][int(draw.integers(len(middles[layer])))]
            y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
            found.add((layer, z, int((lon + 180) / 360 * 2**z), int(y * 2**z)))
    listed = sorted(found)
    order = draw.permutation(len(listed))
    return [dict(zip(("layer", "z", "x", "y"), listed[at], strict=True)) for at in order]
