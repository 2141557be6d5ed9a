"""How a statement is put together: SQL from files, names as identifiers, every value bound."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psycopg import sql


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


@cache
def template(name: str) -> sql.SQL:
    """A file of tiles/sql, its `{slots}` still open."""
    return sql.SQL((Path(__file__).parent / "sql" / name).read_text("utf-8"))
