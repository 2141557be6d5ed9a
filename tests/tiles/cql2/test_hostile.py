"""Whatever is written, a filter is refused in words or it runs: nothing else can happen."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.english import english
from tests.tiles.ask import view
from tests.tiles.cql2.asking import ALL, LAYER, said, stored
from tests.tiles.cql2.hostile import JSONS, TEXTS
from tests.tiles.cql2.test_examples import EXAMPLES
from tests.tiles.cql2.trees import some_rows
from tiles.cql2 import FilterRefused, Lang, compile_filter, parse
from tiles.statement import Values

HOSTILE = [(text, "cql2-text", why) for text, why in TEXTS] + [
    (text, "cql2-json", why) for text, why in JSONS
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_there_are_many_of_them() -> None:
    assert len(TEXTS) > 150
    assert len(JSONS) > 60


@pytest.mark.parametrize(("given", "lang", "why"), HOSTILE, ids=[f"{one[:40]!r}" for one, _, _ in HOSTILE])
def test_a_hostile_filter_is_refused_with_reason_and_place(given: str, lang: Lang, why: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(FilterRefused) as refused:
        compile_filter(given, lang, ALL, Values())
    assert time.perf_counter() - begun < 2
    told = refused.value.told()
    assert re.search(why, told), told
    assert CHINESE.search(told) and not CHINESE.search(
        re.sub(r"'.*?'|“.*?”|no queryable .*|function .*", "", english(told))
    )
    assert len(told) < 250
    at = refused.value.at
    assert 0 <= at <= len(given) if isinstance(at, int) else at.startswith("/")


AT_THE_LIMIT: list[tuple[str, Lang]] = [
    ("NOT " * 20 + "TRUE", "cql2-text"),
    ("(" * 20 + "TRUE" + ")" * 20, "cql2-text"),
    (" OR ".join(["TRUE"] * 200), "cql2-text"),
    ("max_ratio_control_class1 IN (" + ",".join("1" * 200) + ")", "cql2-text"),
    ("name = '" + "a" * (8192 - 9) + "'", "cql2-text"),
    ('{"op":"not","args":[' * 20 + "true" + "]}" * 20, "cql2-json"),
    ('{"op":"s_intersects","args":[{"property":"geometry"},{"type":"MultiPoint","coordinates":['
     + ",".join(["[1,2]"] * 10_000) + "]}]}", "cql2-json"),
    # 1 and, 5 or, 990 literals.
    ('{"op":"and","args":[' + ",".join(['{"op":"or","args":[' + ",".join(["true"] * 198) + "]}"] * 5) + "]}",
     "cql2-json"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "lang"), AT_THE_LIMIT, ids=[one[:30] for one, _ in AT_THE_LIMIT])
def test_what_just_keeps_to_the_limits_is_taken(given: str, lang: Lang) -> None:
    compile_filter(given, lang, ALL, Values())


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("name = 'a' AND status == 'b'", 23),
        ("name = 'a' AND stauts = 'b'", 15),
        ("S_INTERSECTS(geometry, POINT(1 200))", 23),
        ("name = 'a' OR entry_date > DATE('2020-13-01')", 32),
        ("名称 = 'a'", 0),
        ("name = '汉字' x", 12),
    ],
)
def test_the_place_is_that_of_the_fault(text: str, at: int) -> None:
    with pytest.raises(FilterRefused) as refused:
        compile_filter(text, "cql2-text", ALL, Values())
    assert refused.value.at == at
    assert f"第 {at + 1} 个字符" in refused.value.told()


def test_the_place_in_json_is_a_pointer() -> None:
    given = '{"op":"and","args":[true,{"op":"in","args":[{"property":"name"},["a",{"property":"nome"}]]}]}'
    with pytest.raises(FilterRefused) as refused:
        compile_filter(given, "cql2-json", ALL, Values())
    assert refused.value.at == "/args/1/args/1/1"


def test_a_field_that_may_not_be_seen_is_refused_like_one_that_is_not_there() -> None:
    seen = view(LAYER, fields=["name"])
    told = []
    for name in ("max_ratio_control_class1", "max_ratio_control_class9", "status", "code"):
        for text in (f"{name} = 1", f"{name} IS NULL", f"T_BEFORE({name}, {name})", f"name = {name}"):
            with pytest.raises(FilterRefused) as refused:
                compile_filter(text, "cql2-text", seen, Values())
            told.append(refused.value.told().replace(name, "NAME"))
    assert told[:4] == told[4:8] == told[8:12] == told[12:]
    compile_filter("max_ratio_control_class1 = 1", "cql2-text", ALL, Values())


def test_no_text_of_a_filter_stands_in_the_statement() -> None:
    values = Values()
    text = "name = 'SECRETSIGN' AND document LIKE 'SECRETSIGN%' AND CASEI(name) IN ('SECRETSIGN', '2')"
    statement = compile_filter(text, "cql2-text", ALL, values).as_string(None)
    assert "SECRETSIGN" not in statement
    assert sum("SECRETSIGN" in str(value) for value in values.values()) == 3


def test_nested_comparisons_are_compiled_once() -> None:
    """Not twice at each level, which would be a million times at the last."""
    text = "TRUE = (" * 19 + "TRUE = TRUE" + ")" * 19
    values = Values()
    begun = time.perf_counter()
    compile_filter(text, "cql2-text", ALL, values)
    assert time.perf_counter() - begun < 0.5


WORDS = [
    "name", "geometry", "entry_date", "max_ratio_control_class1", "has_boundary", "=", "<>", "<", ">=", "(", ")", ",",
    "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", "TRUE", "'a'", "'%\\'", "'2020-01-01'", "1", "-1.5e3",
    "CASEI(", "S_WITHIN(", "T_MEETS(", "DATE('2020-01-01')", "INTERVAL('..','..')", "POINT(87 44)", "BBOX(87,44,88,45)",
    "\0", "\\", "%", "'", '"', ";", "--", "\ud800",
]  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Lang]:
    """Examples with pieces cut out, doubled or put in."""
    lang: Lang = draw(st.sampled_from(["cql2-text", "cql2-json"]))
    text = draw(st.sampled_from([pair[lang == "cql2-json"] for pair in EXAMPLES.values()]))
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = draw(
            st.sampled_from([*WORDS, '{"property":"name"}', "[", "]", "{", "}", "null", "1e400"])
            | st.text(max_size=3)
        )
        text = draw(
            st.sampled_from([text[:at] + text[to:], text[:at] + piece + text[at:], text[:to] + text[at:]])
        )
    return text, lang


@pytest.fixture
def known(db: None) -> list[int]:
    return [stored(row) for row in some_rows(seed=3, many=8)]


QUIET: Any = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=800, deadline=None, suppress_health_check=QUIET)
@given(st.one_of(
    broken(),
    st.lists(st.sampled_from(WORDS), max_size=15).map(lambda many: (" ".join(many), "cql2-text")),
    st.text(max_size=30).map(lambda text: (text, "cql2-text")),
    st.text(max_size=30).map(lambda text: (text, "cql2-json")),
))  # fmt: skip
def test_whatever_is_written_is_refused_or_runs(known: list[int], one: tuple[str, Lang]) -> None:
    told = ""
    try:
        tree = parse(*one)
        compile_filter(*one, ALL, Values())
    except FilterRefused as refused:
        told = refused.told()
    if told:
        assert CHINESE.search(told)
    else:
        assert len(said(tree)) == len(known)
