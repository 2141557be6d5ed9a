"""A cell to a typed value: choices, dates in Chinese forms, yes and no, numbers, codes that a spreadsheet damaged."""

from __future__ import annotations

import calendar
import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from loaders import limits
from loaders.formats.text import narrow
from spatial.catalog import Field

NOTHING = {"", "/", "-", "—", "--", "——", "null", "none", "nan", "<null>"}
YES = {"是", "有", "1", "true", "t", "y", "yes", "√", "✓"}
NO = {"否", "无", "0", "false", "f", "n", "no", "×"}
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")
ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d{2}")
EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; the rest become zeros."""
CHINESE_DIGITS = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
}
SERIAL_DAYS = range(20_000, 80_000)
"""Excel's numbers for the days from 1954 to 2119."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What nobody sees; some of it turns round how the text beside it is shown."""


class BadValue(ValueError):
    """A cell that does not hold what its field asks; `code` and the message say what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def cast(field: Field, value: Any, *, ends: bool = False) -> Any:
    """The typed value as JSON keeps it, None for nothing said; raises BadValue.

    `ends`: the field is an end date, so of a month or year without a day the last day counts.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not value or (field.type != "text" and value.lower() in NOTHING):
            return None
    if field.type == "date":
        return _date(value, ends).isoformat()
    return CASTS[field.type](field, value)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, int | float) and (
        abs(value) >= 10**EXACT_DIGITS or (isinstance(value, float) and math.isinf(value))
    ):
        said = str(value)[:40] if isinstance(value, int) else f"{value:.0f}"[:40]
        raise BadValue("code_rounded", f"编码 {said} 超过 15 位，电子表格已把后面的位数改成了 0")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if "+" in text and ROUNDED.fullmatch(text):
        raise BadValue("code_rounded", f"编码 {text} 是科学计数法，原来的位数已经丢失")
    if not _storable(text):
        raise BadValue(
            "text_unusable", f"文字里有空字符或半个字符，或超过 {limits.FIELD_BYTES // limits.KIB} KB"
        )
    if not text.isprintable() and CONTROL.search(text):
        raise BadValue("control_character", "文字里有看不见的控制字符")
    return text


def _storable(text: str) -> bool:
    """PostgreSQL keeps no NUL and no half of a surrogate pair."""
    if "\0" in text or len(text) > limits.FIELD_BYTES:
        return False
    if text.isascii():
        return True
    try:
        return len(text.encode()) <= limits.FIELD_BYTES
    except UnicodeEncodeError:
        return False


def _code(field: Field, value: Any) -> str:
    return narrow(_text(field, value)).replace(" ", "")


def _choice(field: Field, value: Any) -> str:
    text = _text(field, value)
    for known, label in field.choices.items():
        if text in (known, label):
            return known
    plain = narrow(text).casefold()
    for known, label in field.choices.items():
        if plain in (known.casefold(), narrow(label).casefold()):
            return known
    raise BadValue("choice_unknown", f"“{text[:40]}”不在可选值里：{'、'.join(field.choices.values())}")


def _bool(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    plain = narrow(_text(field, value)).casefold()
    if plain in YES or plain in NO:
        return plain in YES
    raise BadValue("not_yes_or_no", f"“{plain[:40]}”不是“是”或“否”")


def _number(field: Field, value: Any) -> float | int:
    if type(value) is float and math.isfinite(value):
        return _shortest(value)
    if type(value) is int and abs(value) < 2**53:
        return value
    text = narrow(str(value)).replace(",", "").strip()
    if text.endswith("%") and field.unit == "1":
        return _number(field, text[:-1]) / 100
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise BadValue("not_a_number", f"“{str(value)[:40]}”不是数字")
    return _shortest(float(text))


def _shortest(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _integer(field: Field, value: Any) -> int:
    number = _number(field, value)
    if not isinstance(number, int):
        raise BadValue("not_whole", f"“{str(value)[:40]}”不是整数")
    return number


def _list(field: Field, value: Any) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        value = _json(value)
    items = value if isinstance(value, list | tuple) else re.split(r"[、;；,，|\n]+", str(value))
    return [_text(field, item).strip() for item in items if item is not None and str(item).strip()]


def _table(field: Field, value: Any) -> list[dict[str, Any]]:
    rows = _json(value) if isinstance(value, str) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadValue("not_a_table", "应为 JSON 数组，每项是一行")
    try:
        text = orjson.dumps(rows).decode()
    except TypeError as error:
        raise BadValue("not_a_table", "表里有太大的整数或读不出的文字") from error
    if not _storable(text):
        raise BadValue(
            "text_unusable", f"文字里有空字符或半个字符，或超过 {limits.FIELD_BYTES // limits.KIB} KB"
        )
    return rows


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda word: None)
    except (ValueError, RecursionError) as error:
        raise BadValue("json_unreadable", f"“{text[:40]}”不是有效的 JSON") from error


def _date(value: Any, ends: bool) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value in SERIAL_DAYS:
        return date(1899, 12, 30) + timedelta(days=int(value))
    text = _digits(narrow(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)))
    text = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$", "", text).replace(" ", "")
    match = (
        re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
        or re.fullmatch(r"(\d{4})[-/.年](?:(\d{1,2})(?:[-/.月](?:(\d{1,2})[日号]?)?)?)?", text)
        or re.fullmatch(r"(\d{4})", text)
    )
    if match is None:
        raise BadValue("not_a_date", f"“{str(value)[:40]}”不是日期")
    year, month, day = (int(part) if part else None for part in (*match.groups(), None, None)[:3])
    try:
        month = month or (12 if ends else 1)
        return date(year or 0, month, day or (calendar.monthrange(year or 1, month)[1] if ends else 1))
    except (ValueError, calendar.IllegalMonthError) as error:
        raise BadValue("not_a_date", f"“{str(value)[:40]}”不是日期") from error


def _digits(text: str) -> str:
    """二〇二五年十月二十三日 → 2025年10月23日."""
    text = re.sub(
        r"([一二三四五六七八九]?)十([一二三四五六七八九]?)",
        lambda m: CHINESE_DIGITS.get(m[1], "1") + CHINESE_DIGITS.get(m[2], "0"),
        text,
    )
    return "".join(CHINESE_DIGITS.get(sign, sign) for sign in text)


CASTS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "choice": _choice,
    "bool": _bool,
    "integer": _integer,
    "number": _number,
    "code": _code,
    "list": _list,
    "table": _table,
}
