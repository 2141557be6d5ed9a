"""A row on its way through the steps: what came, what it has become, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from loaders.record import ERROR, NOTICE, WARNING, Issue, Record


class Row:
    """One row. `geometry` is in the file's coordinates until `reproject`, then EPSG:4490; `values` by field id.

    An error keeps the row out (`is_refused`): it is quarantined as it came. `repaired`: it goes in, but not quite as
    it came.
    """

    __slots__ = (
        "county", "geometry", "has_boundary", "is_refused", "issues", "original", "record", "repaired", "row",
        "valid_from", "valid_to", "values",
    )  # fmt: skip

    def __init__(self, record: Record) -> None:
        self.record = record
        self.row: int = record.row
        self.original: Mapping[str, Any] = record.values
        self.geometry: BaseGeometry | None = record.geometry
        self.values: dict[str, Any] = {}
        self.county: str | None = None
        self.has_boundary = True
        self.valid_from: date | None = None
        self.valid_to: date | None = None
        self.issues: list[Issue] = list(record.issues)
        self.repaired = self.is_refused = False
        for issue in record.issues:
            self.repaired |= issue.code in REPAIRS
            self.is_refused |= issue.severity == ERROR

    def error(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.is_refused = True
        self.issues.append(Issue(code, ERROR, message, hint, row=self.row, **where))

    def warn(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.issues.append(Issue(code, WARNING, message, hint, row=self.row, **where))

    def notice(self, code: str, message: str, hint: str = "", **where: Any) -> None:
        self.issues.append(Issue(code, NOTICE, message, hint, row=self.row, **where))


def shapes_of(rows: Sequence[Row]) -> np.ndarray:
    """The shapes of rows as an array of objects."""
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row.geometry for row in rows]
    return shapes


REPAIRS = frozenset({"gap_closed", "ring_closed", "duplicate_vertices", "ring_direction", "text_cut"})
"""Codes of notices that say a reader has mended the row."""
