"""The abstract tests of OGC 21-065r2, Annex A, for the classes that we declare, each under its own name."""

from __future__ import annotations

import random

import pytest

from tests.tiles.ask import view
from tests.tiles.cql2.asking import said, stored, true_in
from tests.tiles.cql2.trees import some_rows
from tiles.cql2 import FilterRefused, parse
from tiles.cql2.fields import kinds
from tiles.rows import View

LAYERS = ("contaminated_plot", "land_use_status", "any_plot_with_legal_investigation_duty")
VALUES = {"text": "'foo'", "bool": "true", "number": "3.14", "date": "DATE('2022-04-14')"}
SPATIAL_LITERALS = (
    "BBOX(-180,-90,180,90)", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", "LINESTRING(7 50,10 51)",
    "POINT(7.02 49.92)", "MULTIPOINT(7 50,10 51)",
)  # fmt: skip
INSTANT_FUNCTIONS = ("T_AFTER", "T_BEFORE", "T_DISJOINT", "T_EQUALS", "T_INTERSECTS")
INTERVAL_FUNCTIONS = (
    *INSTANT_FUNCTIONS, "T_CONTAINS", "T_DURING", "T_FINISHEDBY", "T_FINISHES", "T_MEETS", "T_METBY",
    "T_OVERLAPPEDBY", "T_OVERLAPS", "T_STARTEDBY", "T_STARTS",
)  # fmt: skip


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest, db: None) -> View:
    """A layer with rows, where it has rows of its own: a derived one takes those of its sources."""
    for row in some_rows(seed=5, many=25):
        stored(row, "contaminated_plot" if request.param.startswith("any") else request.param)
    return view(request.param)


def names(layer: View, *of: str) -> list[str]:
    return [name for name, kind in kinds(layer).items() if kind in of]


def ask(layer: View, text: str) -> set[int]:
    return true_in(said(parse(text, "cql2-text"), layer))


def test_conf_basic_cql2_basic_test(layer: View) -> None:
    assert {"text", "geometry"} <= set(kinds(layer).values())


def test_conf_basic_cql2_comparison(layer: View) -> None:
    for name in names(layer, *VALUES):
        value = VALUES[kinds(layer)[name]]
        found = {op: ask(layer, f"{name} {op} {value}") for op in ("=", "<>", ">", "<", ">=", "<=")}
        for op, against in (("=", "<>"), (">", "<="), ("<", ">=")):
            assert not found[op] & found[against]


def test_conf_basic_cql2_is_null(layer: View) -> None:
    everything = ask(layer, "TRUE")
    for name in kinds(layer):
        null, there = ask(layer, f"{name} IS NULL"), ask(layer, f"{name} is not null")
        assert not null & there
        assert null | there == everything


def test_conf_basic_cql2_boolean(layer: View) -> None:
    assert ask(layer, "true")
    assert not ask(layer, "false")


def test_conf_advanced_comparison_operators_like(layer: View) -> None:
    for name in names(layer, "text"):
        assert not ask(layer, f"{name} like '_%'") & ask(layer, f"{name} like ''")
        assert ask(layer, f"{name} LIKE '%'") == ask(layer, f"{name} like '%%'")
        ask(layer, f"{name} like '\\%\\_'")


def test_conf_advanced_comparison_operators_between(layer: View) -> None:
    for name in names(layer, "number"):
        ask(layer, f"{name} BETWEEN 0 AND 100")
        assert not ask(layer, f"{name} between 100.0 and 1.0")


def test_conf_advanced_comparison_operators_in(layer: View) -> None:
    lists = {
        "number": "(1, 2, 3)",
        "text": "('foo', 'bar')",
        "bool": "(true)",
        "date": "('2022-04-14', '2022-04-15')",
    }
    for name in names(layer, *lists):
        ask(layer, f"{name} in {lists[kinds(layer)[name]]}")
    for name in names(layer, "date"):
        assert ask(layer, f"{name} in ('2022-04-14')") == ask(layer, f"{name} = DATE('2022-04-14')")


def test_conf_case_insensitive_comparison_casei(layer: View) -> None:
    for name in names(layer, "text"):
        assert not ask(layer, f"CASEI({name}) = casei('foo')") & ask(layer, f"CASEI({name}) <> casei('FOO')")
        assert ask(layer, f"CASEI({name}) LIKE casei('str%')") == ask(
            layer, f"CASEI({name}) LIKE casei('STR%')"
        )


def test_conf_accent_insensitive_comparison_accenti(layer: View) -> None:
    for name in names(layer, "text"):
        same, other = (
            ask(layer, f"ACCENTI({name}) {op}") for op in ("= accenti('äöüéáí')", "<> accenti('aoueai')")
        )
        assert not same & other
        assert ask(layer, f"ACCENTI({name}) LIKE accenti('Ä%')") == ask(
            layer, f"ACCENTI({name}) LIKE accenti('A%')"
        )
        for value in ("= accenti(casei('ÄÉ'))", "LIKE accenti(casei('a%'))"):
            ask(layer, f"ACCENTI(CASEI({name})) {value}")


def test_conf_basic_spatial_functions_s_intersects(layer: View) -> None:
    assert ask(layer, "S_INTERSECTS(geometry,BBOX(-180,-90,180,90))") == ask(layer, "geometry IS NOT NULL")
    assert not ask(layer, "S_INTERSECTS(geometry,POINT(7.02 49.92))")
    with pytest.raises(FilterRefused):
        ask(layer, "S_INTERSECTS(geometry,POINT(90 180))")
    ask(layer, "S_INTERSECTS(geometry,BBOX(-180,-90,-90,90)) AND S_INTERSECTS(geometry,BBOX(90,-90,180,90))")


def test_conf_basic_spatial_functions_plus_s_intersects(layer: View) -> None:
    with pytest.raises(FilterRefused):
        ask(layer, "S_INTERSECTS(geometry,MULTIPOINT(7.02 49.92, 90 180))")
    ring = (
        "(-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)"
    )
    for literal in (
        "LINESTRING(-180 -45, 0 -45)",
        "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
        f"POLYGON({ring})",
        f"MULTIPOLYGON(({ring}),((0 0, 10 0, 10 10, 0 10, 0 0)))",
        "GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 10, 0 0)))",
    ):
        ask(layer, f"S_INTERSECTS(geometry,{literal})")


@pytest.mark.parametrize(
    "function", ["intersects", "disjoint", "equals", "touches", "crosses", "within", "contains", "overlaps"]
)
def test_conf_spatial_functions(layer: View, function: str) -> None:
    for literal in SPATIAL_LITERALS:
        ask(layer, f"S_{function.upper()}(geometry,{literal})")
    with pytest.raises(FilterRefused):
        ask(layer, f"S_{function.upper()}(geometry,POINT(90 180))")


def test_conf_spatial_functions_belong_together(layer: View) -> None:
    for literal in ("BBOX(87,44,87.5,44.5)", *SPATIAL_LITERALS):
        met, apart = (ask(layer, f"S_{word}(geometry,{literal})") for word in ("INTERSECTS", "DISJOINT"))
        assert met | apart == ask(layer, "geometry IS NOT NULL")
        assert not met & apart
        assert ask(layer, f"S_WITHIN(geometry,{literal})") == ask(layer, f"S_CONTAINS({literal},geometry)")


def test_conf_temporal_functions_with_instants(layer: View) -> None:
    for name in names(layer, "date"):
        for function in INSTANT_FUNCTIONS:
            for literal in ("DATE('2022-04-24')", "INTERVAL('2021-01-01','2021-12-31')",
                            "TIMESTAMP('2022-04-24T07:59:57Z')",
                            "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')"):  # fmt: skip
                ask(layer, f"{function}({name},{literal})")


def test_conf_temporal_functions_with_intervals(layer: View) -> None:
    for one in names(layer, "date"):
        for other in names(layer, "date"):
            for function in INTERVAL_FUNCTIONS:
                ask(layer, f"{function}(INTERVAL({one},{other}),INTERVAL('2021-01-01','2021-12-31'))")


def test_conf_property_property(layer: View) -> None:
    for kind in VALUES:
        found = names(layer, kind)
        for one, other in list(zip(found, reversed(found), strict=True))[:6]:
            assert not ask(layer, f"{one} = {other}") & ask(layer, f"{one} <> {other}")
            assert ask(layer, f"{one} > {other}") == ask(layer, f"{other} < {one}")
            ask(layer, f"{one} >= {other} OR {one} <= {other}")


def test_conf_logical(layer: View) -> None:
    """Ten combinations of four predicates under AND, OR and NOT, against what the four say each."""
    pool = ["code = '1'", "name LIKE '示例%'", "county IN ('652301')", "S_INTERSECTS(geometry,BBOX(87,44,87.5,44.5))",
            "has_boundary = true", "name IS NULL", "CASEI(name) = CASEI('strasse')", "geometry IS NULL"]  # fmt: skip
    rng = random.Random(7)
    for _ in range(10):
        chosen = rng.sample(pool, 4)
        p1, p2, p3, p4 = (said(parse(one, "cql2-text"), layer) for one in chosen)
        text = "((NOT {0} AND {1}) OR ({2} and NOT {3}) or not ({0} AND {3}))".format(*chosen)
        wanted = {
            row for row in p1
            if (p1[row] is False and p2[row] is True) or (p3[row] is True and p4[row] is False)
            or p1[row] is False or p4[row] is False
        }  # fmt: skip
        assert ask(layer, text) == wanted
