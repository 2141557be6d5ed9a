"""The area that a row declares against the area that its shape has, in files that have a column for it.

Units are seldom said, so a figure is right where it fits in any of those that land offices use. Boundary-point files,
whose format says hectares, compare their own (loaders.formats.boundary_plot).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely

from loaders.formats.text import narrow
from loaders.row import Row, shapes_of
from spatial import crs

COLUMNS = frozenset({
    "面积", "用地面积", "占地面积", "地块面积", "宗地面积", "图斑面积", "椭球面积", "面积_公顷", "面积_亩",
    "mj", "tbmj", "zdmj", "dkmj", "ydmj", "area", "area_m2", "area_ha", "area_hm2",
})  # fmt: skip
UNITS_M2 = (1.0, 10_000.0, 2000 / 3, 1_000_000.0)
"""Square metre, hectare (公顷), mu (亩), square kilometre."""
TOLERANCE = 0.01
"""As in a boundary-point file: beyond 1 % a figure and its shape are not of the same plot."""
LEAST_M2 = 1.0


def area_column(columns: Sequence[str]) -> str | None:
    """The column that declares an area, if there is one."""
    return next((one for one in columns if narrow(one).replace(" ", "").casefold() in COLUMNS), None)


def compare_areas(rows: Sequence[Row], column: str, owner: str) -> None:
    """Warn of rows whose figure fits their shape in no unit. Shapes are in EPSG:4490."""
    taken = [row for row in rows if row.geometry is not None and row.has_boundary and not row.is_refused]
    shapes = shapes_of(taken)
    declared = np.array([_number(row.original.get(column)) for row in taken])
    # Right to some 1e-5 for a plot; only what does not fit by far is measured as it should be.
    rough = shapely.area(shapes) * _m2_per_square_degree(shapely.bounds(shapes))
    fits = np.isnan(declared) | (rough == 0)
    for unit in UNITS_M2:
        fits |= np.abs(declared * unit - rough) <= np.maximum(0.9 * TOLERANCE * rough, 0.5 * LEAST_M2)
    for at in np.flatnonzero(~fits).tolist():
        _compare(taken[at], float(declared[at]), column, owner)


def _compare(row: Row, declared: float, column: str, owner: str) -> None:
    assert row.geometry is not None  # noqa: S101
    measured = crs.area_m2(row.geometry)
    if any(abs(declared * unit - measured) <= max(TOLERANCE * measured, LEAST_M2) for unit in UNITS_M2):
        return
    inside = row.geometry.representative_point()
    row.warn(
        "area_differs",
        f"写明的面积 {declared:.12g} 与图形不符：按坐标算得椭球面积 {measured:.2f} 平方米"
        f"（{measured / 10_000:.4f} 公顷，{measured / UNITS_M2[2]:.2f} 亩）。",
        "请核对面积和界址点：图形可能不全，也可能是另一块地。",
        field=column,
        value=str(row.original.get(column))[:80],
        place=(round(inside.x, 6), round(inside.y, 6)),
        owner=owner,
    )


def _number(said: object) -> float:
    """A positive figure, else NaN: nothing said is nothing to compare."""
    try:
        number = float(narrow(str(said)).replace(",", ""))
    except ValueError:
        return math.nan
    return number if number > 0 and math.isfinite(number) else math.nan


def _m2_per_square_degree(bounds: np.ndarray) -> np.ndarray:
    middle = np.radians((bounds[:, 1] + bounds[:, 3]) / 2)
    w2 = 1 - crs.E2 * np.sin(middle) ** 2
    return np.radians(1) ** 2 * crs.A**2 * (1 - crs.E2) / w2**2 * np.cos(middle)
