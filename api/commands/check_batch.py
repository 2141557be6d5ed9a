"""核查许多地块 / check the parcels of a file, thousands to millions, and write a table or shapes with their verdicts.

Every answer is stored and numbered. Begun again with the same file, question, day and data, it goes on where it
stopped. Exit code 0 when every row was looked at, whatever the verdicts; 1 where the file is refused or two ways of
measuring differ.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from api.asking import parcel_geometry, question_of_any
from api.batch_output import WRITERS, write_output
from api.batch_rows import counts_of, summary_of
from api.commands.check import add_question, body_from, usage_error
from api.errors import Refused, TooLarge
from api.issue_list import print_issues
from api.progress_bar import ProgressBar
from api.recheck_job import enqueue_recheck
from loaders.formats import digest_of, refusal_of
from loaders.parcels import OneOfMany, many_parcels
from loaders.record import FileRefused
from spatial.batch import engines
from spatial.batch.judging import set_up
from spatial.batch.run import CHUNK, Asked, begin, go_on
from spatial.crs import CrsRefused
from spatial.releases import newest_revision

DIFFERS = "second_opinion_differs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="文件 / any format the loaders read")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="结果：" + " ".join(WRITERS))
    parser.add_argument(
        "--engine",
        choices=("local", "postgis", "dask"),
        default="local",
        help="本机进程（默认）；另由 PostGIS 复核；Dask 计算节点",
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask 调度器，例如 tls://…；不写则在本机")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="计算节点都能读到的文件夹")
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    with _seldom_collecting():
        return _run(arguments)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Answers are many objects and no cycles: looking for cycles among them takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.out.suffix.lower() not in WRITERS or not arguments.out.absolute().parent.is_dir():
        raise SystemExit(usage_error(f"--out 应为已有文件夹中的 {' '.join(WRITERS)}：{arguments.out}"))
    if not arguments.file.exists():
        raise SystemExit(usage_error(f"没有这个文件：{arguments.file}"))
    question = question_of_any(body_from(arguments))
    progress = ProgressBar()
    options = {key: getattr(arguments, key) for key in ("crs", "encoding", "source_layer")}
    given = (
        nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory(prefix="jingtu-")
    )
    try:
        with many_parcels(arguments.file, **options, at_once=CHUNK) as (delivery, chunks), given as folder:
            runner = _runner(arguments, delivery.count)
            stated = sorted((key, value) for key, value in options.items() if value)
            compare = arguments.engine == "postgis"
            batch = begin(
                question, arguments.file.name, f"{digest_of(arguments.file)} {stated}", compare=compare
            )
            go_on(
                batch,
                question,
                _asked(chunks),
                runner,
                Path(folder),
                compare=compare,
                progress=lambda done: progress("checking", done, delivery.count),
            )
    except (FileRefused, CrsRefused) as error:
        print(f"{arguments.file.name}：文件有错误，没有核查。")
        print_issues([refusal_of(error)])
        return 1
    except engines.NoWorkers:
        print(
            "计算节点全部掉线，核查没有做完。请重新启动它们，再运行同一条命令，从停下的地方接着做。",
            file=sys.stderr,
        )
        return 1
    finally:
        progress.close()
    counts = counts_of(batch)
    if not counts["read"]:
        print(f"{arguments.file.name}：文件里没有地块。请核对是否导出了正确的图层。")
        return 1
    if newest_revision() != batch.revision:
        enqueue_recheck(newest_revision())
    write_output(batch, arguments.out)
    for what, told in summary_of(batch, counts):
        print(f"{what}：{told}")
    print(f"结果：{arguments.out}")
    if batch.parcels.filter(issues__contains=[{"code": DIFFERS}]).exists():
        print("有地块的两种算法不一致，没有给出结论，见结果中的“问题”。", file=sys.stderr)
        return 1
    return 0


def _runner(arguments: argparse.Namespace, parcels: int | None) -> engines.Run:
    if arguments.engine == "dask":
        return engines.dask(arguments.scheduler)
    return engines.here if parcels is not None and parcels <= CHUNK else engines.local(set_up)


def _asked(chunks: Iterator[list[OneOfMany]]) -> Iterator[list[Asked]]:
    place = 0
    for rows in chunks:
        found = []
        for row in rows:
            place += 1
            issues: list[dict[str, Any]] = [issue.as_json() for issue in row.issues]
            shape = None
            if row.parcel is not None:
                try:
                    shape = parcel_geometry(row.parcel.geometry)
                except (Refused, TooLarge) as error:
                    issues.append(
                        {"code": error.code, "severity": "error", "message": error.detail, "hint": error.hint}
                    )
            declared = row.parcel.declared_area_m2 if row.parcel else None
            found.append(Asked(place, row.row, row.no, shape, issues, declared))
        yield found
