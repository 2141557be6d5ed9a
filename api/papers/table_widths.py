"""How wide the columns of a table are on paper: as their texts need, within the width of the page."""

from __future__ import annotations

from collections.abc import Sequence

WIDE_MM, NARROW_MM = 2.95, 1.65
"""A full sign and a half one of 8 pt."""
ROOM_MM = 3.4
"""The insets of a cell, and something over."""
MOST_MM, LEAST_MM = 70.0, 14.0


def widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], whole_mm: float, fixed: Sequence[bool]
) -> list[float]:
    """Millimetres of each column, together `whole_mm`. A `fixed` column holds figures, which are never broken."""
    needs = [
        _needs(column, heading, rows, is_fixed)
        for column, (heading, is_fixed) in enumerate(zip(headings, fixed, strict=True))
    ]
    over = sum(needs) - whole_mm
    if over <= 0:
        return [need * whole_mm / sum(needs) for need in needs]
    free = [
        0.0 if is_fixed else max(need - LEAST_MM, 0.0) for need, is_fixed in zip(needs, fixed, strict=True)
    ]
    taken = min(over / sum(free), 1.0) if sum(free) else 0.0
    found = [need - more * taken for need, more in zip(needs, free, strict=True)]
    return [one * whole_mm / sum(found) for one in found]


def _needs(column: int, heading: str, rows: Sequence[Sequence[str]], is_fixed: bool) -> float:
    longest = max((_length(line) for row in rows for line in row[column].split("\n")), default=0.0)
    named = _length(heading)
    return max(min(longest, 60.0 if is_fixed else MOST_MM), min(named, 16.0), LEAST_MM - ROOM_MM) + ROOM_MM


def _length(text: str) -> float:
    return sum(NARROW_MM if ord(sign) < 0x2E80 else WIDE_MM for sign in text)
