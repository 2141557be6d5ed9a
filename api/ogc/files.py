"""A collection as a file, written batch by batch from rows that keep coming."""

from __future__ import annotations

import csv
import errno
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api.ogc.spatial_index import Boxes, write_indexed
from loaders.report import harmless
from spatial.batch.files import GEOMETRY, geo_metadata

ID = "feature_id"
"""The name that the id has in a file: `id` and `fid` are names that formats keep for themselves."""
ARROW = {"bool": pa.bool_(), "integer": pa.int64(), "number": pa.float64()}
UNCOUNTED = -1
"""What GDAL says of a FlatGeobuf without features, whose head has 0 for "not said"."""
LEAST_FREE = 64 * 1024 * 1024
"""With less room on the disk a file that did not come out whole is laid to that."""
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into a file: columns as name and catalog type, the name of the system, the kinds of geometry."""

    layer: str
    columns: Sequence[tuple[str, str]]
    system: str
    geometry: Sequence[str]

    @property
    def schema(self) -> pa.Schema:
        columns = [(name, ARROW.get(kind, pa.string())) for name, kind in self.columns]
        return pa.schema([(ID, pa.int64()), *columns, (GEOMETRY, pa.binary())])

    def batch(self, rows: Rows) -> pa.RecordBatch:
        schema = self.schema
        columns = list(zip(*(row[: len(schema)] for row in rows), strict=True)) or [()] * len(schema)
        arrays = [pa.array(column, one.type) for column, one in zip(columns, schema, strict=True)]
        return pa.record_batch(arrays, schema=schema)


def csv_head(content: Content) -> str:
    """The byte order mark tells spreadsheets that it is UTF-8."""
    return "\ufeff" + csv_rows([(ID, *(name for name, _ in content.columns), GEOMETRY)])


def csv_rows(rows: Rows) -> str:
    """Texts that a spreadsheet would take for a formula get an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else harmless(cell) for cell in row])
    return text.getvalue()


def write_parquet(path: Path, content: Content, batches: Iterator[Rows]) -> None:
    schema = content.schema.with_metadata(geo_metadata([], content.system))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in batches:
            writer.write_batch(content.batch(rows).replace_schema_metadata(schema.metadata))


def write_flatgeobuf(path: Path, content: Content, batches: Iterator[Rows]) -> None:
    """With a spatial index, unless nothing in it has a place."""
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as scratch,
        (Path(scratch) / "boxes").open("w+b") as file,
    ):
        folder, boxes = Path(scratch), Boxes(file)
        plain, pattern = folder / "plain.fgb", folder / "pattern.fgb"
        placed: list[Sequence[Any]] = []

        def passing() -> Iterator[Rows]:
            for rows in batches:
                shapes = [row[len(content.columns) + 1] for row in rows]
                boxes.add(shapes)
                placed.extend(row for row, shape in zip(rows, shapes, strict=True) if shape and not placed)
                yield rows

        # GDAL's own index is sorted in memory, and has no room for a feature without a place.
        _write_gdal(plain, content, passing(), "FlatGeobuf", SPATIAL_INDEX="NO")
        if not placed:
            plain.replace(path)
            return
        _write_gdal(pattern, content, iter([placed[:1]]), "FlatGeobuf", SPATIAL_INDEX="YES")
        write_indexed(plain, pattern, boxes, folder, path)


def write_geopackage(path: Path, content: Content, batches: Iterator[Rows]) -> None:
    _write_gdal(path, content, batches, "GPKG", FID="fid")


def _write_gdal(path: Path, content: Content, batches: Iterator[Rows], driver: str, **options: str) -> None:
    """Raises OSError where the file did not come out whole: of a full disk GDAL says nothing, or little."""
    import pyogrio  # takes geopandas with it where that is installed

    read, failed = 0, None

    def passing() -> Iterator[pa.RecordBatch]:
        nonlocal read, failed
        try:
            for rows in batches:
                read += len(rows)
                yield content.batch(rows)
        except Exception as error:  # GDAL would tell of it in its own words
            failed = error
            raise

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(content.schema, passing()),
            path,
            layer=content.layer,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type=content.geometry[0] if len(content.geometry) == 1 else "Unknown",
            crs=content.system,
            layer_options=options,
        )
        written = pyogrio.read_info(path)["features"]
    except Exception as error:
        raise failed or _not_whole(path) from error
    if written != (read or UNCOUNTED if driver == "FlatGeobuf" else read):
        raise _not_whole(path)


def _not_whole(path: Path) -> OSError:
    is_full = shutil.disk_usage(path.parent).free < LEAST_FREE
    return OSError(errno.ENOSPC if is_full else errno.EIO, "the file was not written whole", path.name)


WRITERS: dict[str, Callable[[Path, Content, Iterator[Rows]], None]] = {
    "fgb": write_flatgeobuf,
    "gpkg": write_geopackage,
    "parquet": write_parquet,
}
"""Formats that are whole only at their end: written to a scratch file, then sent."""
