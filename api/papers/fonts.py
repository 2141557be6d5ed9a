"""Where the font of the papers lies: Noto Sans CJK (SIL OFL 1.1), which `.ci/install` brings as Debian's package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

REGULAR = "NotoSansCJK-Regular.ttc"
BOLD = "NotoSansCJK-Bold.ttc"
FAMILY = "Noto Sans CJK SC"
FOLDERS = (Path("/usr/share/fonts/opentype/noto"), Path("/usr/share/fonts/noto-cjk"))
"""Debian and Ubuntu; other distributions."""


class FontMissing(RuntimeError):
    """The font is not on this machine; the message says so in Chinese."""


@cache
def font_folder() -> Path:
    """Raises FontMissing."""
    for folder in FOLDERS:
        if all((folder / name).exists() for name in (REGULAR, BOLD)):
            return folder
    raise FontMissing("缺少中文字体 Noto Sans CJK，不能出具文件。请安装 fonts-noto-cjk 后重试。")
