"""The closed words of answers, and the small things that many answers have."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypeAliasType, TypedDict

Verdict = TypeAliasType(
    "Verdict", Literal["prohibit", "needs_investigation", "conditional", "undetermined", "notice", "clear"]
)
"""Worst first, as rules.toml has them."""
Role = TypeAliasType(
    "Role", Literal["public", "clerk", "planner", "inspector", "steward", "auditor", "administrator"]
)
GapKind = TypeAliasType("GapKind", Literal["never_loaded", "outdated", "unlocated", "partial"])
LayerState = TypeAliasType("LayerState", Literal["hit", "clear", "no_data", "outdated", "unlocated"])
BasisKind = TypeAliasType("BasisKind", Literal["statute", "standard", "policy", "default"])
Certainty = TypeAliasType("Certainty", Literal["certain", "possible", "near_miss"])


class UseCode(TypedDict):
    system: str
    code: str


class Basis(TypedDict):
    text: str
    article: str | None
    kind: BasisKind


class Parameter(TypedDict):
    """A number of the rules. `of_region`: set by the region, not by the law."""

    name: str
    title: str
    value: float
    unit: str
    kind: BasisKind
    of_region: bool


class IssueSaid(TypedDict):
    """What is wrong with a file or a row of it. `owner`: whose it is to mend."""

    code: str
    severity: Literal["error", "warning", "notice"]
    row: int | None
    ring: int | None
    field: str | None
    value: str | None
    message: str
    hint: str
    owner: str | None


class Issue(IssueSaid):
    """`place`: longitude and latitude."""

    place: tuple[float, float] | None
