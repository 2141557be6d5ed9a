"""What the service says, in English: read from the Chinese, which is the record.

Sentences are written once, in Chinese, where they arise, and kept as they were said: in a load's issue list, in an
answer that was signed. Their English is made when it is asked for, at the edge, from the sentences in this folder.
A sentence there is keyed as its f-string stands in the code, with the values counted: `没有图层“{0}”。`. What a value
says is put into English too, but for what stands in quotes: those are somebody's own words, unless the English asks
for them with `{0:t}`. Whoever asks may have written what is looked up: no text takes longer than its length allows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

from api.english.cutting import cut, split_end, until
from api.english.words import words

CHINESE = re.compile(r"[㐀-鿿、，；：（]")
"""Letters and the signs that join them."""
HAN = re.compile(r"[㐀-鿿]")
STOPS = re.compile(r"(?<=[。！？])；?")
FOLDER = Path(__file__).parent
LONGEST = 4_000
"""Characters of a text that is still looked up; no sentence of ours is as long."""
DEEPEST = 8
"""How often a value within a value is looked up."""
MOST_PARTS = 500
"""Sentences or names of a list that are still looked up one by one."""
SHORT = 400
"""Characters of a text whose English is kept."""


@dataclass(frozen=True)
class Sentence:
    """A Chinese sentence with gaps, as the pieces about them, and its English with the same gaps."""

    pieces: tuple[str, ...]
    weight: int  # letters that are the same in every such sentence
    rarest: str  # the longest piece, looked for before the others
    stops: int  # how many sentences it is in truth
    english: tuple[tuple[str, int | None, bool], ...]
    """What stands before a gap, the gap, whether it is translated."""

    def values(self, text: str) -> list[str] | None:
        """What stands in the gaps; None where the text is another sentence."""
        return self._values(text, closed=True) or self._values(text, closed=False)

    def _values(self, text: str, closed: bool) -> list[str] | None:
        begins, *between, ends = self.pieces
        at, last = len(begins), len(text) - len(ends)
        if at > last or not (text.startswith(begins) and text.endswith(ends)):
            return None
        found = list[str]()
        for piece in between:
            there = until(piece, text, at, last, closed=closed)
            if there < 0:
                return None
            found.append(text[at:there])
            at = there + len(piece)
        return [*found, text[at:last]]


def pieces(template: str) -> Iterator[tuple[str, str | None, str | None]]:
    """What stands before each gap, the gap's name and its format, as str.format reads them."""
    for before, gap, spec, _ in Formatter().parse(template):
        yield before, gap, spec


def sentence(chinese: str, english: str) -> Sentence:
    """A pair of the catalogue; a gap that only the English has is a ValueError."""
    fixed, gaps = [""], list[str]()
    for before, gap, _ in pieces(chinese):
        fixed[-1] += before
        if gap is not None:
            gaps.append(gap)
            fixed.append("")
    told = []
    for before, gap, spec in pieces(english):
        is_own = not before.endswith(("“", "‘", "《")) or spec == "t"
        told.append((before, None if gap is None else gaps.index(gap), is_own))
    letters = "".join(fixed)
    return Sentence(tuple(fixed), len(letters), max(fixed, key=len), len(_sentences(letters)), tuple(told))


def _sentences(text: str) -> list[str]:
    """The sentences of a text; one with a stop in quotes or brackets is one."""
    return cut(text, STOPS)


@cache
def catalogue() -> dict[str, str]:
    """Chinese to English, of every file of the folder."""
    return {
        chinese: english
        for file in sorted(FOLDER.glob("*.toml"))
        for chinese, english in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }


Ranked = tuple[int, Sentence]


@cache
def _known() -> tuple[dict[str, str], dict[str, list[Ranked]]]:
    """What has no gap, as it is; what has, by how its rarest piece begins, the most letters ranked first."""
    plain, gapped = {}, []
    for chinese, english in catalogue().items():
        if any(gap is not None for _, gap, _ in pieces(chinese)):
            gapped.append(sentence(chinese, english))
        else:
            plain["".join(before for before, _, _ in pieces(chinese))] = "".join(
                before for before, _, _ in pieces(english)
            )
    by_beginning: dict[str, list[Ranked]] = {}
    for rank, one in enumerate(sorted(gapped, key=lambda one: -one.weight)):
        by_beginning.setdefault(one.rarest[:2], []).append((rank, one))
    return plain, by_beginning


def _may_fit(text: str) -> list[Sentence]:
    """The sentences whose rarest piece the text holds, those with the most letters first."""
    _, by_beginning = _known()
    here = {text[at : at + 2] for at in range(len(text))} | set(text)
    ranked = [one for beginning in by_beginning.keys() & here for one in by_beginning[beginning]]
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0]) if one.rarest in text]


def english(text: str) -> str:
    """The text in English; what the catalogue does not know (names, people's own words) as it is."""
    return _told(text, 0) if len(text) <= LONGEST else text


def _told(text: str, depth: int) -> str:
    if depth > DEEPEST or not CHINESE.search(text):
        return text
    return _kept(text, depth) if len(text) <= SHORT else _made(text, depth)


def _made(text: str, depth: int) -> str:
    stripped = text.strip()
    if stripped != text:
        return text.replace(stripped, _told(stripped, depth))
    if found := _known()[0].get(text) or words().get(text):
        return found
    if text[0] == "“" and text[-1] == "”" and text.count("“") == 1:
        return f"“{words().get(text[1:-1], text[1:-1])}”"
    parts = _sentences(text)
    fitting = (
        (one, values)
        for one in _may_fit(text)
        if (len(parts) == 1 or one.stops == len(parts)) and (values := one.values(text))
    )
    swallowing = None
    for one, values in fitting:
        if one.pieces[0] or "：" not in values[0]:
            return _filled(one, values, depth + 1)
        swallowing = swallowing or (one, values)
    if swallowing:  # what begins with a place, where no sentence of ours says the place
        return _filled(*swallowing, depth + 1)
    if 1 < len(parts) <= MOST_PARTS:
        return " ".join(_told(part, depth + 1).strip() for part in parts)
    return _joined(text, depth + 1)


_kept = lru_cache(4_000)(_made)


def _filled(one: Sentence, values: list[str], depth: int) -> str:
    told = "".join(
        before + ("" if gap is None else _told(values[gap], depth) if translated else values[gap])
        for before, gap, translated in one.english
    )
    before, gap, _ = one.english[0]
    begins_with_our_word = not before and gap is not None and not told.startswith(values[gap])
    return told[:1].upper() + told[1:] if begins_with_our_word and told.endswith(".") else told


JOINTS = {"；": "; ", "、": ", ", "，": ", ", "：": ": "}
CUTS = {sign: re.compile(sign) for sign in JOINTS}


def _joined(text: str, depth: int) -> str:
    """What is put together of parts: a list, a name with something in brackets, a place and what is said of it.

    A sentence that is not ours stays whole: of its parts the last must be one. So do names: of the parts one must be
    ours.
    """
    signs = ("：", "；", "、", "，") if text.endswith("。") else tuple(JOINTS)
    for sign in signs:
        if sign not in text:
            continue
        parts = cut(text, CUTS[sign])
        if len(parts) == 1:
            continue
        if len(parts) > MOST_PARTS:
            return text
        told = [_told(part, depth) for part in parts]
        return text if "。" in told[-1] or (told == parts and HAN.search(text)) else JOINTS[sign].join(told)
    if ends := split_end(text):
        parts = list(ends)
        told = [_told(part, depth) for part in parts]
        return text if told == parts and HAN.search(text) else f"{told[0]} ({told[1]})"
    return text
