"""Who runs `overlay_pairs`: processes of this machine, Dask workers wherever they are. They read the same files."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from spatial import crs
from spatial.batch.files import read_shapes, write_shapes
from spatial.batch.pairs import Area, Pairs, overlay_pairs

AREAS: dict[str, Area] = {"deg2": shapely.area, "m2": crs.areas_m2}
"""By name: what is sent to a worker is text."""
PER_FILE = 12_500
"""Parcels in a file: what a worker holds at one time, and what is done again when it dies."""
PR_SET_PDEATHSIG = 1
WITHOUT_WORKERS_S = 60.0
Calls = Iterable[tuple[Any, ...]]
Run = Callable[[Callable[..., Any], Calls], Iterable[Any]]


class NoWorkers(Exception):
    """All Dask workers are gone and none comes back."""


def overlay_files(parcels: Path, zones: tuple[Path, ...], area: str) -> list[Pairs]:
    """The task of a worker: the pairs of one file of parcels with each file of zones."""
    shapes = read_shapes(parcels)
    return [overlay_pairs(shapes, _zones(path), AREAS[area]) for path in zones]


@cache
def _zones(path: Path) -> np.ndarray:
    """Read once in each worker; every batch has a folder of its own, so a name never means other zones."""
    return read_shapes(path)


def overlay_batch(
    parcels: np.ndarray, layers: Sequence[np.ndarray], run: Run, folder: Path, area: str = "deg2"
) -> list[Pairs]:
    """`overlay_pairs` of many parcels with each layer of zones; a parcel stands in exactly one file."""
    zones = tuple(write_shapes(folder / f"zones-{n}.parquet", layer) for n, layer in enumerate(layers))
    starts = range(0, len(parcels), PER_FILE)
    calls = (
        (write_shapes(folder / f"parcels-{at}.parquet", parcels[at : at + PER_FILE]), zones, area)
        for at in starts
    )
    done = list(run(overlay_files, calls))
    return [
        Pairs(
            np.concatenate([found[n].parcel + at for at, found in zip(starts, done, strict=True)]),
            np.concatenate([found[n].zone for found in done]),
            np.concatenate([found[n].area for found in done]),
        )
        for n in range(len(layers))
    ]


def here(task: Callable[..., Any], calls: Calls) -> Iterator[Any]:
    """Run the calls in this process: for a few of them, less work than to start others."""
    return (task(*call) for call in calls)


def local(ready: Callable[[], object] = os.getpid) -> Run:
    """A runner on processes of this machine, results in order. `ready`: what each does while the first call is made.

    Spawned, not forked: a forked child would share our database connection and the locks of our threads.
    """

    def run(task: Callable[..., Any], calls: Calls) -> Iterator[Any]:
        workers = len(os.sched_getaffinity(0))
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, spawn, _end_with_parent, (os.getpid(),)) as pool:
            for _ in range(workers):
                pool.submit(ready)
            yield from _in_order(pool.submit, task, calls, 2 * workers)

    return run


def _end_with_parent(parent: int) -> None:
    """A worker whose parent was killed would wait for its next call for ever: Linux ends it too."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before we could ask
        os._exit(1)


def _in_order(
    submit: Callable[..., Any],
    task: Callable[..., Any],
    calls: Calls,
    ahead: int,
    result: Callable[[Any], Any] = lambda future: future.result(),
) -> Iterator[Any]:
    """Results in the order of the calls, which are asked for only so far ahead: memory and disk stay bounded."""
    running: deque[Any] = deque()
    for call in calls:
        running.append(submit(task, *call))
        if len(running) > ahead:
            yield result(running.popleft())
    while running:
        yield result(running.popleft())


def dask(scheduler: str | None = None) -> Run:
    """A runner on the workers of a Dask scheduler (tcp://…, tls://…), or on two of this machine.

    The files must be readable under the same names on every worker. A worker that dies is replaced and its file
    done again: a task writes nothing, so nothing is there twice. Raises NoWorkers when all have been gone for a minute.
    """
    from distributed import Client  # an extra: pip install "jingtu[dask]"
    from distributed import TimeoutError as NotYet

    def client_() -> Any:
        if scheduler:
            return Client(scheduler)
        return Client(n_workers=2, threads_per_worker=1, dashboard_address=None)

    def workers(client: Any) -> int:
        return len(client.scheduler_info(n_workers=-1)["workers"])

    def wait(client: Any, future: Any) -> Any:
        seen = time.monotonic()
        while True:
            try:
                return future.result(timeout=5)
            except NotYet:
                if workers(client):
                    seen = time.monotonic()
                elif time.monotonic() - seen > WITHOUT_WORKERS_S:
                    raise NoWorkers from None

    def run(task: Callable[..., Any], calls: Calls) -> Iterator[Any]:
        with client_() as client:
            ahead = 4 * workers(client)
            yield from _in_order(
                partial(client.submit, pure=False), task, calls, ahead, partial(wait, client)
            )

    return run
