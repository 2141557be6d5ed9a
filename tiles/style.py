"""The MapLibre style, the legend and the TileJSON of catalog layers: nothing here knows a layer by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from spatial.catalog import Catalog, Layer, Style, StyleClass, Symbols
from spatial.catalog.style import Line, Mark, PatternUse, Text
from tiles.legend import legend
from tiles.symbols import colour, mark_id, mark_shape, mark_svg, pattern_id

__all__ = ["legend", "style", "tilejson"]

T = TypeVar("T")
FONT = ["Noto Sans SC"]
LABEL_PX = 12
LABEL_INK = "#1D2427"
DOT_PX = 4
ROUND_PX = 2
"""From this width on the corners of lines are round."""
TINT = 0.05
"""Opacity of a site that has an edge alone."""
ALWAYS = ("county", "code", "name")
"""Properties that every feature of a tile carries."""

AREAS, MARKS, LABELS = range(3)
"""Drawn one after the other, so that no area covers a mark and no mark a label."""

Spec = dict[str, Any]
Placed = tuple[int, int, Spec]
Group = list[StyleClass]


def style(catalog: Catalog, layers: Iterable[str], *, dark: bool = False) -> Spec:
    """A MapLibre style (version 8) of these layers, lowest first. Raises LayerNotFound.

    Source-layers are `<layer>` and `<layer>_label`, one point for each feature with its text in `label`. Images are
    named by their ids alone and drawn by the page from `metadata.jingtu`; glyphs are drawn from the page's font.
    The asked parcel and rasters are not among the sources.
    """
    drawn = [layer for layer in map(catalog.layer, layers) if is_drawn(layer)]
    placed = chain.from_iterable(_LayerStyle(layer, catalog.symbols, dark).parts() for layer in drawn)
    return {
        "version": 8,
        "name": catalog.region.name,
        "metadata": {"jingtu": {**_images(catalog.symbols, drawn, dark), "by": _classified(drawn)}},
        "sources": {layer.id: {"type": "vector", "url": f"/tiles/{layer.id}.json"} for layer in drawn},
        "layers": [spec for _, _, spec in sorted(placed, key=lambda part: part[:2])],
    }


def tilejson(
    catalog: Catalog,
    layers: Iterable[str],
    *,
    version: str | int,
    bounds: Sequence[float],
    base_url: str = "",
) -> Spec:
    """TileJSON 3.0.0 of one layer or several. `bounds`: west, south, east, north. Raises LayerNotFound.

    `base_url` (https://host) stands before the tile address: a worker of the page cannot resolve a bare path.
    """
    asked = [catalog.layer(layer_id) for layer_id in layers]
    return {
        "tilejson": "3.0.0",
        "name": "、".join(layer.title for layer in asked),
        "attribution": "、".join(dict.fromkeys(layer.owner for layer in asked)),
        "scheme": "xyz",
        "tiles": [
            f"{base_url}/tiles/{','.join(layer.id for layer in asked)}/{{z}}/{{x}}/{{y}}.mvt?v={version}"
        ],
        "minzoom": min(layer.first_zoom for layer in asked),
        "maxzoom": max(layer.tile.maxzoom for layer in asked),
        "bounds": list(bounds),
        "vector_layers": vector_layers(asked),
    }


def is_drawn(layer: Layer) -> bool:
    return layer.kind != "request" and "raster" not in layer.geometry


def vector_layers(layers: Iterable[Layer]) -> list[Spec]:
    """The source-layers of the tiles of some layers, with what their features tell."""
    return [one for layer in layers for one in _vector_layers(layer)]


def _vector_layers(layer: Layer) -> list[Spec]:
    titles = {name: layer.fields[name].title for name in layer.tile.fields}
    zooms = {"minzoom": layer.first_zoom, "maxzoom": layer.tile.maxzoom}
    always = {"county": "县级行政区代码", "code": "编码", "name": "名称"}
    styled_by = {name: titles[name] for name in (layer.style.by, *layer.style.where) if name}
    shapes: Spec = {"id": layer.id, "description": layer.title, "fields": always | titles, **zooms}
    if not layer.has_label_points:
        return [shapes]
    points = {"description": f"{layer.title}（标注点）", "fields": {"label": "标注"} | styled_by, **zooms}
    return [shapes, {"id": f"{layer.id}_label", **points}]


def _images(symbols: Symbols, layers: Sequence[Layer], dark: bool) -> Spec:
    """What the page needs to draw the images it meets, and to recolour a light style into a dark one."""
    halo = symbols.dark[symbols.halo] if dark else symbols.halo
    classes = [one for layer in layers for one in layer.style.classes]
    own_dark = {light: night for one in classes for light, night in one.dark.items()}
    return {
        "patterns": {one.id: {"tile_px": one.tile_px, "svg": one.svg} for one in symbols.patterns.values()},
        "marks": {
            mark_shape(one.mark): {"svg": mark_svg(symbols, one.mark, halo)} for one in classes if one.mark
        },
        "dark_map": own_dark | dict(symbols.dark),
    }


def _classified(layers: Sequence[Layer]) -> Spec:
    """Layer → the expression whose value is the class, so that a client can leave classes out."""
    return {layer.id: _value(layer.style) for layer in layers if layer.style.by}


class _LayerStyle:
    """The style layers of one catalog layer. Classes that differ in value alone share one style layer."""

    def __init__(self, layer: Layer, symbols: Symbols, dark: bool) -> None:
        self.layer, self.style, self.symbols, self.dark = layer, layer.style, symbols, dark

    def parts(self) -> Iterable[Placed]:
        for group, opacity in self._alike(lambda one: one.fill.opacity if one.fill else None):
            yield self._fill(group, opacity)
        for group, line in self._alike(_edge_alone):
            yield self._ground(group, line)
        for group, pattern in self._alike(lambda one: one.pattern):
            yield self._pattern(group, pattern)
        for group, line in self._alike(lambda one: one.line):
            yield from self._lines(group, line)
        for group, mark in self._alike(lambda one: one.mark):
            yield from self._marks(group, mark)
        for group, _ in self._alike(lambda one: None if one.mark else True):
            yield self._dots(group)
        for group, text in self._alike(lambda one: one.text):
            yield self._label(group, text)

    def _alike(self, part: Callable[[StyleClass], T | None]) -> list[tuple[Group, T]]:
        """The classes that have this part, together where part, order and zoom are the same."""
        groups: dict[tuple[T, int, float], Group] = {}
        for one in self.style.classes:
            if (found := part(one)) is not None:
                groups.setdefault((found, one.order, one.minzoom), []).append(one)
        return [(group, found) for (found, _, _), group in groups.items()]

    def _strongest(self, one: StyleClass) -> str:
        """The colour of its edge; where that is the ground's own, of what lies within."""
        if one.line and (one.line.color != self.symbols.halo or not one.fill):
            return one.line.color
        return one.fill.color if one.fill else LABEL_INK

    def _colour(self, one: StyleClass, light: str) -> str:
        return colour(self.symbols, one, light, self.dark)

    def _fill(self, group: Group, opacity: float) -> Placed:
        colours = [self._colour(one, one.fill.color) for one in group if one.fill]
        paint = {"fill-color": _by_value(self.style, group, colours), "fill-opacity": opacity}
        return self._part(AREAS, group, "fill", paint=paint, only=("Polygon", "MultiPolygon"))

    def _ground(self, group: Group, line: Line) -> Placed:
        """What has an edge alone: whoever has zoomed in beyond its edge still stands in it. Of a site it is tinted."""
        one = group[0]
        paint = {"fill-color": self._colour(one, line.color), "fill-opacity": TINT if one.mark else 0}
        return self._part(AREAS, group, "fill", name="ground", paint=paint, only=("Polygon", "MultiPolygon"))

    def _pattern(self, group: Group, use: PatternUse) -> Placed:
        paint = {"fill-pattern": pattern_id(use, self._colour(group[0], use.color))}
        return self._part(AREAS, group, "fill", name="pattern", paint=paint, only=("Polygon", "MultiPolygon"))

    def _lines(self, group: Group, line: Line) -> Iterable[Placed]:
        one = group[0]
        if line.casing:
            paint = {
                "line-color": self._colour(one, line.casing.color),
                "line-width": line.casing.width,
                "line-opacity": line.casing.opacity,
            }
            yield self._part(
                AREAS, group, "line", name="casing", layout=_joins(line.casing.width), paint=paint
            )
        if line.band:
            # Inside the ring: a positive offset of a polygon's edge is an inset.
            paint = {
                "line-color": self._colour(one, line.band.color),
                "line-width": line.band.width,
                "line-opacity": line.band.opacity,
                "line-offset": line.band.width / 2,
            }
            yield self._part(AREAS, group, "line", name="band", layout=_joins(line.band.width), paint=paint)
        paint = {"line-color": self._colour(one, line.color), "line-width": line.width}
        if line.dash:
            # The catalog counts dashes in px, MapLibre in line widths.
            paint["line-dasharray"] = [round(dash / line.width, 3) for dash in line.dash]
        yield self._part(AREAS, group, "line", layout=_joins(line.width), paint=paint)

    def _marks(self, group: Group, mark: Mark) -> Iterable[Placed]:
        """Points, and polygons that the tile gives as points; below the mark's last zoom every feature."""
        one = group[0]
        image = mark_id(
            mark, self._colour(one, mark.fill) if mark.fill else None, self._colour(one, mark.stroke)
        )
        layout = {"icon-image": image, "icon-allow-overlap": True, "icon-ignore-placement": True}
        zoom = one.mark_minzoom
        yield self._part(
            MARKS, group, "symbol", name="mark", layout=layout, only=("Point", "MultiPoint"), minzoom=zoom
        )
        if set(one.geometry) != {"point"} and mark.maxzoom > zoom:
            yield self._part(
                MARKS,
                group,
                "symbol",
                name="mark-small",
                layout=layout,
                source_layer=f"{self.layer.id}_label",
                minzoom=zoom,
                maxzoom=mark.maxzoom,
            )

    def _dots(self, group: Group) -> Placed:
        """Areas and lines without a mark that the tile gives as points, since nothing else would be left of them."""
        colours = [self._colour(one, self._strongest(one)) for one in group]
        paint = {"circle-radius": DOT_PX / 2, "circle-color": _by_value(self.style, group, colours)}
        return self._part(MARKS, group, "circle", name="dot", paint=paint, only=("Point", "MultiPoint"))

    def _label(self, group: Group, text: Text) -> Placed:
        one = group[0]
        layout: Spec = {
            "text-field": ["get", "label"],
            "text-font": FONT,
            "text-size": LABEL_PX,
            "text-letter-spacing": text.spacing_em,
            "text-max-width": 12,
        }
        if one.mark:
            layout |= {"text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.9}
        paint = {
            "text-color": self._colour(one, LABEL_INK),
            "text-halo-width": 3,
            "text-halo-color": self._colour(one, self.symbols.halo),
        }
        return self._part(
            LABELS,
            group,
            "symbol",
            name="label",
            layout=layout,
            paint=paint,
            source_layer=f"{self.layer.id}_label",
            minzoom=text.minzoom,
        )

    def _part(
        self,
        level: int,
        group: Group,
        kind: str,
        *,
        name: str | None = None,
        layout: Spec | None = None,
        paint: Spec | None = None,
        only: tuple[str, ...] = (),
        source_layer: str | None = None,
        minzoom: float | None = None,
        maxzoom: float | None = None,
    ) -> Placed:
        """One style layer, under the drawing level and the order of its classes."""
        one = group[0]
        conditions = [["match", ["geometry-type"], list(only), True, False]] if only else []
        if len(group) < len(self.style.classes):
            conditions.append(_belongs(self.style, group))
        spec: Spec = {
            "id": f"{self.layer.id}/{one.value or 'all'}/{name or kind}",
            "type": kind,
            "source": self.layer.id,
            "source-layer": source_layer or self.layer.id,
            "metadata": {"jingtu_layer": self.layer.id},
            "minzoom": one.minzoom if minzoom is None else minzoom,
            "layout": {"visibility": "visible" if self.style.shown else "none", **(layout or {})},
            "paint": paint or {},
        }
        if maxzoom is not None:
            spec["maxzoom"] = maxzoom
        if conditions:
            spec["filter"] = ["all", *conditions]
        return level, one.order, spec


def _joins(width: float) -> Spec:
    """A round join costs triangles at every vertex, most of what thousands of thin lines cost; there nobody sees it."""
    return {"line-join": "round"} if width >= ROUND_PX else {}


def _edge_alone(one: StyleClass) -> Line | None:
    return one.line if "polygon" in one.geometry and not one.fill and not one.pattern else None


def _value(style_: Style) -> list[Any]:
    """The text a feature is classified by; empty where the classes do not hold for it."""
    value: list[Any] = ["to-string", ["get", style_.by]]
    if style_.prefix is not None:
        value = ["slice", value, 0, style_.prefix]
    if style_.where:
        holds = [["==", ["to-string", ["get", name]], wanted] for name, wanted in style_.where.items()]
        value = ["case", ["all", *holds], value, ""]
    return value


def _belongs(style_: Style, group: Group) -> list[Any]:
    """Whether a feature is of one of these classes; a class without value takes what no other class names."""
    values = [one.value for one in group if one.value is not None]
    if len(values) == len(group):
        return ["in", _value(style_), ["literal", values]]
    others = [one.value for one in style_.classes if one.value is not None and one.value not in values]
    return ["!", ["in", _value(style_), ["literal", others]]]


def _by_value(style_: Style, group: Group, colours: Sequence[str]) -> Any:
    """The colour of each class of the group: one, or by the value."""
    pairs = [(one.value, colour_) for one, colour_ in zip(group, colours, strict=True)]
    if len(pairs) == 1:
        return colours[0]
    rest = next((colour_ for value, colour_ in pairs if value is None), colours[-1])
    named: Mapping[str, str] = {value: colour_ for value, colour_ in pairs if value is not None}
    return ["match", _value(style_), *chain.from_iterable(named.items()), rest]
