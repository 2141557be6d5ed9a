"""The book of rules as loaded: rules, texts, parameters, and what they ask of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from spatial.rules.conditions import Condition
from spatial.rules.facts import Citation

ANY_LAYER = "any"
VERDICTS = ("prohibit", "needs_investigation", "conditional", "undetermined", "notice", "clear")


class RuleError(Exception):
    """A rule file is wrong; the text names the file, the rule and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A law, standard or policy and the days from and to which it counts, both included; None is open."""

    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on; an indirect text is cited, but brings no rule in force."""

    text: str
    article: str | None
    kind: str
    valid_from: date | None
    valid_to: date | None
    indirect: bool

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that rules name; kind: statute, standard or default. `of_region`: set by the region (distances.toml)."""

    name: str
    title: str
    value: float
    unit: str
    kind: str
    why: str
    of_region: bool


@dataclass(frozen=True, slots=True)
class ProjectFlag:
    """What a request may say of the project; type bool or choice (then `values`: value to label)."""

    name: str
    title: str
    type: str
    values: Mapping[str, str]
    note: str | None


@dataclass(frozen=True, slots=True)
class ParcelFact:
    """Share of the parcel covered by the features of a layer for which `where` holds."""

    name: str
    layer: str
    where: Condition
    note: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `actions` and `actions_except` are both None where it counts for all actions."""

    id: str
    group: str
    title: str
    layer: str
    predicate: str
    where: Condition
    when: Condition
    actions: tuple[str, ...] | None
    actions_except: tuple[str, ...] | None
    verdict: str
    reason: str
    reason_en: str
    basis: tuple[Basis, ...]
    override: Mapping[str, str] | None
    parameters: tuple[str, ...]
    distance_m: float | None
    distance_kind: str | None
    seed: tuple[str, ...]
    confidence: str
    note: str | None
    needs: tuple[str, ...]
    fallback: bool
    neutral: Mapping[str, Condition]

    def answers(self, action: str | None) -> bool | None:
        """Whether the rule counts for the action; None where it depends on an action that is not given."""
        if self.actions is None and self.actions_except is None:
            return True
        if action is None:
            return None
        return (
            action in self.actions if self.actions is not None else action not in (self.actions_except or ())
        )

    def in_force(self, on: date) -> bool:
        return any(basis.in_force(on) for basis in self.basis if not basis.indirect)

    def citations(self, on: date) -> tuple[Citation, ...]:
        """The texts of the basis in force that day, indirect ones too."""
        return tuple(Citation(b.text, b.article, b.kind) for b in self.basis if b.in_force(on))


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """All rules of a folder, checked against a catalog.

    `sources`: for each layer that a rule names, the stored layers whose features it looks at. `evidence`: for each
    rule, the stored layers that its parcel facts look at. `gap_layers`: the stored layers whose absence counts,
    by their role. `digest`: "sha256:…" of everything that shapes a judgement, land-use tables included.
    """

    rules: tuple[Rule, ...]
    groups: Mapping[str, str]
    texts: Mapping[str, Text]
    parameters: Mapping[str, Parameter]
    parcel_facts: Mapping[str, ParcelFact]
    verdict_order: tuple[str, ...]
    verdict_terms: Mapping[str, str]
    action_terms: Mapping[str, str]
    project_flags: Mapping[str, ProjectFlag]
    override_kinds: Mapping[str, str]
    sources: Mapping[str, tuple[str, ...]]
    evidence: Mapping[str, tuple[str, ...]]
    gap_layers: frozenset[str]
    digest: str

    def in_force(self, on: date) -> tuple[Rule, ...]:
        return _in_force(self, on)

    def reach_m(self, layer: str) -> float:
        """The farthest that any rule looks at features of a stored layer; 0 where overlaps alone count."""
        distances = (r.distance_m for r in self.rules if r.distance_m and layer in self.sources[r.layer])
        return max(distances, default=0.0)

    def layers_asked(self, on: date) -> frozenset[str]:
        """Stored layers of role restriction or evidence that a rule in force uses: a gap of theirs counts."""
        rules = self.in_force(on)
        used = {layer for r in rules for layer in (*self.sources[r.layer], *self.evidence[r.id])}
        return self.gap_layers & used

    def values(self) -> dict[str, float]:
        """Parameters as plain numbers."""
        return {name: parameter.value for name, parameter in self.parameters.items()}


@lru_cache(maxsize=64)
def _in_force(book: RuleBook, on: date) -> tuple[Rule, ...]:
    return tuple(rule for rule in book.rules if rule.in_force(on))
