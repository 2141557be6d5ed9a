"""An image over HTTP: handed in, done by the worker, and then a feature like any other to those who ask."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import mapbox_vector_tile
import psycopg
import pytest
from fastapi.testclient import TestClient

from spatial import rasters
from spatial.models import Feature
from spatial.releases import publish
from tests.api.conftest import Bearer
from tests.api.workers import ended, worker
from tests.loaders import images
from tests.settings import TEST_HOME

FIELDS = {"layer": "imagery", "county": "652301", "release": "R1", "data_date": "2025-10-01"}
LON, LAT = 87.3, 44.02
"""In tile 10/760/372."""
Who = Callable[..., Bearer]


@pytest.fixture
def url(test_database_url: str) -> Iterator[str]:
    """The queue's own tables are not Django's: they are emptied here, as is the home that the tests share."""
    shutil.rmtree(TEST_HOME / "rasters", ignore_errors=True)
    with psycopg.connect(test_database_url, autocommit=True) as database:
        database.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    yield test_database_url
    shutil.rmtree(TEST_HOME / "rasters", ignore_errors=True)


def hand_in(client: TestClient, header: Bearer, path: Path, **more: str) -> str:
    sent = {"files": (path.name, path.read_bytes())}
    answer = client.post("/loads", data=FIELDS | more, files=sent, headers=header)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job"])


def test_an_image_that_is_handed_in_becomes_a_row_and_a_file_and_is_found(
    client: TestClient, url: str, bearer: Who, tmp_path: Path
) -> None:
    path = images.tiff(
        tmp_path / "影像.tif",
        images.speckled(300, 400),
        epsg=4490,
        west=LON - 0.02,
        north=LAT + 0.015,
        pixel=0.0001,
    )
    steward, clerk = bearer("steward", "652301"), bearer("clerk", "652301")
    with worker(url):
        dry = ended(client, hand_in(client, steward, path), steward)["result"]
        assert (dry["outcome"], dry["committed"]) == ("accepted", False)
        assert not rasters.folder().exists()
        told = ended(client, hand_in(client, steward, path, commit="true"), steward)
        refused = ended(client, hand_in(client, steward, path, layer="eco_redline"), steward)["result"]
    assert (told["state"], told["result"]["outcome"], told["result"]["committed"]) == (
        "done",
        "accepted",
        True,
    )
    assert rasters.path_of(f"{hashlib.sha256(path.read_bytes()).hexdigest()}.tif").is_file()
    assert [one["code"] for one in refused["issues"] if one["severity"] == "error"] == ["format_unsupported"]

    publish("R1")
    (found,) = client.get(f"/identify?lon={LON}&lat={LAT}", headers=clerk).json()["features"]
    assert (found["layer"], found["name"], found["geometry"]["type"]) == (
        "imagery",
        "影像.tif",
        "MultiPolygon",
    )
    assert found["properties"]["sha256"] == Feature.objects.get().attributes["sha256"]
    assert found["properties"]["band_names"] == ["灰度"]
    assert client.get(f"/identify?lon={LON}&lat={LAT}").json()["features"] == []
    assert client.get("/features/imagery", headers=clerk).json()["numberMatched"] == 1
    assert client.get("/tiles/imagery.json", headers=clerk).json()["vector_layers"][0]["id"] == "imagery"

    assert "imagery" not in client.get("/style.json", headers=clerk).json()["sources"]
    tile = "/tiles/imagery/10/760/372.mvt"
    (outline,) = mapbox_vector_tile.decode(client.get(tile, headers=clerk).content)["imagery"]["features"]
    assert (outline["geometry"]["type"], outline["properties"]["name"]) == ("Polygon", "影像.tif")
    assert client.get(tile).status_code == 401
