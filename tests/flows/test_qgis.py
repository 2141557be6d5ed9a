"""QGIS 3.22 opens the service as it is and reads what the database holds."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyproj
import pytest
import shapely

from spatial import catalog
from tests.flows.conftest import JINGTU, Demo
from tests.flows.test_ogc_clients import held
from tests.loaders import images

SCRIPT = Path(__file__).with_name("read_qgis.py")
SIDE_M = 2000
pytestmark = pytest.mark.long


def jingtu(demo: Demo, *arguments: str) -> None:
    env = os.environ | {
        "JINGTU_DATABASE_URL": (demo.home / "database-url").read_text().strip(),
        "JINGTU_HOME": str(demo.home),
    }
    subprocess.run([JINGTU, *arguments], env=env, check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def box(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """The ground of an image that is live in the demo, red in the west and green in the east, in degrees."""
    data = np.zeros((3, SIDE_M // 10, SIDE_M // 10), np.uint8)
    data[0, :, : data.shape[2] // 2] = data[1, :, data.shape[2] // 2 :] = 255
    folder = tmp_path_factory.mktemp("image")
    path = images.gdal_tiff(
        folder / "image.tif", data, transform=images.from_origin(images.WEST, images.NORTH, 10, 10)
    )
    jingtu(demo, "load", "imagery", str(path), "--release", "QGIS", "--commit")
    jingtu(demo, "publish", "QGIS")
    to_degrees = pyproj.Transformer.from_crs(4538, 4490, always_xy=True)
    return list(
        to_degrees.transform_bounds(
            images.WEST, images.NORTH - SIDE_M, images.WEST + SIDE_M, images.NORTH, densify_pts=21
        )
    )


@pytest.fixture(scope="module")
def read(demo: Demo, box: list[float]) -> dict[str, Any]:
    with demo.as_role("administrator") as client:
        names = [one["id"] for one in client.get("/ogc/collections").json()["collections"]]
    asked = {
        "url": demo.url,
        "token": demo.accounts["administrator"]["token"],
        "collections": names,
        "box": catalog.current().region.extent,
        "vector": ["admin_county", "name", ["昌吉市", "奇台县", "没有这个县"]],
        "image": ["imagery", box],
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL_", "PYTHON"))}
    done = subprocess.run(
        ["/usr/bin/python3", SCRIPT],
        env=env,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def test_it_is_the_qgis_of_debian(read: dict[str, Any]) -> None:
    assert tuple(map(int, read["version"].partition("-")[0].split("."))) >= (3, 22)


def test_qgis_reads_every_row_text_and_coordinate(demo: Demo, read: dict[str, Any]) -> None:
    rows = 0
    for layer, told in read["collections"].items():
        stored = held(demo, layer)
        if not stored:  # nothing loaded, or a selection of other layers
            continue
        assert told["counted"] == len(told["rows"]) == len(stored), layer
        for row in told["rows"]:
            shape, name, county = stored[row["id"]]
            assert as_many(row["shape"]) == as_many(shape and shape.hex()), (layer, row["id"])
            assert (row["name"] or None, row["county"] or None) == (name, county), (layer, row["id"])
        rows += len(stored)
    assert rows > 10_000


def as_many(shape: str | None) -> Any:
    """Kind and coordinates: of a layer with points and multi-points QGIS makes multi-points."""
    if shape is None:
        return None
    found = shapely.from_wkb(bytes.fromhex(shape))
    parts = [[list(ring.coords) for ring in (one.exterior, *one.interiors)] if one.geom_type == "Polygon"
             else list(one.coords) for one in shapely.get_parts(found)]  # fmt: skip
    return shapely.get_dimensions(found), parts


def test_qgis_draws_vector_tiles_by_their_attributes(demo: Demo, read: dict[str, Any]) -> None:
    """A county takes as many pixels as its area in the picture's system says, to a fiftieth."""
    west, south, east, north = catalog.current().region.extent
    to_map = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
    (left, bottom), (right, top) = to_map.transform(west, south), to_map.transform(east, north)
    pixel = max((right - left) / 400, (top - bottom) / 300)
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as connection:
        areas = dict(
            connection.execute(
                "SELECT name, ST_Area(ST_Transform(geom, 3857)) FROM spatial_feature WHERE layer = 'admin_county'"
            ).fetchall()
        )
    for name, pixels in read["vector"].items():
        assert pixels == pytest.approx(areas.get(name, 0) / pixel**2, rel=0.02)
    assert read["vector"]["没有这个县"] == 0


def test_qgis_draws_an_image_from_the_wmts(read: dict[str, Any]) -> None:
    """All of the picture but its margin, and each half of the image in its colour."""
    colours = read["image"]["colours"]
    assert read["image"]["pixels"] > 400 * 300 / 4
    assert set(colours) >= {"#ff0000", "#00ff00"}
    assert colours["#ff0000"] == pytest.approx(colours["#00ff00"], rel=0.1)
