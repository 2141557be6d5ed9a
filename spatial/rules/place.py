"""Where in the rule files we are reading, so that every fault names its file and its rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from spatial.rules.book import RuleError
from spatial.rules.conditions import Condition, ConditionError, Name, check_condition


class Place:
    """A file, and a rule or table in it."""

    def __init__(self, file: Path, name: str = "") -> None:
        self.file, self.name = file, name

    def fail(self, message: str) -> NoReturn:
        raise RuleError(f"{self.file}：{self.name}：{message}" if self.name else f"{self.file}：{message}")

    def keys(self, table: Any, needed: Collection[str], allowed: Collection[str]) -> None:
        """The table has all needed keys and no other than the allowed ones."""
        if not isinstance(table, Mapping):
            self.fail(f"应为表，现为 {table!r}")
        for key in sorted(set(needed) - set(table)):
            self.fail(f"缺少 {key}")
        for key in sorted(set(table) - set(allowed)):
            self.fail(f"不认识 {key}；这里可以写：{'、'.join(sorted(allowed))}")

    def one_of(self, what: str, value: Any, allowed: Collection[str]) -> str:
        if not isinstance(value, str) or value not in allowed:
            self.fail(f"{what} 不能是 {value!r}；可用：{'、'.join(sorted(allowed))}")
        return value

    def text(self, what: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.fail(f"{what} 应为不为空的文字，现为 {value!r}")
        return value

    def texts(self, what: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"{what} 应为文字列表，现为 {value!r}")
        return tuple(value)

    def condition(
        self, what: str, condition: Any, names: Mapping[str, Name], parameters: Mapping[str, float]
    ) -> Condition:
        try:
            check_condition(condition, names, parameters)
        except ConditionError as error:
            self.fail(f"{what}：{error}")
        return condition
