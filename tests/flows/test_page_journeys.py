"""Whole journeys on the page, with the mouse and by keyboard alone; and that axe finds nothing on the way."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator

import openpyxl
import pytest
from playwright.sync_api import Browser, FileChooser, FilePayload, Page, StorageState, expect

from tests.flows.axe import without_fault
from tests.flows.conftest import Demo
from tests.flows.test_page import SAMPLES, Watch, browser, until

__all__ = ["browser"]

TXT = SAMPLES / "valid_03_no_prefix_utf8bom.txt"
DROP = """({name, text}) => {
  const carried = new DataTransfer()
  carried.items.add(new File([text], name, {type: 'text/plain'}))
  const told = {dataTransfer: carried, cancelable: true}
  for (const kind of ['dragover', 'drop']) window.dispatchEvent(new DragEvent(kind, told))
}"""


Opened = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def seats() -> dict[str, StorageState]:
    """Role → its session, signed in once for all journeys."""
    return {}


@pytest.fixture
def opened(browser: Browser, demo: Demo, seats: dict[str, StorageState]) -> Iterator[Opened]:
    """A page at a path for a role, without motion: tests look at what is there, not at flights."""
    expect.set_options(timeout=20_000)
    contexts = []

    def at(role: str, path: str) -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
            reduced_motion="reduce",
            storage_state=seats.get(role),
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        if role != "public" and role not in seats:
            page.goto(f"{demo.url}/accounts/login/")
            page.fill("input[name=username]", demo.accounts[role]["username"])
            page.fill("input[name=password]", demo.accounts[role]["password"])
            page.keyboard.press("Enter")
            page.wait_for_url(f"{demo.url}/", wait_until="commit")
            seats[role] = context.storage_state()
        page.goto(f"{demo.url}{path}")
        return page

    yield at
    for context in contexts:
        context.close()


def collection(name: str, plots: list[tuple[dict[str, str], list[list[float]]]]) -> FilePayload:
    """A GeoJSON file of one ring a plot."""
    features = [
        {"type": "Feature", "properties": told, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for told, ring in plots
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return {"name": f"{name}.geojson", "mimeType": "application/json", "buffer": content}


def tab_to(page: Page, wanted: str, most: int = 120) -> None:
    """Press Tab until what is wanted has the focus."""
    for _ in range(most):
        if page.evaluate("wanted => Boolean(document.activeElement?.matches(wanted))", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {wanted}")


def pressed(page: Page, wanted: str) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def opened_with(page: Page, key: str) -> FileChooser:
    """The browser's own dialog for files, opened by a key; the tool needs a moment before it can catch it."""
    with page.expect_file_chooser() as chooser:
        page.wait_for_timeout(300)
        page.keyboard.press(key)
    return chooser.value


def test_a_clerk_drops_a_file_reads_the_verdict_and_takes_the_report(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/")
    watch = Watch(page, demo.url)
    page.locator("[data-way='upload']").wait_for()
    page.evaluate(DROP, {"name": TXT.name, "text": TXT.read_text(encoding="utf-8-sig")})
    page.get_by_role("button", name="就是这里").click()
    page.get_by_role("button", name="开始核查").click()
    expect(page.get_by_role("heading", name="无法判定").first).to_be_visible()
    without_fault(page)
    number = page.locator(".number").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="出具核查报告").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.get_by_role("button", name="我的核查", exact=True).click()
    row = page.locator(f"[data-check='{number}']")
    expect(row).to_contain_text("无法判定")
    expect(page).to_have_url(re.compile("/checks$"))
    without_fault(page)
    page.go_back()
    expect(page.locator("canvas").first).to_be_visible()
    assert watch.told() == []


def test_a_clerk_needs_no_mouse_from_the_file_to_the_report(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/")
    page.locator("[data-way='upload']").wait_for()
    opened_with(page, "u").set_files(str(TXT))
    expect(page.locator("[data-confirm]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-ask='action']")).to_be_focused()
    pressed(page, "[data-start]")
    plate = page.locator("h2:focus")
    expect(plate).to_contain_text("无法判定")
    page.keyboard.press("r")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_a_clerk_draws_a_parcel_with_a_hole_by_typing_its_points(demo: Demo, opened: Opened) -> None:
    page = opened("clerk", "/")
    page.locator("[data-way='draw']").wait_for()
    page.keyboard.press("d")
    outer = ["87.3000, 44.0200", "87.3040, 44.0200", "87.3040, 44.0230", "87.3000, 44.0230"]
    hole = ["87.3010, 44.0210", "87.3020, 44.0210", "87.3020, 44.0220"]
    typed = page.get_by_role("textbox", name="X, Y（带号）或 经度, 纬度")
    for ring in (outer, hole):
        for point in ring:
            typed.fill(point)
            typed.press("Enter")
        if ring is outer:
            page.get_by_role("button", name="挖洞").click()
    expect(page.get_by_text("7 个点 · 1 个洞")).to_be_visible()
    without_fault(page)
    page.get_by_role("button", name="撤一点").click()
    expect(page.get_by_text("6 个点 · 1 个洞")).to_be_visible()
    page.get_by_role("button", name="恢复", exact=True).click()
    page.get_by_role("button", name="画完").click()
    expect(page.locator("[data-confirm]")).to_be_focused()


def test_many_parcels_of_a_file_are_checked_at_once_and_shown_in_table_and_map(
    demo: Demo, opened: Opened
) -> None:
    page = opened("clerk", "/checks")
    ring = [[87.30, 44.02], [87.303, 44.02], [87.303, 44.022], [87.30, 44.022], [87.30, 44.02]]
    file = collection("三块", [({}, [[x + east, y] for x, y in ring]) for east in (0.0, 0.01, 0.02)])
    page.get_by_role("tab", name="批量核查").click()
    page.set_input_files("#batch-file", file)
    page.get_by_role("button", name="开始批量核查").click()
    expect(page.get_by_text("图上 3 处＝表中 3 条")).to_be_visible()
    page.locator("[data-batch] button").first.click()
    expect(page.locator("tr.on")).to_have_count(1)
    without_fault(page)


def test_a_planner_lays_a_unit_under_all_restrictions_and_takes_the_workbook(
    demo: Demo, opened: Opened
) -> None:
    page = opened("planner", "/overlays")
    watch = Watch(page, demo.url)
    page.locator("[data-new]").click()
    page.locator("[data-unit]").nth(3).check()
    without_fault(page)
    page.locator("[data-next]").click()
    page.locator("[data-restricting]").click()
    without_fault(page)
    page.locator("[data-next]").click()
    page.locator("[data-compare]").select_option("day")
    page.get_by_label("对比日期").fill("2025-01-01")
    page.locator("[data-start-overlay]").click()
    expect(page.get_by_role("heading", name="规划用途 × 限制")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/overlays/[0-9a-f-]{36}$"))
    cell = page.locator("[data-cell]").first
    cell.click()
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(page.locator("tr.on[data-plot]").first).to_be_visible()
    without_fault(page)
    page.keyboard.press("Escape")
    expect(cell).to_have_attribute("aria-pressed", "false")
    page.locator("[data-side='both']").click()
    expect(page.locator("[data-change]")).to_have_count(6)
    page.locator("[data-swiping]").click()
    expect(page.locator("[data-swipe]")).to_be_visible()
    without_fault(page)
    page.locator("[data-export]").click()
    with page.expect_download() as download:
        page.locator("[data-format='xlsx']").click()
    assert re.match(r"叠加_.+_\d{4}-\d\d-\d\d\.xlsx$", download.value.suggested_filename)
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert "用途×结论" in book.sheetnames
    page.reload()
    expect(page.get_by_role("heading", name="规划用途 × 限制")).to_be_visible()
    assert watch.told() == []


def test_a_planner_needs_no_mouse_from_the_unit_to_the_workbook(demo: Demo, opened: Opened) -> None:
    page = opened("planner", "/overlays")
    page.locator("[data-new]").wait_for()
    pressed(page, "[data-new]")
    page.locator("[data-unit]").first.wait_for()
    tab_to(page, "[data-unit]")
    page.keyboard.press("Space")
    pressed(page, "[data-next]")
    page.locator("[data-restricting]").wait_for()
    pressed(page, "[data-restricting]")
    pressed(page, "[data-next]")
    page.locator("[data-start-overlay]").wait_for()
    pressed(page, "[data-start-overlay]")
    page.locator("[data-cell]").first.wait_for()
    pressed(page, "[data-cell]")
    expect(page.locator("[data-cell][aria-pressed='true']")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-cell][aria-pressed='true']")).to_have_count(0)
    pressed(page, "[data-export]")
    tab_to(page, "[data-format='xlsx']")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().read_bytes().startswith(b"PK")


def delivery(name: str) -> FilePayload:
    """One plot that is well and one whose boundary crosses itself, in 昌吉市."""
    good = [[87.300, 44.050], [87.305, 44.050], [87.305, 44.053], [87.300, 44.053], [87.300, 44.050]]
    crossed = [[87.310, 44.050], [87.315, 44.053], [87.315, 44.050], [87.310, 44.053], [87.310, 44.050]]
    named = ({"DKBM": f"{name}-{nth}", "DKMC": f"示例{nth}"} for nth in (1, 2))
    return collection(name, list(zip(named, (good, crossed), strict=True)))


HELD = (
    "window.jingtuMap.querySourceFeatures('suspected_plot', {sourceLayer: 'suspected_plot'})"
    ".some(f => f.properties.code === '%s')"
)


def test_a_steward_uploads_with_faults_publishes_and_an_open_map_is_fresh_without_reload(
    demo: Demo, opened: Opened
) -> None:
    other = opened("clerk", "/?probe&layers=suspected_plot#14/44.0515/87.3025")
    until(other, "Boolean(window.jingtuMap && window.jingtuMap.loaded())")
    page = opened("steward", "/loads")
    watch = Watch(page, demo.url)
    page.set_input_files("#load-files", delivery("JOURNEY"))
    page.locator("[data-load='layer']").select_option("suspected_plot")
    page.locator("[data-load='county']").select_option("")
    page.locator("[data-load='release']").fill("旅程一")
    without_fault(page)
    page.locator("[data-try]").click()
    fault = page.locator("[data-issue='self_intersection']")
    expect(fault).to_contain_text("第 2 行")
    fault.get_by_role("button").click()
    expect(page.locator("tr.on")).to_have_count(1)
    without_fault(page)
    page.locator("[data-commit]").click()
    page.locator("[data-releases]").click()
    mine = page.locator("[data-release='旅程一']")
    mine.get_by_role("button", name="比较").click()
    expect(mine).to_contain_text("新增 1")
    assert not other.evaluate(HELD % "JOURNEY-1")
    mine.locator("[data-publish]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("疑似污染地块：新增 1")
    without_fault(page)
    dialog.locator("[data-confirm]").click()
    expect(page.get_by_text("已发布，地图已是新数据")).to_be_visible()
    until(other, HELD % "JOURNEY-1", 20)
    expect(other.get_by_text("资料刚刚更新")).to_be_visible()
    mine.locator("[data-unpublish]").click()
    page.get_by_role("dialog").locator("[data-confirm]").click()
    expect(page.get_by_text("已撤回，地图已回到以前的数据")).to_be_visible()
    until(other, f"!{HELD % 'JOURNEY-1'}", 20)
    assert watch.told() == []


def test_a_steward_needs_no_mouse_from_the_file_to_publishing_and_back(demo: Demo, opened: Opened) -> None:
    page = opened("steward", "/loads")
    page.locator("#load-files").wait_for()
    tab_to(page, "#load-files")
    opened_with(page, "Enter").set_files(delivery("KEYS"))
    tab_to(page, "[data-load='layer']")
    chosen = "document.querySelector(\"[data-load='layer']\").value"
    while page.evaluate(chosen) != "suspected_plot":
        page.keyboard.press("ArrowDown")
    tab_to(page, "[data-load='release']")
    page.keyboard.type("旅程二")
    page.keyboard.press("Enter")
    page.locator("[data-commit]").wait_for()
    page.keyboard.press("n")
    expect(page.locator("tr.on")).to_have_count(1)
    pressed(page, "[data-commit]")
    page.locator("[data-releases]").wait_for()
    pressed(page, "[data-releases]")
    for switch, told in (
        ("publish", "已发布，地图已是新数据"),
        ("unpublish", "已撤回，地图已回到以前的数据"),
    ):
        page.locator(f"[data-release='旅程二'] [data-{switch}]").wait_for()
        pressed(page, f"[data-release='旅程二'] [data-{switch}]")
        page.locator("dialog[open] li").first.wait_for()
        pressed(page, "[data-confirm]")
        expect(page.get_by_text(told)).to_be_visible()


BARRED = "你的账号不能看这一页"


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("clerk", {"/loads": BARRED, "/cases": "用途变更", "/changes": "结论变化"}),
        ("auditor", {"/loads": "数据", "/audit": "审计"}),
    ],
)
def test_a_page_opens_by_its_link_for_its_roles_and_says_so_to_others(
    demo: Demo, opened: Opened, role: str, pages: dict[str, str]
) -> None:
    page = opened(role, next(iter(pages)))
    for path, heading in pages.items():
        page.goto(f"{demo.url}{path}")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        without_fault(page)
    named = page.locator("nav.pages").get_by_role("button").all_inner_texts()
    assert ("数据" in named, "审计" in named) == (role == "auditor", role == "auditor")


def test_a_stranger_proves_a_paper_by_the_address_in_its_code(demo: Demo, opened: Opened) -> None:
    example = demo.examples()[0]
    with demo.as_role("clerk") as clerk:
        made = clerk.post("/checks", json=example["body"]).json()
    page = opened("public", f"/verify/{made['number']}?fingerprint={made['fingerprint']}")
    expect(page.get_by_text("编号存在，内容未改动。")).to_be_visible()
    without_fault(page)
    page.get_by_role("textbox", name="指纹").fill("sha256:0")
    page.keyboard.press("Enter")
    expect(page.get_by_text("编号存在，但文件内容与存档不一致。")).to_be_visible()
    page.get_by_role("textbox", name="编号").fill("JT-652301-20200101-000001")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有这个编号。")).to_be_visible()
