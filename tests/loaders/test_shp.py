"""What GDAL writes of each type is let through; the corpus has what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from loaders.formats.shp import require_records
from tests.loaders import files

HOLED = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 4, 4))
PARTS = shapely.MultiPolygon([HOLED, shapely.box(20, 20, 21, 21)])
LINES = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 3)]])


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("Point", shapely.Point(1, 2)),
        ("MultiPoint", shapely.MultiPoint([(1, 2), (3, 4)])),
        ("MultiLineString", LINES),
        ("MultiPolygon", PARTS),
        ("MultiPolygon Z", shapely.force_3d(PARTS, 512.0)),
    ],
)
def test_records_that_gdal_wrote_fit(tmp_path: Path, kind: str, shape: shapely.Geometry) -> None:
    rows = [(shape, {"DKBM": "1"}), (None, {"DKBM": "2"}), (shape, {"DKBM": "3"})]
    path = files.gdal(tmp_path / "a.shp", rows, driver="ESRI Shapefile", geometry_type=kind, encoding="UTF-8")
    require_records(path, path.with_suffix(".shx"))
