"""The paper of an overlay as DOCX: the same maps and tables; every text is put in as text."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import segno
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from api.papers.map import Map
from api.papers.typeset import png

FONT = "Noto Sans CJK SC"
PPI = 150
PAGE_MM, MARGIN_MM = (297, 210), 20
COLUMNS, BESIDE, MORE = 5, 15, 100
"""Of a legend; so many of it stand under a map, and so many on a page of their own: a picture is never cut."""


def overlay_document(
    told: Mapping[str, Any], content: Mapping[str, Any], maps: Sequence[Mapping[str, Any]]
) -> bytes:
    """`content`: what papers.overlay.content_of says."""
    document = Document()
    _set_up(document, content)
    document.core_properties.title = f"{content['title']} {content['number']}"
    document.core_properties.author = "净土 Jingtu"
    document.core_properties.created = document.core_properties.modified = datetime.fromisoformat(
        told["checked_at"]
    )
    title = document.add_heading(content["title"], 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(content["of"]).alignment = WD_ALIGN_PARAGRAPH.CENTER
    plate = content["plate"]
    verdict = document.add_paragraph().add_run(plate["title"])
    verdict.bold, verdict.font.size = True, Pt(15)
    verdict.font.color.rgb = RGBColor.from_string(plate["colour"].lstrip("#"))
    document.add_paragraph(plate["text"])
    if plate["gap_title"]:
        document.add_paragraph().add_run(plate["gap_title"]).bold = True
        document.add_paragraph(plate["gap_text"])
    _table(document, ("项目", "内容"), content["facts"], (45, 212), (False, False), total=False)
    for at, one in enumerate(maps, 1):
        _map(document, f"图 {at}　{one['title']}", one["map"])
    for at, one in enumerate(content["tables"], 1):
        document.add_heading(f"表 {at}　{one['name']}", 1)
        if one["note"]:
            document.add_paragraph(one["note"])
        _table(document, one["headings"], one["rows"], one["widths"], one["right"], total=one["total"])
    document.add_heading("说明与验真", 1)
    for text in content["is_not"]:
        document.add_paragraph(text)
    code = io.BytesIO()
    segno.make(content["verify"], error="m", micro=False).save(code, kind="png", scale=8, border=1)
    code.seek(0)
    document.add_picture(code, width=Mm(22))
    document.add_paragraph(f"验真 {content['verify']}")
    document.add_paragraph("编制人（签字）：　　　　　　　　审核人（签字）：　　　　　　　　单位（盖章）：")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _set_up(document: Any, content: Mapping[str, Any]) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Mm(one) for one in PAGE_MM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.styles["Normal"].font.size = Pt(9)
    state = "" if content["complete"] else "　核查不完整"
    section.header.paragraphs[0].text = f"净土 · {content['title']}　{content['number']}{state}"
    foot = section.footer.paragraphs[0]
    foot.add_run(f"指纹 {content['fingerprint']}　第 ")
    _field(foot, "PAGE")
    foot.add_run(" 页　共 ")
    _field(foot, "NUMPAGES")
    foot.add_run(" 页")
    for run in foot.runs:
        run.font.size = Pt(7)


def _field(paragraph: Any, what: str) -> None:
    """A field that the reading program works out: the number of the page, of all pages."""
    run = paragraph.add_run()
    for kind in ("begin", None, "end"):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = what
        run._r.append(part)


def _map(document: Any, title: str, drawn: Map) -> None:
    heading = document.add_heading(title, 1)
    heading.paragraph_format.page_break_before = True
    starts = [0, *range(BESIDE, len(drawn.legend), MORE)]
    for start, end in zip(starts, [*starts[1:], len(drawn.legend)], strict=True):
        told = {
            "svg": "" if start else drawn.svg, "legend": drawn.legend[start:end], "columns": COLUMNS,
            "width": drawn.frame.width_mm,
        }  # fmt: skip
        document.add_picture(io.BytesIO(png("map", told, PPI)), width=Mm(drawn.frame.width_mm))


def _table(
    document: Any,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    right: Sequence[bool],
    *,
    total: bool,
) -> None:
    table = document.add_table(rows=len(rows) + 1, cols=len(headings))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for line, (row, texts) in enumerate(zip(table.rows, [headings, *rows], strict=True)):
        is_strong = line == 0 or (total and line == len(rows))
        for cell, text, width, is_right in zip(row.cells, texts, widths, right, strict=True):
            cell.width = Mm(width)
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.font.size = is_strong, Pt(8)
            if is_right:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    head = table.rows[0]._tr.get_or_add_trPr()
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    head.append(repeated)
