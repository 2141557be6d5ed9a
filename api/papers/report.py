"""The parcel report as PDF."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import segno

from api.papers.content import Stored, content_of
from api.papers.frame import Frame
from api.papers.map import Map
from api.papers.report_map import Row, report_map
from api.papers.signs import signs
from api.papers.typeset import pdf
from spatial.catalog import Catalog
from spatial.rules import RuleBook


def told_of(
    stored: Stored, drawn: Map, known: Catalog, book: RuleBook, notes: Iterable[str] = ()
) -> dict[str, Any]:
    """Content, map and QR code, as the template reads them."""
    return content_of(stored, known, book) | {
        "map": drawn.svg,
        "map_width": drawn.frame.width_mm,
        "legend": drawn.legend,
        "map_notes": list(notes),
        "qr": qr(stored.verify_address),
        "signs": signs(),
    }


def report_pdf(
    stored: Stored,
    rows: Iterable[Row],
    frame: Frame,
    known: Catalog,
    book: RuleBook,
    notes: Iterable[str] = (),
) -> bytes:
    """The same answer, rows, catalog and rules give the same bytes."""
    drawn = report_map(stored.answer, rows, frame, known)
    return pdf("report", told_of(stored, drawn, known, book, notes), stored.at)


def qr(text: str) -> str:
    """A QR code (ISO/IEC 18004) as an SVG document, level M."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()
