"""What a release changes, or changed: features added, changed and removed, and area gained and lost, by county."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection

from spatial.models import Load, Release, Revision
from spatial.releases import OF_LAYER

SQL = (Path(__file__).parent / "sql" / "changes.sql").read_text(encoding="utf-8")
TO_COME = SQL.format(
    came="load_id = %(load)s AND NOT upper_inf(revisions)",
    went=f"""{OF_LAYER} AND upper_inf(revisions)
      AND NOT EXISTS (SELECT FROM spatial_keptrow AS kept
                      WHERE kept.load_id = %(load)s AND kept.content = spatial_feature.content)""",
)
"""Of a load that is not live: its own rows, and the live ones that it does not hold."""
DONE = SQL.format(
    came=f"{OF_LAYER} AND revisions @> %(published)s AND NOT revisions @> %(before)s",
    went=f"{OF_LAYER} AND revisions @> %(before)s AND NOT revisions @> %(published)s",
)
KINDS = ("added", "changed", "removed")


def changes_of(release: Release) -> list[dict[str, Any]]:
    """Of each load that counts: layer, load and `by_county`, county ("" is none) → counts and areas in m².

    `area_gained_m2` is ground that the layer did not have there under the same key, `area_lost_m2` ground it no longer
    has (on the ellipsoid, edges as geodesics). What is published is compared with the revision before it; else with
    what is live.
    """
    loads = release.loads.exclude(state=Load.State.REPLACED).order_by("layer", "id")
    return [{"load": load.pk, "layer": load.layer, "by_county": _by_county(load, release)} for load in loads]


def _by_county(load: Load, release: Release) -> dict[str, dict[str, Any]]:
    given: dict[str, Any] = {"layer": load.layer, "counties": load.counties, "load": load.pk}
    statement = TO_COME
    if load.state == Load.State.LIVE:
        published = release.revisions.filter(kind=Revision.Kind.PUBLISH).order_by("-number")[0].number
        given |= {"published": published, "before": published - 1}
        statement = DONE
    told: dict[str, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        for county, kind, count, gained, lost in cursor.fetchall():
            one = told.setdefault(
                county, {**dict.fromkeys(KINDS, 0), "area_gained_m2": 0.0, "area_lost_m2": 0.0}
            )
            one[kind] = count
            one["area_gained_m2"] = round(one["area_gained_m2"] + (gained or 0.0), 2)
            one["area_lost_m2"] = round(one["area_lost_m2"] + (lost or 0.0), 2)
    return told
