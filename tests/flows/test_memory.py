"""Fifty dated changes, answers along the way, and the same answers long after: here, elsewhere, and from a dump."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
import shapely
from django.db import connections
from django.utils import timezone

from api.postgresql import find_binaries
from api.reports import paper
from loaders.pipeline import load
from spatial import answer
from spatial.checks import Question, is_unchanged, run_check
from spatial.landuse import Use
from spatial.models import CheckRun, Revision
from spatial.releases import confirm_empty, newest_revision, publish, unpublish
from spatial.remarks import with_remarks
from tests.factories import covered, known_county
from tests.loaders import files

ROOT = Path(__file__).parents[2]
STEPS = 50
DAYS = ("2025-02-01", "2025-07-01", "2026-03-20", "2026-10-01")
"""Under the old and the new law, before and after the dates that the rows say."""
LOADED = ("suspected_plot", "risk_register_plot", "eco_redline")
CONFIRMED = ("farmland_class", "permanent_basic_farmland", "mining_concentration_area")
COLUMNS: dict[str, dict[str, Any]] = {
    "suspected_plot": {"entry_date": "2025-03-01", "exit_date": "2026-08-01", "status": "suspected"},
    "risk_register_plot": {"register_status": "listed"},
    "eco_redline": {"control_area": "general"},
}
Asked = dict[str, Any]


def box(random: Random, side: float) -> shapely.MultiPolygon:
    x, y = 87.30 + random.random() * 0.02, 44.00 + random.random() * 0.02
    return shapely.MultiPolygon([shapely.box(x, y, x + side, y + side)])


def change(random: Random, step: int, folder: Path) -> str:
    """One dated change of the live data, by the functions that commands and routes call."""
    before = Revision.objects.get(number=newest_revision())
    if step % 5 == 4 and before.kind == Revision.Kind.PUBLISH and before.release:
        unpublish(before.release.name)
        return "unpublish"
    if step % 7 == 3:
        confirm_empty(
            random.choice(CONFIRMED), "652301", "示例甲", timezone.localdate() - timedelta(days=step)
        )
        return "confirm"
    layer = LOADED[step % len(LOADED)]
    rows = [
        (box(random, 0.004), {"code": f"{layer}{step}-{number}", **COLUMNS[layer]})
        for number in range(random.randint(1, 4))
    ]
    path = files.geojson(folder / f"{layer}-{step}.geojson", rows)
    day = date(2025, 1, 1) + timedelta(days=12 * step)
    county = "652301" if step % 2 else None
    load(path, layer, county=county, release=f"第{step}批", data_date=day, commit=True)
    publish(f"第{step}批")
    return "publish"


@pytest.fixture
def history(transactional_db: None, tmp_path: Path) -> list[tuple[Asked, str]]:
    """What was asked after each step, and the fingerprint of what was answered then, for what was then newest."""
    random = Random(7)
    known_county(since=date(2025, 2, 1), but=LOADED)
    for layer in LOADED:
        covered(layer, data_date=date(2024, 12, 31))
    answered: list[tuple[Asked, str]] = []
    done = []
    for step in range(STEPS):
        done.append(change(random, step, tmp_path))
        for _ in range(2):
            asked = {
                "parcel": answer.geojson(box(random, 0.003)),
                "action": random.choice(("use_change", "supply", "construction_start")),
                "proposed_use": random.choice(("0701", "0901", "1001")),
                "as_of": random.choice(DAYS),
            }
            given = ask(asked)
            answered.append(({**asked, "known_at": timezone.now().isoformat()}, given.fingerprint))
    assert {kind: done.count(kind) for kind in set(done)}.keys() == {"publish", "unpublish", "confirm"}
    assert newest_revision() == STEPS + 1
    return answered


def ask(asked: Asked) -> CheckRun:
    known_at = asked.get("known_at")
    return run_check(
        Question(
            parcel=shapely.from_geojson(json.dumps(asked["parcel"])),
            action=asked["action"],
            proposed_use=Use("MNR-2023", asked["proposed_use"]),
            current_use=Use("MNR-2023", "1001"),
            as_of=date.fromisoformat(asked["as_of"]),
            known_at=timezone.datetime.fromisoformat(known_at) if known_at else None,
        )
    )


@pytest.fixture
def restored(database_url: str, test_database_url: str, tmp_path: Path) -> Iterator[Any]:
    """A function that dumps the test database and restores it into another one, whose address it gives."""
    name = f"test_jingtu_{os.getpid()}_restored"
    other = database_url.rpartition("/")[0] + "/" + name

    def restore() -> str:
        dump = tmp_path / "dump"
        binaries = find_binaries()
        # The coordinate systems belong to the extension, which the new database has.
        dumping = [binaries / "pg_dump", "-Fc", "--exclude-table-data=spatial_ref_sys", "-f", dump]
        subprocess.run([*dumping, test_database_url], check=True, capture_output=True)
        with psycopg.connect(database_url, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        restoring = [
            binaries / "pg_restore",
            "--no-owner",
            "--no-comments",
            "--exit-on-error",
            "-d",
            other,
            dump,
        ]
        done = subprocess.run(restoring, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return other

    yield restore
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def elsewhere(url: str, questions: list[Asked]) -> list[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JINGTU_", "DJANGO_"))}
    told = subprocess.run(
        [sys.executable, "-m", "tests.flows.ask_again", url],
        cwd=ROOT,
        env=env,
        input=json.dumps(questions),
        check=True,
        capture_output=True,
        text=True,
    )
    return list(json.loads(told.stdout))


def test_what_was_answered_is_answered_again_for_its_day_and_its_knowledge(
    history: list[tuple[Asked, str]], test_database_url: str, restored: Any
) -> None:
    questions, then = [asked for asked, _ in history], [fingerprint for _, fingerprint in history]
    stored = list(CheckRun.objects.order_by("checked_at"))
    assert len(set(then)) == len({run.fingerprint for run in stored}) > STEPS
    assert len({run.verdict for run in stored}) >= 4
    assert [ask(asked).fingerprint for asked in questions] == then
    assert elsewhere(test_database_url, questions) == then
    assert elsewhere(restored(), questions) == then
    for run in CheckRun.objects.filter(pk__in=[run.pk for run in stored]):
        assert answer.fingerprint(run.answer) == run.fingerprint


def test_a_report_made_again_from_a_dump_after_newer_releases_has_the_same_content(
    transactional_db: None, restored: Any, tmp_path: Path
) -> None:
    random = Random(3)
    known_county(since=date(2025, 2, 1), but=LOADED)
    for layer in LOADED:
        covered(layer, data_date=date(2024, 12, 31))
    for step in range(3):
        change(random, step, tmp_path)
    asked = {"parcel": answer.geojson(shapely.MultiPolygon([shapely.box(87.305, 44.005, 87.315, 44.015)]))}
    run = ask({**asked, "action": "supply", "proposed_use": "0701", "as_of": "2026-03-20"})
    assert any(one["feature"] for one in run.answer["findings"])
    before = paper("pdf", run, with_remarks(run), None, "https://jingtu.example")
    for step in range(3, 8):
        change(random, step, tmp_path)
    other = restored().rpartition("/")[2]
    connection = connections["default"]
    here = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = other
    try:
        kept = CheckRun.objects.get(number=run.number)
        assert newest_revision() > kept.revision and is_unchanged(kept)
        assert paper("pdf", kept, with_remarks(kept), None, "https://jingtu.example") == before
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here
