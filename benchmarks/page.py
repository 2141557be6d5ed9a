"""From the typed address to a drawn demo map in a cold Chromium, and what its first bundle weighs.

    .venv/bin/python benchmarks/page.py [--url http://127.0.0.1:8000] [--rounds 5]

Asks a demo that runs (`make run`) as a stranger. Each round is a new browser with an empty profile; the time is that of
the page's own clock, from the navigation to the moment when the map says that it is drawn, and what it has drawn then
is what it has drawn a second later. Beside it stands the time of processors that the browser used: on a machine that
others use too the first grows and the second does not. The bundle is every script and style that came until then, gzip
level 6; the worker of the map library stands apart. Ends with 1 where either is over its limit.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter
from statistics import median
from urllib.parse import urlsplit

import chromium
from playwright.sync_api import Playwright, Response, sync_playwright

MOST_S = 3.0
MOST_BYTES = 450_000
WORKER = "maplibre-gl-worker"
BUNDLE = (".js", ".css", ".mjs")
SEEN = """new Set(window.jingtuMap.queryRenderedFeatures().map(one => `${one.source}/${one.id}`)).size"""
WATCH = f"""new MutationObserver((_, watcher) => {{
  if (window.drawnAt || !document.querySelector('[data-idle]')) return
  window.drawnAt = performance.now(); window.drawnThen = {SEEN}; watcher.disconnect()
}}).observe(document, {{ subtree: true, childList: true, attributes: true, attributeFilter: ['data-idle'] }})"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    took, busy, weights = [], [], dict[str, int]()
    with sync_playwright() as tool:
        for number in range(asked.rounds):
            wall, used, weights, said = _round(tool, asked.url.rstrip("/"))
            took.append(wall)
            busy.append(used)
            print(
                f"round {number + 1}: drawn after {wall:.2f} s, browser busy {used:.2f} s, {said}, {chromium.machine()}"
            )
    print(
        f"\nmedian {median(took):.2f} s (at most {MOST_S:.1f}), least {min(took):.2f} s; busy {median(busy):.2f} s\n"
    )
    for name, weight in sorted(weights.items(), key=lambda one: -one[1]):
        print(f"{weight / 1000:>9.1f} kB  {name}")
    bundle = sum(weight for name, weight in weights.items() if WORKER not in name)
    print(f"{bundle / 1000:>9.1f} kB  in all without the worker (at most {MOST_BYTES / 1000:.0f})")
    return int(median(took) > MOST_S or bundle > MOST_BYTES)


def _round(tool: Playwright, url: str) -> tuple[float, float, dict[str, int], str]:
    """Seconds on the clock and of processors, gzip bytes by file, and what came over the wire."""
    with chromium.cold(tool) as (browser, page):
        page.add_init_script(WATCH)
        came: list[Response] = []
        page.on("response", lambda one: came.append(one))
        before = chromium.busy_s(browser)
        page.goto(f"{url}/?probe", wait_until="commit")
        while not page.evaluate("window.drawnAt"):
            page.wait_for_timeout(50)
        used = chromium.busy_s(browser) - before
        drawn_s, then = page.evaluate("[window.drawnAt / 1000, window.drawnThen]")
        bundle = [one for one in came if urlsplit(one.url).path.endswith(BUNDLE)]
        weights = {urlsplit(one.url).path: len(gzip.compress(one.body(), 6)) for one in bundle}
        kinds = Counter("tiles" if ".mvt" in one.url else "others" for one in came)
        page.wait_for_timeout(1000)
        later = page.evaluate(SEEN)
        assert later == then > 0, f"{then} features drawn, {later} a second later"
        return (
            drawn_s,
            used,
            weights,
            f"{then} features, {kinds['tiles']} tiles and {kinds['others']} other requests",
        )


if __name__ == "__main__":
    sys.exit(main())
