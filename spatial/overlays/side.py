"""One side of an overlay: an area on a day, as tables that add up and as shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import answer, catalog, crs, rules
from spatial.checks import Question
from spatial.coverage import gaps_of_layer
from spatial.geometry import polygons_of
from spatial.overlay import known_layers
from spatial.overlays.area import (
    Allowed,
    Area,
    Plot,
    class_of,
    plots_of,
    polygons_of_area,
    source_of_uses,
)
from spatial.overlays.judged import Progress, Verdict, judged
from spatial.overlays.laid import Laid, lay, unknown_ground
from spatial.overlays.partition import area, by_layers, common, less, overlapping, require_sum, split, worst
from spatial.overlays.tables import (
    UNDETERMINED,
    Part,
    by_layer,
    conflicts_of,
    gaps_of,
    headline,
    layers_of,
    plot_told,
    remarks_of,
    rules_of,
    summed,
    unrestricted,
    uses,
    verdicts_of,
)
from spatial.rules import Gap

MOST_PLOTS = 20_000
DUST_M2 = 1e-3
"""What cutting leaves of nothing is no piece; that the pieces add up is looked at afterwards."""


class NoPolygons(ValueError):
    """The area holds no polygon on that day."""


class TooManyPlots(ValueError):
    """More plots than one overlay judges; its message is their number."""


@dataclass(frozen=True)
class Shape:
    """A shape of the result. `kind`: plot, piece (ground by exactly which layers lie on it, counted once), hit (a
    feature's part in a plot). `layer`: of a hit."""

    kind: str
    place: int
    layer: str
    told: dict[str, Any]
    geometry: BaseGeometry


@dataclass(frozen=True)
class Side:
    """What is told of one side, and its shapes. `shown`: layer → counties whose rows stand in it."""

    told: dict[str, Any]
    shapes: list[Shape]
    shown: dict[str, list[str]]


def side_of(
    asked: Area,
    layers: Sequence[str],
    allowed: Allowed,
    question: Question,
    revision: int,
    as_of: date,
    progress: Progress,
) -> Side:
    """Lay the layers on the area and judge its plots, all in one revision.

    Raises NoPolygons, area.CodesUnknown, TooManyPlots, spatial.measure.OutOfTime, partition.DoesNotAddUp: never a
    part of the result.
    """
    book = rules.current()
    polygons, counties = polygons_of_area(asked, revision, as_of)
    if not polygons:
        raise NoPolygons
    plots, planned_by = plots_of(polygons, revision, as_of, allowed)
    if len(plots) > MOST_PLOTS:
        raise TooManyPlots(str(len(plots)))
    missing = _not_there(asked, revision, as_of)
    verdicts = judged(plots, question, revision, as_of, book, progress)
    laid, known = lay(plots, layers, allowed, revision, as_of, progress)
    progress("adding", 0, len(plots))
    parts = _counted(plots, verdicts, laid, book.verdict_order)
    ground = polygons_of(shapely.union_all([polygon.shape for polygon in polygons]))
    whole = crs.area_m2(ground)
    pieces = [shape for one in parts for shape in _pieces(one)]
    told: dict[str, Any] = {
        "area": {
            "title": asked.title,
            "layer": asked.layer,
            "codes": list(asked.codes),
            "polygons": len(polygons),
            "plots": len(plots),
            "area_m2": area(ground),
            "counted_twice_m2": round(max(sum(crs.area_m2(one.shape) for one in polygons) - whole, 0.0), 2),
            "counties": sorted({county for one in laid for county in one.counties}),
        },
        "as_of": as_of.isoformat(),
        "verdict": min(
            [*(headline(one.verdict, one.laid) for one in parts), *([UNDETERMINED] if missing else [])],
            key=book.verdict_order.index,
        ),
        "complete": not missing
        and all(one.verdict.told and one.verdict.told["complete"] and not one.laid.unknown for one in parts),
        "uses": uses(parts),
        "partition": summed([piece.told for piece in pieces]),
        "verdicts": verdicts_of(parts),
        "by_layer": by_layer(parts, layers),
        "layers": layers_of(parts, layers, known, whole),
        "gaps": gaps_of(parts, missing),
        "plots": [plot_told(one) for one in parts],
        "conflicts": conflicts_of(parts, book.verdict_order),
        "remarks": remarks_of(parts, book.verdict_order),
        "rules": rules_of(parts),
    }
    for table in ("uses", "partition", "verdicts"):
        require_sum([row["area_m2"] for row in told[table]], whole)
    shapes = [_whole(one) for one in parts] + pieces + [shape for one in parts for shape in _hits(one)]
    shown: dict[str, set[str]] = {asked.layer: set(counties)} if asked.layer else {}
    if planned_by and (source := source_of_uses()):
        shown.setdefault(source.id, set()).update(planned_by)
    for one in laid:
        for hit in one.hits:
            shown.setdefault(hit.layer, set()).add(hit.county or "")
    return Side(told, shapes, {layer: sorted(names) for layer, names in shown.items()})


def _not_there(asked: Area, revision: int, as_of: date) -> tuple[Gap, ...]:
    """Why polygons of the layer that is the area may be missing; those that are named are there (CodesUnknown)."""
    if asked.layer is None or asked.codes:
        return ()
    known, everything = known_layers([asked.layer], as_of, revision), catalog.current()
    counties = everything.counties if asked.counties is None else asked.counties
    return gaps_of_layer(known, everything, asked.layer, sorted(counties), as_of)


def _counted(
    plots: Sequence[Plot], verdicts: Sequence[Verdict], laid: Sequence[Laid], order: Sequence[str]
) -> list[Part]:
    """Ground in several plots counts once, in the plot of the worst verdict (the earlier of two), and under the worst
    that any of them says of it."""
    beside = overlapping([plot.shape for plot in plots])
    rank = [
        (order.index(headline(verdict, one)), at)
        for at, (verdict, one) in enumerate(zip(verdicts, laid, strict=True))
    ]
    told = [_never_clear(verdict.grounds, one, order) for verdict, one in zip(verdicts, laid, strict=True)]
    parts = []
    for at, (plot, verdict, one) in enumerate(zip(plots, verdicts, laid, strict=True)):
        before = [plots[other].shape for other in beside[at] if rank[other] < rank[at]]
        own, grounds = less(plot.shape, before), told[at]
        if beside[at]:
            grounds = worst(own, [grounds, *(told[other] for other in beside[at])], order)
        parts.append(Part(at, plot, verdict, one, own, grounds, class_of(plot.use)))
    return parts


def _never_clear(
    grounds: Mapping[str, BaseGeometry], laid: Laid, order: Sequence[str]
) -> Mapping[str, BaseGeometry]:
    """Where a chosen layer is not known, ground that is clear or has but a notice is undetermined, whether rules ask
    that layer or not."""
    free = [ground for verdict, ground in grounds.items() if verdict in unrestricted(order)]
    if not free or not laid.unknown:
        return grounds
    open_ = common(shapely.union_all(free), unknown_ground(laid))
    return worst(shapely.union_all(list(grounds.values())), [grounds, {UNDETERMINED: open_}], order)


def _pieces(one: Part) -> list[Shape]:
    """The plot's own ground by exactly which layers lie on it; where none does, by whether all are known there."""
    found = []
    for names, ground in by_layers(one.own, one.laid.unions).items():
        unknown = unknown_ground(one.laid, names)
        if names:
            found.append(_piece(one, names, ground, area(common(ground, unknown))))
        else:
            open_, known = split(ground, unknown)
            found += [_piece(one, (), open_, area(open_)), _piece(one, (), known, 0.0)]
    return [piece for piece in found if piece.told["area_m2"] >= DUST_M2]


def _piece(one: Part, names: tuple[str, ...], ground: BaseGeometry, open_m2: float) -> Shape:
    told = {
        "plot": one.place, "no": one.plot.no, "use": one.name, "layers": list(names), "known": open_m2 < DUST_M2,
        "area_m2": area(ground), "incomplete_m2": open_m2, "verdict": headline(one.verdict, one.laid),
    }  # fmt: skip
    return Shape("piece", one.place, "", told, ground)


def _whole(one: Part) -> Shape:
    told = {name: value for name, value in plot_told(one).items() if name not in ("touched", "planned_use")}
    return Shape("plot", one.place, "", told, one.plot.shape)


def _hits(one: Part) -> list[Shape]:
    return [
        Shape(
            "hit", one.place, hit.layer,
            {
                "plot": one.place, "no": one.plot.no, "use": one.name, "layer": hit.layer, "feature": hit.id,
                "code": hit.code, "name": hit.name, "county": hit.county,
                "area_m2": answer.area(hit.measured.area_m2), "length_m": answer.area(hit.measured.length_m),
            },
            hit.measured.part,
        )
        for hit in one.laid.hits if hit.measured.part is not None
    ]  # fmt: skip
