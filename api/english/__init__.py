"""What the service says, in English: read from the Chinese, which is the record.

Sentences are written once, in Chinese, where they arise, and kept as they were said: in a load's issue list, in an
answer that was signed. Their English is made when it is asked for, at the edge, from the sentences in this folder.
A sentence there is keyed as its f-string stands in the code, with the values counted: `没有图层“{0}”。`. What a value
says is put into English too, but for what stands in quotes: those are somebody's own words, unless the English asks
for them with `{0:t}`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

from api.english.words import words

CHINESE = re.compile(r"[㐀-鿿、，；：（]")
"""Letters and the signs that join them."""
SENTENCES = re.compile(r"(?<=[。！？])；?(?!$)")
FOLDER = Path(__file__).parent
LONGEST = 4_000
"""Characters of a text that is still looked up; no sentence of ours is as long."""


@dataclass(frozen=True)
class Sentence:
    """A Chinese sentence with gaps, as a pattern, and its English with the same gaps."""

    pattern: re.Pattern[str]
    weight: int  # letters that are the same in every such sentence
    rarest: str  # the longest piece of them, looked for before the pattern
    stops: int  # how many sentences it is in truth
    english: tuple[
        tuple[str, int | None, bool], ...
    ]  # what stands before a gap, the gap, whether it is translated


def pieces(template: str) -> Iterator[tuple[str, str | None, str | None]]:
    """What stands before each gap, the gap's name and its format, as str.format reads them."""
    for before, gap, spec, _ in Formatter().parse(template):
        yield before, gap, spec


def sentence(chinese: str, english: str) -> Sentence:
    """A pair of the catalogue; a gap that only the English has is a ValueError."""
    pattern, fixed, gaps = "", [], list[str]()
    for before, gap, _ in pieces(chinese):
        fixed.append(before)
        pattern += re.escape(before)
        if gap is not None:
            gaps.append(gap)
            pattern += "(.*?)"
    told = []
    for before, gap, spec in pieces(english):
        is_own = not before.endswith(("“", "‘", "《")) or spec == "t"
        told.append((before, None if gap is None else gaps.index(gap), is_own))
    letters = "".join(fixed)
    return Sentence(
        re.compile(pattern, re.DOTALL),
        len(letters),
        max(fixed, key=len),
        letters.count("。"),
        tuple(told),
    )


@cache
def catalogue() -> dict[str, str]:
    """Chinese to English, of every file of the folder."""
    return {
        chinese: english
        for file in sorted(FOLDER.glob("*.toml"))
        for chinese, english in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }


@cache
def _sentences() -> tuple[dict[str, str], tuple[Sentence, ...]]:
    """What has no gap, as it is; what has, with the most letters first."""
    plain, gapped = {}, []
    for chinese, english in catalogue().items():
        if any(gap is not None for _, gap, _ in pieces(chinese)):
            gapped.append(sentence(chinese, english))
        else:
            plain["".join(before for before, _, _ in pieces(chinese))] = "".join(
                before for before, _, _ in pieces(english)
            )
    return plain, tuple(sorted(gapped, key=lambda one: -one.weight))


@lru_cache(10_000)
def english(text: str) -> str:
    """The text in English; what the catalogue does not know (names, people's own words) as it is."""
    stripped = text.strip()
    if len(text) > LONGEST or not CHINESE.search(text):
        return text
    if stripped != text:
        return text.replace(stripped, english(stripped))
    plain, gapped = _sentences()
    if found := plain.get(text) or words().get(text):
        return found
    if text[0] == "“" and text[-1] == "”" and text.count("“") == 1:
        return f"“{words().get(text[1:-1], text[1:-1])}”"
    stops, parts = text.count("。"), SENTENCES.split(text)
    for one in gapped:
        if one.rarest not in text or (one.stops != stops and len(parts) > 1):
            continue
        if fits := one.pattern.fullmatch(text):
            return _filled(one, fits.groups())
    if len(parts) > 1:
        return " ".join(map(english, parts))
    return _joined(text)


def _filled(one: Sentence, values: tuple[str, ...]) -> str:
    told = "".join(
        before + ("" if gap is None else english(values[gap]) if translated else values[gap])
        for before, gap, translated in one.english
    )
    begins_with_a_value = not one.english[0][0]
    return told[:1].upper() + told[1:] if begins_with_a_value and told.endswith(".") else told


JOINTS = (("；", "; "), ("、", ", "), ("，", ", "), ("：", ": "))
OPENING, CLOSING = "（“《", "）”》"


def _joined(text: str) -> str:
    """What is put together of parts: a list, a name with something in brackets, a place and what is said of it.

    A sentence that is not ours stays whole: of its parts the last must be one.
    """
    for sign, joint in JOINTS:
        parts = _outside_brackets(text, sign)
        if len(parts) == 1:
            continue
        told = [english(part) for part in parts]
        return text if "。" in told[-1] else joint.join(told)
    if text.endswith("）") and "（" in text[1:]:
        before, _, inner = text[:-1].partition("（")
        return f"{english(before)} ({english(inner)})"
    return text


def _outside_brackets(text: str, sign: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in OPENING) - (letter in CLOSING)
        if letter == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
