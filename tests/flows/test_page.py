"""The page in a real browser against the real service: what a clerk sees, and that nothing outside is asked for."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright

from tests.flows.conftest import Demo

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's own Chromium."""
    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=shutil.which("chromium"))
        yield started
        started.close()


VIOLATED = """() => {
  const tell = (rule, what) => console.error(`CSP ${rule}: ${what}`)
  addEventListener('securitypolicyviolation', e => tell(e.effectiveDirective, e.blockedURI), true)
  const told = reports => reports.forEach(({body}) => tell(body.effectiveDirective, body.blockedURL))
  new ReportingObserver(told, {types: ['csp-violation'], buffered: true}).observe()
}"""


class Watch:
    """What a page did that it should not: foreign, refused or failed requests, broken policies, errors it told."""

    def __init__(self, page: Page, origin: str) -> None:
        self.foreign: list[str] = []
        self.refused: list[str] = []
        self.failed: list[str] = []
        self.errors: list[str] = []
        """Words on the console, those of the security policy among them."""
        self.origin = origin
        self._open: set[Request] = set()
        page.on("request", self._asked)
        page.on("requestfinished", lambda one: self._open.discard(one))
        page.on("requestfailed", self._broke)
        page.on("websocket", lambda one: self.foreign.append(one.url))
        page.on("response", lambda r: self.refused.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.add_init_script(f"({VIOLATED})()")
        if page.url != "about:blank":
            page.evaluate(VIOLATED)

    def told(self) -> list[str]:
        """All of it, a line each."""
        foreign = [f"foreign: {one}" for one in self.foreign]
        return foreign + self.refused + self.failed + self.errors

    def waits(self) -> bool:
        """Whether something was asked for that has not come; news of the server come as long as the page stands."""
        return bool(self.pending())

    def pending(self) -> list[str]:
        """What was asked for and has not come."""
        return sorted(one.url for one in self._open if not one.url.endswith("/events"))

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        self._open.add(request)
        if not f"{request.url}/".startswith(f"{self.origin}/"):
            self.foreign.append(request.url)

    def _broke(self, request: Request) -> None:
        self._open.discard(request)
        # What a page no longer needs it gives up itself: tiles out of sight, downloads, what it asked before it left.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.failure} {request.url}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, demo: Demo, role: str) -> None:
    page.goto(f"{demo.url}/accounts/login/")
    page.fill("input[name=username]", demo.accounts[role]["username"])
    page.fill("input[name=password]", demo.accounts[role]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.url}/**")
    expect(page.get_by_text("图层", exact=True).first).to_be_visible()


COLOURS = """() => new Promise(done => {
  const map = window.jingtuMap
  map.once('render', () => {
    const canvas = map.getCanvas(), probe = document.createElement('canvas')
    probe.width = canvas.width; probe.height = canvas.height
    const pen = probe.getContext('2d'); pen.drawImage(canvas, 0, 0)
    const bytes = pen.getImageData(0, 0, probe.width, probe.height).data, seen = new Set()
    for (let i = 0; i < bytes.length; i += 28) seen.add((bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2])
    done(seen.size)
  })
  map.triggerRepaint()
})"""


def until(page: Page, condition: str, seconds: float = 60) -> None:
    """Wait for a condition; the tool's own waiting evaluates strings in the page, which its security policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(100)


def drawn(page: Page) -> int:
    """How many different colours the map's canvas shows: more than a few once features are drawn."""
    until(page, "Boolean(window.jingtuMap && window.jingtuMap.loaded() && window.jingtuMap.areTilesLoaded())")
    return int(page.evaluate(COLOURS))


def test_a_stranger_sees_the_demo_map_and_is_refused_nothing(demo: Demo, page: Page) -> None:
    watch = Watch(page, demo.url)
    page.goto(f"{demo.url}/?probe")
    expect(page.get_by_text("污染地块", exact=True).first).to_be_visible()
    assert drawn(page) > 20
    assert watch.told() == []


def test_chinese_labels_are_drawn_with_the_font_that_ships_with_the_page(demo: Demo, page: Page) -> None:
    page.goto(demo.url)
    until(page, """document.fonts.check('16px "Noto Sans SC"', '昌吉')""")
    fonts = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Noto Sans SC" in font for font in fonts)


def test_a_clerk_uploads_a_boundary_file_and_reads_the_verdict_off_the_page(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "clerk")
    watch = Watch(page, demo.url)
    page.set_input_files("input[type=file]", str(SAMPLES / "valid_03_no_prefix_utf8bom.txt"))
    expect(page.get_by_text("就是这里")).to_be_visible()
    expect(page.get_by_text("3.0025", exact=False).first).to_be_visible()
    page.get_by_text("就是这里").click()
    page.get_by_role("button", name="开始核查").click()
    plate = page.get_by_role("status").filter(has_text="无法判定")
    expect(plate.first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("JT-652301-").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="出具核查报告").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    assert watch.told() == []


WORDS = {
    "prohibit": "不得办理",
    "needs_investigation": "须先调查",
    "conditional": "有条件",
    "undetermined": "无法判定",
    "notice": "未发现限制，有",
    "clear": "未发现限制",
}


def test_each_verdict_is_one_click_away_and_its_link_leads_back_to_it(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "clerk")
    titles = {one["verdict"]: one["title"].removeprefix("示例：") for one in demo.examples()}
    links = {}
    for verdict, words in WORDS.items():
        page.get_by_text(titles[verdict]).first.click()
        expect(page.get_by_role("heading", name=words).first).to_be_visible(timeout=20_000)
        expect(page).to_have_url(re.compile("check="))
        links[verdict] = page.url
        page.keyboard.press("Escape")
        expect(page.get_by_text(titles[verdict]).first).to_be_visible()
    assert len(set(links.values())) == len(WORDS)
    for verdict in ("prohibit", "clear"):
        page.goto(demo.url)
        page.goto(links[verdict])
        expect(page.get_by_role("heading", name=WORDS[verdict]).first).to_be_visible(timeout=20_000)


def test_a_broken_file_shows_its_faults_beside_its_lines(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "clerk")
    page.set_input_files("input[type=file]", str(SAMPLES / "broken_01_many_faults.txt"))
    expect(page.get_by_text("不能核查").first).to_be_visible()
    expect(page.get_by_text("第 17 行").first).to_be_visible()
    expect(page.get_by_text("29524430.500").first).to_be_visible()


def test_a_clerk_finds_a_rule_by_its_law_and_sees_which_number_is_ours(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "clerk")
    page.get_by_role("button", name="规则", exact=True).click()
    listed = page.locator("[data-rule]")
    expect(listed).to_have_count(84)
    page.get_by_role("searchbox", name="规则、法律或图层").fill("HJ/T 81-2001")
    expect(listed).to_have_count(1)
    expect(listed.first).to_contain_text("500 m")
    page.get_by_role("searchbox", name="规则、法律或图层").fill("ADJ-02")
    expect(listed.first.locator(".tag.default")).to_have_text("系统默认值")
    expect(page).to_have_url(re.compile("/rules$"))
    page.reload()
    expect(listed).to_have_count(84)
    page.get_by_role("button", name="关闭规则清单").click()
    expect(listed).to_have_count(0)
    expect(page.locator("canvas").first).to_be_visible()


def test_a_steward_opens_the_list_behind_a_number(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "steward")
    page.get_by_role("button", name="总览", exact=True).click()
    expect(page.get_by_role("heading", name="规划指标")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("昌吉市"))).to_be_visible()
    units = page.get_by_role("button", name=re.compile("重点监管单位"))
    total = int(re.search(r"/ (\d+)", units.inner_text()).group(1))  # type: ignore[union-attr]
    units.click()
    expect(page.locator(".behind tr")).to_have_count(min(total, 100))
    expect(page).to_have_url(re.compile("/dashboard$"))
    page.get_by_role("button", name="关闭总览").click()
    expect(page.locator("canvas").first).to_be_visible()


def test_a_page_opened_while_the_catalog_comes_stands_in_the_address(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "steward")
    held: list[Route] = []
    page.route("**/catalog", lambda route: held.append(route))
    page.goto(demo.url)
    page.get_by_role("button", name="总览", exact=True).click()
    held[0].continue_()
    expect(page.get_by_role("heading", name="规划指标")).to_be_visible()
    expect(page).to_have_url(re.compile("/dashboard$"))


def test_a_click_on_the_map_tells_what_lies_there(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "clerk")
    example = next(e for e in demo.examples() if e["verdict"] == "prohibit")
    ring = example["body"]["parcel"]["coordinates"][0]
    ring = ring[0] if isinstance(ring[0][0], list) else ring
    longitude = sum(p[0] for p in ring[:-1]) / (len(ring) - 1)
    latitude = sum(p[1] for p in ring[:-1]) / (len(ring) - 1)
    page.goto(f"{demo.url}/?probe#16/{latitude:.6f}/{longitude:.6f}")
    page.reload()
    drawn(page)
    page.mouse.click(720 + 150, 476)
    expect(page.get_by_text("示例").first).to_be_visible()
