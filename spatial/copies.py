"""Copies of the files that belong to the data and are not in the database: each moment comes back with its files.

Once a backup of the private database was made, its log goes to `wal/` beside the backups; a copy of each file that
comes later goes to `files/` there. Files are named by what they hold, so that a copy is never out of date.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings

FOLDERS = ("rasters", "attachments")
"""Under JINGTU_HOME."""
COPIES = "files"


def begin(backups: Path) -> None:
    """From now on copies go beside these backups."""
    _told().write_text(str(backups), encoding="utf-8")


def copy(path: Path) -> bool:
    """Copy a file unless it is there; False where it was, or no backups are told. Raises OSError."""
    if not _told().exists():
        return False
    home = Path(settings.JINGTU_HOME)
    target = Path(_told().read_text(encoding="utf-8")) / COPIES / path.relative_to(home)
    if target.exists() and target.stat().st_size == path.stat().st_size:
        return False
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(path, part)
    part.replace(target)
    return True


def copy_all() -> int:
    """Copy whatever has no copy yet; how many. Raises OSError."""
    home = Path(settings.JINGTU_HOME)
    there = [path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file()]
    return sum(copy(path) for path in there if not _is_being_made(path.relative_to(home)))


def _is_being_made(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _told() -> Path:
    return Path(settings.JINGTU_HOME) / "backups-at"
