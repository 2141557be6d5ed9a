"""From what a person sent to a question that can be judged; every refusal says what is wrong, where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import shapely
from django.utils import timezone
from pydantic import ValidationError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.access import Scope, require_layer, row_counties
from api.errors import NotFound, Refused, TooLarge
from api.field_errors import field_errors
from api.schemas import CheckBody, UseBody
from loaders.parcels import ParcelIn
from spatial import cadastre, catalog, crs, landuse, rules
from spatial.checks import Question
from spatial.geometry import fault_of, normalise
from spatial.rules import RuleBook

MOST_VERTICES = 10_000
EARLIEST = date(2019, 1, 1)
"""The first day of 土壤污染防治法, on which the rules rest: before it, silence is no answer."""


def question_from(body: CheckBody, scope: Scope | None = None) -> Question:
    """A question for `spatial.checks.run_check`. Raises Refused, NotFound, TooLarge or CrsRefused.

    `scope`: who asks over HTTP; a cadastral number stands only for a parcel that the asker may see.
    """
    as_of, known_at = day_of(body.as_of), moment_of(body.known_at)
    parcel, parcel_no = _parcel(body, as_of or timezone.localdate(), known_at, scope)
    question = question_of_any(body)
    return replace(question, parcel=parcel, parcel_no=parcel_no, cadastral=parcel_no is not None)


def body_of(
    action: str | None,
    proposed_use: str | None,
    current_use: str | None,
    project: dict[str, Any],
    purpose: str = "",
    as_of: str | None = None,
) -> CheckBody:
    """The request that form fields or command-line options stand for, its parcel still to come."""
    try:
        return CheckBody.model_validate(
            {
                "parcel": {},
                "action": action or None,
                "proposed_use": use_of(proposed_use),
                "current_use": use_of(current_use),
                "project": project,
                "purpose": purpose,
                "as_of": as_of or None,
            }
        )
    except ValidationError as error:
        errors = field_errors(error.errors())
        raise Refused(
            "填写的内容有误：" + "、".join(e["at"] for e in errors) + "。", "请核对格式。", errors=errors
        ) from error


def use_of(text: str | None) -> dict[str, str] | None:
    """ "[SYSTEM:]CODE" as a use; MNR-2023 unless said."""
    if not text:
        return None
    system, _, code = text.rpartition(":")
    return {"system": system or "MNR-2023", "code": code}


def question_of_any(body: CheckBody) -> Question:
    """What is asked whatever the parcel, for one that is put in its place later."""
    book = rules.current()
    return Question(
        parcel=shapely.MultiPolygon(),
        action=_action(body.action, book),
        proposed_use=_use(body.proposed_use, "proposed_use"),
        current_use=_use(body.current_use, "current_use"),
        project=_project(body.project, book),
        purpose=_text(body.purpose, "purpose"),
        as_of=day_of(body.as_of),
        known_at=moment_of(body.known_at),
    )


def question_with(parcel: ParcelIn, body: CheckBody) -> Question:
    """The question about a parcel that a reader already brought to EPSG:4490."""
    own = {"parcel": parcel_geometry(parcel.geometry), "parcel_no": parcel.no}
    return replace(question_of_any(body), **own, declared_area_m2=parcel.declared_area_m2)


def parcel_geometry(geometry: BaseGeometry, crs_text: str = "EPSG:4490") -> BaseGeometry:
    """A polygon as it is judged: valid, in EPSG:4490, in the region's extent. Never mended: that is another parcel."""
    code = crs.parse(crs_text)
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise _bad("parcel", "not_a_polygon", "地块应为面（Polygon 或 MultiPolygon）。", "请提交闭合的边界。")
    if shapely.get_num_coordinates(geometry) > MOST_VERTICES:
        raise TooLarge(
            f"地块有 {shapely.get_num_coordinates(geometry)} 个点，上限 {MOST_VERTICES} 个。",
            "请拆分后提交。",
            code="too_many_points",
        )
    fault = fault_of(geometry)
    if fault:
        where = f"（{fault.place[0]:.7g}, {fault.place[1]:.7g} 附近）" if fault.place else ""
        raise _bad(
            "parcel",
            fault.code,
            f"地块图形有误：{fault.message}{where}。",
            "请在原数据中改正后重新提交，系统不会代为修改边界。",
        )
    stored = normalise(crs.to_storage(geometry, code))
    if fault := fault_of(stored):  # a cut thinner than storing moves a line
        raise _bad(
            "parcel",
            fault.code,
            f"地块图形换算到经纬度后有误：{fault.message}。",
            "边界上有窄于 0.1 毫米的缝或刺，请在原数据中改正后重新提交。",
        )
    require_extent(stored)
    return stored


def _parcel(
    body: CheckBody, as_of: date, known_at: datetime | None, scope: Scope | None
) -> tuple[BaseGeometry, str | None]:
    if "parcel_no" in body.parcel:
        return _cadastral(body.parcel, as_of, known_at, scope)
    return shape_from(body.parcel, body.crs, "parcel"), None


def shape_from(given: Mapping[str, Any], crs_text: str, at: str) -> BaseGeometry:
    """A GeoJSON polygon or Feature as it is stored and judged. Raises Refused, TooLarge or CrsRefused."""
    if given.get("type") == "Feature":
        crs_text = _named_crs(given, crs_text)
        given = given.get("geometry") or {}
    try:
        _require_numbers(given.get("coordinates"))
        _require_closed(given)
        crs_text = _named_crs(given, crs_text)
        geometry = shape(given)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as error:
        raise _bad(
            at,
            "geometry_unreadable",
            "看不懂地块图形。",
            "应为 GeoJSON 的 Polygon 或 MultiPolygon，每圈首尾同点。",
        ) from error
    return parcel_geometry(geometry, crs_text)


def _require_numbers(coordinates: Any) -> None:
    """Raise TypeError for a text or a truth value among the coordinates: shapely would read them as numbers."""
    left = [coordinates]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, str | bool):
            raise TypeError(one)


def _require_closed(given: Mapping[str, Any]) -> None:
    """Raise ValueError for a ring whose last position is not its first (RFC 7946, 3.1.6): a point may be missing."""
    parts = {"Polygon": [given["coordinates"]], "MultiPolygon": given["coordinates"]}.get(given["type"], [])
    if any(ring[0] != ring[-1] for part in parts for ring in part if ring):
        raise ValueError("a ring is open")


def _named_crs(given: Mapping[str, Any], crs_text: str) -> str:
    """The system that a GeoJSON object names itself (GeoJSON 2008, 3), else the one given. Raises CrsRefused."""
    if given.get("crs") is None:
        return crs_text
    named = crs.parse(str(given["crs"]["properties"]["name"]))
    if crs.parse(crs_text) not in (named, crs.STORAGE):
        raise _bad(
            "parcel", "crs_contradicts", f"图形写明 EPSG:{named}，请求写明 {crs_text}。", "请只写一处。"
        )
    return f"EPSG:{named}"


def _cadastral(
    given: Mapping[str, Any], as_of: date, known_at: datetime | None, scope: Scope | None
) -> tuple[BaseGeometry, str]:
    number = given["parcel_no"]
    if not isinstance(number, str) or not number.strip() or len(given) > 1:
        raise _bad(
            "parcel.parcel_no",
            "parcel_no_invalid",
            "宗地代码应为文字，且不与图形同时给出。",
            '只写 {"parcel_no": "…"}。',
        )
    number = _text(number.strip(), "parcel.parcel_no")
    counties = None
    if scope is not None:
        counties = row_counties(scope, require_layer(scope, catalog.current(), cadastre.LAYER))
    try:
        return cadastre.boundary(number, as_of, known_at, counties), number
    except cadastre.ParcelUnknown as error:
        hint = "请核对宗地代码，或改为上传、绘制边界。"
        raise NotFound(str(error), hint, code="parcel_unknown") from error


def require_extent(parcel: BaseGeometry) -> None:
    """Raise Refused for a place (degrees) that is not in the region."""
    region = catalog.current().region
    west, south, east, north = region.extent
    left, low, right, high = parcel.bounds
    if west <= left and right <= east and south <= low and high <= north:
        return
    hint = f"{region.name}在东经 {west}°–{east}°、北纬 {south}°–{north}°，请检查坐标系、带号。"
    if west <= low and high <= east and south <= left and right <= north:
        hint = "像是经度、纬度写反了：应先经度（X），后纬度（Y）。"
    elif abs(left) > 180 or abs(high) > 90:
        hint = "像是投影坐标：请在 crs 中写明坐标系，例如 EPSG:4517。"
    raise _bad("parcel", "outside_extent", f"地块落在{region.name}之外（{left:.5f}, {low:.5f}）。", hint)


def _action(action: str | None, book: RuleBook) -> str | None:
    if action is None or action in book.action_terms:
        return action
    raise _bad(
        "action",
        "action_unknown",
        f"没有事项“{action}”。",
        "可用事项：" + "、".join(f"{k}（{v}）" for k, v in book.action_terms.items()) + "。",
    )


def _use(use: UseBody | None, at: str) -> landuse.Use | None:
    if use is None:
        return None
    if use.system not in landuse.SYSTEMS:
        raise _bad(
            at,
            "code_system_unknown",
            f"没有分类标准“{use.system}”。",
            "可用：" + "、".join(landuse.SYSTEMS) + "。",
        )
    found = landuse.Use(use.system, use.code)
    if found not in landuse.codes():
        raise _bad(
            at,
            "use_code_unknown",
            f"{use.system} 中没有代码“{use.code}”。",
            "请核对代码和分类标准，清单见 /landuse。",
        )
    return found


def _project(project: Mapping[str, Any], book: RuleBook) -> dict[str, object]:
    known: dict[str, object] = {}
    for name, value in project.items():
        flag = book.project_flags.get(name)
        if flag is None:
            raise _bad(
                f"project.{name}",
                "project_flag_unknown",
                f"没有项目情况“{name}”。",
                "可用：" + "、".join(book.project_flags) + "。",
            )
        if value is None:
            continue
        if flag.type == "bool" and not isinstance(value, bool):
            raise _bad(f"project.{name}", "not_a_bool", f"“{name}”应为 true 或 false。", "不清楚时不要填写。")
        if flag.type == "choice" and (not isinstance(value, str) or value not in flag.values):
            raise _bad(
                f"project.{name}",
                "choice_unknown",
                f"“{name}”没有取值“{value}”。",
                "可用：" + "、".join(flag.values) + "。",
            )
        known[name] = value
    return known


def _text(text: str, at: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise _bad(at, "control_character", "文字里有不可见的控制字符。", "请重新输入。")
    return text


def day_of(day: date | None) -> date | None:
    if day is not None and not EARLIEST <= day <= timezone.localdate() + timedelta(days=1):
        raise _bad("as_of", "day_out_of_range", f"日期 {day} 超出可问的范围。", f"可问 {EARLIEST} 至今天。")
    return day


def moment_of(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if timezone.is_naive(moment):
        # A bare day means what was known when that day ended.
        end = moment if moment.time() != clock.min else datetime.combine(moment.date(), clock.max)
        moment = timezone.make_aware(end)
    if moment > timezone.now() + timedelta(minutes=5):
        moment = timezone.now()
    return moment


def _bad(at: str, code: str, message: str, hint: str) -> Refused:
    return Refused(message, hint, code=code, errors=[{"at": at, "code": code, "message": message}])
