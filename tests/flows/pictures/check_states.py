"""A check: the ways in, what was read, the question, the wait, every verdict, the papers, what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.flows.pictures.seat import PROBLEM, Seat, answered, held, state
from tests.flows.test_page import SAMPLES
from tests.flows.test_page_journeys import DROP

GOOD = SAMPLES / "valid_01_zone29_hole_utf8.txt"
PLAIN = SAMPLES / "valid_03_no_prefix_utf8bom.txt"


@state("check-pick", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe#14/44.0075/87.2750")
    seat.click("[data-way='pick']")


@state("check-draw", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe#14/44.0215/87.3020")
    seat.click("[data-way='draw']")
    typed = seat.page.get_by_role("textbox", name="X, Y（带号）或 经度, 纬度")
    for point in ("87.3000, 44.0200", "87.3040, 44.0200", "87.3040, 44.0230", "87.3000, 44.0230"):
        typed.fill(point)
        typed.press("Enter")


@state("check-paste", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.click("[data-way='paste']")
    seat.page.locator("dialog textarea").fill("J1 4872900.2 29524430.5\nJ2 4872")


@state("check-drop", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.evaluate(DROP.replace("['dragover', 'drop']", "['dragover']"), {"name": "a.txt", "text": ""})
    seat.see("松手即读取")


def _upload(name: str) -> Callable[[Seat], None]:
    def reach(seat: Seat) -> None:
        seat.map("/?probe")
        seat.page.set_input_files("#upload-file", str(SAMPLES / name))
        seat.page.locator("[data-confirm]").first.wait_for()
        seat.page.wait_for_timeout(900)

    return reach


state("preview-fine", "clerk")(_upload(GOOD.name))
state("preview-gbk", "clerk")(_upload("valid_02_zone30_open_ring_gbk.txt"))


@state("preview-faults", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.set_input_files("#upload-file", str(SAMPLES / "broken_01_many_faults.txt"))
    seat.see("不能核查")


@state("preview-xian80", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.set_input_files("#upload-file", str(SAMPLES / "broken_02_xian1980.txt"))
    seat.see("不能核查")


def _asked(seat: Seat) -> None:
    seat.map("/?probe")
    seat.page.set_input_files("#upload-file", str(PLAIN))
    seat.click("[data-confirm]")
    seat.page.locator("[data-start]").wait_for()


@state("ask", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)


@state("ask-more", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)
    seat.page.locator("[data-ask='action']").select_option("use_change")
    seat.page.locator("dialog details summary").click()


@state("ask-landuse", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)
    seat.page.locator("[data-ask='proposed']").fill("商")
    seat.page.wait_for_timeout(900)


@state("wait-reading", "clerk")
def _(seat: Seat) -> None:
    held(seat, "**/parcels/preview")
    seat.map("/?probe")
    seat.page.set_input_files("#upload-file", str(PLAIN))
    seat.see("正在")


@state("wait-check", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)
    held(seat, "**/checks")
    seat.click("[data-start]")
    seat.see("正在核查")
    seat.page.wait_for_timeout(5500)


ANSWERS = [
    ("prohibit", True),
    ("prohibit", False),
    ("needs_investigation", True),
    ("needs_investigation", False),
    ("conditional", True),
    ("conditional", False),
    ("undetermined", True),
    ("undetermined", False),
    ("notice", True),
    ("clear", True),
]


def _verdict(verdict: str, complete: bool) -> Callable[[Seat], None]:
    def reach(seat: Seat) -> None:
        seat.map(f"/?probe&check={seat.example(verdict, complete)}")
        seat.page.locator(".number").wait_for()
        seat.page.wait_for_timeout(900)

    return reach


for _one, _whole in ANSWERS:
    state(f"verdict-{_one}-{'complete' if _whole else 'incomplete'}", "clerk")(_verdict(_one, _whole))


@state("verdict-scrolled", "clerk")
def _(seat: Seat) -> None:
    _verdict("prohibit", False)(seat)
    panel = seat.page.locator("[data-gap]").first
    panel.scroll_into_view_if_needed()


@state("verdict-near", "clerk")
def _(seat: Seat) -> None:
    # No layer of the demo states the error of its boundaries, without which nothing is nearly met.
    def nearly(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["findings"][0]["certainty"] = "near_miss"
        route.fulfill(response=answer, json=told)

    seat.page.route(re.compile(r"/checks/[0-9a-f-]{36}$"), nearly)
    _verdict("conditional", True)(seat)
    seat.page.get_by_text("差一点").first.scroll_into_view_if_needed()


@state("report-dialog", "clerk")
def _(seat: Seat) -> None:
    _verdict("undetermined", False)(seat)
    seat.click("[data-report]")
    seat.page.locator("dialog[open]").wait_for()


@state("remind-dialog", "clerk")
def _(seat: Seat) -> None:
    _verdict("undetermined", False)(seat)
    seat.click("[data-remind]")
    seat.page.locator("dialog[open]").wait_for()


@state("verdict-layers", "clerk", sizes=("desk",))
def _(seat: Seat) -> None:
    _verdict("needs_investigation", True)(seat)
    seat.page.locator("[data-asked]").last.scroll_into_view_if_needed()


@state("verdict-changed", "clerk")
def _(seat: Seat) -> None:
    told = seat.api("clerk", "GET", f"/checks/{seat.example('clear', True)}")
    other = seat.api("clerk", "GET", f"/checks/{seat.example('undetermined', False)}")

    def brief(one: dict[str, object]) -> dict[str, object]:
        return {key: one[key] for key in ("id", "number", "verdict", "complete", "checked_at")}

    change = {
        "at": "2026-11-25T02:00:00Z",
        "old": brief(told),
        "new": brief(other),
        "causes": [],
        "counties": [],
    }
    answered("**/changes?*", json={"changes": [change]})(seat)
    seat.map(f"/?probe&check={told['id']}")
    seat.page.locator(".number").wait_for()


@state("check-failed", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)
    answered("**/checks", **PROBLEM)(seat)
    seat.click("[data-start]")
    seat.see("没有完成")


@state("check-session-ended", "clerk")
def _(seat: Seat) -> None:
    _asked(seat)
    seat.page.context.clear_cookies()
    seat.click("[data-start]")
    expect(seat.page.get_by_text("登录已过期").first).to_be_visible()


@state("check-not-found", "clerk")
def _(seat: Seat) -> None:
    seat.map("/?probe&check=00000000-0000-4000-8000-000000000000")
    seat.page.wait_for_timeout(900)
