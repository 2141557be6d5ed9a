"""Trees that hypothesis draws, over the fields of contaminated_plot, and rows of it that a seeded generator makes."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from tiles.cql2.tree import COMPARISONS, SPATIAL, TEMPORAL, Call, Interval, Literal, Property, Shape

NAMES = [
    "示例地块", "示例地块二", "Straße", "STRASSE", "Ångström", "angstrom", "ΟΔΟΣ", "οδός", "o'brien; --",
    "100%", "a_b", "a\\b", "", "éa", "e\u0301a",
]  # fmt: skip
NUMBERS = [0, 0.1, 1, 1.5, 2, -1, 10, 1e-7, 123456789.123, 3]
DAYS = [date(2019, 12, 31), date(2020, 1, 1), date(2022, 4, 14), date(2022, 4, 24), date(2026, 8, 15)]
MOMENTS = [datetime(2022, 4, 14, 15, 59, 59, tzinfo=UTC), datetime(2022, 4, 14, 16, 0, tzinfo=UTC),
           datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC)]  # fmt: skip
TEXT_FIELDS = ["code", "name", "document", "status", "county"]
NUMBER_FIELDS = [f"max_ratio_{kind}_class{of}" for kind in ("screening", "control") for of in (1, 2)]
DATE_FIELDS = ["entry_date", "exit_date"]
BOOL_FIELDS = ["has_boundary", "risk_assessment_reviewed"]
EDGES = [87.0, 87.25, 87.5, 87.75, 88.0]
"""Few, so that shapes touch, hold and equal each other; south and north lie 43 degrees lower."""
LOWER = 43.0


def at(x: float, y: float) -> tuple[float, float]:
    return x, y - LOWER


def some_box(rng: random.Random) -> BaseGeometry:
    west, east = sorted(rng.sample(EDGES, 2))
    south, north = sorted(rng.sample(EDGES, 2))
    if rng.random() < 0.3:
        return shapely.Polygon([at(west, south), at(east, south), at(west, north)])
    return shapely.box(*at(west, south), *at(east, north))


def some_shape(rng: random.Random) -> BaseGeometry | None:
    """What a row may have: polygons, lines, a point, nothing."""
    kind = rng.random()
    if kind < 0.15:
        return None
    if kind < 0.3:
        return shapely.Point(at(rng.choice(EDGES), rng.choice(EDGES)))
    if kind < 0.45:
        return shapely.MultiLineString([[at(*rng.sample(EDGES, 2)), at(*rng.sample(EDGES, 2))]]).normalize()
    return shapely.MultiPolygon([some_box(rng)])


def some_rows(seed: int, many: int) -> list[dict[str, Any]]:
    """Rows with gaps; a field that is absent is unknown."""
    rng = random.Random(seed)
    pools: dict[str, list[Any]] = {
        **dict.fromkeys(("name", "document"), NAMES),
        "code": ["1", "2", "甲-1"],
        "status": ["confirmed", "closed"],
        "county": ["652301", "652302"],
        **dict.fromkeys(NUMBER_FIELDS, NUMBERS),
        **dict.fromkeys(DATE_FIELDS, DAYS),
        "risk_assessment_reviewed": [True, False],
    }
    found = []
    for _ in range(many):
        row = {name: rng.choice(pool) for name, pool in pools.items() if rng.random() < 0.8}
        shape = some_shape(rng)
        while shape is not None and shape.length == 0 and shape.geom_type != "Point":
            shape = some_shape(rng)  # a line from a place to itself
        row["geometry"] = shape
        row["has_boundary"] = shape is not None and shape.geom_type != "Point"
        found.append(row)
    return found


seeds = st.integers(0, 2**32)
boxes = st.builds(lambda seed: some_box(random.Random(seed)), seeds)
points = st.builds(lambda x, y: shapely.Point(at(x, y)), st.sampled_from(EDGES), st.sampled_from(EDGES))
lines = st.builds(
    lambda a, b: shapely.LineString([a.coords[0], b.coords[0]]), points, points
).filter(lambda line: line.length > 0)  # fmt: skip
# Parts that touch are left out: GEOS 3.14 does not find a part within its own MultiPolygon where another touches it.
plain = st.one_of(
    points, lines, boxes,
    st.lists(points, min_size=1, max_size=3).map(lambda many: shapely.MultiPoint(many)),
    st.lists(lines, min_size=1, max_size=2).map(lambda many: shapely.MultiLineString(many)),
    st.lists(boxes, min_size=1, max_size=2).filter(lambda many: len(many) == 1 or many[0].disjoint(many[1]))
    .map(lambda many: shapely.MultiPolygon(many)),
)  # fmt: skip
collections = st.lists(plain, min_size=1, max_size=3).map(shapely.GeometryCollection)


def names(fields: list[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from(fields).map(Property)


def literals(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values).map(Literal)


texts = st.recursive(
    names(TEXT_FIELDS) | literals([*NAMES, "closed", "1", "652301"]),
    lambda inner: st.builds(lambda op, one: Call(op, (one,)), st.sampled_from(["casei", "accenti"]), inner),
    max_leaves=2,
)
patterns = st.recursive(
    literals(
        ["%", "_%", "", "%%", "示例%", "%a%", "stra%", "STRASS_", "100\\%", "a\\_b", "%\\\\%", "ο%", "e_"]
    ),
    lambda inner: st.builds(lambda op, one: Call(op, (one,)), st.sampled_from(["casei", "accenti"]), inner),
    max_leaves=2,
)
numbers = names(NUMBER_FIELDS) | literals(NUMBERS)
days = names(DATE_FIELDS) | literals(DAYS)
instants = days | literals(MOMENTS)
truths = names(BOOL_FIELDS) | literals([True, False])


def in_order(start: Any, end: Any) -> bool:
    """Whether an interval may be written; a day and a moment are told apart by whole days, with one to spare."""
    if not (isinstance(start, Literal) and isinstance(end, Literal)):
        return True
    first: Any = start.value
    last: Any = end.value
    if isinstance(first, datetime) == isinstance(last, datetime):
        return bool(first <= last)
    return date(first.year, first.month, first.day) + timedelta(days=1) < date(
        last.year, last.month, last.day
    )


ends = st.none() | instants
intervals = st.tuples(ends, ends).filter(lambda two: in_order(*two)).map(lambda two: Interval(*two))
spans = instants | intervals
geometries = names(["geometry"]) | plain.map(Shape)
any_geometry = geometries | collections.map(Shape)


def calls(op: Any, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    ops = st.sampled_from(op) if isinstance(op, list | tuple) else st.just(op)
    return st.builds(lambda op, args: Call(op, args), ops, st.tuples(*operands))


def listed(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda what, many: Call("in", (what, *many)), one, st.lists(one, min_size=1, max_size=4))


predicates = st.one_of(
    *(calls(COMPARISONS, one, one) for one in (texts, numbers, days, truths)),
    *(listed(one) for one in (texts, numbers, days, truths)),
    calls("like", texts, patterns),
    calls("between", numbers, numbers, numbers),
    calls("between", days, days, days),
    *(calls("isNull", one) for one in (texts, numbers, days, truths, any_geometry)),
    calls([op for op in SPATIAL if op not in ("s_intersects", "s_disjoint")], geometries, geometries),
    calls(["s_intersects", "s_disjoint"], geometries, geometries),
    calls(["s_intersects", "s_disjoint"], any_geometry, names(["geometry"])),
    calls(["s_intersects", "s_disjoint"], names(["geometry"]), collections.map(Shape)),
    calls(TEMPORAL, spans, spans),
    truths,
)
conditions: st.SearchStrategy[Any] = st.recursive(
    predicates,
    lambda inner: st.one_of(
        calls("not", inner),
        calls(["and", "or"], inner, inner),
        calls(["and", "or"], inner, inner, inner),
        calls(["=", "<>"], inner, inner),
    ),
    max_leaves=6,
)
