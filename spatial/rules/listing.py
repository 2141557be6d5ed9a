"""Every rule as people and programs read it: basis with its days and kind, parameters, inputs, way out."""

from __future__ import annotations

from datetime import date
from typing import Any

from spatial.rules.book import Basis, Rule, RuleBook


def listed(book: RuleBook) -> list[dict[str, Any]]:
    """All rules in the order of their files, as JSON."""
    return [_rule(book, rule) for rule in book.rules]


def _rule(book: RuleBook, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "group": rule.group,
        "group_title": book.groups[rule.group],
        "title": rule.title,
        "layer": rule.layer,
        "relation": rule.predicate,
        "distance_m": rule.distance_m,
        "distance_kind": rule.distance_kind,
        "verdict": rule.verdict,
        "reason": rule.reason,
        "reason_en": rule.reason_en,
        "actions": list(rule.actions) if rule.actions is not None else None,
        "actions_except": list(rule.actions_except) if rule.actions_except is not None else None,
        "basis": [_basis(basis) for basis in rule.basis],
        "parameters": [
            {"name": p.name, "value": p.value, "kind": p.kind, "why": p.why}
            for p in (book.parameters[name] for name in rule.parameters)
        ],
        "needs": list(rule.needs),
        "override": dict(rule.override) if rule.override else None,
        "confidence": rule.confidence,
        "seed": list(rule.seed),
        "note": rule.note,
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
