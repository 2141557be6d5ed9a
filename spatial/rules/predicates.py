"""The closed set of relations that a rule may ask for, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spatial.rules.book import ANY_LAYER, Rule
from spatial.rules.derived import Candidate
from spatial.rules.facts import Feature, Gap
from spatial.rules.slivers import Sliver


@dataclass(frozen=True, slots=True)
class Scene:
    """What a predicate looks at besides the features of its layer."""

    slivers: Mapping[str, Sliver]
    gaps: tuple[Gap, ...]
    covered_min: float


@dataclass(frozen=True, slots=True)
class Match:
    """One place where the relation holds: a feature, a gap, a sliver, or the parcel alone."""

    layer: str
    candidate: Candidate | None = None
    gap: Gap | None = None
    sliver: Sliver | None = None


def overlaps(feature: Feature, scene: Scene) -> bool:
    """Interiors overlap, and it is no sliver."""
    return feature.overlaps and not (feature.shape == "polygon" and feature.layer in scene.slivers)


def _intersects(rule: Rule, seen: Sequence[Candidate], scene: Scene) -> Iterator[Match]:
    return (_on(rule, c) for c in seen if overlaps(c.feature, scene))


def _within(rule: Rule, seen: Sequence[Candidate], scene: Scene) -> Iterator[Match]:
    return (_on(rule, c) for c in seen if c.feature.contains_parcel_share >= scene.covered_min)


def _adjacent(rule: Rule, seen: Sequence[Candidate], scene: Scene) -> Iterator[Match]:
    # A sliver counts as contact here: DAT-02 names it, and a parcel that grows by a hand's breadth keeps its finding.
    return (_on(rule, c) for c in seen if not overlaps(c.feature, scene) and _near(rule, c))


def _dwithin(rule: Rule, seen: Sequence[Candidate], _: Scene) -> Iterator[Match]:
    return (_on(rule, c) for c in seen if _near(rule, c))


def _nearest(rule: Rule, seen: Sequence[Candidate], _: Scene) -> Iterator[Match]:
    near = [c for c in seen if _near(rule, c)]
    if near:
        yield _on(rule, min(near, key=lambda c: (c.feature.distance_m, c.feature.layer, c.feature.id)))


def _self(rule: Rule, _: Sequence[Candidate], __: Scene) -> Iterator[Match]:
    yield Match(rule.layer)


def _coverage(_: Rule, __: Sequence[Candidate], scene: Scene) -> Iterator[Match]:
    return (Match(gap.layer, gap=gap) for gap in scene.gaps)


def _sliver(_: Rule, __: Sequence[Candidate], scene: Scene) -> Iterator[Match]:
    return (Match(layer, sliver=sliver) for layer, sliver in scene.slivers.items())


def _near_miss(rule: Rule, seen: Sequence[Candidate], _: Scene) -> Iterator[Match]:
    return (_on(rule, c) for c in seen if c.feature.certainty == "near_miss")


def _near(rule: Rule, candidate: Candidate) -> bool:
    return rule.distance_m is not None and candidate.feature.distance_m <= rule.distance_m


def _on(rule: Rule, candidate: Candidate) -> Match:
    return Match(candidate.feature.layer if rule.layer == ANY_LAYER else rule.layer, candidate)


PREDICATES: Mapping[str, Callable[[Rule, Sequence[Candidate], Scene], Iterator[Match]]] = {
    "intersects": _intersects,
    "within": _within,
    "adjacent": _adjacent,
    "dwithin": _dwithin,
    "nearest": _nearest,
    "self": _self,
    "coverage": _coverage,
    "sliver": _sliver,
    "near_miss": _near_miss,
}
WITH_DISTANCE = frozenset({"adjacent", "dwithin", "nearest"})
OVER_ANY_LAYER = frozenset({"coverage", "sliver", "near_miss"})
WITHOUT_FEATURE = frozenset({"self", "coverage", "sliver"})
OF_OVERLAP = frozenset({"intersects", "within", "near_miss"})
"""What they say hangs on whether the interiors meet."""
