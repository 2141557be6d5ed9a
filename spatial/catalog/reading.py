"""Read TOML tables key by key, so that every fault names its file and its key."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

COLOUR = re.compile(r"#[0-9A-F]{6}")
ZOOMS = range(25)


class CatalogError(Exception):
    """A catalog file is wrong; the text names the file, the key and what is expected there."""

    def __init__(self, file: Path, key: str, message: str) -> None:
        self.file, self.key, self.message = file, key, message
        super().__init__(f"{file}：{key}：{message}" if key else f"{file}：{message}")


class Table:
    """One TOML table. Every key is asked for once; `done()` refuses keys nobody asked for."""

    def __init__(self, file: Path, values: Mapping[str, Any], path: str = "") -> None:
        self.file, self.path = file, path
        self.values = dict(values)
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fail(self, key: str, message: str) -> NoReturn:
        raise CatalogError(self.file, self.at(key) if key else self.path, message)

    def _take(self, key: str, kinds: tuple[type, ...], words: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.values:
            if default is ...:
                self.fail(key, f"缺少这一项，应为{words}")
            return default
        value = self.values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.fail(key, f"应为{words}，现为 {value!r}")
        return value

    def text(self, key: str, default: Any = ...) -> Any:
        value = self._take(key, (str,), "文字", default)
        if value is not default and not value.strip():
            self.fail(key, "不能为空")
        return value

    def flag(self, key: str, default: Any = ...) -> Any:
        return self._take(key, (bool,), "true 或 false", default)

    def whole(self, key: str, default: Any = ...) -> Any:
        return self._take(key, (int,), "整数", default)

    def number(self, key: str, default: Any = ...) -> Any:
        value = self._take(key, (int, float), "数", default)
        return value if value is None else float(value)

    def zoom(self, key: str, default: Any = ...) -> Any:
        value = self._take(key, (int, float), "缩放级别", default)
        if value is not None and not ZOOMS[0] <= value <= ZOOMS[-1]:
            self.fail(key, f"缩放级别应在 {ZOOMS[0]} 到 {ZOOMS[-1]} 之间，现为 {value}")
        return value

    def colour(self, key: str, default: Any = ...) -> Any:
        value = self.text(key, default)
        if value is not default and not COLOUR.fullmatch(value):
            self.fail(key, f"颜色应写作 #RRGGBB（大写），现为 {value!r}")
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: Any = ...) -> Any:
        value = self.text(key, default)
        if value is not default and value not in allowed:
            self.fail(key, f"应为 {'、'.join(sorted(allowed))} 之一，现为 {value!r}")
        return value

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        """A list of texts, or one text standing alone."""
        value = self._take(key, (str, list), "文字或文字列表", default)
        values = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(item, str) and item.strip() for item in values):
            self.fail(key, "列表里只能是不为空的文字")
        if len(set(values)) != len(values):
            self.fail(key, "列表里有重复项")
        return values

    def numbers(self, key: str, default: Any = ...) -> tuple[float, ...]:
        value = self._take(key, (list,), "数的列表", default)
        if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
            self.fail(key, "列表里只能是数")
        return tuple(value)

    def labels(self, key: str, default: Any = ...) -> Mapping[str, str]:
        """A table of value = text."""
        value = self._take(key, (dict,), "“值 = 文字”的表", default)
        if not all(isinstance(label, str) and label.strip() for label in value.values()):
            self.fail(key, "每个值后面应为不为空的文字")
        return MappingProxyType(dict(value))

    def anything(self, key: str, default: Any = ...) -> Any:
        return self._take(key, (dict,), "表", default)

    def table(self, key: str) -> "Table | None":
        value = self._take(key, (dict,), "表", None)
        return None if value is None else Table(self.file, value, self.at(key))

    def tables(self, key: str) -> dict[str, "Table"]:
        """Named sub-tables, in the order of the file."""
        value = self._take(key, (dict,), "表", {})
        for name, inner in value.items():
            if not isinstance(inner, dict):
                self.fail(f"{key}.{name}", f"应为表，现为 {inner!r}")
        return {name: Table(self.file, inner, self.at(f"{key}.{name}")) for name, inner in value.items()}

    def table_list(self, key: str) -> list["Table"]:
        value = self._take(key, (list,), "表的列表", [])
        for i, inner in enumerate(value):
            if not isinstance(inner, dict):
                self.fail(f"{key}[{i}]", f"应为表，现为 {inner!r}")
        return [Table(self.file, inner, self.at(f"{key}[{i}]")) for i, inner in enumerate(value)]

    def done(self, made: T) -> T:
        """Hand `made` on, or refuse the table because of a key that means nothing here."""
        unknown = sorted(set(self.values) - self._asked)
        if unknown:
            self.fail(unknown[0], f"不认识这一项；这里可以写：{'、'.join(sorted(self._asked))}")
        return made


def read_toml(file: Path) -> Table:
    """The whole file as a table. Raises CatalogError for unreadable TOML, with the line in its text."""
    try:
        return Table(file, tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(file, "", f"不是合法的 TOML（UTF-8）：{error}") from error
