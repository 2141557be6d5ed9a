"""What is told of the parts of an area: tables that add up to it, layers, gaps, plots, conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from spatial import answer, catalog, crs, rules
from spatial.checks import used_told
from spatial.overlay import Candidate, Covered, Known
from spatial.overlays.area import Plot, class_title
from spatial.overlays.judged import Verdict
from spatial.overlays.laid import Laid
from spatial.overlays.partition import area, common
from spatial.rules import Gap

STATES = {"never_loaded": "no_data", "partial": "no_data", "outdated": "outdated", "unlocated": "unlocated",
          "forbidden": "forbidden"}  # fmt: skip
OF_RULE = ("title", "reason", "reason_en", "basis", "overridable", "override", "parameters")
UNDETERMINED = "undetermined"
STATE_ORDER = ("forbidden", "no_data", "outdated", "unlocated")


@dataclass(frozen=True)
class Part:
    """A plot with all that was found of it. `own`: its ground without what another plot counts; `grounds`: that by the
    worst verdict; `name`: the class of its planned use."""

    place: int
    plot: Plot
    verdict: Verdict
    laid: Laid
    own: BaseGeometry
    grounds: Mapping[str, BaseGeometry]
    name: str | None


def headline(verdict: Verdict, laid: Laid) -> str:
    """The verdict of a plot; where a layer is not known, nothing is called clear, nor clear with a notice."""
    if verdict.told is None:
        return UNDETERMINED
    told = str(verdict.told["verdict"])
    return UNDETERMINED if laid.unknown and told in unrestricted(rules.current().verdict_order) else told


def unrestricted(order: Sequence[str]) -> Sequence[str]:
    """The verdicts that say that nothing stands against it: those milder than that it is not known."""
    return order[order.index(UNDETERMINED) + 1 :]


def uses(parts: Sequence[Part]) -> list[dict[str, Any]]:
    found: dict[str | None, dict[str, Any]] = {}
    for one in parts:
        row = found.setdefault(
            one.name, {"use": one.name, "title": class_title(one.name), "plots": 0, "area_m2": 0.0}
        )
        row["plots"] += 1
        row["area_m2"] += crs.area_m2(one.own)
    return _rounded(sorted(found.values(), key=lambda row: _by_use(row["use"])))


def _by_use(name: str | None) -> tuple[bool, str]:
    return name is None, name or ""


def summed(pieces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each class and exact set of layers."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for told in pieces:
        is_known = told["known"] if not told["layers"] else True
        row = found.setdefault(
            (told["use"], tuple(told["layers"]), is_known),
            {
                "use": told["use"],
                "layers": told["layers"],
                "known": is_known,
                "area_m2": 0.0,
                "incomplete_m2": 0.0,
            },
        )
        row["area_m2"] += told["area_m2"]
        row["incomplete_m2"] += told["incomplete_m2"]
    return _rounded(
        sorted(
            found.values(),
            key=lambda row: (_by_use(row["use"]), len(row["layers"]), row["layers"], not row["known"]),
        )
    )


def verdicts_of(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Class and worst verdict → ground, counted once."""
    order = rules.current().verdict_order
    found: dict[tuple[str | None, str], float] = {}
    for one in parts:
        for verdict, ground in one.grounds.items():
            found[one.name, verdict] = found.get((one.name, verdict), 0.0) + crs.area_m2(ground)
    rows = [{"use": use, "verdict": verdict, "area_m2": value} for (use, verdict), value in found.items()]
    return _rounded(sorted(rows, key=lambda row: (_by_use(row["use"]), order.index(row["verdict"]))))


def by_layer(parts: Sequence[Part], layers: Sequence[str]) -> list[dict[str, Any]]:
    """Class and layer → the union of its overlaps. Layers lie on each other: these do not add up."""
    found: dict[tuple[str | None, str], float] = {}
    for one in parts:
        for layer, ground in one.laid.unions.items():
            own = ground if one.own is one.plot.shape else common(ground, one.own)
            found[one.name, layer] = found.get((one.name, layer), 0.0) + crs.area_m2(own)
    rows = [{"use": use, "layer": layer, "area_m2": value} for (use, layer), value in found.items() if value]
    return _rounded(sorted(rows, key=lambda row: (_by_use(row["use"]), list(layers).index(row["layer"]))))


def layers_of(
    parts: Sequence[Part], layers: Sequence[str], known: Known, whole: float
) -> list[dict[str, Any]]:
    catalog_ = catalog.current()
    counties = {county for one in parts for county in one.laid.counties}
    areas: dict[str, float] = {}
    for row in by_layer(parts, layers):
        areas[row["layer"]] = areas.get(row["layer"], 0.0) + row["area_m2"]
    rows = []
    for layer in layers:
        hits = {hit.id for one in parts for hit in one.laid.hits if hit.layer == layer}
        states = {STATES[gap.kind] for one in parts for gap in one.laid.unknown if gap.layer == layer}
        there = [known.coverage[layer, county] for county in counties if (layer, county) in known.coverage]
        oldest: Covered | None = min(there, key=lambda covered: covered.data_date, default=None)
        unknown = next((state for state in STATE_ORDER if state in states), None)
        rows.append(
            {
                "layer": layer,
                "title": catalog_.layer(layer).title,
                "state": "hit" if hits else unknown or "clear",
                "incomplete": unknown,
                "features": len(hits),
                "overlap_area_m2": answer.area(areas.get(layer, 0.0)),
                "overlap_share": answer.share(min(areas.get(layer, 0.0) / whole, 1.0)),
                "release": oldest.release if oldest else None,
                "data_date": oldest.data_date.isoformat() if oldest else None,
            }
        )
    return rows


def gaps_of(parts: Sequence[Part], of_area: Sequence[Gap] = ()) -> list[dict[str, Any]]:
    """Each gap once, of the chosen layers and of those that rules ask, with how many plots it keeps open.

    `of_area`: those of the layer that is the area, whose polygons are not all there.
    """
    known = catalog.current()
    found: dict[tuple[Any, ...], dict[str, Any]] = {
        (gap.layer, gap.county, gap.kind, gap.message): _gap_told(
            known, gap.layer, gap.county, gap.kind, gap.message
        )
        for gap in of_area
    }
    for one in parts:
        gaps = [(gap.layer, gap.county, gap.kind, gap.message) for gap in one.laid.unknown]
        gaps += [
            (gap["layer"], gap["county"], gap["kind"], gap["message"])
            for gap in (one.verdict.told or {"gaps": []})["gaps"]
        ]
        if one.verdict.told is None:
            gaps.append(("admin_county", None, "partial", "地块不在本州县市界线之内，没有核查。"))
        for key in dict.fromkeys(gaps):
            layer, county, kind, message = key
            row = found.setdefault(key, _gap_told(known, layer, county, kind, message))
            row["plots"] += 1
    return sorted(
        found.values(), key=lambda row: (row["layer"], row["county"] or "", row["kind"], row["message"])
    )


def _gap_told(
    known: catalog.Catalog, layer: str, county: str | None, kind: str, message: str
) -> dict[str, Any]:
    told = known.layer(layer)
    return {
        "layer": layer, "title": told.title, "county": county, "kind": kind, "message": message, "owner": told.owner,
        "plots": 0,
    }  # fmt: skip


def plot_told(one: Part) -> dict[str, Any]:
    told = one.verdict.told
    return {
        "plot": one.place,
        "polygon": one.plot.polygon,
        "no": one.plot.no,
        "name": one.plot.name,
        "planned_use": used_told(one.plot.use),
        "use": one.name,
        "area_m2": area(one.plot.shape),
        "counted_m2": area(one.own),
        "verdict": headline(one.verdict, one.laid),
        "complete": bool(told and told["complete"]) and not one.laid.unknown,
        "counties": list(one.laid.counties),
        "touched": [
            {
                "layer": layer,
                "features": len(hits),
                "area_m2": area(one.laid.unions[layer]) if layer in one.laid.unions else 0.0,
            }
            for layer, hits in _hits_by_layer(one).items()
        ],
    }


def _hits_by_layer(one: Part) -> Mapping[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for hit in one.laid.hits:
        found.setdefault(hit.layer, []).append(hit)
    return found


def conflicts_of(parts: Sequence[Part], order: Sequence[str]) -> list[dict[str, Any]]:
    """Every finding about a feature, the worst first, then the largest; what its rule says stands in `rules_of`."""
    found = [
        {
            "plot": one.place,
            "no": one.plot.no,
            "use": one.name,
            **{name: value for name, value in finding.items() if name not in OF_RULE},
        }
        for one in parts
        for finding in _findings(one)
        if finding["feature"] is not None
    ]
    return sorted(found, key=lambda row: _severity(row, order))


def rules_of(parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Rule → what every finding of it says alike: said once, for there may be many."""
    return {
        finding["rule"]: {name: finding[name] for name in OF_RULE if name in finding}
        for one in parts
        for finding in _findings(one)
    }


def _findings(one: Part) -> list[dict[str, Any]]:
    return list(one.verdict.told["findings"]) if one.verdict.told else []


def _severity(row: Mapping[str, Any], order: Sequence[str]) -> tuple[Any, ...]:
    area = row["overlap_area_m2"] or 0.0
    return order.index(row["verdict"]), -area, row["plot"], row["rule"], row["feature"]["id"]


def remarks_of(parts: Sequence[Part], order: Sequence[str]) -> list[dict[str, Any]]:
    """Findings about no feature (what the request leaves open, gaps): each rule once, with its number of plots."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in parts:
        seen = set()
        for finding in _findings(one):
            key = (finding["rule"], finding["verdict"], ",".join(finding["missing"]))
            if finding["feature"] is not None or key in seen:
                continue
            seen.add(key)
            kept = {name: finding[name] for name in ("rule", "verdict", "missing")}
            row = found.setdefault(key, {**kept, "plots": 0, "area_m2": 0.0})
            row["plots"] += 1
            row["area_m2"] += crs.area_m2(one.plot.shape)
    return _rounded(sorted(found.values(), key=lambda row: (order.index(row["verdict"]), row["rule"])))


def _rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}
        for row in rows
    ]
