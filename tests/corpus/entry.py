"""One file of the corpus: how it is made, the layer it is loaded into, and what has to become of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRET = "BAIT-7f3a9c"
"""Stands in the file that no reader may open; it must not turn up anywhere."""


@dataclass(frozen=True, slots=True)
class World:
    """What hostile files point at: `bait`, a file with SECRET in it, and `url`, where somebody listens."""

    bait: Path
    url: str


Write = Callable[[Path, World], Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file named `name`.

    `outcomes`: those allowed. `errors`: codes of which one or more are told as errors, and no other. `told`: codes of
    warnings and notices that must be among the rest. `rows`: read, loaded, repaired, quarantined; None where it does
    not matter how many. `names`: what the loaded rows are called, in order.
    """

    name: str
    write: Write
    outcomes: frozenset[str]
    errors: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    rows: tuple[int, int, int, int] | None = None
    names: tuple[str, ...] | None = None
    layer: str = "suspected_plot"
    crs: str | None = None
    is_control: bool = False


def control(
    name: str, write: Write, *names: str, told: Iterable[str] = (), repaired: int = 0, **given: Any
) -> Entry:
    """A file that must load whole: `names` are the names of its rows."""
    outcome = frozenset({"repaired" if repaired else "accepted"})
    rows = (len(names), len(names), repaired, 0)
    return Entry(name, write, outcome, frozenset(), frozenset(told), rows, names, is_control=True, **given)


def loaded(
    name: str, write: Write, rows: int = 2, *, told: Iterable[str], repaired: int = 0, **given: Any
) -> Entry:
    """A file whose every row goes in although something about it is told."""
    outcome = frozenset({"repaired" if repaired else "accepted"})
    return Entry(name, write, outcome, frozenset(), frozenset(told), (rows, rows, repaired, 0), None, **given)


def held(name: str, write: Write, *errors: str, read: int = 2, good: int = 1, **given: Any) -> Entry:
    """A file of which some rows go in as they are and the others wait."""
    rows = (read, good, 0, read - good)
    return Entry(name, write, frozenset({"quarantined"}), frozenset(errors), rows=rows, **given)


def refused(name: str, write: Write, *errors: str, read: int | None = 0, **given: Any) -> Entry:
    """A file of which nothing may go in; `read` rows were looked at before that was clear, None: it depends."""
    rows = None if read is None else (read, 0, 0, 0)
    return Entry(name, write, frozenset({"refused"}), frozenset(errors), rows=rows, **given)


def data(content: bytes | str) -> Write:
    """Writes exactly this."""
    told = content.encode() if isinstance(content, str) else content
    return lambda path, world: path.write_bytes(told)


def rubbish(name: str, size: int = 2000, head: bytes = b"") -> Write:
    """The same random bytes every time, after a head that looks like something."""
    return data(head + random.Random(name).randbytes(size))


def square(number: int, side: float = 0.002) -> list[list[float]]:
    """The closed ring of a square in 昌吉市, counter-clockwise; those of two numbers do not meet."""
    west, south = 87.300 + 0.004 * (number % 50), 44.010 + 0.004 * (number // 50)
    east, north = west + side, south + side
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return [[round(x, 6), round(y, 6)] for x, y in corners]
