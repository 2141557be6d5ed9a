"""Text from data as it stands on paper: every sign is told, none acts."""

from __future__ import annotations

import re
import unicodedata

from api.papers.glyphs import is_drawn

ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control and format signs, halves of pairs, private and unassigned ones: nobody sees them, some turn the line."""
LONG = 20
THIN = "\u202f"
SPACES = re.compile(f"[^\\S{THIN}]+")
"""But the space within a number, which keeps it on one line."""


def plain(text: object) -> str:
    """A text of one line; what would act (right-to-left marks) or has no glyph is told by its number in Unicode."""
    return "".join(map(_sign, SPACES.sub(" ", str(text)).strip()))


def lines(text: object) -> str:
    """The same, its line breaks kept."""
    return "\n".join(plain(line) for line in str(text).splitlines())


def shortened(text: str, most: int = LONG) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def number(value: float, decimals: int = 0) -> str:
    """Thousands apart by a thin space that does not break."""
    return f"{value:,.{decimals}f}".replace(",", THIN)


def figure(value: float) -> str:
    """A number of an answer as it stands there, its thousands apart; never as a power of ten."""
    return number(value, 6).rstrip("0").rstrip(".")


def _sign(sign: str) -> str:
    if (sign.isascii() and sign.isprintable()) or sign == THIN:
        return sign
    told = unicodedata.category(sign) not in ACTING and is_drawn(sign)
    return sign if told else f"〔U+{ord(sign):04X}〕"
