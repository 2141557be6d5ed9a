"""The legend of catalog layers: every class with a small picture of its fill, pattern, line and mark."""

from collections.abc import Iterable
from typing import Any

from spatial.catalog import Catalog, Layer, StyleClass, Symbols
from spatial.catalog.style import Line, Mark
from tiles.symbols import MARK_BOX, mark_svg

WIDTH, HEIGHT = 34, 20
HALF = 18
"""Where the mark stands beside a sample of the area, the area ends here."""
EMPTY = '<rect x="1.5" y="1.5" width="31" height="17" rx="1" fill="none" stroke="#8C8F8A" stroke-width="1"/>'


def legend(catalog: Catalog, layers: Iterable[str]) -> dict[str, Any]:
    """Groups, layers and classes in the order of the layer tree, in the light theme. Raises LayerNotFound."""
    asked = {catalog.layer(layer_id).id for layer_id in layers}
    inside = [layer for layer in catalog.layers.values() if layer.id in asked and layer.kind != "request"]
    titles = dict.fromkeys(layer.group for layer in inside)
    return {
        "groups": [
            {
                "title": title,
                "layers": [_entry(layer, catalog.symbols) for layer in inside if layer.group == title],
            }
            for title in titles
        ]
    }


def _entry(layer: Layer, symbols: Symbols) -> dict[str, Any]:
    return {
        "id": layer.id,
        "title": layer.title,
        "shown": layer.style.shown,
        "classes": [
            {"value": one.value, "label": one.label, "label_en": one.label_en, "swatch": swatch(one, symbols)}
            for one in layer.style.classes
        ],
    }


def swatch(one: StyleClass, symbols: Symbols) -> str:
    """An SVG document: the area alone, the mark alone, or the area with its mark beside it."""
    has_area = bool(one.fill or one.pattern or one.line)
    drawn = ""
    if has_area:
        right = HALF if one.mark else WIDTH
        is_area = "polygon" in one.geometry
        drawn += (
            _area(one, symbols, right - 3) if is_area else _stroke(one.line, f'd="M1.5 10H{right - 1.5}"')
        )
    if one.mark:
        drawn += _mark(one.mark, symbols, (HALF + WIDTH) / 2 if has_area else WIDTH / 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{drawn or EMPTY}</svg>'
    )


def _area(one: StyleClass, symbols: Symbols, width: float) -> str:
    drawn = ""
    if one.fill:
        drawn += (
            f'<rect x="1.5" y="1.5" width="{width}" height="17" rx="1" fill="{one.fill.color}" '
            f'fill-opacity="{one.fill.opacity:g}"/>'
        )
    if one.pattern:
        drawn += _tiled(symbols, one.pattern.id, one.pattern.color, width)
    if one.line and one.line.band:
        band = one.line.band
        drawn += (
            f'<rect x="3.5" y="3.5" width="{width - 4}" height="13" fill="none" stroke="{band.color}" '
            f'stroke-opacity="{band.opacity:g}" stroke-width="4"/>'
        )
    outline = f'd="M1.5 1.5h{width}v17h-{width}z"'
    # Planning classes are bordered in white: without this edge a pale one would not show on the page.
    edge = f'<path {outline} fill="none" stroke="#DEDBD3" stroke-width="0.75"/>'
    return drawn + (edge if _is_pale(one.line, symbols) else _stroke(one.line, outline))


def _is_pale(line: Line | None, symbols: Symbols) -> bool:
    return line is None or line.color == symbols.halo


def _tiled(symbols: Symbols, pattern_id: str, colour: str, width: float) -> str:
    """The pattern laid tile by tile: a <pattern> would need an id, and ids collide in a page of many swatches."""
    pattern = symbols.patterns[pattern_id]
    fragment = pattern.svg.replace("{c}", colour)
    step = pattern.tile_px
    tiles = "".join(
        f'<g transform="translate({column * step:g} {row * step:g})">{fragment}</g>'
        for row in range(int(17 // step) + 1)
        for column in range(int(width // step) + 1)
    )
    return f'<svg x="1.5" y="1.5" width="{width}" height="17" overflow="hidden">{tiles}</svg>'


def _stroke(line: Line | None, path: str) -> str:
    if line is None:
        return ""
    width = min(line.width, 3)
    dash = f' stroke-dasharray="{" ".join(f"{px:g}" for px in line.dash)}"' if line.dash else ""
    return f'<path {path} fill="none" stroke="{line.color}" stroke-width="{width:g}"{dash}/>'


def _mark(mark: Mark, symbols: Symbols, middle: float) -> str:
    side = min(mark.size_px + 4, HEIGHT, 2 * (WIDTH - middle))
    drawn = mark_svg(symbols, mark, symbols.halo)
    drawn = drawn.replace("{fill}", mark.fill or "none").replace("{stroke}", mark.stroke)
    return (
        f'<svg x="{middle - side / 2:g}" y="{(HEIGHT - side) / 2:g}" width="{side:g}" height="{side:g}" '
        f'viewBox="0 0 {MARK_BOX} {MARK_BOX}">{drawn}</svg>'
    )
