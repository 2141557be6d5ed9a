"""A move that is killed half-way leaves neither half: no event without its rows, no rows without their event."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spatial.models import AuditEntry, Feature, Revision, SiteEvent
from tests.api.conftest import Bearer, bearer, client
from tests.api.test_registers import asks, event, line, notice
from tests.factories import known_county

__all__ = ["bearer", "client"]
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys
import django; django.setup()
from datetime import date
from django.contrib.auth.models import User
from spatial import audit
from spatial.registers import recording, rows
left = int(sys.argv[1])
def stand_still(name, real):
    def counted(*given, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)
    return counted
rows.replace_rows = stand_still("rows", rows.replace_rows)
rows.delivered = stand_still("delivered", rows.delivered)
audit.record = stand_still("audit", audit.record)
entries = [recording.Entry("move", what, date(2026, 1, day), who, "文", date(2026, 1, day)) for what, day, who in
           (("suspect", 11, "county_ecology"), ("investigate", 12, "land_user"))]
recording.add("S1", entries, after=1, by=User.objects.first())
print("done")
"""


def state() -> tuple[Any, ...]:
    rows = sorted(
        Feature.objects.values_list("layer", "attributes__status", "valid_from", "valid_to", "revisions"),
        key=str,
    )
    return SiteEvent.objects.count(), Revision.objects.count(), AuditEntry.objects.count(), rows


@pytest.mark.parametrize("moment", [1, 4, 9, 15, 16, 17])
def test_a_move_that_is_killed_leaves_neither_half(
    client: TestClient, bearer: Callable[..., Bearer], test_database_url: str, moment: int
) -> None:
    known_county()
    steward = asks(client, bearer("steward"))
    steward(
        "/registers/suspected_plot/notices",
        notice("名录1", "2026-01-10", [line("S1")], actor="county_ecology"),
    )
    before = state()
    env = {
        **os.environ,
        "JINGTU_DATABASE_URL": test_database_url,
        "DJANGO_SETTINGS_MODULE": "spatial.settings",
    }
    command = [sys.executable, "-c", PROGRAM, str(moment)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=ROOT)
    if "done" in done.stdout:
        assert moment > 15, "there are fewer moments"
        assert SiteEvent.objects.count() == 3
        return
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert state() == before
    again = {"after": 1, "events": [event("move", "suspect", "2026-01-11", "county_ecology")]}
    steward("/sites/S1/events", again)
