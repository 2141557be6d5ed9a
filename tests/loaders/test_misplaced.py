"""A shape where it cannot be: what was probably done is named, and nothing is moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from loaders import sandbox
from loaders.parcels import read_parcels
from spatial import crs
from tests.loaders import files
from tests.loaders.test_formats import SHAPE, WORDS


def found(folder: Path, shape: Any, epsg: int) -> list[tuple[str, str]]:
    path = files.gdal(folder / "a.gpkg", [(shape, WORDS)], driver="GPKG", crs=f"EPSG:{epsg}")
    file = read_parcels(path, path.name)
    assert not file.parcels
    return [(issue.code, issue.message) for issue in file.issues if issue.severity == "error"]


def moved(shape: Any, east: float = 0.0, north: float = 0.0, scale: float = 1.0) -> Any:
    return shapely.transform(shape, lambda points: np.add(points, (east, north)) * scale)


PREFIXED, PLAIN = crs.from_storage(SHAPE, 4517), crs.from_storage(SHAPE, 4538)


@pytest.mark.parametrize(
    ("shape", "epsg", "code", "words"),
    [
        (shapely.transform(PREFIXED, lambda points: points[:, ::-1]), 4517, "axes_swapped", "写反"),
        (moved(PREFIXED, scale=1000), 4517, "millimetres", "毫米"),
        (PLAIN, 4517, "zone_number_dropped", "少了带号 29"),
        (PREFIXED, 4538, "zone_number_extra", "带有带号 29"),
        (PREFIXED, 4518, "wrong_zone", "带号是 29"),
        (moved(PREFIXED, north=-4_000_000), 4517, "digits_dropped", "少了最前面的数字"),
        (SHAPE, 4517, "degrees", "经纬度"),
        (PREFIXED, 4490, "plane_coordinates", "平面坐标"),
        (PLAIN, 4540, "wrong_zone", "三度带 29 带"),
        (PLAIN, 4537, "wrong_zone", "三度带 29 带"),
        (shapely.transform(SHAPE, lambda points: points[:, ::-1]), 4490, "axes_swapped", "写反"),
        (moved(SHAPE, north=-2.5), 4490, "neighbouring_region", "以南"),
        (moved(SHAPE, east=6.0), 4490, "neighbouring_region", "以东"),
        (moved(SHAPE, east=20.0), 4490, "outside_region", "不在昌吉"),
    ],
)
def test_what_was_probably_done_is_named(
    tmp_path: Path, shape: Any, epsg: int, code: str, words: str
) -> None:
    ((said, message),) = found(tmp_path, shape, epsg)
    assert said == code
    assert words in message


def test_one_row_in_another_zone_leaves_the_others(tmp_path: Path) -> None:
    other = crs.from_storage(SHAPE, 4518)
    path = files.gdal(
        tmp_path / "a.gpkg", [(PREFIXED, WORDS), (other, WORDS)], driver="GPKG", crs="EPSG:4517"
    )
    file = read_parcels(path, path.name)
    assert [parcel.row for parcel in file.parcels] == [1]
    assert [(issue.row, issue.code) for issue in file.issues if issue.severity == "error"] == [
        (2, "wrong_zone")
    ]


def test_the_layer_that_is_asked_for_is_read(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.gpkg", [(SHAPE, WORDS)], driver="GPKG", layer="地块")
    files.gdal(path, [(SHAPE, WORDS)] * 2, driver="GPKG", layer="道路", append=True)
    assert [issue.code for issue in read_parcels(path, path.name).issues] == ["layers"]
    assert len(read_parcels(path, path.name, source_layer="道路").parcels) == 2
    assert len(sandbox.read_parcels(path.read_bytes(), "a.gpkg", source_layer="地块").parcels) == 1
    (issue,) = read_parcels(path, path.name, source_layer="没有").issues
    assert (issue.code, "地块" in issue.hint) == ("layers", True)


def test_wgs84_is_noted_and_left_as_it_is(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.gpkg", [(SHAPE, WORDS)], driver="GPKG", crs="EPSG:4326")
    file = read_parcels(path, path.name)
    assert [(issue.code, issue.severity) for issue in file.issues] == [("wgs84", "notice")]
    assert file.crs == 4326
