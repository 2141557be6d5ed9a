"""Plots judged as the parcels of a batch are, in the same function, each with its own planned use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from shapely.geometry.base import BaseGeometry

from spatial.batch.judging import Judged, Terms, judge_files, write_chunk
from spatial.batch.near import features_near
from spatial.checks import Question, reach_on
from spatial.landuse import Use
from spatial.measure import OutOfTime
from spatial.overlay import known_layers, shapes_of
from spatial.overlays.area import Plot
from spatial.overlays.partition import by_verdict
from spatial.rules.book import RuleBook

AT_ONCE = 40
"""Plots of one use that are judged between two signs of progress."""
LATE = "check_timeout"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Verdict:
    """What a check of a plot says. `told` is its answer, None where the plot lies outside all counties; `grounds`: the
    plot's ground by the worst verdict that holds there."""

    told: dict[str, Any] | None
    grounds: dict[str, BaseGeometry]


def judged(
    plots: Sequence[Plot],
    question: Question,
    revision: int,
    as_of: date,
    book: RuleBook,
    progress: Progress,
) -> list[Verdict]:
    """The verdict of each plot, in their order. Raises OutOfTime: there is no answer for some of them."""
    reach = reach_on(as_of)
    known = known_layers(sorted(reach), as_of, revision)
    found: list[Verdict | None] = [None] * len(plots)
    done = 0
    with tempfile.TemporaryDirectory(prefix="jingtu-") as folder:
        for use, places in _by_use(plots):
            progress("judging", done, len(plots))
            shapes = np.empty(len(places), dtype=object)
            shapes[:] = [plots[at].shape for at in places]
            rows = features_near(shapes, reach, revision, as_of)
            asked = vars(question) | {"proposed_use": use}
            terms = Terms(asked, known, reach, as_of, float(settings.JINGTU_CHECK_SECONDS))
            parcels, features = write_chunk(Path(folder), 0, shapes, [plots[at].no for at in places], rows)
            there: dict[str, dict[str, BaseGeometry]] = {}
            for row, shape in zip(rows, shapes_of(rows), strict=True):
                if "Polygon" in shape.geom_type:
                    there.setdefault(row.layer, {})[str(row.id)] = shape
            for at, one in zip(places, judge_files(parcels, features, terms), strict=True):
                found[at] = _verdict(plots[at], one, there, book)
            done += len(places)
    return [one for one in found if one is not None]


def _by_use(plots: Sequence[Plot]) -> Iterator[tuple[Use | None, list[int]]]:
    by_use: dict[Use | None, list[int]] = {}
    for at, plot in enumerate(plots):
        by_use.setdefault(plot.use, []).append(at)
    for use, places in by_use.items():
        for start in range(0, len(places), AT_ONCE):
            yield use, places[start : start + AT_ONCE]


def _verdict(plot: Plot, one: Judged, there: dict[str, dict[str, BaseGeometry]], book: RuleBook) -> Verdict:
    if one.told is None:
        if one.refusal and one.refusal[0] == LATE:
            raise OutOfTime
        return Verdict(None, {"undetermined": plot.shape})
    own = {
        finding["layer"] if finding["feature"] is None else finding["feature"]["layer"]
        for finding in one.told["findings"]
        if finding["overlap_area_m2"]
    }
    near = {
        layer: {key: shape for key, shape in there.get(layer, {}).items() if _meets(plot.shape, shape)}
        for layer in own
    }
    grounds = by_verdict(
        plot.shape, one.told["findings"], near, book.verdict_order, complete=one.told["complete"]
    )
    return Verdict(one.told, grounds)


def _meets(plot: BaseGeometry, shape: BaseGeometry) -> bool:
    return bool(shapely.box(*plot.bounds).intersects(shapely.box(*shape.bounds)))
