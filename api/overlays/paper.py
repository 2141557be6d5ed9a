"""The paper of an overlay as PDF and DOCX, from the stored result and its stored shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from api.overlays.tables import tables_of
from api.papers.overlay import Ground, Sheet, content_of, maps_of, overlay_pdf
from api.papers.overlay_document import overlay_document
from api.reports import outlines_of
from spatial import catalog
from spatial.models import AreaOverlay


def paper(one: AreaOverlay, told: Mapping[str, Any], address: str, format: str) -> bytes:
    """`format`: pdf or docx; `told`: the result as its reader may see it."""
    asker = one.asked_by
    named = (asker.get_full_name() or asker.get_username()) if asker else "控制台（无账号）"
    sheets = [
        Sheet(t.name, t.note, t.headings, t.rows, t.area, t.total) for t in tables_of(told, narrow=True)
    ]
    content = content_of(told, sheets, named, address)
    grounds = [
        Ground(row.side, row.kind, row.layer, row.told, shapely.from_wkb(bytes(row.geom.wkb)))
        for row in one.shapes.order_by("order").iterator(chunk_size=500)
    ]
    counties = outlines_of([ground.shape for ground in grounds], told["versions"]["revision"], told["as_of"])
    maps = maps_of(told, grounds, catalog.current(), counties)
    write = overlay_pdf if format == "pdf" else overlay_document
    return write(told, content, maps)
