"""The register page, the chain on the audit page, what is wrong with a file as a table, and the page in English."""

from __future__ import annotations

import io
import re

import openpyxl
from playwright.sync_api import Page, expect

from tests.flows.axe import without_fault
from tests.flows.conftest import Demo
from tests.flows.test_page import SAMPLES, Watch, browser
from tests.flows.test_page_journeys import Opened, opened, pressed, seats

__all__ = ["browser", "opened", "seats"]


def test_a_steward_reads_a_list_of_a_day_takes_it_out_and_opens_a_card(demo: Demo, opened: Opened) -> None:
    page = opened("steward", "/sites")
    watch = Watch(page, demo.url)
    rows = page.locator("[data-site]")
    expect(rows).to_have_count(5)
    without_fault(page)
    page.get_by_label("名称或编码").fill("焦油")
    expect(rows).to_have_count(1)
    with page.expect_download() as download:
        page.locator("[data-register-file]").click()
    told = list(openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active.values)
    assert [row[1] for row in told[1:]] == ["示例焦油旧厂"]
    page.get_by_label("名称或编码").fill("")
    page.get_by_role("textbox", name="按哪天看").fill("2023-02-03")
    expect(rows).to_have_count(3)
    expect(page).to_have_url(re.compile(r"/sites\?as_of=2023-02-03$"))
    page.reload()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="回到今天").click()
    rows.first.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1, name="示例电镀旧址")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(5)
    assert watch.told() == []


def test_a_register_needs_no_mouse(demo: Demo, opened: Opened) -> None:
    page = opened("inspector", "/sites")
    page.locator("[data-site]").first.wait_for()
    pressed(page, "[data-site] button")
    expect(page.get_by_role("heading", level=1).last).to_contain_text("示例")


def test_an_auditor_is_told_that_the_chain_is_whole(demo: Demo, opened: Opened) -> None:
    page = opened("auditor", "/audit")
    expect(page.locator("[data-chain]")).to_contain_text(re.compile(r"校验通过：至第 [\d ]+ 条"))
    page.get_by_label("动作").select_option("sign_in")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("tbody tr").first).to_contain_text("登录")
    without_fault(page)


def test_a_clerk_takes_the_faults_of_a_file_to_those_who_made_it(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/")
    page.locator("[data-way='upload']").wait_for()
    page.set_input_files("#upload-file", str(SAMPLES / "broken_01_many_faults.txt"))
    with page.expect_download() as download:
        page.get_by_role("button", name="下载错误清单（XLSX）").click()
    told = list(openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active.values)
    assert 17 in {row[1] for row in told[1:]}
    assert re.match(r"broken_01_many_faults_.+\.xlsx$", download.value.suggested_filename)


UNMARKED = """list => list.map(one => {
  const plain = one.cloneNode(true)
  for (const named of plain.querySelectorAll('[lang]')) named.remove()
  return plain.textContent
}).filter(text => /[一-鿿]/.test(text))"""


def unmarked(page: Page, where: str) -> list[str]:
    """Texts of the English page with Chinese in them that no `lang` marks."""
    return list(page.locator(where).evaluate_all(UNMARKED))


def test_the_page_in_english_tells_matters_and_choices_in_english(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/rules")
    page.locator("[data-rule]").first.wait_for()
    page.get_by_role("button", name="Switch to English").click()
    listed = page.locator("[data-rule='ADJ-02']")
    expect(listed).to_contain_text("Risk control works")
    expect(listed).to_contain_text("Adjacent notice")
    assert page.locator(
        "[data-rule] [lang='zh-CN']"
    ).count()  # laws keep their names, which are marked as Chinese
    assert unmarked(page, "[data-rule] :is(h4, dt, dd)") == []


def test_what_is_wrong_with_a_file_is_told_in_english_but_for_what_stands_in_it(
    demo: Demo, opened: Opened
) -> None:
    page = opened("clerk", "/")
    page.get_by_role("button", name="Switch to English").click()
    page.locator("[data-way='upload']").wait_for()
    page.set_input_files("#upload-file", str(SAMPLES / "broken_01_many_faults.txt"))
    told = page.locator("[data-issue='not_closed']")
    expect(told).to_contain_text("The closing point J1 of ring 1 is 0.800 m away from the first point.")
    expect(told).to_contain_text("The closing point must have the coordinates of the first point")
    assert unmarked(page, "[data-issue]") == []
