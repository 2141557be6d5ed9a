"""Every sentence of the service has its English, and what is read from it says the same with any values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.english import FOLDER, catalogue, english, pieces
from tests.api.sentences import HAN, fragments, sentences

QUOTED = re.compile(r"“[^”]*”|《[^》]*》|「[^」]*」")
ELSEWHERE = ("together.toml", "words.toml")
"""Sentences that no single literal holds, and words of the catalog and the rules."""
WORDS = ("示例镇", "652301", "12.5", "A区", "地块边界", "2026-08-15")


def gaps(template: str) -> set[str]:
    return {gap for _, gap, _ in pieces(template) if gap is not None}


def filled(template: str, values: dict[str, str]) -> str:
    return "".join(before + values.get(gap or "", "") for before, gap, _ in pieces(template))


def test_every_sentence_of_the_source_has_its_english_and_none_is_left_over() -> None:
    said, known = sentences(), catalogue()
    lacking = {text: where for text, where in said.items() if text not in known}
    assert not lacking, f"add them to {FOLDER.name}/*.toml"
    standing = set(said) | fragments()
    for file in FOLDER.glob("*.toml"):
        if file.name not in ELSEWHERE:
            assert not set(tomllib.loads(file.read_text(encoding="utf-8"))) - standing, file.name


def test_no_sentence_is_told_twice() -> None:
    keys = [
        line.split(" = ")[0]
        for file in FOLDER.glob("*.toml")
        for line in file.read_text().splitlines()
        if line.startswith('"')
    ]
    assert len(keys) == len(set(keys)) == len(catalogue())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_english_has_the_same_gaps_and_no_chinese_but_what_is_quoted(file: Path) -> None:
    for chinese, told in tomllib.loads(file.read_text(encoding="utf-8")).items():
        assert gaps(chinese) == gaps(told), told
        assert not HAN.search(QUOTED.sub("", told)), told
        if chinese.endswith("。"):
            assert told.rstrip("”").endswith((".", "?")), told


def _values(template: str) -> Iterator[dict[str, str]]:
    names = sorted(gaps(template))
    for turn in range(len(WORDS) if names else 1):
        yield {name: WORDS[(turn + nth) % len(WORDS)] for nth, name in enumerate(names)}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_a_sentence_is_found_whatever_its_values_are(file: Path) -> None:
    for chinese in tomllib.loads(file.read_text(encoding="utf-8")):
        if "。" not in chinese:
            continue
        for values in _values(chinese):
            told = english(filled(chinese, values))
            assert not [value for value in values.values() if value not in told], told
            for value in values.values():
                told = told.replace(value, "")
            assert not HAN.search(QUOTED.sub("", told)), told


def test_what_is_put_together_is_taken_apart() -> None:
    """Expected by hand: lists, brackets, titles in quotes, two sentences, a file before what is said of it."""
    assert english("甲.csv：图形的面积为零。") == "甲.csv: The area of the shape is zero."
    assert (
        english("没有图层“甲”。图层清单见 /catalog。")
        == "There is no layer “甲”. The list of layers is at /catalog."
    )
    assert english("昌吉市的“污染地块”从未入库。负责：州生态环境主管部门。") == (
        "Changji City: “contaminated plot” was never loaded. "
        "Supplied by: prefecture ecology and environment authority."
    )
    assert english("json、geojson") == "json, geojson"
    assert english("某人写的话，不是我们的。") == "某人写的话，不是我们的。"
