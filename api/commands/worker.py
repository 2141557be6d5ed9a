"""处理后台任务 / work on the jobs that were handed in over HTTP; `jingtu up` brings its own worker.

One worker works on a database at a time; another waits and takes over. It needs the same JINGTU_HOME as the server.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading

from api import jobs
from api.check_job import check_parcels
from api.delivering import deliver
from api.drawing_job import draw_features
from api.load_job import load_files
from api.overlays.job import make_overlay
from api.packages_job import make_package
from api.papers_job import make_papers
from api.recheck_job import recheck_answers

KINDS = {
    "load": load_files,
    "checks": check_parcels,
    "recheck": recheck_answers,
    "deliver": deliver,
    "draw": draw_features,
    "overlay": make_overlay,
    "papers": make_papers,
    "package": make_package,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--until-stdin-ends", action="store_true", help="标准输入关闭时立即结束")


def run(arguments: argparse.Namespace) -> int:
    if arguments.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    jobs.work(KINDS, lambda line: print(line, flush=True))
    return 1  # only a signal ends it well


def _end_with_stdin() -> None:
    """Whoever started us is gone: leave as if killed, so that a database it kept is found as it left it."""
    # Not through the buffer, whose lock would be held when the process ends: Python dies of that.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)
