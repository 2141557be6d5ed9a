"""OGC API Tiles part 1: the abstract tests of the classes that are declared (OGC 20-057, annex A), each by its URI."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mapbox_vector_tile
import morecantile
import pyproj
import pytest
import shapely
from fastapi.testclient import TestClient

from spatial.models import Feature
from tests.api.ogc import HOME, LAYER, dataset, get, links, path_of, shape_of

Bearer = Callable[..., dict[str, str]]
REL = "http://www.opengis.net/def/rel/ogc/1.0"
TILES = f"/ogc/collections/{LAYER}/tiles"
QUAD = "WebMercatorQuad"
GRID = morecantile.tms.get(QUAD)
DEGREES = "CGCS2000Quad"
MVT = "application/vnd.mapbox-vector-tile"
NOWHERE = "12/0/0"


@pytest.fixture
def rows(client: TestClient) -> dict[str, Feature]:
    return dataset()


def address(lon: float, lat: float, zoom: int) -> str:
    tile = GRID.tile(lon, lat, zoom)
    return f"{TILES}/{QUAD}/{zoom}/{tile.y}/{tile.x}"


def declared(client: TestClient, name: str) -> bool:
    uri = f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
    return uri in get(client, "/ogc/conformance")["conformsTo"]


def parameter(client: TestClient, name: str) -> dict[str, Any]:
    path = "/collections/{layer}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
    (one,) = [
        one for one in get(client, "/ogc/api")["paths"][path]["get"]["parameters"] if one["name"] == name
    ]
    return dict(one)


def test_conf_core_conformance_success(client: TestClient) -> None:
    assert declared(client, "core")


def test_conf_core_tc_op(client: TestClient, rows: dict[str, Feature]) -> None:
    (item,) = links(get(client, f"{TILES}/{QUAD}"), "item")
    tile = GRID.tile(87.005, 44.005, 10)
    href = item["href"].format(tileMatrix=10, tileRow=tile.y, tileCol=tile.x)
    assert client.get(path_of(href)).status_code == 200


@pytest.mark.parametrize("name", ["tileMatrix"])
def test_conf_core_tc_tilematrix_definition(client: TestClient, name: str) -> None:
    told = parameter(client, name)
    assert (told["in"], told["required"], told["schema"]["type"]) == ("path", True, "string")


def test_conf_core_tc_tilerow_definition(client: TestClient) -> None:
    told = parameter(client, "tileRow")
    assert (told["in"], told["required"], told["schema"]["type"]) == ("path", True, "integer")


def test_conf_core_tc_tilecol_definition(client: TestClient) -> None:
    told = parameter(client, "tileCol")
    assert (told["in"], told["required"], told["schema"]["type"]) == ("path", True, "integer")


def test_conf_core_tc_success(client: TestClient, rows: dict[str, Feature]) -> None:
    answer = client.get(address(87.005, 44.005, 12), headers={"Accept": MVT})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MVT
    decoded = mapbox_vector_tile.decode(answer.content)
    assert [one["properties"]["name"] for one in decoded[LAYER]["features"]] == ["甲"]
    tile = GRID.tile(87.005, 44.005, 12)
    assert answer.content == client.get(f"/tiles/{LAYER}/12/{tile.x}/{tile.y}.mvt").content


def test_conf_core_tc_error(client: TestClient, rows: dict[str, Feature]) -> None:
    for outside in (
        "0/0/1",
        "0/1/0",
        "23/0/0",
        "99/0/0",
        "-1/0/0",
        "x/0/0",
        "0/x/0",
        "0/0/1.5",
        f"0/0/{'9' * 30}",
        "²/0/0",
    ):
        assert get(client, f"{TILES}/{QUAD}/{outside}", 404)["code"] == "tile_unknown"
    empty = client.get(f"{TILES}/{QUAD}/{NOWHERE}")
    assert (empty.status_code, empty.content) == (204, b"")


def test_conf_tileset_conformance_success(client: TestClient) -> None:
    assert declared(client, "tileset")


def test_conf_tileset_description(client: TestClient) -> None:
    told = get(client, f"{TILES}/{QUAD}", headers={"Accept": "application/json"})
    assert told["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert (told["dataType"], told["crs"]) == ("vector", "http://www.opengis.net/def/crs/EPSG/0/3857")
    (item,) = links(told, "item")
    assert item["templated"] is True
    assert item["type"] == MVT
    for name in ("{tileMatrix}", "{tileRow}", "{tileCol}"):
        assert name in item["href"]
    (scheme,) = links(told, f"{REL}/tiling-scheme")
    assert get(client, path_of(scheme["href"]))["id"] == QUAD
    assert get(client, f"{TILES}/WorldCRS84Quad", 404)["code"] == "grid_unknown"
    own = get(client, f"{TILES}/{DEGREES}")
    assert (own["crs"], "tileMatrixSetURI" in own) == ("http://www.opengis.net/def/crs/EPSG/0/4490", False)
    (scheme,) = links(own, f"{REL}/tiling-scheme")
    assert get(client, path_of(scheme["href"]))["id"] == DEGREES


def test_conf_tilesets_list_conformance_success(client: TestClient) -> None:
    assert declared(client, "tilesets-list")


def test_conf_tilesets_list_tileset_links(client: TestClient) -> None:
    for one, grid in zip(get(client, TILES)["tilesets"], (QUAD, DEGREES), strict=True):
        assert {"dataType", "crs"} <= set(one)
        (own,) = links(one, "self")
        assert own["href"] == f"{HOME}/collections/{LAYER}/tiles/{grid}"
        told = get(client, path_of(own["href"]))
        assert told.items() >= {k: v for k, v in one.items() if k != "links"}.items()
        (scheme,) = links(one, f"{REL}/tiling-scheme")
        assert scheme["href"] == f"{HOME}/tileMatrixSets/{grid}"


def test_conf_geodata_tilesets_conformance_success(client: TestClient) -> None:
    assert declared(client, "geodata-tilesets")


def test_conf_geodata_tilesets_desc_links(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        (tiles,) = links(one, f"{REL}/tilesets-vector")
        assert get(client, path_of(tiles["href"]))["tilesets"]


def test_conf_geodata_tilesets_operation(client: TestClient) -> None:
    assert client.get(TILES).status_code == 200


def test_conf_mvt_content(client: TestClient, rows: dict[str, Feature]) -> None:
    assert declared(client, "mvt")
    answer = client.get(address(87.005, 44.005, 12))
    decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    (one,) = decoded[LAYER]["features"]
    assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")
    bounds = GRID.xy_bounds(GRID.tile(87.005, 44.005, 12))
    unit = (bounds.right - bounds.left) / decoded[LAYER]["extent"]
    shape = shapely.transform(shape_of(one), lambda at: (at * [unit, -unit]) + [bounds.left, bounds.top])
    told = get(client, f"/ogc/collections/{LAYER}/items/{rows['甲'].pk}?crs=EPSG:3857")
    assert shape.hausdorff_distance(shape_of(told)) < 2 * unit


def test_the_grid_is_the_registered_one(client: TestClient) -> None:
    one, _ = get(client, "/ogc/tileMatrixSets")["tileMatrixSets"]
    (own,) = links(one, "self")
    told = get(client, path_of(own["href"]))
    assert [int(matrix["id"]) for matrix in told["tileMatrices"]] == list(range(23))
    for matrix, known in zip(told["tileMatrices"], GRID.tileMatrices, strict=False):
        assert matrix["scaleDenominator"] == pytest.approx(known.scaleDenominator, rel=1e-9)
        assert matrix["cellSize"] == pytest.approx(known.cellSize, rel=1e-9)
        assert matrix["pointOfOrigin"] == pytest.approx(list(known.pointOfOrigin), rel=1e-9)
        assert (matrix["matrixWidth"], matrix["tileWidth"]) == (known.matrixWidth, known.tileWidth)


def test_the_grid_of_cgcs2000_is_the_national_one_to_another_library(client: TestClient) -> None:
    """Level 1 of grid `c`: two tiles, 0.703125 degrees a pixel (CH/Z 9011-2011); each level halves it."""
    _, one = get(client, "/ogc/tileMatrixSets")["tileMatrixSets"]
    (own,) = links(one, "self")
    told = get(client, path_of(own["href"]))
    wanted = morecantile.TileMatrixSet.custom(
        [-180, -90, 180, 90], pyproj.CRS.from_epsg(4490), matrix_scale=[2, 1], maxzoom=21
    )
    assert [int(matrix["id"]) for matrix in told["tileMatrices"]] == list(range(1, 23))
    assert told["tileMatrices"][0]["cellSize"] == 0.703125
    assert (told["crs"], told["orderedAxes"]) == (
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        ["Lat", "Lon"],
    )
    for matrix, known in zip(told["tileMatrices"], wanted.tileMatrices, strict=True):
        assert matrix["scaleDenominator"] == pytest.approx(known.scaleDenominator, rel=1e-9)
        assert matrix["cellSize"] == pytest.approx(known.cellSize, rel=1e-12)
        assert matrix["pointOfOrigin"] == [90, -180]
        assert (matrix["matrixWidth"], matrix["matrixHeight"]) == (known.matrixWidth, known.matrixHeight)
    read = morecantile.TileMatrixSet.model_validate(told)
    tile = read.tile(87.005, 44.005, 12)
    bounds = read.xy_bounds(tile)
    assert bounds.left <= 87.005 < bounds.right and bounds.bottom < 44.005 <= bounds.top
    assert (bounds.right - bounds.left, bounds.top - bounds.bottom) == (360 / 2**12, 360 / 2**12)


def test_a_tile_in_degrees_holds_the_coordinates_that_are_stored(
    client: TestClient, rows: dict[str, Feature]
) -> None:
    told = get(client, f"/ogc/tileMatrixSets/{DEGREES}")
    grid = morecantile.TileMatrixSet.model_validate(told)
    tile = grid.tile(87.005, 44.005, 12)
    (item,) = links(get(client, f"{TILES}/{DEGREES}"), "item")
    href = path_of(item["href"].format(tileMatrix=12, tileRow=tile.y, tileCol=tile.x))
    answer = client.get(href)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MVT)
    decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    (one,) = decoded[LAYER]["features"]
    assert (one["id"], one["properties"]["name"]) == (rows["甲"].pk, "甲")
    bounds = grid.xy_bounds(tile)
    unit = (bounds.right - bounds.left) / decoded[LAYER]["extent"]
    shape = shapely.transform(shape_of(one), lambda at: (at * [unit, -unit]) + [bounds.left, bounds.top])
    assert shape.hausdorff_distance(shapely.from_wkb(bytes(rows["甲"].geom.wkb))) < unit
    held = {"If-None-Match": answer.headers["etag"]}
    assert client.get(href, headers=held).status_code == 304
    for outside in ("0/0/0", "1/1/0", "1/0/2", "23/0/0"):
        assert get(client, f"{TILES}/{DEGREES}/{outside}", 404)["code"] == "tile_unknown"


def test_tiles_of_a_layer_that_may_not_be_read_are_refused(client: TestClient) -> None:
    for path in ("tiles", f"tiles/{QUAD}", f"tiles/{QUAD}/0/0/0", f"tiles/{DEGREES}/1/0/0"):
        assert client.get(f"/ogc/collections/suspected_plot/{path}").status_code == 401
    assert (
        get(client, f"/ogc/collections/park,suspected_plot/tiles/{QUAD}/0/0/0", 404)["code"]
        == "layer_unknown"
    )


def test_wmts_names_images_as_png_for_those_who_may_see_them(client: TestClient, bearer: Bearer) -> None:
    assert 'template="http://127.0.0.1/raster/' not in client.get("/ogc/wmts").text
    told = client.get("/ogc/wmts?SERVICE=WMTS&REQUEST=GetCapabilities", headers=(header := bearer("steward")))
    (template,) = re.findall(r'format="image/png" resourceType="tile" template="([^"]+)"', told.text)
    address = template.format(TileMatrix=6, TileRow=23, TileCol=47).removeprefix("http://127.0.0.1")
    assert client.get(address, headers=header).headers["content-type"] == "image/png"
    assert client.get("/ogc/wmts?request=GetTile").status_code == 400
