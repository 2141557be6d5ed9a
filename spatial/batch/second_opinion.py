"""The pairs of `overlay_pairs` worked out by PostGIS alone, set by set: the independent second opinion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.batch.pairs import LEAST_DEG2, Pairs
from spatial.geometry import polygons_of
from spatial.measure import is_contact

_SQL = (Path(__file__).parents[1] / "sql" / "pairs.sql").read_text()


def overlay_postgis(parcels: np.ndarray, zones: np.ndarray) -> Pairs:
    """The overlapping pairs and their areas in square degrees, from temporary tables that go with the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, shapes in (("batch_parcel", parcels), ("batch_zone", zones)):
            cursor.execute(f"CREATE TEMPORARY TABLE {name} (at integer, geom geometry) ON COMMIT DROP")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in enumerate(shapely.to_wkb(shapes, hex=True)):
                    copy.write_row(row)
            cursor.execute(f"CREATE INDEX ON {name} USING gist (geom)")
            cursor.execute(f"ANALYZE {name}")
        cursor.execute(_SQL, [LEAST_DEG2])
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE batch_parcel, batch_zone")  # the next chunk may be in the same transaction
    found = np.array(rows, dtype=float).reshape(-1, 3)
    return Pairs(found[:, 0].astype(int), found[:, 1].astype(int), found[:, 2])


def differences(
    parcels: Sequence[BaseGeometry],
    shapes: Sequence[BaseGeometry],
    ids: Sequence[str],
    measured: Sequence[Mapping[str, float]],
) -> dict[int, list[str]]:
    """Where PostGIS and the measuring differ, by the place of the parcel: overlaps of one alone, or other areas.

    `measured`: for each parcel the square degrees by feature id. What measuring calls contact is none to PostGIS.
    """
    areal = [at for at, shape in enumerate(shapes) if shape.geom_type == "MultiPolygon"]
    pairs = overlay_postgis(_array(parcels), _array([shapes[at] for at in areal]))
    second: list[dict[str, float]] = [{} for _ in parcels]
    for parcel, zone, area in zip(*pairs, strict=True):
        at = areal[int(zone)]
        if ids[at] not in measured[parcel]:
            part = polygons_of(shapely.intersection(parcels[parcel], shapes[at]))
            if is_contact(part, crs.area_m2(part)):
                continue
        second[parcel][ids[at]] = float(area)
    found: dict[int, list[str]] = {}
    for place, (first, other) in enumerate(zip(measured, second, strict=True)):
        for one in sorted(first.keys() | other.keys()):
            here, there = first.get(one), other.get(one)
            if (
                here is None
                or there is None
                or not math.isclose(here, there, rel_tol=1e-9, abs_tol=LEAST_DEG2)
            ):
                found.setdefault(place, []).append(f"要素 {one}")
    return found


def _array(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = list(shapes)
    return found
