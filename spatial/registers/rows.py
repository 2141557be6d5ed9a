"""The rows of a list that are a site's: as they were delivered, and as events leave them, under a new revision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from spatial import catalog, crs, newest
from spatial.canonical import canonical
from spatial.models import Feature, Revision, Site, SiteEvent
from spatial.registers.replay import Version
from spatial.releases import since

_COLUMNS = "key, code, name, county, attributes, ST_AsBinary(geom), has_boundary, valid_from, valid_to"
_DELIVERIES = """
WITH own AS (
  SELECT revisions FROM spatial_feature WHERE layer = %(layer)s AND site_id = %(site)s AND revisions <> '{}'
), bound AS (
  SELECT lower(part) AS at FROM own, unnest(revisions) part
  UNION SELECT upper(part) FROM own, unnest(revisions) part WHERE NOT upper_inf(part)
)
SELECT bound.at FROM bound JOIN spatial_revision v ON v.number = bound.at
WHERE v.kind <> 'event' AND v.number <= %(revision)s ORDER BY bound.at
"""
_LIVE = f"""
SELECT id, {_COLUMNS} FROM spatial_feature
WHERE layer = %(layer)s AND site_id = %(site)s AND revisions <> '{{}}' AND revisions @> %(revision)s
ORDER BY valid_from NULLS FIRST, id
"""  # noqa: S608
_HOLDING = f"""
SELECT site_id, {_COLUMNS} FROM spatial_feature
WHERE layer = %(layer)s AND site_id IS NOT NULL AND revisions <> '{{}}' AND revisions @> %(revision)s
  AND (valid_from IS NULL OR valid_from <= %(on)s) AND (valid_to IS NULL OR valid_to > %(on)s)
ORDER BY code, valid_from NULLS FIRST, id
"""  # noqa: S608
_END = """
UPDATE spatial_feature SET revisions = revisions * int4multirange(int4range(NULL, %(revision)s)) WHERE id = ANY(%(ids)s)
"""


def deliveries(layer: str, site: Site, revision: int) -> list[int]:
    """The revisions, until one, in which deliveries changed what a list says of a site."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, {"layer": layer, "site": site.pk, "revision": revision})
        return [at for (at,) in cursor.fetchall()]


def delivered(layer: str, site: Site, revision: int) -> tuple[int, list[Version]]:
    """The rows that the last delivery until a revision left of a site on a list, and when it did; 0 without any."""
    at = max(deliveries(layer, site, revision), default=0)
    return at, list(live(layer, site, at).values())


def live(layer: str, site: Site, revision: int) -> dict[int, Version]:
    """The rows of a site on a list in a revision, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, {"layer": layer, "site": site.pk, "revision": revision})
        return {row[0]: _version(row[1:]) for row in cursor.fetchall()}


def of_list(layer: str, on: date, revision: int) -> list[tuple[Site, Version]]:
    """The rows of a list that hold on a day, with their sites, by code; where a site has several, the last counts."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, {"layer": layer, "on": on, "revision": revision})
        found = [(row[0], _version(row[1:])) for row in cursor.fetchall()]
    sites = Site.objects.in_bulk([key for key, _ in found])
    return [(sites[key], row) for key, row in found if key in sites]


def replace_rows(
    layer: str, site: Site, wanted: Sequence[Version], event: SiteEvent, revision: Revision
) -> None:
    """Make the live rows of a site on a list those that are wanted, from a revision on; equal ones stay."""
    left = list(wanted)
    ended = []
    for id_, row in live(layer, site, revision.number - 1).items():
        if row in left:
            left.remove(row)
        else:
            ended.append(id_)
    with connection.cursor() as cursor:
        cursor.execute(_END, {"ids": ended, "revision": revision.number})
    Feature.objects.bulk_create(_feature(layer, site, row, event, revision) for row in left)
    if ended or left:
        newest.touch(layer, revision.number)


def blank(layer: str, site: Site) -> Version:
    """What an entry says of a site that was never on the list."""
    known = catalog.current().layer(layer)
    own: dict[str, Any] = {"code": site.code, "county": site.county, "name": site.name}
    key = site.code if known.key in (None, "code") else (site.name or site.code)
    attributes = {name: value for name, value in own.items() if name in known.fields and value}
    attributes |= {name: key for name in (known.key,) if name and name not in attributes}
    return Version(key, key, site.name, site.county, attributes, None, False)


def _version(row: Iterable[Any]) -> Version:
    key, code, name, county, said, shape, bounded, valid_from, valid_to = row
    shape = None if shape is None else bytes(shape)
    attributes = json.loads(said)
    return Version(
        key, code or "", name or "", county or "", attributes, shape, bounded, valid_from, valid_to
    )


def _feature(layer: str, site: Site, row: Version, event: SiteEvent, revision: Revision) -> Feature:
    said = {
        "layer": layer,
        "key": row.key,
        "attributes": dict(row.attributes),
        "shape": row.shape.hex() if row.shape else None,
        "valid": [str(row.valid_from), str(row.valid_to)],
    }
    return Feature(
        layer=layer,
        key=row.key,
        code=row.code or None,
        name=row.name or None,
        county=row.county or None,
        geom=GEOSGeometry(memoryview(row.shape), srid=crs.STORAGE) if row.shape else None,
        has_boundary=row.has_boundary,
        attributes=dict(row.attributes),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        revisions=since(revision),
        content=hashlib.sha256(canonical(said)).digest(),
        event=event,
        file=0,
        row=event.number,
        site=site,
    )
