"""Zones, refusals, areas and lengths; expected numbers from the field's sample file and from geographiclib."""

import pytest
import shapely
from geographiclib.geodesic import Geodesic

from spatial import crs

ELLIPSOID = Geodesic(6378137, 1 / 298.257222101)


def sample_plot() -> shapely.Polygon:
    """Plot DK-001 of the boundary-point sample, zone 29, with its hole."""
    shell = [(50, 500.125), (550.25, 500.125), (550.25, 220), (430.5, 100), (50, 100)]
    hole = [(200, 400), (200, 300), (310, 300), (310, 400)]
    return shapely.Polygon(
        [(29524000 + x, 4876000 + y) for x, y in shell], [[(29524000 + x, 4876000 + y) for x, y in hole]]
    )


def test_the_sample_plot_has_the_ellipsoidal_area_that_its_file_states() -> None:
    stored = crs.to_storage(sample_plot(), 4517)
    assert crs.area_m2(stored) == pytest.approx(181974.89, abs=0.01)
    assert shapely.get_coordinates(stored)[0] == pytest.approx((87.29997157, 44.02370574), abs=1e-8)


def test_area_equals_geographiclib_where_edges_are_cut_so_short_that_geodesics_and_chords_agree() -> None:
    triangle = shapely.Polygon([(87, 44), (87.5, 44.3), (87.2, 44.6)])
    outline = ELLIPSOID.Polygon()
    for longitude, latitude in shapely.get_coordinates(shapely.segmentize(triangle, 1e-4))[:-1]:
        outline.AddPoint(latitude, longitude)
    assert crs.area_m2(triangle) == pytest.approx(abs(outline.Compute()[2]), rel=1e-9)


def test_pieces_cut_along_a_parallel_add_up_to_the_whole() -> None:
    whole = shapely.Polygon([(87, 44), (88.4, 44.1), (88, 45), (87.1, 44.8)])
    lower = shapely.intersection(whole, shapely.box(86, 43, 89, 44.5))
    upper = shapely.intersection(whole, shapely.box(86, 44.5, 89, 46))
    assert crs.area_m2(lower) + crs.area_m2(upper) == pytest.approx(crs.area_m2(whole), rel=1e-12)


def test_area_does_not_depend_on_the_direction_or_start_of_a_ring() -> None:
    points = [(87.3, 44.01), (87.31, 44.01), (87.31, 44.02), (87.30, 44.02)]
    areas = {
        round(crs.area_m2(shapely.Polygon(p)), 6) for p in (points, points[::-1], points[2:] + points[:2])
    }
    assert len(areas) == 1
    assert areas.pop() == pytest.approx(890966.79, abs=0.01)


def test_length_is_that_of_the_geodesic_for_short_lines() -> None:
    line = shapely.LineString([(87, 44), (87.01, 44.01)])
    assert crs.length_m(line) == pytest.approx(ELLIPSOID.Inverse(44, 87, 44.01, 87.01)["s12"], rel=1e-7)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EPSG:4490", 4490),
        ("4517", 4517),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::4538", 4538),
    ],
)
def test_a_system_is_read_from_its_code(text: str, code: int) -> None:
    assert crs.parse(text) == code


@pytest.mark.parametrize(
    "text", ["EPSG:4610", "EPSG:2353", "EPSG:4214", "EPSG:2405", "EPSG:21415", "Xian_1980_3_Degree"]
)
def test_old_datums_are_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(crs.CrsRefused) as refused:
        crs.parse(text)
    assert refused.value.code == "needs_official_conversion"
    assert "CGCS2000" in refused.value.hint


@pytest.mark.parametrize("text", ["EPSG:3857", "EPSG:99999", "no such thing"])
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(crs.CrsRefused):
        crs.parse(text)


def test_zones_follow_the_registry() -> None:
    # EPSG registry: 4517 = 3-degree zone 29 with prefix, 4538 = CM 87E; 4493 = 6-degree zone 15, 4504 = CM 87E.
    assert crs.zone_epsg(29) == 4517
    assert crs.zone_epsg(29, prefixed=False) == 4538
    assert crs.zone_epsg(15, width=6) == 4493
    assert crs.zone_epsg(15, width=6, prefixed=False) == 4504
    zone = crs.zone_of(4517)
    assert zone is not None
    assert (zone.number, zone.width, zone.central_meridian) == (29, 3, 87)
    with pytest.raises(crs.CrsRefused):
        crs.zone_epsg(15, width=3)


def test_the_zone_is_recognised_from_the_number_in_front_of_an_easting() -> None:
    three, six = crs.recognise(29524050.0), crs.recognise(15524050.0)
    assert three is not None and (three.number, three.width) == (29, 3)
    assert six is not None and (six.number, six.width) == (15, 6)
    assert crs.recognise(524050.0) is None


@pytest.mark.parametrize("x", [3e10, 1e300, 524_050.0, -29_524_050.0])
def test_what_no_zone_can_hold_is_refused_before_it_is_cut_into_pieces(x: float) -> None:
    with pytest.raises(crs.CrsRefused) as refused:
        crs.to_storage(shapely.Polygon([(29524050, 4876500), (x, 4876500), (29524050, 4876700)]), 4517)
    assert refused.value.code == "outside_zone"


def test_a_long_edge_of_a_zone_keeps_within_a_tenth_of_a_millimetre() -> None:
    edge = shapely.LineString([(29424050, 4876500), (29424050 + 2000, 4876500 + 1500)])
    stored = crs.to_storage(edge, 4517)
    truth = crs.from_storage(shapely.segmentize(stored, 1e-5), 4517)
    apart = max(edge.distance(shapely.Point(p)) for p in shapely.get_coordinates(truth))
    assert apart < 1e-4


def test_distances_in_the_local_plane_are_those_of_geodesics() -> None:
    for longitude in (87.0, 88.45, 91.4):
        plane = crs.LocalPlane(longitude, 44.0)
        here, there = (plane.project(shapely.Point(x, 44.0)) for x in (longitude, longitude + 0.0119))
        truth = ELLIPSOID.Inverse(44, longitude, 44, longitude + 0.0119)["s12"]
        assert plane.metres(here.distance(there)) == pytest.approx(truth, abs=0.005)
