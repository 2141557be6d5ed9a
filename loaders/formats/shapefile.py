"""A Shapefile: its parts, whether they are whole, and what its texts are written in."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loaders.formats import dbf as dbf_table
from loaders.formats.dbf import Damage, Texts
from loaders.formats.shp import require_records, require_text
from loaders.formats.text import require_encoding
from loaders.formats.vector import read_layer, require_magic
from loaders.record import ERROR, NOTICE, WARNING, Delivery, File, Issue, Record, refused

MAGIC = b"\x00\x00\x27\x0a"


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """A Shapefile with its neighbours .shx and .dbf; .prj and .cpg where they are there."""
    require_magic(file, MAGIC, "Shapefile")
    shx, dbf = _needed(file.path, ".shx"), _needed(file.path, ".dbf")
    _whole(file.path, shx, dbf)
    if prj := beside(file.path, ".prj"):
        require_text(prj)
    cpg = beside(file.path, ".cpg")
    chosen, texts, issues = _texts(dbf, encoding, dbf_table.stated_encoding(cpg, dbf))
    delivery = read_layer(file.path, crs, chosen, chosen, issues, None, deleted=texts.deleted)
    damages = texts.damages[chosen]
    if not damages:
        return delivery
    return replace(delivery, records=_with_damages(delivery.records, delivery.columns, damages, chosen))


def beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix, in lower or upper case."""
    return next(
        (found for found in (path.with_suffix(suffix), path.with_suffix(suffix.upper())) if found.exists()),
        None,
    )


def _needed(path: Path, suffix: str) -> Path:
    found = beside(path, suffix)
    if found is None:
        raise refused(
            "shapefile_part",
            f"缺少 Shapefile 的 {suffix} 文件。",
            "请把 .shp、.shx、.dbf、.prj、.cpg 一起压缩提交。",
        )
    return found


def _whole(path: Path, shx: Path, dbf: Path) -> None:
    """Refuse a truncated Shapefile: GDAL returns fewer rows, or rows without shape, and says nothing."""
    for part in (path, shx):
        with part.open("rb") as opened:
            header = opened.read(100)
        if len(header) < 100 or struct.unpack(">i", header[24:28])[0] * 2 > part.stat().st_size:
            raise refused(
                "truncated", f"{part.suffix} 文件不完整，比文件头写明的短。", "请重新复制或导出后再提交。"
            )
    with dbf.open("rb") as opened:
        header = opened.read(32)
    if len(header) < 32:
        raise refused("truncated", ".dbf 文件不完整。", "请重新复制或导出后再提交。")
    rows, start, length = struct.unpack("<IHH", header[4:12])
    if start + rows * length > dbf.stat().st_size:
        raise refused("truncated", ".dbf 文件不完整，比文件头写明的短。", "请重新复制或导出后再提交。")
    shapes = (shx.stat().st_size - 100) // 8
    if shapes != rows:
        raise refused(
            "rows_differ", f"图形有 {shapes} 个，属性有 {rows} 行。", "请重新导出 Shapefile，两者应一样多。"
        )
    if shapes:
        require_records(path, shx)


def _texts(dbf: Path, asked: str | None, stated: str) -> tuple[str, Texts, list[Issue]]:
    """The encoding of a table's texts, what they are like, and what is to be told.

    What is asked or stated counts, unless UTF-8 is stated and is not so; else UTF-8 where all fits, else GB18030.
    """
    wanted = asked or stated
    if wanted:
        require_encoding(wanted)
    encodings = dict.fromkeys((*dbf_table.ENCODINGS, *([codecs.lookup(wanted).name] if wanted else [])))
    texts = dbf_table.look_at(dbf, tuple(encodings))
    issues = []
    if texts.deleted:
        said = f".dbf 里有 {texts.deleted} 行已标记为删除，没有读。"
        issues.append(Issue("rows_deleted", NOTICE, said, "如果不该删除，请在 GIS 软件里恢复后重新导出。"))
    if wanted:
        chosen = codecs.lookup(wanted).name
    else:
        chosen = "gb18030" if texts.broken("utf-8") else "utf-8"
    if not asked and chosen == "utf-8" and texts.broken("utf-8") > texts.broken("gb18030"):
        chosen = "gb18030"
        issues.append(
            Issue(
                "encoding_wrong",
                WARNING,
                ".cpg 写的是 UTF-8，属性却不是，已按 GB18030 读取。",
                "请核对汉字，并改正 .cpg。",
            )
        )
    return chosen, texts, issues


def _with_damages(
    records: Iterable[Record], columns: Sequence[str], damages: Sequence[Damage], encoding: str
) -> Iterator[Record]:
    """Records with damaged texts told: a last character that was cut is left out, anything else keeps its row out."""
    by_row: dict[int, list[Damage]] = {}
    for damage in damages:
        by_row.setdefault(damage.row, []).append(damage)
    for record in records:
        if record.row not in by_row:
            yield record
            continue
        values, issues = dict(record.values), list(record.issues)
        for damage in by_row[record.row]:
            column = columns[damage.field]
            shown = damage.raw.decode(encoding, "backslashreplace")
            if damage.is_cut:
                code, severity, values[column] = "text_cut", WARNING, damage.raw.decode(encoding, "ignore")
                said = f"{column}的最后一个字不完整（字段太窄），已去掉半个字。"
                hint = "请核对这一项，加宽字段后重新导出。"
            else:
                code, severity, values[column] = "text_undecodable", ERROR, shown
                said = f"{column}里有字节不是 {encoding.upper()} 的字。"
                hint = "请核对编码（可用 --encoding 指明），或改正这一项后重新导出。"
            issues.append(Issue(code, severity, said, hint, record.row, None, column, shown))
        yield record._replace(values=values, issues=tuple(issues))
