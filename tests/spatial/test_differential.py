"""The facts of a check against brute force, without an index: the planes of shapely and DuckDB, GeographicLib's areas.

5,000 cases of parcel and layer; DIFFERENTIAL_CASES asks for more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from random import Random

import duckdb
import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from pyproj import Geod
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from spatial.geometry import polygons_of
from spatial.overlay import overlay
from tests.factories import day, feature, revision

pytestmark = pytest.mark.django_db

LAYERS = ("eco_redline", "farmland_class", "suspected_plot", "permanent_basic_farmland")
COUNTIES = "admin_county"
CASES = int(os.environ.get("DIFFERENTIAL_CASES", "5000"))
PER_DATA = 40
"""Parcels against one set of features."""
STEP = 2e-4
"""The corners lie on a grid of some 20 m, so that edges, corners and whole shapes fall on each other."""
SPAN = 24
WEST = (87.30, 88.5 - STEP * SPAN / 2)
"""Inside a zone of three degrees, and across the border of two."""
SOUTH = 44.00
PIECE_DEG = 2e-4
"""So long is an edge at most when it is measured: a geodesic then keeps within 0.01 mm of the straight one."""
FAST = Geod(a=6378137.0, rf=298.257222101)
SLOW = Geodesic(6378137.0, 1 / 298.257222101)
"""GeographicLib in C for all, and as its author wrote it in Python for some."""


def ring_area(ring: BaseGeometry) -> float:
    """m² on the ellipsoid of CGCS2000."""
    points = shapely.get_coordinates(shapely.segmentize(ring, PIECE_DEG))
    return float(abs(FAST.polygon_area_perimeter(*points.T)[0]))


def area_m2(shape: BaseGeometry) -> float:
    return sum(
        ring_area(part.exterior) - sum(ring_area(hole) for hole in part.interiors)
        for part in shapely.get_parts(polygons_of(shape))
    )


def slow_area_m2(shape: shapely.Polygon) -> float:
    polygon = SLOW.Polygon()
    for longitude, latitude in shapely.get_coordinates(shapely.segmentize(shape.exterior, PIECE_DEG))[:-1]:
        polygon.AddPoint(latitude, longitude)
    return float(abs(polygon.Compute()[2]))


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with its spatial extension, which comes in a package: nothing is fetched or written."""
    version = f"v{duckdb.__version__}"
    extension = files("duckdb_extension_spatial") / "extensions" / version / "spatial.duckdb_extension"
    with duckdb.connect() as database:
        database.execute(f"LOAD '{extension}'")
        yield database


def drawn(random: Random, west: float = WEST[0]) -> shapely.MultiPolygon:
    """A box, turned, with a hole, with an island in it, in two parts, a comb of thin teeth, or a hair aside."""
    x, y = west + STEP * random.randrange(SPAN), SOUTH + STEP * random.randrange(SPAN)
    w, h = STEP * random.randint(1, 8), STEP * random.randint(1, 8)
    whole = shapely.box(x, y, x + w, y + h)
    kind = random.randrange(7)
    if kind == 1:
        whole = affinity.rotate(whole, random.uniform(0, 90))
    elif kind in (2, 3):
        hole = shapely.box(x + w / 4, y + h / 4, x + 3 * w / 4, y + 3 * h / 4)
        whole = shapely.difference(whole, hole)
        if kind == 3:
            whole = shapely.union(whole, affinity.scale(hole, 0.5, 0.5))
    elif kind == 4:
        whole = shapely.union(whole, affinity.translate(whole, w + STEP, 0))
    elif kind == 5:
        teeth = [shapely.box(x + w * i / 9, y, x + w * (i + 0.2) / 9, y + h) for i in range(9)]
        whole = shapely.union_all([shapely.box(x, y, x + w, y + h / 10), *teeth])
    elif kind == 6:
        whole = affinity.translate(whole, random.choice((-1, 1)) * 1.3e-8, 0)  # a millimetre
    return polygons_of(whole)  # type: ignore[return-value]


def asked(random: Random, west: float, shapes: list[BaseGeometry]) -> shapely.MultiPolygon:
    """A parcel: a shape like the features, or one that fits one of them: the same, its hole, over an edge of it."""
    kind, other = random.randrange(6), random.choice(shapes)
    holes = [ring for part in shapely.get_parts(other) for ring in part.interiors]
    if kind == 0:
        return other  # type: ignore[return-value]
    if kind == 1 and holes:
        return polygons_of(shapely.Polygon(holes[0]))  # type: ignore[return-value]
    if kind == 2:
        _, y, right, _ = other.bounds
        return polygons_of(shapely.box(right, y, right + STEP, y + STEP))  # type: ignore[return-value]
    return drawn(random, west)


def counties(west: float) -> list[shapely.MultiPolygon]:
    """Two that meet in the middle of the ground, along a line of the grid."""
    x = [west - STEP * 20, west + STEP * SPAN / 2, west + STEP * (SPAN + 20)]
    return [
        shapely.MultiPolygon([shapely.box(left, SOUTH - 0.01, right, SOUTH + 0.02)])
        for left, right in ((x[0], x[1]), (x[1], x[2]))
    ]


def contact(shape: BaseGeometry) -> bool:
    """Thinner than storing may move a line: 2e-4 m, some 1.8e-9 degrees and more."""
    return shape.area == 0 or (2 * shape.area / shape.length < 2.6e-9 and area_m2(shape) < 1)


def planar(
    duck: duckdb.DuckDBPyConnection, parcels: list[BaseGeometry], shapes: list[BaseGeometry]
) -> np.ndarray:
    """DuckDB's areas of all with all, in square degrees."""
    for name, given in (("parcel", parcels), ("zone", shapes)):
        duck.execute(f"CREATE OR REPLACE TABLE {name} (id INTEGER, wkb BLOB)")
        duck.executemany(f"INSERT INTO {name} VALUES (?, ?)", [[n, one.wkb] for n, one in enumerate(given)])
    found = duck.execute(
        "SELECT ST_Area(ST_Intersection(ST_GeomFromWKB(parcel.wkb), ST_GeomFromWKB(zone.wkb)))"
        " FROM parcel, zone ORDER BY parcel.id, zone.id"
    ).fetchall()
    return np.array(found).reshape(len(parcels), len(shapes))


@pytest.mark.parametrize("seed", range(-(-CASES // (PER_DATA * (len(LAYERS) + 1)))))
def test_no_hit_is_missed_none_is_made_up_and_areas_agree(seed: int, duck: duckdb.DuckDBPyConnection) -> None:
    random, west = Random(seed), WEST[seed % 2]
    revision()
    shapes: list[tuple[str, str, BaseGeometry]] = []
    for number in range(60):
        layer, shape = random.choice(LAYERS), drawn(random, west)
        shapes.append((str(feature(layer, shape, code=f"F{number}").pk), layer, shape))
    for code, shape in zip(("652301", "652302"), counties(west), strict=True):
        shapes.append((str(feature(COUNTIES, shape, code=code, county=code).pk), COUNTIES, shape))
    parcels = [asked(random, west, [shape for *_, shape in shapes[:60]]) for _ in range(PER_DATA)]
    in_degrees = planar(duck, parcels, [shape for *_, shape in shapes])
    for number, parcel in enumerate(parcels):
        whole = area_m2(parcel)
        found = overlay(parcel, dict.fromkeys((*LAYERS, COUNTIES), 0.0), day("2026-11-23"))
        assert found.parcel_area_m2 == pytest.approx(whole, rel=1e-6, abs=0.01)
        hits = {f.id: f.measured for f in found.features if f.measured.overlaps}
        parts = {
            key: (layer, part, area)
            for (key, layer, shape), area in zip(shapes, in_degrees[number], strict=True)
            if not contact(part := polygons_of(shapely.intersection(parcel, shape)))
        }
        assert set(hits) == set(parts)
        for key, (_, part, area) in parts.items():
            assert hits[key].area_m2 == pytest.approx(area_m2(part), rel=1e-6, abs=0.01)
            assert hits[key].part is not None
            assert hits[key].part.area == pytest.approx(area, rel=1e-6, abs=1e-12)
        # What DuckDB holds for more than contact is a hit too: so much area is no line.
        assert {
            key for (key, *_), area in zip(shapes, in_degrees[number], strict=True) if area > 1e-10
        } <= set(hits)
        for layer in (*LAYERS, COUNTIES):
            union = shapely.union_all([part for of, part, _ in parts.values() if of == layer])
            told = found.unions[layer].area_m2 if layer in found.unions else 0.0
            assert told == pytest.approx(area_m2(union), rel=1e-6, abs=0.01)
            assert told <= whole * (1 + 1e-9) + 0.01


@pytest.mark.parametrize("seed", range(20))
def test_the_two_geographiclibs_agree(seed: int) -> None:
    shape = shapely.convex_hull(drawn(Random(seed), WEST[0]))
    assert slow_area_m2(shape) == pytest.approx(area_m2(shape), rel=1e-9)


def test_a_zone_of_200_000_vertices_is_met_where_it_is_and_nowhere_else(
    duck: duckdb.DuckDBPyConnection,
) -> None:
    random = Random(1)
    angle = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    radius = STEP * (12 + 3 * np.sin(40 * angle) + 0.3 * np.sin(3_000 * angle))
    middle = np.array([WEST[0] + STEP * SPAN / 2, SOUTH + STEP * SPAN / 2])
    outer = middle + np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    zone = shapely.MultiPolygon([shapely.Polygon(outer, [(middle + (outer - middle) * 0.4)[::10]])])
    assert zone.is_valid
    assert shapely.get_num_coordinates(zone) > 200_000
    key = str(feature("eco_redline", zone, code="Z").pk)
    parcels = [drawn(random, WEST[0]) for _ in range(60)]
    in_degrees = planar(duck, parcels, [zone])[:, 0]
    met = 0
    for parcel, area in zip(parcels, in_degrees, strict=True):
        found = overlay(parcel, {"eco_redline": 0.0}, day("2026-11-23"))
        part = polygons_of(shapely.intersection(parcel, zone))
        assert [f.id for f in found.features if f.measured.overlaps] == ([] if contact(part) else [key])
        if not contact(part):
            met += 0 < part.area < parcel.area * 0.999
            assert found.unions["eco_redline"].area_m2 == pytest.approx(area_m2(part), rel=1e-6, abs=0.01)
            assert found.features[0].measured.part.area == pytest.approx(area, rel=1e-6, abs=1e-12)  # type: ignore[union-attr]
    assert met >= 15
