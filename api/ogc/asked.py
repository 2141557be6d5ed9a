"""What a request for items asks, from the words of its parameters: box, days, order. What is wrong is 400."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from api.errors import Problem
from api.ogc.systems import System
from spatial import crs
from tiles.collection import Key, sortables
from tiles.rows import View

OPEN = ("", "..")


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last; None: this day today."""

    first: date | None = None
    last: date | None = None


def invalid(name: str, message: str, hint: str) -> Problem:
    return Problem(
        f"参数 {name} 不对：{message}",
        hint,
        code="parameter_invalid",
        errors=[{"at": f"query.{name}", "code": "parameter_invalid", "message": message}],
    )


def days(text: str | None) -> Days:
    """An instant or an interval (RFC 3339, `..` or nothing for an open end) as days of the region's clock."""
    if text is None:
        return Days()
    if "/" not in text:
        return Days(_day(text))
    first, _, last = text.partition("/")
    span = Days(
        date.min if first in OPEN else _day(first),
        date.max if last in OPEN else _day(last),
    )
    if span.first and span.last and span.first > span.last:
        raise invalid("datetime", "起在止之后。", "请把较早的写在前面。")
    return span


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text)
        if re.fullmatch(
            r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", text, re.ASCII
        ):
            return timezone.localdate(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        pass
    raise invalid(
        "datetime",
        f"“{text[:40]}”不是日期。",
        "例如 2026-11-23、2026-11-23T12:00:00+08:00、2026-01-01/.. 。",
    )


def area(text: str | None, system: System) -> BaseGeometry | None:
    """A box of four numbers, or six with heights that count nothing, as ground of EPSG:4490."""
    if text is None:
        return None
    hint = "应为四个数：先左下角后右上角，各按坐标系的轴序；例如 bbox=87.0,43.8,87.6,44.3。"
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise invalid("bbox", "不是一个范围。", hint)
    if system.north_first:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    west, south, east, north = numbers
    if system.epsg not in (crs.STORAGE, crs.WGS84):
        if not (west <= east and south <= north):
            raise invalid("bbox", "左下角不在右上角的左下。", hint)
        try:
            ground = crs.box_to_storage((west, south, east, north), system.epsg)
        except shapely.errors.GEOSException:  # too large for a number of edges
            ground = shapely.Polygon()
        if ground.is_empty or not all(map(math.isfinite, ground.bounds)) or not ground.is_valid:
            raise invalid("bbox", "范围伸出了坐标系。", hint)
        return ground
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise invalid("bbox", "不是经纬度的范围。", hint)
    if west <= east:
        return shapely.box(west, south, east, north)
    # Across the 180th meridian (OGC 17-069r4, 7.15.3).
    return shapely.MultiPolygon([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def keys(text: str | None, view: View) -> list[Key]:
    """`name,-county`: by name, then by county backwards."""
    if text is None:
        return []
    known = sortables(view)
    found = []
    for part in text.split(","):
        name = part.strip().removeprefix("+").removeprefix("-")
        if name not in known:
            raise invalid("sortby", f"不能按“{name[:40]}”排序。", f"可用：{'、'.join(known)}。")
        found.append(Key(name, part.strip().startswith("-")))
    if len({key.name for key in found}) < len(found):
        raise invalid("sortby", "一个属性写了两次。", "请只写一次。")
    return found
