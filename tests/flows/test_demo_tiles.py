"""Every layer of the demo as vector tiles: what decodes from them is what the database holds there."""

from __future__ import annotations

import math

import mapbox_vector_tile
import psycopg
import pytest
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile

from spatial import catalog
from tests.flows.conftest import Demo

LAYERS = [layer.id for layer in catalog.current().layers.values() if layer.kind == "stored"]
HELD = """
SELECT id, ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM spatial_feature
WHERE layer = %s AND geom IS NOT NULL AND upper_inf(revisions)
"""
LYING = """
SELECT layer, id, ST_X(spot), ST_Y(spot)
FROM (
  SELECT layer, id, ST_PointOnSurface(geom) AS spot FROM spatial_feature
  WHERE geom IS NOT NULL AND upper_inf(revisions)
) s
"""
ZOOM = 8


def tile_of(longitude: float, latitude: float, zoom: int = ZOOM) -> tuple[int, int]:
    """The tile of Web Mercator (OGC 17-083r4, WebMercatorQuad) that holds a place."""
    count = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * count), int(y * count)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_tiles_of_a_layer_hold_the_features_that_the_table_holds(demo: Demo, layer: str) -> None:
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        held = connection.execute(HELD, [layer]).fetchall()
    asked = {(x, y) for _, w, s, e, n in held for x in range(tile_of(w, n)[0], tile_of(e, n)[0] + 1)
             for y in range(tile_of(w, n)[1], tile_of(w, s)[1] + 1)}  # fmt: skip
    drawn: set[int] = set()
    labelled: list[int] = []
    with demo.as_role("administrator") as client:
        for x, y in sorted(asked):
            answer = client.get(f"/tiles/{layer}/{ZOOM}/{x}/{y}.mvt")
            assert answer.status_code in (200, 204)
            found = mapbox_vector_tile.decode(answer.content) if answer.content else {}
            drawn |= {feature["id"] for feature in found.get(layer, {"features": []})["features"]}
            labelled += [f["id"] for f in found.get(f"{layer}_label", {"features": []})["features"]]
    assert drawn == {row[0] for row in held}
    assert sorted(labelled) == (sorted(drawn) if catalog.current().layer(layer).has_label_points else [])


LONG = {*range(19)} - {0, 5, 8, 11}
"""Up to thousands of tiles each, drawn as those of the zooms beside them are."""
ZOOMS = [pytest.param(zoom, marks=[pytest.mark.long] if zoom in LONG else []) for zoom in range(19)]


@pytest.mark.parametrize("zoom", ZOOMS)
def test_at_every_zoom_each_feature_of_the_demo_is_drawn_where_it_lies(demo: Demo, zoom: int) -> None:
    """A mark takes the place of what is smaller than a pixel: the ids on the map are those in the table."""
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        rows = connection.execute(LYING).fetchall()
    held: dict[tuple[int, int], set[tuple[str, int]]] = {}
    for layer, number, longitude, latitude in rows:
        held.setdefault(tile_of(longitude, latitude, zoom), set()).add((layer, number))
    with demo.as_role("administrator") as client:
        for (x, y), wanted in sorted(held.items()):
            layers = sorted({layer for layer, _ in wanted})
            found = tile.FromString(client.get(f"/tiles/{','.join(layers)}/{zoom}/{x}/{y}.mvt").content)
            drawn = {(part.name, one.id) for part in found.layers for one in part.features}
            assert wanted <= drawn, wanted - drawn
