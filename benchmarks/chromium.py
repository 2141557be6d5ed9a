"""Chromium for the benchmarks of the page: a cold one for each round, and how long its processes were busy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Playwright

SIZE = {"width": 1440, "height": 900}
WITHOUT_TOUR = "localStorage.setItem('jingtu.tour', 'done')"


@contextmanager
def cold(tool: Playwright) -> Iterator[tuple[Browser, Page]]:
    """A browser with a new profile, nothing kept, and a page whom the tour has been shown."""
    browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()  # type: ignore[arg-type]
        page.set_default_timeout(120_000)
        page.add_init_script(WITHOUT_TOUR)
        yield browser, page
    finally:
        browser.close()


def busy_s(browser: Browser) -> float:
    """Seconds of processor time that all processes of the browser have used: other people's work is not in it."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(one["cpuTime"] for one in found))


def machine() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
