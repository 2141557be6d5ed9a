"""What it means to whoever asks that the database or a disk failed, or that something happened that nobody foresaw."""

from __future__ import annotations

import logging
import secrets

import psycopg
from django.db import DataError, ProgrammingError
from psycopg import errors as states
from psycopg_pool import PoolTimeout, TooManyRequests

from api.errors import Problem, Unavailable

log = logging.getLogger("jingtu.api")
BUSY = (
    PoolTimeout,
    TooManyRequests,
    states.LockNotAvailable,
    states.DeadlockDetected,
    states.TooManyConnections,
)


def busy() -> Problem:
    return Unavailable("系统正忙。", "请稍后重试。", code="busy")


def out_of_time() -> Problem:
    return Unavailable(
        "地块未能在时限内量算完，本次没有得出任何结论。",
        "请把地块拆成几块、减少界址点后再核查。",
        code="check_timeout",
    )


def disk_full(whose: str) -> Problem:
    """Of the database's disk the transaction is gone, of ours the file: nothing is half there."""
    return Unavailable(
        f"{whose}的磁盘已满，没有完成，资料没有变。",
        "请管理员清出空间后重试，不必重新启动。",
        code="disk_full",
    )


def not_migrated() -> Problem:
    return Unavailable("数据库还没有升级到这个版本。", "请管理员运行 jingtu migrate。")


def database_problem(error: Exception) -> Problem:
    """What an error of the database, Django's or the driver's own, means to the one who asks."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, states.UndefinedTable | states.UndefinedColumn):
        return not_migrated()
    if isinstance(cause, states.DiskFull):
        return disk_full("数据库")
    if isinstance(cause, states.QueryCanceled):
        return Unavailable("查询用时过长，已停止。", "请缩小范围后重试。", code="query_timeout")
    if isinstance(cause, BUSY):
        return busy()
    if isinstance(error, DataError | psycopg.DataError):
        return Problem("请求里有数据库不能接受的内容。", "请去掉不可见的字符，或改小数字后重试。")
    if isinstance(error, ProgrammingError | psycopg.ProgrammingError):
        return unforeseen(error)
    log.warning("the database did not answer: %s", error)
    return Unavailable("数据库暂时连不上。", "请稍后重试。", code="database_unavailable")


def unforeseen(error: Exception) -> Problem:
    """What nobody foresaw: a number for the asker, the rest for the log."""
    number = secrets.token_hex(3).upper()
    log.error("request failed %s", number, exc_info=error)
    problem = Problem(
        f"没有完成，未得出任何结论。编号 {number}。", "请重试；仍不成功时把编号告诉管理员。", code="internal"
    )
    problem.status = 500
    return problem
