"""GeoJSON (RFC 7946), read by our own code: each feature stands alone, and no driver guesses types."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders import limits
from loaders.formats import origin
from loaders.formats.text import decode
from loaders.record import ERROR, NOTICE, Delivery, File, FileRefused, Issue, Record, refused
from spatial import crs as coordinate_systems

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
GAP = 0.01
"""Metres within which a ring is closed by the reader."""
GAP_DEGREES = 1e-7
DEEPEST = 16
"""Lists and objects in each other in one property: a table of a layer has two."""
ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON writes NUL and half a character; two halves that belong together are one character and no fault."""


class _NotFinite(ValueError):
    """A coordinate is NaN or infinite."""


class _NameTwice(Exception):
    """An object says one name twice, and every reader takes another of the two."""


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """Features of a FeatureCollection, a Feature or a bare geometry. Without a `crs` member: longitude and latitude."""
    text, encoding = decode(file.read_bytes(), encoding)
    try:
        document = json.loads(text, parse_constant=_not_a_number, object_pairs_hook=_object)
    except RecursionError as error:
        raise _too_deep() from error
    except _NameTwice as error:
        raise refused(
            "json_name_twice",
            f"JSON 的同一对象里“{error}”写了两次，不知道以哪个为准。",
            "请删去其中一个，或用 GIS 软件重新导出 GeoJSON。",
        ) from error
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise refused(
            "json_unreadable", "不是有效的 JSON，可能不完整。", "请用 GIS 软件重新导出 GeoJSON。", row=line
        ) from error
    features = _features(document)
    if ESCAPED.search(text):
        _require_text(features, document)
    if len(features) > limits.ROWS:
        raise refused("too_many_rows", f"要素超过 {limits.ROWS} 个。", "请拆分后再提交。")
    epsg, issues = _crs(document, crs, text)
    columns: dict[str, None] = {}
    for row, feature in enumerate(features, 1):
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            columns.update(dict.fromkeys(feature["properties"]))
            if any(map(_is_too_deep, feature["properties"].values())):
                raise _too_deep(row=row)
    if len(columns) > limits.COLUMNS:
        raise refused(
            "too_many_columns",
            f"有 {len(columns)} 个字段，超过 {limits.COLUMNS} 个。",
            "请只导出需要的字段。",
        )
    gap = GAP_DEGREES if coordinate_systems.zone_of(epsg) is None else GAP
    records = _records(features, gap)
    return Delivery(records, tuple(columns), epsg, encoding, tuple(issues), count=len(features))


def _not_a_number(word: str) -> float:
    """NaN and Infinity are no JSON, but Python reads them; such a coordinate is found where it stands."""
    return math.nan if word == "NaN" else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise _NameTwice(name[:40].encode("utf-8", "backslashreplace").decode())
    return found


def _too_deep(**where: Any) -> FileRefused:
    return refused("json_too_deep", "JSON 嵌套过深。", "请用 GIS 软件重新导出 GeoJSON。", **where)


def _is_too_deep(value: Any) -> bool:
    """Whether a property would take whoever walks through it past the end of the stack."""
    level = [value] if isinstance(value, list | dict) else []
    for _ in range(DEEPEST):
        if not level:
            return False
        inner = (part for one in level for part in (one.values() if isinstance(one, dict) else one))
        level = [part for part in inner if isinstance(part, list | dict)]
    return bool(level)


def _require_text(features: list[Any], document: Any) -> None:
    """Refuse NUL and lone surrogates: neither can be stored or sent, and the first in the file is named."""
    for row, part in (*enumerate(features, 1), (None, document)):
        try:
            told = json.dumps(part, ensure_ascii=False)
            told.encode()
        except (UnicodeEncodeError, RecursionError):
            pass
        else:
            if "\\u0000" not in told.replace("\\\\", ""):
                continue
        raise refused(
            "not_text",
            "文字里有空字符或不完整的字符。",
            "请在属性表里重新输入这一项，再导出 GeoJSON。",
            row=row,
        )


def _kind(given: Any) -> str | None:
    """The `type` of a GeoJSON object, when it is a word at all."""
    kind = given.get("type") if isinstance(given, dict) else None
    return kind if isinstance(kind, str) else None


def _features(document: Any) -> list[Any]:
    kind = _kind(document)
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return document["features"]
    if kind == "Feature":
        return [document]
    if kind in DEPTH:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise refused(
        "not_geojson",
        "这个 JSON 文件不是 GeoJSON。",
        "应为 FeatureCollection、Feature 或一个图形；请用 GIS 软件导出 GeoJSON。",
    )


def _crs(document: dict[str, Any], asked: str | None, text: str) -> tuple[int, list[Issue]]:
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    stated = coordinate_systems.parse(str(named)) if named else None
    wanted = coordinate_systems.parse(asked) if asked else None
    if stated and wanted and stated != wanted:
        raise refused(
            "crs_conflict",
            f"指明的坐标系 EPSG:{wanted} 与文件写的 EPSG:{stated} 不一致。",
            "请核对后改正其中一个。",
        )
    if stated:
        return stated, origin.tell(stated)
    if "crs" in document and not wanted:
        # By the rules of 2008 `null` says that nobody knows; a link to a definition is not followed.
        code, said = (
            ("crs_missing", "文件写明坐标系未知。")
            if member is None
            else ("crs_unreadable", "看不懂文件里的坐标系（crs）。")
        )
        raise refused(code, said, "请用 --crs 指明，例如 --crs EPSG:4490；不会替您猜。")
    return wanted or coordinate_systems.WGS84, origin.ask(text, asked)


def _records(features: list[Any], gap: float) -> Iterator[Record]:
    for row, feature in enumerate(features, 1):
        if _kind(feature) != "Feature":
            fault = Issue("not_a_feature", ERROR, "不是 GeoJSON 要素。", "每一项应为 Feature。", row=row)
            yield Record(row, {}, None, (fault,), _as_it_came(feature, row))
            continue
        values, given = feature.get("properties"), feature.get("geometry")
        shape, issues = geometry(given, row, gap) if given is not None else (None, [])
        # A shape with something to tell is not quite the one that came.
        lost = _as_it_came(given, row) if issues else None
        if shape is not None and not _turns_right(shape):
            said = "边界的方向与 GeoJSON 的规定相反，已改为外圈逆时针、内圈顺时针。"
            issues.append(Issue("ring_direction", NOTICE, said, row=row))
        if values is not None and not isinstance(values, dict):
            hint = "properties 应为“名称: 值”的对象，请用 GIS 软件重新导出。"
            issues.append(Issue("properties_unreadable", ERROR, "属性的写法不对。", hint, row=row))
            yield Record(row, {}, shape, tuple(issues), _as_it_came(feature, row))
            continue
        yield Record(row, values or {}, shape, tuple(issues), lost)


def _turns_right(shape: BaseGeometry) -> bool:
    """Whether all shells go counter-clockwise and all holes clockwise (RFC 7946, 3.1.6)."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return True
    if shape.geom_type == "Polygon" and shapely.get_num_interior_rings(shape) == 0:
        return bool(shapely.is_ccw(shapely.get_exterior_ring(shape))) or shape.is_empty
    polygons = shapely.get_parts(shape)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    is_shell = np.diff(owner, prepend=-1) > 0
    return bool((shapely.is_ccw(rings) == is_shell).all())


def _as_it_came(value: Any, row: int) -> str:
    """A piece of the file of which no shape came, or not the same, for whoever mends it."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError as error:
        raise _too_deep(row=row) from error


def geometry(given: Any, row: int, gap: float) -> tuple[BaseGeometry | None, list[Issue]]:
    """The shape of a GeoJSON geometry, rings closed over `gap` at most, and what is wrong with it."""
    kind = _kind(given)
    coordinates = given.get("coordinates") if isinstance(given, dict) else None
    if kind not in DEPTH:
        return None, [
            Issue(
                "geometry_type",
                ERROR,
                f"不支持的图形类型 {str(kind)[:40]}。",
                "请拆成点、线或面后再提交。",
                row=row,
            )
        ]
    issues: list[Issue] = []
    try:
        heights: list[float] = []
        flat = _flat(coordinates, DEPTH[kind], heights)
        if kind in ("Polygon", "MultiPolygon"):
            for rings in [flat] if kind == "Polygon" else flat:
                _close(rings, row, gap, issues)
        if any(issue.severity == ERROR for issue in issues):
            return None, issues
        if heights:
            issues.append(Issue("height_dropped", NOTICE, "图形带高程，只保留平面坐标。", row=row))
        return shapely.geometry.shape({"type": kind, "coordinates": flat}), issues
    except (_NotFinite, OverflowError):  # a whole number of 400 digits is too large for a coordinate
        return None, [Issue("not_finite", ERROR, "坐标不是有效数字。", "请核对坐标后重新导出。", row=row)]
    except (TypeError, ValueError, RecursionError, IndexError, shapely.errors.ShapelyError):
        return None, [
            Issue("geometry_unreadable", ERROR, "图形的坐标写法不对。", "请用 GIS 软件重新导出。", row=row)
        ]


def _flat(coordinates: Any, depth: int, heights: list[float]) -> Any:
    """The coordinates with two numbers a position, other heights than 0 apart; raises ValueError for anything else."""
    if depth > 0:
        return [_flat(inner, depth - 1, heights) for inner in coordinates]
    if len(coordinates) < 2 or not all(
        isinstance(n, int | float) and not isinstance(n, bool) for n in coordinates
    ):
        raise ValueError("position")
    if not (math.isfinite(coordinates[0]) and math.isfinite(coordinates[1])):
        raise _NotFinite
    if len(coordinates) > 2 and coordinates[2]:
        heights.append(coordinates[2])
    return (float(coordinates[0]), float(coordinates[1]))


def _close(rings: list[list[tuple[float, float]]], row: int, gap: float, issues: list[Issue]) -> None:
    for number, ring in enumerate(rings, 1):
        if len(ring) < 2 or ring[0] == ring[-1] or not all(map(math.isfinite, (*ring[0], *ring[-1]))):
            continue
        if math.dist(ring[0], ring[-1]) <= gap:
            ring[-1] = ring[0]
            issues.append(
                Issue(
                    "gap_closed",
                    NOTICE,
                    f"第 {number} 圈首尾相差不到 1 厘米，已闭合。",
                    "",
                    row=row,
                    ring=number,
                )
            )
        else:
            issues.append(
                Issue(
                    "not_closed",
                    ERROR,
                    f"第 {number} 圈没有闭合。",
                    "GeoJSON 每一圈的最后一点应与第一点相同。",
                    row=row,
                    ring=number,
                )
            )
