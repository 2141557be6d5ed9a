"""The process that reads files for the server: it forks a child for each, bounds it, buries it and tells how it ended.

Started by loaders.sandbox with a socket as its standard input. It knows no database and no secret, is alone on its
network where the system allows that, and ends when the server does.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
OPEN_FILES = 256
LOOK_S = 1.0
"""Between two looks at how much the children have written."""
OUT_OF_MEMORY, BROKEN, NO_ROOM = 3, 4, 5

DONE, SLOW, LARGE, FAILED, FULL = b"done", b"slow", b"large", b"failed", b"full"
"""How a child ended; `full` is the machine's disk and no fault of the file."""

BLOCK = 4096
OVER = {
    errno.EFBIG: OUT_OF_MEMORY,
    errno.ENOMEM: OUT_OF_MEMORY,
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
}
"""What a child ends with where the system gives no more."""
NUMBERS = itertools.count(1)
WARM = b'{"type":"Polygon","coordinates":[[[87.3,44.01],[87.31,44.01],[87.31,44.02],[87.3,44.01]]]}'


@dataclass(slots=True)
class _Child:
    status: socket.socket
    folder: Path
    disk_bytes: int
    is_given_up: bool = False


def main() -> None:
    """Serve until the other end of standard input is closed. Arguments: the folder for the children's folders."""
    base = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service manager tells all of us; the server says when
    leave_network()
    for unused in (
        "pandas",
        "geopandas",
        "pyarrow",
    ):  # pyogrio asks for them; they are slow and start threads
        sys.modules[unused] = None  # type: ignore[assignment]
    warnings.simplefilter("ignore")  # GDAL's quote the file
    _warm()
    del sys.modules["pyarrow"]  # a child that is given a GeoParquet takes it then
    try:
        _serve(socket.socket(fileno=0), base)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _warm() -> None:
    """Make once, before the forks, what every file needs: modules, catalog, land-use codes, coordinate systems."""
    import shapely

    from loaders import delivery_stream, parcel_json  # noqa: F401  a child has no time to import
    from loaders.parcels import read_parcels
    from spatial import catalog, crs

    parcel_json.encode(read_parcels(WARM, "warm.geojson"))
    for number in catalog.current().region.zones:
        for prefixed in (True, False):
            middle = shapely.Point(500_000 + prefixed * number * 1_000_000, 4_900_000)
            crs.to_storage(middle, crs.zone_epsg(number, prefixed=prefixed))


def leave_network() -> bool:
    """A network of its own without any interface, where the system allows it; GDAL's settings stand in any case."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def _serve(control: socket.socket, base: Path) -> None:
    waking, wake = socket.socketpair()
    waking.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    children: dict[int, _Child] = {}
    try:
        while True:
            heard = {child.status: pid for pid, child in children.items() if not child.is_given_up}
            ready = select.select([control, waking, *heard], [], [], LOOK_S if children else None)[0]
            if waking in ready:
                waking.recv(4096)
            if control in ready:
                message, passed, *_ = socket.recv_fds(control, 4096, 2)
                if not message:
                    return
                _start(json.loads(message), passed, base, children, (control, waking, wake))
            _give_up(children, {heard[end] for end in ready if end in heard})
            _bury(children)
    finally:
        for pid in children:
            _kill(pid)


def _start(
    limits: dict[str, int],
    passed: list[int],
    base: Path,
    children: dict[int, _Child],
    own: tuple[socket.socket, ...],
) -> None:
    data, status = (socket.socket(fileno=number) for number in passed)
    with data:
        folder, keeper = base / str(next(NUMBERS)), os.getpid()
        try:
            folder.mkdir(mode=0o700)
            pid = os.fork()
        except OSError as error:  # no room for a folder or a process
            _tell(status, FULL if OVER.get(error.errno or 0) == NO_ROOM else FAILED, folder)
            return
        if pid == 0:
            code = BROKEN
            try:
                for inherited in (*own, status, *(child.status for child in children.values())):
                    inherited.close()
                code = _read(data, folder, limits, keeper)
            except MemoryError:
                code = OUT_OF_MEMORY
            except OSError as error:
                code = OVER.get(error.errno or 0, BROKEN)
            except BaseException as error:  # noqa: BLE001 — whatever it is, this process ends here
                # The log says where and of what kind; the message may hold text of the file.
                traceback.print_tb(error.__traceback__)
                print(type(error).__name__, file=sys.stderr, flush=True)
            finally:
                os._exit(code)
    children[pid] = _Child(status, folder, limits["disk_bytes"])


def _read(data: socket.socket, folder: Path, limits: dict[str, int], keeper: int) -> int:
    """In the child: bound itself, then read what it is asked for and tell what is in it."""
    _bound(folder, limits, keeper)
    from loaders import delivery_stream, parcel_json
    from loaders.parcels import read_parcels

    with data.makefile("rb") as stream:
        asked = json.loads(stream.readline() or b'{"size": -1}')
        if "deliveries" in asked:
            delivery_stream.answer(stream, data.sendall)
            return 0
        content = stream.read(max(0, asked["size"]))
    if len(content) == asked["size"]:
        file = read_parcels(content, asked["name"], **asked["given"])
        del content
        data.sendall(parcel_json.encode(file))
    return 0


def _bound(folder: Path, limits: dict[str, int], keeper: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.chdir(folder)
    os.umask(0o077)
    tempfile.tempdir = str(folder)
    os.environ.update(TMPDIR=str(folder), SQLITE_TMPDIR=str(folder), CPL_TMPDIR=str(folder))
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:  # it died before it could be told
        os._exit(BROKEN)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError):  # when the machine runs out of memory, this goes before the service
        Path("/proc/self/oom_score_adj").write_text("1000")
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"], limits["cpu_s"] + 1))


def _give_up(children: dict[int, _Child], unwanted: set[int]) -> None:
    """End the children that nobody listens to any more, and those that have filled their folder."""
    for pid, child in children.items():
        if not child.is_given_up and (pid in unwanted or _size(child.folder) > child.disk_bytes):
            child.is_given_up = True
            _kill(pid)


def _size(folder: Path) -> int:
    """Bytes on disk, small files and folders as the block that they take."""
    size = 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(OSError):
                size += max(BLOCK, 512 * os.lstat(os.path.join(place, name)).st_blocks)
    return size


def _bury(children: dict[int, _Child]) -> None:
    """Of each child that ended: kill what it may have left behind, remove its folder, and tell how it ended."""
    for pid in list(children):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            continue
        _kill(pid)  # while the dead child is not buried, its number is nobody else's
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        child = children.pop(pid)
        _tell(child.status, _ended(code), child.folder)


def _ended(code: int) -> bytes:
    if code == 0:
        return DONE
    if code == -signal.SIGXCPU:
        return SLOW
    if code == NO_ROOM:
        return FULL
    # SIGKILL is the system's, out of memory, or ours, for a full folder; a child nobody wants is not asked.
    return LARGE if code in (OUT_OF_MEMORY, -signal.SIGKILL, -signal.SIGXFSZ) else FAILED


def _tell(status: socket.socket, ended: bytes, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with status, contextlib.suppress(OSError):
        status.sendall(ended)


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
