"""Every rule as people and programs read it: basis with its days and kind, parameters, inputs, way out."""

from __future__ import annotations

from datetime import date
from typing import Any

from spatial.catalog import Catalog
from spatial.rules.book import ANY_LAYER, Basis, Parameter, Rule, RuleBook


def listed(book: RuleBook, known: Catalog) -> list[dict[str, Any]]:
    """All rules in the order of their files, as JSON."""
    return [_rule(book, known, rule) for rule in book.rules]


def _rule(book: RuleBook, known: Catalog, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "group": rule.group,
        "group_title": book.groups[rule.group],
        "title": rule.title,
        "layer": rule.layer,
        "relation": rule.predicate,
        "looks_at": looks_at(rule, known),
        "distance_m": rule.distance_m,
        "distance_kind": rule.distance_kind,
        "verdict": rule.verdict,
        "reason": rule.reason,
        "reason_en": rule.reason_en,
        "actions": list(rule.actions) if rule.actions is not None else None,
        "actions_except": list(rule.actions_except) if rule.actions_except is not None else None,
        "basis": [_basis(basis) for basis in rule.basis],
        "parameters": [
            parameter_told(book.parameters[name]) | {"why": book.parameters[name].why}
            for name in rule.parameters
        ],
        "needs": list(rule.needs),
        "needs_titles": [need_title(name, known, book) for name in rule.needs],
        "override": dict(rule.override) | {"words": book.override_kinds[rule.override["kind"]]}
        if rule.override
        else None,
        "confidence": rule.confidence,
        "seed": list(rule.seed),
        "note": rule.note,
    }


RELATIONS = {
    "intersects": "与地块重叠",
    "within": "地块位于其中",
    "adjacent": "与地块毗邻",
    "dwithin": "在一定距离以内",
    "nearest": "在一定距离以内最近的一个",
    "self": "只看申请本身",
    "coverage": "资料是否齐全",
    "sliver": "与地块的重叠很细碎",
    "near_miss": "与地块的间隙在测量误差以内",
}
REQUEST_TITLES = {
    "action": "事项",
    "proposed_use": "拟用途",
    "current_use": "现状用途",
    "investigation_report": "覆盖地块的、已通过评审的调查报告",
}


def looks_at(rule: Rule, known: Catalog) -> str:
    """Which features a rule looks for and how they must lie, in words."""
    if rule.predicate == "self":
        return RELATIONS["self"]
    whose = "任一限制图层" if rule.layer == ANY_LAYER else known.layer(rule.layer).title
    return f"{whose}：{RELATIONS[rule.predicate]}"


def need_title(name: str, known: Catalog, book: RuleBook) -> str:
    """An input that a rule needs (`needs`, `missing`), in words."""
    owner, _, field = name.partition(".")
    if not field:
        return REQUEST_TITLES[name]
    if owner == "project":
        return book.project_flags[field].title
    layer = known.layer(owner)
    return f"{layer.title}“{layer.fields[field].title}”"


def parameter_told(parameter: Parameter) -> dict[str, Any]:
    """A number of the rules as answers and lists tell it."""
    return {
        "name": parameter.name,
        "title": parameter.title,
        "value": parameter.value,
        "unit": parameter.unit,
        "kind": parameter.kind,
        "of_region": parameter.of_region,
    }


def _basis(basis: Basis) -> dict[str, Any]:
    return {
        "text": basis.text,
        "article": basis.article,
        "kind": basis.kind,
        "indirect": basis.indirect,
        "valid_from": _day(basis.valid_from),
        "valid_to": _day(basis.valid_to),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
