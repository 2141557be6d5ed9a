"""The demo's one-click examples: bodies of POST /checks with the verdict that each was made for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

FILE = "demo-examples.json"


def path() -> Path:
    """Where `jingtu demo` leaves them."""
    return Path(settings.JINGTU_HOME) / FILE


def examples() -> list[dict[str, Any]]:
    """The examples of the demo that is loaded, or none."""
    file = path()
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
