"""OGC API Features part 2: the abstract tests of Coordinate Reference Systems (OGC 18-058r1, annex A), each by its URI.

Expected coordinates are those of the pyproj wheel's own PROJ, asked for the axis order of the registry.
"""

from __future__ import annotations

import re

import pyproj
import pytest
import shapely
from fastapi.testclient import TestClient
from pyproj.transformer import Transformer

from spatial.models import Feature
from tests.api.ogc import CRS84, EPSG, ITEMS, LAYER, box, dataset, get, names, shape_of

ZONES = {4517, 4518, 4519, 4538, 4539, 4540}
"""CGCS2000 3-degree zones 29, 30 and 31, with the number in front of the easting and without."""
OFFERED = [CRS84, *(f"{EPSG}{code}" for code in (4490, 4326, 3857, *sorted(ZONES)))]
GROUND = "87.05,44.05,87.2,44.2"


@pytest.fixture
def rows(client: TestClient) -> dict[str, Feature]:
    return dataset()


def offered(client: TestClient) -> list[str]:
    return list(get(client, f"/ogc/collections/{LAYER}")["crs"])


def expected(shape: shapely.Geometry, uri: str) -> shapely.Geometry:
    """A shape of longitude and latitude in another system, axes as the system has them."""
    if uri == CRS84:
        return shape
    code = int(uri.rpartition("/")[2])
    if code in (4326, 4490):
        return shapely.transform(shape, lambda points: points[:, ::-1])
    there = Transformer.from_crs("EPSG:4490", f"EPSG:{code}")  # latitude first in, the registry's order out

    def move(points: object) -> object:
        first, second = there.transform(points[:, 1], points[:, 0])  # type: ignore[index]
        return shapely.get_coordinates(shapely.points(first, second))

    return shapely.transform(shape, move)


def test_conf_crs_crs_uri(client: TestClient) -> None:
    told = get(client, "/ogc/collections")
    for one in (told, *told["collections"]):
        assert set(one["crs"]) == set(OFFERED)
        for uri in one["crs"]:
            assert re.fullmatch(r"http://www\.opengis\.net/def/crs/(EPSG/0|OGC/1\.3)/[A-Za-z0-9]+", uri)
            assert pyproj.CRS.from_user_input(uri)


def test_conf_crs_default_crs(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        assert one["crs"][0] == CRS84


def test_conf_crs_storageCrs(client: TestClient) -> None:
    for one in get(client, "/ogc/collections")["collections"]:
        assert one["storageCrs"] == f"{EPSG}4490"
        assert one["storageCrs"] in one["crs"]


def test_conf_crs_crs_parameter(client: TestClient, rows: dict[str, Feature]) -> None:
    for uri in offered(client):
        for path in (ITEMS, f"{ITEMS}/{rows['甲'].pk}"):
            answer = client.get(path, params={"crs": uri})
            assert answer.status_code == 200
            assert answer.headers["content-crs"] == f"<{uri}>"


def test_conf_crs_crs_parameter_invalid(client: TestClient, rows: dict[str, Feature]) -> None:
    for wrong in (f"{EPSG}4547", "http://www.opengis.net/def/crs/EPSG/0/", "4490", "", "EPSG:2326"):
        for path in (ITEMS, f"{ITEMS}/{rows['甲'].pk}"):
            answer = client.get(path, params={"crs": wrong})
            assert (answer.status_code, answer.json()["code"]) == (400, "parameter_invalid")


def test_conf_crs_crs_parameter_default(client: TestClient, rows: dict[str, Feature]) -> None:
    plain = client.get(ITEMS)
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    assert plain.json()["features"] == get(client, ITEMS, params={"crs": CRS84})["features"]


def test_conf_crs_crs_parameter_transform(client: TestClient, rows: dict[str, Feature]) -> None:
    shape = box(87.0, 44.0)
    for uri in OFFERED:
        told = shape_of(get(client, f"{ITEMS}/{rows['甲'].pk}", params={"crs": uri}))
        tolerance = 0 if uri in (CRS84, f"{EPSG}4490", f"{EPSG}4326") else 1e-6
        assert shapely.equals_exact(told, expected(shape, uri), tolerance=tolerance), uri
        first = next(one for one in get(client, ITEMS, params={"crs": uri})["features"])
        assert shapely.equals_exact(shape_of(first), told, tolerance=0)


def test_a_zone_has_its_northing_first_and_the_number_before_its_easting(
    client: TestClient, rows: dict[str, Feature]
) -> None:
    north, east = shape_of(get(client, f"{ITEMS}/{rows['甲'].pk}", params={"crs": f"{EPSG}4517"})).bounds[:2]
    assert 4_870_000 < north < 4_880_000
    assert east == pytest.approx(29_500_000, abs=0.01)  # 87° E is the middle of zone 29


def test_conf_crs_bbox_crs_parameter(client: TestClient, rows: dict[str, Feature]) -> None:
    plain = get(client, ITEMS, params={"bbox": GROUND, "datetime": "2026-02-01"})
    assert names(plain) == ["乙", "丁"]
    west, south, east, north = map(float, GROUND.split(","))
    for uri in OFFERED:
        bounds = expected(shapely.box(west, south, east, north), uri).bounds
        told = get(
            client,
            ITEMS,
            params={"bbox": ",".join(map(repr, bounds)), "bbox-crs": uri, "datetime": "2026-02-01"},
        )
        assert told["features"] == plain["features"], uri


def test_conf_crs_bbox_crs_parameter_default(client: TestClient, rows: dict[str, Feature]) -> None:
    asked = {"bbox": GROUND, "datetime": "2026-02-01"}
    assert (
        get(client, ITEMS, params=asked)["features"]
        == get(client, ITEMS, params={**asked, "bbox-crs": CRS84, "crs": CRS84})["features"]
    )


@pytest.mark.parametrize(
    ("bbox", "system"),
    [
        (GROUND, f"{EPSG}4547"),
        (GROUND, "WGS84"),
        ("1e30,1e30,2e30,2e30", f"{EPSG}3857"),
        ("-1e300,-1e300,1e300,1e300", f"{EPSG}3857"),
        ("1e9,1e9,2e9,2e9", f"{EPSG}4517"),
        ("5,5,4,4", f"{EPSG}3857"),
        ("87.0,44.0,87.2,44.2", f"{EPSG}0"),
        ("95,44,96,45", f"{EPSG}4490"),
    ],
)
def test_conf_crs_bbox_crs_parameter_invalid(
    client: TestClient, rows: dict[str, Feature], bbox: str, system: str
) -> None:
    refused = client.get(ITEMS, params={"bbox": bbox, "bbox-crs": system})
    assert (refused.status_code, refused.json()["code"]) == (400, "parameter_invalid")


def test_conf_crs_geojson(client: TestClient, rows: dict[str, Feature]) -> None:
    for uri in offered(client):
        assert client.get(ITEMS, params={"crs": uri}).headers["content-type"] == "application/geo+json"
