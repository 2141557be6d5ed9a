"""Filters in CQL2 (OGC 21-065r2): a closed grammar, read into one tree and compiled with every value bound."""

from typing import Literal as OneOf

from psycopg import sql

from tiles.cql2.compiling import compile_tree
from tiles.cql2.fields import queryables
from tiles.cql2.from_json import read_json
from tiles.cql2.from_text import read_text
from tiles.cql2.refusal import FilterRefused, require_storable
from tiles.cql2.shapes import system_of
from tiles.cql2.tree import Node
from tiles.rows import View
from tiles.statement import Values

__all__ = ["FilterRefused", "Lang", "Node", "compile_filter", "compile_tree", "parse", "queryables"]

Lang = OneOf["cql2-text", "cql2-json"]
MOST_BYTES = {"cql2-text": 8 * 1024, "cql2-json": 64 * 1024}


def parse(given: str, lang: Lang, filter_crs: str | None = None) -> Node:
    """The tree of a filter; geometry in EPSG:4490. `filter_crs`: that of its coordinates, CRS84 unless given.

    Raises FilterRefused for whatever is not of the grammar, beyond its limits or no valid geometry.
    """
    size = len(given.encode("utf-8", "replace"))
    if size > MOST_BYTES[lang]:
        most = MOST_BYTES[lang] // 1024
        raise FilterRefused(f"过滤条件太长，最多 {most} KB。", len(given) - 1)
    require_storable(given)
    system = system_of(filter_crs)
    return read_text(given, system) if lang == "cql2-text" else read_json(given, system)


def compile_filter(
    given: str, lang: Lang, view: View, values: Values, filter_crs: str | None = None
) -> sql.Composable:
    """A boolean expression over row `f` of spatial_feature. Raises FilterRefused."""
    return compile_tree(parse(given, lang, filter_crs), view, values)
