"""Which parcels and zones overlap, and by how much: one pure function over arrays, run by every engine of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import shapely

from spatial import crs

Area = Callable[[np.ndarray], np.ndarray]

LEAST_DEG2 = 1e-15
"""Square degrees, some 0.01 mm by a metre: below this, what overlaps depends on rounding alone."""
LEAST_M2 = 1e-5
LEAST = {shapely.area: LEAST_DEG2, crs.areas_m2: LEAST_M2}
AT_ONCE = 50_000
"""Pairs whose shared shapes are held at one time: this bounds the memory."""


class Pairs(NamedTuple):
    """Overlapping parcels and zones by their places in the two arrays, ordered, each pair once, with the area."""

    parcel: np.ndarray
    zone: np.ndarray
    area: np.ndarray


def overlay_pairs(parcels: np.ndarray, zones: np.ndarray, area: Area = shapely.area) -> Pairs:
    """The pairs that share more than rounding leaves, and the area they share.

    Both arrays hold valid polygons of EPSG:4490. `area`: shapely.area for the plane of degrees, spatial.crs.areas_m2
    for m² on the ellipsoid. A parcel wholly in a zone is not cut: its own area is the answer.
    """
    own = area(parcels)
    shapely.prepare(zones)
    zone, parcel = shapely.STRtree(parcels).query(zones)
    found = np.empty(len(zone))
    for start in range(0, len(zone), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        found[some] = _shared(parcels[parcel[some]], zones[zone[some]], own[parcel[some]], area)
    kept = np.flatnonzero(found > LEAST[area])
    kept = kept[np.lexsort((zone[kept], parcel[kept]))]
    return Pairs(parcel[kept], zone[kept], found[kept])


def _shared(parcels: np.ndarray, zones: np.ndarray, own: np.ndarray, area: Area) -> np.ndarray:
    """The area that each pair shares, by the cheapest answer first: boxes meet, wholly inside, apart, cut."""
    inside = shapely.covers(zones, parcels)
    found = np.where(inside, own, 0.0)
    left = np.flatnonzero(~inside)
    cut = left[shapely.intersects(zones[left], parcels[left])]
    found[cut] = area(shapely.intersection(parcels[cut], zones[cut]))
    return found
