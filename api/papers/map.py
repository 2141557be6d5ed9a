"""A map of a paper as SVG: shapes of EPSG:4490 drawn true to scale in a CGCS2000 zone, and the legend of what is seen.

Nothing is fetched: no tile, no basemap and no font of the network takes part. Colours, lines, patterns and marks are
those of the layer files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import shapely
from shapely.geometry.base import BaseGeometry

from api.papers.edging import edging
from api.papers.frame import Frame, frame_of
from api.papers.labels import Labels
from api.papers.words import plain, shortened
from spatial.catalog import StyleClass, Symbols
from spatial.catalog.style import Line, Mark
from tiles.legend import swatch
from tiles.symbols import MARK_BOX, mark_svg

__all__ = ["Drawn", "Map", "frame_of", "map_of"]

TINY = 9.0
"""What is smaller in both directions (units of 0.25 mm) is drawn as its mark."""
LEAST_LINE = 0.52
FILL = 0.6
"""Fills are printed with this part of their opacity on a screen."""
AROUND = 0.5
"""Patterns of what is no hit are printed with this opacity, so that the hits stand out."""
FINE = 0.1
"""Bends smaller than this (units) are left out: 0.025 mm."""
UNDER = 14.0
NAMED_CORNERS = 40


@dataclass(frozen=True)
class Drawn:
    """One thing on a map. `shape`: EPSG:4490, any type. `title`: its words in the legend, told there once.

    `hit`: stands first in the legend. `label`: written on it, where there is room. `corners`: points (EPSG:4490) that
    are drawn on it and, while they are few, numbered J1, J2 … as the table of coordinates numbers them.
    """

    shape: BaseGeometry
    look: StyleClass
    title: str
    label: str = ""
    hit: bool = False
    corners: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Map:
    """`svg`: the picture; `legend`: [{"swatch": svg, "title"}] of what is really seen on it, hits first."""

    svg: str
    legend: list[dict[str, str]]
    frame: Frame
    seen: int


def map_of(things: Sequence[Drawn], frame: Frame, symbols: Symbols, date_words: str) -> Map:
    """Draw things into a frame. `date_words`: of which day, stands beside the scale. All text is escaped here."""
    sheet = _Sheet(frame, symbols)
    seen: list[Drawn] = []
    for thing in sorted(things, key=lambda one: one.look.order):
        if sheet.draw(thing):
            seen.append(thing)
    width, height = frame.size
    labels = Labels(width, height)
    edge = edging(frame, date_words, labels)
    # What matters most gets its label first: later ones give way.
    hits = shapely.union_all([shapely.envelope(sheet.placed[id(one)]) for one in seen if one.hit])
    for thing in sorted(seen, key=lambda one: (one.hit, one.look.order), reverse=True):
        sheet.label(thing, labels, shapely.Point() if thing.hit else hits)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{frame.width_mm}mm" height="{frame.height_mm}mm" '
        f'viewBox="0 0 {width:g} {height:g}"><defs>{sheet.definitions()}'
        f'<clipPath id="frame"><rect width="{width:g}" height="{height:g}"/></clipPath></defs>'
        f'<g clip-path="url(#frame)"><rect width="{width:g}" height="{height:g}" fill="#FFFFFF"/>'
        f"{''.join(sheet.areas)}{''.join(sheet.marks)}{labels.svg()}</g>{edge}</svg>"
    )
    return Map(svg, _legend(seen, symbols), frame, len(seen))


def _legend(seen: Sequence[Drawn], symbols: Symbols) -> list[dict[str, str]]:
    told: dict[str, dict[str, str]] = {}
    for thing in sorted(seen, key=lambda one: (one.hit, one.look.order), reverse=True):
        title = plain(thing.title)
        if not title:
            continue
        told.setdefault(title, {"swatch": swatch(thing.look, symbols), "title": title})
    return list(told.values())


@dataclass
class _Sheet:
    frame: Frame
    symbols: Symbols
    areas: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    placed: dict[int, BaseGeometry] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    clips: list[str] = field(default_factory=list)

    def draw(self, thing: Drawn) -> bool:
        """Whether anything of it lies in the frame, and is now drawn."""
        shape = self.frame.placed(thing.shape)
        if shape.is_empty or not shape.intersects(shapely.box(0, 0, *self.frame.size)):
            return False
        self.placed[id(thing)] = shape
        west, south, east, north = shape.bounds
        is_tiny = max(east - west, north - south) < TINY
        if shape.geom_type in ("Point", "MultiPoint") or (is_tiny and thing.look.mark):
            for point in shapely.get_parts(
                shape if "Point" in shape.geom_type else shape.representative_point()
            ):
                self._mark(thing.look.mark, point.x, point.y)
            return True
        if not self._area(thing, shape):
            return False
        if thing.corners:
            for x, y in self._corners(thing):
                self.marks.append(
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="#FFFFFF" stroke="#1D2427" stroke-width="1"/>'
                )
        return True

    def _area(self, thing: Drawn, shape: BaseGeometry) -> bool:
        """Whether anything of it is seen: of an area that is but an edge, the edge must lie in the frame."""
        look = thing.look
        is_edge = "Polygon" in shape.geom_type and not (look.fill or look.pattern)
        if is_edge and not shape.boundary.intersects(shapely.box(0, 0, *self.frame.size)):
            return False
        fine = shapely.simplify(shape, FINE) if shapely.get_num_coordinates(shape) > 200 else shape
        path = _path(fine)
        if "Polygon" in shape.geom_type or shape.geom_type == "GeometryCollection":
            if look.fill:
                self.areas.append(
                    f'<path d="{path}" fill="{look.fill.color}" fill-opacity="{look.fill.opacity * FILL:.3g}" '
                    'fill-rule="evenodd"/>'
                )
            if look.pattern:
                name = self._pattern(look.pattern.id, look.pattern.color)
                pale = "" if thing.hit else f' opacity="{AROUND}"'
                self.areas.append(f'<path d="{path}" fill="url(#{name})" fill-rule="evenodd"{pale}/>')
        if (line := look.line) is None:
            return True
        if line.casing:
            self.areas.append(_stroke(path, line.casing.color, line.casing.width, (), line.casing.opacity))
        if line.band and "Polygon" in shape.geom_type:
            self.clips.append(
                f'<clipPath id="c{len(self.clips)}"><path d="{path}" clip-rule="evenodd"/></clipPath>'
            )
            band = _stroke(path, line.band.color, 2 * line.band.width, (), line.band.opacity)
            self.areas.append(f'<g clip-path="url(#c{len(self.clips) - 1})">{band}</g>')
        self.areas.append(_line(path, line))
        return True

    def _corners(self, thing: Drawn) -> list[tuple[float, float]]:
        """Where its points lie on the drawing; none is cut away, so that their numbers hold."""
        placed = self.frame.points(thing.corners)
        return [(float(x), float(y)) for x, y in placed]

    def _mark(self, mark: Mark | None, x: float, y: float) -> None:
        if mark is None:
            self.marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1D2427"/>')
            return
        side = mark.size_px + 4
        drawn = mark_svg(self.symbols, mark, self.symbols.halo)
        drawn = drawn.replace("{fill}", mark.fill or "none").replace("{stroke}", mark.stroke)
        scale = side / MARK_BOX
        self.marks.append(
            f'<g transform="translate({x - side / 2:.1f} {y - side / 2:.1f}) scale({scale:.3f})">{drawn}</g>'
        )

    def _pattern(self, pattern_id: str, colour: str) -> str:
        name = f"{pattern_id}-{colour.lstrip('#')}"
        pattern = self.symbols.patterns[pattern_id]
        self.patterns[name] = (
            f'<pattern id="{name}" width="{pattern.tile_px:g}" height="{pattern.tile_px:g}" '
            f'patternUnits="userSpaceOnUse">{pattern.svg.replace("{c}", colour)}</pattern>'
        )
        return name

    def definitions(self) -> str:
        return "".join(self.patterns.values()) + "".join(self.clips)

    def label(self, thing: Drawn, labels: Labels, spared: BaseGeometry) -> None:
        """`spared`: where the label must not stand, for others need the place."""
        shape = self.placed[id(thing)]
        if thing.corners and len(thing.corners) <= NAMED_CORNERS:
            middle = shape.centroid
            for at, (x, y) in enumerate(self._corners(thing), 1):
                labels.beside(f"J{at}", x, y, (x - middle.x, y - middle.y))
        if thing.label and not shape.is_empty:
            # What touches itself in a point may cross itself once it is placed.
            inside = shapely.intersection(shapely.make_valid(shape), shapely.box(0, 0, *self.frame.size))
            room = shapely.difference(inside, spared)
            if room.is_empty:
                return
            point = room.representative_point()
            west, south, east, north = shape.bounds
            is_mark = max(east - west, north - south) < TINY  # the label stands under it
            labels.put(
                escape(shortened(plain(thing.label))), point.x, point.y + UNDER * is_mark, strong=thing.hit
            )


def _path(shape: BaseGeometry) -> str:
    if shape.geom_type == "GeometryCollection" or shape.geom_type.startswith("Multi"):
        return "".join(_path(part) for part in shapely.get_parts(shape))
    if shape.geom_type == "Polygon":
        return "".join(_run(ring.coords[:-1]) + "Z" for ring in (shape.exterior, *shape.interiors))
    return _run(shape.coords) if shape.geom_type in ("LineString", "LinearRing") else ""


def _run(points: Sequence[tuple[float, ...]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, *_ in points)


def _line(path: str, line: Line) -> str:
    return _stroke(path, line.color, line.width, line.dash, 1.0)


def _stroke(path: str, colour: str, width: float, dash: Sequence[float], opacity: float) -> str:
    dashes = f' stroke-dasharray="{" ".join(f"{one:g}" for one in dash)}"' if dash else ""
    pale = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{max(width, LEAST_LINE):g}" '
        f'stroke-linejoin="round"{dashes}{pale}/>'
    )
