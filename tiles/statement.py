"""How a statement is put together: SQL from files, names as identifiers, every value bound."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psycopg import sql

PLACEHOLDER = re.compile(rb"%%|%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Later:
    """A value that is given when the statement is run, by its name."""

    name: str


class Values(dict[str, object]):
    """The values of one statement; `bind` gives the placeholder that stands for one."""

    def bind(self, value: object) -> sql.Placeholder:
        if isinstance(value, Later):
            return sql.Placeholder(value.name)
        name = f"v{len(self)}"
        self[name] = value
        return sql.Placeholder(name)


def numbered(statement: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A statement with its named placeholders as $1, $2 …, for cursors that take it as it is, and the names in order.

    Others read the whole text each time that it is run.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return b"%"
        return b"$%d" % numbers.setdefault(found[1].decode(), len(numbers) + 1)

    return PLACEHOLDER.sub(number, statement), tuple(numbers)


@cache
def template(name: str) -> sql.SQL:
    """A file of tiles/sql, its `{slots}` still open."""
    return sql.SQL((Path(__file__).parent / "sql" / name).read_text("utf-8"))
