"""Raster tiles, TileJSON and statistics over HTTP, against pixels placed by pyproj and sums made by numpy."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from fastapi.testclient import TestClient
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from spatial import crs, rasters
from spatial.models import Feature
from tests.factories import feature, revision
from tests.loaders import images
from tests.settings import TEST_HOME

Bearer = Callable[..., dict[str, str]]
EPSG = 4538
WEST, NORTH = images.WEST, images.NORTH
R, G, B = np.eye(3, dtype=np.uint8) * 255


@pytest.fixture(autouse=True)
def home() -> Iterator[None]:
    shutil.rmtree(TEST_HOME / "rasters", ignore_errors=True)
    rasters.folder().mkdir()
    yield
    shutil.rmtree(TEST_HOME / "rasters", ignore_errors=True)


def stored(tmp_path: Path, data: np.ndarray, west: float = WEST, north: float = NORTH, pixel: float = 1.0,
           row: dict[str, Any] | None = None, outline: Any = None, **given: Any) -> Feature:  # fmt: skip
    """An image in its place with its row, as a load leaves them. `data`: bands, rows, columns."""
    path = images.gdal_tiff(
        tmp_path / "came.tif", data, transform=from_origin(west, north, pixel, pixel), tiled=True, blockxsize=256,
        blockysize=256, **given,
    )  # fmt: skip
    name = f"{hashlib.sha256(path.read_bytes() + repr(row).encode()).hexdigest()}.tif"
    path.rename(rasters.path_of(name))
    ground = shapely.box(west, north - data.shape[1] * pixel, west + data.shape[2] * pixel, north)
    shape = shapely.MultiPolygon([crs.to_storage(outline or ground, EPSG)])
    return feature("imagery", shape, **{"file": name, "name": name, "resolution_m": pixel, **(row or {})})


def tile_at(zoom: int, x: float, y: float) -> tuple[int, int]:
    lon, lat = pyproj.Transformer.from_crs(EPSG, 4326, always_xy=True).transform(x, y)
    n = 2**zoom
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def places(zoom: int, column: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Easting and northing in EPSG:4538 of the middle of each of the tile's 256 × 256 pixels."""
    size = 2 * math.pi * 6378137 / 2**zoom
    middles = (np.arange(256) + 0.5) / 256 * size
    x, y = np.meshgrid(column * size - math.pi * 6378137 + middles, math.pi * 6378137 - row * size - middles)
    return pyproj.Transformer.from_crs(3857, EPSG, always_xy=True).transform(x, y)  # type: ignore[no-any-return]


def picture(client: TestClient, address: str, **given: Any) -> np.ndarray:
    """Red, green, blue, alpha; rows; columns: read by GDAL, which did not write it."""
    answer = client.get(address, **given)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    with MemoryFile(answer.content) as file, file.open(driver="PNG") as opened:
        return opened.read()  # type: ignore[no-any-return]


def address(zoom: int, x: float = WEST + 150, y: float = NORTH - 130, layer: str = "imagery") -> str:
    column, row = tile_at(zoom, x, y)
    return f"/raster/{layer}/{zoom}/{column}/{row}.png"


def test_each_pixel_of_a_tile_is_that_of_the_image_below_its_middle(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    data = np.random.default_rng(3).integers(1, 256, (3, 260, 300), dtype=np.uint8)
    data[:, 40:90, 60:130] = 0
    stored(tmp_path, data, photometric="RGB", nodata=0)
    for zoom in (17, 18, 19):
        shown = picture(client, address(zoom), headers=bearer("clerk"))
        x, y = places(zoom, *tile_at(zoom, WEST + 150, NORTH - 130))
        columns, rows = np.floor(x - WEST).astype(int), np.floor(NORTH - y).astype(int)
        inside = (columns >= 0) & (columns < 300) & (rows >= 0) & (rows < 260)
        wanted = np.zeros((3, 256, 256), np.uint8)
        wanted[:, inside] = data[:, rows[inside], columns[inside]]
        alpha = np.where(inside & (wanted.any(axis=0)), 255, 0)
        if zoom == 17:
            assert 0 < inside.mean() < 1  # some of it lies outside of the image
        # GDAL places pixels to an eighth: next to an edge of two it may take the other one.
        assert (shown[3] == alpha).mean() > 0.99
        assert (shown[:3] == wanted).all(axis=0)[alpha > 0].mean() > (0.75 if zoom == 17 else 0.9)
        assert not shown[:, shown[3] == 0].any()


def test_far_out_a_tile_shows_what_pixels_are_on_average(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    checked = np.where(np.indices((512, 512)).sum(axis=0) % 2, 200, 100).astype(np.uint8)
    stored(tmp_path, checked[None], nodata=0)
    shown = picture(client, address(12, WEST + 256, NORTH - 256), headers=bearer("clerk"))
    seen = shown[0][shown[3] > 0]
    assert 10 < len(seen) < 400
    assert abs(seen.mean() - 150) < 5
    assert picture(client, "/raster/imagery/0/0/0.png", headers=bearer("clerk")).shape == (4, 256, 256)


def test_the_newest_image_lies_on_top_and_others_show_where_it_has_no_pixels(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    whole = np.ones((3, 300, 300), np.uint8)
    new = whole * R[:, None, None]
    new[:, :, 150:] = 0
    stored(tmp_path, new, row={"date": "2026-05-01"}, photometric="RGB", nodata=0)
    stored(tmp_path, whole * G[:, None, None], row={"date": "2025-05-01"}, photometric="RGB", nodata=7)
    stored(tmp_path, whole * B[:, None, None], row={"valid_from": None}, photometric="RGB", nodata=7)
    clerk = bearer("clerk")
    assert (picture(client, address(22, WEST + 75), headers=clerk)[:3, 128, 128] == R).all()
    assert (picture(client, address(22, WEST + 225), headers=clerk)[:3, 128, 128] == G).all()
    Feature.objects.filter(attributes__date="2026-05-01").update(valid_to="2026-06-01")
    assert (picture(client, address(22, WEST + 75), headers=clerk)[:3, 128, 128] == G).all()
    assert (
        picture(client, address(22, WEST + 75) + "?as_of=2026-05-20", headers=clerk)[:3, 128, 128] == R
    ).all()


def test_values_are_stretched_between_two_of_them_and_along_a_ramp(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    heights = np.tile(np.linspace(-100, 900, 300, dtype=np.float32), (260, 1))
    heights[0, 0] = np.nan
    stored(tmp_path, heights[None])
    clerk = bearer("clerk")

    def at(x: float, query: str) -> list[int]:
        zoom, place = 22, (WEST + x, NORTH - 130)
        shown = picture(client, address(zoom, *place) + query, headers=clerk)
        east, north = places(zoom, *tile_at(zoom, *place))
        spot = np.unravel_index(np.hypot(east - place[0], north - place[1]).argmin(), (256, 256))
        return shown[:3, *spot].tolist()  # type: ignore[no-any-return]

    value = heights[100, 150]
    grey = round((value + 100) / 1000 * 255)
    assert at(150.5, "?stretch=minmax") == [grey] * 3
    low, high = np.percentile(heights[np.isfinite(heights)], (2, 98))
    assert at(150.5, "") == at(150.5, "?stretch=percent")
    assert abs(at(150.5, "")[0] - (value - low) / (high - low) * 255) <= 1
    assert at(150.5, "?between=0,800") == [round(value / 800 * 255)] * 3
    assert at(299.5, "?between=0,800") == [255] * 3 and at(0.5, "?between=0,800") == [0] * 3
    assert at(299.5, "?stretch=minmax&colormap=viridis") == [0xFD, 0xE7, 0x25]
    assert at(0.5, "?stretch=minmax&colormap=viridis") == [0x44, 0x01, 0x54]


def test_bands_are_chosen_and_a_palette_shows_its_own_colours(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    bands = np.stack([np.full((300, 300), value, np.uint8) for value in (10, 20, 30, 40)])
    row = stored(tmp_path, bands, photometric="MINISBLACK")
    clerk, tile = bearer("clerk"), address(22)
    assert picture(client, tile, headers=clerk)[:3, 128, 128].tolist() == [10, 10, 10]
    assert picture(client, f"{tile}?bands=4,3,1", headers=clerk)[:3, 128, 128].tolist() == [40, 30, 10]
    refused = client.get(f"{tile}?bands=5", headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (422, "band_unknown")
    assert "4 个波段" in refused.json()["detail"]
    row.delete()
    stored(tmp_path, bands[:1], colours={10: (1, 2, 3, 255)})
    assert picture(client, tile, headers=clerk)[:, 128, 128].tolist() == [1, 2, 3, 255]


@pytest.mark.parametrize(
    "query",
    ["bands=0", "bands=1,2", "bands=x", "stretch=x", "colormap=x", "between=1", "between=a,b", "between=1,2,3,4",
     "bands=1,2,3&colormap=heat", "bands=1&between=1,2,3,4,5,6", "file=x", "between=nan,1", "between=1e5,2"],
)  # fmt: skip
def test_a_look_that_is_none_is_refused_in_words(client: TestClient, bearer: Bearer, query: str) -> None:
    refused = client.get(f"/raster/imagery/0/0/0.png?{query}", headers=bearer("clerk"))
    assert refused.status_code in (400, 422)
    assert refused.json()["hint"]


def test_outside_of_images_a_tile_is_transparent_and_outside_of_the_grid_there_is_none(
    client: TestClient, bearer: Bearer
) -> None:
    clerk = bearer("clerk")
    assert not picture(client, "/raster/imagery/12/10/10.png", headers=clerk).any()
    for tile in ("23/0/0", "3/8/0", "3/0/8"):
        missing = client.get(f"/raster/imagery/{tile}.png", headers=clerk)
        assert (missing.status_code, missing.json()["code"]) == (404, "tile_unknown")
    for path in ("/raster/park/0/0/0.png", "/raster/park.json"):
        assert client.get(path, headers=clerk).json()["code"] == "layer_not_raster"
    assert client.get("/raster/imagery/0/0/0.png").status_code == 401
    assert client.get("/raster/nothing/0/0/0.png", headers=clerk).json()["code"] == "layer_unknown"


def test_an_image_of_another_county_is_nowhere_and_no_file_is_read_through_a_name(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    row = stored(tmp_path, np.full((1, 300, 300), 90, np.uint8))
    Feature.objects.filter(pk=row.pk).update(county="652302")
    ours, theirs, tile = bearer("clerk", "652301"), bearer("clerk", "652302"), address(18)
    parcel = {"parcel": inside(WEST + 10, NORTH - 40, WEST + 40, NORTH - 10), "crs": "EPSG:4538"}
    assert not picture(client, tile, headers=ours).any()
    assert picture(client, tile, headers=theirs).any()
    assert client.post("/raster/imagery/statistics", json=parcel, headers=ours).json()["images"] == []
    assert len(client.post("/raster/imagery/statistics", json=parcel, headers=theirs).json()["images"]) == 1
    told = [client.get("/raster/imagery.json", headers=one).json()["bounds"] for one in (ours, theirs)]
    assert told[0] != told[1]
    tags = [client.get(tile, headers=one).headers["etag"] for one in (ours, theirs)]
    assert tags[0] != tags[1]
    # A row that names a file of another kind, or of another place, opens nothing.
    secret = TEST_HOME / "secret.tif"
    shutil.copy(rasters.path_of(row.attributes["file"]), secret)
    for name in (
        "../secret.tif",
        str(secret),
        "/vsicurl/http://127.0.0.1/x.tif",
        "",
        None,
        "a.tif",
        "0" * 64 + ".tif",
    ):
        Feature.objects.filter(pk=row.pk).update(attributes={"file": name})
        refused = client.get(tile, headers=theirs)
        assert (refused.status_code, refused.json()["code"]) == (503, "image_missing"), name
    assert str(TEST_HOME) not in refused.text
    # In another layer an attribute of that name is no file.
    feature("park", shapely.MultiPolygon([shapely.box(87, 43, 88, 45)]), file=row.attributes["file"])
    assert client.get("/raster/park/0/0/0.png").json()["code"] == "layer_not_raster"


def test_what_did_not_change_is_304_and_what_did_is_drawn_anew(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    row = stored(tmp_path, np.full((1, 300, 300), 90, np.uint8))
    clerk, tile = bearer("clerk"), address(18)
    first = client.get(tile, headers=clerk)
    assert first.headers["cache-control"] == "private, max-age=0, must-revalidate"
    held = {**clerk, "If-None-Match": first.headers["etag"]}
    assert client.get(tile, headers=held).status_code == 304
    revision(2)
    row.delete()
    assert client.get(tile, headers=held).status_code == 200
    told = client.get("/raster/imagery.json?bands=1&colormap=heat", headers=clerk).json()
    assert told["tiles"][0].startswith(
        "http://127.0.0.1/raster/imagery/{z}/{x}/{y}.png?bands=1&colormap=heat&v=2-"
    )


def test_tilejson_says_where_the_images_lie_and_to_which_zoom_they_are_sharp(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    row = stored(tmp_path, np.full((1, 300, 300), 90, np.uint8), pixel=2.0)
    told = client.get("/raster/imagery.json", headers=bearer("clerk")).json()
    assert told["bounds"] == pytest.approx(row.geom.extent, abs=1e-12)
    # 40,075,017 m × cos 44.02° / 256 / 2^16 = 1.72 m; at zoom 15 it is 3.44 m.
    assert told["maxzoom"] == 16
    tile = told["tiles"][0].replace("http://127.0.0.1", "").format(z=16, x=0, y=0)
    assert client.get(tile, headers=bearer("clerk")).status_code == 200


# ---- statistics -------------------------------------------------------------------------------------------------


def inside(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle of EPSG:4538 whose edges are cut short, for they are straight in longitude and latitude."""
    return dict(shapely.geometry.mapping(shapely.segmentize(shapely.box(west, south, east, north), 10)))


def count(client: TestClient, headers: dict[str, str], parcel: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(
        "/raster/imagery/statistics", json={"parcel": parcel, "crs": "EPSG:4538", **more}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_statistics_count_each_pixel_by_the_part_of_it_that_lies_in_the_parcel(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    data = np.random.default_rng(5).integers(1, 4000, (2, 40, 50), dtype=np.int16)
    data[0, 10:14, 10:15] = -999
    stored(tmp_path, data, pixel=10.0, nodata=-999, names=("红", "近红外"))
    # From 2.5 pixels to 31.25 across, from 3.75 to 22 down.
    told = count(client, bearer("clerk"), inside(WEST + 25, NORTH - 220, WEST + 312.5, NORTH - 37.5))
    across, down = np.zeros(50), np.zeros(40)
    across[3:31], across[2], across[31] = 1, 0.5, 0.25
    down[4:22], down[3] = 1, 0.25
    part = np.outer(down, across)
    (image,) = told["images"]
    assert image["pixels"] == pytest.approx(part.sum(), rel=1e-6)
    assert image["area_m2"] == pytest.approx(told["area_m2"], abs=0.02)
    assert told["without_image_m2"] == 0
    for band, found in zip(data.astype(float), image["bands"], strict=True):
        valid = part * (band != -999)
        assert found["count"] == pytest.approx(valid.sum(), rel=1e-6)
        assert found["mean"] == pytest.approx((valid * band).sum() / valid.sum(), rel=1e-6)
        seen = band[valid > 0]
        assert (found["min"], found["max"]) == (seen.min(), seen.max())
        assert found["without_value"] == pytest.approx(1 - valid.sum() / part.sum(), abs=1e-6)
    assert [(one["band"], one["name"]) for one in image["bands"]] == [(1, "红"), (2, "近红外")]


def test_quantiles_of_whole_pixels_are_those_of_their_order(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    data = np.random.default_rng(6).normal(50, 9, (1, 40, 50)).astype(np.float32)
    stored(tmp_path, data, pixel=10.0)
    told = count(client, bearer("clerk"), inside(WEST + 50, NORTH - 250, WEST + 300, NORTH - 100))
    (band,) = told["images"][0]["bands"]
    inner = np.sort(data[0, 10:25, 5:30].astype(float).ravel())
    assert len(inner) == 375
    # The 19th of 375 is the first that with those below it has a twentieth (18.75), and so on.
    assert list(band["quantiles"]) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
    assert list(band["quantiles"].values()) == [inner[n - 1] for n in (19, 94, 188, 282, 357)]
    assert (band["min"], band["max"]) == (inner[0], inner[-1])


def test_where_a_newer_image_has_pixels_older_ones_are_not_counted(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    stored(tmp_path, np.full((1, 40, 50), 1, np.uint8), pixel=10.0, row={"date": "2025-01-01"})
    stored(tmp_path, np.full((1, 40, 20), 9, np.uint8), pixel=10.0, row={"date": "2026-01-01"})
    told = count(client, bearer("clerk"), inside(WEST + 100, NORTH - 200, WEST + 600, NORTH - 100))
    assert [one["date"] for one in told["images"]] == ["2026-01-01", "2025-01-01"]
    new, old = (one["bands"][0] for one in told["images"])
    assert (new["mean"], old["mean"]) == pytest.approx((9, 1))
    assert (new["count"], old["count"]) == pytest.approx((100, 300), rel=1e-4)
    assert told["without_image_m2"] == pytest.approx(told["area_m2"] / 5, rel=1e-4)


def test_a_parcel_without_a_value_and_one_of_too_many_pixels_are_told_so(
    client: TestClient, bearer: Bearer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(tmp_path, np.full((1, 300, 300), np.nan, np.float32))
    clerk, parcel = bearer("clerk"), inside(WEST + 10, NORTH - 60, WEST + 60, NORTH - 10)
    (band,) = count(client, clerk, parcel)["images"][0]["bands"]
    assert (band["count"], band["without_value"], band["mean"], band["min"]) == (0, 1, None, None)
    assert set(band["quantiles"].values()) == {None}
    monkeypatch.setattr("tiles.zonal.MOST_PIXELS", 2_000)
    refused = client.post(
        "/raster/imagery/statistics", json={"parcel": parcel, "crs": "EPSG:4538"}, headers=clerk
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "parcel_too_large")
    assert "像元" in refused.json()["detail"] and refused.json()["hint"]
    bow = {"type": "Polygon", "coordinates": [[[87, 44], [87.1, 44.1], [87.1, 44], [87, 44.1], [87, 44]]]}
    assert client.post("/raster/imagery/statistics", json={"parcel": bow}, headers=clerk).status_code == 422


def test_a_hundred_askers_at_once_all_get_the_same_tile(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    stored(tmp_path, images.speckled(300, 300)[None])
    clerk = bearer("clerk")
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: client.get(address(18), headers=clerk), range(100)))
    told = {answer.content for answer in answers if answer.status_code == 200}
    assert len(told) == 1
    assert {answer.status_code for answer in answers} <= {200, 503}


def test_the_pixels_of_a_load_are_drawn_from_the_copy_that_is_kept(tmp_path: Path) -> None:
    from loaders import cog
    from loaders.formats import opened
    from tiles.grid import Tile
    from tiles.pictures import Drawn, drawn

    path = images.tiff(tmp_path / "a.tif", images.speckled(1200, 1300))
    with opened(path, path.name, images=True) as (file, reader):
        delivery = reader(file)
        list(delivery.records)
        assert delivery.image is not None
        cog.write(delivery.image, tmp_path / "kept.tif")
    for zoom in (13, 15, 17):
        tile = Tile(zoom, *tile_at(zoom, WEST + 600, NORTH - 600))
        shown = drawn([tmp_path / "kept.tif"], tile, Drawn())
        assert shown is not None and shown[3].any()
    with rasterio.open(tmp_path / "kept.tif") as kept:
        assert kept.overviews(1)
