"""The map and what lies on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Route

from tests.flows.pictures.seat import PROBLEM, Seat, answered, state

HOUSE = "#15/44.0075/87.2750"


@state("map-first-stranger", "public")
def _(seat: Seat) -> None:
    seat.map("/?probe")


@state("map-first-clerk", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")


@state("map-tree", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    if seat.phone:
        seat.click(".bar .layers")
    seat.page.locator("[data-layer='groundwater_recharge_zone']").scroll_into_view_if_needed()


@state("map-layer-about", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    if seat.phone:
        seat.click(".bar .layers")
    row = seat.page.locator(".row", has=seat.page.locator("[data-layer='groundwater_recharge_zone']"))
    row.get_by_role("button", name=re.compile("关于此图层")).click()
    seat.page.wait_for_timeout(300)


@state("map-layer-classes", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe&layers=planned_land_use,parcel#14/44.01/87.28")
    if seat.phone:
        seat.click(".bar .layers")
    row = seat.page.locator(".row", has=seat.page.locator("[data-layer='planned_land_use']"))
    row.get_by_role("button", name=re.compile("分类")).click()


@state("map-order", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    if seat.phone:
        seat.click(".bar .layers")
    seat.page.get_by_role("button", name=re.compile("上下次序")).or_(
        seat.page.get_by_role("tab", name=re.compile("上下次序"))
    ).click()


@state("map-filter", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe&f.attention_plot=county:is:652301&layers=attention_plot")
    if seat.phone:
        seat.click(".bar .layers")
    row = seat.page.locator(".row", has=seat.page.locator("[data-layer='attention_plot']"))
    row.get_by_role("button", name=re.compile("关于此图层")).click()
    seat.page.locator("select[aria-label='按字段筛选…'], .filter select").first.scroll_into_view_if_needed(
        timeout=3000
    )


@state("map-identify", "clerk")
def _(seat: Seat) -> None:
    seat.map(f"/?probe{HOUSE}")
    box = seat.page.locator(".maplibregl-canvas").bounding_box()
    assert box
    seat.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    seat.page.locator(".here").wait_for()
    seat.page.wait_for_timeout(600)


@state("map-table", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe&table=attention_plot#10/44.05/87.3")
    seat.page.locator("[data-row]").first.wait_for()


@state("map-table-tall", "clerk", sizes=("desk",))
def _(seat: Seat) -> None:
    seat.map("/?probe&table=parcel#13/44.01/87.28")
    seat.page.locator("[data-row]").first.wait_for()
    seat.page.get_by_role("button", name="加高").click()
    seat.page.get_by_text("只看图上范围").click()


def _search(words: str) -> Callable[[Seat], None]:
    def reach(seat: Seat) -> None:
        seat.map("/?probe")
        seat.page.fill("#find", words)
        seat.page.locator(".find .list").first.wait_for()
        seat.page.wait_for_timeout(900)

    return reach


state("map-search", "clerk")(_search("sldd"))
state("map-search-coordinate", "clerk")(_search("29524430.5, 4872900.2"))
state("map-search-none", "clerk")(_search("没有这样的地方"))


@state("map-as-of", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe&as_of=2025-03-31")
    seat.page.get_by_role("button", name="按哪天看").click()


@state("tour", "clerk", tour=True)
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.see("图例就是开关")


@state("tour-gap", "clerk", tour=True)
def _(seat: Seat) -> None:
    seat.map("/?probe")
    for _ in range(2):
        seat.page.get_by_role("button", name="下一步").click()


@state("print", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.get_by_role("button", name="按比例出图").click()
    seat.page.locator("dialog[open]").wait_for()


@state("keys", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.get_by_role("button", name="键盘").click()
    seat.page.locator("dialog[open]").wait_for()


@state("map-generalised", "clerk")
def _(seat: Seat) -> None:
    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, headers={**answer.headers, "x-jingtu-generalised": "attention_plot=48211"}
        )

    seat.page.route("**/tiles/**attention_plot**", told)
    seat.map("/?probe&table=attention_plot&layers=attention_plot")
    seat.page.wait_for_timeout(1500)


@state("map-offline", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.wait_for_timeout(6_000)  # the page at rest has fetched its other language
    seat.page.context.set_offline(True)
    seat.see("连接断开")


@state("map-no-webgl", "clerk")
def _(seat: Seat) -> None:
    seat.page.add_init_script(
        "const asked = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = "
        "function (kind, ...more) { return /webgl/.test(kind) ? null : asked.call(this, kind, ...more) }"
    )
    seat.go("/?probe&layers=attention_plot,admin_county")
    seat.page.locator(".nomap img").wait_for(timeout=60_000)


@state("map-catalog-failed", "clerk")
def _(seat: Seat) -> None:
    answered("**/catalog", **PROBLEM)(seat)
    seat.go("/?probe")
    seat.see("没有读到图层目录")


@state("map-renewed", "clerk")
def _(seat: Seat) -> None:
    told = json.dumps(
        {"revision": 10**6, "kind": "publish", "at": "2026-11-23T02:14:00Z", "release": "示例", "layers": []}
    )
    answered(
        "**/events", status=200, content_type="text/event-stream", body=f"event: revision\ndata: {told}\n\n"
    )(seat)
    seat.map("/?probe")
    seat.see("刚刚更新")


@state("menu", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.click(".me summary")
