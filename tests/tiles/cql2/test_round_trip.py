"""A tree written as text and as JSON is read back as itself, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tiles.cql2.printing import as_json, as_text
from tests.tiles.cql2.trees import conditions, plain
from tiles.cql2 import Node, parse
from tiles.cql2.tree import COMPARISONS, Call, Interval, Literal, Property, Shape

SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(SIGNS, max_size=12).filter(lambda text: not text.endswith("\\"))
PROPERTIES = st.text(SIGNS, min_size=1, max_size=8).filter(lambda name: '"' not in name).map(Property)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(fold=0)
)
LITERALS = st.one_of(
    TEXTS, st.booleans(), st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False),
    st.dates(), MOMENTS,
).map(Literal)  # fmt: skip
ENDS = st.none() | PROPERTIES | (st.dates() | MOMENTS).map(Literal)
LEAVES = st.one_of(PROPERTIES, LITERALS, plain.map(Shape), st.builds(Interval, ENDS, ENDS))


def _calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def of(ops: list[str], fewest: int, most: int) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=fewest, max_size=most).map(tuple)
        return st.builds(Call, st.sampled_from(ops), several)

    return st.one_of(
        of(["and", "or", "in"], 2, 4),
        of(["not", "isNull", "casei", "accenti"], 1, 1),
        of([*COMPARISONS, "like", "s_touches", "t_overlappedBy"], 2, 2),
        of(["between"], 3, 3),
    )


ANY_TREE: st.SearchStrategy[Node] = st.recursive(LEAVES, _calls, max_leaves=12)
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=500, deadline=None, suppress_health_check=QUIET)
@given(ANY_TREE | conditions)
def test_a_tree_is_read_back_from_text_and_from_json(tree: Node) -> None:
    for back in (parse(as_text(tree), "cql2-text"), parse(as_json(tree), "cql2-json")):
        assert back == tree
        assert repr(back) == repr(tree)  # True is not 1, and 1 is not 1.0
