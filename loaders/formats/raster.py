"""GeoTIFF: one record an image, with the outline of its data. What it may be is looked at before any pixel is read."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders import limits
from loaders.formats import capture_date, origin, pixels
from loaders.formats.footprint import footprint
from loaders.record import NOTICE, Delivery, File, Image, Issue, Record, refused
from spatial import crs as coordinate_systems

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
BYTES_A_PIXEL = 8
"""On average, so that bands do not add up to what no disk holds."""
BLOCK_BYTES = 64 * 1024**2
"""A block is read as a whole."""
STRAIGHT = 0.1
"""Pixels by which a turn may move the far corner and still be a rounding."""
COLUMNS = (
    "name", "date", "resolution_m", "bands", "band_names", "data_type", "nodata", "width", "height", "crs",
    "sha256", "file",
)  # fmt: skip
COLOURS = {
    "gray": "灰度", "palette": "调色板", "red": "红", "green": "绿", "blue": "蓝", "alpha": "透明度", "nir": "近红外",
}  # fmt: skip
_AGAIN = "请用 GIS 软件重新导出为 GeoTIFF 后再提交。"


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The one image of a GeoTIFF. `encoding` is not asked: what it says of itself is ASCII by the standard."""
    _require_tiff(file.path)
    with pixels.opened(file.path) as dataset:
        _require_image(dataset)
        _require_place(dataset, file.path)
        epsg = _crs(dataset, crs)
        tags = {**dataset.tags(), **dataset.tags(ns="EXIF"), **dataset.tags(ns="IMAGERY")}
        day, issues = capture_date.captured(tags)
        found = pixels.read_all(dataset)
        shape, off = _outline(dataset, found)
        with file.path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        values = {
            "name": Path(file.name).name,
            "date": day.isoformat() if day else None,
            **_described(dataset, epsg),
            "sha256": sha256,
            # What the file does not say of itself, the copy says: with another system it is another copy.
            "file": f"{sha256}.tif" if dataset.crs else f"{sha256}-{epsg}.tif",
        }
    issues += [*_left_out(file.path), *origin.tell(epsg)]
    if off > 0.5:
        said = f"有效像元的边界很碎，轮廓只画到 {off:g} 个像元以内。"
        issues.append(Issue("footprint_simplified", NOTICE, said))
    image = Image(values["file"], file.path, epsg, found.window, found.checksum)
    records = [Record(1, values, shape)]
    return Delivery(records, COLUMNS, epsg, "", tuple(issues), data_date=day, count=1, image=image)


def _require_tiff(path: Path) -> None:
    """Refuse what is no TIFF, and one that is cut off before its own table of contents."""
    with path.open("rb") as opened:
        head = opened.read(16)
    if head[:4] not in MAGIC:
        raise refused("wrong_content", "文件内容不是 TIFF。", "请核对后缀名，或用 GIS 软件重新导出。")
    big = head[2:3] == b"+" or head[3:4] == b"+"
    first = int.from_bytes(head[8:16] if big else head[4:8], "little" if head[:1] == b"I" else "big")
    if first >= path.stat().st_size:
        raise refused("truncated", "影像不完整，比文件头写明的短。", "请重新复制或导出后再提交。")


def _require_image(dataset: Any) -> None:
    """One image of a bearable size and of pixels that can be shown. Nothing of it is read yet."""
    if len(dataset.subdatasets) > 1:
        raise refused(
            "raster_several",
            f"一个 TIFF 里有 {len(dataset.subdatasets)} 幅影像。",
            "请每幅单独导出为一个 GeoTIFF。",
        )
    size = dataset.width * dataset.height
    if not 0 < size <= limits.RASTER_PIXELS:
        raise refused(
            "raster_too_large",
            f"影像有 {dataset.width} × {dataset.height} 个像元，超过 {limits.RASTER_PIXELS / 1e8:g} 亿个。",
            "请分幅后再提交。",
        )
    kinds = set(dataset.dtypes)
    if not kinds or not kinds <= set(TYPES) or len(kinds) > 1:
        raise refused(
            "raster_type",
            f"影像有 {dataset.count} 个波段，像元类型是 {'、'.join(sorted(map(str, kinds))) or '未知'}，不能使用。",
            f"请转换为这些类型之一：{'、'.join(TYPES)}。",
        )
    pixel = dataset.count * np.dtype(dataset.dtypes[0]).itemsize
    if dataset.count > limits.COLUMNS or size * pixel > limits.RASTER_PIXELS * BYTES_A_PIXEL:
        raise refused(
            "raster_too_large",
            f"影像有 {dataset.count} 个波段，解开后有 {size * pixel / 1e9:.1f} GB。",
            f"最多 {limits.COLUMNS} 个波段、{limits.RASTER_PIXELS * BYTES_A_PIXEL / 1e9:g} GB："
            "请分幅，或只导出需要的波段。",
        )
    high, wide = dataset.block_shapes[0]
    if high * wide * pixel > BLOCK_BYTES:
        raise refused(
            "raster_blocks",
            f"影像一块有 {high * wide * pixel // 1024**2} MB，要整块才能读。",
            "请分块（TILED=YES）导出为 GeoTIFF 后再提交。",
        )


def _require_place(dataset: Any, path: Path) -> None:
    """North is up, and where it lies stands in the file itself."""
    at = dataset.transform
    if dataset.gcps[0] or (at.is_identity and dataset.rpcs):
        raise refused(
            "raster_not_rectified",
            "影像只有控制点或 RPC 参数，还没有纠正，不知道每个像元在哪里。",
            "请做正射纠正，导出为正北朝上的 GeoTIFF 后再提交。",
        )
    if at.is_identity:
        beside = "、".join(_beside(path))
        raise refused(
            "raster_no_place",
            "影像里没有写它在哪里" + (f"；旁边的 {beside} 没有读。" if beside else "。"),
            "单独的坐标文件（.tfw、.aux.xml）不读：请在 GIS 软件里带坐标另存为 GeoTIFF。",
        )
    if not all(map(math.isfinite, at[:6])) or at.a == 0 or at.e == 0:
        raise refused("raster_no_place", "影像的坐标参数不是有效数字。", _AGAIN)
    if abs(at.b) * dataset.height > STRAIGHT * abs(at.a) or abs(at.d) * dataset.width > STRAIGHT * abs(at.e):
        raise refused(
            "raster_rotated",
            "影像是转了角度的，不是正北朝上。",
            "请重采样为正北朝上（gdalwarp）后再提交。",
        )
    if at.a < 0 or at.e > 0:
        raise refused(
            "raster_flipped",
            "影像是倒着存的：第一行应在最北，第一列应在最西。",
            "请重采样为正北朝上（gdalwarp）后再提交。",
        )


def _crs(dataset: Any, asked: str | None) -> int:
    stated = coordinate_systems.parse(dataset.crs.to_string()) if dataset.crs else None
    wanted = coordinate_systems.parse(asked) if asked else None
    if stated and wanted and stated != wanted:
        raise refused(
            "crs_conflict",
            f"指明的坐标系 EPSG:{wanted} 与影像写的 EPSG:{stated} 不一致。",
            "请核对后改正其中一个。",
        )
    if not (stated or wanted):
        raise refused(
            "crs_missing", "影像没有坐标系。", "请用 --crs 指明，例如 --crs EPSG:4490；不会替您猜。"
        )
    return stated or wanted or 0


def _outline(dataset: Any, found: pixels.Pixels) -> tuple[BaseGeometry, float]:
    """The outline of what is valid, in the file's coordinates, and by how many pixels it may be off."""
    shape: BaseGeometry = shapely.box(0, 0, dataset.width, dataset.height)
    off = 0.0
    if found.mask is not None:
        shape, off = footprint(found.mask, dataset.width, dataset.height)
        if shape.is_empty:
            raise refused("raster_empty", "影像里没有一个有效像元。", "请核对无效值（nodata）是否写对。")
    at = dataset.transform
    return shapely.transform(shape, lambda points: points * (at.a, at.e) + (at.c, at.f)), off


def _described(dataset: Any, epsg: int) -> Mapping[str, Any]:
    words = zip(dataset.descriptions, dataset.colorinterp, strict=True)
    names = [said or COLOURS.get(colour.name) or f"波段{n}" for n, (said, colour) in enumerate(words, 1)]
    return {
        "resolution_m": _resolution_m(dataset, epsg),
        "bands": dataset.count,
        "band_names": names,
        "data_type": dataset.dtypes[0],
        "nodata": _plain(dataset.nodata),
        "width": dataset.width,
        "height": dataset.height,
        "crs": f"EPSG:{epsg}",
    }


def _plain(nodata: float | None) -> str | None:
    """As people write it: 255, -9999, nan."""
    if nodata is None:
        return None
    return str(int(nodata)) if nodata.is_integer() and abs(nodata) < 2**53 else repr(nodata)


def _resolution_m(dataset: Any, epsg: int) -> float:
    """The longer side of a pixel; of one in degrees that in the middle of the image."""
    across, down = dataset.res
    if coordinate_systems.zone_of(epsg) is None:
        at = dataset.transform
        lon, lat = at.c + at.a * dataset.width / 2, at.f + at.e * dataset.height / 2
        sides = [[(lon, lat), (lon + across, lat)], [(lon, lat), (lon, lat + down)]]
        across, down = (coordinate_systems.length_m(shapely.LineString(side)) for side in sides)
    return round(max(across, down), 4)


def _beside(path: Path) -> list[str]:
    """Neighbours that other programs take as part of an image."""
    worlds = [path.with_suffix(suffix) for suffix in (".tfw", ".tifw", ".wld")]
    others = [path.with_name(path.name + suffix) for suffix in (".aux.xml", ".ovr", ".msk")]
    return [one.name for one in (*worlds, *others) if one.exists()]


def _left_out(path: Path) -> list[Issue]:
    names = _beside(path)
    said = f"只读 GeoTIFF 本身；旁边的 {'、'.join(names)} 没有读。"
    return [Issue("sidecar_ignored", NOTICE, said)] if names else []
