"""A case is watched by more than one at a time: nobody stands in another's way, nobody is left untold."""

from __future__ import annotations

import email
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from email.policy import default
from typing import Any

import psycopg
import pytest
import shapely
from django.contrib.auth.models import User
from django.db import connections
from django.test import override_settings
from fastapi.testclient import TestClient

from api.delivering import deliver
from api.jobs import enqueue
from api.recheck_job import recheck_answers
from spatial.models import Account, Case, CheckRun, Delivery, Job, Message, VerdictChange
from spatial.recheck import recheck, unanswered
from tests.api.conftest import Bearer
from tests.api.outside import listening
from tests.api.test_cases import announced, clerk, steward
from tests.api.test_registers import OTHER, Ask, asks, line, notice
from tests.api.workers import wait_until_blocked
from tests.factories import known_county

__all__ = ["clerk", "steward"]
RISK = "/registers/risk_register_plot/notices"
ELSEWHERE = shapely.box(87.305, 44.005, 87.307, 44.007)


def overtake(steward: Ask, number: str = "公告1", code: str = "W1", **more: Any) -> None:
    """Publish a plot over the parcel of the case: what was answered is no longer so."""
    steward(RISK, notice(number, "2026-03-01", [line(code, **more)], actor="region_ecology"))


def kinds(case: Any) -> list[str]:
    return [one["kind"] for one in case["steps"]]


def texts(ask: Ask) -> list[str]:
    return [one["text"] for one in ask("/messages")["messages"]]


def quietly(stage: str, done: int, total: int | None = None) -> None:
    """No progress is shown."""


def job(kind: str, **given: Any) -> Job:
    return enqueue(Job(kind=kind, title="示例", given=given))


def done(one: Job) -> None:
    Job.objects.filter(pk=one.pk).update(state="done")


@contextmanager
def stepping(url: str, number: str) -> Iterator[None]:
    """Somebody's step on a case: its row is held, what is in the block begins, then the step is noted and ends."""
    with psycopg.connect(url) as other:
        other.execute("SELECT FROM spatial_case WHERE number = %s FOR UPDATE", [number])
        yield
        wait_until_blocked(url)
        said = {"action": "case", "object": number, "counties": [], "user": None, "role": None}
        other.execute("SELECT spatial_audit(%s)", [json.dumps(said)])
        other.commit()


def at_once(work: Callable[[], Any]) -> Future[Any]:
    """Begun in a thread of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(run)


def test_a_step_at_the_same_moment_does_not_keep_a_recheck_from_flagging(
    clerk: Ask, steward: Ask, test_database_url: str
) -> None:
    first = clerk("/cases", announced())["number"]
    clerk("/cases", announced(ELSEWHERE))
    overtake(steward)
    with stepping(test_database_url, first):
        rechecked = at_once(recheck)
    assert rechecked.result(30).asked == 2
    assert list(Case.objects.values_list("flagged", flat=True)) == [True, True]
    assert not unanswered().exists()


def test_a_step_at_the_same_moment_does_not_keep_a_check_of_the_case_from_its_answer(
    clerk: Ask, steward: Ask, client: TestClient, bearer: Callable[..., Bearer], test_database_url: str
) -> None:
    number, who = clerk("/cases", announced())["number"], bearer("clerk", "652301")
    with stepping(test_database_url, number):
        answer = at_once(lambda: client.post(f"/cases/{number}/checks", headers=who))
    assert answer.result(30).status_code == 201


def test_an_answer_that_fails_keeps_no_other_from_being_asked_and_is_asked_again(
    clerk: Ask, steward: Ask
) -> None:
    bad = clerk("/cases", announced())["number"]
    good = clerk("/cases", announced(ELSEWHERE))["number"]
    run = Case.objects.get(number=bad).latest
    use = run.answer["proposed_use"]
    CheckRun.objects.filter(pk=run.pk).update(answer={**run.answer, "proposed_use": {"system": "MNR-2023"}})
    overtake(steward)
    first = job("recheck")
    told = recheck_answers(first, quietly)
    done(first)
    assert told["failed"] == 1 and Case.objects.get(number=good).latest.verdict == "prohibit"
    case = Case.objects.get(number=bad)
    assert case.flagged and case.latest_id == run.pk  # what is not known is not taken for what it was
    assert VerdictChange.objects.get(old=run).failure == "复查出错，将自动重试：KeyError"
    later = Job.objects.get(kind="recheck", given={"tries": 1}, state="queued")

    CheckRun.objects.filter(pk=run.pk).update(answer={**run.answer, "proposed_use": use})
    told = recheck_answers(later, quietly)
    assert told["failed"] == 0 and Case.objects.get(number=bad).latest.verdict == "prohibit"


def test_a_case_that_is_reopened_knows_what_changed_while_it_was_closed(clerk: Ask, steward: Ask) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    clerk(f"{path}/steps", {"kind": "close", "after": 1})
    overtake(steward)
    recheck()
    assert clerk(path)["verdict"] != "prohibit"
    clerk(f"{path}/steps", {"kind": "reopen", "after": 2})
    told = clerk(path)
    assert told["flagged"] and told["verdict"] == "prohibit"
    assert kinds(told) == ["open", "close", "reopen", "changed"]
    assert told["changes"][0]["causes"][0]["code"] == "W1"
    assert clerk(f"{path}/steps", {"kind": "close", "after": 4}, 409)["code"] == "case_flagged"


@pytest.mark.parametrize("kind", ["decide", "close"])
def test_a_case_is_not_ended_on_an_answer_that_the_data_have_overtaken(
    clerk: Ask, steward: Ask, kind: str
) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    overtake(steward)  # and the worker has not come to it
    assert clerk(f"{path}/steps", {"kind": kind, "after": 1}, 409)["code"] == "case_overtaken"
    assert kinds(clerk(path)) == ["open"]
    clerk(f"{path}/checks", {})
    clerk(f"{path}/steps", {"kind": "acknowledge", "after": 2})
    clerk(f"{path}/steps", {"kind": kind, "after": 3})


def test_newer_data_elsewhere_keep_no_case_from_being_closed(clerk: Ask, steward: Ask) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    far = shapely.box(86.6, 43.1, 86.61, 43.11)
    overtake(steward, shape=far)
    clerk(f"{path}/steps", {"kind": "close", "after": 1})
    assert clerk(path)["check"]["versions"]["revision"] == 2


def test_who_asks_again_before_the_worker_leaves_nobody_untold(
    clerk: Ask, steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    planner = asks(client, bearer("planner", "652301"))
    planner(f"{path}/follow", {"follow": True}, 200)
    overtake(steward)
    assert clerk(f"{path}/checks", {})["verdict"] == "prohibit"
    recheck()
    told = planner(path)
    assert (
        told["flagged"]
        and kinds(told) == ["open", "changed"]
        and told["changes"][0]["causes"][0]["code"] == "W1"
    )
    assert len(texts(planner)) == 1 and "结论有变" in texts(planner)[0]
    assert texts(clerk) == []  # he knows
    clerk(f"{path}/checks", {})  # says the same: he has taken note
    assert not clerk(path)["flagged"]


def test_a_closed_case_is_not_checked_anew(clerk: Ask) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    clerk(f"{path}/steps", {"kind": "close", "after": 1})
    assert clerk(f"{path}/checks", {}, 409)["code"] == "case_state"
    assert CheckRun.objects.count() == 1


@pytest.mark.parametrize("kind", ["recheck", "deliver"])
def test_nobody_cancels_what_the_system_owes_others(
    client: TestClient, bearer: Callable[..., Bearer], kind: str
) -> None:
    who = bearer("administrator")
    owed = enqueue(Job(kind=kind, title="示例", by=User.objects.get()))
    answer = client.post(f"/jobs/{owed.pk}/cancel", headers=who)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_owed")
    assert Job.objects.get(pk=owed.pk).state == "queued"


def test_a_new_case_and_a_handover_reach_the_other_side(
    clerk: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    ecology = asks(client, bearer("steward", "652301"))
    User.objects.filter(username__startswith="steward").update(email="eco@example.invalid")
    elsewhere = asks(client, bearer("inspector", "652302"))
    planner = asks(client, bearer("planner", "652301"))
    with listening("mail") as (mail_port, mails), listening("push") as (push_port, pushes):
        more = {
            "JINGTU_MAIL_URL": f"smtp://127.0.0.1:{mail_port}?from=jingtu@example.invalid",
            "JINGTU_WEBHOOK_URL": f"http://127.0.0.1:{push_port}/in",
            "JINGTU_WEBHOOK_SECRET": "0123456789abcdef0123456789abcdef",
        }
        with override_settings(**more):
            number = clerk("/cases", announced())["number"]
            assert [number in one for one in texts(ecology)] == [True]
            path = f"/cases/{number}"
            clerk(f"{path}/steps", {"kind": "handover", "after": 1, "to": "州生态环境局"})
            assert "已转交给州生态环境局" in texts(ecology)[0] and len(texts(ecology)) == 2
            assert texts(clerk) == texts(elsewhere) == texts(planner) == []
            deliver(Job.objects.filter(kind="deliver").latest("created_at"), quietly)
            ecology(f"{path}/steps", {"kind": "handover", "after": 2, "to": "国土窗口"})
            assert "已转交给国土窗口" in texts(clerk)[0] and "已转交给国土窗口" in texts(planner)[0]
    assert [email.message_from_bytes(one, policy=default)["To"] for one in mails] == [
        "eco@example.invalid"
    ] * 2
    assert [b'"case.opened"' in pushes[0][1], b'"case.handover"' in pushes[1][1]] == [True, True]


def test_a_receiver_that_answers_nonsense_keeps_nobody_else_waiting(transactional_db: None) -> None:
    """A mail server answers HTTP with what is none: the push fails, the mail behind it goes."""
    with listening("mail") as (port, mails):
        more = {
            "JINGTU_MAIL_URL": f"smtp://127.0.0.1:{port}",
            "JINGTU_WEBHOOK_SECRET": "0123456789abcdef0123456789abcdef",
        }
        with override_settings(**more):
            push = Delivery.objects.create(
                channel="webhook", target=f"http://127.0.0.1:{port}/", payload={"text": "a"}
            )
            payload = {"subject": "示例", "text": "示例"}
            Delivery.objects.create(channel="mail", target="li@example.invalid", payload=payload)
            one = job("deliver")
            assert deliver(one, quietly) == {"sent": 1, "waiting": 1}
    push.refresh_from_db()
    assert push.tries == 3 and push.failure and len(mails) == 1


def test_what_did_not_get_through_is_tried_again_by_itself_and_not_used_up_by_what_is_new(
    transactional_db: None,
) -> None:
    secret = override_settings(JINGTU_WEBHOOK_SECRET="0123456789abcdef0123456789abcdef")
    with secret, listening("push", 500, 500, 500, 204, 204) as (port, pushes):
        target = f"http://127.0.0.1:{port}/"
        old = Delivery.objects.create(channel="webhook", target=target, payload={"text": "a"})
        first = job("deliver")
        deliver(first, quietly)
        done(first)
        (later,) = Job.objects.filter(kind="deliver", state="queued")
        assert later.given == {"tries": 1}
        Delivery.objects.create(channel="webhook", target=target, payload={"text": "b"})
        second = job("deliver")
        deliver(second, quietly)
        done(second)
        assert len(pushes) == 4 and Job.objects.filter(kind="deliver", state="queued").count() == 1
        deliver(later, quietly)
    old.refresh_from_db()
    assert old.done_at is not None and len(pushes) == 5


def test_a_message_tells_only_who_may_see_the_case(clerk: Ask, steward: Ask) -> None:
    Account.objects.filter(role="steward").update(counties=["652302"])
    clerk("/cases", announced())
    assert Message.objects.count() == 0


def test_a_plot_entered_elsewhere_flags_nothing(clerk: Ask, steward: Ask) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}"
    clerk(f"{path}/steps", {"kind": "close", "after": 1})
    overtake(steward, shape=OTHER.buffer(0).intersection(shapely.box(87.329, 44.009, 87.33, 44.01)))
    clerk(f"{path}/steps", {"kind": "reopen", "after": 2})
    assert not clerk(path)["flagged"] and kinds(clerk(path)) == ["open", "close", "reopen"]


def test_a_case_whose_right_went_is_not_told_again_to_who_sends_the_old_request(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    known_county()
    ask = asks(client, bearer("clerk", "652301"))
    number = ask("/cases", announced(), **{"Idempotency-Key": "k"})["number"]
    assert ask("/cases", announced(), **{"Idempotency-Key": "k"})["number"] == number
    Account.objects.filter(role="clerk").update(counties=["652302"])
    assert ask("/cases", announced(), 404, **{"Idempotency-Key": "k"})["code"] == "case_unknown"


def test_a_check_of_a_case_that_is_sent_twice_is_one(clerk: Ask) -> None:
    path = f"/cases/{clerk('/cases', announced())['number']}/checks"
    first = clerk(path, {}, **{"Idempotency-Key": "k"})
    assert clerk(path, {}, **{"Idempotency-Key": "k"})["number"] == first["number"]
    assert CheckRun.objects.count() == 2


def test_a_recheck_that_ends_half_way_is_begun_again_by_itself(clerk: Ask, steward: Ask) -> None:
    """What keeps it from its end: the answer of a case cannot be read at all."""
    number = clerk("/cases", announced())["number"]
    run = Case.objects.get(number=number).latest
    gaps = run.answer["gaps"]
    CheckRun.objects.filter(pk=run.pk).update(answer={**run.answer, "gaps": 1})
    overtake(steward)
    first = job("recheck")
    with pytest.raises(TypeError):
        recheck_answers(first, quietly)
    Job.objects.filter(pk=first.pk).update(state="failed")
    CheckRun.objects.filter(pk=run.pk).update(answer={**run.answer, "gaps": gaps})
    recheck_answers(Job.objects.get(kind="recheck", given={"tries": 1}), quietly)
    assert Case.objects.get(number=number).flagged
