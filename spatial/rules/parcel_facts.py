"""What a condition may ask of the request: flags of the uses, project flags, and facts of the parcel as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from spatial import landuse
from spatial.landuse import Use
from spatial.rules.book import ParcelFact
from spatial.rules.conditions import Share, Truth, Unknown, evaluate_condition
from spatial.rules.facts import Facts, Request

USES = ("proposed_use", "current_use")


def missing_name(layer: str) -> Callable[[str], str]:
    """How the names of a rule on `layer` are reported when unknown: the use as a whole, project.<flag>, else
    <layer>.<attribute>."""

    def called(name: str) -> str:
        head = name.split(".")[0]
        if head in USES:
            return head
        return name if "." in name else f"{layer}.{name}"

    return called


def request_values(
    request: Request, facts: Facts, parcel_facts: Mapping[str, ParcelFact], parameters: Mapping[str, float]
) -> dict[str, Any]:
    """Every dotted name with its value; what was not given is absent or unknown."""
    values: dict[str, Any] = {}
    for name, use in (("proposed_use", request.proposed_use), ("current_use", request.current_use)):
        if use is not None:
            values.update((f"{name}.{flag}", value) for flag, value in landuse.flags(use).items())
    values.update((f"project.{flag}", value) for flag, value in request.project.items())
    values["parcel.use_changes"] = use_changes(request.proposed_use, request.current_use)
    covered = cache(facts.covered_share)
    for fact in parcel_facts.values():
        values[f"parcel.{fact.name}"] = _share(fact, facts, covered, dict(values), parameters)
    return values


def use_changes(proposed: Use | None, current: Use | None) -> bool | Unknown:
    """Whether the use changes at level 2, or in the duties that go with it; unknown with the use to blame."""
    if proposed is None or current is None:
        return Unknown(frozenset(n for n, use in zip(USES, (proposed, current), strict=True) if use is None))
    same = landuse.same_use(proposed, current)
    if same is not None:
        return not same
    vague = (n for n, use in zip(USES, (proposed, current), strict=True) if not landuse.is_precise(use))
    return Unknown(frozenset(vague))


def _share(
    fact: ParcelFact,
    facts: Facts,
    covered: Callable[[frozenset[str]], float],
    values: Mapping[str, Any],
    parameters: Mapping[str, float],
) -> Share:
    """Lower bound: features whose `where` is true; upper: those unknown too, and 1 where the layer has a gap."""

    def called(name: str) -> str:
        # Attributes of a report are named by the layer: a person looks for the report, not for its column.
        return name.split(".")[0] if "." in name else fact.layer

    certain: set[str] = set()
    unknown: dict[str, Truth] = {}
    for feature in facts.features:
        if feature.layer == fact.layer and feature.overlaps:
            truth = evaluate_condition(fact.where, {**values, **feature.attributes}, parameters, called)
            if truth.value is True:
                certain.add(feature.id)
            elif truth.value is None:
                unknown[feature.id] = truth
    lower = covered(frozenset(certain)) if certain else 0.0
    loaded = covered(frozenset({*certain, *unknown})) if unknown else lower
    has_gap = any(gap.layer == fact.layer for gap in facts.gaps)

    def missing_at(limit: float) -> frozenset[str]:
        names = {name for truth in unknown.values() for name in truth.missing} if loaded >= limit else set()
        return frozenset(names | ({fact.layer} if has_gap else set()))

    return Share(lower, 1.0 if has_gap else loaded, missing_at)
