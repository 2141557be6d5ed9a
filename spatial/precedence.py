"""Which data are newer: what an older delivery must not put an end to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from spatial.models import Load

NEWER_DATA = """
SELECT max(data_date) FROM spatial_coverage
WHERE layer = %(layer)s AND county = ANY(%(counties)s) AND upper_inf(revisions) AND data_date > %(day)s
"""
NEWER_CHANGE = """
SELECT max(e.on) FROM spatial_feature f
JOIN spatial_siteevent e ON e.id = f.event_id
WHERE f.layer = %(layer)s AND coalesce(f.county, '') = ANY(%(counties)s)
  AND f.revisions <> '{}' AND upper_inf(f.revisions) AND e.on > %(day)s
  AND NOT EXISTS (SELECT FROM spatial_keptrow kept WHERE kept.load_id = %(load)s AND kept.content = f.content)
"""
QUESTIONS = (
    ("older_than_live", "现有资料", NEWER_DATA),
    ("older_than_event", "名录变动", NEWER_CHANGE),
)


def what_it_undoes(load: Load) -> tuple[str, str, date] | None:
    """Code, name in Chinese and day of what is live, newer than a whole delivery, and would end with it."""
    if not load.whole:
        return None
    given: dict[str, Any] = {
        "layer": load.layer,
        "counties": load.counties,
        "day": load.data_date,
        "load": load.pk,
    }
    with connection.cursor() as cursor:
        for code, what, question in QUESTIONS:
            cursor.execute(question, given)
            (newer,) = cursor.fetchone()
            if newer is not None:
                return code, what, newer
    return None
