"""The temporal functions over every way in which two intervals can lie, ends that are open or unknown among them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations_with_replacement
from typing import Any

import pytest

from tests.tiles.cql2.asking import said, stored
from tests.tiles.cql2.evaluating import judged
from tiles.cql2 import Node, parse
from tiles.cql2.tree import TEMPORAL, Call, Interval, Literal, Property

DAYS = [date(2020, 1, day) for day in range(1, 6)]
SPAN = Interval(Property("entry_date"), Property("exit_date"))
SPANS = list(combinations_with_replacement(DAYS, 2))
LITERALS: list[Node] = [
    *(Interval(Literal(start), Literal(end)) for start, end in SPANS),
    *(Interval(None, Literal(day)) for day in DAYS),
    *(Interval(Literal(day), None) for day in DAYS),
    Interval(None, None),
    Literal(DAYS[2]),
    Literal(datetime(2020, 1, 2, 15, 59, 59, tzinfo=UTC)),
    Literal(datetime(2020, 1, 2, 16, 0, 0, tzinfo=UTC)),
]


@pytest.fixture
def known(db: None) -> dict[int, dict[str, Any]]:
    rows = [{"entry_date": start, "exit_date": end} for start, end in SPANS]
    rows += [{"entry_date": DAYS[2]}, {"exit_date": DAYS[2]}, {}]
    return {stored(row): row for row in rows}


@pytest.mark.parametrize("op", TEMPORAL)
def test_every_function_over_every_pair_says_what_python_says(
    known: dict[int, dict[str, Any]], op: str
) -> None:
    seen: set[bool | None] = set()
    for literal in LITERALS:
        for args in ((SPAN, literal), (literal, SPAN), (Property("entry_date"), literal)):
            tree = Call(op, args)
            expected = {number: judged(tree, row) for number, row in known.items()}
            assert said(tree) == expected, tree
            seen |= set(expected.values())
    assert seen == {True, False, None}


# The thirteen relations of two intervals (Allen 1983) and those of the fifteen functions that hold in each, by hand.
ALLEN = [
    ("before", (1, 2), (3, 4), {"BEFORE", "DISJOINT"}),
    ("after", (3, 4), (1, 2), {"AFTER", "DISJOINT"}),
    ("meets", (1, 2), (2, 4), {"MEETS", "INTERSECTS"}),
    ("met by", (2, 4), (1, 2), {"METBY", "INTERSECTS"}),
    ("overlaps", (1, 3), (2, 4), {"OVERLAPS", "INTERSECTS"}),
    ("overlapped by", (2, 4), (1, 3), {"OVERLAPPEDBY", "INTERSECTS"}),
    ("starts", (1, 2), (1, 4), {"STARTS", "INTERSECTS"}),
    ("started by", (1, 4), (1, 2), {"STARTEDBY", "INTERSECTS"}),
    ("during", (2, 3), (1, 4), {"DURING", "INTERSECTS"}),
    ("contains", (1, 4), (2, 3), {"CONTAINS", "INTERSECTS"}),
    ("finishes", (3, 4), (1, 4), {"FINISHES", "INTERSECTS"}),
    ("finished by", (1, 4), (3, 4), {"FINISHEDBY", "INTERSECTS"}),
    ("equals", (1, 4), (1, 4), {"EQUALS", "INTERSECTS"}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "holding"), [row[1:] for row in ALLEN], ids=[row[0] for row in ALLEN]
)
def test_of_two_intervals_those_functions_hold_that_name_how_they_lie(
    one: tuple[int, int], other: tuple[int, int], holding: set[str]
) -> None:
    number = stored({"entry_date": date(2020, 1, one[0]), "exit_date": date(2020, 1, one[1])})
    literal = f"INTERVAL('2020-01-0{other[0]}', '2020-01-0{other[1]}')"
    found = set()
    for op in TEMPORAL:
        word = op.upper().removeprefix("T_")
        if said(parse(f"T_{word}(INTERVAL(entry_date, exit_date), {literal})", "cql2-text"))[number]:
            found.add(word)
    assert found == holding
