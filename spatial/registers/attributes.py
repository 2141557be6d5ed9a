"""What a person says of an entry on a list, checked against the fields of the layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from spatial.catalog import Field, Layer
from spatial.refusal import Refusal

OWN = frozenset({"has_boundary", "code", "county", "entry_date", "exit_date", "document"})
"""Fields that the register fills in itself."""


def checked(layer: Layer, said: Any) -> Mapping[str, Any]:
    """The attributes as they were given. Raises Refusal, naming the field and what it takes."""
    if not isinstance(said, Mapping):
        raise Refusal("attributes_invalid", "attributes 应为对象。", '例如 {"industry": "chemical"}。')
    for name, value in said.items():
        field = layer.fields.get(name)
        if field is None or name in OWN:
            usable = "、".join(one for one in layer.fields if one not in OWN)
            raise Refusal("field_unknown", f"“{layer.title}”没有可填的字段 {name}。", f"可填：{usable}。")
        if value is not None and not _fits(field, value):
            takes = "、".join(f"{key}（{title}）" for key, title in field.choices.items()) or field.type
            raise Refusal("value_invalid", f"“{field.title}”不能是 {value!r}。", f"应为：{takes}。")
    return said


def _fits(field: Field, value: Any) -> bool:
    if field.type == "choice":
        return isinstance(value, str) and value in field.choices
    if field.type == "bool":
        return isinstance(value, bool)
    if field.type == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if field.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if field.type == "date":
        try:
            return isinstance(value, str) and bool(date.fromisoformat(value))
        except ValueError:
            return False
    return isinstance(value, str) and len(value) <= 2000
