"""GeoJSON put together from text, so that it can be wrong."""

from __future__ import annotations

import json
from typing import Any

from tests.corpus.entry import Write, data, square


def polygon(*rings: Any) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def feature(geometry: str = "null", **properties: Any) -> str:
    said = json.dumps(properties, ensure_ascii=False)
    return f'{{"type": "Feature", "properties": {said}, "geometry": {geometry}}}'


def plot(number: int, **more: Any) -> str:
    """A feature that is as it should be."""
    return feature(polygon(square(number)), **{"DKBM": f"G{number}", "DKMC": f"示例地块{number}", **more})


def collection(*features: str, members: str = "") -> str:
    lines = ",\n".join(features)
    return f'{{"type": "FeatureCollection", {members}"features": [\n{lines}\n]}}\n'


def beside_a_good_one(hostile: str, members: str = "") -> Write:
    """A file of a good row and a hostile one."""
    return data(collection(plot(0), hostile, members=members))


def shaped(geometry: str) -> Write:
    """A good row, and one with this shape."""
    return beside_a_good_one(feature(geometry, DKBM="H1", DKMC="示例"))
