"""An inspector with a phone: prepares an area, loses the line, inspects, and what was noted arrives once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from rasterio.io import MemoryFile
from shapely.geometry import shape

from tests.flows.axe import without_fault
from tests.flows.conftest import Demo
from tests.flows.line import Line
from tests.flows.test_page import browser, until
from tests.flows.test_page_journeys import pressed, tab_to

__all__ = ["browser"]
LISTS = ("contaminated_plot", "suspected_plot")
ELSEWHERE = (87.95, 44.2)
"""In a county that is not the demo inspector's: 阜康市."""


@pytest.fixture
def line(demo: Demo) -> Iterator[Line]:
    made = Line(demo.url)
    yield made
    made.close()


@pytest.fixture
def mine(demo: Demo) -> list[dict[str, Any]]:
    """What the demo's inspector was drawn for."""
    with demo.as_role("inspector") as api:
        return list(api.get("/inspections?mine=true").json()["inspections"])


@pytest.fixture
def inspections(demo: Demo) -> list[dict[str, Any]]:
    """One that is drawn for this test: the demo's inspector is the only one."""
    body = {"lists": list(LISTS), "county": "652301", "sites": 1, "inspectors_each": 1}
    with demo.as_role("steward") as api:
        (number,) = api.post("/draws", json=body).json()["inspections"]
    with demo.as_role("inspector") as api:
        return [api.get(f"/inspections/{number}").json()]


@pytest.fixture
def phone(browser: Browser, demo: Demo, line: Line) -> Iterator[Callable[..., Page]]:
    """The field page on a phone that stands at a place, for the demo's inspector, over a line that can be cut."""
    expect.set_options(timeout=60_000)  # the worker makes the package meanwhile
    contexts = []

    def at(lon: float, lat: float, accuracy: float = 5.0) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            reduced_motion="reduce",
            permissions=["geolocation"],
            geolocation={"longitude": lon, "latitude": lat, "accuracy": accuracy},
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        signs_in(page, line, demo, "inspector")
        return page

    yield at
    for context in contexts:
        context.close()


def signs_in(page: Page, line: Line, demo: Demo, role: str) -> None:
    """Whoever was signed in on this phone before is so no more."""
    page.context.clear_cookies()
    page.goto(f"{line.url}/accounts/login/?next=/field%3Fprobe")
    page.fill("input[name=username]", demo.accounts[role]["username"])
    page.fill("input[name=password]", demo.accounts[role]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{line.url}/field*")
    page.locator("[data-field-pane]").wait_for()


def place_of(demo: Demo, code: str) -> tuple[float, float]:
    """A point within a site."""
    with demo.as_role("inspector") as api:
        lists = [api.get(f"/features/{layer}?q={code}").json()["features"] for layer in LISTS]
    found = [one for features in lists for one in features]
    point = shape(found[0]["geometry"]).representative_point()
    return point.x, point.y


def photo(name: str = "现场.jpg") -> FilePayload:
    with MemoryFile() as kept:
        with kept.open(driver="JPEG", width=64, height=48, count=3, dtype="uint8") as picture:
            picture.write(np.arange(3 * 48 * 64, dtype=np.uint8).reshape(3, 48, 64))
        return {"name": name, "mimeType": "image/jpeg", "buffer": bytes(kept.read())}


def hidden_from_strangers(demo: Demo) -> set[str]:
    """The layers that the demo's inspector may see and a stranger may not."""
    styles = []
    for role in ("inspector", "public"):
        with demo.as_role(role) as api:
            styles.append({one["id"].partition("/")[0] for one in api.get("/style.json").json()["layers"]})
    return styles[0] - styles[1]


def plots_drawn(page: Page) -> list[str]:
    """The names of the plots that the map shows."""
    until(page, "Boolean(window.jingtuMap?.loaded() && window.jingtuMap.areTilesLoaded())")
    names = """[...new Set(window.jingtuMap.queryRenderedFeatures()
      .filter(one => /^(contaminated|suspected)_plot/.test(one.sourceLayer) && one.properties.name)
      .map(one => one.properties.name))]"""
    return sorted(page.evaluate(names))


def plots_there(demo: Demo, page: Page) -> list[str]:
    """The names of the plots on the ground that the map shows, as the server has them."""
    edges = page.evaluate("window.jingtuMap.getBounds().toArray().flat()")
    with demo.as_role("inspector") as api:
        lists = [api.get(f"/features/{layer}?bbox={','.join(map(str, edges))}").json() for layer in LISTS]
    return sorted({one["name"] for told in lists for one in told["features"]})


def pane(page: Page, name: str) -> None:
    page.locator(f"[data-pane='{name}']").click()


def fill(page: Page, wrong: str | None = None) -> None:
    page.locator("fieldset[data-item]").first.wait_for()
    for item in page.locator("fieldset[data-item]").all():
        bad = item.get_attribute("data-item") == wrong
        item.get_by_label("有问题" if bad else "正常").check()
        if bad:
            item.get_by_label("问题是什么").fill("东墙外有新开的车辙")


def test_an_area_is_kept_a_visit_is_noted_without_a_line_and_arrives_once(
    demo: Demo, line: Line, phone: Callable[..., Page], inspections: list[dict[str, Any]]
) -> None:
    one = inspections[0]
    page = phone(*place_of(demo, one["site"]))
    page.locator("[data-locate]").click()
    expect(page.locator(f"[data-near='{one['site']}']").first).to_contain_text("在地块内")
    without_fault(page)
    pane(page, "packs")
    page.locator("[data-pack-name]").fill("示例镇")
    page.locator("[data-prepare]").click()
    expect(page.locator("[data-size]")).to_contain_text("这个离线包")
    expect(page.locator("[data-size]")).to_contain_text("手机剩余")
    without_fault(page)
    page.locator("[data-download]").click()
    expect(page.locator("[data-package]")).to_contain_text("示例镇")
    there = plots_there(demo, page)
    assert one["name"] in there
    until_true(page, lambda: plots_drawn(page) == there)
    until(page, "navigator.serviceWorker.getRegistration().then(one => one?.active?.state === 'activated')")

    line.become("cut")
    page.goto(f"{line.url}/field?probe")
    expect(page.get_by_text("离线 · “示例镇”离线包可用，数据截至")).to_be_visible()
    page.locator("[data-locate]").click()
    until_true(page, lambda: plots_drawn(page) == there)
    expect(page.locator(f"[data-near='{one['site']}']").first).to_contain_text("在地块内")
    pane(page, "mine")
    page.locator(f"[data-inspection='{one['number']}'] button").first.click()
    page.locator("[data-save]").click()
    expect(page.get_by_role("alert")).to_contain_text("还有 6 项没有填")
    fill(page, wrong="soil_out")
    page.locator("[data-note]").fill("风大，东门上锁")
    page.set_input_files("[data-photo]", [photo()])
    without_fault(page)
    page.locator("[data-save]").click()
    expect(page.locator("[data-saved]")).to_have_text("已存在手机里，联网后自动发送，只发一次")
    expect(page.locator("[data-waiting]")).to_have_text("2 条记录待发送")
    page.reload()
    expect(page.locator("[data-waiting]")).to_have_text("2 条记录待发送")

    line.become("deaf")  # what is sent arrives, and nobody hears so
    pane(page, "outbox")
    page.locator("[data-send]").click()
    with demo.as_role("inspector") as api:
        kept = f"/attachments?subject=inspection&key={one['number']}"
        until_true(page, lambda: len(api.get(kept).json()["attachments"]) == 1)
        line.become("whole")
        page.locator("[data-send]").click()
        expect(page.locator("[data-delivered]")).to_contain_text("条记录已送达")
        expect(page.locator("[data-draft='sent']")).to_have_count(2)
        without_fault(page)
        told = api.get(f"/inspections/{one['number']}").json()
        files = api.get(kept).json()["attachments"]
    assert [step["kind"] for step in told["steps"]] == ["draw", "visit"]
    assert told["state"] == "follow_up"
    visit = told["steps"][1]
    assert visit["findings"]["soil_out"] == {"ok": False, "text": "东墙外有新开的车辙"}
    assert visit["note"] == "风大，东门上锁"
    lon, lat = place_of(demo, one["site"])
    assert abs(visit["observed"]["lon"] - lon) < 1e-6 and abs(visit["observed"]["lat"] - lat) < 1e-6
    assert visit["observed"]["accuracy_m"] == 5 and visit["observed"]["at"] < visit["at"]
    assert [file["name"] for file in files] == ["现场.jpg"]


def until_true(page: Page, condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it did not come: {condition()}")


def test_what_another_sent_first_is_told_and_both_stay(
    demo: Demo, line: Line, phone: Callable[..., Page], inspections: list[dict[str, Any]]
) -> None:
    one = inspections[0]
    page = phone(87.0, 44.0)
    pane(page, "mine")
    page.locator(f"[data-inspection='{one['number']}'] button").first.click()
    line.become("cut")
    fill(page, wrong="boundary")
    page.locator("[data-save]").click()
    expect(page.locator("[data-saved]")).to_be_visible()
    expect(page.get_by_text("离线 · 没有离线包，地图和名录看不到")).to_be_visible()
    with demo.as_role("inspector") as api:  # the same person's other device
        good = {item: {"ok": True} for item in api.get("/inspections").json()["checklist"]}
        body = {"kind": "visit", "after": one["last_step"], "findings": good}
        assert api.post(f"/inspections/{one['number']}/steps", json=body).status_code == 201
    line.become("whole")
    pane(page, "outbox")
    page.locator("[data-send]").click()
    draft = page.locator("[data-draft='conflict']")
    expect(draft).to_contain_text("同一项已由demo-inspector在")
    expect(draft).to_contain_text("两条都保留，请说明差别")
    without_fault(page)
    draft.get_by_role("button", name="说明并发送").click()
    expect(draft).to_contain_text("请写明与先到的记录差在哪里")
    page.locator("[data-difference]").fill("西侧围挡倒了一段")
    draft.get_by_role("button", name="说明并发送").click()
    expect(page.locator("[data-draft='sent']")).to_have_count(1)
    with demo.as_role("inspector") as api:
        told = api.get(f"/inspections/{one['number']}").json()
    assert [step["kind"] for step in told["steps"]] == ["draw", "visit", "differ"]
    assert (told["state"], told["steps"][2]["note"]) == ("follow_up", "西侧围挡倒了一段")
    # A mending that came after somebody's verification is told in words alone, and stays beside it.
    pane(page, "mine")
    page.locator(f"[data-inspection='{one['number']}']").get_by_role("button", name="登记复核").click()
    page.get_by_role("button", name="登记整改").click()
    page.locator("[data-note]").fill("围挡已扶正")
    with demo.as_role("steward") as api:
        bad = good | {"boundary": {"ok": False, "text": "仍然倒着"}}
        body = {"kind": "verify", "after": 3, "findings": bad}
        assert api.post(f"/inspections/{one['number']}/steps", json=body).status_code == 201
    page.locator("[data-save]").click()
    pane(page, "outbox")
    page.locator("[data-difference]").fill("复核以后才扶正")
    draft.get_by_role("button", name="说明并发送").click()
    expect(page.locator("[data-draft='sent']")).to_have_count(2)
    with demo.as_role("inspector") as api:
        last = api.get(f"/inspections/{one['number']}").json()["steps"][-1]
    assert (last["kind"], last["note"]) == ("differ", "复核以后才扶正\n围挡已扶正")


def test_a_visit_is_noted_by_keyboard_alone(
    demo: Demo, phone: Callable[..., Page], inspections: list[dict[str, Any]]
) -> None:
    one = inspections[0]
    page = phone(87.0, 44.0)
    pressed(page, "[data-pane='mine']")
    pressed(page, f"[data-inspection='{one['number']}'] button")
    page.locator("fieldset[data-item]").first.wait_for()
    for item in page.locator("fieldset[data-item]").all():
        tab_to(page, f"fieldset[data-item='{item.get_attribute('data-item')}'] input")
        page.keyboard.press("Space")
    tab_to(page, "[data-note]")
    page.keyboard.type("一切正常")
    pressed(page, "[data-save]")
    expect(page.locator("[data-saved]")).to_be_visible()
    with demo.as_role("inspector") as api:
        until_true(page, lambda: api.get(f"/inspections/{one['number']}").json()["state"] == "closed")


def test_a_vague_position_tells_nobody_to_be_inside(
    demo: Demo, phone: Callable[..., Page], mine: list[dict[str, Any]]
) -> None:
    page = phone(*place_of(demo, mine[0]["site"]), accuracy=85)
    page.locator("[data-locate]").click()
    expect(page.locator("[data-accuracy]")).to_have_text("定位误差 ±85 m，不能判断是否在地块内")
    near = page.locator(f"[data-near='{mine[0]['site']}']").first
    expect(near).to_contain_text("不能判断是否在地块内")
    expect(near).not_to_contain_text("在地块内距")


KEPT = """async () => {
  const answer = asked => new Promise(done => { asked.onsuccess = () => done(asked.result) })
  if (!(await indexedDB.databases()).some(one => one.name === 'jingtu-field')) return null
  const opened = await answer(indexedDB.open('jingtu-field'))
  const told = {}
  for (const name of ['kept', 'packages', 'drafts', 'forms']) {
    told[name] = await answer(opened.transaction(name).objectStore(name).count())
  }
  opened.close()
  return told
}"""
NOTHING = {"kept": 0, "packages": 0, "drafts": 0, "forms": 0}


def test_who_is_thrown_out_keeps_all_another_sees_none_of_it_and_signing_out_clears_it(
    demo: Demo, line: Line, phone: Callable[..., Page], inspections: list[dict[str, Any]]
) -> None:
    one = inspections[0]
    page = phone(*ELSEWHERE)
    page.locator("[data-locate]").click()
    page.locator("[data-accuracy]").wait_for()
    pane(page, "packs")
    page.locator("[data-pack-name]").fill("甲")
    page.locator("[data-prepare]").click()
    page.locator("[data-cancel], [data-download]").first.wait_for()
    pane(page, "near")
    page.goto(f"{line.url}/field?probe")  # what was asked for is found again
    pane(page, "packs")
    page.locator("[data-download]").click()
    expect(page.locator("[data-package]")).to_have_count(1)

    page.context.clear_cookies()  # the session has ended by itself
    page.goto(f"{line.url}/field?probe")
    expect(page.locator("[data-offline]")).to_contain_text("登录已过期 · 用离线包“甲”")
    assert page.evaluate(KEPT) == {"kept": 1, "packages": 1, "drafts": 0, "forms": 0}
    until(page, "Object.keys(window.jingtuMap?.getStyle()?.sources ?? {}).includes('jtpack')")
    expect(page.locator("[data-beyond]")).to_contain_text("边外没有离线数据")
    drawn = page.evaluate("window.jingtuMap.getStyle().layers.map(one => one.id)")
    assert {one.partition("/")[0] for one in drawn} & hidden_from_strangers(demo)
    without_fault(page)
    page.locator("[data-gaps]").click()
    expect(page.locator("[data-gap-list]")).to_contain_text("阜康市")

    signs_in(page, line, demo, "inspector")
    pane(page, "packs")
    expect(page.locator("[data-package]")).to_have_count(1)
    pane(page, "mine")
    mine = page.locator(f"[data-inspection='{one['number']}']")
    mine.locator("button").first.click()
    first = page.locator("fieldset[data-item]").first
    first.get_by_label("有问题").check()
    first.get_by_label("问题是什么").fill("东墙外有新开的车辙")
    page.set_input_files("[data-photo]", [photo()])
    page.locator("[data-note]").fill("风大")
    page.context.clear_cookies()
    for event in ("offline", "online"):  # a tunnel: what is asked after it is refused
        page.evaluate(f"window.dispatchEvent(new Event('{event}'))")
    expect(page.locator("[data-offline]")).to_contain_text("登录已过期 · 用离线包“甲”")
    with page.expect_response("**/me"):
        page.evaluate("window.dispatchEvent(new Event('focus'))")  # as after a look at another tab
    pane(page, "outbox")
    pane(page, "mine")
    expect(first.get_by_label("问题是什么")).to_have_value("东墙外有新开的车辙")
    until_true(page, lambda: page.evaluate(KEPT)["forms"] == 2)
    page.reload()
    pane(page, "mine")
    expect(mine.locator("[data-half]")).to_be_visible()
    mine.locator("button").first.click()
    expect(page.locator("[data-restored]")).to_contain_text("未存的填写")
    expect(first.get_by_label("问题是什么")).to_have_value("东墙外有新开的车辙")
    expect(page.get_by_label("去掉照片 现场.jpg")).to_be_visible()

    signs_in(page, line, demo, "steward")  # on the same phone
    until_true(page, lambda: page.evaluate(KEPT) == {"kept": 1, "packages": 0, "drafts": 0, "forms": 2})
    pane(page, "packs")
    expect(page.get_by_text("手机里没有离线包")).to_be_visible()
    pane(page, "mine")
    expect(page.get_by_text("没有抽中你的检查")).to_be_visible()
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("alert").last).to_contain_text("还有 1 条巡查记录没有送达或没有填完")

    signs_in(page, line, demo, "inspector")
    pane(page, "mine")
    mine.locator("button").first.click()
    expect(page.locator("[data-note]")).to_have_value("风大")
    line.become("cut")
    fill(page)
    page.locator("[data-save]").click()
    expect(page.locator("[data-waiting]")).to_have_text("2 条记录待发送")
    assert page.evaluate(KEPT) == {"kept": 1, "packages": 0, "drafts": 2, "forms": 0}
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("alert").last).to_contain_text("还有 2 条巡查记录没有送达")
    line.become("whole")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(lambda url: "/field" not in url)
    assert page.evaluate(KEPT) in (None, NOTHING)


SHELL = """async () => {
  const made = await navigator.serviceWorker.register('/sw.js')
  const worker = made.installing ?? made.waiting ?? made.active
  const ends = ['installed', 'activated', 'redundant']
  while (!ends.includes(worker.state)) await new Promise(done => setTimeout(done, 50))
  return [worker.state === 'redundant', Boolean(await caches.match('/field'))]
}"""


def test_what_fails_alone_or_is_refused_by_a_gateway_holds_up_nothing_and_goes_later(
    demo: Demo, browser: Browser, line: Line, phone: Callable[..., Page], inspections: list[dict[str, Any]]
) -> None:
    one = inspections[0]
    path = f"/inspections/{one['number']}"
    page = phone(87.0, 44.0)
    until(page, "navigator.serviceWorker.getRegistration().then(one => one?.active?.state === 'activated')")
    pane(page, "mine")
    page.locator(f"[data-inspection='{one['number']}'] button").first.click()
    fill(page)
    page.set_input_files("[data-photo]", [photo()])
    line.refuses = {"POST /attachments": 500, f"POST {path}/steps": 403}
    gone = {"origin": line.url, "storageTypes": "indexeddb"}
    page.context.new_cdp_session(page).send(
        "Storage.clearDataForOrigin", gone
    )  # as a system short of room does
    page.locator("[data-save]").click()
    pane(page, "outbox")
    refused = page.locator("[data-draft='refused']")
    expect(refused).to_contain_text("Gateway", timeout=20_000)  # before all are tried again
    expect(page.locator("[data-draft='waiting']")).to_contain_text("这一条没有发出")
    without_fault(page)
    line.refuses = {"POST /attachments": 500}
    page.locator("[data-draft='refused'] [data-again]").click()
    expect(page.locator("[data-draft='sent']")).to_have_count(1)  # past the photo that fails again
    expect(page.locator("[data-draft='waiting']")).to_have_count(1)
    line.refuses = {}
    page.locator("[data-draft='waiting'] [data-again]").click()
    expect(page.locator("[data-draft='sent']")).to_have_count(2)
    with demo.as_role("inspector") as api:
        assert [step["kind"] for step in api.get(path).json()["steps"]] == ["draw", "visit"]
        kept = api.get(f"/attachments?subject=inspection&key={one['number']}").json()["attachments"]
    assert [file["name"] for file in kept] == ["现场.jpg"]

    line.refuses = {"GET /": 502}  # the page opens all the same, and its owner is not taken for a stranger
    page.goto(f"{line.url}/field")
    expect(page.get_by_text("离线 · 没有离线包")).to_be_visible()
    line.refuses = {"GET /field": 503}
    fresh = browser.new_context()
    other = fresh.new_page()
    other.goto(f"{line.url}/accounts/login/")
    assert other.evaluate(SHELL) == [True, False]  # an error page is no page to open with
    fresh.close()
