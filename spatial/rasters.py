"""Where the pixels of images lie: JINGTU_HOME/rasters/<SHA-256 of the file that came>.tif, each a COG.

A file gets its name whole, and before the row that names it is committed. What is being made lies in a folder beside
it under that name to be: what a killed load leaves there says which files to look at again, and those that no row
names go. No other file is ever removed, for two databases may have used one home.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from spatial import catalog
from spatial.models import Feature

MAKING = ".making-"
Maker = Callable[[Path], None]
"""Writes a file; what it raises ends the load."""


def folder() -> Path:
    return Path(settings.JINGTU_HOME) / "rasters"


def path_of(sha256: str) -> Path:
    """The file of an image, by its row's attribute `sha256`."""
    return folder() / f"{sha256}.tif"


@contextlib.contextmanager
def storing(
    makers: Mapping[str, Maker], told: Callable[[int, int], None]
) -> Iterator[Callable[[Collection[str]], None]]:
    """Make the files that are not there yet, by hash; the function given puts some of them in place.

    It is called within the transaction that writes their rows. One process at a time stores: others wait. `told`: which
    of how many comes next.
    """
    if not makers:
        yield lambda hashes: None
        return
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _settle()
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=folder()))
        try:
            for number, (sha256, make) in enumerate(makers.items(), 1):
                told(number, len(makers))
                if not path_of(sha256).exists():
                    make(making / path_of(sha256).name)
            yield lambda hashes: _place(making, hashes)
        finally:
            with contextlib.suppress(DatabaseError):  # then the next load does it
                _settle()


def remove_unnamed(hashes: Collection[str]) -> None:
    """Remove the files of rows that are gone, but for those that another row names."""
    for sha256 in set(hashes) - _named(hashes):
        path_of(sha256).unlink(missing_ok=True)


def _place(making: Path, hashes: Collection[str]) -> None:
    for sha256 in hashes:
        made = making / path_of(sha256).name
        if made.exists():
            os.link(made, path_of(sha256))
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle() -> None:
    """Remove what is being made, and of its files those that were put in place for rows that never came."""
    for making in folder().glob(f"{MAKING}*"):
        remove_unnamed([made.stem for made in making.glob("*.tif")])
        shutil.rmtree(making)


def _named(hashes: Collection[str]) -> set[str]:
    layers = [layer.id for layer in catalog.current().stored() if layer.is_raster]
    rows = Feature.objects.filter(layer__in=layers, attributes__sha256__in=list(hashes))
    return set(rows.values_list("attributes__sha256", flat=True))
