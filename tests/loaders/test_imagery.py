"""Images on their way into the layer: rows with outlines, and files that hold every pixel, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import psycopg
import pytest
import rasterio
import rasterio.shutil
import shapely
import tifffile
from django.db import connection
from django.test import override_settings

from loaders import cog
from loaders.formats import opened
from loaders.pipeline import load
from loaders.record import FileRefused
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
    }  # fmt: skip
    corners = [(0, 40), (900, 40), (900, 700), (0, 700)]
    expected = shapely.Polygon([ground(column, row_) for column, row_ in corners])
    shape = shapely.from_wkb(bytes(row.geom.wkb))
    assert (row.geom.srid, shape.geom_type) == (4490, "MultiPolygon")
    assert shapely.hausdorff_distance(shape, expected) < 3e-7  # 3 cm: a pixel is 1 m
    assert stored(home) == [f"{sha256(path)}.tif"]
    assert rasters.path_of(sha256(path)) == home / "rasters" / f"{sha256(path)}.tif"


def ground(column: float, row: float) -> tuple[float, float]:
    import pyproj

    to_degrees = pyproj.Transformer.from_crs(4538, 4490, always_xy=True)
    lon, lat = to_degrees.transform(images.WEST + column, images.NORTH - row)
    return lon, lat


def only(home: Path) -> Path:
    (name,) = stored(home)
    return home / "rasters" / name


def test_the_file_is_a_cog_by_its_layout_as_another_reader_sees_it(tmp_path: Path, home: Path) -> None:
    data = np.random.default_rng(5).integers(0, 250, (1500, 2100), dtype=np.uint8)
    assert deliver(images.tiff(tmp_path / "a.tif", data)).committed
    with tifffile.TiffFile(only(home)) as tiff:
        sizes = [page.shape for page in tiff.pages]
        assert sizes[0] == (1500, 2100)
        # Each overview is half of the one before, and the last fits into one block.
        for finer, coarser in pairwise(sizes):
            assert np.abs(np.divide(finer, 2) - coarser).max() <= 1
        assert max(sizes[-2]) > 512 >= max(sizes[-1])
        first = [page.dataoffsets[0] for page in tiff.pages]
        directories = [page.offset for page in tiff.pages]
        assert all(page.is_tiled and (page.tilewidth, page.tilelength) == (512, 512) for page in tiff.pages)
        assert {page.compression.name for page in tiff.pages} == {"ADOBE_DEFLATE"}
        assert [page.is_reduced for page in tiff.pages] == [False, True, True, True]
        # All directories come before any pixel, the coarsest pixels first, the blocks of each in order.
        assert directories == sorted(directories)
        assert directories[-1] < min(first)
        assert first == sorted(first, reverse=True)
        assert all(list(page.dataoffsets) == sorted(page.dataoffsets) for page in tiff.pages)
        assert np.array_equal(tiff.pages[0].asarray(), data)


def kinds(folder: Path) -> dict[str, Path]:
    rng = np.random.default_rng(6)
    grey = rng.integers(1, 250, (600, 700), dtype=np.uint8)
    valid = np.ones(grey.shape, bool)
    valid[:50, :80] = False
    sixteen = rng.integers(1, 10_000, (4, 600, 700)).astype(np.uint16)
    sixteen[:, ~valid] = 0
    heights = np.where(valid, rng.normal(800, 30, grey.shape), -9999).astype(np.float32)
    jpeg = images.gdal_tiff(
        folder / "jpeg.tif", np.stack([grey] * 3), compress="JPEG", photometric="YCBCR", tiled=True, blockxsize=256,
        blockysize=256,
    )  # fmt: skip
    return {
        "grey": images.tiff(folder / "grey.tif", grey),
        "sixteen": images.gdal_tiff(folder / "16.tif", sixteen, nodata=0, names=["蓝", "绿", "红", "近红外"]),
        "heights": images.gdal_tiff(folder / "dem.tif", heights[None], nodata=-9999),
        "palette": images.gdal_tiff(
            folder / "p.tif", grey[None] % 2 * 3, colours={n: (n * 60, 9, 9) for n in range(4)}
        ),
        "bits": images.gdal_tiff(folder / "1.tif", grey[None] % 2, NBITS=1),
        "masked": images.gdal_tiff(folder / "mask.tif", grey[None], mask=valid),
        "alpha": images.gdal_tiff(
            folder / "alpha.tif",
            np.stack([grey, grey, grey, valid * np.uint8(255)]),
            photometric="RGB",
            alpha="YES",
        ),
        "jpeg": jpeg,
        "scaled": scaled(folder / "scaled.tif", grey),
        "degrees": images.tiff(folder / "deg.tif", grey, epsg=4490, west=87.3, north=44.05, pixel=0.0001),
    }


def scaled(path: Path, data: np.ndarray) -> Path:
    images.gdal_tiff(path, data[None])
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5,), (100.0,)
    return path


KINDS = ("grey", "sixteen", "heights", "palette", "bits", "masked", "alpha", "jpeg", "scaled", "degrees")


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_holds_every_pixel_and_all_that_says_what_they_mean(
    tmp_path: Path, home: Path, kind: str
) -> None:
    path = kinds(tmp_path)[kind]
    assert deliver(path).committed
    with rasterio.open(path) as came, rasterio.open(only(home)) as kept:
        assert np.array_equal(kept.read(), came.read())
        assert np.array_equal(kept.dataset_mask(), came.dataset_mask())
        for name in (
            "transform",
            "dtypes",
            "nodata",
            "colorinterp",
            "descriptions",
            "scales",
            "offsets",
            "width",
            "height",
        ):
            assert getattr(kept, name) == getattr(came, name), name
        assert kept.crs.to_epsg() == came.crs.to_epsg()
        if kind == "palette":
            assert kept.colormap(1)[3][0] == 180
    if kind == "palette":
        with rasterio.open(only(home), overview_level=0) as coarse:
            assert set(np.unique(coarse.read())) == {0, 3}  # 1 and 2 are colours between


def test_a_system_that_only_the_sender_named_stands_in_the_file(tmp_path: Path, home: Path) -> None:
    path = images.gdal_tiff(tmp_path / "bare.tif", images.speckled()[None], crs=None)
    before = path.read_bytes()
    assert deliver(path, crs="EPSG:4538").committed
    with rasterio.open(only(home)) as kept:
        assert kept.crs.to_epsg() == 4538
    assert path.read_bytes() == before
    assert Feature.objects.get().attributes["crs"] == "EPSG:4538"


def test_a_cog_without_a_system_gets_one_too_and_a_system_in_words_gets_its_code(
    tmp_path: Path, home: Path
) -> None:
    bare = images.gdal_tiff(tmp_path / "bare.tif", images.speckled()[None], crs=None)
    with rasterio.open(bare) as dataset:
        rasterio.shutil.copy(dataset, tmp_path / "cog.tif", driver="COG")
    assert deliver(tmp_path / "cog.tif", crs="EPSG:4538").committed
    with rasterio.open(only(home)) as kept:
        assert kept.crs.to_epsg() == 4538
    only(home).unlink()
    worded = images.gdal_tiff(tmp_path / "worded.tif", images.speckled()[None], crs=ESRI_WORDS)
    assert deliver(worded, release="R2").committed
    with rasterio.open(only(home)) as kept:
        assert kept.crs.to_epsg() == 4538


ESRI_WORDS = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_87E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",87.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)


def test_false_overviews_of_the_sender_are_made_anew(tmp_path: Path, home: Path) -> None:
    path = scene(tmp_path / "a.tif")
    with tifffile.TiffWriter(path, append=True) as writer:
        writer.write(np.full((350, 450, 3), 9, np.uint8), subfiletype=1, photometric="rgb", metadata=None)
    assert deliver(path).committed
    with rasterio.open(path, overview_level=0) as false:
        assert false.read(1, window=((100, 101), (100, 101)))[0, 0] == 9
    with rasterio.open(only(home), overview_level=0) as own:
        assert own.read(1).std() > 10


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


def test_without_a_county_an_image_goes_where_most_of_it_lies_and_may_reach_out_of_the_region(
    tmp_path: Path, home: Path
) -> None:
    west = shapely.MultiPolygon([shapely.box(85.1, 43.0, 88.0, 45.0)])
    feature("admin_county", west, county=CITY, code=CITY, name="昌吉市")
    data = images.speckled(100, 200)
    over_the_edge = images.tiff(tmp_path / "a.tif", data, epsg=4490, west=84.5, north=44.5, pixel=0.01)
    outside = images.tiff(tmp_path / "b.tif", data, epsg=4490, west=80.0, north=44.5, pixel=0.01)
    result = deliver(over_the_edge, outside, county=None)
    assert (result.rows.loaded, result.rows.quarantined) == (1, 1)
    assert codes(result) == ["outside_region"]
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


def changed_pixel(came: bytes) -> bytes:
    return came[:-1] + bytes([came[-1] ^ 1])


def changed_nodata(came: bytes) -> bytes:
    assert came.count(b"251\0") == 1
    return came.replace(b"251\0", b"250\0")


@pytest.mark.parametrize("change", [changed_pixel, changed_nodata])
def test_an_image_that_is_changed_after_it_was_looked_at_is_not_stored(tmp_path: Path, change: Any) -> None:
    data = images.speckled() % 200
    data[:5] = 251
    data[5:9] = 250
    path = images.tiff(tmp_path / "a.tif", data, nodata="251")
    with opened(path, path.name, images=True) as (file, reader):
        image = reader(file).image
    assert image is not None
    cog.write(image, tmp_path / "same.tif")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FileRefused) as caught:
        cog.write(image, tmp_path / "other.tif")
    assert caught.value.issue.code == "raster_not_stored"


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
def test_killed_between_the_file_and_the_commit_the_next_load_removes_what_no_row_names(
    tmp_path: Path, home: Path, test_database_url: str
) -> None:
    placed_only = """
from spatial import rasters
with rasters.storing({"a" * 64: lambda path: path.write_bytes(b"x")}, lambda done, total: None) as place:
    place(["a" * 64])
    print("placed", flush=True)
    sys.stdin.read()
"""
    process = child(placed_only, test_database_url, home)
    assert process.stdout is not None
    assert process.stdout.readline() == "placed\n"
    assert f"{'a' * 64}.tif" in stored(home)
    process.kill()
    process.wait()
    process.stdout.close()
    path = scene(tmp_path / "a.tif")
    assert deliver(path).committed
    assert stored(home) == [f"{sha256(path)}.tif"]


@pytest.mark.django_db(transaction=True)
def test_killed_right_after_the_commit_the_file_stays(
    tmp_path: Path, home: Path, test_database_url: str
) -> None:
    path = scene(tmp_path / "a.tif")
    deliver(path)
    making = home / "rasters" / ".making-left"
    making.mkdir()
    (making / f"{sha256(path)}.tif").write_bytes(b"half")
    other = scene(tmp_path / "b.tif", seed=2)
    assert deliver(other, release="R2").committed
    assert stored(home) == sorted(f"{sha256(one)}.tif" for one in (path, other))


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


MEASURED = """
import resource, pathlib
from loaders.formats import raster
from loaders.record import File
from loaders import cog
path = pathlib.Path(sys.argv[1])
delivery = raster.read(File(path.name, path))
cog.write(delivery.image, path.with_name("copy.tif"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_an_image_of_the_largest_size_needs_less_than_500_mb(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "a.tif"
    side, block = 20_000, 512
    piece = np.random.default_rng(7).integers(1, 250, (block, block), dtype=np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8", nodata=0, crs="EPSG:4538",
        transform=rasterio.transform.from_origin(images.WEST, images.NORTH, 0.5, 0.5), tiled=True, blockxsize=block,
        blockysize=block, SPARSE_OK=True, BIGTIFF="YES",
    ) as dataset:  # fmt: skip
        for step in range(0, side - block, 2 * block):
            dataset.write(piece, 1, window=rasterio.windows.Window(step, step, block, block))
    process = child(MEASURED, "postgresql://127.0.0.1:1/none", home, str(path))
    out, _ = process.communicate(timeout=300)
    assert 0 < int(out) < 500
