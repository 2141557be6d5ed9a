"""The records of a .shp, looked at before GDAL reads them: of one that does not fit it makes a row without shape.

It says nothing then. Layout: ESRI Shapefile Technical Description (1998), pages 2 to 24.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from loaders.record import refused
from spatial import crs

HEADER = 100
WITH_PARTS, WITH_POINTS = (3, 5, 13, 15, 23, 25, 31), (8, 18, 28)
"""Numbers of the types that count their parts and points, or their points alone."""


def require_records(shp: Path, shx: Path) -> None:
    """Refuse a Shapefile of which a record is not where the index says, is of another type than the file, or has not
    the points it counts. Both files hold their headers already. Raises FileRefused."""
    data = np.memmap(shp, dtype=np.uint8, mode="r")
    kind = int(_whole_numbers(data, np.array([32]))[0])
    count = (shx.stat().st_size - HEADER) // 8
    index = np.fromfile(shx, dtype=">u4", offset=HEADER, count=count * 2)
    starts, lengths = index.reshape(-1, 2).astype(np.int64).T * 2
    _require((starts >= HEADER) & (lengths >= 4) & (starts + 8 + lengths <= data.size), "不在 .shp 文件之内")
    kinds = _whole_numbers(data, starts + 8)
    is_null = kinds == 0
    _require((kinds == kind) | is_null, "类型与文件写明的不同")
    _require((lengths == 4) | ~is_null, "写着没有图形，却有内容")
    if kind not in WITH_PARTS + WITH_POINTS:
        return
    head = 44 if kind in WITH_PARTS else 40
    _require((lengths >= head) | is_null, "太短")
    at = np.where(is_null, 0, starts + 8)  # what is read for a null shape is not looked at
    parts = _whole_numbers(data, at + 36) if kind in WITH_PARTS else 0
    points = _whole_numbers(data, at + head - 4)
    fits = (parts >= 0) & (points >= 0) & (head + 4 * parts + 16 * points <= lengths)
    _require(fits | is_null, "写明的点数比它的长度多")
    if kind in WITH_PARTS:
        _require(_parts_fit(data, at + head, np.where(is_null, 0, parts), points), "各圈的起点不对")


def _parts_fit(data: np.ndarray, at: np.ndarray, parts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """By record, whether its parts begin at its first point, each behind the one before, and all within its points."""
    record = np.repeat(np.arange(parts.size), parts)
    order = np.arange(record.size) - np.repeat(np.cumsum(parts) - parts, parts)
    starts = _whole_numbers(data, at[record] + 4 * order)
    before = np.concatenate([[-1], starts[:-1]])
    fits = np.where(order == 0, starts == 0, starts > before) & (starts < np.maximum(points[record], 1))
    wrong = np.zeros(parts.size, dtype=bool)
    wrong[record[~fits]] = True
    return ~wrong


def _whole_numbers(data: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The little-endian whole numbers of four bytes at these places."""
    found = np.ascontiguousarray(data[at[:, None] + np.arange(4)])
    return found.view("<i4")[:, 0].astype(np.int64)


def _require(fits: np.ndarray, fault: str) -> None:
    if fits.all():
        return
    row, count = int(np.argmin(fits)) + 1, int((~fits).sum())
    others = f"，这样的共 {count} 个" if count > 1 else ""
    hint = "请用 GIS 软件检查并修复几何后重新导出。"
    raise refused("shape_record", f"第 {row} 个图形的记录{fault}{others}。", hint, row=row)


def require_text(prj: Path) -> None:
    """Refuse a .prj that is not UTF-8, which pyogrio cannot take; old datums have their Chinese names in GBK there.
    Raises FileRefused, CrsRefused."""
    data = prj.read_bytes()
    try:
        data.decode()
    except UnicodeDecodeError:
        crs.parse(data.decode("gb18030", "replace"))
        raise refused(
            "crs_unreadable",
            ".prj 里的坐标系名称不是 UTF-8，读不出来。",
            "请在 GIS 软件里重新定义坐标系（CGCS2000）后导出。",
        ) from None
