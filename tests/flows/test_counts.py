"""Map and table at every zoom: the same sites are drawn, printed and counted by PostGIS, however small they are."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from spatial import catalog
from tests.flows.conftest import Demo
from tests.flows.test_page import sign_in, until

ZOOMS = range(19)
WIDTH = 1180
TABLE = "risk_register_plot"
LAYERS = (
    TABLE,
    "contaminated_plot",
    "attention_plot",
    "closed_permit_enterprise",
    "sensitive_receptor",
    "outfall",
)
"""Their files draw areas from zoom 5, 7, 8, 9 and 11 on; some are points, some have no place at all."""
STORED = [layer.id for layer in catalog.current().layers.values() if layer.kind == "stored"]
SIX = 6
DRAWN_FROM = {
    layer.id: max((one.mark_minzoom for one in layer.style.classes), default=0)
    for layer in catalog.current().layers.values()
}
"""The zoom from which on all of a layer is drawn; before it the page says that one has to look closer."""
PLACES = (
    "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM spatial_feature WHERE {}) AS one"
)
REMOVED = (
    "layer = 'risk_register_plot' AND upper_inf(revisions) AND attributes ->> 'register_status' = 'removed'"
)
IN_VIEW = """
SELECT layer, id FROM spatial_feature
WHERE layer = ANY (%s) AND upper_inf(revisions) AND (valid_from IS NULL OR valid_from <= current_date)
  AND (valid_to IS NULL OR valid_to > current_date) AND ST_Intersects(geom, ST_MakeEnvelope(%s, %s, %s, %s, 4490))
"""
# Ids of what the map has drawn, layer by layer: points and marks by their place, lines, areas by their fill; no labels.
DRAWN = """async ([zoom, centre, layers]) => {
  const map = window.jingtuMap
  await new Promise(done => { map.once('idle', done); map.jumpTo({ zoom, center: centre }) })
  const { _sw: sw, _ne: ne } = map.getBounds(), ids = Object.fromEntries(layers.map(one => [one, new Set()]))
  const inside = ([x, y]) => x >= sw.lng && x <= ne.lng && y >= sw.lat && y <= ne.lat
  for (const { source, id, layer, geometry } of map.queryRenderedFeatures()) {
    const by = geometry.type.endsWith('LineString') ? 'line' : 'fill'
    const place = geometry.type === 'Point' ? inside(geometry.coordinates) : layer.type === by
    if (place && ids[source] && !layer.id.endsWith('/label')) ids[source].add(id)
  }
  return [map.getZoom(), [sw.lng, sw.lat, ne.lng, ne.lat], layers.flatMap(one => [...ids[one]].map(id => [one, id]))]
}"""


def stored(
    store: psycopg.Connection, layers: Sequence[str], box: list[float], beyond_px: float
) -> set[tuple[Any, ...]]:
    """Layer and id of what lies in the view; what meets its very edge may be drawn a pixel to this side or that."""
    west, south, east, north = box
    x, y = beyond_px * (east - west) / WIDTH, beyond_px * (north - south) / WIDTH
    return set(store.execute(IN_VIEW, [list(layers), west - x, south - y, east + x, north + y]).fetchall())


@pytest.fixture(scope="module")
def page(demo: Demo) -> Iterator[Page]:
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"))
        context = browser.new_context(viewport={"width": WIDTH, "height": 600}, locale="zh-CN")
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.add_init_script("localStorage.setItem('jingtu.tour', 'done')")
        sign_in(page, demo, "steward")
        yield page
        browser.close()


def test_at_every_zoom_the_map_draws_what_the_table_counts_and_the_store_has(demo: Demo, page: Page) -> None:
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as store:
        centre: Any = store.execute(f"{PLACES.format(REMOVED)} ORDER BY 1 LIMIT 1").fetchone()
        page.goto(f"{demo.url}/?probe&layers={','.join(LAYERS)}&table={TABLE}#9/{centre[1]}/{centre[0]}")
        until(page, "Boolean(document.querySelector('[data-idle]') && window.jingtuMap)")
        page.get_by_label("只看图上范围").check()
        said = page.locator(".dock .count")
        seen = []
        for zoom in ZOOMS:
            at, box, drawn = page.evaluate(DRAWN, [zoom, list(centre), list(LAYERS)])
            found = {tuple(one) for one in drawn}
            assert stored(store, LAYERS, box, -1) <= found <= stored(store, LAYERS, box, 1), f"zoom {at:.2f}"
            n = sum(layer == TABLE for layer, _ in stored(store, LAYERS, box, 0))
            expect(said).to_have_text(f"图上 {n} 处＝表中 {n} 条")
            seen.append(Counter(layer for layer, _ in found))
    assert seen[0][TABLE] == 7, "the demo's register, with two plots that left it"
    assert seen[-1][TABLE] == 1, "in the middle of one of them"
    assert seen[0].keys() == set(LAYERS)


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, len(STORED), SIX))
def test_at_every_zoom_the_map_draws_what_the_store_has_of_every_layer(
    demo: Demo, page: Page, first: int
) -> None:
    layers = STORED[first : first + SIX]
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as store:
        where = f"layer = '{layers[0]}' AND geom IS NOT NULL AND upper_inf(revisions)"
        centre: Any = store.execute(f"{PLACES.format(where)} ORDER BY 1 LIMIT 1").fetchone() or (87.3, 44.0)
        page.goto(f"{demo.url}/?probe&layers={','.join(layers)}#9/{centre[1]}/{centre[0]}")
        until(page, "Boolean(document.querySelector('[data-idle]') && window.jingtuMap)")
        for zoom in ZOOMS:
            at, box, drawn = page.evaluate(DRAWN, [zoom, list(centre), layers])
            found = {tuple(one) for one in drawn}
            near = [one for one in layers if DRAWN_FROM[one] <= at]
            least, most = stored(store, near, box, -1), stored(store, layers, box, 1)
            assert not least - found, f"zoom {at:.2f}: not drawn"
            assert not found - most, f"zoom {at:.2f}: not there"
