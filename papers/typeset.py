"""Typst, which sets the papers: one compiler a process, the fonts of the installation, data as data.

Data reach a template through `sys.inputs` alone, as one JSON document; a template reads its strings as strings, so no
text of it is ever taken for markup. Templates import no packages; a compiler sees no file but those of `templates/`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from papers.fonts import font_folder

TEMPLATES = Path(__file__).parent / "templates"
PPI = 144


def pdf(template: str, told: Mapping[str, Any], at: datetime) -> bytes:
    """A PDF, tagged. `at`: the moment that stands in it as that of its making; the same data give the same bytes."""
    made = _compiler(template).compile(
        format="pdf", sys_inputs={"told": json.dumps(told, ensure_ascii=False)}, timestamp=int(at.timestamp())
    )
    # An entry that says what holds without it; poppler before 23 takes it for an error. The file keeps its length.
    return bytes(made).replace(b"/Suspects false", b" " * 15)  # type: ignore[arg-type]


def png(template: str, told: Mapping[str, Any], ppi: float = PPI) -> bytes:
    """The first page as a picture, for papers that other programs set."""
    made = _compiler(template).compile(
        format="png", ppi=ppi, sys_inputs={"told": json.dumps(told, ensure_ascii=False)}
    )
    return bytes(made if isinstance(made, bytes) else made[0])  # type: ignore[index]


@cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder()])
