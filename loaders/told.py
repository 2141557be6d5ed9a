"""What a reading process says, which a hostile file may have taken over: each value is looked at before it is believed.

Everything here raises ValueError for what no honest reader says.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import shapely

from loaders.record import ERROR, NOTICE, WARNING, Issue

LARGEST = 2**31 - 1
"""The largest number of a row that the database keeps."""
CODE = re.compile(r"[a-z0-9_]{1,60}")
POINT, LINE, POLYGON, COLLECTIONS = 1, 2, 3, range(4, 8)
HAS_Z, HAS_M = 0x80000000, 0x40000000
HEAD, COUNT = struct.Struct("<BII"), struct.Struct("<I")
DEPTH = 8
"""Collections within each other; GEOS follows them to the end of the stack."""


@contextmanager
def nothing_else() -> Iterator[None]:
    """Whatever goes wrong with what was said is a ValueError."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        shapely.errors.ShapelyError,
        struct.error,
    ) as error:
        raise ValueError("not what a reader says") from error


def document(data: bytes) -> Any:
    """JSON in UTF-8; halves of characters, which a file may hold, come through."""
    return json.loads(data.decode("utf-8", "surrogatepass"))


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def text_or_none(value: Any) -> str | None:
    return None if value is None else text(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def whole(value: Any) -> int:
    """A count, or the number of a row or a system."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("no count")
    return value


def whole_or_none(value: Any) -> int | None:
    return None if value is None else whole(value)


def integer_or_none(value: Any) -> int | None:
    if value is not None and type(value) is not int:
        raise ValueError("no whole number")
    return value


def number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def number_or_none(value: Any) -> float | None:
    return None if value is None else number(value)


def issue(said: dict[str, Any]) -> Issue:
    """The issue that `Issue.as_json` said."""
    if said["severity"] not in (ERROR, WARNING, NOTICE) or not CODE.fullmatch(said["code"]):
        raise ValueError("no issue")
    place = said["place"]
    return Issue(
        code=said["code"],
        severity=said["severity"],
        message=text(said["message"]),
        hint=text(said["hint"]),
        row=whole_or_none(said["row"]),
        ring=whole_or_none(said["ring"]),
        field=text_or_none(said["field"]),
        value=text_or_none(said["value"]),
        place=None if place is None else (number(place[0]), number(place[1])),
        owner=text_or_none(said["owner"]),
    )


def shapes(wkb: Sequence[bytes | None]) -> np.ndarray:
    """The shapes that `shapely.to_wkb` wrote on this machine, None where there is none."""
    for one in wkb:
        if one is not None and _end(one, 0, 0) != len(one):
            raise ValueError("no shape")
    found = np.empty(len(wkb), dtype=object)
    found[:] = wkb
    with np.errstate(invalid="ignore"):  # a coordinate that is no number is told of later
        return np.asarray(shapely.from_wkb(found))


def _end(wkb: bytes, at: int, depth: int) -> int:
    """Where a shape ends, which is nested no deeper than GEOS can bear."""
    order, kind, count = HEAD.unpack_from(wkb, at)
    size = 8 * (2 + bool(kind & HAS_Z) + bool(kind & HAS_M))
    kind &= ~(HAS_Z | HAS_M)
    if order != 1:
        raise ValueError("no shape")
    if kind == POINT:  # which has no count
        return at + HEAD.size - COUNT.size + size
    at += HEAD.size
    if kind == LINE:
        return at + count * size
    if kind == POLYGON:
        for _ in range(count):
            at += COUNT.size + COUNT.unpack_from(wkb, at)[0] * size
        return at
    if kind not in COLLECTIONS or depth == DEPTH:
        raise ValueError("no shape")
    for _ in range(count):
        at = _end(wkb, at, depth + 1)
    return at
