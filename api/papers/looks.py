"""How things look on a map of a paper: classes of the catalog's layers, and what no layer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spatial.catalog import Layer, StyleClass
from spatial.catalog.style import RESERVED_PATTERN, Fill, Line, Mark, PatternUse, Stroke

INK = "#1D2427"
VERDICT_COLOURS = {
    "prohibit": "#9E1B1E",
    "needs_investigation": "#C2520A",
    "conditional": "#6B5300",
    "undetermined": "#4A4D55",
    "notice": "#2F6DB5",
    "clear": "#0B8570",
}
"""As the page draws them (web/src/design). Shape and word carry a verdict even in black and white."""
_WHITE = Stroke("#FFFFFF", 6)


def class_of(layer: Layer, attributes: Mapping[str, Any]) -> StyleClass:
    """The class by which a feature of a layer is drawn, as on the map (tiles.style)."""
    style = layer.style
    others = next((one for one in style.classes if one.value is None), style.classes[-1])
    if any(str(attributes.get(name)) != value for name, value in style.where.items()):
        return others
    value = attributes.get(style.by) if style.by else None
    if value is None:
        return others
    said = str(value).lower() if isinstance(value, bool) else str(value)
    said = said[: style.prefix] if style.prefix else said
    return next((one for one in style.classes if one.value == said), others)


def look(
    title: str,
    order: int,
    *,
    fill: Fill | None = None,
    line: Line | None = None,
    pattern: PatternUse | None = None,
    mark: Mark | None = None,
) -> StyleClass:
    """A look that no layer has; `order` as in layer files, higher on top."""
    return StyleClass(None, title, title, ("polygon",), order, 0, fill, line, pattern, None, mark, {}, None)


def parcel_look(colour: str = INK, *, dashed: bool = False) -> StyleClass:
    """The asked parcel: in the colour of its verdict, dashed where the check is not complete."""
    line = Line(colour, 3, (9.0, 5.0) if dashed else (), _WHITE, None)
    return look("被核查地块", 950, line=line)


OVERLAP = look(
    "重叠部分", 940, fill=Fill("#B4006F", 0.7), line=Line("#B4006F", 1.5, (), Stroke("#FFFFFF", 3), None),
    mark=Mark("circle", "#B4006F", "#FFFFFF", 10, None, 0),
)  # fmt: skip
"""Magenta means overlap and nothing else. Fills are printed paler than on a screen."""
LIFT = look("", 939, fill=Fill("#FFFFFF", 1.2))
"""White under an overlap, so that its magenta is one whatever lies below."""
MISSING = look(
    "资料缺失",
    930,
    line=Line("#4A4D55", 1, (6.0, 4.0), None, None),
    pattern=PatternUse(RESERVED_PATTERN, "#C9C9C4"),
)
