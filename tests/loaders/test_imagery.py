"""Images on their way into the layer: rows with outlines, and files that hold every pixel, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import psycopg
import pytest
import rasterio
import rasterio.shutil
import shapely
from django.db import connection
from django.test import override_settings

from loaders.pipeline import load
from loaders.result import LoadResult
from spatial import rasters
from spatial.models import Feature, Load, Release
from spatial.releases import publish, unpublish
from tests.api.workers import held, until, wait_until_blocked
from tests.factories import feature
from tests.loaders import files, images

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CITY = "652301"
DAY = date(2025, 10, 1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    with override_settings(JINGTU_HOME=folder):
        yield folder


def stored(home: Path) -> list[str]:
    """The files that lie in the home's folder, but for the lock."""
    return sorted(path.name for path in (home / "rasters").glob("*") if path.name != ".lock")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def deliver(*paths: Path, commit: bool = True, **given: Any) -> LoadResult:
    return load(list(paths), "imagery", **{"county": CITY, "data_date": DAY, "commit": commit, **given})


def codes(result: LoadResult, severity: str = "error") -> list[str]:
    return [issue.code for issue in result.issues if issue.severity == severity]


def scene(path: Path, seed: int = 1, **given: Any) -> Path:
    """Three bands of 700 × 900 pixels; 0 says nothing."""
    data = np.random.default_rng(seed).integers(1, 250, (700, 900, 3), dtype=np.uint8)
    data[:40] = 0
    return images.tiff(path, data, nodata="0", photometric="rgb", **given)


# ---- what is stored ---------------------------------------------------------------------------------------------


def test_a_dry_run_tells_everything_and_writes_nothing(tmp_path: Path, home: Path) -> None:
    result = deliver(scene(tmp_path / "a.tif"), commit=False)
    assert (result.outcome, result.committed, result.crs) == ("accepted", False, "EPSG:4538")
    assert result.rows.as_json() == {"read": 1, "loaded": 1, "repaired": 0, "quarantined": 0, "refused": 0}
    assert result.changes.added == 1
    assert not Feature.objects.exists()
    assert list(home.iterdir()) == []


def test_a_commit_leaves_a_row_with_the_outline_and_a_file_named_by_the_hash(
    tmp_path: Path, home: Path
) -> None:
    path = scene(tmp_path / "GF2_示例.tif", tags=((306, "s", 0, "2025:06:10 12:30:00", True),))
    result = deliver(path, data_date=None)
    assert (result.outcome, result.committed, result.data_date) == ("accepted", True, date(2025, 6, 10))
    row = Feature.objects.get()
    assert (row.layer, row.name, row.code, row.county) == ("imagery", "GF2_示例.tif", None, CITY)
    assert row.attributes == {
        "name": "GF2_示例.tif", "date": "2025-06-10", "resolution_m": 1, "bands": 3, "band_names": ["红", "绿", "蓝"],
        "data_type": "uint8", "nodata": "0", "width": 900, "height": 700, "crs": "EPSG:4538", "sha256": sha256(path),
        "file": f"{sha256(path)}.tif",
    }  # fmt: skip
    corners = [(0, 40), (900, 40), (900, 700), (0, 700)]
    expected = shapely.Polygon([ground(column, row_) for column, row_ in corners])
    shape = shapely.from_wkb(bytes(row.geom.wkb))
    assert (row.geom.srid, shape.geom_type) == (4490, "MultiPolygon")
    assert shapely.hausdorff_distance(shape, expected) < 3e-7  # 3 cm: a pixel is 1 m
    assert stored(home) == [f"{sha256(path)}.tif"]
    assert rasters.path_of(row.attributes["file"]) == home / "rasters" / f"{sha256(path)}.tif"


def ground(column: float, row: float) -> tuple[float, float]:
    import pyproj

    to_degrees = pyproj.Transformer.from_crs(4538, 4490, always_xy=True)
    lon, lat = to_degrees.transform(images.WEST + column, images.NORTH - row)
    return lon, lat


def only(home: Path) -> Path:
    (name,) = stored(home)
    return home / "rasters" / name


# ---- again, beside, back ----------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_and_makes_no_second_file(tmp_path: Path, home: Path) -> None:
    path = scene(tmp_path / "a.tif")
    assert deliver(path, release="R1").committed
    before = only(home).stat()
    again = deliver(path, release="R1")
    assert codes(again, "notice") == ["already_loaded"]
    publish("R1")
    after = deliver(path, release="R2")
    assert (after.changes.unchanged, after.changes.added, after.changes.removed) == (1, 0, 0)
    assert Feature.objects.count() == 1
    assert (only(home).stat().st_ino, only(home).stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_went_lost_comes_back_with_the_same_delivery(tmp_path: Path, home: Path) -> None:
    path = scene(tmp_path / "a.tif")
    deliver(path, release="R1")
    only(home).unlink()
    assert codes(deliver(path, release="R1"), "notice") == ["already_loaded"]
    assert stored(home) == [f"{sha256(path)}.tif"]


def test_a_row_that_is_no_longer_delivered_ends_and_comes_back_and_its_file_stays(
    tmp_path: Path, home: Path
) -> None:
    one, two = scene(tmp_path / "a.tif"), scene(tmp_path / "b.tif", seed=2)
    deliver(one, release="R1")
    publish("R1")
    deliver(two, release="R2")
    publish("R2")
    assert live() == {"b.tif"}
    assert len(stored(home)) == 2
    unpublish("R2")
    assert live() == {"a.tif"}
    assert len(stored(home)) == 2


def live() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM spatial_feature WHERE layer = 'imagery' AND upper_inf(revisions)")
        return {name for (name,) in cursor.fetchall()}


def test_several_images_are_one_delivery_and_each_counts(tmp_path: Path, home: Path) -> None:
    one, two = scene(tmp_path / "a.tif"), scene(tmp_path / "b.tif", seed=2, west=images.WEST + 900)
    packed = files.zipped(tmp_path / "b.zip", {"b.tif": two.read_bytes(), "说明.txt": b"x"})
    result = deliver(one, packed)
    assert result.rows.loaded == 2
    assert {row.name for row in Feature.objects.all()} == {"a.tif", "b.tif"}
    assert stored(home) == sorted(f"{sha256(path)}.tif" for path in (one, two))


def test_the_same_file_under_another_system_is_another_copy(tmp_path: Path, home: Path) -> None:
    path = images.gdal_tiff(tmp_path / "a.tif", images.speckled()[None], crs=None)
    for release, epsg in (("R1", 4538), ("R2", 4504)):
        assert deliver(path, release=release, crs=f"EPSG:{epsg}").committed
    assert stored(home) == [f"{sha256(path)}-{epsg}.tif" for epsg in (4504, 4538)]
    said = [(row.attributes["crs"], row.attributes["file"]) for row in Feature.objects.order_by("-id")]
    assert said == [(f"EPSG:{epsg}", f"{sha256(path)}-{epsg}.tif") for epsg in (4504, 4538)]
    for epsg in (4504, 4538):
        with rasterio.open(home / "rasters" / f"{sha256(path)}-{epsg}.tif") as kept:
            assert kept.crs.to_epsg() == epsg


def test_the_same_image_twice_in_a_delivery_goes_in_once(tmp_path: Path, home: Path) -> None:
    (tmp_path / "again").mkdir()
    result = deliver(scene(tmp_path / "a.tif"), scene(tmp_path / "again" / "a.tif"))
    assert (result.rows.loaded, result.rows.quarantined, codes(result)) == (1, 1, ["duplicate_row"])
    assert len(stored(home)) == 1


def test_without_a_county_an_image_goes_where_most_of_it_lies_and_may_reach_out_of_the_region(
    tmp_path: Path, home: Path
) -> None:
    west = shapely.MultiPolygon([shapely.box(85.1, 43.0, 88.0, 45.0)])
    feature("admin_county", west, county=CITY, code=CITY, name="昌吉市")
    data = images.speckled(100, 200)
    over_the_edge = images.tiff(tmp_path / "a.tif", data, epsg=4490, west=84.5, north=44.5, pixel=0.01)
    outside = images.tiff(tmp_path / "b.tif", data, epsg=4490, west=80.0, north=44.5, pixel=0.01)
    world = images.tiff(tmp_path / "c.tif", data[:90, :180], epsg=4326, west=-180.0, north=90.0, pixel=2.0)
    result = deliver(over_the_edge, outside, world, county=None)
    assert (result.rows.loaded, result.rows.quarantined) == (1, 2)
    assert codes(result) == ["outside_region", "outside_region"]
    assert Feature.objects.get(layer="imagery").county == CITY
    assert stored(home) == [f"{sha256(over_the_edge)}.tif"]


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_replaced_takes_its_file_along_unless_another_row_names_it(
    tmp_path: Path, home: Path
) -> None:
    one, two, three = (scene(tmp_path / f"{n}.tif", seed=n) for n in (1, 2, 3))
    deliver(one, two, release="R1")
    deliver(two, release="R0")
    deliver(three, release="R1")
    assert stored(home) == sorted(f"{sha256(path)}.tif" for path in (two, three))


# ---- whole or not at all ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.3, 0.999])
def test_a_cut_off_image_refuses_the_delivery_and_leaves_nothing(
    tmp_path: Path, home: Path, part: float
) -> None:
    whole = scene(tmp_path / "a.tif", compression="zlib")
    cut = tmp_path / "b.tif"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * part)])
    result = deliver(whole, cut)
    assert (result.outcome, codes(result)) == ("refused", ["truncated"])
    assert list(home.iterdir()) == []
    assert not Load.objects.exists() and not Release.objects.exists()


def test_shapes_and_images_stay_in_layers_of_their_own(tmp_path: Path, home: Path) -> None:
    shape = files.geojson(tmp_path / "a.geojson", [(shapely.box(87.3, 44.0, 87.31, 44.01), {})])
    assert codes(deliver(shape)) == ["format_unsupported"]
    result = load(scene(tmp_path / "a.tif"), "eco_redline", county=CITY, commit=True)
    assert codes(result) == ["format_unsupported"]
    assert "影像图层" in result.issues[0].hint
    assert list(home.iterdir()) == []


def child(script: str, url: str, home: Path, *words: str) -> subprocess.Popen[str]:
    """Python with the project ready, on the test database and this home."""
    ready = "import sys, django; import loaders.gdal_settings; django.setup()\n"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    more = {
        "JINGTU_HOME": str(home),
        "JINGTU_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "spatial.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-c", ready + script, *words],
        env=kept | more,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_killed_before_its_rows_are_committed_a_load_leaves_no_file_of_that_name_and_the_next_clears_up(
    tmp_path: Path, home: Path, test_database_url: str
) -> None:
    path = scene(tmp_path / "a.tif")
    words = ("load", "imagery", str(path), "--county", CITY, "--commit")
    # The list of issues is what a load writes last, so there it has done all but the commit.
    with held(test_database_url, "LOCK TABLE spatial_loadissue IN ACCESS EXCLUSIVE MODE"):
        process = start(test_database_url, home, *words)
        wait_until_blocked(test_database_url)
        process.kill()
        process.wait()
    left = stored(home)
    assert len(left) == 1 and left[0].startswith(".making-")
    until(lambda: not loading(test_database_url))
    assert not Feature.objects.exists()
    other = scene(tmp_path / "b.tif", seed=2)
    assert deliver(other).committed
    assert stored(home) == [f"{sha256(other)}.tif"]


def start(url: str, home: Path, *words: str) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("jingtu")), *words],
        env=kept | {"JINGTU_HOME": str(home), "JINGTU_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def loading(url: str) -> bool:
    others = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    with psycopg.connect(url, autocommit=True) as connection:
        return bool((connection.execute(others).fetchone() or (0,))[0])


@pytest.mark.django_db(transaction=True)
def test_where_the_copy_cannot_be_written_whole_nothing_goes_in_and_it_is_said(
    tmp_path: Path, home: Path, test_database_url: str
) -> None:
    path = scene(tmp_path / "a.tif")
    bounded = """
import json, resource
from loaders import cog
from loaders.formats import opened
from loaders.pipeline import load
from loaders.record import FileRefused
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
print(json.dumps(load(__import__("pathlib").Path(sys.argv[1]), "imagery", county="652301", commit=True).as_json()))
"""
    process = child(bounded, test_database_url, home, str(path))
    out, _ = process.communicate(timeout=60)
    told = json.loads(out)
    assert told["outcome"] == "refused"
    (issue,) = [one for one in told["issues"] if one["severity"] == "error"]
    assert issue["code"] == "raster_not_stored" and issue["hint"]
    assert stored(home) == []
    assert not Load.objects.exists()
