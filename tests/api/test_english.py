"""Every sentence of the service has its English, and what is read from it says the same with any values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest

from api.english import FOLDER, HAN, catalogue, english, pieces
from tests.api.sentences import fragments, sentences

QUOTED = re.compile(r"“[^”]*”|《[^》]*》|「[^」]*」")
WORDS = ("示例镇", "652301", "12.5", "A 区", "地块边界", "2026-08-15")


def gaps(template: str) -> set[str]:
    return {gap for _, gap, _ in pieces(template) if gap is not None}


def filled(template: str, values: dict[str, str]) -> str:
    return "".join(before + values.get(gap or "", "") for before, gap, _ in pieces(template))


def test_every_sentence_of_the_source_has_its_english_and_none_is_left_over() -> None:
    said, known = sentences(), catalogue()
    lacking = {text: where for text, where in said.items() if text not in known}
    assert not lacking, f"add them to {FOLDER.name}/*.toml"
    standing = set(said) | fragments()
    assert not [text for text in known if text not in standing and "gap" not in text and HAN.search(text)]


def test_no_sentence_is_told_twice() -> None:
    keys = [
        line.split(" = ")[0]
        for file in FOLDER.glob("*.toml")
        for line in file.read_text().splitlines()
        if line.startswith('"')
    ]
    assert len(keys) == len(set(keys)) == len(catalogue())


@pytest.mark.parametrize("chinese", catalogue())
def test_an_english_sentence_has_the_same_gaps_and_no_chinese_but_what_is_quoted(chinese: str) -> None:
    told = catalogue()[chinese]
    assert gaps(told) <= gaps(chinese), told
    assert gaps(chinese) <= gaps(told), "a value is lost"
    assert not HAN.search(QUOTED.sub("", told)), told
    assert ("。" in chinese[-2:]) <= told.rstrip('”"').endswith((".", ":", "?")), told


def _values(template: str) -> Iterator[dict[str, str]]:
    names = sorted(gaps(template))
    for turn in range(len(WORDS) if names else 1):
        numbers = count(turn)
        yield {name: WORDS[next(numbers) % len(WORDS)] for name in names}


@pytest.mark.parametrize("chinese", [text for text in catalogue() if "。" in text])
def test_a_sentence_is_found_whatever_its_values_are(chinese: str) -> None:
    for values in _values(chinese):
        told = english(filled(chinese, values))
        lost = [value for name, value in values.items() if value not in told]
        assert not lost, (told, lost)
        for value in values.values():
            told = told.replace(value, "")
        assert not HAN.search(QUOTED.sub("", told)), told
