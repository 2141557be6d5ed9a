"""Facts: what lies on or near a parcel, measured, with what is known and not known there. No law in here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.certainty import PositionErrors, certainty_of
from spatial.measure import Measured, Union, measure, union_of
from spatial.rules.facts import Certainty

UNCOVERED = 1e-6
"""Share of the ground around a parcel that two neighbouring outlines may leave open between them."""
COUNTY_LAYER = "admin_county"
"""The layer whose features say in which counties a parcel lies."""


def statement(name: str) -> str:
    """A file of spatial/sql, with what is known of a day that is past (past.sql, known.sql) put in its place."""
    folder = Path(__file__).parent / "sql"
    text = (folder / name).read_text("utf-8")
    for part in ("past", "known"):
        text = text.replace(f"{{{part}}}", (folder / f"{part}.sql").read_text("utf-8").strip())
    return text


_SQL = statement("overlay.sql")


@dataclass(frozen=True)
class Candidate:
    """A feature of a stored layer within reach of the parcel, and how it lies to it (see spatial.rules.facts)."""

    id: str
    layer: str
    code: str | None
    name: str | None
    county: str | None
    has_boundary: bool
    attributes: Mapping[str, Any]
    shape: str
    measured: Measured
    certainty: Certainty = "certain"
    position_error_m: float | None = None


@dataclass(frozen=True)
class Covered:
    """That a layer is known for a county; `area` (EPSG:4490) narrows it to a part, None is the whole county.

    `data_date`: the day that the newest data tell of; `known_date`: that of the newest that are not later than the day
    asked, None where all are later.
    """

    state: str
    data_date: date
    known_date: date | None
    release: str | None
    area: BaseGeometry | None


@dataclass(frozen=True)
class Known:
    """What is known of the layers as a whole, in one revision and on one day.

    `left_out`: delivered rows of a layer that wait for a person and may lie in a county, so that nobody knows what
    they would have said there. `unlocated`: entries without a shape; county None: of no known county.
    `outlines`: the counties whose boundary is known.
    """

    revision: int
    release: str | None
    coverage: Mapping[tuple[str, str], Covered]
    left_out: Mapping[tuple[str, str], int]
    unlocated: Mapping[tuple[str, str | None], int]
    outlines: frozenset[str]


@dataclass(frozen=True)
class Overlay(Known):
    """One snapshot of the data around a parcel; areas in m² on the ellipsoid.

    `surrounded`: as far as rules look, all ground lies within outlines of counties.
    """

    parcel: BaseGeometry
    parcel_area_m2: float
    features: tuple[Candidate, ...]
    unions: Mapping[str, Union] = field(repr=False)
    surrounded: bool

    def covered_share(self, ids: frozenset[str]) -> float:
        """Share 0..1 of the parcel under the union of some of its features."""
        parts = [
            f.measured.part
            for f in self.features
            if f.id in ids and f.measured.overlaps and f.shape == "polygon"
        ]
        found = [part for part in parts if part is not None]
        return min(union_of(found).area_m2 / self.parcel_area_m2, 1.0) if found else 0.0

    def pieces(self, layer: str) -> list[tuple[float, float]]:
        """Area in m² and perimeter in m of each polygon's overlap of a layer, and of each piece of their union."""
        own = [
            f.measured.part
            for f in self.features
            if f.layer == layer and f.measured.overlaps and f.shape == "polygon"
        ]
        found = [*shapely.get_parts(self.unions[layer].part), *(part for part in own if part is not None)]
        return [(crs.area_m2(part), crs.length_m(part)) for part in found]


def overlay(
    parcel: BaseGeometry,
    reach_m: Mapping[str, float],
    as_of: date,
    known_at: datetime | None = None,
    seconds: float = float("inf"),
    errors: PositionErrors | None = None,
) -> Overlay:
    """Measure every feature of the layers in `reach_m` that lies within that many metres of the parcel.

    `parcel` is a valid MultiPolygon in EPSG:4490. Features count that are valid on `as_of` in the revision that was
    newest at `known_at` (None: now). One statement reads it all, so that facts, coverage and revision are of one
    moment. `errors`: what is stated of boundaries; without it every overlap is certain. Raises
    spatial.measure.OutOfTime when measuring takes longer than `seconds`.
    """
    west, south, east, north = parcel.bounds
    layers = sorted(reach_m)
    widened = [crs.degrees_for(reach_m[layer], max(abs(south), abs(north))) for layer in layers]
    rows = _read(
        {
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "layers": layers,
            "dx": [dx for dx, _ in widened],
            "dy": [dy for _, dy in widened],
            "as_of": as_of,
            "known_at": known_at,
            "revision": None,
            "county_layer": COUNTY_LAYER,
        }
    )
    near = [row for row in rows if row.kind == "feature"]
    shapes = shapes_of(near)
    features = candidates(parcel, near, shapes, reach_m, seconds, errors)
    outlines = [shape for row, shape in zip(near, shapes, strict=True) if row.layer == COUNTY_LAYER]
    return around(parcel, features, _known(rows), outlines, reach_m.get(COUNTY_LAYER, 0.0))


def known_layers(layers: Sequence[str], as_of: date, revision: int | None = None) -> Known:
    """What is known of the layers in a revision, None the newest, without a look at any feature's shape."""
    nowhere = dict.fromkeys(("west", "south", "east", "north", "known_at"))
    of_no_width = [0.0] * len(layers)
    given = {
        "layers": sorted(layers),
        "dx": of_no_width,
        "dy": of_no_width,
        "as_of": as_of,
        "revision": revision,
        "county_layer": COUNTY_LAYER,
    }
    return _known(_read({**nowhere, **given}))


def _read(given: Mapping[str, Any]) -> list[Row]:
    """The rows of the statement. It is prepared: planning it takes as long as running it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return [Row(*row) for row in cursor.execute(_SQL, given, prepare=True, binary=True).fetchall()]


def around(
    parcel: BaseGeometry,
    features: tuple[Candidate, ...],
    known: Known,
    outlines: Sequence[BaseGeometry],
    reach_m: float,
) -> Overlay:
    """The features measured, together with what is known of their layers.

    `outlines`: those of counties within `reach_m`, how far the rules look.
    """
    return Overlay(
        revision=known.revision,
        release=known.release,
        coverage=known.coverage,
        left_out=known.left_out,
        unlocated=known.unlocated,
        outlines=known.outlines,
        parcel=parcel,
        parcel_area_m2=crs.area_m2(parcel),
        features=features,
        unions=_unions(features),
        surrounded=_covers(outlines, parcel, reach_m),
    )


def _covers(outlines: Sequence[BaseGeometry], parcel: BaseGeometry, reach_m: float) -> bool:
    """Whether all that lies within reach of the parcel's box is covered."""
    west, south, east, north = parcel.bounds
    dx, dy = crs.degrees_for(reach_m, max(abs(south), abs(north)))
    around = shapely.box(west - dx, south - dy, east + dx, north + dy)
    parts = shapely.clip_by_rect(np.array(outlines, dtype=object), *around.bounds)
    return bool(shapely.union_all(parts).area >= around.area * (1 - UNCOVERED))


def _known(rows: list[Row]) -> Known:
    head = next(row for row in rows if row.kind == "revision")
    return Known(
        revision=int(head.id or 0),
        release=_json(head.attributes)["release"],
        coverage=dict(_coverage(rows)),
        outlines=frozenset(_json(head.attributes)["outlines"] or ()),
        left_out={
            (row.layer, str(row.county)): _json(row.attributes)["rows"]
            for row in rows
            if row.kind == "left_out"
        },
        unlocated={
            (row.layer, row.county): _json(row.attributes)["entries"]
            for row in rows
            if row.kind == "unlocated"
        },
    )


@dataclass(frozen=True)
class Row:
    """A row of the statement as it comes."""

    kind: str
    id: str | None
    layer: str
    code: str | None
    name: str | None
    county: str | None
    has_boundary: bool | None
    attributes: Any
    geom: bytes | None


def _json(value: Any) -> Any:
    """jsonb as Django's connection hands it over: text, because Django registers no loader of its own for raw SQL."""
    return json.loads(value) if isinstance(value, str) else value


def _coverage(rows: list[Row]) -> Iterator[tuple[tuple[str, str], Covered]]:
    for row in rows:
        if row.kind == "coverage":
            area = shapely.from_wkb(bytes(row.geom)) if row.geom is not None else None
            for layer, county, state, data_date, known_date, release in _json(row.attributes):
                known = date.fromisoformat(known_date) if known_date else None
                yield (layer, county), Covered(state, date.fromisoformat(data_date), known, release, area)


def attributes_of(row: Row) -> dict[str, Any]:
    """The attributes of a row of a feature."""
    return dict(_json(row.attributes) or {})


def shapes_of(rows: Sequence[Row]) -> list[BaseGeometry]:
    return list(shapely.from_wkb([bytes(row.geom or b"") for row in rows]))


def candidates(
    parcel: BaseGeometry,
    rows: Sequence[Row],
    shapes: Sequence[BaseGeometry],
    reach_m: Mapping[str, float],
    seconds: float = float("inf"),
    errors: PositionErrors | None = None,
) -> tuple[Candidate, ...]:
    """The features within reach of a parcel, measured; `shapes` are those of the rows."""
    found = measure(parcel, shapes, [reach_m[row.layer] for row in rows], seconds)
    near = [
        Candidate(
            id=str(row.id),
            layer=row.layer,
            code=row.code,
            name=row.name,
            county=row.county,
            has_boundary=bool(row.has_boundary),
            attributes=_json(row.attributes),
            shape={"Point": "point", "MultiLineString": "line"}.get(shape.geom_type, "polygon"),
            measured=result,
        )
        for row, shape, result in zip(rows, shapes, found, strict=True)
        if result.distance_m != float("inf")
    ]
    if errors is not None:
        places = {str(row.id): shape for row, shape in zip(rows, shapes, strict=True)}
        near = [_with_certainty(one, parcel, places[one.id], errors) for one in near]
    return tuple(sorted(near, key=lambda c: (c.layer, int(c.id))))


def _with_certainty(
    candidate: Candidate, parcel: BaseGeometry, shape: BaseGeometry, errors: PositionErrors
) -> Candidate:
    error = errors.together_m(candidate.layer, candidate.attributes) if candidate.has_boundary else None
    if error is None:
        return candidate
    certainty = certainty_of(parcel, shape, candidate.measured, error)
    return replace(candidate, certainty=certainty, position_error_m=error)


def _unions(features: tuple[Candidate, ...]) -> dict[str, Union]:
    parts: dict[str, list[BaseGeometry]] = {}
    for feature in features:
        if feature.shape == "polygon" and feature.measured.overlaps and feature.measured.part is not None:
            parts.setdefault(feature.layer, []).append(feature.measured.part)
    return {layer: union_of(found) for layer, found in parts.items()}
