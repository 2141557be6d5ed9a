"""Typst, which sets the papers: one compiler a process, the fonts of the installation, data as data.

Data reach a template through `sys.inputs` alone, as one JSON document; a template reads its strings as strings, so no
text of it is ever taken for markup. Templates import no packages; a compiler sees no file but those of `templates/`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from api.papers.fonts import font_folder

TEMPLATES = Path(__file__).parent / "templates"
PPI = 144
_LOCK = threading.Lock()
"""A compiler serves one thread at a time, and refuses a second one."""


def pdf(template: str, told: Mapping[str, Any], at: datetime) -> bytes:
    """A PDF, tagged. `at`: the moment that stands in it as that of its making; the same data give the same bytes."""
    made = _set(template, told, format="pdf", timestamp=int(at.timestamp()))
    # An entry that says what holds without it; poppler before 23 takes it for an error. The file keeps its length.
    return made.replace(b"/Suspects false", b" " * 15)


def png(template: str, told: Mapping[str, Any], ppi: float = PPI) -> bytes:
    """The first page as a picture, for papers that other programs set."""
    return _set(template, told, format="png", ppi=ppi)


def _set(template: str, told: Mapping[str, Any], **how: Any) -> bytes:
    given = {"told": json.dumps(told, ensure_ascii=False)}
    with _LOCK:
        made = _compiler(template).compile(sys_inputs=given, **how)
    return bytes((made[0] if isinstance(made, list) else made) or b"")


@cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder()])
