"""Where the counties lie, and whether a place is in the county that it is said to be in."""

from __future__ import annotations

import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from spatial import catalog
from spatial.refusal import Refusal

TOLERANCE_DEG = 0.01
"""County outlines are generalised by some hundreds of metres: a shape this far outside is still the county's."""


def county_outlines() -> dict[str, BaseGeometry]:
    """The counties' live outlines, EPSG:4490, by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT county, ST_AsBinary(geom) FROM spatial_feature WHERE layer = 'admin_county'"
            " AND revisions <> '{}' AND upper_inf(revisions) AND county IS NOT NULL AND geom IS NOT NULL"
        )
        return {county: shapely.from_wkb(bytes(shape)) for county, shape in cursor.fetchall()}


def require_county(shape: BaseGeometry, county: str) -> None:
    """Refuse a place (EPSG:4490) of which some is in another county than the one that it is said to be in.

    Where the outline of the county is not known, nothing can be said. Raises Refusal.
    """
    outlines = county_outlines()
    if county not in outlines:
        return
    beyond = shapely.difference(shape, shapely.buffer(outlines[county], TOLERANCE_DEG))
    known = catalog.current().counties
    others = [code for code, outline in outlines.items() if code != county and beyond.intersects(outline)]
    if others:
        where = "、".join(known[code].name if code in known else code for code in others)
        own = known[county].name if county in known else county
        raise Refusal("county_conflict", f"地块属于{own}，图形却有一部分在{where}。",
                      "请核对坐标；跨界的地块请按县（市）分开登记。")  # fmt: skip
