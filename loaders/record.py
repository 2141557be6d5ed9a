"""What passes between the parts of the loader: files, deliveries, records and issues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
ERROR, WARNING, NOTICE = "error", "warning", "notice"


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with a file or a row of it, where, and what to do.

    `row`: line of a text or table, number of the feature (from 1) in other files. `place`: longitude and latitude.
    `owner`: whose it is to mend. An error keeps its row out, a warning lets it in and must be looked at, a notice
    tells what the loader did. Characters that steer a terminal or turn the direction of writing stand as their numbers.
    """

    code: str
    severity: str
    message: str
    hint: str = ""
    row: int | None = None
    ring: int | None = None
    field: str | None = None
    value: str | None = None
    place: tuple[float, float] | None = None
    owner: str | None = None

    def __post_init__(self) -> None:
        for name in ("message", "hint", "field", "value"):
            text = getattr(self, name)
            if text and not text.isprintable():
                object.__setattr__(self, name, UNSEEN.sub(lambda one: ascii(one[0])[1:-1], text))

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "row": self.row,
            "ring": self.ring,
            "field": self.field,
            "value": self.value,
            "message": self.message,
            "hint": self.hint,
            "place": list(self.place) if self.place else None,
            "owner": self.owner,
        }


class FileRefused(Exception):
    """Nothing of the file may go in; `issue` says why and what to do."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(f"{issue.message} {issue.hint}".strip())
        self.issue = issue


def refused(code: str, message: str, hint: str = "", **where: Any) -> FileRefused:
    """The refusal of a whole file."""
    return FileRefused(Issue(code, ERROR, message, hint, **where))


class Record(NamedTuple):
    """One row as it came: values by the file's own column names, shape in the file's own coordinates.

    `text`: the lines themselves, where a file is text and a shape may not come of them. A tuple, because a delivery
    has hundreds of thousands of them and a frozen dataclass takes three times as long to make.
    """

    row: int
    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    issues: tuple[Issue, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: what the sender called it, and where it lies.

    `part`: the layer or sheet in it that is meant, where it has several.
    """

    name: str
    path: Path
    part: str | None = None

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()

    def read_bytes(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Image:
    """The pixels behind a footprint, and how to know that a copy has them all.

    `name`: of the copy, which the row keeps too. `path`: the file that they came in. `crs`: EPSG code.
    `checksum`: of all values and the mask, read in windows of `window` rows and columns.
    """

    name: str
    path: Path
    crs: int
    window: tuple[int, int]
    checksum: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a reader finds in a file. `records` may be read once only.

    `crs`: EPSG code, None when there are no shapes. An error among `issues` refuses the whole file. `lines`: the
    text of a boundary-point file, line by line. `header`: what such a file says about itself. `count`: how many
    records there will be, where that is known before they are read. `image`: what the one record of a GeoTIFF outlines.
    """

    records: Iterable[Record]
    columns: tuple[str, ...]
    crs: int | None
    encoding: str = ""
    issues: tuple[Issue, ...] = ()
    data_date: date | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] | None = None
    count: int | None = None
    image: Image | None = None
