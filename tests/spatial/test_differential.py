"""The facts of a check against brute force: every feature, no index, shapely's plane and geographiclib's ellipsoid.

500 cases of parcel and layer; DIFFERENTIAL_CASES asks for more.
"""

from __future__ import annotations

import os
from random import Random

import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from spatial.geometry import polygons_of
from spatial.overlay import overlay
from tests.factories import day, feature, revision

pytestmark = pytest.mark.django_db

LAYERS = ("eco_redline", "farmland_class", "suspected_plot", "permanent_basic_farmland")
CASES = int(os.environ.get("DIFFERENTIAL_CASES", "500"))
PER_DATA = 40
"""Parcels against one set of features."""
STEP = 2e-4
"""The corners lie on a grid of some 20 m, so that edges, corners and whole shapes fall on each other."""
ELLIPSOID = Geodesic(6378137.0, 1 / 298.257222101)
PIECE_DEG = 1e-4


def ring_area(ring: BaseGeometry) -> float:
    """m² on the ellipsoid of CGCS2000; short pieces keep a geodesic on the straight edge."""
    polygon = ELLIPSOID.Polygon()
    for longitude, latitude in shapely.get_coordinates(shapely.segmentize(ring, PIECE_DEG))[:-1]:
        polygon.AddPoint(latitude, longitude)
    return abs(polygon.Compute()[2])


def area_m2(shape: BaseGeometry) -> float:
    return sum(
        ring_area(part.exterior) - sum(ring_area(hole) for hole in part.interiors)
        for part in shapely.get_parts(polygons_of(shape))
    )


def corner(random: Random, span: int) -> tuple[float, float]:
    return 87.30 + STEP * random.randrange(span), 44.00 + STEP * random.randrange(span)


def drawn(random: Random, span: int = 24) -> shapely.MultiPolygon:
    """A box, turned, with a hole, with an island in it, in two parts, a comb of thin teeth, or a hair aside."""
    x, y = corner(random, span)
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
        whole = affinity.translate(whole, random.choice((-1, 1)) * 1.3e-8, 0)
    return polygons_of(whole)  # type: ignore[return-value]


def contact(shape: BaseGeometry) -> bool:
    """Thinner than storing may move a line: 2e-4 m, some 1.8e-9 degrees and more."""
    return shape.area == 0 or (area_m2(shape) < 1 and 2 * shape.area / shape.length < 2.6e-9)


@pytest.mark.parametrize("seed", range(-(-CASES // (PER_DATA * len(LAYERS)))))
def test_no_hit_is_missed_none_is_made_up_and_areas_agree(seed: int) -> None:
    random = Random(seed)
    revision()
    shapes: dict[str, tuple[str, BaseGeometry]] = {}
    for _ in range(60):
        layer, shape = random.choice(LAYERS), drawn(random)
        shapes[str(feature(layer, shape, code=f"F{len(shapes)}").pk)] = (layer, shape)
    for _ in range(PER_DATA):
        parcel = drawn(random)
        whole = area_m2(parcel)
        found = overlay(parcel, dict.fromkeys(LAYERS, 0.0), day("2026-11-23"))
        assert found.parcel_area_m2 == pytest.approx(whole, rel=1e-6, abs=0.01)
        hits = {f.id: f.measured.area_m2 for f in found.features if f.measured.overlaps}
        parts = {
            key: (layer, part)
            for key, (layer, shape) in shapes.items()
            if not contact(part := polygons_of(shapely.intersection(parcel, shape)))
        }
        assert set(hits) == set(parts)
        for key, (_, part) in parts.items():
            assert hits[key] == pytest.approx(area_m2(part), rel=1e-6, abs=0.01)
        for layer in LAYERS:
            union = shapely.union_all([part for of, part in parts.values() if of == layer])
            told = found.unions[layer].area_m2 if layer in found.unions else 0.0
            assert told == pytest.approx(area_m2(union), rel=1e-6, abs=0.01)
            assert told <= whole * (1 + 1e-9) + 0.01
