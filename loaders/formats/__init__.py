"""READERS: which function reads a file, by its suffix; and what to do about those that none reads."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from loaders import limits
from loaders.formats import (
    archive,
    boundary_txt,
    cass,
    dxf,
    filegdb,
    flatgeobuf,
    geojson,
    geoparquet,
    kml,
    raster,
    shapefile,
    table,
    vector,
)
from loaders.record import ERROR, Delivery, File, FileRefused, Issue, refused
from spatial.crs import CrsRefused

Reader = Callable[..., Delivery]
Opening = Callable[[Path, str, str | None], AbstractContextManager[tuple[File, Reader]]]
"""A way to open a file on disk: `opened`, in this process, or in a child that loaders.sandbox keeps."""


@dataclass(frozen=True, slots=True)
class Format:
    """What people call the files of a suffix, and the function that reads one."""

    title: str
    read: Reader


READERS: dict[str, Format] = {
    ".txt": Format("界址点 .txt", boundary_txt.read),
    ".dat": Format("CASS .dat", cass.read),
    ".dxf": Format(".dxf", dxf.read),
    ".shp": Format("Shapefile（.zip 或 .shp）", shapefile.read),
    ".gpkg": Format(".gpkg", vector.read_geopackage),
    ".gdb": Format("FileGDB（.gdb 文件夹压缩为 .zip）", filegdb.read),
    ".fgb": Format(".fgb", flatgeobuf.read),
    ".parquet": Format("GeoParquet（.parquet）", geoparquet.read),
    ".geoparquet": Format("GeoParquet（.parquet）", geoparquet.read),
    ".geojson": Format(".geojson", geojson.read),
    ".json": Format(".geojson", geojson.read),
    ".kml": Format(".kml", kml.read),
    ".kmz": Format(".kmz", kml.read_kmz),
    ".csv": Format(".csv", table.read_csv),
    ".xlsx": Format(".xlsx", table.read_xlsx),
}
IMAGES = dict.fromkeys((".tif", ".tiff"), Format("GeoTIFF（.tif）", raster.read))
"""What goes into a layer of images, and nowhere else."""
READABLE = f"可以读取：{'、'.join(dict.fromkeys(one.title for one in READERS.values()))}。"

_EXPORT = "导出为 Shapefile、GPKG 或 FileGDB（CGCS2000 坐标）后再提交。"
_NO_SHAPES = "请提交矢量数据：图片和 PDF 里没有坐标。"
_ZIP = "请改用 zip 压缩。"
ADVICE = {
    ".dwg": "请在 CAD 软件里另存为 DXF，或转成 Shapefile、GPKG（CGCS2000 坐标）。",
    ".mdb": f"请在 ArcGIS 里{_EXPORT}",
    ".accdb": f"请在 ArcGIS 里{_EXPORT}只是名单的，请另存为 .xlsx。",
    **dict.fromkeys((".udb", ".udbx", ".udd", ".smwu"), f"请在 SuperMap 里{_EXPORT}"),
    **dict.fromkeys((".wp", ".wl", ".wt", ".mpj", ".hdf"), f"请在 MapGIS 里{_EXPORT}"),
    **dict.fromkeys((".tab", ".mif", ".mid"), f"请在 MapInfo 里{_EXPORT}"),
    ".xls": "请用电子表格软件另存为 .xlsx。",
    ".et": "请用电子表格软件另存为 .xlsx。",
    ".ovkml": "请在奥维地图里导出为 KML（不加偏移）后再提交。",
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz"), _ZIP),
    **dict.fromkeys((".pdf", ".jpg", ".jpeg", ".png", ".bmp"), _NO_SHAPES),
    **dict.fromkeys((".doc", ".docx", ".wps"), "请提交矢量数据，或把表格另存为 .xlsx。"),
    **dict.fromkeys(IMAGES, "请提交矢量数据；影像只能装入影像图层。"),
    **dict.fromkeys(
        (".img", ".jp2", ".ecw", ".sid", ".asc", ".vrt"), "请提交矢量数据；影像请转换为 GeoTIFF（.tif）。"
    ),
}
"""What to do with files of a suffix that nobody reads."""
KNOWN = {*READERS, *ADVICE, ".zip"}
ONLY_IMAGES = "这是影像图层，只收 GeoTIFF（.tif）；其他格式请先转换。"


@contextmanager
def opened(
    source: Path | bytes, name: str, part: str | None = None, *, images: bool = False
) -> Iterator[tuple[File, Reader]]:
    """The file behind a path or bytes, unpacked where it is a zip, and what reads it. Raises FileRefused.

    `images`: whether it is one of IMAGES that is wanted; neither kind goes where the other belongs.
    """
    readers = IMAGES if images else READERS
    advice = dict.fromkeys((*READERS, *ADVICE), ONLY_IMAGES) if images else ADVICE
    with tempfile.TemporaryDirectory(prefix="jingtu-load-") as folder:
        path = _on_disk(source, name, Path(folder))
        size = sum(part.stat().st_size for part in (path.iterdir() if path.is_dir() else [path]))
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
            file = archive.unpack(file, inner, set(readers), advice)
        found = readers.get(file.suffix)
        if found is None:
            raise refused(
                "format_unsupported",
                f"不支持 {file.suffix[:20]} 的文件。" if file.suffix else "文件没有后缀，不知道是什么格式。",
                advice.get(file.suffix, ONLY_IMAGES if images else READABLE),
            )
        yield replace(file, part=part), found.read


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
        return _in_folder(source)
    if not source.is_file():
        raise refused("file_missing", f"没有文件 {source.name}。", "请核对文件名和路径。")
    return source.resolve()


def _in_folder(folder: Path) -> Path:
    """The one dataset of a folder: itself when it is a FileGDB, else its one Shapefile."""
    if folder.suffix.lower() == ".gdb":
        return folder.resolve()
    shapefiles = [path for path in folder.iterdir() if path.suffix.lower() == ".shp"]
    if len(shapefiles) != 1:
        raise refused(
            "folder_unreadable",
            f"{folder.name} 是文件夹，里面有 {len(shapefiles)} 个 .shp。",
            "文件夹里应正好有一个 Shapefile；请写明要装入的文件。",
        )
    return shapefiles[0].resolve()


def digest_of(source: Path) -> str:
    """SHA-256 of everything that a delivery on disk consists of: a Shapefile and a FileGDB are several files."""
    path = _on_disk(source, source.name, source.parent)
    parts = [path]
    if path.is_dir():
        parts = sorted(part for part in path.iterdir() if archive.is_part_of_geodatabase(part.name))
    elif path.suffix.lower() == ".shp":
        parts = [part for suffix in archive.SHAPEFILE_PARTS if (part := shapefile.beside(path, suffix))]
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
