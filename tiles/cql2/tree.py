"""The syntax tree of a filter (OGC 21-065r2), the operations of the closed grammar, and the limits of both.

A tree is the same whether it was read from text or from JSON. It knows nothing of a layer: names and types are
judged where it becomes SQL.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from shapely.geometry.base import BaseGeometry

from tiles.cql2.refusal import FilterRefused

MOST_NODES = 1000
MOST_DEPTH = 20
MOST_OPERANDS = 200
MOST_VERTICES = 10_000

Place = int | str


@dataclass(frozen=True, slots=True)
class Property:
    """A name as it was written."""

    name: str
    at: Place = field(compare=False, repr=False, default=0)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a finite number, a truth value, a day (date) or a moment (datetime, UTC)."""

    value: str | int | float | bool | date
    at: Place = field(compare=False, repr=False, default=0)


@dataclass(frozen=True, slots=True)
class Shape:
    """A valid geometry in EPSG:4490, longitude before latitude; boxes are polygons."""

    geometry: BaseGeometry
    at: Place = field(compare=False, repr=False, default=0)


@dataclass(frozen=True, slots=True)
class Interval:
    """From start to end, both counted; None is open (`'..'`)."""

    start: "Property | Literal | None"
    end: "Property | Literal | None"
    at: Place = field(compare=False, repr=False, default=0)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation under its name in CQL2 JSON. `in` holds what is sought and then the list."""

    op: str
    args: "tuple[Node, ...]"
    at: Place = field(compare=False, repr=False, default=0)


Node = Property | Literal | Shape | Interval | Call

COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
SPATIAL = (
    "s_intersects", "s_disjoint", "s_contains", "s_within", "s_touches", "s_crosses", "s_overlaps", "s_equals",
)  # fmt: skip
TEMPORAL = (
    "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
    "t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts",
)  # fmt: skip
FOLDS = ("casei", "accenti")
OPERANDS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("and", "or"), (2, MOST_OPERANDS)),
    "not": (1, 1),
    **dict.fromkeys((*COMPARISONS, "like", *SPATIAL, *TEMPORAL), (2, 2)),
    "between": (3, 3),
    "in": (2, MOST_OPERANDS + 1),
    **dict.fromkeys(("isNull", *FOLDS), (1, 1)),
}
"""Every operation there is, with the fewest and the most operands."""


class Budget:
    """How much of a filter has been read."""

    def __init__(self) -> None:
        self.nodes = self.vertices = self.depth = 0

    def node(self, at: Place) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise FilterRefused(f"过滤条件太长，最多 {MOST_NODES} 项。", at)

    def vertex(self, at: Place) -> None:
        self.vertices += 1
        if self.vertices > MOST_VERTICES:
            raise FilterRefused(
                f"图形的点太多，全部图形最多 {MOST_VERTICES} 个点。",
                at,
            )

    @contextmanager
    def level(self, at: Place) -> Iterator[None]:
        """One level further in."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FilterRefused(f"嵌套太深，最多 {MOST_DEPTH} 层。", at)
        yield
        self.depth -= 1

    @staticmethod
    def operands(op: str, many: int, at: Place) -> None:
        """Refuse too few or too many operands."""
        fewest, most = OPERANDS[op]
        if many > most:
            raise FilterRefused(
                f"{op} 的项太多，最多 {MOST_OPERANDS if most > 3 else most} 项。",
                at,
            )
        if many < fewest:
            raise FilterRefused(f"{op} 的项太少。", at)
