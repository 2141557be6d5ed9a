"""What is loaded: for each layer and county its coverage, release, date and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from spatial.catalog import Catalog, Layer
from spatial.coverage import after_months
from spatial.models import Release, Revision
from spatial.overlay import statement

_SQL = statement("inventory.sql")


@dataclass(frozen=True)
class CountyState:
    """A layer in a county: never_loaded, outdated, loaded or confirmed_empty; `county` None holds rows without one."""

    county: str | None
    state: str
    data_date: date | None
    release: str | None
    features: int
    unlocated: int


def inventory(catalog: Catalog, day: date) -> dict[str, list[CountyState]]:
    """Layer id → its state in each county on a day, derived layers by the worst of the lists behind them."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"as_of": day, "layers": [layer.id for layer in catalog.stored()]})
        rows = cursor.fetchall()
    counted = {
        (layer, county): (features, unlocated)
        for kind, layer, county, features, unlocated, *_ in rows
        if kind == "count"
    }
    covered = {
        (layer, county): tuple(rest) for kind, layer, county, _, _, *rest in rows if kind == "coverage"
    }
    found = {layer.id: _states(catalog, layer, day, counted, covered) for layer in catalog.stored()}
    for layer in catalog.layers.values():
        if layer.kind == "derived":
            found[layer.id] = _derived(catalog, layer, found)
    return found


def _states(
    catalog: Catalog,
    layer: Layer,
    day: date,
    counted: dict[tuple[str, str | None], tuple[int, int]],
    covered: dict[tuple[str, str], tuple[Any, ...]],
) -> list[CountyState]:
    states = []
    for code, county in catalog.counties.items():
        features, unlocated = counted.get((layer.id, code), (0, 0))
        if (layer.id, code) not in covered:
            states.append(CountyState(code, "never_loaded", None, None, features, unlocated))
            continue
        state, data_date, release = covered[layer.id, code]
        months = county.refresh_months.get(layer.id, layer.refresh_months)
        if months is not None and day > after_months(data_date, months):
            state = "outdated"
        states.append(CountyState(code, state, data_date, release, features, unlocated))
    if (layer.id, None) in counted:
        states.append(CountyState(None, "loaded", None, None, *counted[layer.id, None]))
    return states


_WORST_FIRST = ("never_loaded", "outdated", "loaded", "confirmed_empty")


def _derived(catalog: Catalog, layer: Layer, found: dict[str, list[CountyState]]) -> list[CountyState]:
    """Coverage of a selection is that of the lists behind it; how many rows it holds is asked of the tiles."""
    states = []
    for code in catalog.counties:
        behind = [s for selection in layer.selection for s in found[selection.layer] if s.county == code]
        worst = min(behind, key=lambda s: _WORST_FIRST.index(s.state))
        states.append(CountyState(code, worst.state, worst.data_date, worst.release, 0, 0))
    return states


def newest() -> tuple[int, str | None]:
    """The newest revision, and the release published last of those that were not taken back."""
    number = Revision.objects.order_by("-number").values_list("number", flat=True).first() or 0
    release = Release.objects.filter(state=Release.State.PUBLISHED).order_by("-published_at").first()
    return number, release.name if release else None
