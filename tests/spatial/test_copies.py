"""Files that come after a backup are copied beside it, whole and once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from spatial import copies


def test_new_files_are_copied_once_and_nothing_that_is_being_made(tmp_path: Path) -> None:
    home, backups = tmp_path / "home", tmp_path / "backups"
    for name in ("attachments/ab/abc", "rasters/x.tif", "rasters/.making-1/y.tif", "attachments/ab/.abc.1"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(name)
    with override_settings(JINGTU_HOME=home):
        assert copies.copy_all() == 0  # no backup was made yet
        copies.begin(backups)
        assert copies.copy_all() == 2
        assert copies.copy_all() == 0
        copy = backups / "files" / "attachments" / "ab" / "abc"
        assert copy.read_text() == "attachments/ab/abc"
        copy.write_text("cut")  # by a disk that was full
        assert copies.copy_all() == 1 and copy.read_text() == "attachments/ab/abc"
        backups.rename(tmp_path / "away")
        backups.write_text("no folder any more")
        with pytest.raises(OSError):
            copies.copy_all()
