"""How much of a file is read at most; a file beyond one of these is refused and says which.

Each is a setting, read once: wrong ones are told when a program starts.
"""

from __future__ import annotations

import errno
import os
import re

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where a disk is full, or a file may not grow: no fault of what is read."""
KIB, MIB = 1024, 1024**2
DEFAULTS: dict[str, int] = {}
"""Every variable that is read here."""


def _setting(name: str, default: int) -> int:
    """A whole number above 0. Raises ValueError for anything else."""
    DEFAULTS[name] = default
    text = os.environ.get(name, "").strip()
    if text and not re.fullmatch(r"0*[1-9][0-9]{0,14}", text):
        raise ValueError(f"设置 {name} 应为大于 0 的整数，现在是“{text[:40]}”。")
    return int(text or default)


FILE_BYTES = _setting("JINGTU_MAX_UPLOAD_MB", 200) * MIB
UNPACKED_BYTES = _setting("JINGTU_MAX_UNPACKED_MB", 2048) * MIB
UNPACKED_RATIO = _setting("JINGTU_MAX_UNPACKED_RATIO", 100)
ARCHIVE_ENTRIES = _setting("JINGTU_MAX_ARCHIVE_ENTRIES", 100)
GEODATABASE_ENTRIES = _setting("JINGTU_MAX_GEODATABASE_ENTRIES", 2_000)
ROWS = _setting("JINGTU_MAX_ROWS", 5_000_000)
COLUMNS = _setting("JINGTU_MAX_COLUMNS", 256)
FIELD_BYTES = _setting("JINGTU_MAX_FIELD_KB", 64) * KIB
CELL_BYTES = _setting("JINGTU_MAX_CELL_KB", 8 * 1024) * KIB
"""Of a CSV: a shape in WKT is longer than any text may be."""
FEATURE_VERTICES = _setting("JINGTU_MAX_FEATURE_VERTICES", 200_000)
FILE_VERTICES = _setting("JINGTU_MAX_FILE_VERTICES", 20_000_000)
SHEET_ROWS = _setting("JINGTU_MAX_SHEET_ROWS", 1_048_576)
SHEET_CELLS = _setting("JINGTU_MAX_SHEET_CELLS", 10_000_000)
SHEET_GAP = _setting("JINGTU_MAX_SHEET_GAP", 1_000)
"""Empty rows between two that say something."""
RASTER_PIXELS = _setting("JINGTU_MAX_RASTER_PIXELS", 400_000_000)
"""Columns times rows of an image."""
READ_MEMORY_BYTES = _setting("JINGTU_READ_MEMORY_MB", 2048) * MIB
LOAD_CPU_S = _setting("JINGTU_LOAD_CPU_SECONDS", 600)
LOAD_WAIT_S = _setting("JINGTU_LOAD_WAIT_SECONDS", 900)
LOAD_MEMORY_BYTES = _setting("JINGTU_LOAD_MEMORY_MB", 4096) * MIB
LOAD_DISK_BYTES = _setting("JINGTU_LOAD_DISK_MB", 4096) * MIB
