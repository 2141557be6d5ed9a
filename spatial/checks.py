"""A parcel check: facts, then judgement, then an answer that is kept as it was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction
from django.utils import timezone
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from spatial import answer, audit, cadastre, catalog, crs, rules
from spatial.certainty import position_errors
from spatial.coverage import COUNTY_LAYER, counties_of, gaps_of
from spatial.landuse import Use
from spatial.models import AuditEntry, CheckRun
from spatial.overlay import Candidate, Overlay, overlay
from spatial.releases import lock
from spatial.rules import Facts, Feature, LayerFacts, Request

_NEXT = """
SELECT coalesce((SELECT max(number) FROM spatial_revision), 0), nextval('spatial_check_number')
"""


class ParcelOutside(ValueError):
    """The parcel does not meet the region at all; its message says so in Chinese."""


@dataclass(frozen=True)
class Question:
    """What is asked of a parcel (valid MultiPolygon in EPSG:4490). What is left out is unknown, never assumed.

    `cadastral`: asked by its number alone; the boundary is the cadastre's, and moves with it when it is asked again.
    `declared_area_m2`: what the file says; kept for papers, and no part of the answer.
    """

    parcel: BaseGeometry
    action: str | None = None
    proposed_use: Use | None = None
    current_use: Use | None = None
    project: Mapping[str, object] = field(default_factory=dict)
    purpose: str = ""
    as_of: date | None = None
    known_at: datetime | None = None
    parcel_no: str | None = None
    cadastral: bool = False
    declared_area_m2: float | None = None


def run_check(question: Question, asked_by: int | None = None, follows: CheckRun | None = None) -> CheckRun:
    """Check a parcel against every layer that takes part, and keep the answer.

    All data are read in one statement, so the answer names one revision and is right for it; nothing is held in the
    database while it is measured. Where a release is switched meanwhile it is measured again: no answer is stored that
    was out of date before. `follows`: the earlier answer that is asked again. Raises ParcelOutside and
    spatial.measure.OutOfTime.
    """
    errors = position_errors(catalog.current(), rules.current())
    while True:
        now = timezone.now()
        as_of = question.as_of or timezone.localdate(now)
        facts = overlay(
            question.parcel, reach_on(as_of), as_of, question.known_at, settings.JINGTU_CHECK_SECONDS, errors
        )
        told = answered(question, facts, as_of)
        with transaction.atomic():
            newest, count = _about_to_store()
            if question.known_at is None and newest != facts.revision:
                continue
            run = record(question, told, now, count, asked_by)
            run.follows = follows
            with connection.wrap_database_errors, connection.connection.pipeline():
                run.save(force_insert=True)
                audit.record(
                    "check",
                    asked_by,
                    run.number,
                    counties=run.counties,
                    verdict=run.verdict,
                    complete=run.complete,
                    purpose=run.purpose,
                    fingerprint=run.fingerprint,
                    follows=follows.number if follows else None,
                )
            return run


def _about_to_store() -> tuple[int, int]:
    """Hold `answers`; then the newest revision, and the count of the next answer. All in one round trip.

    Two statements: the second one's snapshot is made after the lock is held.
    """
    with connection.wrap_database_errors, connection.connection.pipeline():
        lock("answers", shared=True)
        cursor = psycopg.Cursor(connection.connection)
        cursor.execute(_NEXT, prepare=True)
    newest, count = cursor.fetchone() or (0, 0)
    return newest, count


def reach_on(as_of: date) -> dict[str, float]:
    """How far from a parcel each layer is looked at under the rules in force on a day, the counties farthest."""
    book = rules.current()
    errors = position_errors(catalog.current(), book)
    reach = {
        layer: max(book.reach_m(layer), errors.reach_m(layer)) for layer in sorted(book.layers_asked(as_of))
    }
    return reach | {COUNTY_LAYER: max(reach.values(), default=0.0)}


def answered(question: Question, facts: Overlay, as_of: date) -> dict[str, Any]:
    """What is told of a parcel: judged, without number and time. Reads no database. Raises ParcelOutside."""
    known, book = catalog.current(), rules.current()
    reach = {layer: book.reach_m(layer) for layer in sorted(book.layers_asked(as_of))}
    parts = counties_of(facts, known)
    if not parts and all((COUNTY_LAYER, county) in facts.coverage for county in known.counties):
        raise ParcelOutside(f"地块不在{known.region.name}的县市范围内。")
    gaps = gaps_of(facts, known, reach, parts, as_of)
    request = Request(question.action, question.proposed_use, question.current_use, question.project)
    judgement = rules.evaluate(book, known, _facts(facts, known, gaps), request, as_of)
    counties = sorted(parts) or sorted(known.counties)
    told: dict[str, Any] = {
        "verdict": judgement.verdict,
        "complete": judgement.complete,
        "as_of": as_of.isoformat(),
        "action": question.action,
        "proposed_use": used_told(question.proposed_use),
        "current_use": used_told(question.current_use),
        "project": dict(question.project),
        "parcel": {
            "parcel_no": question.parcel_no,
            "area_m2": answer.area(facts.parcel_area_m2),
            "counties": counties,
            "geometry": answer.geojson(question.parcel),
        },
        "findings": answer.findings_of(judgement, book),
        "layers": answer.layers_of(known, facts, list(reach), counties, gaps),
        "gaps": answer.gaps_told(known, gaps),
        "versions": {
            "revision": facts.revision,
            "release": facts.release,
            "catalog": known.digest,
            "rules": book.digest,
        },
    }
    return told | {"fingerprint": answer.fingerprint(told), "county": next(iter(parts), known.region.code)}


def next_numbers(many: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('spatial_check_number') FROM generate_series(1, %s)", [many])
        return [row[0] for row in cursor.fetchall()]


def record(
    question: Question, told: dict[str, Any], now: datetime, count: int, asked_by: int | None
) -> CheckRun:
    """The row that keeps an answer, not yet stored; `count` is its number of the sequence."""
    told = dict(told)
    print_, county = told.pop("fingerprint"), told.pop("county")
    number = f"JT-{county}-{timezone.localdate(now):%Y%m%d}-{count:06d}"
    run = CheckRun(
        number=number,
        checked_at=now,
        asked_by_id=asked_by,
        counties=told["parcel"]["counties"],
        parcel=stored_geometry(question.parcel),
        as_of=date.fromisoformat(told["as_of"]),
        revision=told["versions"]["revision"],
        verdict=told["verdict"],
        complete=told["complete"],
        purpose=question.purpose,
        request={
            "parcel_no": question.parcel_no,
            "as_of": question.as_of.isoformat() if question.as_of else None,
            "known_at": question.known_at.isoformat() if question.known_at else None,
            "cadastral": question.cadastral,
            "declared_area_m2": question.declared_area_m2,
        },
        fingerprint=print_,
    )
    run.answer = {
        "id": str(run.id),
        "number": number,
        "checked_at": now.isoformat(),
        "purpose": question.purpose,
        "known_at": run.request["known_at"],
        **told,
        "fingerprint": print_,
    }
    return run


def is_unchanged(run: CheckRun) -> bool:
    """Whether an answer says what it said when it was given: by its fingerprint, by its row, and by the audit trail.

    What the fingerprint leaves out (number, time, purpose) stands in the row and in the entry of the trail as well.
    """
    told = run.answer
    row = (run.number, run.verdict, run.complete, run.purpose, run.fingerprint)
    same = row == tuple(told[name] for name in ("number", "verdict", "complete", "purpose", "fingerprint"))
    same = same and told.get("known_at") == run.request["known_at"]
    if not same or datetime.fromisoformat(told["checked_at"]) != run.checked_at:
        return False
    entry = AuditEntry.objects.filter(action="check", object=run.number).first()
    if entry is not None:
        said = json.loads(entry.said)
        if any(said[name] != told[name] for name in ("verdict", "complete", "purpose", "fingerprint")):
            return False
    return answer.fingerprint(told) == run.fingerprint


def question_of(run: CheckRun) -> Question:
    """The question that led to an answer, to be asked of the newest data. Raises spatial.cadastre.ParcelUnknown."""
    told = run.answer
    asked = run.request["as_of"]
    as_of = date.fromisoformat(asked) if asked else None
    cadastral, parcel_no = run.request.get("cadastral", False), told["parcel"]["parcel_no"]
    return Question(
        parcel=cadastre.boundary(parcel_no, as_of or timezone.localdate())
        if cadastral
        else shape(told["parcel"]["geometry"]),
        action=told["action"],
        proposed_use=_used(told["proposed_use"]),
        current_use=_used(told["current_use"]),
        project=told["project"],
        purpose=run.purpose,
        as_of=as_of,
        parcel_no=parcel_no,
        cadastral=cadastral,
        declared_area_m2=run.request.get("declared_area_m2"),
    )


def stored_geometry(shape: BaseGeometry) -> Any:
    """A shapely shape as Django stores it."""
    return GEOSGeometry(memoryview(shape.wkb), srid=crs.STORAGE)


def _used(told: Mapping[str, str] | None) -> Use | None:
    return Use(told["system"], told["code"]) if told else None


def used_told(use: Use | None) -> dict[str, str] | None:
    """A use as answers tell it."""
    return {"system": use.system, "code": use.code} if use else None


def _facts(found: Overlay, known: catalog.Catalog, gaps: tuple[rules.Gap, ...]) -> Facts:
    return Facts(
        parcel_area_m2=found.parcel_area_m2,
        features=tuple(
            _feature(found, known, candidate)
            for candidate in found.features
            if candidate.layer != COUNTY_LAYER
        ),
        layers={
            layer: LayerFacts(
                layer, union.area_m2, union.perimeter_m, min(union.area_m2 / found.parcel_area_m2, 1.0)
            )
            for layer, union in found.unions.items()
            if layer != COUNTY_LAYER
        },
        gaps=gaps,
        covered_share=found.covered_share,
        pieces=found.pieces,
    )


def _feature(found: Overlay, known: catalog.Catalog, candidate: Candidate) -> Feature:
    measured = candidate.measured
    attributes = dict(candidate.attributes)
    if known.layer(candidate.layer).register:
        attributes["has_boundary"] = candidate.has_boundary
    return Feature(
        id=candidate.id,
        layer=candidate.layer,
        code=candidate.code,
        name=candidate.name,
        attributes=attributes,
        shape=candidate.shape,  # type: ignore[arg-type]
        overlaps=measured.overlaps,
        overlap_area_m2=measured.area_m2,
        overlap_length_m=measured.length_m,
        overlap_share=min(measured.area_m2 / found.parcel_area_m2, 1.0),
        distance_m=measured.distance_m,
        county=candidate.county,
        has_boundary=candidate.has_boundary,
        certainty=candidate.certainty,
        position_error_m=candidate.position_error_m,
    )
