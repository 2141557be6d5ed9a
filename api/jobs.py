"""Work that goes on after its request was answered: the only module that knows the queue (procrastinate).

A job is a row of ours, which people see and which stays; what the queue keeps of it goes when it has ended. One worker
works on a database at a time and holds a lock for as long: whatever is still called running when another gets the
lock was left by a killed one, and is begun again. Every kind of work must therefore bear to be begun again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from api.breakdowns import disk_full
from api.errors import Conflict, NotFound, Problem
from loaders.limits import NO_ROOM
from spatial.models import Job

TASK = "jingtu.job"
AT_ONCE = 2
ALONE = (Job.Kind.RECHECK, Job.Kind.DELIVER, Job.Kind.DRAW, Job.Kind.PACKAGE)
"""One of a kind at a time: packages never take all turns, and share pools that serve one loop (api.pool.opened)."""
MOST_STARTS = 3
TELL_S = 0.5
WATCH_S = 2.0
POLL_S = 2.0
ORPHAN_S = 3600.0
"""A folder younger than this may belong to a request that has not written its job yet."""
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('jingtu worker', 0))"
TELL = """
UPDATE spatial_job SET stage = %s, done = %s, total = %s WHERE id = %s AND state = 'running' RETURNING cancel_asked
"""
GONE = (None, "57P01", "57P02", "57P03")
"""SQLSTATE of a connection that is lost, or that the server ends."""
KILLED = {
    "code": "job_killed",
    "detail": f"处理这个任务的程序 {MOST_STARTS} 次被中断，没有完成，资料没有变。",
    "hint": "文件可能过大或已损坏：请重新导出或拆分后再提交；仍不成功时请告诉管理员。",
}
_stopping = threading.Event()
log = logging.getLogger("jingtu.jobs")


class Cancelled(Exception):
    """Somebody asked that the job end."""


class _Stopped(Exception):
    """The worker is stopped; the next one begins the job again."""


class Progress:
    """How far a job is, told to the database at most twice a second, beside the job's own transaction."""

    def __init__(self, job: UUID) -> None:
        self._job = job
        self._connection = _plain_connection()
        self._next = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Tell stage and rows. Raises Cancelled where the job should end."""
        if _stopping.is_set():
            raise _Stopped
        now = time.monotonic()
        if stage == self._stage and now < self._next:
            return
        self._stage, self._next = stage, now + TELL_S
        row = self._connection.execute(TELL, [stage, done, total, self._job]).fetchone()
        if row is None or row[0]:
            raise Cancelled

    def close(self) -> None:
        self._connection.close()


Work = Callable[[Job, Progress], dict[str, Any]]
"""What a kind of job does: its result as JSON. A Problem that it raises is told to the asker."""


def folder_of(job: UUID) -> Path:
    """Where the files of a job lie until it ends; for the owner of JINGTU_HOME alone."""
    return Path(settings.JINGTU_HOME) / "uploads" / str(job)


@contextlib.contextmanager
def job_folder(job: UUID) -> Iterator[Path]:
    """A new folder for the files of a job that is about to be handed over; an exception removes it again."""
    folder = folder_of(job)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def accepted(job: Job) -> dict[str, Any]:
    """What a request is answered that left a job."""
    return {"job": str(job.pk), "kind": job.kind, "state": job.state, "title": job.title}


def enqueue(job: Job, after_s: int = 0) -> Job:
    """Save a new job and hand it to the worker, both within the caller's transaction where there is one.

    Of two jobs with one layer, of two rechecks, deliveries, drawings or packages, the later waits for the end of the
    earlier; but none waits for one that is to begin `after_s` seconds only.
    """
    with transaction.atomic():
        job.queue_number = _deferred(job, after_s)
        job.save(force_insert=True)
    return job


def find(job: UUID) -> Job | None:
    return Job.objects.filter(pk=job).first()


def done(job_id: UUID, user_id: int | None, kind: str) -> Job:
    """A person's own job of a kind, done. Raises NotFound, Conflict."""
    job = find(job_id)
    if job is None or job.by_id != user_id or job.kind != kind:
        raise NotFound("没有这个任务，或不是你能看的。", "请核对编号。", code="job_unknown")
    if job.state != Job.State.DONE:
        raise Conflict("这个任务还没有完成。", "请等它结束。")
    return job


def cancel(job: Job) -> Job:
    """End a job: at once while it waits, at its next sign of progress while it runs."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.state == Job.State.QUEUED and app.job_manager.cancel_job_by_id(
            job.queue_number or 0, delete_job=True
        ):
            _end(job, Job.State.CANCELLED)
        elif job.state not in Job.ENDED:
            job.cancel_asked = True
            job.save(update_fields=["cancel_asked"])
    return job


def work(kinds: Mapping[str, Work], told: Callable[[str], None]) -> None:
    """Do jobs until SIGTERM or Ctrl-C; waits while another worker is at it. Leaves at once when the database goes."""
    with _alone(told) as held:
        recover()
        threading.Thread(target=_watch, args=(held,), daemon=True).start()
        app.task(name=TASK)(lambda job: _run(UUID(job), kinds))
        told("· 后台任务已就绪 / worker is ready")
        queue = threading.Thread(target=_serve_queue, daemon=True)
        queue.start()
        try:
            queue.join()
        finally:
            _stopping.set()


def _serve_queue() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(
            concurrency=AT_ONCE,
            listen_notify=True,
            delete_jobs="always",
            fetch_job_polling_interval=POLL_S,
            install_signal_handlers=False,
        )


def recover() -> None:
    """Take up what a killed worker left: its jobs go back into the queue or, too often begun, end; its files go.

    Only the worker that works alone may call this.
    """
    waiting = set(ProcrastinateJob.objects.filter(status="todo", task_name=TASK).values_list("pk", flat=True))
    for left in ProcrastinateJob.objects.filter(status="doing", task_name=TASK).values_list("pk", flat=True):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, %s, true)", [left, Status.FAILED.value])
    for job in (
        Job.objects.exclude(state__in=Job.ENDED).exclude(queue_number__in=waiting).order_by("created_at")
    ):
        if job.cancel_asked:
            _end(job, Job.State.CANCELLED)
        elif job.starts >= MOST_STARTS:
            _end(job, Job.State.FAILED, KILLED)
        else:
            with transaction.atomic():
                job.queue_number, job.state = _deferred(job), Job.State.QUEUED
                job.save(update_fields=["queue_number", "state"])
    live = {str(key) for key in Job.objects.exclude(state__in=Job.ENDED).values_list("pk", flat=True)}
    for folder in (Path(settings.JINGTU_HOME) / "uploads").glob("*"):
        if folder.name not in live and time.time() - folder.stat().st_mtime > ORPHAN_S:
            shutil.rmtree(folder, ignore_errors=True)


def _deferred(job: Job, after_s: int = 0) -> int:
    alone = job.kind if job.kind in ALONE else None
    lock = f"load {job.layer}" if job.layer else alone
    later: dict[str, Any] = {"schedule_in": {"seconds": after_s}, "priority": -1} if after_s else {}
    return app.configure_task(TASK, lock=lock, **later).defer(job=str(job.pk))


def _run(key: UUID, kinds: Mapping[str, Work]) -> None:
    """One job from start to end, in a thread of the worker."""
    job = Job.objects.filter(pk=key).exclude(state__in=Job.ENDED).first()
    if job is None:
        return
    try:
        job.state, job.starts, job.started_at = Job.State.RUNNING, job.starts + 1, timezone.now()
        job.save(update_fields=["state", "starts", "started_at"])
        with contextlib.closing(Progress(key)) as progress:
            state, result, failure = _outcome(job, kinds[job.kind], progress)
        _end(job, state, failure, result)
    except _Stopped:  # a regular stop is no fault of the job
        Job.objects.filter(pk=key).update(starts=job.starts - 1)
    except (psycopg.Error, DatabaseError) as error:
        log.error("the database is gone; the job will be begun again", exc_info=error)
        os._exit(1)


def _outcome(
    job: Job, done_by: Work, progress: Progress
) -> tuple[str, dict[str, Any] | None, dict[str, str] | None]:
    try:
        return Job.State.DONE, done_by(job, progress), None
    except Cancelled:
        return Job.State.CANCELLED, None, None
    except Problem as problem:
        return Job.State.FAILED, None, _told(problem)
    except _Stopped:
        raise
    except Exception as error:  # whatever it was, the asker is told and the worker goes on
        if _stopping.is_set():  # no thread is started any more, and the readers are gone
            raise _Stopped from error
        return Job.State.FAILED, None, _told(_problem_of(error))


def _problem_of(error: Exception) -> Problem:
    """What an unforeseen end means. Raises a lost connection again: that is no end of the job."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, psycopg.errors.DiskFull):
        return disk_full("数据库")
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return disk_full("服务器")
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and cause.sqlstate in GONE:
        raise error
    if isinstance(error, MemoryError):
        return Problem("处理这个文件需要的内存不够。", "请拆成几个文件后再提交。", code="too_large")
    number = secrets.token_hex(3).upper()
    log.error("job failed %s", number, exc_info=error)
    hint = "请重新提交；仍不成功时把编号告诉管理员。"
    return Problem(f"没有完成，资料没有变。编号 {number}。", hint, code="internal")


def _told(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "detail": problem.detail, "hint": problem.hint}


def _end(
    job: Job, state: str, failure: dict[str, str] | None = None, result: dict[str, Any] | None = None
) -> None:
    job.state, job.failure, job.ended_at = state, failure, timezone.now()
    if result is not None:
        job.result = result
    job.save(update_fields=["state", "failure", "result", "ended_at"])
    transaction.on_commit(lambda: shutil.rmtree(folder_of(job.pk), ignore_errors=True))


@contextlib.contextmanager
def _alone(told: Callable[[str], None]) -> Iterator[psycopg.Connection]:
    """Hold the lock of the one worker; PostgreSQL takes it back the moment that this process is gone."""
    waiting = False
    with _plain_connection() as held:
        while not (held.execute(LOCK).fetchone() or (False,))[0]:
            if not waiting:
                told("· 已有后台任务程序在运行，等它结束 / another worker is at it: waiting")
            waiting = True
            time.sleep(0.5)
        yield held


def _watch(held: psycopg.Connection) -> None:
    """Leave when the lock is lost: another worker may have it already."""
    while True:
        time.sleep(WATCH_S)
        try:
            held.execute("SELECT 1")
        except psycopg.Error:
            os._exit(1)


def _plain_connection() -> psycopg.Connection:
    """A connection of its own to the database that Django uses, outside all transactions."""
    given = connections["default"].get_connection_params()
    own = {name: value for name, value in given.items() if name not in ("context", "cursor_factory", "pool")}
    return psycopg.connect(**own, autocommit=True)
