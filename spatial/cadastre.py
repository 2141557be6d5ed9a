"""The boundary of a parcel that is asked about by its number, as the cadastre held it at a moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from spatial.models import Feature, Revision

LAYER = "parcel"


class ParcelUnknown(ValueError):
    """No parcel of this number is live, several are, or it has no boundary; the message says so in Chinese."""

    def __init__(self, number: str):
        super().__init__(f"地籍中没有宗地 {number}。")


def boundary(
    number: str, as_of: date, known_at: datetime | None = None, counties: Collection[str] | None = None
) -> BaseGeometry:
    """The MultiPolygon (EPSG:4490) of a parcel on a day, in the revision newest at `known_at` (None: now).

    `counties`: those whose rows count, None all. Raises ParcelUnknown.
    """
    known = Revision.objects.filter(at__lte=known_at) if known_at else Revision.objects.all()
    revision = known.order_by("-number").values_list("number", flat=True).first() or 0
    valid = Q(valid_from=None) | Q(valid_from__lte=as_of), Q(valid_to=None) | Q(valid_to__gt=as_of)
    rows = Feature.objects.filter(*valid, layer=LAYER, key=number)
    if counties is not None:
        rows = rows.filter(county__in=counties)
    found = list(rows.extra(where=["revisions @> %s"], params=[revision])[:2])
    if len(found) != 1 or found[0].geom is None:
        raise ParcelUnknown(number)
    return shapely.from_wkb(bytes(found[0].geom.wkb))
