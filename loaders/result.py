"""What a load came to: counts that add up, issues, and what would change or has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from loaders.record import Issue


@dataclass(frozen=True, slots=True)
class Rows:
    """read = loaded + quarantined + refused; `repaired` are among the loaded."""

    read: int = 0
    loaded: int = 0
    repaired: int = 0
    quarantined: int = 0
    refused: int = 0

    @property
    def outcome(self) -> str:
        """accepted, repaired, quarantined when some rows wait, refused when nothing goes in."""
        if not self.loaded:
            return "refused"
        return "quarantined" if self.quarantined else "repaired" if self.repaired else "accepted"

    def as_json(self) -> dict[str, int]:
        return {
            name: getattr(self, name) for name in ("read", "loaded", "repaired", "quarantined", "refused")
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """A delivery against the live data. `removed`: live features that the delivery no longer has."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    by_county: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        totals = {name: getattr(self, name) for name in ("added", "changed", "removed", "unchanged")}
        return {**totals, "by_county": {county: dict(kinds) for county, kinds in self.by_county.items()}}


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`outcome`: accepted, repaired, quarantined (some rows wait) or refused (nothing goes in).

    `crs`: "EPSG:n" of the files. `release`: the one it went, or would go, into. `load`: its id once committed.
    `counties`: those that the delivery speaks for; "" stands for entries whose county nobody knows.
    """

    layer: str
    outcome: str
    rows: Rows
    issues: tuple[Issue, ...]
    crs: str | None
    encoding: str
    release: str | None
    committed: bool
    load: int | None
    changes: Changes
    counties: tuple[str, ...]
    data_date: date | None

    def as_json(self) -> dict[str, Any]:
        """The document of `jingtu load --json`."""
        return {
            "layer": self.layer,
            "outcome": self.outcome,
            "rows": self.rows.as_json(),
            "issues": [issue.as_json() for issue in self.issues],
            "crs": self.crs,
            "encoding": self.encoding,
            "release": self.release,
            "committed": self.committed,
            "load": self.load,
            "changes": self.changes.as_json(),
            "counties": list(self.counties),
            "data_date": self.data_date.isoformat() if self.data_date else None,
        }
