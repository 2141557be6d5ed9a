"""READERS: which function reads a file, by its suffix; and what to do about those that none reads."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders import limits
from loaders.formats import archive, boundary_txt, geojson, table, vector
from loaders.record import ERROR, Delivery, File, FileRefused, Issue, refused
from spatial.crs import CrsRefused

Reader = Callable[..., Delivery]

READERS: dict[str, Reader] = {
    ".txt": boundary_txt.read,
    ".shp": vector.read_shapefile,
    ".gpkg": vector.read_geopackage,
    ".geojson": geojson.read,
    ".json": geojson.read,
    ".csv": table.read_csv,
    ".xlsx": table.read_xlsx,
}

ADVICE = {
    ".dwg": "请在 CAD 软件里另存，再用 GIS 软件转成 Shapefile 或 GPKG（CGCS2000 坐标）。",
    ".dxf": "请用 GIS 软件转成 Shapefile 或 GPKG，并写明坐标系。",
    ".mdb": "请在 ArcGIS 里导出为 GPKG 或 Shapefile。",
    ".gdb": "请在 GIS 软件里导出为 GPKG 或 Shapefile。",
    ".udb": "请在 SuperMap 里导出为 GPKG 或 Shapefile。",
    ".wp": "请在 MapGIS 里导出为 GPKG 或 Shapefile。",
    ".kml": "请先确认坐标是否来自互联网地图（会偏移），再导出为 GeoJSON 或 GPKG。",
    ".kmz": "请先确认坐标是否来自互联网地图（会偏移），再导出为 GeoJSON 或 GPKG。",
    ".xls": "请用电子表格软件另存为 .xlsx。",
    ".rar": "请改用 zip 压缩。",
    ".7z": "请改用 zip 压缩。",
    ".dat": "请转换成界址点坐标交换格式（.txt）。",
    ".pdf": "请提交矢量数据：图片和 PDF 里没有坐标。",
    ".jpg": "请提交矢量数据：图片和 PDF 里没有坐标。",
    ".png": "请提交矢量数据：图片和 PDF 里没有坐标。",
    ".tif": "影像暂不能在这里装入。",
}
KNOWN = {*READERS, *ADVICE, ".zip"}
READABLE = "可以读取：界址点 .txt、Shapefile（.zip 或 .shp）、.gpkg、.geojson、.csv、.xlsx。"


@contextmanager
def opened(source: Path | bytes, name: str) -> Iterator[tuple[File, Reader]]:
    """The file behind a path or bytes, unpacked where it is a zip, and what reads it. Raises FileRefused."""
    with tempfile.TemporaryDirectory(prefix="jingtu-load-") as folder:
        path = _on_disk(source, name, Path(folder))
        size = path.stat().st_size
        most = limits.FILE_BYTES if isinstance(source, bytes) else limits.UNPACKED_BYTES
        if size > most:
            raise refused(
                "file_too_large",
                f"文件有 {size // 1024**2} MB，超过 {most // 1024**2} MB。",
                "请拆分后再提交。",
            )
        if size == 0:
            raise refused("file_empty", "文件是空的。", "请核对后重新提交。")
        same = isinstance(source, bytes) or path.suffix.lower() == Path(name).suffix.lower()
        file = File(name if same else path.name, path)
        if file.suffix == ".zip":
            inner = Path(folder, "unpacked")
            inner.mkdir()
            file = archive.unpack(file, inner)
        reader = READERS.get(file.suffix)
        if reader is None:
            raise refused(
                "format_unsupported",
                f"不支持 {file.suffix[:20] or '没有后缀'} 的文件。",
                ADVICE.get(file.suffix, READABLE),
            )
        yield file, reader


def _on_disk(source: Path | bytes, name: str, folder: Path) -> Path:
    """The path itself when it is a plain file; GDAL takes names that begin with /vsi for addresses."""
    if isinstance(source, bytes):
        suffix = Path(name).suffix.lower()
        path = folder / f"upload{suffix if suffix in KNOWN else ''}"
        path.write_bytes(source)
        return path
    if str(source).startswith("/vsi"):
        raise refused("file_missing", f"没有文件 {source.name}。", "请核对文件名和路径。")
    if source.is_dir():
        shapefiles = [path for path in source.iterdir() if path.suffix.lower() == ".shp"]
        if len(shapefiles) != 1:
            advice = ADVICE.get(source.suffix.lower(), "文件夹里应正好有一个 Shapefile；请写明要装入的文件。")
            raise refused(
                "folder_unreadable", f"{source.name} 是文件夹，里面有 {len(shapefiles)} 个 .shp。", advice
            )
        return shapefiles[0].resolve()
    if not source.is_file():
        raise refused("file_missing", f"没有文件 {source.name}。", "请核对文件名和路径。")
    return source.resolve()


def digest_of(source: Path) -> str:
    """SHA-256 of everything that a delivery on disk consists of: a Shapefile is several files."""
    path = _on_disk(source, source.name, source.parent)
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = [part for suffix in archive.SHAPEFILE_PARTS if (part := vector.beside(path, suffix))]
    digests = []
    for part in parts:
        with part.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def refusal_of(error: FileRefused | CrsRefused) -> Issue:
    """The issue that a refusal becomes in a list."""
    if isinstance(error, FileRefused):
        return error.issue
    return Issue(error.code, ERROR, error.message, error.hint)
