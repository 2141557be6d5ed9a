"""An overlay made and kept: all of it on one revision and in one transaction, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from django.db import transaction
from django.utils import timezone

from spatial import answer, audit, catalog, rules
from spatial.canonical import canonical
from spatial.checks import Question, stored_geometry, used_told
from spatial.models import AreaOverlay, AuditEntry, OverlayShape
from spatial.numbers import next_number
from spatial.overlay import known_layers
from spatial.overlays.area import Allowed, Area
from spatial.overlays.change import change
from spatial.overlays.judged import Progress
from spatial.overlays.side import Shape, Side, side_of

AT_ONCE = 500


@dataclass(frozen=True)
class Asked:
    """What is asked. `question`: action, current use and project, as of a check; its parcel is not looked at.

    `allowed`: see `area.Allowed`; the layer that tells planned uses is among them. `other`: a second
    area on the same day, or `other_day` the same area on another day, to be compared with.
    """

    area: Area
    layers: tuple[str, ...]
    allowed: Allowed
    question: Question
    other: Area | None = None
    other_day: date | None = None
    purpose: str = ""
    title: str = ""


def make(
    asked: Asked, by: int | None = None, job: UUID | None = None, progress: Progress = lambda *_: None
) -> AreaOverlay:
    """Work out an overlay and keep it with its shapes. What is raised while it is worked out leaves nothing behind.

    Raises what `side.side_of` raises, and what `progress` raises.
    """
    as_of = asked.question.as_of or timezone.localdate()
    days = (as_of, asked.other_day) if asked.other_day else (as_of, as_of)
    head = known_layers([], as_of)
    areas = (asked.area,) if not (asked.other or asked.other_day) else (asked.area, asked.other or asked.area)
    sides = [
        side_of(area, asked.layers, asked.allowed, asked.question, head.revision, day, progress)
        for area, day in zip(areas, days, strict=False)
    ]
    shapes = [(side, shape) for side, one in enumerate(sides) for shape in one.shapes]
    told = {
        **sides[0].told,
        "title": asked.title or asked.area.title,
        "with": list(asked.layers),
        "action": asked.question.action,
        "current_use": used_told(asked.question.current_use),
        "project": dict(asked.question.project),
        "other": sides[1].told if len(sides) > 1 else None,
        "change": change(sides[0].told, sides[1].told) if len(sides) > 1 else None,
        "shapes": digest_of(shapes),
        "versions": {
            "revision": head.revision,
            "release": head.release,
            "catalog": catalog.current().digest,
            "rules": rules.current().digest,
        },
    }
    progress("storing", 0, len(shapes))
    return _kept(asked, told, sides, shapes, by, job)


def _kept(
    asked: Asked,
    told: dict[str, Any],
    sides: Sequence[Side],
    shapes: list[tuple[int, Shape]],
    by: int | None,
    job: UUID | None,
) -> AreaOverlay:
    now = timezone.now()
    counties = sorted({county for side in sides for county in side.told["area"]["counties"]})
    print_ = answer.fingerprint(told)
    with transaction.atomic():
        number = next_number("DJ", counties[0] if len(counties) == 1 else catalog.current().region.code)
        made = AreaOverlay(
            number=number,
            made_at=now,
            asked_by_id=by,
            job=job,
            title=told["title"],
            counties=counties,
            shown=_shown(sides),
            as_of=date.fromisoformat(told["as_of"]),
            revision=told["versions"]["revision"],
            verdict=told["verdict"],
            complete=told["complete"],
            fingerprint=print_,
        )
        made.answer = {
            "id": str(made.id), "number": number, "checked_at": now.isoformat(), "purpose": asked.purpose, **told,
            "fingerprint": print_,
        }  # fmt: skip
        made.save(force_insert=True)
        OverlayShape.objects.bulk_create(
            (
                OverlayShape(
                    overlay=made, side=side, order=order, kind=one.kind, layer=one.layer, told=one.told,
                    geom=stored_geometry(one.geometry),
                )
                for order, (side, one) in enumerate(shapes)
            ),
            batch_size=AT_ONCE,
        )  # fmt: skip
        audit.record(
            "overlay", by, number, counties=counties, verdict=made.verdict, complete=made.complete,
            purpose=asked.purpose, fingerprint=print_,
        )  # fmt: skip
    return made


def _shown(sides: Sequence[Side]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for side in sides:
        for layer, counties in side.shown.items():
            found.setdefault(layer, set()).update(counties)
    return {layer: sorted(counties) for layer, counties in sorted(found.items())}


def digest_of(shapes: Sequence[tuple[int, Shape]]) -> str:
    """SHA-256 over the shapes in their order, with what is told of each."""
    digest = hashlib.sha256()
    for side, one in shapes:
        digest.update(canonical([side, one.kind, one.layer, one.told]))
        digest.update(shapely.to_wkb(one.geometry, byte_order=1))
    return "sha256:" + digest.hexdigest()


def is_unchanged(made: AreaOverlay) -> bool:
    """Whether a result says what it said when it was made: by fingerprint, row, shapes and audit trail."""
    told = made.answer
    row = (made.number, made.verdict, made.complete, made.fingerprint)
    if row != tuple(told[name] for name in ("number", "verdict", "complete", "fingerprint")):
        return False
    entry = AuditEntry.objects.filter(action="overlay", object=made.number).first()
    if entry is not None and json.loads(entry.said)["fingerprint"] != told["fingerprint"]:
        return False
    return answer.fingerprint(told) == made.fingerprint and told["shapes"] == digest_of(
        [(row.side, _shape(row)) for row in made.shapes.order_by("order").iterator(chunk_size=AT_ONCE)]
    )


def _shape(row: OverlayShape) -> Shape:
    return Shape(row.kind, row.told["plot"], row.layer, row.told, shapely.from_wkb(bytes(row.geom.wkb)))
