"""Arcs in a GeoPackage become lines, and whoever hands them in is told."""

from __future__ import annotations

import math
import sqlite3
import struct
from pathlib import Path

import pyogrio
import pytest
import shapely

from loaders.parcels import read_parcels

RADIUS = 0.001
X, Y = 87.3, 44.0


def circle() -> bytes:
    """A CURVEPOLYGON of one CIRCULARSTRING, half a circle after the other (OGC 06-103r4, 8.2)."""
    points = [(X - RADIUS, Y), (X, Y + RADIUS), (X + RADIUS, Y), (X, Y - RADIUS), (X - RADIUS, Y)]
    ring = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<2d", *one) for one in points)
    return struct.pack("<BII", 1, 10, 1) + ring


def test_arcs_are_told_though_the_layer_says_nothing_of_its_shapes(tmp_path: Path) -> None:
    file = tmp_path / "圆.gpkg"
    box = shapely.to_wkb(shapely.box(X, Y, X + 0.01, Y + 0.01))
    pyogrio.raw.write(
        file,
        [box],
        [],
        [],
        geometry_type="Unknown",
        crs="EPSG:4490",
        layer="圆",
        layer_options={"SPATIAL_INDEX": "NO"},
    )
    with sqlite3.connect(file) as package:
        blob = b"GP" + struct.pack("<BBi", 0, 1, 4490) + circle()
        package.execute('UPDATE "圆" SET geom = ?', [blob])
    package.close()
    read = read_parcels(file, file.name)
    assert [issue.code for issue in read.issues] == ["curves_straightened"]
    (parcel,) = read.parcels
    assert parcel.geometry.area == pytest.approx(math.pi * RADIUS**2, rel=1e-4)
