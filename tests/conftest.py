"""A real PostGIS for the whole session: the one JINGTU_DATABASE_URL names, or a private one that is thrown away."""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadFileScheduling

import api.demo
from api.database import point_django_at
from api.private_database import PrivateDatabase
from tests import emptied
from tests.settings import TEST_HOME

# CI draws the same examples every time; at a desk every run draws new ones, and what fails is kept.
settings.register_profile("ci", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
if os.environ.get("CI"):
    settings.load_profile("ci")

# Nothing here needs to survive a power cut. A worker of autovacuum in a database keeps its owner from dropping it, and
# one in template1 from making another.
THROW_AWAY = {
    "autovacuum": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "512MB",
}


EMPTIABLE = ";".join(
    f"ALTER TABLE spatial_{name} DISABLE TRIGGER spatial_{name}_not_emptied"
    for name in ("remark", "withdrawal", "siteevent", "notice", "attachment", "step")
)


SHARED = ("demo_database", "loaded_demo", "demo: Demo")
"""What takes long to make: the files in which one of these is asked for are run by one process."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _ByFile(config, log)


class _ByFile(LoadFileScheduling):
    """A file's tests run in one process, and so do all files that share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope_of(nodeid.partition("::")[0])


@cache
def _scope_of(file: str) -> str:
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    return next((shared for shared in SHARED if shared in text), file)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The address of a database on the server that the tests use; the tests' own databases lie beside it."""
    if given := os.environ.get("JINGTU_DATABASE_URL"):
        yield given
        return
    _clear_after_killed_sessions()
    with PrivateDatabase(TEST_HOME, THROW_AWAY).running() as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str) -> None:
    """Point Django at that server before pytest-django makes its test database there."""
    point_django_at(database_url)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests begin with empty tables, which the database refuses to make of what is only ever added."""
    with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
        cursor.execute(EMPTIABLE)
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):  # else Django's own way, which needs no such right
            emptied.instead_of_djangos()
    # Served requests use a pool, and so do tests: a new connection costs more than most requests.
    connections["default"].close()
    connections["default"].settings_dict["OPTIONS"] |= {"pool": {"min_size": 0, "max_size": 16}}
    yield
    connections["default"].close()
    connections["default"].close_pool()


@pytest.fixture
def test_database_url(transactional_db: None, database_url: str) -> str:
    """The address of the migrated test database, for what runs in another process or on another connection."""
    return database_url.rpartition("/")[0] + "/" + connections["default"].settings_dict["NAME"]


@pytest.fixture(scope="session")
def loaded_demo(
    database_url: str, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, Any]]:
    """A database of its own that holds the demo, loaded once for the session, and the home with its accounts.

    The first try is cut short on purpose: what the tests see was finished by a second one, as after a killed start.
    """
    name, home = f"test_jingtu_{os.getpid()}_demo", TEST_HOME / "demo"
    home.mkdir(exist_ok=True)
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with _using(name, home), django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
            with pytest.raises(KeyboardInterrupt):
                api.demo.load_if_empty(_interrupt_after(lines=12))
            assert api.demo.load_if_empty(lambda line: None)
        yield {"name": name, "home": home}
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def demo_database(loaded_demo: dict[str, Any], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, for a module of tests that read it: no `db`, no `transactional_db` beside it."""
    with _using(**loaded_demo), django_db_blocker.unblock():
        yield


@contextmanager
def _using(name: str, home: Path) -> Iterator[None]:
    """Django, in all threads, on this database and home."""
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
    with override_settings(JINGTU_HOME=home):
        yield
    connections["default"].close()
    connections["default"].close_pool()
    connection.settings_dict["NAME"] = before


def _interrupt_after(lines: int) -> Callable[[str], None]:
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if len(told) > lines:
            raise KeyboardInterrupt

    return tell


@pytest.fixture(scope="module")
def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pytest_unconfigure() -> None:
    shutil.rmtree(TEST_HOME, ignore_errors=True)


def _clear_after_killed_sessions() -> None:
    """Stop and remove the databases of test sessions that were killed before they could do it themselves.

    One process at a time: the workers of a session all begin with it.
    """
    temporary = Path(tempfile.gettempdir())
    with (temporary / "jingtu-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for home in temporary.glob("jingtu-test-*"):
            with suppress(FileNotFoundError):  # a session that ends at this moment
                _clear(home)


def _clear(home: Path) -> None:
    process = home.name.split("-")[2]
    if Path("/proc", process).exists() or home.owner() != Path("/proc/self").owner():
        return
    for place in (home, *(path for path in home.iterdir() if path.is_dir())):
        PrivateDatabase(place).stop()
    for line in Path("/proc/mounts").read_text().splitlines():
        if (mounted := line.split()[1]).startswith(f"{home}/"):
            subprocess.run(["umount", "--lazy", mounted], check=False)
    shutil.rmtree(home, ignore_errors=True)
