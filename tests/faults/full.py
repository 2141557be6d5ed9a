"""Disks that can be filled and emptied again.

A small file system where this machine lets us mount one; else the processes that write are limited in how long their
files may grow, which the system tells them in much the same way.
"""

from __future__ import annotations

import os
import pwd
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.faults.conftest import Cluster
from tests.faults.process import HOME

Leave = Callable[[int | None], None]
"""Leave room for so many bytes more; None: for all that comes."""
LONGER_THAN_WAL = 240_000
"""Rows by which a table outgrows the 16 MB of a WAL file, which a limit must not touch."""


def may_mount() -> bool:
    folder = HOME / "mounted"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], capture_output=True
    )
    return not mounted.returncode and not subprocess.run(["umount", str(folder)]).returncode


@contextmanager
def file_system(folder: Path, megabytes: int) -> Iterator[Leave]:
    """One of its own on a folder."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "none", str(folder)]
    subprocess.run(mount, check=True)
    filler = folder / "filler"

    def leave(room: int | None) -> None:
        filler.unlink(missing_ok=True)
        if room is not None:
            there = os.statvfs(folder)
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, there.f_bavail * there.f_frsize - room)

    try:
        yield leave
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def database_on_a_file_system(cluster: Cluster, of: str = "old") -> Iterator[tuple[str, Leave]]:
    """A copy of a database, all of it in a tablespace on a small disk."""
    disk = HOME / "disk"
    with file_system(disk, 48) as leave, psycopg.connect(cluster.superuser_url, autocommit=True) as server:
        (disk / "space").mkdir()
        owner = cluster.private.data_directory().stat()
        os.chown(disk / "space", owner.st_uid, owner.st_gid)
        server.execute(f"CREATE TABLESPACE small LOCATION '{disk / 'space'}'")
        server.execute("GRANT CREATE ON TABLESPACE small TO jingtu")
        try:
            with cluster.copy(of, "TABLESPACE small") as url:
                yield url, leave
        finally:
            server.execute("DROP TABLESPACE small")


@contextmanager
def database_under_a_limit(cluster: Cluster, of: str = "old") -> Iterator[tuple[str, Leave]]:
    """A copy of a database whose longest table cannot grow; new connections are under the limit."""

    def leave(room: int | None) -> None:
        with psycopg.connect(url) as database:
            row = database.execute("SELECT pg_relation_size('spatial_keptrow')").fetchone()
        assert row
        # Half a page too much: PostgreSQL can write a part of it and sees that the rest has no room.
        most = "unlimited" if room is None else row[0] + room // 8192 * 8192 + 4096
        limit_server(cluster, cluster.pid(), most)

    with cluster.copy(of) as url:
        with psycopg.connect(url) as database:
            database.execute(
                "INSERT INTO spatial_keptrow (load_id, content) SELECT id, sha256(n::text::bytea)"
                " FROM (SELECT min(id) AS id FROM spatial_load) AS l, generate_series(1, %s) AS n"
                " ORDER BY 2",  # so that its index is shorter
                [LONGER_THAN_WAL],
            )
        try:
            yield url, leave
        finally:
            leave(None)


@contextmanager
def room_in(folder: Path) -> Iterator[Callable[[int, int | None], None]]:
    """A folder with so much room for a process of ours."""
    if may_mount():
        with file_system(folder, 4) as leave:
            yield lambda pid, room: leave(room)
    else:
        yield limit_files


def limit_server(cluster: Cluster, pid: int, most: int | str) -> None:
    """How long files may be that a process of the database writes, and those that it starts from now on."""
    owner = pwd.getpwuid(cluster.private.data_directory().stat().st_uid)
    identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={most}:"], check=True, **identity)  # type: ignore[call-overload]


def limit_files(pid: int, room: int | None) -> None:
    """How long the files of a process of ours may grow."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if room is None else room, hard))
