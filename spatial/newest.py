"""Which revision is newest: told to every process of this machine the moment that it is committed.

The number stands in a file that all processes look at, which costs no question to the database. Whoever learns of a
newer one writes it there before acting on it: so nobody answers with something older after another did with something
newer. A process on another machine hears of it from the database (NOTIFY), or by asking now and then.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

_NUMBER = struct.Struct("<q")
_TOUCH = """
INSERT INTO spatial_layerversion (layer, revision) VALUES (%s, %s)
ON CONFLICT (layer) DO UPDATE SET revision = greatest(spatial_layerversion.revision, excluded.revision)
"""


def touch(layer: str, revision: int) -> None:
    """Keep, within the transaction that does it, that a layer changes in a revision."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [layer, revision])


def tell(revision: int) -> None:
    """Tell every process of this machine of a committed revision; an older number than theirs changes nothing."""
    with _opened() as file, mmap.mmap(file, _NUMBER.size) as board:
        if _NUMBER.unpack_from(board)[0] < revision:
            _NUMBER.pack_into(board, 0, revision)


def reset(revision: int) -> None:
    """Set the number even where it falls: at the start of a server, after a restore to an earlier moment."""
    with _opened() as file, mmap.mmap(file, _NUMBER.size) as board:
        _NUMBER.pack_into(board, 0, revision)


class Board:
    """The number, looked at without a call to the system."""

    def __init__(self) -> None:
        with _opened() as file:
            self._map = mmap.mmap(file, _NUMBER.size)

    def read(self) -> int:
        (number,) = _NUMBER.unpack_from(self._map)
        return int(number)


@contextmanager
def _opened() -> Iterator[int]:
    """The file of this database, locked for as long."""
    own = connection.settings_dict
    name = hashlib.sha256(repr([own[key] for key in ("HOST", "PORT", "NAME")]).encode()).hexdigest()[:16]
    folder = Path(settings.JINGTU_HOME)
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / f"newest-{name}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_size < _NUMBER.size:
            os.ftruncate(file, _NUMBER.size)
        yield file
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)  # a map of the file keeps it open, and would keep the lock
        os.close(file)
