"""GeoJSON whose shapes would make an overlay answer wrong, or lie where they cannot."""

from __future__ import annotations

import json
import math
from pathlib import Path

from tests.corpus.entry import World, control, data, held, loaded, refused, square
from tests.corpus.geojson_file import beside_a_good_one, collection, feature, plot, polygon, shaped

SHELL = square(1)
BOW_TIE = [SHELL[0], SHELL[2], SHELL[1], SHELL[3], SHELL[0]]
INNER = [[87.3045, 44.0105], [87.3045, 44.0115], [87.3055, 44.0115], [87.3055, 44.0105], [87.3045, 44.0105]]
INMOST = [[87.3048, 44.0108], [87.3048, 44.0112], [87.3052, 44.0112], [87.3052, 44.0108], [87.3048, 44.0108]]
ACROSS = [[87.303, 44.0105], [87.303, 44.0115], [87.305, 44.0115], [87.305, 44.0105], [87.303, 44.0105]]


def moved(ring: list[list[float]], east: float = 0.0, north: float = 0.0) -> list[list[float]]:
    return [[x + east, y + north] for x, y in ring]


def with_(number: str) -> str:
    """A square of which one coordinate is this piece of JSON."""
    return polygon(SHELL).replace("87.306", number, 1)


def many_vertices(path: Path, world: World) -> None:
    count = 200_001
    ring = [
        [
            round(87.31 + 0.001 * math.cos(2 * math.pi * n / count), 9),
            round(44.02 + 0.001 * math.sin(2 * math.pi * n / count), 9),
        ]
        for n in range(count)
    ]
    path.write_text(collection(plot(0), feature(polygon([*ring, ring[0]]), DKBM="H1")), encoding="utf-8")


def kind(name: str, coordinates: object) -> str:
    return json.dumps({"type": name, "coordinates": coordinates})


TEN_METRES = [[29524570.0 + x * 10, 4876500.0 + y * 10] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]

ENTRIES = (
    control(
        "holes_and_parts.geojson",
        data(
            collection(
                feature(
                    kind("MultiPolygon", [[SHELL, INNER], [INMOST[::-1]], [square(3)]]),
                    DKBM="G1",
                    DKMC="套着的（示例）",
                )
            )
        ),
        "套着的（示例）",
    ),
    control(
        "entries_without_place.geojson",
        data(collection(plot(0), feature(DKMC="无图（示例）"))),
        "示例地块0",
        "无图（示例）",
    ),
    held(
        "no_shape.geojson",
        data(collection(feature(polygon(SHELL), HXMC="一"), feature(HXMC="二"))),
        "no_geometry",
        layer="eco_redline",
    ),
    held(
        "no_coordinates.geojson",
        data(
            collection(
                feature(polygon(SHELL), HXMC="一"),
                feature('{"type": "Polygon", "coordinates": []}', HXMC="二"),
            )
        ),
        "empty_geometry",
        layer="eco_redline",
    ),
    held("ring_of_no_points.geojson", shaped(kind("Polygon", [[]])), "empty_geometry"),
    held(
        "point_and_line_for_areas.geojson",
        data(
            collection(
                feature(polygon(SHELL), HXMC="一"),
                feature(kind("Point", [87.3, 44.01]), HXMC="二"),
                feature(kind("LineString", [[87.3, 44.01], [87.4, 44.01]]), HXMC="三"),
            )
        ),
        "geometry_type",
        read=3,
        layer="eco_redline",
    ),
    held("not_closed.geojson", shaped(polygon(SHELL[:-1])), "not_closed"),
    held("three_points.geojson", shaped(polygon([SHELL[0], SHELL[1], SHELL[0]])), "too_few_points"),
    held("one_place_four_times.geojson", shaped(polygon([SHELL[0]] * 4)), "too_few_points"),
    held(
        "no_area.geojson",
        shaped(polygon([[87.304, 44.01], [87.305, 44.01], [87.306, 44.01], [87.304, 44.01]])),
        "self_intersection",
    ),
    held("bow_tie.geojson", shaped(polygon(BOW_TIE)), "self_intersection"),
    held(
        "spike.geojson",
        shaped(polygon([*SHELL[:2], [87.307, 44.01], SHELL[1], *SHELL[2:]])),
        "self_intersection",
    ),
    held("hole_is_shell.geojson", shaped(polygon(SHELL, SHELL[::-1])), "self_intersection"),
    held("hole_outside.geojson", shaped(polygon(SHELL, square(2))), "hole_outside"),
    held("hole_across.geojson", shaped(polygon(SHELL, ACROSS)), "self_intersection"),
    held("holes_nested.geojson", shaped(polygon(SHELL, INNER, INMOST)), "nested_holes"),
    held(
        "parts_overlap.geojson",
        shaped(kind("MultiPolygon", [[SHELL], [moved(SHELL, 0.001)]])),
        "self_intersection",
    ),
    held("part_twice.geojson", shaped(kind("MultiPolygon", [[SHELL], [SHELL]])), "self_intersection"),
    held("nan.geojson", shaped(with_("NaN")), "not_finite"),
    held("infinity.geojson", shaped(with_("-Infinity")), "not_finite"),
    held("1e999.geojson", shaped(with_("1e999")), "not_finite"),
    held("400_digits.geojson", shaped(with_("9" * 400)), "not_finite"),
    held("text_for_a_number.geojson", shaped(with_('"87.306"')), "geometry_unreadable"),
    held("true_for_a_number.geojson", shaped(with_("true")), "geometry_unreadable"),
    held(
        "one_number_a_place.geojson",
        shaped(kind("Polygon", [[[87.3], [87.4], [87.4], [87.3]]])),
        "geometry_unreadable",
    ),
    held("lists_too_deep.geojson", shaped(kind("Polygon", [[[SHELL]]])), "geometry_unreadable"),
    held("object_for_a_list.geojson", shaped(kind("Polygon", {"0": SHELL})), "geometry_unreadable"),
    held(
        "mixed_shapes.geojson",
        shaped(f'{{"type": "GeometryCollection", "geometries": [{polygon(SHELL)}]}}'),
        "geometry_type",
    ),
    held(
        "circle.geojson",
        shaped('{"type": "Circle", "coordinates": [87.3, 44.0], "radius": 5}'),
        "geometry_type",
    ),
    held("too_many_vertices.geojson", many_vertices, "too_many_vertices"),
    held("axes_swapped.geojson", shaped(polygon([[y, x] for x, y in SHELL])), "axes_swapped"),
    held("metres_for_degrees.geojson", shaped(polygon(TEN_METRES)), "plane_coordinates"),
    held("island_at_zero.geojson", shaped(polygon(moved(square(0), -87.3, -44.01))), "outside_region"),
    held("north_of_the_pole.geojson", shaped(polygon(moved(SHELL, 0, 60))), "outside_region"),
    held("next_prefecture.geojson", shaped(polygon(moved(SHELL, -2.5))), "neighbouring_region"),
    held("another_county.geojson", shaped(polygon(moved(SHELL, 0.5))), "county_conflict"),
    held("county_unknown.geojson", beside_a_good_one(plot(1, XZQDM="110101")), "county_unknown"),
    held("row_twice.geojson", data(collection(plot(0), plot(1), plot(0))), "duplicate_row", read=3, good=2),
    loaded("code_used_twice.geojson", data(collection(plot(0), plot(1, DKBM="G0"))), told=["duplicate_key"]),
    loaded(
        "gap_of_a_millimetre.geojson",
        shaped(polygon([*SHELL[:-1], [87.30400001, 44.01]])),
        repaired=1,
        told=["gap_closed"],
    ),
    loaded(
        "vertex_twice.geojson", shaped(polygon([SHELL[0], *SHELL])), repaired=1, told=["duplicate_vertices"]
    ),
    loaded("clockwise.geojson", shaped(polygon(SHELL[::-1])), repaired=1, told=["ring_direction"]),
    loaded("height.geojson", shaped(polygon([[x, y, 512.5] for x, y in SHELL])), told=["height_dropped"]),
    refused(
        "only_faulty_rows.geojson",
        data(collection(feature(polygon(BOW_TIE), DKBM="H1"))),
        "self_intersection",
        read=1,
    ),
)
