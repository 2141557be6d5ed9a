"""The steps that make a row's shape fit to be stored: repair, reproject, validate. Each takes a batch of rows.

Shapes are looked at all at once, as arrays; only rows with something to tell are taken one by one. Repairs are few and
each is listed. What crosses itself is never mended: the row waits, with the place of the fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders import limits, misplaced
from loaders.row import Row, shapes_of
from spatial import crs as coordinate_systems
from spatial.crs import Zone
from spatial.geometry import MULTILINE, MULTIPOLYGON, POINT, fault_of, normalise, normalise_all

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
KIND_NUMBERS = {"Point": POINT, "MultiLineString": MULTILINE, "MultiPolygon": MULTIPOLYGON}
VERTICES_AT_ONCE = 1_000_000
Extent = tuple[float, float, float, float]


def repair(rows: Sequence[Row]) -> None:
    """Flat, without vertices said twice in a row, shells counter-clockwise, single parts as Multi-."""
    for part in _parts([row for row in rows if row.geometry is not None and not row.is_refused]):
        shapes = shapes_of(part)
        points, owner = shapely.get_coordinates(shapes, return_index=True)
        for at in np.unique(owner[~np.isfinite(points).all(axis=1)]):
            part[at].error("not_finite", "坐标不是有效数字。", "请核对坐标后重新导出。")
            shapes[at] = None
        same = (points[1:] == points[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
        for at in np.unique(owner[1:][same]):
            if not part[at].is_refused:
                shapes[at] = _without_repeats(part[at], shapes[at])
        for row, shape in zip(part, normalise_all(shapes), strict=True):
            if not row.is_refused:
                row.geometry = shape


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows, so many at a time that their vertices fit into little memory; those with too many are refused."""
    counts = shapely.get_num_coordinates(shapes_of(rows))
    fit = []
    for row, count in zip(rows, counts.tolist(), strict=True):
        if count <= limits.FEATURE_VERTICES:
            fit.append(row)
            continue
        row.error(
            "too_many_vertices",
            f"图形有 {count} 个顶点，超过 {limits.FEATURE_VERTICES} 个。",
            "请拆成几个图形。",
        )
    vertices = np.cumsum(counts[counts <= limits.FEATURE_VERTICES])
    start = 0
    while start < len(fit):
        before = vertices[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(vertices, before + VERTICES_AT_ONCE, side="right")))
        yield fit[start:end]
        start = end


def _without_repeats(row: Row, shape: BaseGeometry) -> BaseGeometry:
    count = shapely.get_num_coordinates(shape)
    try:
        cleaned = shapely.remove_repeated_points(shape, 0.0) if count > 1 else shape
    except shapely.errors.GEOSException:
        return shape  # a ring with too few different points; told as a fault of shape in the next step
    dropped = count - shapely.get_num_coordinates(cleaned)
    if not dropped or cleaned.is_empty:
        return shape
    row.repaired = True
    row.notice("duplicate_vertices", f"{dropped} 个连续重复的顶点已合并。")
    return cleaned


def reproject(rows: Sequence[Row], epsg: int | None) -> None:
    """Shapes in EPSG:4490; faults of shape are found before, where the file's own numbers can still be named."""
    if epsg is None:
        return
    sound = []
    taken = [row for row in rows if row.geometry is not None and not row.is_refused]
    for row, fits in zip(taken, _is_sound(shapes_of(taken)), strict=True):
        if fits:
            sound.append(row)
            continue
        fault = fault_of(row.geometry)
        assert fault is not None  # noqa: S101
        row.error(
            fault.code,
            f"{fault.message}。",
            "请在 GIS 软件里修正这一处后重新提交；不会自动修改形状。",
            place=_place(fault.place, epsg),
        )
    zone = coordinate_systems.zone_of(epsg)
    if zone is not None:
        _leave_zone(sound, zone)


def _is_sound(shapes: np.ndarray) -> np.ndarray:
    """Which shapes have no `fault_of`."""
    return shapely.is_valid(shapes) & ~shapely.is_empty(shapes)


def _leave_zone(rows: Sequence[Row], zone: Zone) -> None:
    """From the plane of a zone to longitude and latitude; rows whose numbers do not fit the zone are told why."""
    shapes = shapes_of(rows)
    bounds = shapely.bounds(shapes)
    fits = coordinate_systems.surely_in_zone(bounds, zone)
    for at in np.flatnonzero(~fits).tolist():
        row, extent = rows[at], tuple(bounds[at].tolist())
        why: misplaced.Reason | coordinate_systems.CrsRefused | None = misplaced.in_zone(extent, zone.epsg)
        if why is None:
            try:
                row.geometry = normalise(coordinate_systems.to_storage(shapes[at], zone.epsg))
            except coordinate_systems.CrsRefused as refusal:
                why = refusal
        if why is not None:
            row.error(why.code, why.message, why.hint)
    inside = np.flatnonzero(fits)
    # Densifying makes a Polygon of a MultiPolygon with one part.
    stored = normalise_all(coordinate_systems.all_to_storage(shapes[inside], zone.epsg))
    for at, shape in zip(inside.tolist(), stored, strict=True):
        rows[at].geometry = shape


def _place(point: tuple[float, float] | None, epsg: int) -> tuple[float, float] | None:
    if point is None or not np.isfinite(point).all():
        return None
    stored = coordinate_systems.to_storage(shapely.Point(point), epsg)
    return (round(stored.x, 8), round(stored.y, 8)) if np.isfinite([stored.x, stored.y]).all() else None


def validate_shape(
    rows: Sequence[Row],
    allowed: tuple[str, ...],
    extent: Extent,
    region: str,
    *,
    register: bool = False,
    partly: bool = False,
    epsg: int | None = None,
) -> None:
    """Types that the layer takes, inside the region, and nothing that would make an overlay answer wrong.

    `register`: a point or no shape at all is an entry without boundary. `partly`: it may reach out of the region, as a
    satellite's scene does. `epsg`: the system of the file.
    """
    taken = [row for row in rows if not row.is_refused]
    shapes = shapes_of(taken)
    kinds = shapely.get_type_id(shapes)
    polygons = kinds == MULTIPOLYGON
    west, south, east, north = shapely.bounds(shapes).T
    # What comes in degrees is as it was when it was last looked at.
    checked = epsg is not None and coordinate_systems.zone_of(epsg) is None
    fine = np.isin(kinds, [KIND_NUMBERS[kind] for kind in allowed if kind in KIND_NUMBERS])
    fine &= (extent[0] <= west) & (east <= extent[2]) & (extent[1] <= south) & (north <= extent[3])
    fine &= ~polygons | (shapely.area(shapes) > 0)
    fine &= ~((kinds == POINT) & register)
    if not checked:
        fine &= _is_sound(shapes)
    for at in np.flatnonzero(~fine).tolist():
        _validate(taken[at], allowed, extent, region, register, partly, epsg)


def _validate(
    row: Row,
    allowed: tuple[str, ...],
    extent: Extent,
    region: str,
    register: bool,
    partly: bool,
    epsg: int | None,
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
    if partly and shapely.box(*extent).intersects(shape):
        extent = coordinate_systems.AREA_OF_USE
    _inside(row, shape, extent, region, epsg)


def _inside(row: Row, shape: BaseGeometry, extent: Extent, region: str, epsg: int | None) -> None:
    west, south, east, north = shape.bounds
    if extent[0] <= west and east <= extent[2] and extent[1] <= south and north <= extent[3]:
        return
    why = misplaced.in_region(shape.bounds, extent, region, epsg)
    row.error(why.code, why.message, why.hint)
