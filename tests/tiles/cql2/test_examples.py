"""The examples of OGC 21-065r2 in their two encodings, under the names of our fields: one tree, and PostGIS takes it.

Numbers are those of the standard's own files. Its values and shapes are kept; a property becomes a field of
contaminated_plot of the same type.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from tests.tiles.cql2.asking import said, stored
from tests.tiles.cql2.trees import some_rows
from tiles.cql2 import FilterRefused, parse

FILE = Path(__file__).parents[2] / "data" / "cql2_examples.txt"
EXAMPLES = {
    number: (text, json)
    for number, text, json in (block.splitlines() for block in FILE.read_text("utf-8").split("\n\n"))
}
"""`# number`, the text, the JSON."""


@pytest.mark.parametrize(("text", "json"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_is_the_same_tree_in_both_encodings(text: str, json: str) -> None:
    assert parse(text, "cql2-text") == parse(json, "cql2-json")


@pytest.mark.django_db
def test_postgis_answers_every_example() -> None:
    numbers = {stored(row) for row in some_rows(seed=1, many=10)}
    for text, json in EXAMPLES.values():
        told = said(parse(text, "cql2-text"))
        assert told.keys() == numbers, text
        assert told == said(parse(json, "cql2-json"))


# The standard's examples of what is not supported here, and those of its shapes that are no valid shapes.
REFUSED = [
    ("avg(windSpeed)", "没有函数"),  # clause6_01
    ("avg(entry_date) < 4", "没有函数"),  # clause6_02b
    ("max_ratio_screening_class1-150.0 > 0", "算术"),  # clause6_02c
    (  # example46: its ring crosses itself
        "S_EQUALS(POLYGON ((-0.333333 89.0, -102.723546 -0.5, -179.0 -89.0, -1.9 89.0, -0.0 89.0, 2.00001 -1.9,"
        ' -0.333333 89.0)), "geometry")',
        "图形有错",
    ),
    (  # example49: its hole lies outside
        "S_WITHIN(POLYGON Z ((-49.88024 0.5 -75993.341684, -1.5 -0.99999 -100000.0, 0.0 0.5 -0.333333,"
        " -49.88024 0.5 -75993.341684), (-65.887123 2.00001 -100000.0, 0.333333 -53.017711 -79471.332949,"
        ' 180.0 0.0 1852.616704, -65.887123 2.00001 -100000.0)), "geometry")',
        "图形有错",
    ),
    ("FALSE <> Bar(\"geometry\", 100, 'a', 'b', FALSE)", "没有函数"),  # example69
    ('"name" > ("code" + 10)', "算术"),  # example72
    ('"name" <= (2 ^ "code")', "算术"),  # example76
    ('0 = ("code" % 2)', "算术"),  # example77
    ("A_OVERLAPS(\"name\", (DATE('2010-02-10'), FALSE))", "没有函数"),  # example82
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_an_example_of_what_is_not_supported_is_refused(text: str, why: str) -> None:
    with pytest.raises(FilterRefused, match=why):
        parse(text, "cql2-text")


def test_a_height_is_read_and_left_out() -> None:
    assert parse("S_WITHIN(POINT Z (1 2 3), POINT(1 2 -4))", "cql2-text") == parse(
        "S_WITHIN(POINT(1 2), POINT(1 2))", "cql2-text"
    )


def test_a_box_over_the_180th_meridian_has_two_halves() -> None:
    tree = parse("S_INTERSECTS(geometry, BBOX(150, -10, -150, 10))", "cql2-text")
    wanted = shapely.MultiPolygon([shapely.box(150, -10, 180, 10), shapely.box(-180, -10, -150, 10)])
    assert tree.args[1].geometry.equals(wanted)  # type: ignore[union-attr]
