"""The map of a parcel report: parcel, what was found, and what else of the asked layers lies in the frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from api.papers.content import rings_of
from api.papers.frame import Frame, frame_of
from api.papers.looks import LIFT, OVERLAP, VERDICT_COLOURS, class_of, parcel_look
from api.papers.map import Drawn, Map, map_of
from api.papers.plate import is_complete, plate_of
from api.papers.words import number
from spatial.catalog import Catalog
from spatial.crs import degrees_for

WIDTH_MM, HEIGHT_MM = 170.0, 104.0
FARTHEST = 1.5
"""What was found farther away than so many times the parcel's size is told in the table and does not shrink the map."""
NUMBERS = 3


@dataclass(frozen=True)
class Row:
    """A feature as it was in the revision of the answer. `shape`: EPSG:4490, cut around the frame where it `is_cut`."""

    id: str
    layer: str
    code: str | None
    name: str | None
    attributes: Mapping[str, Any]
    shape: BaseGeometry
    is_cut: bool = False


def report_frame(
    answer: Mapping[str, Any], width_mm: float = WIDTH_MM, height_mm: float = HEIGHT_MM
) -> Frame:
    """The frame: the parcel, and as far beyond it as what was found near lies. From the stored answer alone."""
    parcel = shapely.geometry.shape(answer["parcel"]["geometry"])
    west, south, east, north = parcel.bounds
    across, up = degrees_for(1.0, (south + north) / 2)
    size = max((east - west) / across, (north - south) / up)
    near = [one["distance_m"] for one in answer["findings"] if one["distance_m"] and one["feature"]]
    reach = max((far for far in near if far <= FARTHEST * size), default=0.0)
    shown = shapely.box(west - reach * across, south - reach * up, east + reach * across, north + reach * up)
    return frame_of([shown], width_mm, height_mm)


def report_map(answer: Mapping[str, Any], rows: Iterable[Row], frame: Frame, known: Catalog) -> Map:
    """`rows`: the features that the reader may see; a hit among them is named with the numbers of its findings."""
    parcel = shapely.geometry.shape(answer["parcel"]["geometry"])
    look = plate_of(answer, str).look
    places = tuple(place for ring in rings_of(answer)[1] for place in ring.places)
    outline = parcel_look(VERDICT_COLOURS[look], dashed=not is_complete(answer))
    label = answer["parcel"]["parcel_no"] or ""
    things = [Drawn(parcel, outline, "被核查地块", label=label, hit=True, corners=places)]
    found = _found(answer)
    for row in rows:
        if row.layer not in known.layers:
            continue
        layer = known.layer(row.layer)
        one = class_of(layer, row.attributes)
        findings = found.get(row.id, [])
        named = f"{_numbers(findings)} {row.name or row.code or layer.title}" if findings else row.name or ""
        things.append(Drawn(row.shape, one, one.label, label=named, hit=bool(findings)))
        if (area := max((finding["overlap_area_m2"] or 0.0 for finding in findings), default=0.0)) > 0:
            part = _overlap(row.shape, parcel)
            if not part.is_empty:
                things.append(Drawn(part, LIFT, ""))
                things.append(Drawn(part, OVERLAP, "重叠部分", label=f"{number(area, 2)} m²", hit=True))
    return map_of(
        things, frame, known.symbols, f"数据版本 {answer['versions']['revision']}　{answer['as_of']}"
    )


def ground_of(rows: Iterable[Row], known: Catalog) -> Iterable[Drawn]:
    """Rows drawn as their layers are, each with its name."""
    for row in rows:
        own = class_of(known.layer(row.layer), row.attributes)
        yield Drawn(row.shape, own, own.label, label=row.name or "")


def _found(answer: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Findings by the feature that they are of, each with its number in the table as `n`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for at, one in enumerate(answer["findings"], 1):
        if one["feature"] and one["feature"].get("id"):
            found.setdefault(str(one["feature"]["id"]), []).append({**one, "n": at})
    return found


def _numbers(findings: Sequence[Mapping[str, Any]]) -> str:
    told = [str(one["n"]) for one in findings[:NUMBERS]]
    return "〔" + "、".join(told) + ("…" if len(findings) > NUMBERS else "") + "〕"


def _overlap(shape: BaseGeometry, parcel: BaseGeometry) -> BaseGeometry:
    if "Polygon" not in shape.geom_type:
        return shapely.Point()
    part = shapely.intersection(shapely.make_valid(shape), parcel)
    polygons = [one for one in shapely.get_parts(part) if one.geom_type == "Polygon"]
    return shapely.MultiPolygon(polygons)
