"""FileGDB through GDAL's OpenFileGDB: a folder, which comes in a zip. Texts are UTF-16 inside; curves become chords."""

from __future__ import annotations

from pathlib import Path

from loaders.formats import vector
from loaders.record import Delivery, File, refused


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The one layer with shapes of a FileGDB, or the one that is named; tables beside it are told and left."""
    if not file.path.is_dir() or not any(file.path.glob("a00000001.gdbtable")):
        raise refused(
            "wrong_content",
            "文件内容不是 FileGDB。",
            "FileGDB 是 .gdb 文件夹：请把整个文件夹压缩为 .zip 后提交。",
        )
    if missing := _without_index(file.path):
        # GDAL guesses then where rows begin, and may find some that were deleted.
        said = f"FileGDB 不完整，缺少 {missing[0].with_suffix('.gdbtablx').name}。"
        raise refused("geodatabase_part", said, "请把整个 .gdb 文件夹重新压缩后提交。")
    layer, issues = vector.one_layer(file, "FileGDB")
    return vector.read_layer(file.path, crs, "utf-8", None, issues, layer)


def _without_index(folder: Path) -> list[Path]:
    """Tables of which nothing says where their rows are."""
    parts = {part.name.lower(): part for part in folder.iterdir()}
    return [
        part
        for name, part in parts.items()
        if name.endswith(".gdbtable") and f"{name[:-5]}tablx" not in parts
    ]
