"""Tiles of the demo beside those of a bare statement over the table: the same features, and the marks; valid shapes."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
import shapely

from spatial import catalog
from tests.flows.conftest import Demo
from tests.flows.test_demo_tiles import tile_of

TILES, PIXEL = 78, 8
# What any tile server over PostGIS asks of such a table.
BARE = """
SELECT ST_AsMVT(q, %(layer)s, 4096, 'drawn', 'id') FROM (
  SELECT id, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS drawn
  FROM spatial_feature
  WHERE layer = %(layer)s AND upper_inf(revisions) AND (valid_to IS NULL OR valid_to > current_date)
    AND geom && ST_Transform(
    ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0), 4490)
) q WHERE drawn IS NOT NULL
"""
PLACES = """
SELECT layer, id, ST_X(p.geom), ST_Y(p.geom)
FROM (SELECT DISTINCT ON (layer, id %% 7) layer, id, geom FROM spatial_feature
      WHERE upper_inf(revisions) AND GeometryType(geom) LIKE '%%POLYGON' AND layer = ANY (%(layers)s)
      ORDER BY layer, id %% 7, id) f,
  LATERAL (SELECT geom FROM ST_DumpPoints(f.geom) ORDER BY path LIMIT 1 OFFSET f.id %% ST_NPoints(f.geom)) p
ORDER BY layer, id
"""
STORED = [layer.id for layer in catalog.current().layers.values() if layer.kind == "stored"]


def decoded(content: bytes, layer: str) -> dict[int, dict[str, Any]]:
    found: dict[str, Any] = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return {one["id"]: one["geometry"] for one in found.get(layer, {"features": []})["features"]}


def is_wound(geometry: dict[str, Any]) -> bool:
    """Outer rings have an area above zero, holes one below (MVT 2.1, 4.3.3.3), y going down."""
    coordinates = geometry["coordinates"]
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(geometry["type"], [])
    return all((area(ring) > 0) == (ring is polygon[0]) for polygon in polygons for ring in polygon)


def area(ring: list[list[int]]) -> int:
    return sum(x * south - east * y for (x, y), (east, south) in pairwise(ring))


@pytest.mark.parametrize("zooms", [range(3, 9), range(9, 14), range(14, 19)], ids=["far", "middle", "near"])
def test_a_tile_holds_what_the_bare_statement_draws_and_the_marks(demo: Demo, zooms: range) -> None:
    chance = random.Random(f"{zooms}")
    drawn = vanished = 0
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        places = connection.execute(PLACES, {"layers": STORED}).fetchall()
        with demo.as_role("administrator") as client:
            for layer, id, longitude, latitude in chance.sample(places, TILES // 3):
                z = chance.choice(zooms)
                x, y = tile_of(longitude, latitude, z)
                answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
                assert "x-jingtu-generalised" not in answer.headers
                ours = decoded(answer.content, layer)
                row = connection.execute(BARE, {"layer": layer, "z": z, "x": x, "y": y}).fetchone()
                theirs = decoded(row[0] if row else b"", layer)
                where = (layer, z, x, y)
                assert id in ours, where
                assert set(theirs) <= set(ours), where
                for extra in set(ours) - set(theirs):  # what vanished there: a mark, or narrower than a pixel
                    shape = shapely.geometry.shape(ours[extra])
                    assert shape.geom_type == "Point" or shape.buffer(-PIXEL / 2).is_empty, where
                    vanished += 1
                drawn += len(theirs)
                for geometry in ours.values():
                    assert shapely.geometry.shape(geometry).is_valid and is_wound(geometry), where
    assert drawn > 50
    assert zooms[0] > 8 or vanished > 50
