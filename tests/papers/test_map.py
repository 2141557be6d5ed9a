"""Maps of papers: true to scale, with a legend of what is drawn, and text that is text."""

from __future__ import annotations

import itertools
import re

import pyproj
import pytest
import shapely
from defusedxml.ElementTree import fromstring

from api.papers.frame import MM
from api.papers.looks import OVERLAP, class_of, parcel_look
from api.papers.map import Drawn, frame_of, map_of
from spatial import catalog

ZONE_29 = pyproj.Transformer.from_crs(4517, 4490, always_xy=True)
SQUARE = [(29_524_100, 4_875_100), (29_524_300, 4_875_100), (29_524_300, 4_875_200), (29_524_100, 4_875_200)]


def on_ground(points: list[tuple[float, float]]) -> shapely.Polygon:
    return shapely.Polygon([ZONE_29.transform(x, y) for x, y in points])


@pytest.fixture(scope="module")
def known() -> catalog.Catalog:
    return catalog.current()


def test_two_hundred_metres_are_drawn_at_the_scale_that_is_printed(known: catalog.Catalog) -> None:
    parcel = on_ground(SQUARE)
    frame = frame_of([parcel], 170, 100)
    drawn = map_of([Drawn(parcel, parcel_look(), "被核查地块")], frame, known.symbols, "2026-11-23")
    xs = sorted({round(x) for x, _ in shapely.get_coordinates(frame.placed(parcel))})
    assert (xs[-1] - xs[0]) / MM == pytest.approx(200_000 / frame.scale, abs=0.3)
    assert f"1:{frame.scale:,.0f}".replace(",", "\u202f") in drawn.svg
    assert frame.zone.epsg == 4517


def test_the_grid_stands_at_full_metres_of_the_zone(known: catalog.Catalog) -> None:
    frame = frame_of([on_ground(SQUARE)], 170, 100)
    eastings, northings = frame.ticks()
    lon, lat = ZONE_29.transform(eastings[0][1], northings[0][1])
    place = frame.placed(shapely.Point(lon, lat))
    assert (place.x, place.y) == pytest.approx((eastings[0][0], northings[0][0]), abs=0.02)
    assert all(easting % 50 == 0 for _, easting in eastings) and len(eastings) >= 2 <= len(northings)


def test_the_legend_names_what_is_in_the_frame_and_nothing_else_hits_first(known: catalog.Catalog) -> None:
    layer = known.layer("risk_register_plot")
    here, far = on_ground(SQUARE), on_ground([(x + 50_000, y) for x, y in SQUARE])
    things = [
        Drawn(here, class_of(layer, {}), "名录地块", label="示例皮革旧址", hit=True),
        Drawn(here, known.layer("eco_redline").style.classes[0], "生态保护红线"),
        Drawn(far, known.layer("suspected_plot").style.classes[0], "疑似污染地块"),
        Drawn(here, OVERLAP, "重叠部分", hit=True),
    ]
    drawn = map_of(things, frame_of([here], 170, 100), known.symbols, "2026-11-23")
    assert [row["title"] for row in drawn.legend] == ["重叠部分", "名录地块", "生态保护红线"]
    assert drawn.seen == 3
    assert "示例皮革旧址" in drawn.svg


def test_a_hostile_name_is_text_on_the_map(known: catalog.Catalog) -> None:
    here = on_ground(SQUARE)
    name = '</text><script>\x00&"\u202e'
    look = known.layer("eco_redline").style.classes[0]
    drawn = map_of([Drawn(here, look, name, label=name)], frame_of([here], 170, 100), known.symbols, name)
    told = "".join(fromstring(drawn.svg).itertext())
    assert "</text><script>〔U+0" in told and "〔U+202E〕" in told
    assert "<script" not in drawn.svg


def test_a_feature_is_drawn_in_the_class_that_its_attributes_say(known: catalog.Catalog) -> None:
    layer = known.layer("risk_register_plot")
    assert class_of(layer, {"register_status": "removed"}).value == "removed"
    assert class_of(layer, {"register_status": "listed"}).value is None


def test_labels_do_not_stand_on_each_other(known: catalog.Catalog) -> None:
    look = known.layer("eco_redline").style.classes[0]
    things = [Drawn(on_ground(SQUARE), look, "红线", label=f"示例地块{n}") for n in range(60)]
    drawn = map_of(things, frame_of([on_ground(SQUARE)], 170, 100), known.symbols, "2026-11-23")
    places = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>示例地块', drawn.svg)]
    rows = sorted(set(places))
    assert 3 <= len(rows) < 60 and all(after - before > 9 for before, after in itertools.pairwise(rows))
