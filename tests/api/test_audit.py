"""The chain of audit entries: what is altered or taken away by hand is found, and where."""

from __future__ import annotations

import argparse
import hashlib
import json
import threading
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import shapely
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError
from django.test import override_settings
from fastapi.testclient import TestClient

from api.commands import audit as audit_command
from loaders.pipeline import load
from spatial import audit, audit_note, remarks
from spatial.checks import Question, run_check
from spatial.models import AuditEntry
from spatial.releases import confirm_empty, publish, unpublish
from tests.api.conftest import Bearer
from tests.factories import feature
from tests.loaders import files

SQUARE = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.301, 44.001)])


def entries(many: int = 5) -> list[int]:
    for number in range(many):
        audit.record("check", None, f"JT-{number}", counties=["652301"], verdict="clear")
    return sorted(AuditEntry.objects.values_list("number", flat=True))[-many:]


def faults(noted: audit.Head | None = None) -> list[tuple[int, str]]:
    return [(fault.number, fault.kind) for fault in audit.verify(*([noted] if noted else []))]


def by_hand(statement: str, *values: object) -> None:
    """As somebody may who owns the database."""
    tables = ("spatial_auditentry", "spatial_audithead")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_each_entry_is_hashed_with_the_one_before() -> None:
    first, *_, last = entries(3)
    rows = list(AuditEntry.objects.filter(number__gte=first).order_by("number"))
    for before, row in pairwise(rows):
        assert bytes(row.digest) == hashlib.sha256(bytes(before.digest) + row.said.encode()).digest()
    assert json.loads(rows[-1].said) | {"at": ""} == {
        "number": last, "at": "", "action": "check", "object": "JT-2", "counties": ["652301"], "verdict": "clear",
        "user": None, "role": None,
    }  # fmt: skip
    assert faults() == []
    assert faults(audit.head()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE spatial_auditentry SET said = said",
        "DELETE FROM spatial_auditentry",
        "TRUNCATE spatial_auditentry",
    ],
)
def test_the_database_refuses_every_change(statement: str) -> None:
    entries(1)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_what_is_altered_or_deleted_by_hand_is_found_with_its_place() -> None:
    numbers = entries(6)
    noted = audit.head()
    by_hand(
        "UPDATE spatial_auditentry SET said = replace(said, '\"clear\"', '\"prohibit\"') WHERE number = %s",
        numbers[1],
    )
    assert faults() == [(numbers[1], "altered")]
    by_hand("DELETE FROM spatial_auditentry WHERE number = %s", numbers[3])
    assert faults() == [(numbers[1], "altered"), (numbers[3], "missing")]
    by_hand("DELETE FROM spatial_auditentry WHERE number = %s", numbers[5])
    assert faults(noted)[-1] == (numbers[5], "missing")


@pytest.mark.django_db
def test_a_hash_that_is_made_to_fit_shows_in_the_next_entry() -> None:
    numbers = entries(4)
    before, row = AuditEntry.objects.filter(number__in=numbers[:2]).order_by("number")
    said = row.said.replace("JT-1", "JT-9")
    digest = hashlib.sha256(bytes(before.digest) + said.encode()).digest()
    by_hand(
        "UPDATE spatial_auditentry SET said = %s, digest = %s WHERE number = %s", said, digest, row.number
    )
    assert faults() == [(numbers[2], "altered")]


@pytest.mark.django_db
def test_a_chain_that_is_written_anew_shows_against_the_head_that_was_noted() -> None:
    numbers = entries(4)
    noted = audit.head()
    cut(numbers[2])
    entries(3)
    assert faults() == []
    assert faults(noted) == [(noted.number, "head")]
    assert audit.Head.parse(str(noted)) == noted


def cut(number: int) -> None:
    """The chain from an entry on, and its end with it."""
    by_hand("DELETE FROM spatial_auditentry WHERE number >= %s", number)
    last = "SELECT number, digest FROM spatial_auditentry ORDER BY number DESC LIMIT 1"
    by_hand(f"UPDATE spatial_audithead SET (number, digest) = ({last})")


@pytest.mark.django_db
def test_the_last_entries_or_all_that_were_deleted_are_found_with_their_place() -> None:
    last = entries(3)[-1]
    by_hand("DELETE FROM spatial_auditentry WHERE number = %s", last)
    assert faults() == [(last, "missing")]
    later = entries(1)[0]
    assert later == last + 1 and faults() == [(last, "missing")]  # what comes after does not close the gap
    by_hand("DELETE FROM spatial_auditentry")
    assert faults() == [(number, "missing") for number in range(1, later + 1)]
    by_hand("DELETE FROM spatial_audithead")
    assert faults() == [(0, "head")]


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["0", "-5", "1 + (SELECT number FROM spatial_audithead)", "10000000000"])
def test_an_entry_that_is_put_in_by_hand_is_refused_and_found(place: str) -> None:
    entries(2)
    statement = f"""
    INSERT INTO spatial_auditentry (number, said, digest)
    VALUES ({place}, '{{"action": "publish", "object": "forged", "at": "2026-01-01T00:00:00Z"}}', '')
    """
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE spatial_auditentry DROP CONSTRAINT spatial_auditentry_is_one")
    by_hand(statement)
    number = AuditEntry.objects.get(object="forged").number
    assert (number, "forged") in faults()
    assert len(faults()) <= 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE spatial_audithead SET number = number - 1",
        "UPDATE spatial_audithead SET chain = gen_random_uuid(), number = number + 1",
        "DELETE FROM spatial_audithead",
        "TRUNCATE spatial_audithead",
    ],
)
def test_the_end_of_the_chain_is_only_ever_raised(statement: str) -> None:
    entries(2)
    with pytest.raises(DatabaseError, match="only ever raised"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_the_server_notes_the_end_and_a_chain_that_was_cut_shows_against_the_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verify = argparse.Namespace(task="verify", head=None, json=False)
    with override_settings(JINGTU_HOME=tmp_path):
        numbers = entries(4)
        assert audit_note.note() and audit_note.noted() == audit.head()
        cut(numbers[2])
        assert faults() == []
        assert audit_command.run(verify) == 1
        assert f"第 {numbers[2]}–{numbers[3]} 条：缺这一条" in capsys.readouterr().out
        entries(3)
        noted = audit_note.noted()
        assert not audit_note.note() and audit_note.noted() == noted  # what was noted stays
        assert audit_command.run(verify) == 1
        audit_note.begin_anew()
        assert audit_command.run(verify) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["step", "siteevent", "notice", "attachment", "remark", "withdrawal"])
def test_what_is_only_ever_added_is_not_emptied(table: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE spatial_{table} ENABLE TRIGGER USER")
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            cursor.execute(f"TRUNCATE spatial_{table} CASCADE")
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_name_that_jsonb_cannot_hold_is_kept_as_well_as_can_be() -> None:
    audit.record("sign_in_refused", None, "a\0b\ud800c")
    assert AuditEntry.objects.values_list("object", flat=True).first() == "a\ufffdb?c"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(test_database_url: str) -> None:
    before = audit.head().number

    def add() -> None:
        with psycopg.connect(test_database_url, autocommit=True) as database:
            for _ in range(20):
                said = {"action": "check", "object": "", "counties": [], "user": None, "role": None}
                database.execute("SELECT spatial_audit(%s)", [json.dumps(said)])

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.head().number == before + 80
    assert faults() == []
    connections.close_all()


@pytest.mark.django_db
def test_whatever_changes_the_record_leaves_an_entry_with_the_person(tmp_path: Path) -> None:
    user = User.objects.create_user("li")
    started = audit.head().number
    feature("admin_county", shapely.MultiPolygon([SQUARE.buffer(0.1)]), code="652301", name="昌吉市")
    path = files.geojson(tmp_path / "a.geojson", [(SQUARE, {"DKBM": "A", "DKMC": "示例"})])
    load(path, "suspected_plot", county="652301", release="R1", commit=False, by=user)
    assert audit.head().number == started
    load(path, "suspected_plot", county="652301", release="R1", commit=True, by=user)
    publish("R1", by=user)
    run = run_check(Question(SQUARE), user.pk)
    remark = remarks.dispute(run, run.answer["findings"][0], reason="示例", by=user)
    remarks.withdraw(remark, reason="示例", by=user)
    unpublish("R1", by=user)
    confirm_empty("eco_redline", "652301", "王某", date(2026, 1, 1), by=user)
    rows = AuditEntry.objects.filter(number__gt=started).order_by("number")
    assert [(row.action, row.object, row.username) for row in rows] == [
        ("load", "R1", "li"),
        ("publish", "R1", "li"),
        ("check", run.number, "li"),
        ("dispute", run.number, "li"),
        ("withdraw", run.number, "li"),
        ("unpublish", "R1", "li"),
        ("confirm", "eco_redline 652301 王某", "li"),
    ]
    assert faults() == []


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_entry() -> None:
    before = audit.head()
    with transaction.atomic():
        entries(1)
        transaction.set_rollback(True)
    assert audit.head() == before


@pytest.mark.django_db
def test_an_auditor_reads_what_names_a_county_of_his_and_nobody_else_does(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    audit.record("check", None, "JT-A", counties=["652301"])
    audit.record("check", None, "JT-B", counties=["652302"])
    audit.record("sign_in", None, "li")

    def seen(role: str, *counties: str) -> list[str]:
        answer = client.get("/audit?limit=3", headers=bearer(role, *counties))
        assert answer.status_code == 200, answer.text
        return [entry["object"] for entry in answer.json()["entries"]]

    assert seen("auditor") == ["li", "JT-B", "JT-A"]
    assert seen("auditor", "652302")[0] == "JT-B"
    assert "JT-A" not in seen("auditor", "652302")
    for role in ("clerk", "planner", "inspector", "steward"):
        assert client.get("/audit", headers=bearer(role)).status_code == 403
    assert client.get("/audit").status_code == 401
    page = client.get("/audit?limit=2", headers=bearer("administrator")).json()
    rest = client.get(f"/audit?limit=2&before={page['next']}", headers=bearer("administrator")).json()
    assert rest["entries"][0]["object"] == "JT-A"


@pytest.mark.django_db
def test_an_auditor_is_told_how_far_the_chain_is_proved_and_where_it_is_broken(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    *_, broken, last = entries(4)
    told = client.get("/audit/chain", headers=bearer("auditor")).json()
    assert (told["faults"], told["faults_in_all"]) == ([], 0)
    assert told["entries"] >= last and told["head"] == audit.head().digest
    change = "UPDATE spatial_auditentry SET said = replace(said, %s, %s) WHERE number = %s"
    by_hand(change, "JT-", "XX-", broken)
    told = client.get("/audit/chain", headers=bearer("auditor")).json()
    by_hand(change, "XX-", "JT-", broken)  # the chain outlives the test
    assert {"number": broken, "kind": "altered"} in told["faults"] and faults() == []
    assert client.get("/audit/chain", headers=bearer("steward")).status_code == 403
    assert client.get("/audit/chain").status_code == 401
