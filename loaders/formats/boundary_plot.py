"""One plot of a boundary-point file: its points to rings, its rings to a shape, its shape against what it declares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from loaders.formats import digits
from loaders.land_use import read_use
from loaders.record import ERROR, NOTICE, WARNING, Issue
from loaders.rings import Ring, assemble
from spatial import crs

CLOSED_WITHIN_M = 0.01
HECTARE_M2 = 10_000.0
MU_M2 = 10_000.0 / 15


@dataclass(frozen=True, slots=True)
class Point:
    """A boundary point (界址点), in metres, or longitude and latitude where a file has these."""

    row: int
    label: str
    ring: int
    easting: float
    northing: float
    fault: digits.Fault | None


@dataclass(slots=True)
class Plot:
    """A plot line and the points under it, as the file has them; issues gather while it is read.

    `declared_area` None: files of the format never declare one. `unit_m`: metres in a unit of the coordinates.
    """

    row: int
    number: str
    name: str
    kind: str
    declared_points: int | None
    declared_area: str | None
    sheet: str
    use_words: str
    use_code: str
    points: list[Point] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    unit_m: float = 1.0

    @classmethod
    def bare(cls, row: int, number: str, points: list[Point], unit_m: float = 1.0) -> Plot:
        """A plot of points alone, as formats have it whose files declare nothing about it."""
        return cls(row, number, "", "面", None, None, "", "", "", points, unit_m=unit_m)

    def error(self, code: str, message: str, hint: str, **where: Any) -> None:
        self.issues.append(
            Issue(code, ERROR, f"地块 {self.number or '（无编号）'}：{message}", hint, **where)
        )

    def warn(self, code: str, message: str, hint: str, **where: Any) -> None:
        self.issues.append(
            Issue(code, WARNING, f"地块 {self.number or '（无编号）'}：{message}", hint, **where)
        )

    def notice(self, code: str, message: str, hint: str, **where: Any) -> None:
        self.issues.append(
            Issue(code, NOTICE, f"地块 {self.number or '（无编号）'}：{message}", hint, **where)
        )


def read_plot(plot: Plot, epsg: int | None) -> tuple[BaseGeometry | None, float | None]:
    """The shape of a plot in its zone (easting, northing) or None, and its declared area in m² or None.

    What is wrong is added to the plot's issues. `epsg` None: the zone is not known; faults of shape are found all
    the same.
    """
    _use(plot)
    declared = _declared_area(plot)
    if not plot.points:
        plot.error("no_points", "没有界址点。", "请补上界址点。", row=plot.row)
        return None, None
    rings = _rings(plot)
    closings = sum(len(ring.points) for ring in rings) - len(rings)
    if plot.declared_points is not None and plot.declared_points not in (len(plot.points), closings):
        plot.warn(
            "point_count",
            f"写明 {plot.declared_points} 个点，实有 {len(plot.points)} 个。",
            "请核对是否漏点或多点。",
            row=plot.row,
            field="点数",
            value=str(plot.declared_points),
        )
    for point in plot.points:
        if point.fault:
            code, message, name, value = point.fault
            plot.error(
                code,
                f"点 {point.label}：{message}",
                "X 为北坐标（7 位整数），Y 为东坐标（8 位带带号或 6 位）。"
                if plot.unit_m == 1
                else "请核对坐标。",
                row=point.row,
                ring=point.ring,
                field=name or None,
                value=value,
            )
    if any(point.fault for point in plot.points):
        return None, None
    shape, faults = assemble(rings)
    for fault in faults:
        plot.error(
            fault.code,
            f"圈 {fault.ring.number}：{fault.message}。",
            "自相交、交叉和重合不会自动修改，请核对界址点顺序后重新提交。",
            row=fault.ring.row,
            ring=fault.ring.number,
            place=_place(fault.place, epsg),
        )
    if shape is None:
        return None, None
    return shape, _compare_areas(plot, shape, rings, declared, epsg)


def _rings(plot: Plot) -> list[Ring]:
    """Rings in file order: a new one begins with a new ring number, or after the first point is named again."""
    groups: list[list[Point]] = []
    closed = True
    for point in plot.points:
        if closed or point.ring != groups[-1][0].ring:
            groups.append([])
            closed = False
        closed = len(groups[-1]) >= 3 and point.label == groups[-1][0].label
        groups[-1].append(point)
    return [_ring(plot, group) for group in groups]


def _ring(plot: Plot, group: list[Point]) -> Ring:
    first, last = group[0], group[-1]
    where = {"row": last.row, "ring": first.ring}
    gap = ((first.easting - last.easting) ** 2 + (first.northing - last.northing) ** 2) ** 0.5
    gap *= plot.unit_m
    named = len(group) > 3 and last.label == first.label
    faulty = any(point.fault for point in group)
    corners = [(point.easting, point.northing) for point in group]
    if named or (len(group) > 3 and gap <= CLOSED_WITHIN_M):
        corners[-1] = corners[0]
        if gap > CLOSED_WITHIN_M and not (first.fault or last.fault):
            plot.error(
                "not_closed",
                f"圈 {first.ring} 的闭合点 {last.label} 与起点相差 {gap:.3f} 米。",
                f"闭合点应与起点（第 {first.row} 行）坐标相同，允许相差 {CLOSED_WITHIN_M} 米，请核对。",
                **where,
            )
        elif 0 < gap <= CLOSED_WITHIN_M:
            plot.notice(
                "gap_closed", f"圈 {first.ring} 的闭合点与起点相差 {gap:.4f} 米，已改为相同。", "", **where
            )
    else:
        corners.append(corners[0])
        plot.notice("ring_closed", f"圈 {first.ring} 没有写闭合点，已按首尾相接闭合。", "", **where)
    inner = corners[:-1]
    kept = [corner for index, corner in enumerate(inner) if index == 0 or corner != inner[index - 1]]
    if len(kept) < len(inner) and not faulty:
        plot.notice(
            "duplicate_vertices",
            f"圈 {first.ring} 有 {len(inner) - len(kept)} 个连续重复的点，已合并。",
            "",
            row=first.row,
            ring=first.ring,
        )
    counted = Counter(point.label for point in group[:-1])
    twice = sorted(label for label, count in counted.items() if count > 1)
    if twice:
        plot.warn(
            "point_number_twice",
            f"圈 {first.ring} 里点号 {'、'.join(twice[:10])} 重复。",
            "请核对点号。",
            row=first.row,
            ring=first.ring,
        )
    return Ring(first.ring, first.row, (*kept, kept[0]))


def _use(plot: Plot) -> None:
    unclear = read_use(plot.use_words, plot.use_code)[1]
    if unclear:
        plot.warn(
            "land_use_unclear",
            f"{unclear}。",
            "请写明用途和地类编码各按哪个分类标准；核查时用途按“未知”处理。",
            row=plot.row,
            field="地类编码",
            value=plot.use_code,
        )


def _declared_area(plot: Plot) -> float | None:
    """The declared figure, or None when there is none."""
    if plot.declared_area is None:
        return None
    try:
        area = float(plot.declared_area or 0)
    except ValueError:
        area = float("nan")
    if not 0 <= area < 1e12:
        plot.error(
            "area_unreadable",
            f"面积“{plot.declared_area}”不是正数。",
            "面积应为公顷数，例如 18.1975。",
            row=plot.row,
            field="面积",
            value=plot.declared_area,
        )
        return None
    if area == 0:
        plot.notice("area_missing", "没有写面积，无法与坐标核对。", "", row=plot.row, field="面积")
    return area or None


def _compare_areas(
    plot: Plot, shape: BaseGeometry, rings: list[Ring], declared: float | None, epsg: int | None
) -> float | None:
    """Declared area in m² against the area measured on the ellipsoid (in the plane while the zone is unknown)."""
    measure = (lambda part: crs.area_m2(crs.to_storage(part, epsg))) if epsg else (lambda part: part.area)
    measured = measure(shape)
    if declared is None:
        return None
    where: dict[str, Any] = {"row": plot.row, "field": "面积", "value": plot.declared_area}
    is_hectares = not 0.5 < declared / measured < 2
    stated = declared * HECTARE_M2 if is_hectares else declared
    if not is_hectares:
        plot.notice(
            "area_in_m2", f"面积 {plot.declared_area} 按平方米理解（本格式通常为公顷）。", "", **where
        )
    difference = abs(stated - measured)
    if difference <= max(1.0, 0.001 * measured):
        return stated
    numbers = f"写明 {stated:.2f} 平方米，按坐标算得椭球面积 {measured:.2f} 平方米，相差 {difference / measured:.2%}"
    if difference <= 0.01 * measured:
        plot.warn("area_differs", f"{numbers}。", "请核对面积是否为投影平面面积，或坐标是否有误。", **where)
        return stated
    outside = _ring_taken_off(shape, rings, stated, measure)
    if outside is not None:
        plot.error(
            "hole_outside",
            f"圈 {outside.number} 落在圈 {rings[0].number} 之外；写明的面积 {stated:.2f} 平方米却是扣除它以后的面积。",
            "请核对：若是扣除部分，其界址点应在外圈之内；若是另一块地，面积应为两块之和。",
            row=outside.row,
            ring=outside.number,
            place=_place(outside.points[0], epsg),
        )
        return stated
    hint = (
        "看起来写的是亩数，请改为公顷。"
        if abs(declared * MU_M2 - measured) < 0.01 * measured
        else "面积以公顷为单位，请核对面积和界址点。"
    )
    plot.error("area_differs", f"{numbers}，超过 1%。", hint, **where)
    return stated


def _ring_taken_off(shape: BaseGeometry, rings: list[Ring], stated: float, measure: Any) -> Ring | None:
    """The outer ring that the declared area takes off instead of adding, if that explains the difference."""
    if len(shape.geoms) < 2:
        return None
    total = measure(shape)
    for ring in rings[1:]:
        apart = shapely.Polygon(ring.points)
        is_part = any(part.exterior.equals(apart.exterior) for part in shape.geoms)
        if is_part and abs(total - 2 * measure(apart) - stated) <= 0.01 * total:
            return ring
    return None


def _place(point: tuple[float, float] | None, epsg: int | None) -> tuple[float, float] | None:
    """A point of the plane as longitude and latitude, where the zone is known."""
    if point is None or epsg is None:
        return None
    stored = crs.to_storage(shapely.Point(point), epsg)
    return round(stored.x, 8), round(stored.y, 8)
