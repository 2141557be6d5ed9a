"""Tiles in the grid of CGCS2000: longitude and latitude as they are stored, and nothing vanishes."""

from __future__ import annotations

import random
from typing import Any

import pytest
import shapely
from shapely.affinity import affine_transform

from tests.factories import feature
from tests.tiles.ask import decode, tile
from tiles.grid import CGCS2000, TileInvalid

pytestmark = pytest.mark.django_db
Found = dict[str, dict[int, dict[str, Any]]]


def asked(layer: str, z: int, x: int, y: int, **options: Any) -> Found:
    return decode(tile(layer, z, x, y, grid=CGCS2000, **options))


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """By the grid's definition: from 180 W and 90 N, 360 degrees by 2 to the zoom."""
    return int((lon + 180) * 2**z / 360), int((90 - lat) * 2**z / 360)


def in_tile(shape: shapely.Geometry, z: int, x: int, y: int) -> shapely.Geometry:
    """A shape in coordinates of a tile, 4096 across, y down."""
    scale = 4096 * 2**z / 360
    return affine_transform(shape, [scale, 0, 0, -scale, 180 * scale - x * 4096, 90 * scale - y * 4096])


@pytest.mark.parametrize("z", [3, 9, 13, 17])
def test_a_shape_is_drawn_within_a_unit_of_where_it_is_stored(z: int) -> None:
    shape = shapely.Polygon([(87.30, 44.01), (87.43, 44.02), (87.41, 44.09), (87.33, 44.08)])
    row = feature("admin_county", shapely.MultiPolygon([shape]), code="652301", name="示例县")
    x, y = tile_of(87.37, 44.05, z)
    found = asked("admin_county", z, x, y)["admin_county"][row.id]
    window = shapely.box(-64, -64, 4160, 4160)
    assert found["shape"].is_valid
    assert found["shape"].hausdorff_distance(in_tile(shape, z, x, y) & window) <= 1
    assert found["properties"]["name"] == "示例县"


def test_over_all_tiles_of_a_zoom_each_feature_is_drawn_and_has_one_label() -> None:
    chance = random.Random(20261126)
    ids = set()
    for number in range(25):
        lon, lat, size = chance.uniform(85.2, 91.5), chance.uniform(43.1, 45.4), 10 ** chance.uniform(-6, -1)
        shape = shapely.MultiPolygon([shapely.Point(lon, lat).buffer(size, quad_segs=3)])
        ids.add(feature("attention_plot", shape, code=str(number), name=str(number)).id)
    for z in (*range(1, 8), 10):
        west, north = tile_of(85.0, 45.6, z)
        east, south = tile_of(91.8, 42.9, z)
        drawn, labels = set(), []
        for x in range(west, east + 1):
            for y in range(north, south + 1):
                found = asked("attention_plot", z, x, y)
                drawn |= set(found.get("attention_plot", {}))
                labels += list(found.get("attention_plot_label", {}))
        assert drawn == ids, z
        assert sorted(labels) == sorted(ids), z


# A pixel of a 512 px tile is 360 / 512 / 2**z degrees: 0.0027 at zoom 8, 0.0014 at zoom 9.
@pytest.mark.parametrize(("z", "kind"), [(1, "Point"), (8, "Point"), (9, "Polygon")])
def test_what_is_smaller_than_a_pixel_is_a_point(z: int, kind: str) -> None:
    shape = shapely.box(87.3, 44.0, 87.302, 44.002)
    row = feature("suspected_plot", shapely.MultiPolygon([shape]), code="1", name="小", status="suspected")
    found = asked("suspected_plot", z, *tile_of(87.301, 44.001, z))["suspected_plot"][row.id]
    assert found["shape"].geom_type == kind


# 87.1875 E and 43.59375 N are edges between tiles at zoom 8 and all above.
@pytest.mark.parametrize("z", [8, 13, 22])
def test_a_point_on_the_corner_of_four_tiles_has_its_label_in_one(z: int) -> None:
    row = feature("well", shapely.Point(87.1875, 43.59375), code="J1")
    x, y = tile_of(87.1875, 43.59375, z)
    four = [asked("well", z, column, line) for column in (x - 1, x) for line in (y - 1, y)]
    assert [list(one["well"]) for one in four] == [[row.id]] * 4
    assert sum("well_label" in one for one in four) == 1


def test_a_tile_that_holds_too_much_is_generalised_in_this_grid_too() -> None:
    for number in range(3):
        feature("well", shapely.Point(87.3 + number * 1e-5, 44.0), code=str(number))
    (one,) = asked("well", 8, *tile_of(87.3, 44.0, 8), generalised=True)["well"].values()
    assert one["properties"]["_count"] == 3 and one["properties"]["_generalised"] is True
    assert one["shape"].distance(in_tile(shapely.Point(87.3, 44.0), 8, *tile_of(87.3, 44.0, 8))) <= 64


@pytest.mark.parametrize("place", [(0, 0, 0), (1, 2, 0), (1, 0, 1), (23, 0, 0), (4, -1, 0)])
def test_what_is_not_in_the_grid_is_refused(place: tuple[int, int, int]) -> None:
    with pytest.raises(TileInvalid):
        tile("well", *place, grid=CGCS2000)
