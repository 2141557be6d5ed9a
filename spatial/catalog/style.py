"""How a layer looks: paint classes of a layer file, and the shared symbols they may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from spatial.catalog.reading import Table, read_toml

RESERVED_PATTERN = "stripe-45"
"""45° stripes mean missing data and nothing else; no layer may use them."""


@dataclass(frozen=True, slots=True)
class Fill:
    color: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A coloured edge: `width` in CSS px."""

    color: str
    width: float
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """`dash` in CSS px (empty: solid); `casing` lies under the line, `band` inside the polygon's edge."""

    color: str
    width: float
    dash: tuple[float, ...]
    casing: Stroke | None
    band: Stroke | None


@dataclass(frozen=True, slots=True)
class PatternUse:
    id: str
    color: str


@dataclass(frozen=True, slots=True)
class Text:
    """`note` says what the label tells; the text itself is the tile's label field. `spacing_em` between letters."""

    note: str
    minzoom: float
    spacing_em: float


@dataclass(frozen=True, slots=True)
class Mark:
    """The small sign of a point, or of a polygon too small to be seen.

    `fill` None is hollow. Below `maxzoom` every polygon shows its mark as well, above it only the tiny ones; 0 stands
    for ground that is too much to be marked piece by piece.
    """

    shape: str
    fill: str | None
    stroke: str
    size_px: float
    glyph: str | None
    maxzoom: float


@dataclass(frozen=True, slots=True)
class StyleClass:
    """One row of the legend. `value` None stands for every value that no other class names.

    `order`: higher is drawn on top, over all layers. `minzoom`: from where on areas and lines are drawn; marks see
    `mark_minzoom`. `dark`: colours of the dark theme that differ from the shared table. On paper: widths and
    marks × 0.25 mm, lines at least 0.13 mm.
    """

    value: str | None
    label: str
    label_en: str
    geometry: tuple[str, ...]
    order: int
    minzoom: float
    fill: Fill | None
    line: Line | None
    pattern: PatternUse | None
    text: Text | None
    mark: Mark | None
    dark: Mapping[str, str]
    note: str | None

    @property
    def mark_minzoom(self) -> float:
        """From where on its marks are drawn: from the first zoom, so that a site is on every map that has its list."""
        return 0 if self.mark and self.mark.maxzoom > 0 else self.minzoom


@dataclass(frozen=True, slots=True)
class Style:
    """Classes by the value of field `by` (None: one class for all).

    `prefix`: only so many first characters of the value count (land-use codes by their first two digits).
    `where`: classes hold only for features with these values (codes of one code system); all others are
    drawn as the class without a value. `shown`: switched on when the map opens.
    """

    by: str | None
    prefix: int | None
    where: Mapping[str, str]
    shown: bool
    classes: tuple[StyleClass, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """An SVG fragment `tile_px` wide and high; `{c}` stands for the colour."""

    id: str
    tile_px: float
    svg: str
    note: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A mark in a 20 × 20 box, drawn 2 … 18: `outline` is filled, stroked and set on a halo; `detail` lies on top.

    Both are SVG fragments that may hold `{fill}`, `{stroke}` and `{halo}`.
    """

    id: str
    outline: str
    detail: str


@dataclass(frozen=True, slots=True)
class Symbols:
    """What layer files draw with.

    `groups`: titles of the layer tree, the lowest first; `groups_en`: title → English.
    `glyphs`: SVG fragments laid over a shape, in the colour `{stroke}`.
    `halo`: the light theme's ground colour, drawn under marks.
    `dark`: colour of the light theme → colour of the dark one.
    """

    groups: tuple[str, ...]
    groups_en: Mapping[str, str]
    patterns: Mapping[str, Pattern]
    shapes: Mapping[str, Shape]
    glyphs: Mapping[str, str]
    halo: str
    dark: Mapping[str, str]


SHAPES = ("polygon", "line", "point")
_CLASS_KEYS = {
    "value",
    "label",
    "label_en",
    "geometry",
    "order",
    "minzoom",
    "fill",
    "line",
    "pattern",
    "text",
    "mark",
    "dark",
    "note",
}
_STYLE_KEYS = {"by", "prefix", "where", "shown", "classes"}


def read_symbols(file: Path) -> Symbols:
    table = read_toml(file)
    patterns = {
        name: inner.done(Pattern(name, inner.number("tile_px"), inner.text("svg"), inner.text("note")))
        for name, inner in table.tables("patterns").items()
    }
    shapes = {
        name: inner.done(Shape(name, inner.text("outline"), inner.text("detail", "")))
        for name, inner in table.tables("shapes").items()
    }
    return table.done(
        Symbols(
            groups=table.texts("groups"),
            groups_en=table.labels("groups_en"),
            patterns=MappingProxyType(patterns),
            shapes=MappingProxyType(shapes),
            glyphs=table.labels("glyphs"),
            halo=table.colour("halo"),
            dark=table.labels("dark"),
        )
    )


def read_style(table: Table, symbols: Symbols, shapes: tuple[str, ...]) -> Style:
    """A [style] table: what stands beside `classes` holds for each class; without classes it is the only one."""
    shared = {key: value for key, value in table.values.items() if key not in _STYLE_KEYS}
    for key in shared:
        if key not in _CLASS_KEYS:
            table.fail(key, f"不认识这一项；这里可以写：{'、'.join(sorted(_CLASS_KEYS | _STYLE_KEYS))}")
    by = table.text("by", None)
    rows = table.table_list("classes")
    if by and not rows:
        table.fail("classes", "写了 by 就要写 classes")
    if rows and not by:
        table.fail("by", "写了 classes 就要用 by 说明按哪个字段分类")
    classes = [read_class(Table(row.file, shared | row.values, row.path), symbols, shapes) for row in rows]
    if not rows:
        classes = [read_class(Table(table.file, shared, table.path), symbols, shapes)]
    values = [one.value for one in classes]
    if len(set(values)) != len(values):
        table.fail("classes", "有两个分类的 value 相同")
    if len({one.mark is None for one in classes}) > 1:
        table.fail("classes", "有的分类写了 mark，有的没写：缺 mark 的要素缩小后会从图上消失")
    return Style(
        by, table.whole("prefix", None), table.labels("where", {}), table.flag("shown", True), tuple(classes)
    )


def read_class(table: Table, symbols: Symbols, shapes: tuple[str, ...]) -> StyleClass:
    geometry = table.texts("geometry", list(shapes))
    if not set(geometry) <= set(SHAPES):
        table.fail("geometry", f"应为 {'、'.join(SHAPES)}")
    dark = table.labels("dark", {})
    mark = _mark(table.table("mark"), symbols)
    if mark is None and "point" in geometry:
        table.fail("mark", "有点的图层必须有 mark，否则点画不出来")
    return table.done(
        StyleClass(
            value=table.text("value", None),
            label=table.text("label"),
            label_en=table.text("label_en"),
            geometry=geometry,
            order=table.whole("order"),
            minzoom=table.zoom("minzoom"),
            fill=_fill(table.table("fill")),
            line=_line(table.table("line")),
            pattern=_pattern(table.table("pattern"), symbols),
            text=_text(table.table("text")),
            mark=mark,
            dark=dark,
            note=table.text("note", None),
        )
    )


def _fill(table: Table | None) -> Fill | None:
    return None if table is None else table.done(Fill(table.colour("color"), table.number("opacity")))


def _stroke(table: Table | None) -> Stroke | None:
    return (
        None
        if table is None
        else table.done(Stroke(table.colour("color"), table.number("width"), table.number("opacity", 1.0)))
    )


def _line(table: Table | None) -> Line | None:
    return (
        None
        if table is None
        else table.done(
            Line(
                table.colour("color"),
                table.number("width"),
                table.numbers("dash", []),
                _stroke(table.table("casing")),
                _stroke(table.table("band")),
            )
        )
    )


def _pattern(table: Table | None, symbols: Symbols) -> PatternUse | None:
    if table is None:
        return None
    use = PatternUse(table.one_of("id", symbols.patterns.keys()), table.colour("color"))
    if use.id == RESERVED_PATTERN:
        table.fail("id", f"{RESERVED_PATTERN} 只表示“资料缺失”，业务图层不得使用")
    return table.done(use)


def _text(table: Table | None) -> Text | None:
    return (
        None
        if table is None
        else table.done(Text(table.text("note"), table.zoom("minzoom"), table.number("spacing_em", 0.0)))
    )


def _mark(table: Table | None, symbols: Symbols) -> Mark | None:
    return (
        None
        if table is None
        else table.done(
            Mark(
                table.one_of("shape", symbols.shapes.keys()),
                table.colour("fill", None),
                table.colour("stroke"),
                table.number("size_px"),
                table.one_of("glyph", symbols.glyphs.keys(), None),
                table.zoom("maxzoom", 12),
            )
        )
    )
