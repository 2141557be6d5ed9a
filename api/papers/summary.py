"""The papers of a batch: a summary with an overview map, and the parcel reports, each set in a worker process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from shapely.geometry.base import BaseGeometry

from api.papers.content import Stored
from api.papers.findings import BEIJING
from api.papers.frame import frame_of
from api.papers.labels import SMALL
from api.papers.looks import VERDICT_COLOURS, look
from api.papers.map import Drawn, map_of
from api.papers.plate import SHORT
from api.papers.report import report_pdf
from api.papers.report_map import Row, ground_of, report_frame
from api.papers.signs import signs
from api.papers.typeset import pdf
from api.papers.words import number, plain
from spatial import catalog, rules
from spatial.catalog.style import Fill, Line, Mark, Stroke

TITLE = "建设用地土壤环境批量核查汇总"
WIDTH_MM, HEIGHT_MM = 170.0, 130.0
NAMED = 60
"""More numbers than these would cover the overview; the table has them all."""


@dataclass(frozen=True)
class ParcelLine:
    """A row of the batch: what the summary tells of it. `verdict` None: not checked, `issues` says why."""

    place: int
    parcel_no: str
    number: str
    verdict: str | None
    complete: bool
    area_m2: float | None
    counties: str
    findings: int
    gaps: int
    issues: str
    shape: BaseGeometry | None


def parcel_paper(stored: Stored, rows: Sequence[Row], notes: Sequence[str]) -> bytes:
    """The task of a worker: one parcel report. Catalog and rules are read once in each process."""
    frame = report_frame(stored.answer)
    return report_pdf(stored, rows, frame, *_known(), notes)


def ready() -> None:
    """What a worker does before its first task: catalog, rules and fonts are read."""
    _known()


@cache
def _known() -> tuple[catalog.Catalog, rules.RuleBook]:
    return catalog.current(), rules.current()


def summary_pdf(
    title: str,
    facts: Iterable[tuple[str, Any]],
    lines: Sequence[ParcelLine],
    at: datetime,
    known: catalog.Catalog,
    outlines: Iterable[Row] = (),
) -> bytes:
    """`title`: of what, as the name of a file; `facts`: rows of the head; `outlines`: of the counties around."""
    shapes = [line.shape for line in lines if line.shape is not None]
    drawn = None
    if shapes:
        frame = frame_of(shapes, WIDTH_MM, HEIGHT_MM)
        drawn = map_of(
            [*ground_of(outlines, known), *_things(lines)],
            frame,
            known.symbols,
            f"{at.astimezone(BEIJING):%Y-%m-%d}",
        )
    told = {
        "title": TITLE,
        "of": plain(title),
        "date": f"{at.astimezone(BEIJING):%Y年%m月%d日}",
        "facts": [[plain(label), plain(value)] for label, value in facts],
        "map": drawn.svg if drawn else "",
        "map_width": WIDTH_MM,
        "legend": drawn.legend if drawn else [],
        "signs": signs(),
        "checked": [_row(line) for line in lines if line.verdict is not None],
        "refused": [
            [str(line.place), plain(line.parcel_no), plain(line.issues)] for line in lines if not line.verdict
        ],
    }
    return pdf("summary", told, at)


def _things(lines: Sequence[ParcelLine]) -> Iterable[Drawn]:
    is_few = len(lines) <= NAMED
    for line in lines:
        if line.shape is None or line.verdict is None:
            continue
        title = SHORT[line.verdict] + ("" if line.complete else "，核查不完整")
        own = _look(title, line.verdict, complete=line.complete)
        yield Drawn(line.shape, own, title, label=str(line.place) if is_few else "")


@cache
def _look(title: str, verdict: str, *, complete: bool) -> Any:
    """Dashed where the check is not complete; the worst verdicts on top. A parcel too small to be seen is a square."""
    colour = VERDICT_COLOURS[verdict]
    order = 900 - 10 * list(VERDICT_COLOURS).index(verdict) - complete
    line = Line(colour, 2, () if complete else (5.0, 3.0), Stroke("#FFFFFF", 3.5), None)
    mark = Mark("square", colour if complete else "#FFFFFF", colour, SMALL, None, 0)
    return look(title, order, fill=Fill(colour, 0.5), line=line, mark=mark)


def _row(line: ParcelLine) -> Mapping[str, Any]:
    assert line.verdict is not None  # noqa: S101
    return {
        "place": str(line.place),
        "parcel_no": plain(line.parcel_no),
        "number": plain(line.number),
        "look": line.verdict,
        "colour": VERDICT_COLOURS[line.verdict],
        "verdict": SHORT[line.verdict],
        "complete": line.complete,
        "area": number(line.area_m2 or 0.0, 2),
        "counties": plain(line.counties),
        "findings": line.findings,
        "gaps": line.gaps,
    }
