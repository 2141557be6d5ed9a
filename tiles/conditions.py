"""The condition of a selection as SQL over the rows of `f`: NULL is unknown, as in the rules' three values.

The grammar and its meaning are those of spatial.rules.conditions; PostgreSQL's AND, OR and NOT join three values
in the same way. A parameter cannot be named here: a layer's content does not hang on a rule's figure.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from spatial.rules.conditions import OPEN_CODE_VALUES, ConditionError
from tiles.statement import Values

COLUMNS: Mapping[str, sql.Composable] = {
    "code": sql.SQL("coalesce(f.code, f.attributes ->> 'code')"),
    "name": sql.SQL("coalesce(f.name, f.attributes ->> 'name')"),
    "county": sql.SQL("coalesce(f.county, f.attributes ->> 'county')"),
    "has_boundary": sql.SQL("f.has_boundary"),
}
"""What a row holds in columns of its own; all else stands in `attributes`."""
ORDER = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
EQUALITY = {"eq": "=", "ne": "<>", "in": "= ANY", "not_in": "<> ALL"}


def selected(condition: Mapping[str, Any], values: Values) -> sql.Composable:
    """True for the rows that a derived layer takes: those whose condition is true or unknown."""
    return sql.SQL("({}) IS NOT FALSE").format(compile_condition(condition, values))


def compile_condition(condition: Mapping[str, Any], values: Values) -> sql.Composable:
    """A boolean expression, NULL where the condition is unknown. Raises ConditionError."""
    if not condition:
        return sql.SQL("TRUE")
    if len(condition) != 1:
        raise ConditionError(f"一个条件只能有一项：{condition!r}")
    ((name, inner),) = condition.items()
    if name == "not":
        return sql.SQL("NOT ({})").format(compile_condition(inner, values))
    if name in ("all", "any"):
        if not inner:
            raise ConditionError(f"{name} 后面应为不为空的列表")
        parts = [sql.SQL("({})").format(compile_condition(part, values)) for part in inner]
        return sql.SQL(" AND " if name == "all" else " OR ").join(parts)
    if "." in name:
        raise ConditionError(f"图层的选取条件不能问请求里的内容：{name}")
    ((op, operand),) = inner.items()
    return _comparison(name, op, operand, values)


def _comparison(name: str, op: str, operand: Any, values: Values) -> sql.Composable:
    if op == "exists":
        return sql.SQL("{} IS {}").format(
            _known(name, (), values), sql.SQL("NOT NULL" if operand else "NULL")
        )
    if op in ("is_true", "is_false"):
        return sql.SQL("{} = {}").format(_known(name, (), values), values.bind(Jsonb(op == "is_true")))
    if op in ("eq", "ne"):
        return sql.SQL("{} {} {}").format(
            _known(name, (operand,), values), sql.SQL(EQUALITY[op]), values.bind(Jsonb(operand))
        )
    if op in ("in", "not_in"):
        return sql.SQL("{} {} ({})").format(
            _known(name, operand, values), sql.SQL(EQUALITY[op]), values.bind([Jsonb(one) for one in operand])
        )
    if op in ORDER:
        return _order(name, op, operand, values)
    raise ConditionError(f"{name}：没有比较方式 {op}")


def _order(name: str, op: str, operand: Any, values: Values) -> sql.Composable:
    """Numbers by size, texts (dates) letter by letter; a value of another kind is unknown."""
    value = _known(name, (operand,), values)
    kind, cast, type_name = (
        ("string", sql.SQL("({} #>> '{{}}') COLLATE \"C\"").format(value), sql.SQL("text"))
        if isinstance(operand, str)
        else ("number", sql.SQL("({})::float8").format(value), sql.SQL("float8"))
    )
    return sql.SQL("CASE WHEN jsonb_typeof({}) = {} THEN {} {} {}::{} END").format(
        value, values.bind(kind), cast, sql.SQL(ORDER[op]), values.bind(operand), type_name
    )


def _known(name: str, named: Iterable[Any], values: Values) -> sql.Composable:
    """The value as jsonb; NULL where it is unknown: absent, null, or an open code value that is not `named`."""
    if name in COLUMNS:
        value: sql.Composable = sql.SQL("to_jsonb({})").format(COLUMNS[name])
    else:
        value = sql.SQL("(f.attributes -> {}::text)").format(values.bind(name))
    for unknown in (None, *sorted(OPEN_CODE_VALUES - {one for one in named if isinstance(one, str)})):
        value = sql.SQL("NULLIF({}, {})").format(value, values.bind(Jsonb(unknown)))
    return value
