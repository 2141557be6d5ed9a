"""Backups: a base backup and archived log of the private database, a dump of another one; and the way back.

A backup is a folder with a manifest, which is written last: without it, or where a file is another, it is none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.database import migrations_of_this_version
from api.postgresql import find_binaries, made_by
from api.private_database import PrivateDatabase
from spatial import copies, integrity

MANIFEST = "manifest.json"
SECRETS = ("secret-key", "database-passwords.json")
ARCHIVE_S = 60
"""A segment of the log is archived at the latest after so long: this much of the past may be missing after a loss."""


_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
_OURS = """
SELECT count(*) FROM pg_tables WHERE tablename LIKE 'spatial\\_%' AND tablename <> 'spatial_ref_sys'
"""


class NoBackup(Exception):
    """A backup that cannot be made or used; message and `hint` in Chinese."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Taken:
    """A backup that is there: its folder and what its manifest says."""

    folder: Path
    told: Mapping[str, Any]


def take(into: Path, private: PrivateDatabase | None) -> Taken:
    """Make a backup below a folder, while the database is in use. Raises NoBackup."""
    into.mkdir(parents=True, exist_ok=True)
    name = f"jingtu-{datetime.now():%Y%m%d-%H%M%S}"
    part = into / f".{name}.part"
    part.mkdir(mode=0o700)
    try:
        told = _base(part, into / "wal", private) if private else _dump(part)
        for folder in copies.FOLDERS:
            if (source := Path(settings.JINGTU_HOME) / folder).exists():
                shutil.copytree(source, part / "home" / folder, copy_function=shutil.copy2)
        for secret in SECRETS if private else SECRETS[:1]:
            if (source := Path(settings.JINGTU_HOME) / secret).exists():
                (part / "home").mkdir(exist_ok=True)
                shutil.copy2(source, part / "home" / secret)
        told |= {
            "made_at": datetime.now().astimezone().isoformat(),
            "migrations": sorted(map(list, _migrations())),
        }
        told["files"] = {str(path.relative_to(part)): _digest(path) for path in _files(part)}
        (part / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        part.rename(into / name)
        if private:
            copies.begin(into)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Taken(into / name, told)


def _base(part: Path, archive: Path, private: PrivateDatabase) -> dict[str, Any]:
    """The private database as it lies, and from now on its log in `archive`."""
    data = private.data_directory()
    owner = data.stat()
    archive.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(archive, owner.st_uid, owner.st_gid)
    with psycopg.connect(private.superuser_url(), autocommit=True) as server:
        if server.execute("SHOW archive_mode").fetchone() != ("on",):
            raise NoBackup("数据库还没有开启日志归档。", "请停下所有 jingtu 程序，再启动一次，然后重试。")
        copy = f'test ! -f "{archive}/%f" && cp %p "{archive}/.%f" && mv "{archive}/.%f" "{archive}/%f"'
        for name, value in (("archive_command", copy), ("archive_timeout", f"{ARCHIVE_S}s")):
            server.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        server.execute("SELECT pg_reload_conf()")
        if not private.can_write(archive):
            server.execute("ALTER SYSTEM SET archive_command = '/bin/true'; ")
            server.execute("SELECT pg_reload_conf()")
            raise NoBackup(
                f"数据库的系统账号不能写 {archive}。", "请换一个它能进入的文件夹，例如 /var/backups/jingtu。"
            )
        print_ = integrity.fingerprint()[0]
        tool = str(find_binaries(made_by(data)) / "pg_basebackup")
        command = [tool, "-D", str(part / "base"), "-X", "stream", "-c", "fast", "--no-password"]
        _run(command, connected(conninfo_to_dict(private.superuser_url())))
        server.execute("SELECT pg_switch_wal()")
    return {"kind": "base", "postgresql": made_by(data), "fingerprint": print_}


def _dump(part: Path) -> dict[str, Any]:
    """Another database as a dump; its fingerprint is that of the very same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SHOW server_version_num")
        cursor.nextset()
        version = int(cursor.fetchone()[0]) // 10000
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        tool = str(find_binaries() / "pg_dump")
        options = [
            "--format=custom",
            "--no-owner",
            f"--snapshot={snapshot}",
            f"--file={part / 'jingtu.dump'}",
        ]
        _run([tool, *options], connected(connection.get_connection_params()))
        print_ = integrity.fingerprint()[0]
    return {"kind": "dump", "postgresql": version, "fingerprint": print_}


def opened(folder: Path) -> Taken:
    """A backup, every file of which is what its manifest says. Raises NoBackup."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoBackup(
            f"{folder} 不是完整的备份。", "请指明 jingtu backup 建立的、带 manifest.json 的文件夹。"
        ) from error
    there = {str(path.relative_to(folder)) for path in _files(folder)} - {MANIFEST}
    wrong = sorted(there ^ set(told["files"])) or [
        name for name, digest in told["files"].items() if _digest(folder / name) != digest
    ]
    if wrong:
        raise NoBackup(f"备份 {folder.name} 已损坏：{'、'.join(wrong[:3])}。", "请用另一份备份。")
    newer = {tuple(one) for one in told["migrations"]} - set(migrations_of_this_version())
    if newer:
        raise NoBackup(f"备份 {folder.name} 由更新的程序建立。", "请先升级程序，再恢复。")
    return Taken(folder, told)


def put_back_base(taken: Taken, private: PrivateDatabase, to: datetime | None) -> None:
    """Lay the private database where it was, ready to read its log until a moment. Raises NoBackup."""
    data, home = private.data_directory(), Path(settings.JINGTU_HOME)
    if data.exists():
        raise NoBackup(f"{data} 里已有数据库，不会覆盖。", "请把它移走，或另设一个空的 JINGTU_HOME。")
    if to is not None and to < datetime.fromisoformat(taken.told["made_at"]):
        raise NoBackup(f"{to:%Y-%m-%d %H:%M:%S} 早于这份备份。", "请用更早的备份。")
    find_binaries(taken.told["postgresql"])
    archive = taken.folder.parent / "wal"
    made = data.with_name("postgres.restoring")
    shutil.rmtree(made, ignore_errors=True)
    data.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(taken.folder / "base", made)
    with (made / "postgresql.auto.conf").open("a", encoding="utf-8") as written:
        written.write("archive_command = '/bin/true'\n")
        written.write(f'restore_command = \'cp "{archive}/%f" "%p"\'\n')
        written.write("recovery_target_action = 'promote'\n")
        if to is not None:
            written.write(f"recovery_target_time = '{to.isoformat()}'\n")
    (made / "recovery.signal").touch()
    put_back_files(taken.folder / "home", home)
    put_back_files(taken.folder.parent / copies.COPIES, home)
    private.own(made)
    made.rename(data)


def recovered(private: PrivateDatabase) -> None:
    """Wait until the log is read, and let the database be as any other. The caller keeps it running."""
    with psycopg.connect(private.superuser_url(), autocommit=True) as server:
        while server.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            server.execute("SELECT pg_sleep(0.2)")
        for name in ("restore_command", "recovery_target_time", "recovery_target_action"):
            server.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))
        server.execute("SELECT pg_reload_conf()")


def put_back_dump(taken: Taken) -> None:
    """Fill an empty database from a dump. Raises NoBackup."""
    with connection.cursor() as cursor:
        cursor.execute(_OURS)
        if cursor.fetchone()[0]:
            raise NoBackup(
                "这个数据库里已有数据，不会覆盖。", "请指明一个空的数据库（JINGTU_DATABASE_URL）。"
            )
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'jingtu_reader'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE jingtu_reader NOLOGIN; GRANT jingtu_reader TO CURRENT_USER")
        for extension in ("postgis", "btree_gist", "pg_trgm"):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    restore, dump = str(find_binaries() / "pg_restore"), str(taken.folder / "jingtu.dump")
    listed = subprocess.run([restore, "--list", dump], capture_output=True, text=True, check=True).stdout
    # Extensions are there; what PostGIS filled itself belongs to a superuser.
    kept = [
        line for line in listed.splitlines() if " EXTENSION " not in line and "spatial_ref_sys" not in line
    ]
    contents = Path(settings.JINGTU_HOME) / "restore.list"
    contents.write_text("\n".join(kept), encoding="utf-8")
    try:
        given = connected(connection.get_connection_params())
        command = [
            restore,
            "--no-owner",
            "--exit-on-error",
            f"--use-list={contents}",
            f"--dbname={given['PGDATABASE']}",
        ]
        _run([*command, dump], given)
    finally:
        contents.unlink()
    put_back_files(taken.folder / "home", Path(settings.JINGTU_HOME))


def put_back_files(source: Path, home: Path) -> None:
    """What lay beside the database; secrets for their owner alone. What is there already stays."""
    for path in _files(source) if source.exists() else ():
        target = home / path.relative_to(source)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, target)


def _migrations() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def connected(parameters: Mapping[str, Any]) -> dict[str, str]:
    """What the tools of PostgreSQL read from their environment: a command line is seen by everybody on the machine."""
    return {variable: str(parameters[name]) for name, variable in _VARIABLES.items() if parameters.get(name)}


def _run(command: list[str], given: Mapping[str, str]) -> None:
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True)
    if done.returncode:
        raise NoBackup(
            f"{Path(command[0]).name} 没有完成：{done.stderr.strip()[-500:]}", "请按提示排除后重试。"
        )


def private_of_this_run() -> PrivateDatabase | None:
    """The private database, None where another one is named."""
    return None if os.environ.get("JINGTU_DATABASE_URL") else PrivateDatabase(Path(settings.JINGTU_HOME))
