"""What is wrong with a field, in Chinese: pydantic's own messages by their type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PATTERNS = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项，请核对拼写。",
    "json_invalid": "不是有效的 JSON。",
    "model_attributes_type": "应为 JSON 对象。",
    "model_type": "应为 JSON 对象。",
    "dict_type": "应为 JSON 对象。",
    "list_type": "应为数组。",
    "string_type": "应为文字。",
    "string_unicode": "文字里有无法识别的字符。",
    "string_too_short": "文字过短，至少 {min_length} 个字。",
    "string_too_long": "文字过长，最多 {max_length} 个字。",
    "string_pattern_mismatch": "格式不对，或有不可见的字符。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_parsing_size": "数字过大。",
    "int_from_float": "应为整数。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "finite_number": "应为有限的数字。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "greater_than": "应大于 {gt}。",
    "greater_than_equal": "应不小于 {ge}。",
    "less_than": "应小于 {lt}。",
    "less_than_equal": "应不大于 {le}。",
    "uuid_type": "编号的格式不对。",
    "uuid_parsing": "编号的格式不对。",
    "date_type": "应为日期，例如 2026-11-23。",
    "date_parsing": "应为日期，例如 2026-11-23。",
    "date_from_datetime_parsing": "应为日期，例如 2026-11-23。",
    "date_from_datetime_inexact": "应为不带时刻的日期，例如 2026-11-23。",
    "datetime_type": "应为日期或时刻，例如 2026-11-23T12:00:00+08:00。",
    "datetime_parsing": "应为日期或时刻，例如 2026-11-23T12:00:00+08:00。",
    "datetime_from_date_parsing": "应为日期或时刻，例如 2026-11-23T12:00:00+08:00。",
}


def field_errors(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Pydantic's errors as `errors` of a problem: at, code, message."""
    return [
        {
            "at": ".".join(str(part) for part in error["loc"]),
            "code": error["type"],
            "message": _message(error),
        }
        for error in found
    ]


def _message(error: Any) -> str:
    """The Chinese of a type; messages of our own validators are Chinese already."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    pattern = PATTERNS.get(error["type"], "内容不符合要求。")
    return pattern.format_map(error.get("ctx") or {})
