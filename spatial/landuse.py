"""Land-use codes of two systems, their names, and the flags that rules ask of a use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """A land-use code with its system. The same digits mean different uses in different systems."""

    system: str
    code: str
