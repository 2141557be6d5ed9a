"""Longitudes and latitudes as people write them: decimal, degrees-minutes-seconds in the Chinese forms, packed."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders.formats.text import narrow

LONGEST = 80
"""Letters of an angle; some of the patterns below take the square of the time of what they read."""
_SIGNS = {
    **dict.fromkeys("°º˚度", "d"),
    **dict.fromkeys("′’‘'´分", "m"),
    **dict.fromkeys("″”“\"秒", "s"),
}  # fmt: skip
_SIDES = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S"}
_SIDE = r"(?P<{}>[EWNS])?"
_DECIMAL = re.compile(rf"{_SIDE.format('a')}(?P<degrees>[-+]?\d{{1,3}}(\.\d*)?)d?{_SIDE.format('b')}", re.I)
_PARTS = re.compile(
    rf"{_SIDE.format('a')}(?P<degrees>\d{{1,3}})(?P<mark>[d: -])(?P<minutes>\d{{1,2}}(\.\d+)?)[m: -]?"
    rf"(?:(?P<seconds>\d{{1,2}}(\.\d+)?)s?)?{_SIDE.format('b')}",
    re.I,
)
_PACKED = re.compile(r"\d{1,3}(\.\d*)?")


class BadAngle(ValueError):
    """A cell that is no longitude or latitude; `code` and the Chinese message say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(value: Any, *, is_longitude: bool, packed: bool = False) -> float:
    """Degrees of a cell. `packed`: its column says ddd.mmssss, so 87.1800 is 87 degrees 18 minutes. Raises BadAngle.

    Without that word 87.1800 is 87.18 degrees: a number does not show which it is, so nobody guesses.
    """
    text = narrow(str(value)[: LONGEST + 1]).strip()
    if len(text) > LONGEST:
        raise BadAngle("coordinate_unreadable", "不是经纬度，应写成 87.30123 或 87°18′04.4″")
    if packed:
        return _packed(text)
    for words, side in _SIDES.items():
        text = text.replace(words, side)
    text = re.sub(r"''|′′|’’", "s", text)
    plain = "".join(_SIGNS.get(sign, sign) for sign in text)
    plain = re.sub(r"\s*([dms:])\s*", r"\1", re.sub(r"\s+", " ", plain)).strip()
    plain = re.sub(r"^([EWNS])[ :]+|[ :]+([EWNS])$", r"\1\2", plain, flags=re.I)
    match = _DECIMAL.fullmatch(plain) or _PARTS.fullmatch(plain)
    if match is None:
        raise BadAngle("coordinate_unreadable", "不是经纬度，应写成 87.30123 或 87°18′04.4″")
    found = match.groupdict()
    _require_side((found["a"] or found["b"] or "").upper(), is_longitude)
    return _sum(float(found["degrees"]), float(found.get("minutes") or 0), float(found.get("seconds") or 0))


def _packed(text: str) -> float:
    try:
        # A spreadsheet keeps 87.3025 as the nearest binary number; ten decimals are a hair of the second.
        plain = f"{Decimal(text):.10f}" if _PACKED.fullmatch(text) else ""
    except InvalidOperation:
        plain = ""
    if not plain:
        raise BadAngle("coordinate_unreadable", "不是 ddd.mmssss 形式的度分秒，例如 87.180441")
    degrees, _, rest = plain.partition(".")
    return _sum(float(degrees), float(rest[:2]), float(f"{rest[2:4]}.{rest[4:]}"))


def _sum(degrees: float, minutes: float, seconds: float) -> float:
    if minutes >= 60 or seconds >= 60:
        raise BadAngle("angle_parts", "的分或秒不小于 60")
    if minutes % 1 and seconds:
        raise BadAngle("angle_parts", "的分有小数，后面却还有秒")
    return degrees + minutes / 60 + seconds / 3600


def _require_side(side: str, is_longitude: bool) -> None:
    if side in (("N", "S") if is_longitude else ("E", "W")):
        raise BadAngle(
            "axes_swapped",
            f"写在{'经' if is_longitude else '纬'}度一列，却是{'纬' if is_longitude else '经'}度",
        )
    if side in ("W", "S"):
        raise BadAngle("outside_region", "是西经或南纬，不在中国")
