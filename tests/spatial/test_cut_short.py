"""A check that is cut short, at whatever moment, gives no verdict and stores none; the next one is whole again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.test import override_settings

from api.breakdowns import database_problem
from api.errors import Problem
from spatial.measure import OutOfTime
from spatial.models import CheckRun
from tests.api.workers import held, wait_until_blocked
from tests.factories import feature, known_county
from tests.spatial.test_checks import PLAN, ask

HELD = ["spatial_revision", "spatial_coverage", "spatial_leftout", "spatial_feature", "spatial_checkrun"]
"""What a check reads, and where it stores: it stands still at the one that somebody else has locked."""


@pytest.fixture
def url(test_database_url: str) -> str:
    """A prefecture in which the parcel is hit."""
    known_county()
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected")
    return test_database_url


@contextmanager
def standing_still(url: str, table: str, statement: str) -> Iterator[None]:
    """Lock a table, and once the check waits for it do something to its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def strike() -> None:
        wait_until_blocked(url)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(statement, [pid])

    with held(url, f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"):
        thread = threading.Thread(target=strike)
        thread.start()
        yield
        thread.join()


def refused() -> Problem:
    with pytest.raises(DatabaseError) as raised:
        ask()
    return database_problem(raised.value)


def nothing_was_said_and_the_next_is_whole() -> None:
    connection.close()
    assert not CheckRun.objects.exists()
    told: dict[str, Any] = ask()
    assert (told["verdict"], told["complete"]) == ("needs_investigation", True)


@pytest.mark.parametrize("table", HELD)
def test_a_statement_that_is_cancelled_gives_no_verdict(url: str, table: str) -> None:
    with standing_still(url, table, "SELECT pg_cancel_backend(%s)"):
        problem = refused()
    assert (problem.status, problem.code) == (503, "query_timeout")
    nothing_was_said_and_the_next_is_whole()


@pytest.mark.parametrize("table", HELD)
def test_a_connection_that_the_server_ends_gives_no_verdict(url: str, table: str) -> None:
    with standing_still(url, table, "SELECT pg_terminate_backend(%s)"):
        problem = refused()
    assert (problem.status, problem.code) == (503, "database_unavailable")
    nothing_was_said_and_the_next_is_whole()


@pytest.mark.parametrize("table", HELD)
def test_a_statement_over_its_time_gives_no_verdict(url: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
    with held(url, f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"):
        problem = refused()
    assert (problem.status, problem.code) == (503, "query_timeout")
    nothing_was_said_and_the_next_is_whole()


def test_measuring_over_its_time_gives_no_verdict(url: str) -> None:
    with override_settings(JINGTU_CHECK_SECONDS=-1), pytest.raises(OutOfTime):
        ask()
    nothing_was_said_and_the_next_is_whole()
