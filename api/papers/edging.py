"""What stands round and over a map: frame, grid, scale bar, north arrow, scale, system and date."""

from __future__ import annotations

from html import escape

from api.papers.frame import MM, Frame, round_up
from api.papers.labels import Labels, text, text_width
from api.papers.words import number, plain

INK = "#1D2427"
GREY = "#6B7073"
SIZE = 9.0
CROSS = 4.0


def edging(frame: Frame, date_words: str, labels: Labels) -> str:
    """As SVG; the boxes that it needs are kept free of labels."""
    width, height = frame.size
    return (
        _grid(frame, labels)
        + _north(width, labels)
        + _foot(frame, escape(plain(date_words)), labels)
        + f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" fill="none" stroke="{INK}"/>'
    )


def _grid(frame: Frame, labels: Labels) -> str:
    width, height = frame.size
    eastings, northings = frame.ticks()
    parts = [
        f"M{x - CROSS:.1f} {y:.1f}H{x + CROSS:.1f}M{x:.1f} {y - CROSS:.1f}V{y + CROSS:.1f}"
        for x, _ in eastings
        for y, _ in northings
    ]
    parts += [f"M{x:.1f} 0v6M{x:.1f} {height:g}v-6" for x, _ in eastings]
    parts += [f"M0 {y:.1f}h6M{width:g} {y:.1f}h-6" for y, _ in northings]
    drawn = [f'<path d="{"".join(parts)}" stroke="{GREY}" stroke-width="0.7" fill="none"/>']
    for x, easting in eastings:
        words = number(easting)
        half = text_width(words, SIZE) / 2
        if x - half > 30 and x + half < width - 70:
            labels.reserve((x - half, 4, x + half, 18))
            drawn.append(text(words, x, 15, SIZE, halo=True))
    for y, northing in northings:
        words = number(northing)
        half = text_width(words, SIZE) / 2
        if y - half > 30 and y + half < height - 10:
            labels.reserve((4, y - half, 18, y + half))
            drawn.append(text(words, 15, y, SIZE, halo=True, turned=True))
    return "".join(drawn)


def _north(width: float, labels: Labels) -> str:
    """North of the grid, which is straight up."""
    x, y = width - 50, 12.0
    labels.reserve((x, y, x + 38, y + 52))
    return (
        f'<rect x="{x:g}" y="{y:g}" width="38" height="52" fill="#FFFFFF" fill-opacity="0.9"/>'
        f'<path d="M{x + 19:g} {y + 4:g}l8 26-8-5z" fill="{INK}"/>'
        f'<path d="M{x + 19:g} {y + 4:g}l-8 26 8-5z" fill="#FFFFFF" stroke="{INK}" stroke-width="0.8"/>'
        + text("坐标北", x + 19, y + 45, 10)
    )


def _foot(frame: Frame, date_words: str, labels: Labels) -> str:
    width, height = frame.size
    metres = round_up(22 * MM * frame.unit_m, (1, 2, 5))
    bar = metres / frame.unit_m
    unit, many = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    words = f"1:{number(frame.scale)}　CGCS2000 3°带 {frame.zone.number}　{date_words}"
    said = text_width(words, SIZE)
    whole = bar + said + 58
    left, top = width - whole - 10, height - 36
    labels.reserve((left, top, width, height))
    at, base = left + 14, top + 20
    return (
        f'<rect x="{left:.1f}" y="{top:g}" width="{whole:.1f}" height="27" fill="#FFFFFF" fill-opacity="0.92"/>'
        f'<path d="M{at:.1f} {base - 5:g}v5h{bar:.1f}v-5M{at + bar / 2:.1f} {base:g}v-5" fill="none" stroke="{INK}"/>'
        f'<path d="M{at:.1f} {base - 1.5:g}h{bar / 2:.1f}" stroke="{INK}" stroke-width="3"/>'
        + text("0", at, base - 8, 8)
        + text(f"{many / 2:g}", at + bar / 2, base - 8, 8)
        + text(f"{many:g} {unit}", at + bar, base - 8, 8)
        + text(words, at + bar + 24, base, SIZE, anchor="start")
    )
