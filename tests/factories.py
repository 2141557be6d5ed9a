"""Makers of rows for tests: live data without the loaders, for what is not about loading."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Max
from django.utils import timezone
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range
from shapely.geometry.base import BaseGeometry

from spatial import catalog, newest
from spatial.models import Coverage, Feature, Load, Release, Revision

LIVE = Int4Multirange([Int4Range(1, None)])
BEFORE = Int4Multirange([Int4Range(0, 1)])
WHOLE_COUNTY = shapely.MultiPolygon([shapely.box(86.5, 43.0, 88.0, 45.0)])


def revision(number: int = 1) -> Revision:
    release, _ = Release.objects.get_or_create(name="T1", defaults={"state": "published"})
    made, is_new = Revision.objects.get_or_create(
        number=number, defaults={"kind": "publish", "release": release}
    )
    if is_new:
        newest.tell(number)
    return made


def load_of(layer: str) -> Load:
    release, _ = Release.objects.get_or_create(name="T1", defaults={"state": "published"})
    return Load.objects.get_or_create(
        layer=layer,
        defaults={
            "release": release,
            "counties": ["652301"],
            "state": "live",
            "file_name": "test",
            "file_sha256": "0" * 64,
            "data_date": timezone.localdate(),
            "base_revision": 0,
        },
    )[0]


def feature(layer: str, shape: BaseGeometry | None, county: str | None = "652301", **given: Any) -> Feature:
    """A live feature; of `given`, what is no column (code, name, revisions, valid_from …) is an attribute."""
    (made,) = features(layer, [{"shape": shape, "county": county, **given}])
    return made


def features(layer: str, rows: Iterable[dict[str, Any]]) -> list[Feature]:
    """Live features of a layer, all at once; a row as `feature` takes it, with its `shape`."""
    newest.touch(layer, Revision.objects.aggregate(newest=Max("number"))["newest"] or 1)
    revision()
    load = load_of(layer)
    return Feature.objects.bulk_create([_feature(layer, load, **row) for row in rows])


def _feature(
    layer: str, load: Load, shape: BaseGeometry | None, county: str | None = "652301", **given: Any
) -> Feature:
    own = {
        k: given.pop(k)
        for k in ("code", "name", "revisions", "valid_from", "valid_to", "has_boundary")
        if k in given
    }
    register = catalog.current().layer(layer).register
    bounded = shape is not None and not (register and shape.geom_type == "Point")
    return Feature(
        layer=layer,
        key=own.get("code") or hashlib.sha256(f"{layer}{shape}{given}".encode()).hexdigest(),
        county=county,
        geom=GEOSGeometry(memoryview(shape.wkb), srid=4490) if shape is not None else None,
        attributes=given,
        content=uuid.uuid4().bytes,
        load=load,
        row=1,
        **{"revisions": LIVE, "has_boundary": bounded, **own},
    )


def covered(layer: str, county: str = "652301", **given: Any) -> Coverage:
    """That a layer is known in a county since today."""
    revision()
    made = _coverage(layer, county, **given)
    made.save()
    return made


def _coverage(layer: str, county: str, **given: Any) -> Coverage:
    return Coverage(
        **{
            "layer": layer,
            "county": county,
            "state": "loaded",
            "data_date": timezone.localdate(),
            "revisions": LIVE,
            **given,
        }
    )


def known_county(
    county: str = "652301",
    shape: BaseGeometry = WHOLE_COUNTY,
    but: tuple[str, ...] = (),
    since: date | None = None,
) -> None:
    """Every layer that rules ask is loaded in a county whose outline is `shape`, except those in `but`.

    `since`: what is known since a day, by a delivery of today that follows one of that day.
    """
    feature("admin_county", shape, county=county, code=county, name="示例县")
    revision()
    known = [layer.id for layer in catalog.current().stored() if layer.id not in but]
    before = (
        [] if since is None else [_coverage(one, county, data_date=since, revisions=BEFORE) for one in known]
    )
    Coverage.objects.bulk_create([*before, *(_coverage(one, county) for one in known)])


def day(text: str) -> date:
    return date.fromisoformat(text)
