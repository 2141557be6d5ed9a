"""A real PostGIS for the whole session: the one JINGTU_DATABASE_URL names, or a private one that is thrown away."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from api.database import point_django_at
from api.private_database import PrivateDatabase
from tests.settings import TEST_HOME

# Nothing here needs to survive a power cut.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "512MB",
}


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


@pytest.fixture
def test_database_url(transactional_db: None, database_url: str) -> str:
    """The address of the migrated test database, for what runs in another process or on another connection."""
    return database_url.rpartition("/")[0] + "/" + connections["default"].settings_dict["NAME"]


def pytest_unconfigure() -> None:
    shutil.rmtree(TEST_HOME, ignore_errors=True)


def _clear_after_killed_sessions() -> None:
    """Stop and remove the databases of test sessions that were killed before they could do it themselves."""
    for home in Path(tempfile.gettempdir()).glob("jingtu-test-*"):
        process = home.name.split("-")[2]
        if not Path("/proc", process).exists() and home.owner() == Path("/proc/self").owner():
            PrivateDatabase(home).stop()
            shutil.rmtree(home, ignore_errors=True)
