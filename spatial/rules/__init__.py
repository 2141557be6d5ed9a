"""Judgement: what lies on a parcel means what, under the texts in force on a day. Pure functions.

`evaluate(current(), catalog, facts, request, on)` is the whole of it. The rules are the TOML files of this folder,
one per group; terms.toml holds what they share.
"""

from functools import cache
from pathlib import Path

from spatial import catalog
from spatial.rules import reading
from spatial.rules.book import Rule, RuleBook, RuleError
from spatial.rules.conditions import Truth, evaluate_condition
from spatial.rules.facts import Citation, Facts, Feature, Finding, Gap, Judgement, LayerFacts, Request
from spatial.rules.judge import evaluate

__all__ = [
    "Citation",
    "Facts",
    "Feature",
    "Finding",
    "Gap",
    "Judgement",
    "LayerFacts",
    "Request",
    "Rule",
    "RuleBook",
    "RuleError",
    "Truth",
    "current",
    "evaluate",
    "evaluate_condition",
    "load",
]

BUILT_IN = Path(__file__).parent


def load(folder: Path = BUILT_IN, of: catalog.Catalog | None = None) -> RuleBook:
    """The rules of a folder, checked against a catalog (the current one). Raises RuleError."""
    return reading.load(folder, of or catalog.current())


def current() -> RuleBook:
    """The rules of this deployment, read once for each catalog."""
    return _current(catalog.current().digest)


@cache
def _current(_: str) -> RuleBook:
    return load()
