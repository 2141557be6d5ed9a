"""What a paper is made of: the stored answer, and what its reader may see of the features on its map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from api.access import Scope, readable_fields
from papers.content import Stored
from papers.report_map import Row
from spatial import catalog, wall
from spatial.around import MOST, Around, around
from spatial.models import CheckRun


def stored_of(run: CheckRun, told: Mapping[str, Any], address: str) -> Stored:
    """`told`: the answer as its reader may see it, overrides and disputes beside it."""
    asker = run.asked_by
    named = (asker.get_full_name() or asker.get_username()) if asker else "控制台（无账号）"
    return Stored(told, named, run.request.get("declared_area_m2"), address.rstrip("/"))


def own_address() -> str:
    """Where people reach this Jingtu, as it stands on papers that no request asked for."""
    return settings.JINGTU_ADDRESS or "http://127.0.0.1:8000"


def rows_of(
    told: Mapping[str, Any], box: tuple[float, ...], scope: Scope | None
) -> tuple[list[Row], list[str]]:
    """The features on the map and what is to be said of it. `scope` None: whoever runs the console sees every row."""
    if scope is None:
        found, cut = around(told, box)
    else:
        with wall.behind(scope.asker):
            found, cut = around(told, box)
    known = catalog.current()
    rows = [_row(one, scope, known) for one in found if not one.shape.is_empty and one.layer in known.layers]
    notes = [
        f"图上为数据版本 {told['versions']['revision']} 中在 {told['as_of']} 有效的图形；周边只画应查图层和县市界。"
        "图上空白不等于没有限制。"
    ]
    if scope is not None:
        notes[0] += "看报告的人无权查看的图形没有画出。"
    notes += [f"“{known.layer(layer).title}”在图幅内多于 {MOST} 处，只画 {MOST} 处。" for layer in cut]
    return rows, notes


def _row(one: Around, scope: Scope | None, known: catalog.Catalog) -> Row:
    attributes = one.attributes
    if scope is not None:
        seen = {field.id for field in readable_fields(scope, known.layer(one.layer))}
        attributes = {name: value for name, value in attributes.items() if name in seen}
    return Row(one.id, one.layer, one.code, one.name, attributes, one.shape)
