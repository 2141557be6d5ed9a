"""Files beside a site, a case, a manifest or an inspection: what they are is read from their bytes, not their names."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from spatial import audit, copies
from spatial.models import Attachment
from spatial.refusal import Refusal

log = logging.getLogger("jingtu.attachments")
MOST_BYTES = 50 * 2**20
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",), DOCX: (".docx",), XLSX: (".xlsx",)}
TYPES, MOST_TYPES_BYTES = "[Content_Types].xml", 2**20
MACROS = re.compile(rb"vbaProject|macroEnabled", re.IGNORECASE)
"""What the list of types of an office file calls a part with macros, whatever its name is."""
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    struct.error,
)
"""What zipfile says of a file that is none, needs a newer version, or has names that are no text."""
SUBJECTS = frozenset({"site", "case", "manifest", "inspection"})


def keep(subject: str, key: str, name: str, content: bytes, by: Any, counties: Any = ()) -> Attachment:
    """Store a file by its SHA-256 and record it. Raises Refusal."""
    name = Path(name.replace("\\", "/")).name[:200] or "file"
    if len(content) > MOST_BYTES:
        message = f"文件 {len(content) // 2**20} MB，上限 {MOST_BYTES // 2**20} MB。"
        raise Refusal("file_too_large", message, "请压缩或拆分。")
    media_type = media_type_of(content)
    if media_type is None or Path(name).suffix.lower() not in SUFFIXES[media_type]:
        raise Refusal("file_type", f"“{name}”的内容不是它的名称所说的类型，或不是可以收的类型。",
                       "可收：PDF、JPEG、PNG、DOCX、XLSX。")  # fmt: skip
    digest = hashlib.sha256(content).hexdigest()
    _store(digest, content)
    with transaction.atomic():
        made = Attachment.objects.create(
            subject=subject,
            key=key,
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=digest,
            by=by,
        )
        audit.record("attachment", by.pk, f"{subject} {key}", counties=counties, name=name, sha256=digest)
    return made


def read(one: Attachment) -> bytes:
    """The bytes as they came. Raises Refusal where they are gone or no longer the same."""
    try:
        content = path_of(one.sha256).read_bytes()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise Refusal(
            "file_damaged",
            f"附件“{one.name}”已缺失或损坏。",
            "请从备份恢复（jingtu restore），或重新上传同一文件。",
        )
    return content


def _store(digest: str, content: bytes) -> None:
    """Have the file whole, and a copy of it where copies go; one that was damaged is mended."""
    path = path_of(digest)
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{digest}.{os.getpid()}")
        part.write_bytes(content)
        part.replace(path)
    try:
        copies.copy(path)
    except OSError as error:  # the backups may be away; the server tries again (api.keeping)
        log.warning("no copy of %s beside the backups: %s", digest, error)


def path_of(digest: str) -> Path:
    return Path(settings.JINGTU_HOME) / "attachments" / digest[:2] / digest


def media_type_of(content: bytes) -> str | None:
    """By the first bytes, and for office files by what the zip holds; macros make it none."""
    for start, media_type in ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG)):
        if content.startswith(start):
            return media_type
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                names = set(archive.namelist())
                types = archive.open(TYPES).read(MOST_TYPES_BYTES + 1) if TYPES in names else b""
        except UNREADABLE:
            return None
        known = len(types) <= MOST_TYPES_BYTES and not MACROS.search(types)
        if known and not any("vbaProject" in name for name in names):
            return DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None
    return None
