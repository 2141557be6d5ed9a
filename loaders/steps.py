"""The steps that make a row's values fit to be stored: cast, locate the county.

Each takes a batch of rows; a bad value becomes an issue of its row, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders.divisions import Divisions
from loaders.mapping import ColumnMap
from loaders.row import Row, shapes_of
from loaders.values import BadValue, cast
from spatial.catalog import Field, Layer
from spatial.crs import CrsRefused, length_m, to_storage

OUTLINE_TOLERANCE_DEG = 0.01
"""County outlines are generalised by some hundreds of metres: a shape this far outside is still the county's."""


def cast_fields(rows: Sequence[Row], layer: Layer, columns: ColumnMap, today: date) -> None:
    """Typed values by field id; what cannot be read is left unknown and told. A value that must be there keeps its
    row out."""
    bad: set[tuple[int, str]] = set()
    for name, column in columns.columns.items():
        field = layer.fields[name]
        known: dict[Any, Any] = {}
        for row in rows:
            raw = row.original.get(column)
            try:
                if isinstance(raw, str):
                    # Most columns say the same few words again and again.
                    value = (
                        known[raw]
                        if raw in known
                        else known.setdefault(raw, cast(field, raw, ends=name == layer.valid_to))
                    )
                else:
                    value = cast(field, raw, ends=name == layer.valid_to)
            except BadValue as fault:
                bad.add((id(row), name))
                _tell_bad(row, field, column, raw, fault, layer)
            else:
                if value is not None and value != "" and value != []:
                    row.values[name] = value
    for field in layer.fields.values():
        if field.required:
            for row in rows:
                if field.id not in row.values and (id(row), field.id) not in bad:
                    _tell_missing(row, field, columns, layer)
    if layer.valid_from or layer.valid_to:
        for row in rows:
            _set_days(row, layer, columns, today)


def _tell_bad(row: Row, field: Field, column: str, raw: Any, fault: BadValue, layer: Layer) -> None:
    where = {"field": column, "value": str(raw)[:200], "owner": layer.owner}
    if field.required or field.id == layer.key:
        row.error(fault.code, f"{field.title}：{fault}。", "请按原始资料改正后重新提交。", **where)
        return
    row.repaired = True
    row.warn(fault.code, f"{field.title}：{fault}，已按“未知”装入。", "请按原始资料改正后重新提交。", **where)


def _tell_missing(row: Row, field: Field, columns: ColumnMap, layer: Layer) -> None:
    row.error(
        "required",
        f"缺少{field.title}。",
        "这一项必须填写。",
        field=columns.columns.get(field.id, field.title),
        owner=layer.owner,
    )


def _set_days(row: Row, layer: Layer, columns: ColumnMap, today: date) -> None:
    row.valid_from, row.valid_to = _day(row, layer.valid_from), _day(row, layer.valid_to)
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        row.error(
            "dates_reversed",
            f"{layer.fields[layer.valid_to or ''].title}（{row.valid_to}）早于"
            f"{layer.fields[layer.valid_from or ''].title}（{row.valid_from}）。",
            "请核对日期。",
            owner=layer.owner,
        )
    elif row.valid_from and row.valid_from > today:
        _forget_first_day(row, layer, columns)


def _forget_first_day(row: Row, layer: Layer, columns: ColumnMap) -> None:
    """A first day still to come is a slip of the pen: unknown, the row counts from ever on instead of not yet."""
    name = layer.valid_from or ""
    row.warn(
        "date_in_future",
        f"{layer.fields[name].title}（{row.valid_from}）还没有到，已按“未知”装入，这一行从一开始就算。",
        "请核对日期。",
        field=columns.columns[name],
        value=str(row.valid_from),
        owner=layer.owner,
    )
    del row.values[name]
    row.valid_from, row.repaired = None, True


def _day(row: Row, name: str | None) -> date | None:
    value = row.values.get(name) if name else None
    return date.fromisoformat(value) if value else None


def locate(
    rows: Sequence[Row],
    layer: Layer,
    columns: ColumnMap,
    divisions: Divisions,
    outlines: Mapping[str, BaseGeometry],
    county: str | None,
) -> None:
    """The county of each row: the given one, else what the row says, else where it lies.

    A row that says or lies elsewhere waits. A register entry with neither place nor county stays without one.
    """
    for row in _not_plainly_located(
        [row for row in rows if not row.is_refused], columns, divisions, outlines, county
    ):
        _locate(row, layer, columns, divisions, outlines, county)


def _not_plainly_located(
    rows: Sequence[Row],
    columns: ColumnMap,
    divisions: Divisions,
    outlines: Mapping[str, BaseGeometry],
    given: str | None,
) -> list[Row]:
    """The rows that have more to be looked at, once those are located that lie where they are said to."""
    said: dict[str | None, list[Row]] = {}
    left = []
    for row in rows:
        raw = row.original.get(columns.county) if columns.county else None
        stated, unclear = divisions.county_of(raw)
        if unclear or row.geometry is None or (given and stated and stated != given):
            left.append(row)
        else:
            said.setdefault(given or stated, []).append(row)
    for code, placed in said.items():
        shapes = shapes_of(placed)
        if code is not None:
            fits = (
                shapely.intersects(outlines[code], shapes) if code in outlines else np.full(len(placed), True)
            )
            for row, fine in zip(placed, fits, strict=True):
                row.county = code if fine else None
        else:
            for county, outline in outlines.items():
                for row, inside in zip(placed, shapely.covers(outline, shapes), strict=True):
                    row.county = row.county or (county if inside else None)
        left += [row for row in placed if row.county is None]
    return left


def _locate(
    row: Row,
    layer: Layer,
    columns: ColumnMap,
    divisions: Divisions,
    outlines: Mapping[str, BaseGeometry],
    given: str | None,
) -> None:
    raw = row.original.get(columns.county) if columns.county else None
    stated, unclear = divisions.county_of(raw)
    where = {
        "field": columns.county,
        "value": str(raw)[:80] if raw is not None else None,
        "owner": layer.owner,
    }
    if unclear:
        row.error("county_unknown", unclear, "请改成本地区县（市）的六位行政区划代码。", **where)
        return
    if given and stated and stated != given:
        row.error(
            "county_conflict",
            f"这一行属于{divisions.name(stated)}，装入的却是{divisions.name(given)}的资料。",
            "请把各县（市）的资料分开提交，或按全州装入。",
            **where,
        )
        return
    row.county = given or stated
    if row.geometry is None:
        if row.county is None:
            row.warn(
                "county_missing",
                "没有写县（市），也没有图形，不知道在哪个县（市）。",
                "请补写县（市）；补写以前，各县（市）的核查都不完整。",
                owner=layer.owner,
            )
        return
    if row.county is None:
        row.county = _county_at(row.geometry, outlines)
        if row.county is None and outlines:
            _next_door(row, row.geometry, layer, divisions, outlines)
        elif row.county is None:
            row.error(
                "county_unlocated",
                "判断不出属于哪个县（市）。",
                "请用 --county 指明，或在文件里写行政区代码，或先装入并发布县级行政区图层。",
                owner=layer.owner,
            )
        return
    outline = outlines.get(row.county)
    if outline is None or outline.intersects(row.geometry):
        return
    elsewhere = _county_at(
        row.geometry, {code: shape for code, shape in outlines.items() if code != row.county}
    )
    lies = f"图形在{divisions.name(elsewhere)}" if elsewhere else "图形在外面"
    if outline.distance(row.geometry) > OUTLINE_TOLERANCE_DEG:
        centre = row.geometry.representative_point()
        row.error(
            "county_conflict",
            f"资料属于{divisions.name(row.county)}，{lies}。",
            "请核对县（市）和坐标。",
            place=(round(centre.x, 6), round(centre.y, 6)),
            owner=layer.owner,
        )
    else:
        row.warn(
            "county_edge",
            f"图形贴着{divisions.name(row.county)}界线外侧，按{divisions.name(row.county)}装入。",
            "请确认县（市）。",
            owner=layer.owner,
        )


def _next_door(
    row: Row,
    shape: BaseGeometry,
    layer: Layer,
    divisions: Divisions,
    outlines: Mapping[str, BaseGeometry],
) -> None:
    """A shape in no county though the counties are known: most likely a neighbour's."""
    near = min(outlines, key=lambda code: outlines[code].distance(shape))
    link = shapely.shortest_line(outlines[near], shape)
    centre = shape.representative_point()
    row.error(
        "neighbouring_region",
        f"图形不在任何一个县（市）内，离{divisions.name(near)}约 {length_m(link) / 1000:.1f} 公里。",
        "像是相邻地州或兵团的资料，请核对；确属本地区的，请核对坐标系和带号，或用 --county 指明县（市）。",
        place=(round(centre.x, 6), round(centre.y, 6)),
        owner=layer.owner,
    )


def _county_at(shape: BaseGeometry, outlines: Mapping[str, BaseGeometry]) -> str | None:
    """The county in which most of a shape lies, else the one it all but touches."""
    inside = shape.representative_point()
    hit = next((code for code, outline in outlines.items() if outline.covers(inside)), None)
    if hit and outlines[hit].covers(shape):
        return hit
    shares = {
        code: _size(shapely.intersection(outline, shape))
        for code, outline in outlines.items()
        if outline.intersects(shape)
    }
    if shares:
        return max(shares, key=lambda code: (shares[code], code == hit))
    near = {code: outline.distance(shape) for code, outline in outlines.items()}
    nearest = min(near, key=near.__getitem__, default=None)
    return nearest if nearest and near[nearest] <= OUTLINE_TOLERANCE_DEG else None


def _size(shape: BaseGeometry) -> float:
    return float(shape.area or shape.length)


def counties_it_may_lie_in(
    row: Row,
    columns: ColumnMap,
    divisions: Divisions,
    outlines: Mapping[str, BaseGeometry],
    given: str | None,
    epsg: int | None,
) -> frozenset[str]:
    """For a row that waits: the county it is delivered for, the one it says, and those that its extent meets.

    All of them where none of these tells, or where it says one that nobody knows.
    """
    stated, unclear = divisions.county_of(row.original.get(columns.county) if columns.county else None)
    found = {county for county in (given, stated) if county} | _met(row.record.geometry, outlines, epsg)
    return frozenset(divisions.codes if unclear or not found else found)


def _met(shape: BaseGeometry | None, outlines: Mapping[str, BaseGeometry], epsg: int | None) -> set[str]:
    """Counties under the box around a shape, which need not be valid; none where its numbers make no place."""
    if shape is None or epsg is None or not np.isfinite(bounds := shapely.bounds(shape)).all():
        return set()
    try:
        box = to_storage(shapely.box(*bounds), epsg)
    except CrsRefused:
        return set()
    if not np.isfinite(shapely.get_coordinates(box)).all():
        return set()
    return {code for code, outline in outlines.items() if outline.intersects(box)}


def own_county(rows: Sequence[Row], divisions: Divisions) -> None:
    """For the layer of the counties themselves: each row's county is its own code."""
    for row in rows:
        if row.is_refused:
            continue
        row.county, unclear = divisions.county_of(row.values.get("code"))
        if row.county is None:
            row.error(
                "county_unknown",
                unclear or "缺少行政区代码。",
                "请核对行政区代码。",
                value=str(row.values.get("code")),
            )
