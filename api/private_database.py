"""The PostgreSQL with PostGIS that Jingtu keeps for itself when no other database is named.

It lives under JINGTU_HOME, listens on 127.0.0.1 alone, and asks everybody for a password that only the
owner of JINGTU_HOME can read. Whoever uses it holds a shared lock for as long: the last one to leave stops it,
and a server left over by a killed run is simply found and used.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from api.machine import fitting_settings
from api.postgresql import DatabaseUnavailable, find_binaries, made_by

NAME = "jingtu"
OUTSIDE = Path("/var/lib/jingtu")
LEAKPROOF = (
    "geometry_overlaps(geometry, geometry)",
    "pg_catalog.hashtext(text)",
    "pg_catalog.textlike(text, text)",
    "word_similarity_commutator_op(text, text)",
)
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PrivateDatabase:
    """One private cluster; `settings` are added to those that fit the machine when the cluster is made."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def address_file(self) -> Path:
        """Holds the address with its password; readable by the owner alone. spatial.settings reads it too."""
        return self.home / "database-url"

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Yield the address of the running database; the last user to leave stops it."""
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / "database.users", "a") as users:
            try:
                with self._one_at_a_time():
                    url = self.ensure()
                    fcntl.flock(users, fcntl.LOCK_SH)
                yield url
            finally:
                with self._one_at_a_time():
                    if _takes_alone(users):
                        self.stop()

    def ensure(self) -> str:
        """Make the cluster if there is none, start it if it does not run, and return its address."""
        self.home.mkdir(parents=True, exist_ok=True)
        data = self.data_directory()
        if not data.exists():
            self._make(find_binaries(), data)
        binaries = find_binaries(made_by(data))
        port = _port_of_running_server(data)
        if port is None or not self._answers(port):
            port = self._start(binaries, data)
        self._prepare(port)
        self._make_plannable(port, NAME)
        self._drop_log_without_a_place(port)
        url = self._url(NAME, port, NAME)
        write_private(self.address_file, url + "\n")
        return url

    def stop(self) -> None:
        """Stop the server if it runs; a server that does not stop in time is stopped at once."""
        data = self.data_directory()
        if not (data / "postmaster.pid").exists():
            return
        pg_ctl = str(find_binaries(made_by(data)) / "pg_ctl")
        stopped = _run_as_owner(data, [pg_ctl, "stop", "-D", str(data), "-m", "fast", "-w", "-t", "30"])
        if stopped.returncode and (data / "postmaster.pid").exists():
            _run_as_owner(data, [pg_ctl, "stop", "-D", str(data), "-m", "immediate", "-w", "-t", "30"])

    def superuser_url(self) -> str:
        """The address of the running server for whoever runs it: backups and what only a superuser may."""
        port = self._last_port()
        if port is None:
            raise DatabaseUnavailable("私有数据库没有在运行。 / The private database does not run.")
        return self._url("postgres", port, NAME)

    def can_write(self, folder: Path) -> bool:
        """Whether the server's account may write there."""
        data = self.data_directory()
        return _run_as_owner(data, ["/usr/bin/test", "-w", str(folder)]).returncode == 0

    def own(self, data: Path) -> None:
        """Give files that were laid down to the server's account, for it alone."""
        account = _server_account()
        for path in (data, *data.rglob("*")):
            if account:
                os.chown(path, account.pw_uid, account.pw_gid)
        data.chmod(0o700)

    def data_directory(self) -> Path:
        """Where the data lies: in the home, or in /var/lib where the server's account cannot enter the home.

        Data that is there already stays where it is, whatever became of the home's permissions.
        """
        home = self.home.resolve()
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        inside, outside = home / "postgres", OUTSIDE / digest / "postgres"
        if inside.exists() or outside.exists():
            return inside if inside.exists() else outside
        return inside if os.geteuid() != 0 or _can_enter(home) else outside

    def _make(self, binaries: Path, data: Path) -> None:
        """Make the cluster beside its place and move it there when it is whole: initdb may be killed half way."""
        account = _server_account()
        made = data.with_name("postgres.new")
        shutil.rmtree(made, ignore_errors=True)
        data.parent.mkdir(parents=True, exist_ok=True)
        made.mkdir(mode=0o700)
        if account:
            os.chown(made, account.pw_uid, account.pw_gid)
        passwords = {role: secrets.token_urlsafe(32) for role in ("postgres", NAME)}
        write_private(self._passwords_file, json.dumps(passwords))
        reader = _pipe_with(passwords["postgres"], account)
        command = [
            str(binaries / "initdb"),
            "-D",
            str(made),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        command += ["--auth=scram-sha-256", f"--pwfile=/proc/self/fd/{reader}", "--data-checksums"]
        try:
            outcome = _run_as_owner(made, command, pass_fds=(reader,))
        finally:
            os.close(reader)
        if outcome.returncode:
            raise DatabaseUnavailable(f"建立私有数据库失败 / initdb failed: {outcome.stderr.strip()}")
        with open(made / "postgresql.conf", "a", encoding="utf-8") as configuration:
            configuration.write("\n# set by Jingtu when it made this cluster; yours to change\n")
            configuration.write(
                "archive_command = '/bin/true'  # until `jingtu backup` gives the log a place\n"
            )
            for name, value in {**fitting_settings(), **self.settings}.items():
                configuration.write(f"{name} = '{value}'\n")
        made.rename(data)

    def _start(self, binaries: Path, data: Path) -> int:
        """Start the server on the port it had before, if that is free, and return the port.

        Processes that outlive a killed server keep its memory for a moment and the first starts are refused.
        """
        log = data.parent / "postgres.log"
        deadline = time.monotonic() + START_SECONDS
        port = self._last_port()
        while True:
            port = port if port and _is_free(port) else _free_port()
            options = (
                f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c archive_mode=on"
            )
            command = [
                str(binaries / "pg_ctl"),
                "start",
                "-D",
                str(data),
                "-o",
                options,
                "-w",
                "-t",
                "60",
                "-s",
            ]
            _run_as_owner(data, command, log=log)
            if self._answers(port):
                return port
            running_on = _port_of_running_server(data)
            if running_on and self._answers(running_on):
                return running_on
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"私有数据库没有启动，请查看日志 {log}。 / The private database did not start, see {log}."
                )
            time.sleep(0.5)

    def _prepare(self, port: int) -> None:
        """Make the application's own role and database; extensions go into the template, for test databases."""
        password = self._passwords()[NAME]
        with psycopg.connect(self._url("postgres", port, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                return
            with psycopg.connect(self._url("postgres", port, "template1"), autocommit=True) as template:
                for extension in EXTENSIONS:
                    template.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                    )
            self._make_plannable(port, "template1")
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                        sql.Identifier(NAME), sql.Literal(password)
                    )
                )
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(NAME), sql.Identifier(NAME))
            )

    def _make_plannable(self, port: int, database: str) -> None:
        """Let the planner use the indexes on places and words under row-level security, as only a superuser may say.

        Without this a tile reads its whole layer, and a search every row. What it gives away: decision 16.
        """
        with psycopg.connect(self._url("postgres", port, database), autocommit=True) as connection:
            for function in LEAKPROOF:
                known = "SELECT proleakproof FROM pg_proc WHERE oid = %s::regprocedure"
                if not (connection.execute(known, [function]).fetchone() or (False,))[0]:
                    connection.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))

    def _drop_log_without_a_place(self, port: int) -> None:
        """A cluster that was made before backups were kept would hold its log for ever: let it go as others do."""
        with psycopg.connect(self._url("postgres", port, "postgres"), autocommit=True) as connection:
            if connection.execute("SHOW archive_command").fetchone() == ("",):
                connection.execute("ALTER SYSTEM SET archive_command = '/bin/true'")
                connection.execute("SELECT pg_reload_conf()")

    def _answers(self, port: int) -> bool:
        """Say whether this very cluster answers on the port, and not a stranger who took it meanwhile."""
        try:
            with psycopg.connect(self._url("postgres", port, "postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data_directory().resolve()

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with open(self.home / "database.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _passwords_file(self) -> Path:
        return self.home / "database-passwords.json"

    def _passwords(self) -> dict[str, str]:
        passwords: dict[str, str] = json.loads(self._passwords_file.read_text())
        return passwords

    def _url(self, role: str, port: int, database: str) -> str:
        return f"postgresql://{role}:{quote(self._passwords()[role])}@127.0.0.1:{port}/{database}"

    def _last_port(self) -> int | None:
        if not self.address_file.exists():
            return None
        return int(self.address_file.read_text().strip().rpartition(":")[2].partition("/")[0])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never half written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(
        os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    os.replace(temporary, path)


def _server_account() -> pwd.struct_passwd | None:
    """The account that runs the server when we are root, which PostgreSQL refuses; Debian's package makes it."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        command = ["useradd", "--system", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", NAME]
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(NAME)
        subprocess.run(command, check=True)
        return pwd.getpwnam(NAME)


def _run_as_owner(
    data: Path, command: list[str], *, log: Path | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a server tool as the owner of the data, from a folder it can enter, with nothing of our environment.

    With `log` its output, and that of the server it leaves running, goes there and not into a pipe of ours,
    which would stay open for as long as the server runs.
    """
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    owner = pwd.getpwuid(data.stat().st_uid)
    identity = {}
    if os.geteuid() == 0:
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    with contextlib.ExitStack() as stack:
        output: object = stack.enter_context(open(log, "a", opener=_private)) if log else subprocess.PIPE
        return subprocess.run(  # type: ignore[call-overload]
            command,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else subprocess.PIPE,
            text=True,
            pass_fds=pass_fds,
            start_new_session=True,
            **identity,
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _can_enter(folder: Path) -> bool:
    """Say whether an account with no special rights can walk down to the folder."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents) if part.exists())


def _pipe_with(text: str, account: pwd.struct_passwd | None) -> int:
    """A pipe that the account can open by its /proc name, so that the password never lies in a file of its own."""
    reader, writer = os.pipe()
    if account:
        os.fchown(reader, account.pw_uid, account.pw_gid)
    os.write(writer, text.encode() + b"\n")
    os.close(writer)
    return reader


def _port_of_running_server(data: Path) -> int | None:
    """The port in postmaster.pid (its fourth line), whether or not that server still lives."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[3])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _takes_alone(users: object) -> bool:
    """Say whether nobody else uses the database; the caller's own lock becomes the only one then."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True
