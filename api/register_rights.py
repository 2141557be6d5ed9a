"""Who may see what of a site, and who may record: the one rule for registers, notices and attachments."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from api.access import (
    PUBLIC,
    Scope,
    may_see_row,
    readable_fields,
    require_role,
    row_counties,
)
from api.errors import Forbidden, NotFound
from spatial import catalog
from spatial.models import Site
from spatial.registers import lifecycle
from spatial.registers.telling import site_told

EDITORS = frozenset({"steward", "administrator"})


_LISTED = """
SELECT DISTINCT site_id FROM spatial_feature
WHERE layer = %(layer)s AND site_id IS NOT NULL AND revisions <> '{}' AND upper_inf(revisions)
  AND (%(counties)s::text[] IS NULL OR county = ANY(%(counties)s))
"""


def sees_all(scope: Scope, county: str) -> bool:
    """Whether all of a site's record may be shown: to staff in charge of its county."""
    return scope.role != PUBLIC and (scope.all_counties or county in scope.counties)


def require_editor(scope: Scope, counties: set[str]) -> None:
    """Raise unless the asker may record events of sites in these counties."""
    require_role(scope, EDITORS)
    if not scope.all_counties and not counties <= scope.counties:
        raise Forbidden("你的账号只能登记自己县（市）的地块。", "请由该县（市）或全州的管理员登记。")


def seen_lists(scope: Scope, county: str) -> list[str]:
    """The lists on which a site of a county may be shown."""
    known = catalog.current()
    return [one for one in lifecycle.current().lists if may_see_row(scope, known.layer(one), county)]


def visible_sites(scope: Scope) -> QuerySet[Site]:
    """Sites that may be shown: those of the asker's counties, and those that stand on a list that is open to him."""
    if scope.role != PUBLIC and scope.all_counties:
        return Site.objects.all()
    listed: set[int] = set()
    with connection.cursor() as cursor:
        for layer in lifecycle.current().lists:
            counties = row_counties(scope, catalog.current().layer(layer))
            cursor.execute(_LISTED, {"layer": layer, "counties": counties})
            listed.update(row[0] for row in cursor.fetchall())
    own = sorted(scope.counties) if scope.role != PUBLIC else []
    return Site.objects.filter(Q(county__in=own) | Q(pk__in=listed))


def site_of(scope: Scope, code: str) -> Site:
    """A site by any of its codes, which the asker may see. Raises NotFound."""
    site = visible_sites(scope).filter(codes__code=code).first()
    if site is None:
        raise NotFound(f"没有地块 {code}，或不是你能看的。", "清单见 /sites。", code="site_unknown")
    return site


def told(scope: Scope, site: Site, on: Any = None, revision: int | None = None) -> dict[str, Any]:
    """A site as the asker may see it: all of it, or the open lists that it stands on with their notices."""
    whole = site_told(site, on, revision)
    if sees_all(scope, site.county):
        return whole
    seen, known = set(seen_lists(scope, site.county)), catalog.current()
    lists = []
    for one in whole["lists"]:
        if one["layer"] in seen:
            fields = {field.id for field in readable_fields(scope, known.layer(one["layer"]))}
            attributes = {name: value for name, value in one["attributes"].items() if name in fields}
            lists.append({**one, "attributes": attributes})
    events = [
        one
        for one in whole["events"]
        if one["kind"] in ("enter", "leave") and one["what"] in seen and one["notice"]
    ]
    shown = ("code", "codes", "name", "county", "county_name", "as_of", "revision")
    return {**{name: whole[name] for name in shown}, "lists": lists, "events": [_open(one) for one in events]}


def _open(event: dict[str, Any]) -> dict[str, Any]:
    """An event without who put it on record and what he noted."""
    return {
        name: value
        for name, value in event.items()
        if name not in ("by", "note", "detail", "actor", "actor_title")
    }
