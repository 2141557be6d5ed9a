"""The canonical JSON of RFC 8785 (JCS), fast for what answers hold.

The reference library walks every value in Python, which takes longer than the rest of a check. Python's own encoder
writes the same bytes wherever keys are ASCII and numbers look alike in Python and ECMAScript; where they may not, the
library has the word.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
SMALLEST_ALIKE = 1e-4
"""From here up to 1e16 a fraction is written in Python as in ECMAScript; smaller ones get an exponent earlier."""
LARGEST_ALIKE = 2**53


class _Unlike(Exception):
    """A value that the two write differently."""


def canonical(document: Any) -> bytes:
    """`document` (dicts with text keys, lists, texts, numbers, truth values, None) in RFC 8785's form, UTF-8."""
    try:
        return _encode(_alike(document)).encode()
    except _Unlike:
        return rfc8785.dumps(document)


def _alike(value: Any) -> Any:
    """The value with whole floats as integers. Raises _Unlike."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict:
        if not all(map(str.isascii, value)):
            raise _Unlike
        return {key: _alike(inner) for key, inner in value.items()}
    if kind is list or kind is tuple:
        return [_alike(inner) for inner in value]
    if kind is float:
        if value.is_integer() and abs(value) < LARGEST_ALIKE:
            return int(value)
        if SMALLEST_ALIKE <= abs(value) < LARGEST_ALIKE:
            return value
    elif kind is int and abs(value) < LARGEST_ALIKE:
        return value
    raise _Unlike
