"""CQL2 text cut into words (OGC 21-065r2, rules identifier, characterLiteral, numericLiteral, whitespace)."""

import re
from dataclasses import dataclass
from typing import NoReturn

from tiles.cql2.refusal import FilterRefused, shortened

_START = (
    r":_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = _START + r".0-9\u0300-\u036f\u203f\u2040"
# No quantifier can give back what it took: a hostile text is read once.
_WORD = re.compile(
    rf"""(?P<space>[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]++)
    |(?P<name>[{_START}][{_PART}]*+)
    |"(?P<quoted>[^"]++)"
    |'(?P<text>(?:[^'\\]|''|\\['\\]|\\)*+)'
    |(?P<number>[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+)(?![{_PART}])
    |(?P<sign><>|<=|>=|[=<>(),])""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"''|\\(['\\abtnvfr])")
_SIGNS = dict(zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True))
"""What stands behind a backslash in a text (/req/cql2-text/escaping); a pattern keeps its `\\%` and `\\_`."""


@dataclass(frozen=True, slots=True)
class Word:
    """`kind`: name, quoted, text, number, sign or end; `at`: the index of its first character."""

    kind: str
    value: str
    at: int

    @property
    def upper(self) -> str:
        """A name as the grammar's words are compared, whatever their case; nothing for all else."""
        return self.value.upper() if self.kind == "name" and self.value.isascii() else ""


def words(given: str) -> list[Word]:
    """The words of a filter, `end` as the last. Raises FilterRefused."""
    found: list[Word] = []
    at = 0
    while at < len(given):
        match = _WORD.match(given, at)
        if match is None:
            _refuse(given, at)
        kind = match.lastgroup or ""
        if kind != "space":
            value = match[kind]
            found.append(Word(kind, _ESCAPED.sub(_sign, value) if kind == "text" else value, at))
        at = match.end()
    return [*found, Word("end", "", len(given))]


def _sign(escaped: re.Match[str]) -> str:
    return _SIGNS.get(escaped[0][-1], escaped[0][-1])


def _refuse(given: str, at: int) -> NoReturn:
    sign = given[at]
    if sign == "'":
        raise FilterRefused("文字没有用单引号收尾。", at)
    if sign == '"':
        raise FilterRefused("字段名没有用双引号收尾，或者是空的。", at)
    if sign in "+-*/%^":
        raise FilterRefused("不支持算术运算。", at)
    if sign in "0123456789.":
        raise FilterRefused("数写得不对。", at)
    raise FilterRefused(f"不能有 {shortened(sign)!r}。", at)
