"""Pictures of every page and state, in light and dark, on a desk and on a phone: `make screenshots`.

Every picture is measured too (`measures.py`); what is found, and what could not be reached, is printed. Pictures
and contact sheets lie in `.screenshots/`, to be looked at by a person.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from tests.flows.axe import COLOURS, RULES, violations
from tests.flows.conftest import Demo, served_demo
from tests.flows.pictures import check_states, field_states, map_states, page_states
from tests.flows.pictures.measures import measured
from tests.flows.pictures.seat import STATES, Seat, State

__all__ = ["check_states", "field_states", "map_states", "page_states"]

OUT = Path(__file__).parents[3] / ".screenshots"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SHEET_COLUMNS = 4
TURN = "document.querySelector('.switches button:{which}-child')?.click()"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="states whose name holds this regular expression")
    asked.add_argument("--home", type=Path, help="JINGTU_HOME of a demo that runs already")
    asked.add_argument("--url", help="its address")
    told = asked.parse_args()
    wanted = [one for one in STATES if re.search(told.only, one.name)]
    if not told.only:
        shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(exist_ok=True)
    faults: dict[str, list[str]] = defaultdict(list)
    missed: list[str] = []
    with _demo(told.url, told.home) as demo, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"))
        for state in wanted:
            for size in SIZES:
                if size not in state.sizes:
                    continue
                for language in ("zh", "en") if size == "desk" and state.page else ("zh",):
                    try:
                        for name, lines in _taken(browser, demo, state, size, language):
                            for line in lines:
                                faults[line].append(name)
                    except (Error, AssertionError) as gone:
                        missed.append(f"{state.name} ({size}, {language}): {str(gone).splitlines()[0][:160]}")
                print(f"{state.name} {size}", file=sys.stderr, flush=True)
        sheets = _contact_sheets(browser)
        browser.close()
    for line, where in sorted(faults.items()):
        print(f"{line}\n    {', '.join(where[:6])}{f' and {len(where) - 6} more' if len(where) > 6 else ''}")
    for line in missed:
        print(f"not reached: {line}")
    print(
        f"{len(list(OUT.glob('*.png')))} pictures in {OUT.name}/, {sheets} contact sheets; {len(faults)} faults"
    )
    return 1 if missed or faults else 0


@contextmanager
def _demo(url: str | None, home: Path | None) -> Iterator[Demo]:
    if url and home:
        yield Demo(url, home, json.loads((home / "demo-accounts.json").read_text()), 0)
    else:
        with served_demo() as demo:
            yield demo


def _taken(
    browser: Browser, demo: Demo, state: State, size: str, language: str
) -> Iterator[tuple[str, list[str]]]:
    """The pictures of one state at one size, and what was measured on each.

    A state is reached by the Chinese words of its page; for the English picture the server is asked for English from
    the beginning and the page is turned once it is there.
    """
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        reduced_motion="reduce",
        has_touch=size == "phone",
        permissions=["clipboard-read", "clipboard-write"],
        extra_http_headers={"Accept-Language": language},
    )
    context.set_default_timeout(20_000)
    tour = "localStorage['jingtu.tour'] ??= 'done';" if not state.tour else ""
    context.add_init_script(f"{tour} localStorage['jingtu.theme'] ??= 'light'")
    try:
        seat = Seat(context.new_page(), demo, size == "phone")
        if state.role != "public":
            seat.sign_in(state.role)
        state.reach(seat)
        if language == "en":
            seat.page.evaluate(TURN.format(which="first"))
        for theme in ("light",) if language == "en" else ("light", "dark"):
            _turn(seat, state, theme)
            seat.settle()
            name = f"{state.name}.{size}.{theme}{'.en' if language == 'en' else ''}"
            seat.page.screenshot(path=OUT / f"{name}.png")
            found = []
            if state.page:
                rules = COLOURS if theme == "dark" else RULES
                found = measured(seat.page, language) + violations(seat.page, rules)
            yield name, found
    finally:
        context.close()


def _turn(seat: Seat, state: State, theme: str) -> None:
    if not state.page:
        seat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    elif seat.page.evaluate("document.documentElement.dataset.theme") != theme:
        seat.page.evaluate(TURN.format(which="last"))


def _contact_sheets(browser: Browser) -> int:
    """Small pictures beside each other, sheets a size and light; the browser puts them together."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for picture in sorted(OUT.glob("*.png")):
        groups[picture.stem.partition(".")[2]].append(picture)
    page, made = browser.new_page(viewport={"width": 1920, "height": 400}), 0
    for group, pictures in groups.items():
        wide, rows = (474, 5) if group.startswith("desk") else (234, 3)
        per_sheet = 1920 // wide * rows
        for start in range(0, len(pictures), per_sheet):
            tiles = "".join(
                f"<figure style='margin:2px;width:{wide}px;font:11px sans-serif'><img src='{one.name}' "
                f"width={wide}>{one.stem.partition('.')[0]}</figure>"
                for one in pictures[start : start + per_sheet]
            )
            sheet = OUT / f"sheet-{group}-{start // per_sheet}"
            sheet.with_suffix(".html").write_text(
                f"<meta charset=utf-8><body style='display:flex;flex-wrap:wrap;margin:0'>{tiles}",
                encoding="utf-8",
            )
            page.goto(sheet.with_suffix(".html").as_uri())
            page.screenshot(path=sheet.with_suffix(".jpg"), full_page=True, type="jpeg", quality=80)
            made += 1
    return made


if __name__ == "__main__":
    sys.exit(main())
