"""Labels on a map: each where there is room, none over another; what finds no room stands in the tables alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from api.papers.fonts import FAMILY

SIZE = 11.0
"""Units of 0.25 mm: 2.75 mm, some 8 pt."""
SMALL = 8.5
Box = tuple[float, float, float, float]


@dataclass
class Labels:
    """`width`, `height`: of the drawing in units; labels stay inside."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    def reserve(self, box: Box) -> None:
        """Keep a box (left, top, right, bottom) free of labels."""
        self.taken.append(box)

    def put(self, escaped: str, x: float, y: float, *, strong: bool = False) -> bool:
        """A label about a point, some lines up or down where others stand. The text is escaped already."""
        size = SIZE if strong else SMALL + 1
        for step in (0, -1, 1, -2, 2, -3, 3, -4, 4):
            if self._try(escaped, x, y + step * size * 1.3, size, strong):
                return True
        return False

    def beside(self, escaped: str, x: float, y: float, outward: tuple[float, float]) -> bool:
        """A small label next to a point, on the side to which `outward` points."""
        length = math.hypot(*outward) or 1.0
        half = text_width(escaped, SMALL) / 2
        dx, dy = outward[0] / length, outward[1] / length
        return self._try(escaped, x + dx * (half + 5), y + dy * 9, SMALL, False)

    def _try(self, escaped: str, x: float, y: float, size: float, strong: bool) -> bool:
        half = text_width(escaped, size) / 2 + 2
        x = min(max(x, half + 3), self.width - half - 3)
        box = (x - half, y - size * 0.7, x + half, y + size * 0.7)
        if box[1] < 3 or box[3] > self.height - 3 or any(_meet(box, other) for other in self.taken):
            return False
        self.taken.append(box)
        self.drawn.append(text(escaped, x, y + size * 0.36, size, strong=strong, halo=True))
        return True

    def svg(self) -> str:
        return "".join(self.drawn)


def text(
    escaped: str,
    x: float,
    y: float,
    size: float,
    *,
    strong: bool = False,
    halo: bool = False,
    anchor: str = "middle",
    turned: bool = False,
) -> str:
    """A text as SVG; `y` is its base line."""
    weight = ' font-weight="700"' if strong else ""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    # A halo of its own under the text: not every program knows which of fill and stroke comes first.
    look = f'font-family="{FAMILY}" font-size="{size:g}" text-anchor="{anchor}"{weight}{turn}'
    place = f'x="{x:.1f}" y="{y:.1f}"'
    under = (
        f'<text {place} {look} fill="#FFFFFF" stroke="#FFFFFF" stroke-width="3.4" stroke-linejoin="round" '
        f'aria-hidden="true">{escaped}</text>'
    )
    return f'{under if halo else ""}<text {place} {look} fill="#1D2427">{escaped}</text>'


def text_width(escaped: str, size: float) -> float:
    """About how wide a text is: wide signs a full square, Latin ones a bit more than half."""
    return sum(1.0 if ord(sign) > 0x2E7F else 0.58 for sign in escaped) * size


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
