"""A cluster of its own, which may be killed and filled, and databases on it in which an old release is live."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from api.database import point_django_at
from api.private_database import PrivateDatabase
from tests.faults import scene
from tests.faults.process import HOME, Jingtu

# What is committed must stay when a process is killed; only a power cut may take it.
# Autovacuum in a copy would keep its owner from dropping it.
SETTINGS = {"autovacuum": "off", "fsync": "off", "shared_buffers": "64MB", "max_wal_size": "512MB"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Cluster:
    private: PrivateDatabase
    url: str

    def address(self, database: str) -> str:
        return self.url.rpartition("/")[0] + "/" + database

    @property
    def superuser_url(self) -> str:
        password = json.loads((HOME / "database-passwords.json").read_text())["postgres"]
        return f"postgresql://postgres:{password}@{self.url.rpartition('@')[2].rpartition('/')[0]}/postgres"

    def pid(self) -> int:
        """The postmaster's."""
        return int((self.private.data_directory() / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def copy(self, of: str = "old", options: str = "") -> Iterator[str]:
        """The address of a new copy of a database, dropped in the end.

        Copied as files: a sequence that is copied through the log would go back after a crash.
        """
        name = f"copy_{next(_numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY file_copy {options}")
        try:
            yield self.address(name)
        finally:
            with psycopg.connect(self.address("postgres"), autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class Right:
    """What an undisturbed load and publication give."""

    old: scene.Fingerprint
    waiting: scene.Fingerprint
    new: scene.Fingerprint
    old_answers: dict[str, Any]
    new_answers: dict[str, Any]
    moments_of_load: list[str]
    moments_of_publication: list[str]


@contextmanager
def using(url: str) -> Iterator[None]:
    """Django, in all threads of this process, on this database."""
    connection = connections["default"]
    before = dict(connection.settings_dict)
    point_django_at(url)
    try:
        yield
    finally:
        with suppress(Exception):  # of a server that was killed
            connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def cluster(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    private = PrivateDatabase(HOME, SETTINGS)
    made = Cluster(private, private.ensure())
    with psycopg.connect(made.url, autocommit=True) as server:
        server.execute("CREATE DATABASE old")
    with django_db_blocker.unblock(), using(made.address("old")):
        call_command("migrate", verbosity=0)
        scene.make(tmp_path_factory.mktemp("old"))
    yield made
    private.stop()


@pytest.fixture
def url(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of this test alone, with the old release live; Django uses it."""
    with cluster.copy() as address, django_db_blocker.unblock(), using(address):
        yield address


@pytest.fixture
def waiting_url(cluster: Cluster, right: Right, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The same, and the new delivery waits in its release."""
    with cluster.copy("waiting") as address, django_db_blocker.unblock(), using(address):
        yield address


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.new_delivery(tmp_path_factory.mktemp("new"))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.other_delivery(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="session")
def right(cluster: Cluster, delivery: Path, django_db_blocker: DjangoDbBlocker) -> Right:
    """An undisturbed load and publication; a copy of the database between the two is called `waiting`."""
    with psycopg.connect(cluster.address("postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE waiting TEMPLATE old")
    url = cluster.address("waiting")
    with django_db_blocker.unblock(), using(url):
        old, old_answers = scene.fingerprint(url, scene.VISIBLE), scene.answers()
    loading = _moments(url, *scene.words(delivery))
    assert scene.fingerprint(url, scene.VISIBLE) == old
    waiting = scene.fingerprint(url, scene.WAITING)
    with cluster.copy("waiting") as url, django_db_blocker.unblock(), using(url):
        publishing = _moments(url, "publish", scene.NEW)
        new, new_answers = scene.fingerprint(url, scene.VISIBLE), scene.answers()
    return Right(old, waiting, new, old_answers, new_answers, loading, publishing)


def _moments(url: str, *words: Any) -> list[str]:
    """All moments of a command that does its work."""
    moments: list[str] = []
    with Jingtu(url, *words) as command:
        command.go_to(moments.append)
        assert command.code() == 0, command.err()
    return moments
