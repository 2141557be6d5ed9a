"""A Delivery in pieces: what a reading process says of the files of a load, and what is believed of it.

It is asked line by line, in JSON: open a file, read it, say its records. It answers in frames of a kind, a JSON
document and bytes, as many records in one as fit into little memory.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from loaders import limits, told
from loaders.formats import Reader, opened, refusal_of
from loaders.record import ERROR, Delivery, File, FileRefused, Record
from spatial import crs as coordinate_systems
from spatial.crs import CrsRefused

OPENED, READ, RECORDS, END, REFUSED = b"O", b"D", b"R", b"E", b"X"
HEAD = struct.Struct("<cIQ")
RECORDS_AT_ONCE = 10_000
RECORDS_LOOKED_AT = 100
BYTES_AT_ONCE = 8 * 1024**2
MOST_TEXT = 64 * 1024**2
"""Bytes of a document; one row of a table may be so long that it has one of its own."""
MOST_BYTES = 32 * limits.FILE_VERTICES
"""Of the shapes of a frame: no file may have more vertices."""
DEPTH = 32
PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types of which a value is told as it is, NaN and infinity among them."""

_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class Frame(NamedTuple):
    """An answer, or a part of one."""

    kind: bytes
    document: bytes = b"null"
    more: bytes = b""

    def packed(self) -> bytes:
        return HEAD.pack(self.kind, len(self.document), len(self.more)) + self.document + self.more


def sizes(head: bytes) -> tuple[bytes, int, int]:
    """Kind, length of the document, length of the bytes, by the beginning of a frame."""
    kind, document, more = HEAD.unpack(head)
    return kind, document, more


def answer(commands: Iterable[bytes], send: Callable[[bytes], None]) -> None:
    """In the reading process: do what is asked until nothing more is."""
    with ExitStack() as stack:
        files: list[tuple[File, Reader]] = []
        deliveries: dict[int, Delivery] = {}
        for command in commands:
            asked = json.loads(command)
            try:
                if "open" in asked:
                    file = stack.enter_context(opened(Path(asked["open"]), asked["name"], asked["part"]))
                    files.append(file)
                    send(Frame(OPENED, _bytes(file[0].name)).packed())
                elif "read" in asked:
                    file, reader = files[asked["read"]]
                    delivery = reader(file, crs=asked["crs"], encoding=asked["encoding"])
                    deliveries[asked["read"]] = delivery
                    send(frame_of(delivery).packed())
                else:
                    for frame in frames_of(deliveries.pop(asked["records"]).records):
                        send(frame.packed())
                    send(Frame(END).packed())
            except (FileRefused, CrsRefused) as error:
                send(Frame(REFUSED, _bytes(refusal_of(error).as_json())).packed())


def frame_of(delivery: Delivery) -> Frame:
    """All of a delivery but its records; its lines, which may be long, beside the document."""
    lines = delivery.lines
    said = {
        "columns": delivery.columns,
        "crs": delivery.crs,
        "encoding": delivery.encoding,
        "issues": [issue.as_json() for issue in delivery.issues],
        "data_date": delivery.data_date.isoformat() if delivery.data_date else None,
        "header": dict(delivery.header),
        "lines": None if lines is None else len(lines),
        "count": delivery.count,
    }
    return Frame(READ, _bytes(said), "\n".join(lines or ()).encode("utf-8", "surrogatepass"))


def frames_of(records: Iterable[Record]) -> Iterator[Frame]:
    """Records as frames, none of them much larger than its largest record."""
    rows: list[bytes] = []
    shapes: list[bytes] = []
    size = 0
    upcoming = iter(records)
    while some := list(itertools.islice(upcoming, RECORDS_LOOKED_AT)):
        geometries = np.array([record.geometry for record in some], dtype=object)
        for record, wkb in zip(some, shapely.to_wkb(geometries, byte_order=1).tolist(), strict=True):
            shape = wkb or b""
            row = _row(record, len(shape))
            rows.append(row)
            shapes.append(shape)
            size += len(row) + len(shape)
            if len(rows) == RECORDS_AT_ONCE or size >= BYTES_AT_ONCE:
                yield _records_frame(rows, shapes)
                rows, shapes, size = [], [], 0
    if rows:
        yield _records_frame(rows, shapes)


def name_in(frame: Frame) -> str:
    """What the sender called the file that was opened."""
    with told.nothing_else():
        return told.text(told.document(frame.document))


def delivery_in(frame: Frame, records: Iterable[Record]) -> Delivery:
    """The delivery that `frame_of` told."""
    with told.nothing_else():
        said = told.document(frame.document)
        return Delivery(
            records=records,
            columns=_columns(said["columns"]),
            crs=_crs(said["crs"]),
            encoding=told.text(said["encoding"]),
            issues=tuple(told.issue(issue) for issue in said["issues"]),
            data_date=None if said["data_date"] is None else date.fromisoformat(said["data_date"]),
            header={told.text(name): told.text(value) for name, value in said["header"].items()},
            lines=_lines(told.whole_or_none(said["lines"]), frame.more),
            count=told.whole_or_none(said["count"]),
        )


def records_in(frame: Frame) -> list[Record]:
    """The records of one frame of `frames_of`."""
    with told.nothing_else():
        rows = told.document(frame.document)
        wkb: list[bytes | None] = []
        at = 0
        for row in rows:
            size = told.whole(row[1])
            wkb.append(frame.more[at : at + size] if size else None)
            at += size
        if at != len(frame.more):
            raise ValueError("not the shapes of these records")
        return [_record(row, shape) for row, shape in zip(rows, told.shapes(wkb), strict=True)]


def refusal_in(frame: Frame) -> FileRefused:
    """The refusal of a file."""
    with told.nothing_else():
        issue = told.issue(told.document(frame.document))
        if issue.severity != ERROR:
            raise ValueError("no refusal")
        return FileRefused(issue)


def _bytes(said: Any) -> bytes:
    return _ENCODE(said).encode("utf-8", "surrogatepass")


def _records_frame(rows: Sequence[bytes], shapes: Sequence[bytes]) -> Frame:
    return Frame(RECORDS, b"[" + b",".join(rows) + b"]", b"".join(shapes))


def _row(record: Record, size: int) -> bytes:
    values: Mapping[str, Any] = record.values
    if not PLAIN.issuperset(map(type, values.values())):
        values = {name: _said(value) for name, value in values.items()}
    issues = [issue.as_json() for issue in record.issues]
    return _bytes([record.row, size, dict(values), issues, record.text])


def _record(row: Sequence[Any], shape: Any) -> Record:
    number, _, values, issues, text = row
    if type(values) is not dict:
        raise ValueError("no values")
    if not PLAIN.issuperset(map(type, values.values())):
        values = {name: _meant(value) for name, value in values.items()}
    return Record(
        told.whole(number),
        values,
        shape,
        tuple(told.issue(issue) for issue in issues),
        told.text_or_none(text),
    )


def _said(value: Any, depth: int = 0) -> Any:
    """A value as JSON can tell it: days, moments and objects under a word; what nobody asks for as text."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, list | tuple) and depth < DEPTH:
        return [_said(inner, depth + 1) for inner in value]
    if isinstance(value, Mapping) and depth < DEPTH:
        return {"object": {str(name): _said(inner, depth + 1) for name, inner in value.items()}}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _meant(value: Any) -> Any:
    if isinstance(value, list):
        return [_meant(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    ((word, inner),) = value.items()
    if word == "moment":
        return datetime.fromisoformat(inner)
    if word == "day":
        return date.fromisoformat(inner)
    if word == "object":
        return {name: _meant(one) for name, one in inner.items()}
    raise ValueError("no value")


def _columns(said: Any) -> tuple[str, ...]:
    if len(said) > limits.COLUMNS:
        raise ValueError("too many columns")
    return tuple(map(told.text, said))


def _crs(said: Any) -> int | None:
    epsg = told.whole_or_none(said)
    known = (None, coordinate_systems.STORAGE, coordinate_systems.WGS84)
    if epsg not in known and coordinate_systems.zone_of(epsg or 0) is None:
        raise ValueError("no system")
    return epsg


def _lines(count: int | None, text: bytes) -> tuple[str, ...] | None:
    if count is None:
        return None
    lines = text.decode("utf-8", "surrogatepass").split("\n") if count else []
    if len(lines) != count:
        raise ValueError("not these lines")
    return tuple(lines)
