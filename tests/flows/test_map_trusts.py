"""What nobody may take for "nothing is there": lost tiles, a session that ended, rows that one may not see."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from playwright.sync_api import Page, Route, expect

from tests.flows.conftest import Demo
from tests.flows.test_page import SAMPLES, browser, until
from tests.flows.test_page_journeys import Opened, opened, seats

__all__ = ["browser", "opened", "seats"]

DRAWN = """layer => window.jingtuMap.queryRenderedFeatures().filter(one => one.source === layer).length"""
NEARLY = """layer => {
  const map = window.jingtuMap, {x, y} = map.getCanvas().getBoundingClientRect()
  const isMark = it => it.source === layer && it.geometry.type === 'Point' && it.properties.name
  const one = map.queryRenderedFeatures().find(isMark)
  const at = map.project(one.geometry.coordinates)
  return [at.x + x + 4, at.y + y, one.properties.name]
}"""
"""A mark, a few pixels beside its middle: kilometres on the ground."""


def drawn(page: Page, layer: str) -> int:
    return int(page.evaluate(DRAWN, layer))


def ready(page: Page) -> Page:
    page.locator("[data-idle]").wait_for(timeout=60_000)
    return page


def narrowed(demo: Demo, counties: list[str]) -> None:
    """The steward's counties from now on, none: the whole region; as an administrator would set them."""
    with psycopg.connect((demo.home / "database-url").read_text().strip()) as store:
        store.execute(
            "UPDATE spatial_account a SET counties = %s FROM auth_user u WHERE u.id = a.user_id AND u.username = %s",
            [counties, demo.accounts["steward"]["username"]],
        )


def fails(route: Route) -> None:
    route.fulfill(status=503)


def test_tiles_that_do_not_come_are_told_and_read_anew(demo: Demo, opened: Opened) -> None:
    page = opened("steward", "/verify")
    page.route("**/tiles/attention_plot/**", fails)
    page.goto(f"{demo.url}/?probe&layers=attention_plot#9/44.1/87.4")
    told = page.locator("[data-unread]")
    expect(told).to_contain_text("高、中关注度地块", timeout=60_000)
    expect(told).to_contain_text("图上空白不等于没有")
    page.unroute("**/tiles/attention_plot/**")
    told.get_by_role("button", name="重试").click()
    expect(told).to_have_count(0)
    until(page, f"({DRAWN})('attention_plot') > 0")
    page.route("**/tiles/attention_plot/**", lambda route: None)  # never answered
    page.evaluate("window.jingtuMap.jumpTo({center: [88.6, 44.1], zoom: 11})")
    expect(page.locator("[data-reading]")).to_contain_text("高、中关注度地块")


def test_a_session_that_ended_is_no_map_on_which_nothing_is(demo: Demo, opened: Opened) -> None:
    page = ready(opened("clerk", "/?probe#9/44.0/87.28"))
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.locator("#find").fill("示例皮革旧址")
    expect(page.locator(".find [role=alert]")).to_contain_text("登录已过期")
    page.keyboard.press("Escape")
    page.locator("#map canvas").click(position={"x": 300, "y": 300})
    expect(page.get_by_role("region", name="此处")).to_contain_text("登录已过期")
    expect(page.locator(".notice")).to_contain_text("登录已过期")
    page.evaluate("window.jingtuMap.jumpTo({center: [87.28, 44.0], zoom: 12})")
    expect(page.locator("[data-unread]")).to_contain_text("图上空白不等于没有")
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # as the tool gave them
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".notice")).to_have_count(0)
    expect(page.locator("[data-unread]")).to_have_count(0)


def test_whose_rights_are_narrowed_meanwhile_sees_stripes_when_he_comes_back(
    demo: Demo, opened: Opened
) -> None:
    """The account of the whole region loses all counties but one; rows of the others no longer come with new tiles."""
    page = ready(opened("steward", "/?probe&layers=suspected_plot#8/44.1/88.2"))
    striped = "JSON.stringify(window.jingtuMap.getFilter('jt-gap'))"
    assert "652302" not in page.evaluate(striped)
    try:
        narrowed(demo, ["652301"])
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        until(page, f"{striped}.includes('652302')")
        assert "652301" not in page.evaluate(striped)
    finally:
        narrowed(demo, [])


def test_of_a_past_day_the_map_is_striped_where_nothing_was_known_then(demo: Demo, opened: Opened) -> None:
    """What was delivered to the demo tells of the day it was made: of 2019 nobody knows, and blank would say "none"."""
    page = ready(
        opened("steward", "/?probe&layers=eco_redline&table=eco_redline&as_of=2019-06-01#9/44.1/87.4")
    )
    striped = "JSON.stringify(window.jingtuMap.getFilter('jt-gap'))"
    until(page, f"{striped}.includes('652301')")
    expect(page.locator(".dock .lacking")).to_have_text(re.compile("没有资料：.*昌吉市"))
    page.get_by_role("button", name="回到今天").click()
    until(page, f"!{striped}.includes('652301')")
    expect(page.locator(".dock .lacking")).to_have_count(0)


def test_who_sees_one_county_is_told_what_of_the_others_he_does_not_see(demo: Demo, opened: Opened) -> None:
    page = ready(
        opened("clerk", "/?probe&layers=suspected_plot,monitoring_point&table=suspected_plot#8/44.1/88.2")
    )
    striped = "JSON.stringify(window.jingtuMap.getFilter('jt-gap'))"
    until(page, f"{striped}.includes('652302')")
    assert "652301" not in page.evaluate(striped)
    expect(page.locator(".dock .lacking")).to_have_text(re.compile("无权看：.*阜康市"))
    expect(page.locator("[data-barred]")).to_contain_text("土壤监测点")
    expect(page).to_have_url(re.compile("layers=monitoring_point,suspected_plot"))
    fukang = page.evaluate(
        "(() => { const at = window.jingtuMap.project([88.2, 44.1]); return [at.x, at.y] })()"
    )
    page.locator("#map canvas").click(position={"x": fukang[0], "y": fukang[1]})
    here = page.get_by_role("region", name="此处")
    expect(here).to_contain_text("阜康市")
    expect(here.locator(".gap")).to_contain_text(re.compile("无权看：.*个图层"))


def test_a_click_on_a_mark_finds_what_it_stands_for_at_any_zoom(demo: Demo, opened: Opened) -> None:
    page = ready(opened("steward", "/?probe&layers=attention_plot,admin_county#8/44.1/87.4"))
    until(page, f"({DRAWN})('attention_plot') > 0")
    x, y, name = page.evaluate(NEARLY, "attention_plot")
    page.mouse.click(x, y)
    expect(page.get_by_role("region", name="此处")).to_contain_text(name)


def test_where_the_machine_takes_the_drawing_away_a_table_and_a_picture_take_its_place(
    demo: Demo, opened: Opened
) -> None:
    page = ready(opened("steward", "/?probe&layers=attention_plot,admin_county#8/44.1/87.4"))
    page.evaluate(
        "window.jingtuMap.getCanvas().getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    expect(page.locator(".nomap img")).to_be_visible()
    expect(page.locator(".nomap")).to_contain_text("空白不等于没有")
    expect(page.locator("section.dock tbody tr").first).to_be_visible()


def test_a_file_that_was_given_up_never_stands_under_the_name_of_another(demo: Demo, opened: Opened) -> None:
    page = ready(opened("clerk", "/"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        if b"valid_01" in (route.request.post_data_buffer or b""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/parcels/preview", hold)
    page.set_input_files("#upload-file", str(SAMPLES / "valid_01_zone29_hole_utf8.txt"))
    expect(page.locator("aside.side")).to_contain_text("正在读取")
    page.keyboard.press("Escape")
    page.set_input_files("#upload-file", str(SAMPLES / "valid_03_no_prefix_utf8bom.txt"))
    side = page.locator("aside.side")
    expect(side).to_contain_text("3.0025 hm²")
    answer: Any
    (answer,) = held
    with page.expect_response("**/parcels/preview"):
        answer.continue_()
    page.wait_for_timeout(300)
    expect(side).to_contain_text("valid_03")
    expect(side).to_contain_text("3.0025 hm²")
