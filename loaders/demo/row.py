"""What the demo is made of: a row of a layer, and the one source of chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

SEED = "jingtu-demo-1"


@dataclass(frozen=True, slots=True)
class Row:
    """A feature to be delivered: `values` by field id of the catalog, choices as values, shape in EPSG:4490.

    `shape` None: an entry that is only a name on a list.
    """

    layer: str
    county: str
    shape: BaseGeometry | None
    values: Mapping[str, Any] = field(default_factory=dict)


def chance(*topic: object) -> random.Random:
    """Chance for one topic, the same in every run, and not moved by what other topics draw."""
    return random.Random(":".join([SEED, *map(str, topic)]))  # noqa: S311  invented places, no secrets
