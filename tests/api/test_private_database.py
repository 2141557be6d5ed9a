"""The private database: made, started, shared, taken over, stopped."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api import postgresql
from api.postgresql import DatabaseUnavailable
from api.private_database import PrivateDatabase
from tests.settings import TEST_HOME

QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def home() -> Iterator[Path]:
    folder = TEST_HOME / f"home-{time.monotonic_ns()}"
    yield folder
    PrivateDatabase(folder).stop()


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_alive(pid: int) -> bool:
    path = Path("/proc", str(pid), "stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_database_is_made_with_postgis_utf8_and_checksums(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as url, psycopg.connect(url) as connection:
        assert connection.info.server_version >= 150000
        area = connection.execute(
            "SELECT round(ST_Area(ST_GeogFromText("
            "'POLYGON((87.3 44.01,87.31 44.01,87.31 44.02,87.3 44.02,87.3 44.01))')))"
        ).fetchone()
        assert area == (890967,)  # 890966.79 on CGCS2000, worked out by geographiclib
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW shared_buffers").fetchone() == ("16MB",)


def test_the_application_is_no_superuser_and_can_make_databases_that_have_postgis(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
            connection.execute("CREATE DATABASE another")
        with psycopg.connect(url.rpartition("/")[0] + "/another") as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            assert connection.execute("SELECT ST_AsText(ST_Point(1, 2))").fetchone() == ("POINT(1 2)",)


def test_nobody_gets_in_without_the_password_and_only_the_owner_can_read_it(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as url:
        for user in ("postgres", "jingtu"):
            host = url.rpartition("@")[2]
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(f"postgresql://{user}:wrong@{host}")
        for name in ("database-url", "database-passwords.json", "postgres.log"):
            assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
        listening = psycopg.connect(url).execute("SHOW listen_addresses").fetchone()
        assert listening == ("127.0.0.1",)


def test_leaving_stops_the_server_and_the_next_start_keeps_data_and_port(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as url:
        pid = server_pid(home)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not is_alive(pid)
    started = time.monotonic()
    with PrivateDatabase(home, QUICK).running() as again:
        assert time.monotonic() - started < 10
        assert again == url
        assert psycopg.connect(again).execute("SELECT answer FROM kept").fetchone() == (42,)


def test_the_last_of_two_users_stops_the_server(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as first:
        pid = server_pid(home)
        with PrivateDatabase(home, QUICK).running() as second:
            assert second == first
            assert server_pid(home) == pid
        assert is_alive(pid)
        assert psycopg.connect(first).execute("SELECT 1").fetchone() == (1,)
    assert not is_alive(pid)


def test_a_server_left_by_a_killed_run_is_taken_over_and_stopped_at_the_end(home: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from api.private_database import PrivateDatabase\n"
        f"with PrivateDatabase(Path({str(home)!r}), {QUICK!r}).running() as url:\n"
        "    print(url, flush=True); time.sleep(600)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    url = run.stdout.readline().strip()
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    left_over = server_pid(home)
    assert is_alive(left_over)
    with PrivateDatabase(home, QUICK).running() as again:
        assert again == url
        assert server_pid(home) == left_over
    assert not is_alive(left_over)


def test_a_server_that_was_killed_itself_is_started_again_without_losing_what_was_committed(
    home: Path,
) -> None:
    database = PrivateDatabase(home, QUICK)
    url = database.ensure()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS answer")
    os.kill(server_pid(home), signal.SIGKILL)
    with database.running() as again:
        assert psycopg.connect(again).execute("SELECT answer FROM kept").fetchone() == (7,)


def test_a_port_that_a_stranger_took_is_given_up_for_another(home: Path) -> None:
    with PrivateDatabase(home, QUICK).running() as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with PrivateDatabase(home, QUICK).running() as other:
            assert f":{port}/" not in other
            assert psycopg.connect(other).execute("SELECT 1").fetchone() == (1,)


def test_a_folder_left_by_an_interrupted_initdb_is_made_anew(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    with PrivateDatabase(home, QUICK).running() as url:
        assert psycopg.connect(url).execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_major_version_is_refused_with_a_way_out(home: Path) -> None:
    database = PrivateDatabase(home, QUICK)
    database.ensure()
    database.stop()
    version = home / "postgres" / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(DatabaseUnavailable, match="PostgreSQL 12"):
        database.ensure()


def test_a_machine_without_postgresql_is_told_in_one_line_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseUnavailable) as refusal:
        PrivateDatabase(home).ensure()
    message = str(refusal.value)
    assert "postgresql-15-postgis-3" in message
    assert "JINGTU_DATABASE_URL" in message
    assert "\n" not in message


def test_the_data_goes_to_var_lib_where_the_servers_account_cannot_enter_the_home(home: Path) -> None:
    home.mkdir(mode=0o700)
    home.chmod(0o700)
    database = PrivateDatabase(home, QUICK)
    data = database.data_directory()
    if os.geteuid() == 0:
        assert data.is_relative_to("/var/lib/jingtu")
        with database.running() as url:
            assert psycopg.connect(url).execute("SELECT 1").fetchone() == (1,)
        assert json.loads((home / "database-passwords.json").read_text()).keys() == {"postgres", "jingtu"}
        shutil.rmtree(data.parent)
    else:
        assert data == home / "postgres"
