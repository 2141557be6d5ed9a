"""Patterns and marks of the catalog as the page draws them: image ids that say what they are, and their SVG."""

from spatial.catalog import StyleClass, Symbols
from spatial.catalog.style import Mark, PatternUse

MARK_BOX = 24
"""Marks are fragments in a 24 × 24 box, drawn 4 px larger than their size: room for the halo."""


def pattern_id(pattern: PatternUse, colour: str) -> str:
    return f"pattern:{pattern.id}:{colour}"


def mark_shape(mark: Mark) -> str:
    """The name of a shape with its glyph, as the marks of the style's metadata are keyed."""
    return f"{mark.shape}+{mark.glyph}" if mark.glyph else mark.shape


def mark_id(mark: Mark, fill: str | None, stroke: str) -> str:
    return f"mark:{mark_shape(mark)}:{fill or 'none'}:{stroke}:{mark.size_px:g}"


def mark_svg(symbols: Symbols, mark: Mark, halo: str) -> str:
    """The fragment of a mark, its `{fill}` and `{stroke}` still open; `halo` lies under it."""
    shape = symbols.shapes[mark.shape]
    glyph = symbols.glyphs[mark.glyph] if mark.glyph else ""
    return (
        '<g transform="scale(1.2)" stroke-linejoin="round">'
        f'<g fill="{{halo}}" stroke="{{halo}}" stroke-width="4">{shape.outline}</g>'
        f'<g fill="{{fill}}" stroke="{{stroke}}" stroke-width="1.8">{shape.outline}</g>'
        f"{shape.detail}{glyph}</g>"
    ).replace("{halo}", halo)


def colour(symbols: Symbols, one: StyleClass, light: str, dark: bool) -> str:
    """A colour of the class in the theme that is asked."""
    return one.dark.get(light) or symbols.dark.get(light, light) if dark else light
