"""What the page says when the map cannot show all or not yet, when a layer is barred, and where it helps."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.conftest import Demo
from tests.flows.pictures import page_states
from tests.flows.pictures.seat import STATES, Seat
from tests.flows.test_page import Watch, browser
from tests.flows.test_page_journeys import Opened, opened, seats

__all__ = ["browser", "opened", "page_states", "seats"]

CROWD = 10_050
"""More points than a tile draws one by one (0017: 10,000)."""


def published(demo: Demo, release: str) -> None:
    """A crowd of monitoring points within one tile, delivered and published by the steward."""
    points = [
        {
            "type": "Feature",
            "properties": {"DWBH": f"{release}{nth}"},
            "geometry": {"type": "Point", "coordinates": [87.2 + nth % 100 * 2e-4, 44.0 + nth // 100 * 2e-4]},
        }
        for nth in range(CROWD)
    ]
    file = json.dumps({"type": "FeatureCollection", "features": points}).encode()
    sent = {"layer": "monitoring_point", "county": "652301", "release": release, "commit": "true"}
    with demo.as_role("steward") as steward:
        job = steward.post("/loads", data=sent, files={"files": ("点.geojson", file)}).json()["job"]
        while (told := steward.get(f"/jobs/{job}").json())["state"] in ("queued", "running"):
            time.sleep(0.1)
        assert told["state"] == "done" and told["result"]["committed"], told
        steward.post(f"/releases/{release}/publish").raise_for_status()


@pytest.mark.long
def test_a_map_of_too_much_says_so_and_leads_to_the_table_of_all(demo: Demo, opened: Opened) -> None:
    release = f"示例人群{time.time_ns()}"
    published(demo, release)
    try:
        with demo.as_role("steward") as steward:
            items = steward.get("/ogc/collections/monitoring_point/items?f=json&limit=1").json()
        told = f"{items['numberMatched']:,}".replace(",", "\u2009")
        page = opened("steward", "/?layers=monitoring_point#9/44.01/87.21")
        note = page.locator("[data-generalised]")
        expect(note).to_contain_text(f"此处要素过密，已简化显示；表格是全部 {told} 条。", timeout=60_000)
        note.get_by_role("button", name="看表格").click()
        expect(page.locator("section.dock")).to_contain_text(told)
    finally:
        with demo.as_role("steward") as steward:
            steward.post(f"/releases/{release}/unpublish").raise_for_status()


@pytest.mark.long
def test_on_a_slow_line_the_table_comes_first_and_one_may_wait_for_the_map(
    demo: Demo, opened: Opened
) -> None:
    page = opened("clerk", "/verify")
    page.route("**/tiles/**", lambda route: None)  # never answered
    page.goto(f"{demo.url}/?layers=attention_plot")
    note = page.locator("[data-slow]")
    expect(note).to_contain_text("网络较慢，已先显示表格。", timeout=40_000)
    expect(page.locator(".dock tbody tr").first).to_be_visible()
    note.get_by_role("button", name="继续等地图").click()
    expect(page.locator(".dock")).to_have_count(0)
    expect(note).to_have_count(0)
    page.unroute("**/tiles/**")
    page.locator("[data-idle]").wait_for(timeout=60_000)


def test_a_layer_that_one_may_not_see_can_be_asked_for(demo: Demo, opened: Opened) -> None:
    with demo.as_role("public") as stranger:
        groups = stranger.get("/catalog").json()["groups"]
    barred = next(layer for group in groups for layer in group["layers"] if not layer["visible"])
    page = opened("public", "/")
    row = page.locator(".row", has=page.locator(f"[data-layer='{barred['id']}']"))
    row.get_by_role("button", name="关于此图层").click()
    expect(row).to_contain_text(f"仅限{barred['owner']}")
    row.get_by_role("button", name="申请查看").click()
    for told in (f"“{barred['title']}”（{barred['id']}）", f"致{barred['owner']}", "申请人：公众"):
        expect(row.locator("pre")).to_contain_text(told)


ORDER = ["地图", "核查", "叠加分析", "名录", "巡查", "数据"]
"""Of the header, by the design of the page (§2)."""


@pytest.mark.parametrize(
    ("role", "without"),
    [
        ("steward", set()),
        ("clerk", {"巡查", "数据"}),
        ("inspector", {"叠加分析", "数据"}),
        ("public", {"核查", "叠加分析", "巡查", "数据"}),
    ],
)  # fmt: skip
def test_the_header_keeps_its_order_and_leaves_out_what_a_role_has_not(
    demo: Demo, opened: Opened, role: str, without: set[str]
) -> None:
    page = opened(role, "/verify")
    expect(page.get_by_role("link", name="帮助")).to_be_visible()
    expect(page.locator("nav.pages [data-page='sites']")).to_have_count(1)
    named = [one.strip() for one in page.locator("nav.pages > *").all_text_contents()]
    assert [one for one in named if one in ORDER] == [one for one in ORDER if one not in without]


JOBS = {
    "clerk": ("国土窗口", "Land office"),
    "inspector": ("巡查", "Inspector"),
    "planner": ("规划", "Planner"),
    "steward": ("数据管理", "Data steward"),
    "auditor": ("审计", "Auditor"),
}


def test_help_has_one_page_a_job_in_both_languages(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/verify")
    watch = Watch(page, demo.url)
    page.get_by_role("link", name="帮助").click()
    expect(page.get_by_role("heading", level=3, name="国土窗口")).to_be_visible()
    for job, (chinese, english) in JOBS.items():
        page.locator(f"[data-job='{job}']").click()
        expect(page).to_have_url(f"{demo.url}/help/{job}")
        page.reload()
        expect(page.get_by_role("heading", level=3, name=chinese)).to_be_visible()
        told = page.locator("#page section").inner_text()
        assert page.locator("#page ol li").count() >= 4 and len(told) < 700, job
        page.get_by_role("button", name="Switch to English").click()
        expect(page.get_by_role("heading", level=3, name=english)).to_be_visible()
        assert not any("一" <= sign <= "鿿" for sign in page.locator("#page section").inner_text())
        page.locator(".switches button").first.click()
    assert watch.told() == []


def _on_top(page: Page, wanted: str) -> list[bool]:
    """Of each that is shown, whether a finger on its middle meets it."""
    return list(
        page.locator(wanted).evaluate_all(
            "all => all.filter(one => one.checkVisibility()).map(one => { const box = one.getBoundingClientRect();"
            " return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)) })"
        )
    )


def test_on_a_phone_the_buttons_of_the_swipe_map_lie_under_nothing(demo: Demo, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce", has_touch=True
    )
    context.set_default_timeout(20_000)
    seat = Seat(context.new_page(), demo, True)
    seat.sign_in("planner")
    next(one for one in STATES if one.name == "overlay-swipe").reach(seat)
    for share in ("50", "100", "0"):
        seat.page.locator("[data-swipe]").fill(share)
        seat.page.locator(".swipe .maps").scroll_into_view_if_needed()
        assert _on_top(seat.page, ".swipe .tools button") == [True] * 3, share
    seat.page.get_by_role("button", name="并排").click()
    assert _on_top(seat.page, ".swipe .tools button") == [True] * 6
    context.close()
