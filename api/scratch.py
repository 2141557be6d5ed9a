"""Where a process puts what it unpacks and receives: a folder of its own that goes when the process ends.

A process that is killed leaves its folder, but not the lock on it: by that the next one knows what to clear away.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


@contextlib.contextmanager
def folder() -> Iterator[None]:
    """Temporary files of this process lie under JINGTU_HOME for as long; those of dead processes go now."""
    every = Path(settings.JINGTU_HOME) / "temporary"
    every.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as stack:
        with _held(every):  # nobody takes a folder that is not locked yet for one that was left
            for left in every.iterdir():
                with contextlib.suppress(OSError), _held(left, fcntl.LOCK_NB):
                    shutil.rmtree(left, ignore_errors=True)
            own = Path(tempfile.mkdtemp(dir=every))
            stack.callback(shutil.rmtree, own, ignore_errors=True)
            stack.enter_context(_held(own))
        stack.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = str(own)
        yield


@contextlib.contextmanager
def _held(path: Path, how: int = 0) -> Iterator[None]:
    """The lock on a folder, which the system takes back from whoever dies. Raises OSError where it is another's."""
    number = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(number)
