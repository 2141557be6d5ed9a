"""A zip made safe: sizes, names and kinds are looked at before anything is written, and names are our own."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping, Set
from pathlib import Path, PurePosixPath

from loaders import limits
from loaders.record import File, refused

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
GEODATABASE = "data.gdb"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others may ask for gigabytes of memory to unpack a few bytes."""
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises where an archive is damaged."""


def unpack(file: File, folder: Path, readable: Set[str], advice: Mapping[str, str]) -> File:
    """The one dataset of a zip, unpacked into `folder` under a name of ours. Raises FileRefused.

    `readable`: suffixes of which one file is a dataset. `advice`: what to do with files that cannot be read.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = checked(archive)
            chosen = _chosen(members, readable, advice)
            for target, member in chosen.items():
                (folder / target).parent.mkdir(exist_ok=True)
                _extract(archive, member, folder / target)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno in limits.NO_ROOM:
            raise
        raise refused(
            "zip_unreadable", "压缩包打不开，可能已损坏或不完整。", "请重新压缩为普通 zip 后再提交。"
        ) from error
    first = next(iter(chosen))
    if (parent := PurePosixPath(first).parent.name) == GEODATABASE:
        return File(_parts(chosen[first])[-2], folder / parent)
    return File(_name(chosen[first]), folder / first)


def is_part_of_geodatabase(name: str) -> bool:
    """Whether a file of a FileGDB's folder holds rows, by its name."""
    return (
        name.lower() == "gdb"
        or re.fullmatch(r"a[0-9a-f]{8}\.gdb(table|tablx|indexes)", name.lower()) is not None
    )


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(_name(member).replace("\\", "/")).parts


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag Chinese Windows writes GBK, which zipfile takes for cp437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of a zip once all of its names, sizes and kinds are harmless. Raises FileRefused."""
    members = archive.infolist()
    # A FileGDB has a dozen files for each table, most of them indexes that are not unpacked.
    counted = [one for one in members if not any(part.lower().endswith(".gdb") for part in _parts(one)[:-1])]
    if len(counted) > limits.ARCHIVE_ENTRIES or len(members) > limits.GEODATABASE_ENTRIES:
        raise refused(
            "zip_too_many",
            f"压缩包里有 {len(members)} 个文件，超过 {limits.ARCHIVE_ENTRIES} 个。",
            "请只压缩一个图层的文件。",
        )
    seen: set[str] = set()
    for member in members:
        name = _name(member).replace("\\", "/")
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0]:
            raise refused(
                "zip_path",
                "压缩包里有指向包外的文件名。",
                "请重新压缩，文件名里不要带路径。",
                value=name[:80],
            )
        if (member.external_attr >> 16) & 0o170000 == 0o120000:
            raise refused("zip_link", "压缩包里有链接。", "请压缩文件本身。", value=name[:80])
        if member.flag_bits & 0x1:
            raise refused("zip_encrypted", "压缩包有密码。", "请去掉密码后再提交。")
        if member.compress_type not in METHODS:
            raise refused("zip_method", "压缩包用了少见的压缩方法。", "请改用普通 zip（Deflate）压缩。")
        if name.lower() in seen:
            raise refused("zip_name_twice", "压缩包里有重名的文件。", "请重新压缩。", value=name[:80])
        seen.add(name.lower())
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if unpacked > limits.UNPACKED_BYTES or unpacked > limits.UNPACKED_RATIO * max(packed, 10_000):
        raise refused(
            "zip_too_large",
            "压缩包解开后过大。",
            f"解开后应不超过 {limits.UNPACKED_BYTES // limits.MIB} MB，不超过压缩包的 {limits.UNPACKED_RATIO} 倍。",
        )
    return [member for member in members if not member.is_dir() and "__MACOSX" not in member.filename]


def _chosen(
    members: list[zipfile.ZipInfo], readable: Set[str], advice: Mapping[str, str]
) -> dict[str, zipfile.ZipInfo]:
    """Our name → member: the parts of the one Shapefile or FileGDB, else the one file of another format."""
    by_suffix = [(PurePosixPath(*_parts(member)), member) for member in members]
    shapes = [(path, member) for path, member in by_suffix if path.suffix.lower() == ".shp"]
    if len(shapes) > 1:
        raise refused(
            "zip_several",
            f"压缩包里有 {len(shapes)} 个 Shapefile。",
            "一次装入一个图层：请每个图层单独压缩。",
        )
    if shapes:
        stem = str(shapes[0][0].with_suffix("")).lower()
        parts = {p.suffix.lower(): m for p, m in by_suffix if str(p.with_suffix("")).lower() == stem}
        return {f"data{suffix}": parts[suffix] for suffix in SHAPEFILE_PARTS if suffix in parts}
    if tables := [path for path, _ in by_suffix if path.suffix.lower() == ".gdbtable"]:
        return _geodatabase(by_suffix, tables)
    singles = [(path, member) for path, member in by_suffix if path.suffix.lower() in readable]
    if len(singles) != 1:
        what = "没有可读的数据文件" if not singles else f"有 {len(singles)} 个数据文件"
        known = [] if singles else [hint for p, _ in by_suffix if (hint := advice.get(p.suffix.lower()))]
        raise refused(
            "zip_several" if singles else "zip_empty",
            f"压缩包里{what}。",
            next(
                iter(known),
                "压缩包里应只有一个图层：一套 .shp/.shx/.dbf/.prj，一个 .gdb 文件夹，或一个其他格式的文件。",
            ),
        )
    path, member = singles[0]
    return {f"data{path.suffix.lower()}": member}


def _geodatabase(
    by_suffix: list[tuple[PurePosixPath, zipfile.ZipInfo]], tables: list[PurePosixPath]
) -> dict[str, zipfile.ZipInfo]:
    folders = {path.parent for path in tables}
    if len(folders) > 1:
        raise refused(
            "zip_several", f"压缩包里有 {len(folders)} 个 FileGDB。", "一次装入一个：请每个单独压缩。"
        )
    (folder,) = folders
    if folder.suffix.lower() != ".gdb":
        raise refused(
            "geodatabase_folder",
            "压缩包里有 FileGDB 的文件，却没有 .gdb 文件夹。",
            "请压缩整个 .gdb 文件夹，不要只压缩里面的文件。",
        )
    return {
        f"{GEODATABASE}/{path.name.lower()}": member
        for path, member in by_suffix
        if path.parent == folder and is_part_of_geodatabase(path.name)
    }


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Copy with a count of our own, because a member's stated size may lie."""
    left = member.file_size
    with archive.open(member) as source, target.open("xb") as copy:
        while chunk := source.read(1024 * 1024):
            left -= len(chunk)
            if left < 0:
                raise refused("zip_too_large", "压缩包里的文件比它写明的大。", "请重新压缩后再提交。")
            copy.write(chunk)
