"""The papers of many checks as one zip: a workbook, a summary with an overview map, and a report for each parcel."""

from __future__ import annotations

import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely

from api.access import Scope
from api.batch_rows import attributes_of
from api.errors import TooLarge
from api.papers.findings import county_name
from api.papers.report_map import report_frame
from api.papers.summary import ParcelLine, parcel_paper, ready, summary_pdf
from api.redact import redacted
from api.reports import outlines_of, require_font, rows_of, stored_of
from spatial import catalog
from spatial.batch import engines
from spatial.models import BatchParcel
from spatial.remarks import with_remarks

WORKBOOK, SUMMARY, FOLDER = "汇总.xlsx", "汇总.pdf", "地块报告"
MOST = 5_000
"""Of more parcels nobody prints a paper each; the table has them all."""
FEW = 8
"""So many reports are set sooner than other processes are started."""


def require_few(parcels: int) -> None:
    """Raise TooLarge where the parcels are too many for a paper each."""
    if parcels > MOST:
        hint = "请按县或按年分成几个文件，或只要 .xlsx。"
        raise TooLarge(f"有 {parcels} 个地块，一次最多出 {MOST} 份报告。", hint, code="too_many_parcels")


def write_papers(
    path: Path,
    title: str,
    facts: Sequence[tuple[str, Any]],
    rows: Callable[[], Iterable[BatchParcel]],
    parcels: int,
    scope: Scope | None,
    address: str,
    at: datetime,
    workbook: Callable[[Path, Sequence[tuple[str, Any]], Iterator[BatchParcel]], None],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Write the zip; how many reports there are in it. `scope`: whose eyes it is for, None the console's.

    `rows` is asked twice, for reports and for the workbook: a thousand answers at one time would fill the memory.

    Reports are set in processes of this machine, one a core; what waits between them and the zip is bounded.
    """
    require_font()
    lines: list[ParcelLine] = []
    names: deque[str] = deque()
    last: list[Any] = []

    def calls() -> Iterator[tuple[Any, ...]]:
        for one in _as_seen(rows(), scope):
            lines.append(line_of(one))
            if (run := one.check_run) is None:
                continue
            told = run.answer
            frame = report_frame(told)
            found, notes = rows_of(told, frame.degrees, scope)
            last[:] = [told["versions"]["revision"], told["as_of"]]
            names.append(f"{one.place:04d}_{run.number}.pdf")
            yield stored_of(run, told, address), found, notes

    run_in = engines.here if parcels <= FEW else engines.local(ready)
    made = 0
    with zipfile.ZipFile(path, "w") as packed:
        for paper in run_in(parcel_paper, calls()):
            packed.writestr(f"{FOLDER}/{names.popleft()}", paper)
            made += 1
            progress(made)
        packed.writestr(
            SUMMARY,
            summary_pdf(
                title, facts, lines, at, catalog.current(), outlines_of([one.shape for one in lines], *last)
            ),
        )
        with tempfile.TemporaryDirectory(prefix="jingtu-") as folder:
            table = Path(folder) / WORKBOOK
            workbook(table, facts, _as_seen(rows(), scope))
            packed.write(table, WORKBOOK)
    return made


def line_of(one: BatchParcel) -> ParcelLine:
    told = attributes_of(one)
    run = one.check_run
    if run is None:
        return ParcelLine(one.place, one.parcel_no, "", None, False, None, "", 0, 0, str(told[-1]), None)
    answer = run.answer
    known = catalog.current()
    return ParcelLine(
        place=one.place,
        parcel_no=one.parcel_no,
        number=run.number,
        verdict=answer["verdict"],
        complete=answer["complete"],
        area_m2=answer["parcel"]["area_m2"],
        counties="、".join(county_name(code, known) for code in answer["parcel"]["counties"]),
        findings=len(answer["findings"]),
        gaps=len(answer["gaps"]),
        issues="",
        shape=shapely.from_wkb(bytes(run.parcel.wkb)),
    )


def _as_seen(rows: Iterable[BatchParcel], scope: Scope | None) -> Iterator[BatchParcel]:
    """The rows with their answers as the reader may see them; nothing of it is saved."""
    known = catalog.current()
    for one in rows:
        if one.check_run is not None:
            told = with_remarks(one.check_run)
            one.check_run.answer = told if scope is None else redacted(told, scope, known)
        yield one
