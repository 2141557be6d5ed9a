"""The grid is that of the web map, and refuses what is not in it."""

import math

import pytest

from tiles.grid import MAX_ZOOM, Tile, TileInvalid


# Corners of tile 14/12164/5953 worked by hand from the definition: 360/2^z degrees a column, and the Gudermannian of
# the row; 12164 / 16384 * 360 - 180 = 87.275390625.
def test_a_tile_covers_the_ground_that_the_definition_of_the_grid_gives() -> None:
    west, south, east, north = Tile(14, 12164, 5953).degrees()
    assert west == pytest.approx(87.275390625, abs=1e-12)
    assert east - west == pytest.approx(360 / 2**14, abs=1e-12)
    rows = [(1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**14 for lat in (north, south)]
    assert rows == pytest.approx([5953, 5954], abs=1e-9)


def test_the_whole_world_is_one_tile_at_zoom_0() -> None:
    assert Tile(0, 0, 0).degrees() == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))
    half = 20037508.342789244  # EPSG:3857, half of the ellipsoid's equator
    assert Tile(0, 0, 0).mercator() == pytest.approx((-half, -half, half, half))


def test_a_margin_widens_the_ground_by_that_share_of_a_side_and_stays_on_the_globe() -> None:
    west, _, east, _ = Tile(10, 760, 372).degrees(margin=0.25)
    assert east - west == pytest.approx(360 / 2**10 * 1.5)
    assert Tile(0, 0, 0).degrees(margin=0.25)[::2] == (-180, 180)


@pytest.mark.parametrize(
    "place", [(-1, 0, 0), (MAX_ZOOM + 1, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (3, 0, -1)]
)
def test_a_tile_that_is_not_in_the_grid_is_refused(place: tuple[int, int, int]) -> None:
    with pytest.raises(TileInvalid):
        Tile(*place)
