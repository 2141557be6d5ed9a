"""Every page of every role with all the world cut off: nothing is missing, no policy is broken; at 200 % all of it is
within reach; axe finds nothing in light and dark, on a desk and on a phone; names, focus and table twins are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.flows.axe import COLOURS, RULES, violations
from tests.flows.conftest import Demo
from tests.flows.every_page import page_names, places, served, session, settled
from tests.flows.pictures import check_states, map_states, page_states
from tests.flows.pictures.seat import STATES, Seat
from tests.flows.test_page import Watch

__all__ = ["check_states", "map_states", "page_states"]

CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
MAIN_STATES = {
    "verdict-prohibit-incomplete", "check-draw", "check-paste", "print", "site-measures", "overlay-swipe",
}  # fmt: skip


@pytest.fixture(scope="module")
def cut_off() -> Iterator[Browser]:
    """Debian's own Chromium, for which there is nothing but this machine."""
    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=shutil.which("chromium"), args=[CUT_OFF])
        yield started
        started.close()


def seat(browser: Browser, demo: Demo, role: str) -> tuple[Seat, Watch]:
    small = {"width": 900, "height": 560}  # without a graphics card every pixel of the map costs
    context = browser.new_context(viewport=small, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    context.add_init_script("localStorage['jingtu.tour'] = 'done'")
    session(context, demo, role)
    page = context.new_page()
    return Seat(page, demo, False), Watch(page, demo.url)


def test_every_page_is_served_where_the_router_looks_for_it() -> None:
    assert len(page_names()) >= 10
    assert [name for name in page_names() if not served(f"/{name}")] == []


def test_a_watch_sees_what_reaches_out_and_that_it_comes_to_nothing(demo: Demo, cut_off: Browser) -> None:
    one, watch = seat(cut_off, demo, "public")
    one.go("/verify")
    settled(one.page, watch)
    assert watch.told() == []
    one.page.evaluate("fetch('http://192.0.2.1/asked').catch(() => 0)")
    one.page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'https://example.org/seen.png'}))"
    )
    one.page.evaluate("document.body.append(Object.assign(new Image(), {src: '/nothing-here.png'}))")
    one.page.wait_for_timeout(300)
    told = "\n".join(watch.told())
    for wanted in (
        "connect-src: http://192.0.2.1/asked",
        "img-src: https://example.org/seen.png",
        "404 http://127",
    ):
        assert wanted in told
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        one.page.goto("https://example.org/", wait_until="commit")


@pytest.mark.long
def test_with_the_world_cut_off_no_page_of_any_role_misses_anything(demo: Demo, cut_off: Browser) -> None:
    seats = {role: seat(cut_off, demo, role) for role in ("public", *demo.accounts)}
    for path, roles in places(demo):
        for role in roles:
            seats[role][0].page.goto(f"{demo.url}{path}", wait_until="commit")
        for role in roles:
            settled(seats[role][0].page, seats[role][1])
    told = {role: watch.told() for role, (_, watch) in seats.items()}
    for one, _ in seats.values():
        one.page.context.close()
    assert told == {role: [] for role in told}


@pytest.mark.long
def test_with_the_world_cut_off_no_main_state_misses_anything(demo: Demo, cut_off: Browser) -> None:
    told = {}
    for state in (one for one in STATES if one.name in MAIN_STATES):
        one, watch = seat(cut_off, demo, state.role)
        state.reach(one)
        settled(one.page, watch)
        told[state.name] = watch.told()
        one.page.context.close()
    assert told == {state: [] for state in MAIN_STATES}


REACH = Path(__file__).with_name("reach.js").read_text(encoding="utf-8")
DOUBLED = {"width": 720, "height": 450}
"""1440 × 900 at 200 %."""
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LIT = "light => { document.documentElement.dataset.theme = light }"
# The list of the field comes with a position: tests/flows/test_field.py looks at it.
BESIDE_AXE = """() => {
  const shown = (all) => [...all].filter((one) => one.checkVisibility())
  const page = document.querySelector('#page')
  const ahead = document.querySelectorAll('[tabindex]:not([tabindex^="-"]):not([tabindex="0"])').length
  const maps = shown(page?.querySelectorAll('canvas') ?? [])
  const drawn = shown(page?.querySelectorAll('svg[role=img]') ?? [])
  return [
    ahead && `${ahead} elements stand before others in the order of the Tab key`,
    page && !page.contains(document.activeElement) && 'the focus is not on the page that was opened',
    page && !shown(page.querySelectorAll('h1, h2')).length && 'no heading names the page',
    page && shown(document.querySelectorAll('main')).length !== 1 && 'not one main',
    ...maps.filter((one) => !one.getAttribute('aria-label')).map(() => 'a map has no name'),
    maps.length && !page.matches('.field-page') && !page.querySelector('table, ol, ul, fieldset, dl')
      && 'a map has no twin in words',
    ...drawn.filter((one) => !one.matches('[aria-label], [aria-labelledby]')).map(() => 'a picture has no name'),
  ].filter(Boolean)
}"""


def faults(page: Page) -> list[str]:
    """What axe says of the page in each size and light; in the dark only the colours are others."""
    found = []
    for size, room in SIZES.items():
        page.set_viewport_size(room)  # type: ignore[arg-type]
        for light, rules in (("light", RULES), ("dark", COLOURS)):
            page.evaluate(LIT, light)
            found += [f"{size} {light} {line}" for line in violations(page, rules)]
    return found


@pytest.mark.long
def test_every_page_is_within_reach_at_200_percent_and_faultless(demo: Demo, cut_off: Browser) -> None:
    seats: dict[str, tuple[Seat, Watch]] = {}
    told: dict[str, list[str]] = {}
    for path, roles in places(demo):
        role = "administrator" if "administrator" in roles else roles[0]
        one, watch = seats.setdefault(role, seat(cut_off, demo, role) if role not in seats else seats[role])
        one.page.set_viewport_size(DOUBLED)  # type: ignore[arg-type]
        one.go(path)
        settled(one.page, watch)
        told[path] = [*one.page.evaluate(BESIDE_AXE), *one.page.evaluate(REACH), *faults(one.page)]
    for one, _ in seats.values():
        one.page.context.close()
    assert {path: lines for path, lines in told.items() if lines} == {}
