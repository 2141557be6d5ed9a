"""The parcel report as DOCX, from a template that an office can edit in Word or WPS.

The template is `templates/report.docx`, or a `report.docx` of the office's own in a folder that is handed in. Between
its braces stand names of papers.content; text from data is escaped and never read as a template.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import segno

from api.papers.map import Map
from api.papers.typeset import TEMPLATES, png

NAME = "report.docx"
QR_MM = 28
PPI = 200


class TemplateBroken(ValueError):
    """An office's template cannot be filled in; the message says so in Chinese."""


def report_document(
    told: dict[str, Any], drawn: Map, qr_text: str, own: Path | None = None, notes: Iterable[str] = ()
) -> bytes:
    """`told`: what papers.content.content_of says. `own`: a folder that may hold the office's template.

    `notes`: what must be known to read the map.
    """
    from docx.shared import Mm  # a quarter of a second for the other formats
    from docxtpl import DocxTemplate, InlineImage
    from jinja2.sandbox import SandboxedEnvironment

    file = own / NAME if own is not None and (own / NAME).exists() else TEMPLATES / NAME
    template = DocxTemplate(file)
    picture = png(
        "map", {"svg": drawn.svg, "legend": drawn.legend, "columns": 3, "width": drawn.frame.width_mm}, PPI
    )
    code = io.BytesIO()
    segno.make(qr_text, error="m", micro=False).save(code, kind="png", scale=8, border=4)
    code.seek(0)
    context = {
        **told,
        "map_notes": list(notes),
        "map": InlineImage(template, io.BytesIO(picture), width=Mm(drawn.frame.width_mm)),
        "qr": InlineImage(template, code, width=Mm(QR_MM)),
    }
    try:
        template.render(context, SandboxedEnvironment(autoescape=True), autoescape=True)
    except Exception as error:
        if file.parent == TEMPLATES:
            raise
        raise TemplateBroken(f"模板 {NAME} 填不进去：{error}。请对照随附的模板改好。") from error
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()
