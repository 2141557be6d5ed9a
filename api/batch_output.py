"""The result of a batch as a file, by suffix; written whole under its name or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from api.batch_papers import line_of, require_few, write_papers
from api.batch_rows import (
    ATTRIBUTES,
    FINDING_HEADINGS,
    GAP_HEADINGS,
    PARCEL_HEADINGS,
    attributes_of,
    counts_of,
    findings_of,
    gaps_of,
    parcels_of,
    summary_of,
)
from api.papers.sheets import SAFE, Sheet
from api.papers.summary import summary_pdf
from api.reports import outlines_of, own_address, require_font
from loaders.report import harmless
from spatial import catalog
from spatial.batch.files import GEOMETRY, geo_metadata
from spatial.models import Batch, BatchParcel

HELD_PARCELS = 5_000
"""So many are written from memory, which takes two thirds of the time; more go row by row, whatever their number."""
NUMBERS = {"place": "int64", "row": "int64", "area_m2": "float64", "findings": "int64", "gaps": "int64",
           "revision": "int64"}  # fmt: skip
SCHEMA = pa.schema(
    [
        *((name, pa.bool_() if name == "complete" else pa.type_for_alias(NUMBERS.get(name, "string")))
          for name in ATTRIBUTES),
        (GEOMETRY, pa.binary()),
    ],
    metadata=geo_metadata(["MultiPolygon"]),
)  # fmt: skip


def write_output(batch: Batch, path: Path) -> None:
    """Write what became of every row of the file; the suffix is one of those of WRITERS."""
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        WRITERS[path.suffix.lower()](batch, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _csv(batch: Batch, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PARCEL_HEADINGS)
        for one in parcels_of(batch):
            writer.writerow([harmless(cell) for cell in attributes_of(one)])


def _xlsx(batch: Batch, path: Path) -> None:
    facts = summary_of(batch, counts_of(batch))
    write_workbook(path, facts, parcels_of(batch), is_long=batch.parcels.count() > HELD_PARCELS)


def write_workbook(
    path: Path, facts: Iterable[tuple[str, Any]], rows: Iterable[BatchParcel], *, is_long: bool = False
) -> None:
    """Sheets of the summary, the parcels, their findings and gaps."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": is_long, **SAFE}) as book:
        summary = Sheet(book, "汇总", ("项目", "内容"))
        for line in facts:
            summary.write(line)
        parcels = Sheet(book, "地块", PARCEL_HEADINGS)
        findings = Sheet(book, "结论", FINDING_HEADINGS)
        gaps = Sheet(book, "资料缺口", GAP_HEADINGS)
        for one in rows:
            parcels.write(attributes_of(one))
            for line in findings_of(one):
                findings.write(line)
            for line in gaps_of(one):
                gaps.write(line)
        for sheet in (summary, parcels, findings, gaps):
            sheet.close()


def _summary(batch: Batch, path: Path) -> None:
    require_font()
    lines = [line_of(one) for one in parcels_of(batch)]
    facts = summary_of(batch, counts_of(batch))
    at = batch.ended_at or batch.started_at
    outlines = outlines_of([one.shape for one in lines], batch.revision, batch.as_of)
    path.write_bytes(summary_pdf(batch.file_name, facts, lines, at, catalog.current(), outlines))


def _papers(batch: Batch, path: Path) -> None:
    parcels = batch.parcels.count()
    require_few(parcels)
    facts = summary_of(batch, counts_of(batch))
    at = batch.ended_at or batch.started_at
    write_papers(
        path,
        batch.file_name,
        facts,
        lambda: parcels_of(batch),
        parcels,
        None,
        own_address(),
        at,
        write_workbook,
    )


def _geojson(batch: Batch, path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type": "FeatureCollection", "crs": {json.dumps(crs)}, "features": [')
        for number, one in enumerate(parcels_of(batch)):
            shape = one.check_run.answer["parcel"]["geometry"] if one.check_run else None
            told = dict(zip(ATTRIBUTES, attributes_of(one), strict=True))
            feature = {"type": "Feature", "properties": told, "geometry": shape}
            file.write(",\n" if number else "\n")
            json.dump(feature, file, ensure_ascii=False)
        file.write("\n]}\n")


def _parquet(batch: Batch, path: Path) -> None:
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for columns in _columns(batch):
            writer.write_table(pa.table(columns, schema=SCHEMA))


def _geopackage(batch: Batch, path: Path) -> None:
    import pyogrio  # takes geopandas with it: a quarter of a second for the other outputs

    for number, columns in enumerate(_columns(batch)):
        table = pa.table(columns, schema=SCHEMA)
        pyogrio.write_arrow(
            table.replace_schema_metadata(None),
            path,
            layer="parcels",
            driver="GPKG",
            geometry_name=GEOMETRY,
            geometry_type="MultiPolygon",
            crs="EPSG:4490",
            append=number > 0,
        )


def _columns(batch: Batch, at_once: int = 5_000) -> Iterator[dict[str, list[Any]]]:
    rows = parcels_of(batch)
    while some := list(islice(rows, at_once)):
        told = [attributes_of(one) for one in some]
        columns = {name: [line[at] for line in told] for at, name in enumerate(ATTRIBUTES)}
        yield {**columns, GEOMETRY: [_wkb(one) for one in some]}


def _wkb(one: BatchParcel) -> bytes | None:
    return bytes(one.check_run.parcel.wkb) if one.check_run else None


WRITERS: dict[str, Callable[[Batch, Path], None]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".gpkg": _geopackage,
    ".geojson": _geojson,
    ".parquet": _parquet,
    ".pdf": _summary,
    ".zip": _papers,
}
