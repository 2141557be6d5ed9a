"""The features near a chunk of parcels, fetched once for all of them, and which of them lie near which parcel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import shapely
from django.db import connection

from spatial import crs
from spatial.overlay import Row, statement

_SQL = statement("near.sql")
CELL_DEG = 0.02
"""Parcels whose south-west corners lie in one cell of this size are looked for by one box."""


def features_near(parcels: np.ndarray, reach_m: Mapping[str, float], revision: int, as_of: date) -> list[Row]:
    """Every feature that lies within its layer's reach of one of the parcels, and some beside them."""
    boxes = _boxes(shapely.bounds(parcels))
    asked = []
    for layer, reach in sorted(reach_m.items()):
        for west, south, east, north in boxes:
            dx, dy = crs.degrees_for(reach, max(abs(south), abs(north)))
            asked.append((layer, west - dx, south - dy, east + dx, north + dy))
    columns = zip(*asked, strict=True)
    given = dict(zip(("layers", "west", "south", "east", "north"), map(list, columns), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {**given, "revision": revision, "as_of": as_of})
        return [Row(*row) for row in cursor.fetchall()]


def _boxes(bounds: np.ndarray) -> list[tuple[float, float, float, float]]:
    cells: dict[tuple[float, float], list[np.ndarray]] = {}
    for box in bounds:
        cells.setdefault((box[0] // CELL_DEG, box[1] // CELL_DEG), []).append(box)
    found = []
    for inside in cells.values():
        west, south, east, north = np.array(inside).T
        found.append((float(west.min()), float(south.min()), float(east.max()), float(north.max())))
    return found


def near_each(
    parcels: np.ndarray, shapes: np.ndarray, layers: list[str], reach_m: Mapping[str, float]
) -> list[np.ndarray]:
    """For each parcel the places of the shapes whose box lies within the reach of their layer."""
    reach = np.array([reach_m[layer] for layer in layers])
    bounds = shapely.bounds(parcels)
    pairs = []
    for metres in np.unique(reach):
        own = np.flatnonzero(reach == metres)
        wide = np.array([crs.degrees_for(metres, max(abs(box[1]), abs(box[3]))) for box in bounds])
        boxes = shapely.box(
            bounds[:, 0] - wide[:, 0],
            bounds[:, 1] - wide[:, 1],
            bounds[:, 2] + wide[:, 0],
            bounds[:, 3] + wide[:, 1],
        )
        parcel, shape = shapely.STRtree(shapes[own]).query(boxes)
        pairs.append(np.stack([parcel, own[shape]]))
    found = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), dtype=int)
    order = np.lexsort((found[1], found[0]))
    found = found[:, order]
    return np.split(found[1], np.searchsorted(found[0], np.arange(1, len(parcels))))
