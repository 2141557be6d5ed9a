"""Official numbers: kind, county, year and a count that never repeats."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

SEQUENCES = {
    "YT": "spatial_case_number",
    "ZY": "spatial_manifest_number",
    "CC": "spatial_draw_number",
    "DJ": "spatial_overlay_number",
}
"""Of cases (用途变更), manifests (转运), draws (抽查), overlays (叠加)."""


def next_number(kind: str, county: str) -> str:
    """The next number of a kind, for example YT-652301-2026-00017."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [SEQUENCES[kind]])
        return f"{kind}-{county}-{timezone.localdate():%Y}-{cursor.fetchone()[0]:05d}"
