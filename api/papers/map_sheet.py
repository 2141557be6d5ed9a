"""A sheet of the map as somebody sees it, true to scale on A4 or A3, with the legend of what is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely

from api.papers.frame import Frame
from api.papers.map import Map
from api.papers.typeset import pdf, png
from api.papers.words import number, plain
from spatial.crs import A, Zone, from_storage, home_zone

PAPERS = {"a4": (297.0, 210.0), "a3": (420.0, 297.0)}
MARGIN_MM, HEAD_MM, FOOT_MM = 12.0, 14.0, 10.0
LEGEND_MM = 54.0
"""The column of the legend beside the map; on an upright sheet its height below the map."""
WHOLE = 2 * math.pi * A / 512 * 96 / 0.0254
"""The scale at the equator at zoom 0."""
PPI = 96
"""Of the picture that stands in for a map on a screen."""


@dataclass(frozen=True)
class Sheet:
    """`centre`: longitude, latitude (EPSG:4490); `scale`: its denominator."""

    paper: str
    upright: bool
    centre: tuple[float, float]
    scale: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper, mm."""
        long, short = PAPERS[self.paper]
        return (short, long) if self.upright else (long, short)

    @property
    def zoom(self) -> float:
        """The zoom of the page's map at this scale: a tile has 512 pixels of 1/96 inch."""
        return math.log2(WHOLE * math.cos(math.radians(self.centre[1])) / self.scale)

    def frame(self) -> Frame:
        """The part of the 3-degree zone around the centre that the map of the sheet shows."""
        width, height = self.size
        across = width - 2 * MARGIN_MM - (0 if self.upright else LEGEND_MM + 4)
        up = height - 2 * MARGIN_MM - HEAD_MM - FOOT_MM - (LEGEND_MM + 4 if self.upright else 0)
        zone = Zone(home_zone(self.centre[0]).number, 3, prefixed=True)
        middle = from_storage(shapely.Point(self.centre), zone.epsg)
        half_width, half_height = (mm * self.scale / 2000 for mm in (across, up))
        return Frame(zone, middle.x - half_width, middle.y + half_height, self.scale, across, up)


def sheet_pdf(sheet: Sheet, drawn: Map, title: str, notes: Sequence[str], at: datetime) -> bytes:
    """`notes`: what must be known of the picture; each is a line at its foot."""
    width, height = sheet.size
    told = {
        "title": plain(title),
        "map": drawn.svg,
        "legend": drawn.legend,
        "notes": [plain(one) for one in notes],
        "scale": f"1:{number(sheet.scale)}",
        "date": at.strftime("%Y年%m月%d日"),
        "width": width,
        "height": height,
        "map_width": drawn.frame.width_mm,
        "map_height": drawn.frame.height_mm,
        "upright": sheet.upright,
    }
    return pdf("sheet", told, at)


def sheet_png(drawn: Map) -> bytes:
    """The map and its legend as a picture."""
    return png(
        "map", {"svg": drawn.svg, "legend": drawn.legend, "columns": 3, "width": drawn.frame.width_mm}, PPI
    )
