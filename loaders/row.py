"""A row on its way through the steps: what came, what it has become, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from loaders.record import ERROR, NOTICE, WARNING, Issue, Record


@dataclass(slots=True)
class Row:
    """One row. `geometry` is in the file's coordinates until `reproject`, then EPSG:4490; `values` by field id.

    An error keeps the row out: it is quarantined as it came. `repaired`: it goes in, but not quite as it came.
    """

    row: int
    original: Mapping[str, Any]
    geometry: BaseGeometry | None
    record: Record
    issues: list[Issue] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    county: str | None = None
    has_boundary: bool = True
    repaired: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    @classmethod
    def of(cls, record: Record) -> Row:
        return cls(
            record.row,
            record.values,
            record.geometry,
            record,
            list(record.issues),
            repaired=any(issue.code in REPAIRS for issue in record.issues),
        )

    @property
    def is_refused(self) -> bool:
        return any(issue.severity == ERROR for issue in self.issues)

    def error(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.issues.append(Issue(code, ERROR, message, hint, row=self.row, **where))

    def warn(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.issues.append(Issue(code, WARNING, message, hint, row=self.row, **where))

    def notice(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.issues.append(Issue(code, NOTICE, message, hint, row=self.row, **where))


REPAIRS = frozenset({"gap_closed", "ring_closed", "duplicate_vertices", "ring_direction"})
"""Codes of notices that say a reader has mended the row."""
