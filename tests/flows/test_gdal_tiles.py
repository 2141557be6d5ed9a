"""GDAL opens the tiles by their TileJSON as they are, and reads what the database holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely

from tests.flows.conftest import JINGTU, Demo

ROOT = Path(__file__).parents[2]
ZOOM = 8
UNIT_M = 2 * 20037508.342789244 / 2**ZOOM / 4096
HELD = """
SELECT id, county, code, coalesce(name, attributes ->> 'name'), ST_AsBinary(ST_Transform(geom, 3857))
FROM spatial_feature
WHERE layer = %s AND geom IS NOT NULL AND upper_inf(revisions)
  AND (valid_from IS NULL OR valid_from <= current_date) AND (valid_to IS NULL OR valid_to > current_date)
"""
Told = dict[int, tuple[Any, ...]]


def held(demo: Demo, layer: str) -> dict[int, tuple[Any, ...]]:
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        connection.execute("SET timezone = 'Asia/Shanghai'")
        return {row[0]: row[1:] for row in connection.execute(HELD, [layer])}


def read(source: str, *options: str, token: str | None = None) -> dict[str, Any]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GDAL_")}
    env |= {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token} if token else {}
    told = subprocess.run(
        [sys.executable, "-m", "tests.flows.read_tiles", source, *options],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return dict(json.loads(told.stdout))


def compare(told: dict[str, Any], stored: Told, *, marks: bool) -> None:
    """Every feature of the table, under its texts, where it lies; `marks`: as points, too small to be more."""
    assert told["crs"] == "EPSG:3857"
    pieces: dict[int, list[shapely.Geometry]] = {}
    for row in told["rows"]:
        county, code, name, _ = stored[row["id"]]
        assert [row.get(one) or None for one in ("county", "code", "name")] == [county, code or None, name]
        pieces.setdefault(row["id"], []).append(shapely.from_wkb(bytes.fromhex(row["shape"])))
    assert set(pieces) == set(stored)
    for id, found in pieces.items():
        drawn, shape = shapely.union_all(found), shapely.from_wkb(stored[id][3])
        off = 4 * UNIT_M  # simplified by a unit of zoom 7 and set on its grid, cut at the edges of tiles
        if drawn.geom_type == "Point":
            assert marks and drawn.distance(shape) < off
        else:
            assert drawn.buffer(off).covers(shape) and shape.buffer(off).covers(drawn), id


def test_gdal_reads_tiles_of_several_layers_as_a_stranger(demo: Demo) -> None:
    layers = ("admin_county", "contaminated_plot")
    told = read(f"MVT:{demo.url}/tiles/{','.join(layers)}/{ZOOM}", "TILE_EXTENSION=mvt")
    assert set(told) == {*layers, "admin_county_label", "contaminated_plot_label"}
    compare(told["admin_county"], held(demo, "admin_county"), marks=False)
    compare(told["contaminated_plot"], held(demo, "contaminated_plot"), marks=True)
    labels = {row["id"]: row["label"] for row in told["admin_county_label"]["rows"]}
    assert labels == {id: row[2] for id, row in held(demo, "admin_county").items()}


def test_gdal_reads_what_an_account_may_see(demo: Demo) -> None:
    token = demo.accounts["administrator"]["token"]
    told = read(f"MVT:{demo.url}/tiles/suspected_plot/{ZOOM}", "TILE_EXTENSION=mvt", token=token)
    stored = held(demo, "suspected_plot")
    assert stored and {row["id"] for row in told["suspected_plot"]["rows"]} == set(stored)
    with pytest.raises(subprocess.CalledProcessError):
        read(f"MVT:{demo.url}/tiles/suspected_plot/{ZOOM}", "TILE_EXTENSION=mvt")


def test_gdal_reads_a_baked_file(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "a.pmtiles"
    env = os.environ | {"JINGTU_DATABASE_URL": (demo.home / "database-url").read_text().strip()}
    subprocess.run([JINGTU, "bake", "park", "--out", file, "--maxzoom", str(ZOOM)], env=env, check=True)
    told = read(str(file))
    stored = held(demo, "park")
    assert {row["id"]: row["name"] for row in told["park"]["rows"]} == {
        id: row[2] for id, row in stored.items()
    }
    assert {row["id"] for row in told["park_label"]["rows"]} == set(stored)
