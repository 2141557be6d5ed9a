"""The steps that make a row's shape fit to be stored: repair, reproject, validate. Each is a generator over rows.

Repairs are few and each is listed. What crosses itself is never mended: the row waits, with the place of the fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders import limits, misplaced
from loaders.row import Row
from spatial import crs as coordinate_systems
from spatial.geometry import fault_of, normalise

KINDS = {
    "Point": "点",
    "MultiPoint": "多点",
    "LineString": "线",
    "MultiLineString": "线",
    "Polygon": "面",
    "MultiPolygon": "面",
    "GeometryCollection": "混合图形",
    "LinearRing": "线",
}
Extent = tuple[float, float, float, float]


def repair(rows: Iterable[Row]) -> Iterator[Row]:
    """Flat, without vertices said twice in a row, shells counter-clockwise, single parts as Multi-."""
    for row in rows:
        if row.geometry is not None and not row.is_refused:
            _repair(row, row.geometry)
        yield row


def _repair(row: Row, shape: BaseGeometry) -> None:
    count = shapely.get_num_coordinates(shape)
    if count > limits.FEATURE_VERTICES:
        row.error(
            "too_many_vertices",
            f"图形有 {count} 个顶点，超过 {limits.FEATURE_VERTICES} 个。",
            "请拆成几个图形。",
        )
        return
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        row.error("not_finite", "坐标不是有效数字。", "请核对坐标后重新导出。")
        return
    try:
        cleaned = shapely.remove_repeated_points(shape, 0.0) if count > 1 else shape
    except shapely.errors.GEOSException:
        cleaned = shape  # a ring with too few different points; told as a fault of shape in the next step
    dropped = count - shapely.get_num_coordinates(cleaned)
    if dropped and not cleaned.is_empty:
        shape = cleaned
        row.repaired = True
        row.notice("duplicate_vertices", f"{dropped} 个连续重复的顶点已合并。")
    row.geometry = normalise(shape)


def reproject(rows: Iterable[Row], epsg: int | None) -> Iterator[Row]:
    """Shapes in EPSG:4490; faults of shape are found before, where the file's own numbers can still be named."""
    for row in rows:
        if row.geometry is not None and not row.is_refused and epsg is not None:
            fault = fault_of(row.geometry)
            if fault:
                row.error(
                    fault.code,
                    f"{fault.message}。",
                    "请在 GIS 软件里修正这一处后重新提交；不会自动修改形状。",
                    place=_place(fault.place, epsg),
                )
            else:
                _store(row, row.geometry, epsg)
        yield row


def _store(row: Row, shape: BaseGeometry, epsg: int) -> None:
    why: misplaced.Reason | coordinate_systems.CrsRefused | None = misplaced.in_zone(shape.bounds, epsg)
    if why is None:
        try:
            # Densifying makes a Polygon of a MultiPolygon with one part.
            row.geometry = normalise(coordinate_systems.to_storage(shape, epsg))
        except coordinate_systems.CrsRefused as refusal:
            why = refusal
    if why is not None:
        row.error(why.code, why.message, why.hint)


def _place(point: tuple[float, float] | None, epsg: int) -> tuple[float, float] | None:
    if point is None or not np.isfinite(point).all():
        return None
    stored = coordinate_systems.to_storage(shapely.Point(point), epsg)
    return (round(stored.x, 8), round(stored.y, 8)) if np.isfinite([stored.x, stored.y]).all() else None


def validate_shape(
    rows: Iterable[Row],
    allowed: tuple[str, ...],
    extent: Extent,
    region: str,
    *,
    register: bool = False,
    epsg: int | None = None,
) -> Iterator[Row]:
    """Types that the layer takes, inside the region, and nothing that would make an overlay answer wrong.

    `register`: a point or no shape at all is an entry without boundary. `epsg`: the system of the file.
    """
    for row in rows:
        if not row.is_refused:
            _validate(row, allowed, extent, region, register, epsg)
        yield row


def _validate(
    row: Row, allowed: tuple[str, ...], extent: Extent, region: str, register: bool, epsg: int | None
) -> None:
    shape = row.geometry
    if shape is None or shape.is_empty:
        row.geometry, row.has_boundary = None, False
        if not register:
            row.error("no_geometry", "没有图形。", "这个图层的每一行都要有图形，请补上。")
        return
    row.has_boundary = not (register and shape.geom_type == "Point")
    if shape.geom_type not in allowed and row.has_boundary:
        row.error(
            "geometry_type",
            f"图形是{KINDS.get(shape.geom_type, shape.geom_type)}，这里要的是"
            f"{'、'.join(dict.fromkeys(KINDS.get(one, one) for one in allowed))}。",
            "请核对是否交错了图层。",
        )
        return
    if shape.geom_type == "MultiPolygon" and shape.area == 0:
        row.error("no_area", "图形的面积为零。", "请核对坐标。")
        return
    fault = fault_of(shape)
    if fault:
        row.error(
            fault.code, f"{fault.message}。", "请在 GIS 软件里修正这一处后重新提交。", place=fault.place
        )
        return
    _inside(row, shape, extent, region, epsg)


def _inside(row: Row, shape: BaseGeometry, extent: Extent, region: str, epsg: int | None) -> None:
    west, south, east, north = shape.bounds
    if extent[0] <= west and east <= extent[2] and extent[1] <= south and north <= extent[3]:
        return
    why = misplaced.in_region(shape.bounds, extent, region, epsg)
    row.error(why.code, why.message, why.hint)
