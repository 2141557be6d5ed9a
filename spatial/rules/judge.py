"""Facts in, judgement out: every rule in force is tried on what it looks at, and the worst verdict wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import date

from spatial.catalog import Catalog
from spatial.rules.book import ANY_LAYER, Rule, RuleBook
from spatial.rules.conditions import TRUE, Truth, evaluate_condition, joined
from spatial.rules.derived import Candidate, Setting, candidates, own_values
from spatial.rules.facts import Certainty, Facts, Feature, Finding, Judgement, Request
from spatial.rules.parcel_facts import missing_name, request_values
from spatial.rules.predicates import OF_OVERLAP, PREDICATES, WITHOUT_FEATURE, Match, Scene
from spatial.rules.slivers import slivers

UNDETERMINED = "undetermined"


def evaluate(book: RuleBook, catalog: Catalog, facts: Facts, request: Request, on: date) -> Judgement:
    """Judge the facts under the rules in force on a day. Pure: the same arguments give the same answer.

    Every gap in the facts counts: the caller asks for those of `book.layers_asked(on)` and of the ground itself.
    Findings are sorted by verdict, rule, layer, feature.
    """
    gaps = facts.gaps
    parameters = book.values()
    values = request_values(request, facts, book.parcel_facts, parameters)
    case = _Case(
        catalog=catalog,
        request=request,
        setting=Setting(values, parameters),
        scene=Scene(slivers(facts, catalog, parameters), gaps, parameters["report_coverage_min"]),
        features=facts.features,
    )
    findings: list[Finding] = []
    rules = book.in_force(on)
    for rule in rules:
        if not rule.fallback:
            findings.extend(_finding(rule, match, truth, on) for match, truth in case.tried(rule))
    judged = {_key(f.feature) for f in findings if f.feature is not None}
    for rule in rules:
        if rule.fallback:
            findings.extend(_finding(rule, match, TRUE, on) for match in case.left_over(rule, judged))
    rank = {verdict: place for place, verdict in enumerate(book.verdict_order)}
    findings.sort(key=lambda f: (rank[f.verdict], f.rule, f.layer, _place(f)))
    worst = findings[0].verdict if findings else book.verdict_order[-1]
    return Judgement(worst, not gaps, tuple(findings))


class _Case:
    """One parcel and request, with what several rules ask for worked out once."""

    def __init__(
        self, catalog: Catalog, request: Request, setting: Setting, scene: Scene, features: Iterable[Feature]
    ) -> None:
        self.catalog, self.request, self.setting, self.scene = catalog, request, setting, scene
        self._by_layer: dict[str, list[Feature]] = {}
        for feature in features:
            self._by_layer.setdefault(feature.layer, []).append(feature)
        self._seen: dict[str, list[Candidate]] = {}

    def tried(self, rule: Rule) -> Iterator[tuple[Match, Truth]]:
        """Where the relation of the rule holds and action, when and where are true or unknown together."""
        seen = self._candidates(rule.layer) if rule.predicate not in WITHOUT_FEATURE else []
        if not seen and rule.predicate not in WITHOUT_FEATURE:
            return
        answers = rule.answers(self.request.action)
        action = Truth(answers, frozenset({"action"}) if answers is None else frozenset())
        when = evaluate_condition(rule.when, *self.setting, missing_name(rule.layer))
        asked = joined((action, when), wins=False)
        if asked.value is False:
            return
        where = {_key(c.feature): self._where(rule, c) for c in seen}
        possible = [c for c in seen if where[_key(c.feature)].value is not False]
        for match in PREDICATES[rule.predicate](rule, possible, self.scene):
            on_feature = TRUE if match.candidate is None else where[_key(match.candidate.feature)]
            yield match, joined((asked, on_feature), wins=False)

    def left_over(self, rule: Rule, judged: Set[tuple[str, str]]) -> Iterator[Match]:
        """Overlaps of restriction layers that stand in no finding and are not neutral: nothing is silent."""
        for match in PREDICATES[rule.predicate](rule, self._candidates(rule.layer), self.scene):
            candidate = match.candidate
            if candidate is None or _key(candidate.feature) in judged:
                continue
            neutral = rule.neutral.get(candidate.feature.layer)
            values = {**self.setting.request, **candidate.values}
            if (
                neutral is None
                or evaluate_condition(neutral, values, self.setting.parameters).value is not True
            ):
                yield match

    def _where(self, rule: Rule, candidate: Candidate) -> Truth:
        return evaluate_condition(
            rule.where, candidate.values, self.setting.parameters, missing_name(rule.layer)
        )

    def _candidates(self, layer: str) -> list[Candidate]:
        if layer not in self._seen:
            self._seen[layer] = self._look(layer)
        return self._seen[layer]

    def _look(self, layer: str) -> list[Candidate]:
        if layer != ANY_LAYER:
            return candidates(self.catalog.layer(layer), self._by_layer, self.setting)
        judged = (name for name in self._by_layer if self.catalog.layer(name).role == "restriction")
        return [Candidate(f, own_values(f)) for name in judged for f in self._by_layer[name]]


def _finding(rule: Rule, match: Match, truth: Truth, on: date) -> Finding:
    feature = match.candidate.feature if match.candidate else None
    measures: dict[str, float] = {}
    area: float | None = None
    share: float | None = None
    distance: float | None = None
    certainty: Certainty = "certain"
    if feature is not None:
        area, share, distance = feature.overlap_area_m2, feature.overlap_share, feature.distance_m
        if rule.predicate in OF_OVERLAP and feature.certainty != "certain":
            certainty = feature.certainty
            measures = {"position_error_m": feature.position_error_m or 0.0}
            if certainty == "near_miss":
                measures["distance_m"] = distance
    elif match.sliver is not None:
        certainty = match.sliver.certainty
        overlap = match.sliver.overlap
        area, share, distance = overlap.union_area_m2, overlap.union_share, 0.0
        measures = {
            "area_m2": area,
            "perimeter_m": overlap.union_perimeter_m,
            "width_m": match.sliver.width_m,
        }
        measures |= match.sliver.limits
    return Finding(
        rule=rule.id,
        title=rule.title,
        verdict=rule.verdict if truth.value else UNDETERMINED,
        layer=match.layer,
        feature=feature,
        gap=match.gap,
        relation=rule.predicate,
        overlap_area_m2=area,
        overlap_share=share,
        distance_m=distance,
        reason=rule.reason,
        reason_en=rule.reason_en,
        basis=rule.citations(on),
        overridable=rule.override is not None,
        override=rule.override,
        certainty=certainty,
        missing=tuple(sorted(truth.missing)),
        measures=measures,
    )


def _key(feature: Feature) -> tuple[str, str]:
    return feature.layer, feature.id


def _place(finding: Finding) -> str:
    if finding.feature is not None:
        return finding.feature.id
    return f"{finding.gap.county or ''} {finding.gap.kind}" if finding.gap else ""
