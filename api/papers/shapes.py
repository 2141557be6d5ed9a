"""The parcel report as GeoPackage: the parcel with its verdict; what was found, with shapes where they may be seen."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from api.papers.content import Stored
from api.papers.report_map import Row

CRS = "EPSG:4490"
FINDING_FIELDS = (
    "n", "verdict", "rule", "title", "where", "reason", "message", "basis", "overlap_area_m2", "overlap_share",
    "overlap_length_m", "distance_m", "numbers", "missing",
)  # fmt: skip
SHAPES = {None: "没有图形", False: "全形", True: "只有图幅以内的部分"}
MEASURED = ("overlap_area_m2", "overlap_share", "overlap_length_m", "distance_m")


def report_geopackage(stored: Stored, told: Mapping[str, Any], rows: Iterable[Row]) -> bytes:
    """Layers `parcel` and `findings` in EPSG:4490, `gaps` and `layers` without shapes.

    `shape` of a finding says in words what its shape is: that of the feature, a part of it, or none.
    """
    answer = stored.answer
    there = {row.id: row for row in rows}
    parcel = shapely.geometry.shape(answer["parcel"]["geometry"])
    head = {
        "number": told["number"], "parcel_no": answer["parcel"]["parcel_no"], "verdict": answer["verdict"],
        "title": told["plate"]["title"], "complete": told["complete"], "short": told["short"],
        "area_m2": float(answer["parcel"]["area_m2"]), "as_of": answer["as_of"],
        "revision": answer["versions"]["revision"], "fingerprint": told["fingerprint"], "verify": told["verify"],
        "answer": json.dumps(answer, ensure_ascii=False),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="jingtu-") as folder:
        path = Path(folder) / "report.gpkg"
        _write(path, "parcel", [head], [parcel], "MultiPolygon")
        found = [there.get(str((one["feature"] or {}).get("id"))) for one in answer["findings"]]
        findings = [
            _finding(one) | {"shape": SHAPES[None if row is None else row.is_cut]}
            for one, row in zip(told["findings"], found, strict=True)
        ]
        places = [None if row is None else row.shape for row in found]
        _write(path, "findings", findings, places, "Unknown")
        for name in ("gaps", "layers"):
            plain = [{key: value for key, value in one.items() if key != "rank"} for one in told[name]]
            _write(path, name, plain, None, None)
        return path.read_bytes()


def _finding(one: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: one[name] for name in FINDING_FIELDS if name != "basis"}
    return told | {
        **{name: None if one[name] is None else float(one[name]) for name in MEASURED},
        "basis": "；".join(f"{basis['kind']}：{basis['text']}" for basis in one["basis"]),
        "numbers": "；".join(one["numbers"]),
    }


def _write(
    path: Path,
    layer: str,
    rows: Sequence[Mapping[str, Any]],
    shapes: Sequence[shapely.Geometry | None] | None,
    kind: str | None,
) -> None:
    if not rows:
        return
    import pyogrio  # takes geopandas with it: half a second for the other formats

    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in MEASURED:
        if name in columns:
            columns[name] = pa.array(columns[name], pa.float64())
    spatial: dict[str, Any] = {}
    if shapes is not None:
        columns["geom"] = pa.array([None if one is None else one.wkb for one in shapes], pa.binary())
        spatial = {"geometry_name": "geom", "geometry_type": kind, "crs": CRS}
    text = {name: pa.array(values, pa.string()) for name, values in columns.items()
            if isinstance(values, list) and all(one is None or isinstance(one, str) for one in values)}  # fmt: skip
    pyogrio.write_arrow(
        pa.table(columns | text), path, layer=layer, driver="GPKG", append=path.exists(), **spatial
    )
