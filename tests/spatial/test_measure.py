"""Overlaps and distances of drawn shapes; areas worked by hand from the drawing (100 m squares on the zone's grid)."""

import pytest
import shapely

from spatial import crs
from spatial.measure import measure, union_of
from tests.grid import URBAN, grid

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
    . . . . . .
    . . . . . .
    G . H . . I
""")
SQUARE_M2 = 200 * 200
# At 87.3 E the zone's scale is 1.0000069 (24 km east of its middle): areas on the ground are 1.4e-5 smaller.


def one(parcel: shapely.Geometry, shape: shapely.Geometry, reach: float = 1000.0):  # type: ignore[no-untyped-def]
    return measure(parcel, [shape], [reach])[0]


def test_a_shared_edge_is_contact_and_no_overlap() -> None:
    found = one(PLAN.polygon("ABED"), PLAN.polygon("BCFE"))
    assert not found.overlaps
    assert found.distance_m == 0


def test_a_shared_corner_is_contact_and_no_overlap() -> None:
    found = one(PLAN.polygon("ABED"), PLAN.polygon("EFIH"))
    assert not found.overlaps
    assert found.distance_m == 0


def test_a_half_overlap_has_half_the_area() -> None:
    cover = grid("A . . B\n. . . .\nC . . D", origin=(URBAN[0] + 100, URBAN[1] + 0))
    found = one(PLAN.polygon("ABED"), cover.polygon("ABDC"))
    assert found.overlaps
    assert found.area_m2 == pytest.approx(SQUARE_M2 / 2, rel=3e-5)


def test_a_parcel_inside_a_zone_has_its_own_area() -> None:
    parcel = PLAN.polygon("ABED")
    zone = shapely.MultiPolygon([shapely.box(87.2, 44.0, 87.4, 44.1)])
    assert one(parcel, zone).area_m2 == pytest.approx(crs.area_m2(parcel), rel=1e-12)


def test_a_shared_edge_with_other_vertices_on_it_is_contact() -> None:
    # Cut at other places before it is stored, the same line differs by up to 0.1 mm.
    beside = grid("A . . . . B\n. . . . . .\nC . . . . D", origin=(URBAN[0] - 100, URBAN[1] + 200))
    found = one(PLAN.polygon("ABED"), beside.polygon("ABDC"))
    assert not found.overlaps
    assert found.distance_m == pytest.approx(0, abs=2e-4)


def test_a_millimetre_of_overlap_is_an_overlap() -> None:
    beside = grid("A . B\n. . .\nC . D", origin=(URBAN[0] + 199.999, URBAN[1]))
    found = one(PLAN.polygon("ABED"), beside.polygon("ABDC"))
    assert found.overlaps
    assert found.area_m2 == pytest.approx(0.2, rel=1e-3)


def test_a_gap_of_a_millimetre_is_a_distance() -> None:
    beside = grid("A . B\n. . .\nC . D", origin=(URBAN[0] + 200.001, URBAN[1]))
    found = one(PLAN.polygon("ABED"), beside.polygon("ABDC"))
    assert not found.overlaps
    assert found.distance_m == pytest.approx(0.001, abs=2e-4)


def test_a_parcel_that_fills_a_hole_exactly_is_contact() -> None:
    hole = PLAN.flat("ABED")
    ring = shapely.Polygon(shapely.buffer(hole, 300, join_style="mitre").exterior, [hole.exterior])
    zone = shapely.MultiPolygon([crs.to_storage(ring, 4538)])
    found = one(PLAN.polygon("ABED"), zone)
    assert not found.overlaps
    assert found.distance_m == 0


def test_a_parcel_in_a_hole_is_apart_by_the_gap() -> None:
    hole = shapely.buffer(PLAN.flat("ABED"), 50, join_style="mitre")
    ring = shapely.Polygon(shapely.buffer(hole, 300, join_style="mitre").exterior, [hole.exterior])
    found = one(PLAN.polygon("ABED"), shapely.MultiPolygon([crs.to_storage(ring, 4538)]))
    assert not found.overlaps
    assert found.distance_m == pytest.approx(50, abs=0.005)


def test_distance_is_measured_on_the_ground() -> None:
    found = one(PLAN.polygon("ABED"), PLAN.line("GH"), reach=1000)
    # rows 2 and 5 of the drawing are 300 m apart
    assert found.distance_m == pytest.approx(300, abs=0.01)


def test_what_is_farther_than_its_reach_is_apart() -> None:
    assert one(PLAN.polygon("ABED"), PLAN.line("GH"), reach=299).distance_m == float("inf")


def test_a_vast_zone_is_measured_along_its_edge_near_the_parcel() -> None:
    zone = shapely.MultiPolygon([shapely.box(80, 30, 87.0, 50)])
    parcel = shapely.MultiPolygon([shapely.box(87.005, 44.0, 87.01, 44.01)])
    # 0.005 degrees of longitude at 44.01 N (the nearer edge): N cos(latitude) times radians
    assert one(parcel, zone, reach=1000).distance_m == pytest.approx(400.85, abs=0.2)


def test_a_line_through_the_interior_has_its_length_and_one_along_the_edge_has_none() -> None:
    through = grid(". . .\nA . B\n. . .")
    parcel = PLAN.polygon("ABED")
    inside = one(parcel, through.line("AB"))
    assert inside.overlaps and inside.length_m == pytest.approx(200, rel=2e-5)
    assert not one(parcel, PLAN.line("AB")).overlaps


def test_a_point_in_the_parcel_or_on_its_edge_lies_in_it() -> None:
    parcel = PLAN.polygon("ACIG")
    assert one(parcel, PLAN.point("E")).overlaps
    assert one(parcel, PLAN.point("A")).overlaps
    assert not one(PLAN.polygon("ABED"), PLAN.point("I")).overlaps


def test_overlaps_of_one_layer_are_united_and_not_added() -> None:
    parcel = PLAN.polygon("ACIG")
    shapes = [PLAN.polygon("ABED"), PLAN.polygon("ACFD"), PLAN.polygon("ABED")]
    parts = [m.part for m in measure(parcel, shapes, [0.0] * 3)]
    assert union_of([p for p in parts if p is not None]).area_m2 == pytest.approx(500 * 200, rel=3e-5)
