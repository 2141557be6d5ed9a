"""A batch in the database: chunks judged, answers stored with their place, begun again where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from spatial import audit, catalog, rules
from spatial.batch.engines import Run
from spatial.batch.judging import Judged, Terms, judge_files, write_chunk
from spatial.batch.near import features_near
from spatial.batch.second_opinion import differences, lying_on
from spatial.checks import Question, next_numbers, reach_on, record
from spatial.models import Batch, BatchParcel, CheckRun
from spatial.overlay import known_layers
from spatial.releases import lock

CHUNK = 125
"""Parcels that are judged and stored together."""


@dataclass(frozen=True)
class Asked:
    """One row of the file. `shape`: EPSG:4490, as it is judged; None where an error stands among the issues."""

    place: int
    row: int
    number: str
    shape: BaseGeometry | None
    issues: list[dict[str, Any]] = field(default_factory=list)
    declared_area_m2: float | None = None


@dataclass(frozen=True)
class _Chunk:
    asked: list[Asked]

    @property
    def judged(self) -> list[Asked]:
        return [one for one in self.asked if one.shape is not None]


def begin(question: Question, file_name: str, digest: str, *, compare: bool = False) -> Batch:
    """The batch of this file and question, on the newest revision: the one that was begun before, or a new one.

    One that compares (see `go_on`) is a batch of its own, so that no parcel of it goes without the second opinion.
    """
    as_of = question.as_of or timezone.localdate()
    revision = known_layers([], as_of).revision
    told = {
        "file": digest,
        "asked": repr((question.action, question.proposed_use, question.current_use, question.purpose)),
        "project": sorted((name, repr(value)) for name, value in question.project.items()),
        "as_of": as_of.isoformat(),
        "revision": revision,
        "catalog": catalog.current().digest,
        "rules": rules.current().digest,
        "compare": compare,
    }
    key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    new = {"file_name": file_name, "as_of": as_of, "revision": revision}
    with transaction.atomic():
        batch, is_new = Batch.objects.get_or_create(key=key, defaults=new)
        if is_new:
            audit.record("batch", None, file_name, batch=str(batch.pk), sha256=digest, revision=revision)
    return batch


def go_on(
    batch: Batch,
    question: Question,
    chunks: Iterator[list[Asked]],
    run: Run,
    folder: Path,
    *,
    compare: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Judge what has no place in the batch yet. A chunk's answers and places are written together or not at all.

    All chunks are judged on the revision of the batch, whatever goes live meanwhile. `compare`: PostGIS works the
    overlaps out too, and a parcel on which it differs gets no verdict.
    """
    reach = reach_on(batch.as_of)
    known = known_layers(sorted(reach), batch.as_of, batch.revision)
    terms = Terms(vars(question), known, reach, batch.as_of, float(settings.JINGTU_CHECK_SECONDS))
    there = set(batch.parcels.values_list("place", flat=True))
    waiting: deque[_Chunk] = deque()

    def calls() -> Iterator[tuple[Any, ...]]:
        for asked in chunks:
            left = [one for one in asked if one.place not in there]
            good = [one for one in left if one.shape is not None]
            if not good:
                _store(batch, question, _Chunk(left), [])
                progress(asked[-1].place)
                continue
            shapes = np.array([one.shape for one in good], dtype=object)
            rows = features_near(shapes, reach, batch.revision, batch.as_of)
            waiting.append(_Chunk(left))
            yield *write_chunk(folder, good[0].place, shapes, [one.number for one in good], rows), terms

    for judged in run(judge_files, calls()):
        chunk = waiting.popleft()
        if compare:
            judged = _second_opinion(batch, chunk, judged, reach)
        _store(batch, question, chunk, judged)
        for file in folder.glob(f"*-{chunk.judged[0].place}.parquet"):
            file.unlink()
        progress(chunk.asked[-1].place)
    Batch.objects.filter(pk=batch.pk).update(ended_at=timezone.now())


def _second_opinion(
    batch: Batch, chunk: _Chunk, judged: list[Judged], layers: Collection[str]
) -> list[Judged]:
    parcels = [one.shape for one in chunk.judged if one.shape is not None]
    second = lying_on(parcels, layers, batch.revision, batch.as_of)
    differing = differences(parcels, [dict(one.overlaps) for one in judged], second)
    return [
        Judged(
            None,
            ("second_opinion_differs", f"两种算法的重叠不一致：{'；'.join(differing[at])}。请联系管理员。"),
        )
        if at in differing and one.told is not None
        else one
        for at, one in enumerate(judged)
    ]


def _store(batch: Batch, question: Question, chunk: _Chunk, judged: list[Judged]) -> None:
    told = {one.place: found for one, found in zip(chunk.judged, judged, strict=True)}
    runs: dict[int, CheckRun] = {}
    with transaction.atomic():
        lock(
            "answers", shared=True
        )  # a recheck that begins later sees them; one that began earlier is over (recheck.overlooked)
        now = timezone.now()
        answered = [one for one in chunk.judged if told[one.place].told is not None]
        for one, count in zip(answered, next_numbers(len(answered)), strict=True):
            named = {"parcel": one.shape, "parcel_no": one.number, "declared_area_m2": one.declared_area_m2}
            own = Question(**{**vars(question), **named})
            runs[one.place] = record(own, told[one.place].told or {}, now, count, None)
        CheckRun.objects.bulk_create(runs.values())
        BatchParcel.objects.bulk_create(
            BatchParcel(
                batch=batch,
                place=one.place,
                row=one.row,
                parcel_no=one.number,
                check_run=runs.get(one.place),
                issues=one.issues + _refusal(told.get(one.place)),
            )
            for one in chunk.asked
        )


def _refusal(judged: Judged | None) -> list[dict[str, Any]]:
    if judged is None or judged.refusal is None:
        return []
    code, message = judged.refusal
    return [{"code": code, "severity": "error", "message": message, "hint": ""}]
