"""After a publish the worker asks earlier answers again, and those whom it concerns read what changed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.recheck_job import recheck_answers
from loaders.pipeline import load
from spatial.models import CheckRun, Job, Recheck, VerdictChange
from tests.api.test_checks import Bearer, body
from tests.api.test_jobs import PLAN, url
from tests.api.workers import JINGTU, ended, worker
from tests.factories import known_county
from tests.loaders import files
from tests.settings import TEST_HOME

__all__ = ["url"]
LAYER = "suspected_plot"


@pytest.fixture
def steward(bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    return bearer("steward", "652301")


@pytest.fixture
def delivered(client: TestClient, tmp_path: Path) -> None:
    """A plot in a release that waits; without it all is known and clear."""
    known_county()
    rows = [(PLAN.polygon("ABED"), {"DKBM": "A1", "DKMC": "示例化工", "status": "suspected"})]
    load(files.geojson(tmp_path / "a.geojson", rows), LAYER, county="652301", release="R1", commit=True)


def changes(client: TestClient, who: dict[str, str], **asked: Any) -> list[dict[str, Any]]:
    reply = client.get("/changes", params=asked, headers=who)
    assert reply.status_code == 200
    return list(reply.json()["changes"])


def test_publishing_leaves_a_job_that_asks_again_and_the_asker_reads_what_changed(
    client: TestClient, bearer: Bearer, steward: dict[str, str], delivered: None, url: str
) -> None:
    clerk, other = bearer("clerk", "652302"), bearer("clerk", "652301")
    old = client.post("/checks", json=body(purpose="昌土供〔2026〕18号"), headers=clerk).json()
    assert old["verdict"] == "clear"
    assert client.post("/releases/R1/publish", headers=steward).status_code == 200
    job = Job.objects.get(kind="recheck")
    with worker(url):
        told = ended(client, str(job.pk), steward)
    assert (told["state"], told["result"]["asked"], told["result"]["changes"]) == ("done", 1, 1)
    (change,) = changes(client, clerk)
    assert (change["old"]["number"], change["old"]["verdict"]) == (old["number"], "clear")
    assert change["new"]["verdict"] == "needs_investigation"
    assert change["purpose"] == "昌土供〔2026〕18号"
    assert [(cause["layer"], cause["change"], cause["hidden"]) for cause in change["causes"]] == [
        (LAYER, "came", True)
    ]
    (seen,) = changes(client, steward)
    assert [(cause["code"], cause["name"]) for cause in seen["causes"]] == [("A1", "示例化工")]
    assert changes(client, other) == changes(client, bearer("steward", "652302")) == []
    mine = client.get("/checks", headers=clerk).json()["checks"]
    assert [(one["number"], one["follows"]) for one in mine] == [
        (change["new"]["number"], old["number"]),
        (old["number"], None),
    ]
    stored = client.get(f"/checks/{old['id']}", headers=clerk).json()
    assert stored == old


def test_taking_back_and_confirming_leave_one_too(
    client: TestClient, steward: dict[str, str], delivered: None
) -> None:
    client.post("/releases/R1/publish", headers=steward)
    client.post("/releases/R1/unpublish", headers=steward)
    sent = {"layer": "eco_redline", "county": "652301", "person": "示例甲"}
    assert client.post("/coverage/confirm-empty", json=sent, headers=steward).status_code == 201
    assert Job.objects.filter(kind="recheck").count() == 3


def test_a_publish_that_is_refused_leaves_none(
    client: TestClient, steward: dict[str, str], delivered: None
) -> None:
    client.post("/releases/R1/publish", headers=steward)
    assert client.post("/releases/R1/publish", headers=steward).status_code == 409
    assert Job.objects.filter(kind="recheck").count() == 1


def test_a_job_that_was_killed_in_the_middle_goes_on_where_it_was(
    client: TestClient, bearer: Bearer, steward: dict[str, str], delivered: None
) -> None:
    clerk = bearer("clerk", "652301")
    for action in ("use_change", "supply", "transfer"):
        client.post("/checks", json=body(action=action), headers=clerk)
    client.post("/releases/R1/publish", headers=steward)
    job = Job.objects.get(kind="recheck")

    class Killed(Exception):
        pass

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        recheck_answers(job, stop)  # type: ignore[arg-type]
    result = recheck_answers(job, lambda stage, done, total: None)  # type: ignore[arg-type]
    assert (result["asked"], Recheck.objects.count()) == (3, 1)
    assert CheckRun.objects.exclude(follows=None).count() == 3
    assert VerdictChange.objects.count() == result["changes"]


def test_pages_follow_one_another(
    client: TestClient, bearer: Bearer, steward: dict[str, str], delivered: None
) -> None:
    for code in ("0901", "1101", "1001"):
        use = {"system": "MNR-2023", "code": code}
        client.post("/checks", json=body(proposed_use=use), headers=steward)
    client.post("/releases/R1/publish", headers=steward)
    recheck_answers(Job.objects.get(kind="recheck"), lambda stage, done, total: None)  # type: ignore[arg-type]
    whole = changes(client, steward)
    first = client.get("/changes?limit=2", headers=steward).json()
    rest = client.get(f"/changes?limit=2&before={first['next']}", headers=steward).json()
    assert len(whole) == 3
    assert [*first["changes"], *rest["changes"]] == whole
    assert rest["next"] is None


def test_a_stranger_reads_no_changes(client: TestClient) -> None:
    assert client.get("/changes").status_code == 401


def test_the_command_tells_what_changed(
    client: TestClient, bearer: Bearer, delivered: None, url: str
) -> None:
    old = client.post("/checks", json=body(), headers=bearer("clerk", "652301")).json()
    said(url, "publish", "R1")
    told = json.loads(said(url, "recheck", "--json"))
    assert (told["asked"], told["since"], len(told["changes"])) == (1, 0, 1)
    change = told["changes"][0]
    assert (change["old"]["number"], change["new"]["verdict"]) == (old["number"], "needs_investigation")
    assert "重问 0 次核查" in said(url, "recheck")
    said(url, "unpublish", "R1")
    text = said(url, "recheck")
    assert change["new"]["number"] in text
    assert "须先调查/评估 → 未发现限制" in text
    assert "示例化工 减少" in text


def said(url: str, *words: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    env = kept | {"JINGTU_HOME": str(TEST_HOME), "JINGTU_DATABASE_URL": url}
    return subprocess.run([JINGTU, *words], env=env, check=True, capture_output=True, text=True).stdout
