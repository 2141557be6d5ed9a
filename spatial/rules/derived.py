"""Layers that are selections of others: which features they hold, and the attributes that are worked out.

The working out follows the notes of the two layers concerned in the layer catalogue:
any_plot_with_legal_investigation_duty (Soil Law art. 59, 60; Code art. 454, 455) and source_without_polygon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spatial.catalog import Layer
from spatial.rules.conditions import Unknown, evaluate_condition
from spatial.rules.facts import Feature

# Plots on these lists have the duty by being there; of a plot of concern the authority has to ask in writing.
DUTY_BY_LIST = frozenset(
    {
        "suspected_plot",
        "contaminated_plot",
        "high_risk_site",
        "closed_permit_enterprise",
        "risk_register_plot",
    }
)
# A plot gets on these lists only through an investigation, and then needs a risk assessment.
INVESTIGATED = frozenset({"contaminated_plot", "risk_register_plot"})
# A plot gets on this list only through a risk assessment.
ASSESSED = frozenset({"risk_register_plot"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feature as a rule sees it through its layer: `values` are what `where` may ask."""

    feature: Feature
    values: Mapping[str, Any]


class Setting(NamedTuple):
    """What computed attributes read besides the feature: the request's values (parcel facts among them)."""

    request: Mapping[str, Any]
    parameters: Mapping[str, float]


def _investigation_required(feature: Feature, _: Setting) -> Any:
    return True if feature.layer in DUTY_BY_LIST else feature.attributes.get("investigation_required")


def _investigation_done(feature: Feature, setting: Setting) -> Any:
    if feature.layer in INVESTIGATED:
        return True
    covered = {"parcel.report_coverage": {"ge": "report_coverage_min"}}
    truth = evaluate_condition(covered, setting.request, setting.parameters)
    return Unknown(truth.missing) if truth.value is None else truth.value


def _risk_assessment_required(feature: Feature, _: Setting) -> Any:
    return feature.layer in INVESTIGATED


def _risk_assessment_done(feature: Feature, _: Setting) -> Any:
    return True if feature.layer in ASSESSED else feature.attributes.get("risk_assessment_reviewed")


# layer → attribute → how it is worked out
COMPUTED: Mapping[str, Mapping[str, Callable[[Feature, Setting], Any]]] = {
    "any_plot_with_legal_investigation_duty": {
        "investigation_required": _investigation_required,
        "investigation_done": _investigation_done,
        "risk_assessment_required": _risk_assessment_required,
        "risk_assessment_done": _risk_assessment_done,
    },
    "source_without_polygon": {
        "name": lambda feature, _: feature.name,
        "list": lambda feature, _: feature.layer,
    },
}

# Parcel facts that computed attributes read: layer → facts
FACTS_READ: Mapping[str, tuple[str, ...]] = {
    "any_plot_with_legal_investigation_duty": ("parcel.report_coverage",),
}


def candidates(layer: Layer, by_layer: Mapping[str, Sequence[Feature]], setting: Setting) -> list[Candidate]:
    """The features that a layer holds: its own, or those for which a selection is true or unknown, each once."""
    if layer.kind != "derived":
        return [Candidate(feature, own_values(feature)) for feature in by_layer.get(layer.id, ())]
    computed = COMPUTED.get(layer.id, {})
    found: dict[tuple[str, str], Candidate] = {}
    for selection in layer.selection:
        for feature in by_layer.get(selection.layer, ()):
            values = own_values(feature)
            if evaluate_condition(selection.where, values, setting.parameters).value is False:
                continue
            worked_out = {name: work_out(feature, setting) for name, work_out in computed.items()}
            found[feature.layer, feature.id] = Candidate(feature, {**values, **worked_out})
    return list(found.values())


def own_values(feature: Feature) -> dict[str, Any]:
    """The stored attributes; has_boundary is the loader's word, whatever the file said."""
    return {**feature.attributes, "has_boundary": feature.has_boundary}
