"""The task of a worker: the answers of one file of parcels, from the file of the features near them. No database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import django
import pyarrow.parquet as pq
import shapely

from spatial import catalog, rules
from spatial.batch.files import shapes_in, write_shapes
from spatial.batch.near import near_each
from spatial.certainty import PositionErrors, position_errors
from spatial.measure import OutOfTime
from spatial.overlay import COUNTY_LAYER, Known, Row, around, candidates

SHARED: dict[str, Callable[[Any], float]] = {
    "polygon": shapely.area,
    "line": shapely.length,
    "point": lambda part: 0.0,
}


class Judged(NamedTuple):
    """What became of a parcel: what is told of it, or the code and message of why nothing can be.

    `overlaps`: what overlaps it, by feature id, and how much: square degrees, degrees of a line, 0 of a point.
    """

    told: dict[str, Any] | None
    refusal: tuple[str, str] | None = None
    overlaps: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Terms:
    """What is the same for all parcels of a batch; small enough to be sent with each call.

    `asked`: the fields of a Question, not one itself: that class needs Django set up, which the task does first.
    """

    asked: Mapping[str, Any]
    known: Known
    reach_m: Mapping[str, float]
    as_of: date
    seconds: float


def write_chunk(
    folder: Path, place: int, shapes: Any, numbers: list[str | None], rows: list[Any]
) -> list[Path]:
    """The two files of a chunk: its parcels, and the features near them."""
    names = ("id", "layer", "code", "name", "county", "has_boundary", "attributes")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    found = shapely.from_wkb([bytes(row.geom) for row in rows])
    return [
        write_shapes(folder / f"parcels-{place}.parquet", shapes, {"parcel_no": numbers}),
        write_shapes(folder / f"features-{place}.parquet", found, columns),
    ]


def set_up() -> PositionErrors:
    """Make this process one that can judge: settings, catalog and rules are read, no connection is made."""
    django.setup()
    import_module("spatial.checks")
    return position_errors(catalog.current(), rules.current())


def judge_files(parcels: Path, features: Path, terms: Terms) -> list[Judged]:
    """Judge the parcels of a file in its order, each as `run_check` judges it alone."""
    errors = set_up()
    from spatial import checks

    table, near = pq.read_table(parcels), pq.read_table(features)
    asked, shapes = shapes_in(table), shapes_in(near)
    shapely.prepare(shapes)
    rows = [
        Row(kind="feature", geom=None, **{k: v for k, v in row.items() if k != "geometry"})
        for row in near.drop_columns(["geometry"]).to_pylist()
    ]
    places = near_each(asked, shapes, [row.layer for row in rows], terms.reach_m)
    found = []
    for parcel, number, at in zip(asked, table.column("parcel_no").to_pylist(), places, strict=True):
        question = checks.Question(**{**terms.asked, "parcel": parcel, "parcel_no": number})
        try:
            near_rows, near_shapes = [rows[n] for n in at], [shapes[n] for n in at]
            lying = candidates(parcel, near_rows, near_shapes, terms.reach_m, terms.seconds, errors)
            outlines = [
                shape for row, shape in zip(near_rows, near_shapes, strict=True) if row.layer == COUNTY_LAYER
            ]
            facts = around(parcel, lying, terms.known, outlines, terms.reach_m[COUNTY_LAYER])
            told = checks.answered(question, facts, terms.as_of)
        except checks.ParcelOutside as error:
            found.append(Judged(None, ("outside_region", str(error))))
        except OutOfTime:
            found.append(
                Judged(None, ("check_timeout", "地块太大或太复杂，没有在限定时间内量完，请拆分后再核查。"))
            )
        else:
            found.append(
                Judged(
                    told,
                    None,
                    tuple(
                        (one.id, float(SHARED[one.shape](one.measured.part)))
                        for one in lying
                        if one.measured.overlaps
                    ),
                )
            )
    return found
