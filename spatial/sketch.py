"""A small map as SVG, drawn from shapes alone: nothing is fetched, so it stands in any page under any policy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT, MARGIN = 520, 360, 24
STYLES = {"now": 'fill="#7D1E78" fill-opacity="0.18" stroke="#7D1E78" stroke-width="2"',
          "before": 'fill="none" stroke="#465156" stroke-width="1.5" stroke-dasharray="5 4"'}  # fmt: skip
LEAST_DEG = 2e-4
"""Some 20 m: a point alone is drawn in this much ground."""


def sketch(shapes: Sequence[tuple[str, BaseGeometry]], title: str) -> str:
    """Shapes in EPSG:4490, each `now` or `before`, north up, true to shape, with a scale bar. Empty without any."""
    drawn = [(kind, shape) for kind, shape in shapes if not shape.is_empty]
    if not drawn:
        return ""
    west, south, east, north = shapely.total_bounds([shape for _, shape in drawn])
    west, east = _at_least(west, east)
    south, north = _at_least(south, north)
    flat = math.cos(math.radians((south + north) / 2))
    scale = min((WIDTH - 2 * MARGIN) / ((east - west) * flat), (HEIGHT - 2 * MARGIN) / (north - south))

    def place(x: float, y: float) -> str:
        return f"{MARGIN + (x - west) * flat * scale:.1f} {HEIGHT - MARGIN - (y - south) * scale:.1f}"

    paths = []
    for kind, shape in sorted(drawn, key=lambda one: one[0] == "now"):
        if shape.geom_type == "Point":
            cx, cy = place(shape.x, shape.y).split()
            paths.append(f'<circle cx="{cx}" cy="{cy}" r="6" {STYLES[kind]}/>')
            continue
        rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        data = " ".join("M" + " L".join(place(x, y) for x, y in ring.coords) + "Z" for ring in rings)
        paths.append(f'<path d="{data}" fill-rule="evenodd" {STYLES[kind]}/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{title}"'
        f' style="background:#F6F5F1;border:1px solid #DEDBD3">{"".join(paths)}{_bar(scale)}</svg>'
    )


def _at_least(low: float, high: float) -> tuple[float, float]:
    missing = max(0.0, LEAST_DEG - (high - low)) / 2
    return low - missing, high + missing


def _bar(scale: float) -> str:
    """A round length of at most a third of the width; a degree of latitude is some 111,100 m here."""
    per_m = scale / 111_100
    most = WIDTH / 3 / per_m
    step = 10 ** math.floor(math.log10(most))
    metres = next(step * n for n in (5, 2, 1) if step * n <= most)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    y, end = HEIGHT - 10, 10 + metres * per_m
    return (
        f'<path d="M10 {y - 5}V{y}H{end:.1f}V{y - 5}" fill="none" stroke="#1D2427"/>'
        f'<text x="{end + 6:.1f}" y="{y}" font-size="12" fill="#1D2427">{words}</text>'
    )
