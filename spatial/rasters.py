"""Where the pixels of images lie: COGs in JINGTU_HOME/rasters/, named by the hash of the file that came.

A file gets its name whole, and before the row that names it (attribute `file`) is committed. What is being made lies
in a folder beside it under that name to be: what a killed load leaves there says which files to look at again, and
those that no row names go. No other file is ever removed, for two databases may have used one home.
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
from django.db.models import QuerySet

from spatial import catalog
from spatial.models import Feature

MAKING = ".making-"
Maker = Callable[[Path], None]
"""Writes a file; what it raises ends the load."""


def folder() -> Path:
    return Path(settings.JINGTU_HOME) / "rasters"


def path_of(name: str) -> Path:
    """The file of an image, by its row's attribute `file`."""
    return folder() / name


def names_of(rows: QuerySet[Feature]) -> list[str]:
    """The files that rows name; in another layer an attribute of that name is no file of ours."""
    layers = [layer.id for layer in catalog.current().stored() if layer.is_raster]
    return list(rows.filter(layer__in=layers).values_list("attributes__file", flat=True))


@contextlib.contextmanager
def storing(
    makers: Mapping[str, Maker], told: Callable[[int, int], None]
) -> Iterator[Callable[[Collection[str]], None]]:
    """Make the files that are not there yet, by name; the function given puts some of them in place.

    It is called within the transaction that writes their rows. One process at a time stores: others wait. `told`: which
    of how many comes next.
    """
    if not makers:
        yield lambda names: None
        return
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _settle()
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=folder()))
        try:
            for number, (name, make) in enumerate(makers.items(), 1):
                told(number, len(makers))
                if not path_of(name).exists():
                    make(making / name)
            yield lambda names: _place(making, names)
        finally:
            with contextlib.suppress(DatabaseError):  # then the next load does it
                _settle()


def remove_unnamed(names: Collection[str]) -> None:
    """Remove the files of rows that are gone, but for those that another row names."""
    for name in set(names) - _named(names):
        path_of(name).unlink(missing_ok=True)


def _place(making: Path, names: Collection[str]) -> None:
    for name in names:
        if (making / name).exists():
            os.link(making / name, path_of(name))
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle() -> None:
    """Remove what is being made, and of its files those that were put in place for rows that never came."""
    for making in folder().glob(f"{MAKING}*"):
        remove_unnamed([made.name for made in making.glob("*.tif")])
        shutil.rmtree(making)


def _named(names: Collection[str]) -> set[str]:
    return set(names_of(Feature.objects.filter(attributes__file__in=list(names))))
