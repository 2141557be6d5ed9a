"""In which format an answer comes: the parameter `f`, or else what `Accept` prefers (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from api.errors import Problem
from api.ogc.links import GEOJSON, JSON

PAGE = "json"
FILES = {
    "geojson": GEOJSON,
    "csv": "text/csv; charset=utf-8",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
"""A whole collection as a file: name and media type."""
ITEMS = {PAGE: (GEOJSON, JSON)} | {
    name: (media_type.partition(";")[0],) for name, media_type in FILES.items()
}


def negotiated(request: Request, f: str | None, offered: Mapping[str, tuple[str, ...]]) -> str:
    """The name of the format, the first offered unless another is asked. Raises Problem (406)."""
    if f is not None:
        return f  # one of those in the route's description
    accept = request.headers.get("accept", "")
    for _, wanted in sorted(_ranges(accept), key=lambda one: -one[0]):
        for name, media_types in offered.items():
            if any(_fits(wanted, one) for one in media_types):
                return name
    if not accept:
        return next(iter(offered))
    known = "、".join(dict.fromkeys(one for media_types in offered.values() for one in media_types))
    problem = Problem("没有请求头 Accept 所要的格式。", f"可用：{known}；或用参数 f。", code="not_acceptable")
    problem.status = 406
    raise problem


def _ranges(accept: str) -> list[tuple[float, str]]:
    """Weight and media range of each, those that are refused (q=0) or unreadable left out."""
    found = []
    for part in accept.split(","):
        wanted, *parameters = (one.strip().lower() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            found.append((float(weight), wanted))
        except ValueError:
            continue
    return [(weight, wanted) for weight, wanted in found if weight > 0]


def _fits(wanted: str, media_type: str) -> bool:
    kind, _, name = wanted.partition("/")
    return wanted in ("*/*", media_type) or (name == "*" and media_type.startswith(f"{kind}/"))
