"""What axe-core finds on a page as it stands: WCAG 2.2 AA and what is good practice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast",)
"""All that may differ in the other light."""
_RUN = """async rules => {
  // A colour that is still turning into another is none of the page.
  const turning = document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime !== Infinity)
  await Promise.all(turning.map(one => one.finished.catch(() => null)))
  return (await axe.run(document, {runOnly: rules})).violations.flatMap(one =>
    one.nodes.map(node => `${one.id}: ${node.target.join(' ')} ${node.html.slice(0, 90)}`))
}"""


def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """One line a fault: the rule, the element and its text."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(_RUN, list(rules)))


def without_fault(page: Page) -> None:
    """axe finds nothing on the page as it stands. Raises AssertionError."""
    assert violations(page) == []
