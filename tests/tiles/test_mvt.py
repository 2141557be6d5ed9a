"""A tile holds what the table holds there: decoded by another library, placed by pyproj."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import date

import pyproj
import pytest
import shapely
from django.db import connection
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial import catalog
from tests.factories import feature
from tests.grid import URBAN, grid
from tests.tiles import ask
from tests.tiles.ask import DAY, decode, rows, tile, view
from tiles import mvt
from tiles.grid import MAX_ZOOM, TileInvalid

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["as it is stored", "as it was drawn"], autouse=True)
def drawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Every tile comes out the same before the worker has drawn its features, and after."""
    monkeypatch.setattr(ask, "draw", request.param == "as it was drawn")
    return ask.draw


PLAN = grid("""
    A . B . . C
    . P . . . .
    D . E . . F
""")
TO_MERCATOR = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
WORLD_M = 2 * 20037508.342789244


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    """The tile that holds a place, by the grid's definition."""
    column = (lon + 180) / 360 * 2**z
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return z, int(column), int(row)


def pixels(shape: shapely.Geometry, z: int, x: int, y: int) -> shapely.Geometry:
    """A shape in EPSG:4490 in the coordinates of a tile, 4096 across, y down; not rounded, not clipped."""
    size = WORLD_M / 2**z

    def place(points):
        east, north = TO_MERCATOR.transform(points[:, 0], points[:, 1])
        column, row = (east + WORLD_M / 2) / size - x, (WORLD_M / 2 - north) / size - y
        return shapely.get_coordinates(shapely.points(column * 4096, row * 4096))

    return shapely.transform(shape, place)


def off(z: int) -> float:
    """Coordinates by which a shape may be off: one; where it was drawn beforehand 1.5 of the first zoom of its band."""
    return 1.5 * 2 ** ((z - 4) % 3) if ask.draw else 1


def here(shape: shapely.Geometry, z: int) -> tuple[int, int, int]:
    return tile_of(shape.representative_point().x, shape.representative_point().y, z)


def live(first: int, end: int | None = None) -> Int4Multirange:
    return Int4Multirange([Int4Range(first, end)])


def test_a_polygon_is_drawn_where_it_lies_with_the_attributes_that_tiles_carry() -> None:
    shape = PLAN.polygon("ABED")
    row = feature(
        "contaminated_plot",
        shape,
        code="652301-1",
        name="示例地块",
        status="confirmed",
        document="文1号",
        risk_grade=None,
    )
    place = here(shape, 14)
    found = decode(tile("contaminated_plot", *place))["contaminated_plot"]
    assert list(found) == [row.id]
    assert found[row.id]["properties"] == {
        "county": "652301",
        "code": "652301-1",
        "name": "示例地块",
        "status": "confirmed",
    }
    in_tile, expected = found[row.id]["shape"], pixels(shape, *place)
    assert in_tile.hausdorff_distance(expected) <= off(14)
    assert in_tile.is_valid


def test_numbers_and_booleans_keep_their_kind() -> None:
    known = catalog.current().layer("contaminated_plot")
    told = {"risk_assessment_reviewed": False, "max_ratio_screening_class1": 2.5, "entry_date": "2026-01-02"}
    row = feature("contaminated_plot", PLAN.point("A"), name="一", status="confirmed", former=["x"], **told)
    fields = ("risk_assessment_reviewed", "max_ratio_screening_class1", "entry_date", "has_boundary")
    layer = dataclasses.replace(known, tile=dataclasses.replace(known.tile, fields=fields))
    (found,) = rows(mvt.query(catalog.current(), layer, *here(row_shape(row), 12), revision=1, as_of=DAY,
                              counties=None, fields=list(known.fields)))  # fmt: skip
    properties = decode(found["tile"])["contaminated_plot"][row.id]["properties"]
    assert properties == {"county": "652301", "name": "一", "has_boundary": False, **told}


def row_shape(row) -> shapely.Geometry:
    return shapely.from_wkb(bytes(row.geom.wkb))


# 200 m at 44 N are 278 m of web mercator; a pixel of a 512 px tile is 305 m at zoom 8 and 153 m at zoom 9.
@pytest.mark.parametrize(
    ("z", "kind"), [(0, "Point"), (3, "Point"), (5, "Point"), (8, "Point"), (9, "Polygon")]
)
def test_a_polygon_smaller_than_a_pixel_becomes_a_point_and_never_vanishes(z: int, kind: str) -> None:
    shape = PLAN.polygon("ABED")
    row = feature("suspected_plot", shape, code="1", name="小", status="suspected")
    place = here(shape, z)
    found = decode(tile("suspected_plot", *place))["suspected_plot"]
    assert found[row.id]["properties"]["status"] == "suspected"
    point = found[row.id]["shape"]
    assert point.geom_type == kind
    assert point.distance(pixels(shape, *place)) <= 1


def test_a_tiny_polygon_of_a_layer_without_marks_keeps_its_area_as_long_as_it_has_one() -> None:
    assert not any(one.mark for one in catalog.current().layer("admin_county").style.classes)
    row = feature("admin_county", PLAN.polygon("ABED"), code="652301", name="示例县")
    kinds = {z: decode(tile("admin_county", *here(PLAN.polygon("ABED"), z)))["admin_county"][row.id]["shape"].geom_type
             for z in (0, 8)}  # fmt: skip
    assert kinds == {0: "Point", 8: "Polygon"}


def test_a_long_and_very_thin_strip_never_vanishes() -> None:
    zone = pyproj.Transformer.from_crs(4538, 4490, always_xy=True)
    east, north = URBAN
    flat = shapely.Polygon(
        [(east, north), (east + 3000, north + 2000), (east + 3000, north + 2000.2), (east, north + 0.2)]
    )
    shape = shapely.MultiPolygon([shapely.transform(flat, zone.transform, interleaved=False)])
    row = feature("suspected_plot", shape, code="1", name="沟", status="suspected")
    for z in range(15):
        assert row.id in decode(tile("suspected_plot", *here(shape, z)))["suspected_plot"], z


@pytest.mark.parametrize("layer", ["suspected_plot", "admin_county"])
@pytest.mark.parametrize("z", [12, 15])
def test_a_strip_that_a_tile_can_show_is_in_every_tile_that_it_crosses(layer: str, z: int) -> None:
    """Each is more than a coordinate wide, less than half a one of its band, and has its mark in one tile alone."""
    side = 360 / 2**z
    west, north = 87.0, 44.0
    width = 1.2 * math.cos(math.radians(north)) * side / 4096
    strips = [
        shapely.MultiPolygon([shapely.box(west, at, west + 3.5 * side, at + width)])
        for at in (north + step * 0.37 * side / 40 for step in range(6))
    ]
    made = [
        feature(layer, shape, code=str(n), name="渠", status="suspected") for n, shape in enumerate(strips)
    ]
    for row, shape in zip(made, strips, strict=True):
        _, x, y = tile_of(west + 0.01 * side, shape.bounds[1], z)
        for further in range(4):
            assert row.id in decode(tile(layer, z, x + further, y)).get(layer, {}), (row.code, further)


def test_an_entry_without_geometry_is_in_no_tile_and_one_with_a_point_is() -> None:
    feature("suspected_plot", None, code="1", name="无图形", status="suspected")
    point = feature("suspected_plot", PLAN.point("P"), code="2", name="点", status="suspected")
    assert list(decode(tile("suspected_plot", 0, 0, 0))["suspected_plot"]) == [point.id]


def test_lines_are_drawn_within_a_pixel() -> None:
    shape = PLAN.line("ABCF")
    row = feature("riverbank_source_reach", shape, source="示例河")
    place = here(shape, 15)
    found = decode(tile("riverbank_source_reach", *place))
    window = shapely.box(-64, -64, 4160, 4160)
    assert found["riverbank_source_reach"][row.id]["shape"].hausdorff_distance(
        pixels(shape, *place) & window
    ) <= off(15)


def test_imagery_is_drawn_as_the_footprint_of_its_pictures() -> None:
    row = feature("imagery", PLAN.polygon("ACFD"), date="2026-05-01")
    found = decode(tile("imagery", *here(PLAN.polygon("ACFD"), 13)))
    assert found["imagery"][row.id]["shape"].geom_type == "Polygon"


def test_what_reaches_beyond_a_tile_is_cut_at_64_beyond_its_edge() -> None:
    shape = shapely.MultiPolygon([shapely.box(86.0, 43.0, 89.0, 45.0)])
    row = feature("admin_county", shape, code="652301", name="示例县")
    drawn = decode(tile("admin_county", 12, *tile_of(87.3, 44.0, 12)[1:]))["admin_county"][row.id]["shape"]
    assert drawn.equals(shapely.box(-64, -64, 4160, 4160))


def test_a_polygon_whose_box_meets_a_tile_that_its_shape_misses_is_not_drawn_there() -> None:
    corner = shapely.Polygon([(86, 43), (89, 43), (89, 45), (88.9, 45), (88.9, 43.1), (86, 43.1)])
    feature("admin_county", shapely.MultiPolygon([corner]), code="652301", name="示例县")
    assert tile("admin_county", *tile_of(87, 44.5, 10)) == b""


@pytest.mark.parametrize("z", [3, 8, 11, 12, 14])
def test_each_feature_has_one_label_point_in_the_one_tile_that_holds_it(z: int) -> None:
    shape = shapely.MultiPolygon([shapely.box(87.0, 43.9, 87.4, 44.1)])
    row = feature("drinking_water_zone", shape, name="示例水源", zone="I")
    _, x, y = here(shape, z)
    labels = {}
    for column in range(max(x - 1, 0), x + 2):
        for line in range(max(y - 1, 0), y + 2):
            found = decode(tile("drinking_water_zone", z, column, line)).get("drinking_water_zone_label", {})
            if found:
                labels[column, line] = found
    ((place, found),) = labels.items()
    assert list(found) == [row.id]
    label = found[row.id]
    assert label["properties"] == {"label": "示例水源", "zone": "I"}
    assert label["shape"].distance(pixels(shape, z, *place)) <= 1


# 87.1875 E is the west edge of column 95 at zoom 7, and of a column at every zoom above.
@pytest.mark.parametrize("z", [7, 10, 13, 18])
def test_a_point_on_the_edge_between_two_tiles_has_its_label_in_one_of_them(z: int) -> None:
    row = feature("well", shapely.Point(87.1875, 44.0), code="J1")
    _, x, y = tile_of(87.1875, 44.0, z)
    west, east = (decode(tile("well", z, column, y)) for column in (x - 1, x))
    assert ("well_label" in west) + ("well_label" in east) == 1
    assert list(west["well"]) == list(east["well"]) == [row.id]


def test_a_label_that_is_a_choice_is_told_by_its_chinese_name() -> None:
    known = catalog.current().layer("drinking_water_zone")
    row = feature("drinking_water_zone", PLAN.polygon("ABED"), name="示例水源", zone="quasi")
    layer = dataclasses.replace(known, tile=dataclasses.replace(known.tile, label="zone"))
    (found,) = rows(
        mvt.query(
            catalog.current(), layer, 0, 0, 0, revision=1, as_of=DAY, counties=None, fields=list(known.fields)
        )
    )
    assert decode(found["tile"])["drinking_water_zone_label"][row.id]["properties"]["label"] == "准保护区"


def test_rows_of_other_counties_and_of_none_are_not_in_the_tile_of_a_narrowed_view() -> None:
    ours = feature("suspected_plot", PLAN.point("A"), county="652301", code="1", name="本县")
    feature("suspected_plot", PLAN.point("B"), county="652302", code="2", name="邻县")
    feature("suspected_plot", PLAN.point("C"), county=None, code="3", name="不明")
    found = decode(tile("suspected_plot", 0, 0, 0, counties=["652301"]))
    assert list(found["suspected_plot"]) == list(found["suspected_plot_label"]) == [ours.id]
    assert len(decode(tile("suspected_plot", 0, 0, 0))["suspected_plot"]) == 3
    assert tile("suspected_plot", 0, 0, 0, counties=[]) == b""


def test_fields_that_may_not_be_shown_are_neither_properties_nor_labels() -> None:
    row = feature("suspected_plot", PLAN.point("A"), code="652301-9", name="保密企业", status="suspected")
    found = decode(tile("suspected_plot", 0, 0, 0, fields=["code", "county", "status"]))
    assert found["suspected_plot"][row.id]["properties"] == {
        "county": "652301",
        "code": "652301-9",
        "status": "suspected",
    }
    assert found["suspected_plot_label"][row.id]["properties"].keys() <= {"status"}


def test_a_revision_shows_the_rows_that_were_current_in_it() -> None:
    first = feature("suspected_plot", PLAN.point("A"), code="1", name="旧", revisions=live(1, 3))
    second = feature("suspected_plot", PLAN.point("A"), code="1", name="新", revisions=live(3))
    feature("suspected_plot", PLAN.point("B"), code="2", name="待发布", revisions=Int4Multirange())
    seen = [
        list(decode(tile("suspected_plot", 0, 0, 0, revision=number))["suspected_plot"])
        for number in (1, 2, 3, 4)
    ]
    assert seen == [[first.id], [first.id], [second.id], [second.id]]


def test_a_day_shows_the_rows_that_count_on_it() -> None:
    listed = {"valid_from": date(2024, 5, 1), "valid_to": date(2026, 3, 1)}
    row = feature("risk_register_plot", PLAN.point("A"), code="1", name="移出", **listed)
    always = feature("risk_register_plot", PLAN.point("B"), code="2", name="长期")
    days = [date(2024, 4, 30), date(2024, 5, 1), date(2026, 2, 28), date(2026, 3, 1)]
    seen = [
        list(decode(tile("risk_register_plot", 0, 0, 0, as_of=day))["risk_register_plot"]) for day in days
    ]
    assert seen == [[always.id], [row.id, always.id], [row.id, always.id], [always.id]]


def test_a_derived_layer_takes_what_its_condition_holds_for_or_cannot_decide() -> None:
    removed = feature(
        "risk_register_plot", PLAN.polygon("ABED"), code="1", name="移出", register_status="removed"
    )
    unknown = feature("risk_register_plot", PLAN.point("C"), code="2", name="不明")
    feature("risk_register_plot", PLAN.point("F"), code="3", name="在册", register_status="listed")
    found = decode(tile("released_plot", 0, 0, 0))
    assert list(found["released_plot"]) == list(found["released_plot_label"]) == [removed.id, unknown.id]


def test_a_derived_layer_joins_all_its_lists() -> None:
    suspected = feature("suspected_plot", PLAN.point("A"), code="1", name="甲", status="suspected")
    unit = feature("key_supervised_unit_land", PLAN.point("B"), name="乙", unit="乙")
    feature("suspected_plot", PLAN.polygon("BCFE"), code="2", name="有边界", status="suspected")
    found = decode(tile("source_without_polygon", 0, 0, 0))["source_without_polygon"]
    assert {feature_id: one["properties"]["name"] for feature_id, one in found.items()} == {
        suspected.id: "甲",
        unit.id: "乙",
    }


def test_every_layer_of_the_catalog_draws_a_tile() -> None:
    for layer in catalog.current().layers.values():
        if layer.kind == "stored":
            shape = {"MultiLineString": PLAN.line("AB"), "Point": PLAN.point("A")}.get(
                layer.geometry[0], PLAN.polygon("ABED")
            )
            row = feature(
                layer.id,
                shape,
                **{name: field.id for name, field in layer.fields.items() if field.type == "text"},
            )
            place = here(shape, 14)
            found = decode(tile(layer.id, *place))
            assert list(found[layer.id]) == [row.id], layer.id
            assert list(found.get(f"{layer.id}_label", {})) == [row.id] * layer.has_label_points, layer.id
        elif layer.kind == "derived":
            decode(tile(layer.id, *here(PLAN.point("A"), 14)))


def test_over_all_tiles_of_a_zoom_no_feature_is_missing() -> None:
    chance = random.Random(20261123)
    ids = set()
    for number in range(60):
        lon, lat, size = chance.uniform(85.2, 91.5), chance.uniform(43.1, 45.4), 10 ** chance.uniform(-6, -1)
        corners = [
            (lon + size * math.cos(a), lat + size * math.sin(a))
            for a in sorted(chance.uniform(0, 6.28) for _ in range(7))
        ]
        shape = shapely.make_valid(shapely.Polygon(corners).convex_hull)
        ids.add(
            feature("attention_plot", shapely.MultiPolygon([shape]), code=str(number), name=str(number)).id
        )
    for z in (*range(9), 11):
        _, west, north = tile_of(85.0, 45.6, z)
        _, east, south = tile_of(91.8, 42.9, z)
        drawn, labels = set(), []
        for x in range(west, east + 1):
            for y in range(north, south + 1):
                found = decode(tile("attention_plot", z, x, y))
                drawn |= set(found.get("attention_plot", {}))
                labels += list(found.get("attention_plot_label", {}))
        assert drawn == ids, z
        assert sorted(labels) == sorted(ids), z


def test_tiles_of_several_layers_are_their_bytes_after_each_other() -> None:
    plot = feature("suspected_plot", PLAN.point("A"), code="1", name="甲", status="suspected")
    well = feature("well", PLAN.point("B"), code="J1")
    found = decode(tile("suspected_plot", 0, 0, 0) + tile("well", 0, 0, 0))
    assert (list(found["suspected_plot"]), list(found["well"])) == ([plot.id], [well.id])


def test_the_same_data_gives_the_same_bytes() -> None:
    for letter in "ABCDEF":
        feature("well", PLAN.point(letter), code=letter)
    assert tile("well", 4, *here(PLAN.point("A"), 4)[1:]) == tile("well", 4, *here(PLAN.point("A"), 4)[1:])


def test_a_tile_that_is_not_in_the_grid_is_refused_before_the_database_is_asked() -> None:
    seen = view("well")
    with pytest.raises(TileInvalid):
        mvt.query(
            catalog.current(), seen.layer, MAX_ZOOM + 1, 0, 0, revision=1, as_of=DAY, counties=None, fields=[]
        )


@pytest.mark.parametrize("layer", ["parcel", "released_plot"])
def test_the_index_over_layer_and_place_is_used(layer: str) -> None:
    feature("parcel", PLAN.point("A"), parcel_no="1")
    feature("risk_register_plot", PLAN.point("A"), code="1", name="1")
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO spatial_feature
              (layer, key, county, geom, has_boundary, attributes, revisions, content, file, row, load_id)
            SELECT f.layer, n::text, '652301',
              ST_Translate(ST_Multi(ST_Expand(f.geom, 0.0001)), n % 100 * 0.01, n / 100 * 0.01),
              TRUE, '{}', f.revisions, sha256((f.layer || n)::bytea), 1, 1, f.load_id
            FROM spatial_feature f, generate_series(1, 4000) n
        """)
        cursor.execute("ANALYZE spatial_feature")
    seen = view(layer)
    statement, values = mvt.query(catalog.current(), seen.layer, *tile_of(87.35, 44.05, 14), revision=1, as_of=DAY,
                                  counties=None, fields=seen.fields)  # fmt: skip
    plan = "\n".join(row["QUERY PLAN"] for row in rows((b"EXPLAIN " + statement, values)))
    assert "spatial_feature_layer_geom" in plan
    assert "Seq Scan on spatial_feature" not in plan
