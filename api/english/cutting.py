"""Where a text is cut: not inside brackets or quotes, and in a time that its length bounds."""

from __future__ import annotations

import re
from functools import cache

OPENING, CLOSING = frozenset("（“《"), frozenset("）”》")
PAIRS = (("（", "）"), ("“", "”"), ("《", "》"))
MOST_TRIES = 8
"""How often a piece is looked for before what opens brackets is taken as well."""


@cache
def _or_bracket(sign: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f"(?P<sign>{sign.pattern})|[（“《）”》]")


def cut(text: str, sign: re.Pattern[str]) -> list[str]:
    """The parts between the signs outside brackets and quotes; the whole text where there is none.

    Where a bracket is never closed, every sign counts.
    """
    if not sign.search(text):
        return [text]
    parts, begun, depth = list[str](), 0, 0
    for found in _or_bracket(sign).finditer(text):
        if found["sign"] is None:
            depth = depth + 1 if found[0] in OPENING else max(depth - 1, 0)
        elif depth == 0 and found.end() < len(text):
            parts.append(text[begun : found.start()])
            begun = found.end()
    return list(filter(None, sign.split(text))) if depth else [*parts, text[begun:]]


def until(piece: str, text: str, at: int, end: int, *, closed: bool) -> int:
    """Where a piece is next, -1 where it is not. `closed`: first of all where no bracket or quote is left open."""
    first = there = text.find(piece, at, end)
    for _ in range(MOST_TRIES):
        if there < 0 or not closed or _is_closed(text[at:there]):
            break
        there = text.find(piece, there + 1, end)
    else:
        return first
    return first if there < 0 else there


def _is_closed(text: str) -> bool:
    return all(text.count(opening) == text.count(closing) for opening, closing in PAIRS)


def split_end(text: str) -> tuple[str, str] | None:
    """What stands before the bracket at the end of a text and what stands in it; None where it does not end in one."""
    depth = 0
    if not text.endswith("）"):
        return None
    for at in range(len(text) - 1, 0, -1):
        depth += (text[at] == "）") - (text[at] == "（")
        if depth == 0:
            return text[:at], text[at + 1 : -1]
    return None
