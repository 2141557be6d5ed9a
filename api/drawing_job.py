"""Drawings for tiles, made by the worker after every change; until then tiles draw from the stored shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction

from api.jobs import Progress, enqueue
from spatial.models import Job
from tiles.drawing import BANDS, drawn

AT_ONCE = 2000
COLUMNS = ("spot", "span", *(f"band_{band}" for band in BANDS))
MISSING = """
SELECT f.id, f.layer, f.county, ST_AsBinary(f.geom)
FROM spatial_feature f
WHERE f.id > %s AND f.geom IS NOT NULL AND NOT EXISTS (SELECT FROM spatial_drawing d WHERE d.feature_id = f.id)
ORDER BY f.id
LIMIT %s
"""
ORPHANS = (
    "DELETE FROM spatial_drawing d WHERE NOT EXISTS (SELECT FROM spatial_feature f WHERE f.id = d.feature_id)"
)


def enqueue_drawing() -> None:
    """Leave it for the worker, within the caller's transaction; what waits already will see these rows too."""
    if not Job.objects.filter(kind=Job.Kind.DRAW, state=Job.State.QUEUED).exists():
        enqueue(Job(kind=Job.Kind.DRAW, title="绘制新要素"))


def draw_features(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `draw`; begun again, it goes on with what is not drawn yet."""
    return {"drawn": draw_missing(lambda done: progress("drawing", done))}


def draw_missing(told: Callable[[int], None] = lambda done: None) -> int:
    """Draw every feature that has a shape and no drawing, live or waiting; how many there were."""
    done, last = 0, 0
    while True:
        told(done)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(MISSING, [last, AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                cursor.execute(ORPHANS)
                return done
            _keep(cursor, rows)
        done, last = done + len(rows), rows[-1][0]


def _keep(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    columns = drawn(shapely.from_wkb(np.array([bytes(row[3]) for row in rows], dtype=object)))
    hexed = [columns[name] if name == "span" else shapely.to_wkb(columns[name], hex=True) for name in COLUMNS]
    names = ", ".join(("feature_id", "layer", "county", *COLUMNS))
    with cursor.copy(f"COPY spatial_drawing ({names}) FROM STDIN") as copy:
        for row, *shapes in zip(rows, *hexed, strict=True):
            copy.write_row((*row[:3], *shapes))
