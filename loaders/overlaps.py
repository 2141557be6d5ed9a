"""Neighbours that overlap, in layers whose features share no ground: every pair, found in little memory.

Shapes come from west to east. A strip of them is looked at together with those of earlier strips that reach into it, so
memory holds a strip and no more. Where neighbours fit, their edges are the same, and what is left when these are taken
out encloses as much as all of them. Where it does not, only shapes with an edge that fits no other
(shapely.coverage_invalid_edges) are intersected.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import shapely

from spatial.crs import area_m2
from spatial.geometry import polygons_of

LEAST_M2 = 1.0
"""A smaller overlap is a matter of rounding: the sliver of the rule book (spatial/rules/terms.toml)."""


MOST = 10_000
"""Pairs that anybody reads."""
SAMPLE, CROWD = 64, 100
"""How many boxes meet one is counted for so many shapes; in a survey it is under ten."""
PAIRS_AT_ONCE = 100_000
LEAST_DEG2 = 4e-11
"""Half of LEAST_M2 at the equator, where a square metre is the fewest square degrees."""


class Placed(NamedTuple):
    """A row with its shape (WKB, EPSG:4490). `file`, `row`: None for a live row that stays beside the delivery."""

    file: int | None
    row: int | None
    key: str
    name: str | None
    valid_from: date | None
    valid_to: date | None
    shape: bytes


class Overlap(NamedTuple):
    """Two rows on the same ground, the later one first; `place` is a point in it (longitude, latitude)."""

    one: Placed
    other: Placed
    area_m2: float
    place: tuple[float, float]


def overlaps(strips: Iterable[Sequence[Placed]]) -> Iterator[Overlap]:
    """Pairs that overlap by LEAST_M2 or more. `strips`: all rows, in the order of their western edges.

    Rows of one key are the history of one feature and no neighbours; nor are rows that are valid at different times.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running: deque[Future[list[Overlap]]] = deque()
        for rows, shapes, fresh in _with_what_reaches_in(strips):
            running.append(pool.submit(_within, rows, shapes, fresh))
            if len(running) > (os.cpu_count() or 1):
                yield from running.popleft().result()
        for left in running:
            yield from left.result()


def _with_what_reaches_in(
    strips: Iterable[Sequence[Placed]],
) -> Iterator[tuple[list[Placed], np.ndarray, int]]:
    """Each strip behind the earlier rows that reach into it, and where in the list the strip begins."""
    carried: list[Placed] = []
    carried_shapes = np.empty(0, dtype=object)
    for strip in strips:
        fresh = len(carried)
        rows = [*carried, *strip]
        new = shapely.from_wkb(np.array([row.shape for row in strip], dtype=object))
        shapes = np.concatenate([carried_shapes, new])
        yield rows, shapes, fresh
        # The next strip begins no further west than this one ended.
        stay = np.flatnonzero(shapely.bounds(shapes)[:, 2] >= shapely.bounds(new[-1])[0])
        carried, carried_shapes = [rows[at] for at in stay.tolist()], shapes[stay]


def _within(rows: Sequence[Placed], shapes: np.ndarray, fresh: int) -> list[Overlap]:
    """The overlaps of a strip with itself and with what reaches into it, MOST at most."""
    if _fit(shapes):
        return []
    tree = shapely.STRtree(shapes)
    beside = len(tree.query(shapes[:: -(-len(shapes) // SAMPLE)])[0]) / min(SAMPLE, len(shapes))
    if beside <= CROWD:
        suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    else:  # so many lie on top of each other that comparing all edges would take hours, and pairs are soon found
        suspects = np.arange(len(shapes))
    found: dict[tuple[int, int], Overlap] = {}
    step = max(1, int(PAIRS_AT_ONCE / beside))
    for start in range(0, len(suspects), step):
        some = suspects[start : start + step]
        one, other = tree.query(shapes[some], predicate="intersects")
        later, earlier = np.maximum(some[one], other), np.minimum(some[one], other)
        for pair in np.unique(
            np.column_stack([later, earlier])[(later != earlier) & (later >= fresh)], axis=0
        ).tolist():
            overlap = _overlap(rows, shapes, *pair)
            if overlap is not None:
                found[pair[0], pair[1]] = overlap
            if len(found) == MOST:
                return list(found.values())
    return list(found.values())


def _fit(shapes: np.ndarray) -> bool:
    """Whether shapes surely share no ground; an eighth of the time that it takes to find out which do.

    Edges that two shapes share cancel out. If the rest bounds valid polygons, every place lies in one shape or in none,
    unless edges cancelled that two shapes have on the same side: then ground is missing.
    """
    try:
        together = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        return False
    missing = float(shapely.area(shapes).sum() - shapely.area(together))
    return abs(missing) < LEAST_DEG2 and bool(shapely.is_valid(together))


def _overlap(rows: Sequence[Placed], shapes: np.ndarray, one: int, other: int) -> Overlap | None:
    if not _are_neighbours(rows[one], rows[other]):
        return None
    shared = polygons_of(shapely.intersection(shapes[one], shapes[other]))
    size = 0.0 if shared.is_empty else area_m2(shared)
    if size < LEAST_M2:
        return None
    inside = shared.representative_point()
    later, earlier = sorted((rows[one], rows[other]), key=_order, reverse=True)
    return Overlap(later, earlier, size, (round(inside.x, 6), round(inside.y, 6)))


def _order(row: Placed) -> tuple[int, int]:
    return row.file or 0, row.row or 0


def _are_neighbours(one: Placed, other: Placed) -> bool:
    if one.key == other.key or (one.row is None and other.row is None):
        return False
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: Any, other: Any) -> bool:
    return one.valid_from is None or other.valid_to is None or one.valid_from < other.valid_to
