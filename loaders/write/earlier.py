"""Loads that wait in the same release for the same counties: the very same delivery, or one that is replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from psycopg import sql

from loaders.record import WARNING, Issue
from loaders.result import Rows
from spatial import catalog
from spatial.models import Feature, Load, Release
from spatial.rasters import names_of, remove_unnamed
from spatial.releases import changed_since

# Everything that a delivery holds or keeps, the new against the earlier one.
DIFFERS = sql.SQL("""
WITH now AS (
  SELECT content FROM {target} WHERE load_id = %(load)s
  UNION ALL SELECT content FROM same
  UNION ALL SELECT content FROM standing WHERE fate IN ('held', 'kept', 'border')
), before AS (
  SELECT content FROM spatial_feature WHERE load_id = %(earlier)s
  UNION ALL SELECT content FROM spatial_keptrow WHERE load_id = %(earlier)s
)
SELECT EXISTS ((TABLE now EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE now))
""")


def earlier_loads(release: Release, layer: str, counties: Sequence[str], own: int) -> list[Load]:
    """Loads that wait in the release and speak for some of the same counties; without the load `own`."""
    if release.pk is None:
        return []
    waiting = release.loads.filter(layer=layer, state=Load.State.STAGED, counties__overlap=list(counties))
    return list(waiting.exclude(pk=own).order_by("id"))


def is_same(load: Load, plan: Any, counties: Sequence[str]) -> bool:
    """Whether an earlier load came of the same files, read in the same way, beside the same live data."""
    return (
        (load.file_sha256, load.mapping_hash, load.code_version)
        == (plan.file_sha256, plan.mapping_hash, plan.code_version)
        and sorted(load.counties) == sorted(counties)
        and plan.data_date in (None, load.data_date)
        and not changed_since(load.layer, load.counties, load.base_revision)
    )


def holds(
    load: Load, rows: Rows, missed: Mapping[str, int], given: Mapping[str, Any], target: sql.Identifier
) -> bool:
    """Whether an earlier load has exactly the rows of this delivery, keeps the same, and misses the same."""
    counts = (load.rows_read, load.rows_loaded, load.rows_quarantined)
    if counts != (rows.read, rows.loaded, rows.quarantined):
        return False
    if Counter(dict(load.left_out.values_list("county", "rows"))) != missed:
        return False
    with connection.cursor() as cursor:
        cursor.execute(DIFFERS.format(target=target), {**given, "earlier": load.pk})
        (differs,) = cursor.fetchone()
    return not differs


def would_replace(earlier: Sequence[Load], release: Release) -> list[Issue]:
    return [
        Issue(
            "replaces_load",
            WARNING,
            f"批次 {release.name} 里已有装入 {load.pk}（{load.file_name}，{load.rows_loaded} 行），"
            "相同县（市）的部分由这一次替换。",
            "同一图层、同一县（市）在一个批次里只有最后一次装入有效，应一次交全。",
        )
        for load in earlier
    ]


def replace(earlier: Sequence[Load], counties: Sequence[str]) -> None:
    """Take earlier loads out of the release for these counties. Their rows were never live, so they go."""
    for load in earlier:
        load.counties = [county for county in load.counties if county not in counties]
        taken_over = load.left_out.filter(county__in=counties)
        if not load.counties:
            load.state = Load.State.REPLACED
            taken_over = load.left_out.all()
        taken_over.delete()
        replaced = Q(county__in=[county for county in counties if county])
        if "" in counties:
            replaced |= Q(county=None)
        gone = Feature.objects.filter(replaced, load=load)
        if catalog.current().layer(load.layer).is_raster:
            transaction.on_commit(partial(remove_unnamed, names_of(gone)))
        gone.delete()
        load.save(update_fields=["counties", "state"])
