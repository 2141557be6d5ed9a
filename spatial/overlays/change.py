"""Two sides of an overlay against each other: what got better from the first to the second, and what got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spatial import catalog, rules
from spatial.overlays.tables import UNDETERMINED

SAME_M2 = 0.005
BETTER, WORSE, SAME, OPEN = "better", "worse", "same", "unknown"


def change(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Areas in m² by verdict, class and layer, and conflicts that went, came or changed in size.

    More ground without a restriction is better; more ground under any other verdict, under a layer or in a conflict is
    worse. Where the two areas differ in size the figures say so and nothing is scaled. What is less in the second is
    `unknown` and not better where the second does not know it: a layer that never came there hides its conflicts.
    """
    order = rules.current().verdict_order
    known = catalog.current()
    sides = (first, second)

    def of(table: str, more: str, **wanted: Any) -> dict[str, Any]:
        before, after = (_sum(side[table], **wanted) for side in sides)
        return _compared(before, after, more=more)

    hidden = {gap["layer"] for gap in second["gaps"]}
    restricting = [one for one in order[:-1] if one != UNDETERMINED]
    layers = dict.fromkeys(row["layer"] for side in sides for row in side["layers"])
    return {
        "area_m2": [side["area"]["area_m2"] for side in sides],
        "verdicts": [
            _known(
                {"verdict": one, **of("verdicts", _more(one, order), verdict=one)},
                second["complete"] or one not in restricting,
            )
            for one in order
        ],
        "unrestricted": of("partition", BETTER, layers=[], known=True),
        "unknown": of("partition", WORSE, layers=[], known=False),
        "layers": [
            _known(
                {"layer": layer, "title": known.layer(layer).title, **of("by_layer", WORSE, layer=layer)},
                layer not in hidden,
            )
            for layer in layers
        ],
        "conflicts": [
            _known(one, one["layer"] not in hidden)
            for one in _conflicts(first["conflicts"], second["conflicts"], order)
        ],
    }


def _known(row: dict[str, Any], is_known: bool) -> dict[str, Any]:
    """What got better only where the second side knows."""
    return row if is_known or row["is"] != BETTER else {**row, "is": OPEN}


def _more(verdict: str, order: Sequence[str]) -> str:
    return BETTER if verdict == order[-1] else WORSE


def _compared(first: float, second: float, *, more: str) -> dict[str, Any]:
    difference = second - first
    word = (
        SAME if abs(difference) < SAME_M2 else more if difference > 0 else BETTER if more == WORSE else WORSE
    )
    return {
        "first_m2": round(first, 6),
        "second_m2": round(second, 6),
        "change_m2": round(difference, 6),
        "is": word,
    }


def _sum(rows: Sequence[Mapping[str, Any]], **wanted: Any) -> float:
    return sum(row["area_m2"] for row in rows if all(row[name] == value for name, value in wanted.items()))


def _conflicts(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], order: Sequence[str]
) -> list[dict[str, Any]]:
    """A conflict is one rule with one verdict on one feature, over all plots; a feature is known again by its code."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for at, rows in enumerate((first, second)):
        for row in rows:
            feature = row["feature"]
            key = (row["rule"], row["verdict"], feature["layer"], feature["code"] or feature["id"])
            one = found.setdefault(
                key,
                {
                    "rule": row["rule"], "verdict": row["verdict"], "layer": feature["layer"],
                    "feature": dict(feature), "county": row["county"], "plots": [0, 0], "areas": [0.0, 0.0],
                },
            )  # fmt: skip
            one["plots"][at] += 1
            one["areas"][at] += row["overlap_area_m2"] or 0.0
    told = []
    for one in found.values():
        areas, (before, after) = one.pop("areas"), one["plots"]
        compared = _compared(*areas, more=WORSE)
        if not (before and after):
            compared["is"] = WORSE if after else BETTER
        if compared["is"] != SAME:
            told.append({**one, **compared})
    return sorted(
        told,
        key=lambda row: (
            order.index(row["verdict"]),
            row["is"],
            row["rule"],
            row["layer"],
            row["feature"]["id"],
        ),
    )
