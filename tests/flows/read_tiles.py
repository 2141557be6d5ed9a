"""What GDAL's drivers MVT and PMTiles make of tiles: run in a process of its own, whose GDAL has all its drivers.

`python -m tests.flows.read_tiles SOURCE [NAME=VALUE]...` (GDAL's open options). JSON: source-layer → {"crs",
"rows": one a feature and tile: {"id", "shape": WKB in hexadecimal, and its properties as text}}.
"""

import json
import sys
from typing import Any

import pyogrio
import pyogrio.raw


def read(source: str, layer: str, options: dict[str, str]) -> dict[str, Any]:
    meta, _, shapes, columns = pyogrio.raw.read(source, layer=layer, **options)
    told = dict(zip(meta["fields"], columns, strict=True))
    rows = [
        {name: None if column[n] is None else str(column[n]) for name, column in told.items()}
        | {"id": int(told["mvt_id"][n]), "shape": shape.hex()}
        for n, shape in enumerate(shapes)
    ]
    return {"crs": meta["crs"], "rows": rows}


if __name__ == "__main__":
    source, *given = sys.argv[1:]
    options = dict(one.split("=", 1) for one in given)
    names = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    json.dump({name: read(source, name, options) for name in names}, sys.stdout)
