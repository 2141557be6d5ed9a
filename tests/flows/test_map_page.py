"""The map page in a real browser: layers, search, site card, table, links, sheets; by keyboard too."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.flows.axe import without_fault
from tests.flows.conftest import Demo
from tests.flows.test_page import Watch, sign_in, until


@pytest.fixture(scope="module")
def tool() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(tool: Playwright) -> Iterator[Browser]:
    """Debian's own Chromium."""
    started = tool.chromium.launch(executable_path=shutil.which("chromium"))
    yield started
    started.close()


def opened(browser: Browser, **options: Any) -> Page:
    viewport = {"width": options.pop("width", 1180), "height": options.pop("height", 720)}
    context = browser.new_context(
        viewport=viewport, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"], **options
    )  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return context.new_page()


@pytest.fixture(scope="module")
def steward(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A steward's page, whom the tour has been shown."""
    page = opened(browser)
    page.add_init_script("localStorage.setItem('jingtu.tour', 'done')")
    sign_in(page, demo, "steward")
    yield page
    page.context.close()


def ready(page: Page, address: str) -> None:
    page.goto(address)
    until(page, "Boolean(document.querySelector('[data-idle], .nomap img'))")


def test_a_link_holds_order_classes_filter_day_and_what_is_chosen(demo: Demo, steward: Page) -> None:
    watch = Watch(steward, demo.url)
    ready(steward, f"{demo.url}/?layers=risk_register_plot,attention_plot,admin_county")
    row = steward.locator("li.row", has_text="高、中关注度地块")
    row.get_by_role("button", name=re.compile("关于此图层")).click()
    row.get_by_label("字段", exact=True).select_option("attention_level")
    row.get_by_label("值", exact=True).select_option("high")
    with steward.expect_response(re.compile(r"/tiles/attention_plot/.*filter=attention_level")) as tile:
        row.get_by_role("button", name="加上").click()
    assert tile.value.status in (200, 204)
    register = steward.locator("li.row", has_text="建设用地土壤污染风险管控和修复名录地块")
    register.get_by_role("button", name=re.compile("分类")).click()
    register.get_by_role("switch", name="名录地块（已移出）").click()
    steward.get_by_role("button", name=re.compile("上下次序")).click()
    first = steward.locator(".list ol li .title").first.inner_text()
    steward.locator("[data-order]").first.focus()
    steward.keyboard.press("Alt+ArrowDown")
    expect(steward.locator(".list ol li .title").nth(1)).to_have_text(first)
    expect(steward).to_have_url(
        re.compile(r"order=.*off=risk_register_plot:removed.*f\.attention_plot=attention_level:is:high")
    )
    link = steward.url
    ready(steward, link)
    steward.get_by_role("button", name=re.compile("上下次序")).click()
    expect(steward.locator(".list ol li .title").nth(1)).to_have_text(first)
    assert steward.url == link
    assert watch.told() == []


def test_pinyin_and_coordinates_lead_to_the_place_and_to_the_card_of_the_site(
    demo: Demo, steward: Page
) -> None:
    ready(steward, f"{demo.url}/?layers=admin_county")
    steward.keyboard.press("/")
    steward.keyboard.type("sldz")
    steward.keyboard.press("Escape")
    steward.keyboard.type("示例电镀旧址")
    expect(steward.get_by_role("option").first).to_contain_text("示例电镀旧址")
    steward.keyboard.press("Enter")
    expect(steward.get_by_role("heading", name="示例电镀旧址")).to_be_visible()
    expect(steward).to_have_url(re.compile(r"at=[a-z_]+/\d+"))
    steward.get_by_role("button", name="地块卡片").first.click()
    expect(steward.get_by_role("heading", name="示例电镀旧址", level=1)).to_be_visible()
    expect(steward).to_have_url(re.compile(r"/sites/\d+\?.*layers="))
    steward.reload()
    expect(steward.get_by_role("heading", name="生命周期")).to_be_visible()
    expect(steward.get_by_label("三项事实")).to_contain_text("建设用地土壤污染风险管控和修复名录地块")
    expect(steward.get_by_role("img", name=re.compile("示例电镀旧址的边界"))).to_be_visible()
    steward.get_by_role("button", name="看表格").click()
    expect(steward.get_by_role("row", name=re.compile("所在名录"))).to_have_count(1)
    without_fault(steward)
    steward.keyboard.press("Escape")
    # The same place, as surveyors write it: EPSG:4517 of 87.2751 E 44.0075 N by PROJ.
    steward.locator("#find").fill("4874692.5 29522062.0")
    expect(steward.get_by_role("option").first).to_contain_text("3度带 29")
    steward.keyboard.press("Enter")
    expect(steward.get_by_role("region", name="此处")).to_contain_text("示例电镀旧址")
    without_fault(steward)


def test_the_table_is_the_maps_twin_by_number_by_choice_and_by_keyboard(demo: Demo, steward: Page) -> None:
    ready(
        steward, f"{demo.url}/?layers=risk_register_plot,admin_county&table=risk_register_plot#8.2/44.1/87.6"
    )
    dock = steward.locator(".dock")
    dock.get_by_label("只看图上范围").check()
    expect(dock.locator(".count")).to_have_text(re.compile(r"图上 (\d+) 处＝表中 \1 条"), timeout=10_000)
    dock.get_by_role("button", name=re.compile("名称")).click()
    names = dock.locator("tbody th button")
    expect(dock.locator("th[aria-sort=ascending]")).to_have_count(1)
    dock.get_by_label("县市").select_option("652301")
    expect(names).to_have_count(2)
    expect(dock.locator(".count")).to_have_text("图上 2 处＝表中 2 条", timeout=10_000)
    assert "652301" in (dock.locator("a[download]").first.get_attribute("href") or "")
    steward.locator("#map canvas").focus()
    steward.keyboard.press("Tab")
    expect(steward.locator(".map-view [role=status]")).to_contain_text("第 1 处")
    steward.keyboard.press("Enter")
    expect(steward.get_by_role("region", name="此处")).to_be_focused()
    chosen = names.first
    chosen.click()
    expect(dock.locator("tr.on")).to_have_count(1)
    steward.keyboard.press("m")
    expect(steward.locator("#map canvas")).to_be_focused()
    steward.keyboard.press("t")
    expect(chosen).to_be_focused()
    seen = []
    for _ in range(6):
        steward.keyboard.press("F6")
        seen.append(
            steward.evaluate(
                "document.activeElement.closest('aside, .ways, #map, .here, section.dock')?.className ?? ''"
            )
        )
    assert len(set(seen)) == 5, seen
    without_fault(steward)


def test_a_sheet_is_printed_at_the_scale_that_was_chosen(demo: Demo, steward: Page, tmp_path: Path) -> None:
    ready(steward, f"{demo.url}/?layers=risk_register_plot,admin_county#14/44.0075/87.2751")
    steward.get_by_role("button", name="按比例出图").click()
    without_fault(steward)
    steward.get_by_label("图名").fill("示例图")
    steward.get_by_label("比例尺").select_option(label="1:10\u2009000")
    with steward.expect_download() as download:
        steward.get_by_role("button", name="出图（PDF）").click()
    assert download.value.suggested_filename == "示例图.pdf"
    paper = tmp_path / "sheet.pdf"
    download.value.save_as(paper)
    told = subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True).stdout
    assert "1:10000" in re.sub(r"[\s\u202f]", "", told)
    assert "示例电镀旧址" in told
    steward.keyboard.press("Escape")


def test_without_map_acceleration_a_table_and_a_drawn_map_take_its_place(
    demo: Demo, tool: Playwright
) -> None:
    without = ["--disable-gpu", "--disable-3d-apis"]
    bare = tool.chromium.launch(executable_path=shutil.which("chromium"), args=without)
    page = opened(bare)
    ready(page, f"{demo.url}/?layers=key_supervised_unit_land,admin_county")
    expect(page.get_by_text("本机不支持地图加速")).to_be_visible()
    assert page.evaluate("document.querySelector('.nomap img').naturalWidth") > 600
    expect(page.locator(".dock tbody tr").first).to_be_visible()
    without_fault(page)
    bare.close()


def test_the_first_visit_shows_four_steps_once_and_in_english_too(demo: Demo, browser: Browser) -> None:
    page = opened(browser, color_scheme="dark", width=390, height=844)
    ready(page, f"{demo.url}/")
    without_fault(page)
    page.get_by_role("button", name="切换到英文").or_(
        page.get_by_role("button", name="Switch to English")
    ).first.click()
    for step in (1, 2, 3, 4):
        expect(page.get_by_text(f"Step {step} of 4")).to_be_visible()
        page.get_by_role("button", name="Next" if step < 4 else "Understood").click()
    expect(page.get_by_text("Step")).to_have_count(0)
    without_fault(page)
    ready(page, f"{demo.url}/")
    expect(page.get_by_text("Step")).to_have_count(0)
    page.context.close()
