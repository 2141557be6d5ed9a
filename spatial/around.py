"""What lies in the frame of a paper's map, as it was in the revision of an answer: the same whenever it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from spatial.overlay import COUNTY_LAYER, statement

_SQL = statement("around.sql")
MOST = 80
"""Of one layer no more is drawn: a map with more can no longer be read."""


@dataclass(frozen=True)
class Around:
    """A feature; `shape` (EPSG:4490) is cut to the box that was asked: `is_cut` where something was cut away."""

    id: str
    layer: str
    code: str | None
    name: str | None
    county: str | None
    attributes: Mapping[str, Any]
    shape: BaseGeometry
    is_cut: bool


def around(answer: Mapping[str, Any], box: Sequence[float]) -> tuple[list[Around], list[str]]:
    """The features of the asked layers in a box (west, south, east, north), and the layers that have more than MOST.

    What was found by the answer is among them. Rows have no other versions: what a revision held it holds for ever.
    """
    hits = [one["feature"]["id"] for one in answer["findings"] if one["feature"] and one["feature"]["id"]]
    west, south, east, north = box
    asked = {
        "west": west, "south": south, "east": east, "north": north,
        "layers": [COUNTY_LAYER, *(row["layer"] for row in answer["layers"])],
        "revision": answer["versions"]["revision"], "as_of": answer["as_of"], "most": MOST + 1,
        "ids": [int(one) for one in hits],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SQL, asked)
        rows = [_row(*row) for row in cursor.fetchall()]
    many: dict[str, int] = {}
    kept = []
    for row in rows:
        if row.id not in hits:
            many[row.layer] = many.get(row.layer, 0) + 1
            if many[row.layer] > MOST:
                continue
        kept.append(row)
    return kept, [layer for layer, count in many.items() if count > MOST]


def _row(
    id_: str, layer: str, code: str, name: str, county: str, attributes: Any, shape: bytes, is_cut: bool
) -> Around:
    said = attributes if isinstance(attributes, dict) else json.loads(attributes)
    return Around(id_, layer, code, name, county, said, shapely.from_wkb(bytes(shape)), is_cut)
