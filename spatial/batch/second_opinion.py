"""What lies on the parcels of a batch, found and worked out by PostGIS alone: the independent second opinion."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.batch.pairs import LEAST_DEG2
from spatial.geometry import lines_of, polygons_of
from spatial.measure import CONTACT_M, is_contact
from spatial.models import Feature
from spatial.overlay import statement

_SQL = statement("second_opinion.sql")


def lying_on(
    parcels: Sequence[BaseGeometry], layers: Collection[str], revision: int, as_of: date
) -> list[dict[str, float]]:
    """For each parcel (EPSG:4490) what overlaps it, by feature id: square degrees, degrees of a line, 0 of a point.

    The features are looked for by the database, in the revision and on the day, parcel by parcel. The parcels stand
    in a temporary table that goes with the transaction.
    """
    given: dict[str, Any] = {
        "layers": sorted(layers),
        "revision": revision,
        "as_of": as_of,
        "least": LEAST_DEG2,
    }
    shapes = shapely.to_wkb(shapely.set_srid(list(parcels), crs.STORAGE), hex=True, include_srid=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE batch_parcel (place integer, geom geometry) ON COMMIT DROP")
        with cursor.copy("COPY batch_parcel FROM STDIN") as copy:
            for row in enumerate(shapes):
                copy.write_row(row)
        cursor.execute("ANALYZE batch_parcel")
        cursor.execute(_SQL, given)
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE batch_parcel")  # the next chunk may be in the same transaction
    found: list[dict[str, float]] = [{} for _ in parcels]
    for place, feature, much in rows:
        found[place][feature] = float(much)
    return found


def differences(
    parcels: Sequence[BaseGeometry],
    first: Sequence[Mapping[str, float]],
    second: Sequence[Mapping[str, float]],
) -> dict[int, list[str]]:
    """Where measuring and PostGIS differ, by the place of the parcel: what overlaps in one alone, or differently.

    Both as `lying_on` returns it. What measuring calls contact is none to PostGIS.
    """
    found: dict[int, list[str]] = {}
    for place, (here, there) in enumerate(zip(first, second, strict=True)):
        for one in sorted(here.keys() | there.keys()):
            if one not in here and _is_contact(parcels[place], one):
                continue
            same = one in here and one in there
            if not (same and math.isclose(here[one], there[one], rel_tol=1e-9, abs_tol=LEAST_DEG2)):
                found.setdefault(place, []).append(f"要素 {one}")
    return found


def _is_contact(parcel: BaseGeometry, feature: str) -> bool:
    (stored,) = Feature.objects.filter(pk=feature).values_list("geom", flat=True)
    shape = shapely.from_wkb(bytes(stored.wkb))  # type: ignore[union-attr]
    shared = shapely.intersection(parcel, shape)
    if "Polygon" in shape.geom_type:
        part = polygons_of(shared)
        return is_contact(part, crs.area_m2(part))
    return "Line" in shape.geom_type and crs.length_m(lines_of(shared)) <= CONTACT_M
