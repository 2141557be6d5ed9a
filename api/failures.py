"""From any exception to a problem, by one table: what the inner packages, the framework and the database raise."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

import psycopg
from django.db import DataError, InterfaceError, InternalError, OperationalError, ProgrammingError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.breakdowns import database_problem, disk_full, out_of_time, unforeseen
from api.errors import Conflict, NotFound, Problem, Refused, TooLarge, problem_response
from api.field_errors import field_errors
from api.language import Answer
from loaders.limits import NO_ROOM
from spatial.catalog import LayerNotFound
from spatial.crs import CrsRefused
from spatial.measure import OutOfTime
from spatial.refusal import Refusal
from spatial.releases import CannotSwitch
from tiles.cql2 import FilterRefused
from tiles.grid import MAX_ZOOM, TileInvalid

log = logging.getLogger("jingtu.access")

UNFIT = frozenset({"not_stored", "person_missing", "data_date_future"})
"""Why a switch is refused whatever the data are; all else is a conflict with them."""
Translation = Callable[[Exception], Problem]


def _file_problem(error: Exception) -> Problem:
    return disk_full("服务器") if cast(OSError, error).errno in NO_ROOM else unforeseen(error)


def _layer_unknown(error: Exception) -> Problem:
    return NotFound(f"没有图层“{error}”。", "图层清单见 /catalog。", code="layer_unknown")


def _tile_unknown(error: Exception) -> Problem:
    return NotFound(
        f"没有瓦片 {error}。",
        f"级别为 0 到 {MAX_ZOOM}，行列号从 0 到 2 的级别次方减 1。",
        code="tile_unknown",
    )


def _crs_refused(error: Exception) -> Problem:
    error = cast(CrsRefused, error)
    return Refused(
        error.message,
        error.hint,
        code=error.code,
        errors=[{"at": "crs", "code": error.code, "message": error.message}],
    )


def _filter_refused(error: Exception) -> Problem:
    error = cast(FilterRefused, error)
    wrong = {"at": error.place, "code": error.code, "message": error.message}
    return Problem(
        error.told(),
        "写法见 /docs；可以查询的字段是图层的字段和 geometry。",
        code="filter_invalid",
        errors=[wrong],
    )


def _cannot_switch(error: Exception) -> Problem:
    error = cast(CannotSwitch, error)
    kind = NotFound if error.code == "release_unknown" else Refused if error.code in UNFIT else Conflict
    return kind(str(error), error.hint, code=error.code)


def _refusal(error: Exception) -> Problem:
    error = cast(Refusal, error)
    kind = (
        NotFound
        if error.code in ("site_unknown", "notice_unknown", "list_unknown")
        else Conflict
        if error.conflict
        else Refused
    )
    return kind(str(error), error.hint, code=error.code)


def _body_invalid(error: Exception) -> Problem:
    errors = field_errors(cast(RequestValidationError, error).errors())
    where = "、".join(item["at"] for item in errors[:5])
    return Refused(
        f"请求内容不符合要求：{where}。", "请对照 /docs 中的格式修改。", code="body_invalid", errors=errors
    )


def _http(error: Exception) -> Problem:
    """What the framework itself refuses: no such address, no such method, a body that cannot be read."""
    status = cast(HTTPException, error).status_code
    if isinstance(error.__cause__, OSError):  # while the body was received
        return _file_problem(error.__cause__)
    if status == 404:
        return NotFound("没有这个地址。", "请核对地址。")
    if status == 405:
        problem = Problem(
            "这个地址不接受这种请求方式。", "可用的方式见响应头 Allow。", code="method_not_allowed"
        )
    elif status == 413:
        return TooLarge("请求内容过大。", "请拆分后提交。")
    else:
        problem = Problem("读不懂请求的内容。", "请核对格式和 Content-Type。")
    problem.status = status
    return problem


TRANSLATED: dict[type[Exception], Translation] = {
    Problem: lambda error: cast(Problem, error),
    LayerNotFound: _layer_unknown,
    TileInvalid: _tile_unknown,
    CrsRefused: _crs_refused,
    OutOfTime: lambda _: out_of_time(),
    FilterRefused: _filter_refused,
    CannotSwitch: _cannot_switch,
    Refusal: _refusal,
    RequestValidationError: _body_invalid,
    HTTPException: _http,
    OperationalError: database_problem,
    InterfaceError: database_problem,
    InternalError: database_problem,
    DataError: database_problem,
    ProgrammingError: database_problem,
    psycopg.Error: database_problem,  # the driver's own, psycopg_pool.PoolTimeout among them
    OSError: _file_problem,
    Exception: unforeseen,
}
"""Exceptions and what they mean to a caller; the nearest class of an exception counts."""


def problem_of(error: Exception) -> Problem:
    """What an exception means to a caller."""
    return TRANSLATED[next(kind for kind in type(error).__mro__ if kind in TRANSLATED)](error)


async def told(request: Request, error: Exception) -> Answer:
    """The answer to a request that failed."""
    headers = error.headers if isinstance(error, HTTPException) else None
    problem = problem_of(error)
    if problem.status == 403 or (problem.status == 401 and "authorization" in request.headers):
        address = request.client.host if request.client else "-"
        log.warning(
            "refused %s %s %s from %s", problem.status, request.method, quote(request.url.path), address
        )
    return problem_response(problem, headers)


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    for kind in TRANSLATED:
        app.add_exception_handler(kind, told)
