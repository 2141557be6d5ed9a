"""What GDAL's OAPIF driver makes of a service: run in a process of its own, whose GDAL has all its drivers.

`python -m tests.flows.read_oapif ADDRESS [NAME=VALUE]...` (GDAL's open options; `where`; `only` one layer). JSON: layer
→ its system and rows as id → {"shape": WKB in hexadecimal or null, "name", "county"}.
"""

import json
import sys
from typing import Any

import pyogrio
import pyogrio.raw


def read(address: str, layer: str, options: dict[str, str]) -> dict[str, Any]:
    source = f"OAPIF:{address}"
    meta, _, shapes, columns = pyogrio.raw.read(source, layer=layer, **options)
    told = dict(zip(meta["fields"], columns, strict=True))
    rows = {}
    for number, shape in enumerate(shapes if shapes is not None else [None] * len(columns[0])):
        rows[str(told["id"][number])] = {
            "shape": shape.hex() if shape is not None else None,
            "name": told["name"][number] if "name" in told else None,
            "county": told["county"][number] if "county" in told else None,
        }
    return {"crs": meta["crs"], "rows": rows}


if __name__ == "__main__":
    address, *given = sys.argv[1:]
    options = dict(one.split("=", 1) for one in given)
    only = options.pop("only", None)
    names = [str(name) for name in pyogrio.list_layers(f"OAPIF:{address}")[:, 0]]
    json.dump({name: read(address, name, options) for name in names if only in (None, name)}, sys.stdout)
