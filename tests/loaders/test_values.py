"""Cells of offices' tables to typed values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from loaders.values import BadValue, cast
from spatial.catalog import Field


def field(kind: str, **choices: str) -> Field:
    return Field(
        "f", "字段", "field", kind, (), choices, "1" if kind == "number" else None, None, None, False
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2025-03-18", "2025-03-18"), ("2025/3/18", "2025-03-18"), ("2025.3.18", "2025-03-18"),
        ("20250318", "2025-03-18"),
        ("2025年3月18日", "2025-03-18"), ("2025 年 3 月 18 日", "2025-03-18"), ("２０２５年３月１８日", "2025-03-18"),
        ("二〇二五年三月十八日", "2025-03-18"), ("二○二五年十月二十日", "2025-10-20"),
        ("二零二五年十二月三十一日", "2025-12-31"),
        ("2025-03-18 00:00:00", "2025-03-18"), ("2025-03-18T08:00:00Z", "2025-03-18"), (45734, "2025-03-18"),
        (20250318, "2025-03-18"), (20250318.0, "2025-03-18"), (date(2025, 3, 18), "2025-03-18"),
        (datetime(2025, 3, 18, 9), "2025-03-18"), ("2025年3月", "2025-03-01"), ("2025年", "2025-01-01"),
        (2025, "2025-01-01"),
        ("2025-3", "2025-03-01"), ("/", None), ("", None), ("—", None), (None, None),
    ],
)  # fmt: skip
def test_a_date_in_any_form_that_offices_write(said: Any, meant: str | None) -> None:
    assert cast(field("date"), said) == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("2024年2月", "2024-02-29"), ("2025年", "2025-12-31"), ("2025-03-18", "2025-03-18")]
)
def test_an_end_without_a_day_is_the_last_day(said: str, meant: str) -> None:
    assert cast(field("date"), said, ends=True) == meant


@pytest.mark.parametrize("said", ["明年", "2025-13-01", "2025-02-30", "18/03/2025", 7, True, "0000-01-01"])
def test_what_is_no_date_is_told(said: Any) -> None:
    with pytest.raises(BadValue):
        cast(field("date"), said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("是", True), ("有", True), ("1", True), (1, True), (True, True), ("TRUE", True), ("Ｙ", True),
     ("否", False), ("无", False), (0, False), (0.0, False), ("false", False), ("", None), ("/", None)],
)  # fmt: skip
def test_yes_and_no(said: Any, meant: bool | None) -> None:
    assert cast(field("bool"), said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("I", "I"), ("一级", "I"), ("i", "I"), ("Ⅱ级", "II"), (" 准保护区 ", "quasi"), ("", None), ("－", None)],
)
def test_a_choice_loads_from_its_value_or_its_label(said: str, meant: str | None) -> None:
    kinds = field("choice", I="一级", II="Ⅱ级", quasi="准保护区")
    if said == "－":
        with pytest.raises(BadValue, match="一级、Ⅱ级、准保护区"):
            cast(kinds, said)
    else:
        assert cast(kinds, said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1,234.5", 1234.5),
        ("１２．５", 12.5),
        (3, 3),
        (3.0, 3),
        ("-0.5", -0.5),
        ("1e3", 1000),
        ("12%", 0.12),
        ("/", None),
        (float("nan"), None),
    ],
)
def test_numbers(said: Any, meant: float | None) -> None:
    assert cast(field("number"), said) == meant


@pytest.mark.parametrize("said", ["约 5", "inf", "1e999", "5亩", "1_000", True])
def test_what_is_no_number_is_told(said: Any) -> None:
    with pytest.raises(BadValue):
        cast(field("number"), said)


@pytest.mark.parametrize("said", [652301199001010000, 6.52301199001010e17, "6.52301E+17"])
@pytest.mark.parametrize("kind", ["code", "text"])
def test_a_code_of_18_digits_that_a_spreadsheet_rounded_is_found(said: Any, kind: str) -> None:
    with pytest.raises(BadValue) as bad:
        cast(field(kind), said)
    assert bad.value.code == "code_rounded"


def test_a_code_of_18_digits_kept_as_text_is_kept() -> None:
    assert cast(field("code"), "652301199001010017") == "652301199001010017"
    assert cast(field("code"), " ６５２３０１ ") == "652301"
    assert cast(field("code"), 652301.0) == "652301"


def test_lists_and_tables() -> None:
    assert cast(field("list"), "甲、乙；丙,丁") == ["甲", "乙", "丙", "丁"]
    assert cast(field("list"), ["甲", 2]) == ["甲", "2"]
    assert cast(field("table"), '[{"item": "甲", "n": 1}]') == [{"item": "甲", "n": 1}]
    for broken in ("[1, 2]", "[{", '{"a": 1}', 7):
        with pytest.raises(BadValue):
            cast(field("table"), broken)


@pytest.mark.parametrize("said", ["甲\0乙", "\ud800", "长" * 70_000])
@pytest.mark.parametrize("kind", ["text", "code", "list"])
def test_text_that_the_database_cannot_keep_is_told(said: str, kind: str) -> None:
    with pytest.raises(BadValue):
        cast(field(kind), said)
