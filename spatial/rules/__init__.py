"""Judgement: what lies on a parcel means what, under the texts in force on a day. Pure functions."""

from spatial.rules.facts import (
    Citation,
    Facts,
    Feature,
    Finding,
    Gap,
    Judgement,
    LayerFacts,
    Request,
)

__all__ = [
    "Citation",
    "Facts",
    "Feature",
    "Finding",
    "Gap",
    "Judgement",
    "LayerFacts",
    "Request",
]
