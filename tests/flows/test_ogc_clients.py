"""Other people's clients on the demo as it runs: GDAL's OAPIF driver and OWSLib read what the database holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.wmts import WebMapTileService

from tests.flows.conftest import Demo

ROOT = Path(__file__).parents[2]
HELD = """
SELECT id::text, ST_AsBinary(geom), coalesce(name, attributes ->> 'name'), county FROM spatial_feature
WHERE layer = %s AND upper_inf(revisions) AND revisions <> '{}'
  AND (valid_from IS NULL OR valid_from <= current_date) AND (valid_to IS NULL OR valid_to > current_date)
"""
Held = dict[str, tuple[bytes | None, str | None, str | None]]


def held(demo: Demo, layer: str) -> Held:
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        connection.execute("SET timezone = 'Asia/Shanghai'")
        return {row[0]: row[1:] for row in connection.execute(HELD, [layer])}


def read_by_gdal(demo: Demo, role: str, *options: str) -> dict[str, Any]:
    token = demo.accounts.get(role, {}).get("token")
    env = {name: value for name, value in os.environ.items() if not name.startswith("GDAL_")}
    env |= {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token} if token else {}
    told = subprocess.run(
        [sys.executable, "-m", "tests.flows.read_oapif", f"{demo.url}/ogc/", *options],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return dict(json.loads(told.stdout))


def same_shape(told: str | None, stored: bytes | None) -> bool:
    if told is None or stored is None:
        return told is None and stored is None
    return bool(
        shapely.equals_exact(shapely.from_wkb(bytes.fromhex(told)), shapely.from_wkb(stored), tolerance=0)
    )


def test_gdal_reads_every_row_and_coordinate_that_an_account_may_see(demo: Demo) -> None:
    read = read_by_gdal(demo, "administrator")
    with demo.as_role("administrator") as client:
        assert set(read) == {one["id"] for one in client.get("/ogc/collections").json()["collections"]}
    rows = 0
    for layer, told in read.items():
        stored = held(demo, layer)
        if not stored:  # nothing loaded, or a selection of other layers
            continue
        assert set(told["rows"]) == set(stored), layer
        for id, row in told["rows"].items():
            shape, name, county = stored[id]
            assert same_shape(row["shape"], shape), (layer, id)
            assert (row["name"] or None, row["county"] or None) == (name, county), (layer, id)
        rows += len(stored)
    assert rows > 1000


def test_gdal_as_a_stranger_reads_what_is_public(demo: Demo) -> None:
    read = read_by_gdal(demo, "public")
    assert "contaminated_plot" in read and "suspected_plot" not in read
    assert set(read["contaminated_plot"]["rows"]) == set(held(demo, "contaminated_plot"))


@pytest.mark.parametrize("epsg", [4490, 3857, 4539])
def test_gdal_reads_other_systems_with_their_axes_right(demo: Demo, epsg: int) -> None:
    read = read_by_gdal(demo, "public", f"CRS=EPSG:{epsg}")["admin_county"]
    assert read["crs"] == f"EPSG:{epsg}"
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        for id, row in read["rows"].items():
            found = connection.execute(
                "SELECT ST_AsBinary(ST_Transform(geom, %s)) FROM spatial_feature WHERE id = %s", [epsg, id]
            ).fetchone()
            told = shapely.from_wkb(bytes.fromhex(row["shape"]))
            assert found is not None
            assert (
                told.hausdorff_distance(shapely.from_wkb(found[0])) < 1e-6
            )  # easting or longitude first, as GDAL has it


def test_gdal_hands_its_condition_on_as_a_filter(demo: Demo) -> None:
    stored = held(demo, "drinking_water_zone")
    county = next(row[2] for row in stored.values() if row[2])
    read = read_by_gdal(demo, "public", "only=drinking_water_zone", f"where=county = '{county}'")
    wanted = {id for id, row in stored.items() if row[2] == county}
    assert set(read["drinking_water_zone"]["rows"]) == wanted != set(stored)


def test_owslib_reads_collections_counts_and_pages(demo: Demo) -> None:
    service = Features(f"{demo.url}/ogc/")
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in service.conformance()["conformsTo"]
    )
    assert service.api()["openapi"].startswith("3.0.")
    assert {"contaminated_plot", "drinking_water_zone"} <= set(service.feature_collections())
    assert service.collection("contaminated_plot")["storageCrs"].endswith("/4490")
    assert "name" in service.collection_queryables("contaminated_plot")["properties"]
    stored = held(demo, "admin_county")
    told = service.collection_items("admin_county", limit=3)
    assert (told["numberMatched"], told["numberReturned"]) == (len(stored), 3)
    (id, (shape, name, _)) = next(iter(stored.items()))
    one = service.collection_item("admin_county", id)
    assert one["properties"]["name"] == name
    assert shapely.equals_exact(shapely.geometry.shape(one["geometry"]), shapely.from_wkb(shape), tolerance=0)
    assert service.collection_items("admin_county", bbox=[60, 30, 61, 31])["numberMatched"] == 0


def test_owslib_reads_the_capabilities_of_the_tiles_and_gets_one(demo: Demo) -> None:
    service = WebMapTileService(f"{demo.url}/ogc/wmts")
    assert "admin_county" in service.contents and "suspected_plot" not in service.contents
    layer = service.contents["admin_county"]
    assert layer.boundingBoxWGS84 == (85.0, 42.5, 92.0, 46.0)
    grid = service.tilematrixsets["WebMercatorQuad"]
    assert len(grid.tilematrix) == 23
    assert float(grid.tilematrix["0"].scaledenominator) == pytest.approx(559082264.028717)
    (resource,) = layer.resourceURLs
    asked = {"TileMatrix": 6, "TileRow": 23, "TileCol": 47}
    address = resource["template"].format(TileMatrixSet="WebMercatorQuad", **asked)
    with demo.as_role("public") as client:
        assert client.get(address).content == client.get("/tiles/admin_county/6/47/23.mvt").content != b""
        address = resource["template"].format(TileMatrixSet="CGCS2000Quad", **asked | {"TileRow": 8})
        decoded = mapbox_vector_tile.decode(client.get(address).content)
    degrees = service.tilematrixsets["CGCS2000Quad"]
    assert degrees.crs == "urn:ogc:def:crs:EPSG::4490" and set(layer.tilematrixsetlinks) == set(
        service.tilematrixsets
    )
    first = degrees.tilematrix["1"]
    assert (first.topleftcorner, first.matrixwidth, first.matrixheight) == ((90.0, -180.0), 2, 1)
    # Zoom 6: 5.625 degrees a tile; column 47 from 84.375 E, row 8 from 45 N.
    window = shapely.box(84.375, 39.375, 90.0, 45.0).buffer(64 / 4096 * 5.625, join_style="mitre")
    stored = held(demo, "admin_county")
    assert {str(one["id"]) for one in decoded["admin_county"]["features"]} == {
        id for id, row in stored.items() if row[0] and shapely.from_wkb(row[0]).intersects(window)
    }
