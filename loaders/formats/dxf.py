"""DXF: the closed polylines of one layer of a drawing. A drawing has no coordinate system, so it must be given."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from loaders import limits
from loaders.formats import digits
from loaders.formats.boundary_crs import crs_of
from loaders.formats.boundary_plot import CLOSED_WITHIN_M
from loaders.record import ERROR, NOTICE, WARNING, Delivery, File, Issue, Record, refused

COLUMNS = ("图层", "句柄")
BINARY = b"AutoCAD Binary DXF"
METRES, UNITS = 6, {1: "英寸", 2: "英尺", 4: "毫米", 5: "厘米", 7: "千米"}
"""Numbers of $INSUNITS. 0 says nothing; many drawings in metres say millimetres, so the coordinates decide."""
KINDS = {
    "LINE": "直线", "ARC": "圆弧", "CIRCLE": "圆", "ELLIPSE": "椭圆", "SPLINE": "样条曲线", "HATCH": "填充",
    "INSERT": "块", "TEXT": "文字", "MTEXT": "文字", "POLYLINE": "三维网格",
}  # fmt: skip
BOUNDARY_LAYERS = ("JZX", "JZD", "界址线", "用地红线", "红线", "宗地", "ZD", "地块", "DK", "范围线")
"""What a layer of plot boundaries is called, the surest first."""
ARC_STEP = math.radians(0.5)
_REDRAW = "请把每块地画成一条闭合的多段线（块先分解，直线先合并），放在同一图层。"


@dataclass(slots=True)
class _Polyline:
    handle: str
    points: np.ndarray
    is_closed: bool


@dataclass(slots=True)
class _Layer:
    polylines: list[_Polyline] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """A record for each polyline of the layer that is named, else of the only one with closed polylines.

    Arcs become chords of half a degree. A polyline that is not closed is an error of its record.
    """
    _require_whole(file)
    layers, unit, encoding = _layers(file, encoding)
    name = _chosen(layers, file.part)
    layer = layers[name]
    faults = [_digits(line) for line in layer.polylines]
    if all(faults) and len({fault[0] for fault in faults if fault}) == 1 and (fault := faults[0]):
        said = f"整个图层“{name}”的坐标都不对：{fault[1]}"
        raise refused(fault[0], said, _hint(fault[0], unit), field=fault[2], value=fault[3])
    eastings = [
        (row, float(line.points[0, 0]))
        for row, (line, fault) in enumerate(zip(layer.polylines, faults, strict=True), 1)
        if fault is None
    ]
    epsg, issues = crs_of({}, eastings, crs)
    issues += _notices(name, layers, unit)
    records = list(_records(name, layer, faults, unit))
    return Delivery(records, COLUMNS, epsg, encoding, tuple(issues), count=len(records))


def _require_whole(file: File) -> None:
    """Refuse binary drawings and those that were cut off: what reads them would give fewer lines and say nothing."""
    with file.path.open("rb") as opened:
        head = opened.read(2000)
        opened.seek(max(0, file.path.stat().st_size - 200))
        tail = opened.read()
    if head.startswith(BINARY):
        raise refused("dxf_binary", "这是二进制 DXF。", "请在 CAD 软件里另存为 ASCII（文本）DXF。")
    if b"SECTION" not in head:
        raise refused("wrong_content", "文件内容不是 DXF。", "请核对后缀名，或在 CAD 软件里重新另存。")
    if tail.split()[-1:] != [b"EOF"]:
        raise refused("truncated", "DXF 不完整，末尾没有 EOF。", "请重新复制或另存后再提交。")


def _layers(file: File, asked: str | None) -> tuple[dict[str, _Layer], int, str]:
    """What is on each layer of the model space, the unit and the encoding. Raises FileRefused."""
    from ezdxf.addons import iterdxf  # slow to import, and few files are drawings
    from ezdxf.filemanagement import dxf_file_info
    from ezdxf.lldxf.const import DXFError

    layers: dict[str, _Layer] = {}
    polylines = vertices = 0
    try:
        info = dxf_file_info(str(file.path))
        for entity in iterdxf.modelspace(str(file.path), types=("LWPOLYLINE", *KINDS), errors="strict"):
            layer = layers.setdefault(entity.dxf.layer, _Layer())
            if entity.dxftype() not in ("LWPOLYLINE", "POLYLINE") or getattr(
                entity, "is_poly_face_mesh", False
            ):
                layer.others[KINDS[entity.dxftype()]] += 1
                continue
            line = _polyline(entity)
            polylines += 1
            vertices += len(line.points)
            if polylines > limits.ROWS or vertices > limits.FILE_VERTICES:
                raise refused("too_many_rows", "图中的多段线或顶点太多。", "请只导出边界所在的图层。")
            layer.polylines.append(line)
    except UnicodeDecodeError as error:
        raise refused(
            "encoding_unreadable",
            "图层名读不出来，编码不对。",
            "请在 CAD 软件里另存为 2007 或更新版本的 DXF。",
        ) from error
    except (DXFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError) as error:
        raise refused("dxf_unreadable", "DXF 读不出来，可能已损坏。", "请在 CAD 软件里重新另存。") from error
    return layers, int(info.insert_units), str(info.encoding)


def _polyline(entity: Any) -> _Polyline:
    """The vertices in the plane, east and north, arcs cut to chords."""
    if entity.dxftype() == "LWPOLYLINE":
        corners = [(float(x), float(y), float(bulge)) for x, y, bulge in entity.get_points("xyb")]
    else:
        corners = [
            (float(one.dxf.location.x), float(one.dxf.location.y), float(one.dxf.bulge))
            for one in entity.vertices
            if not one.dxf.flags & 16  # the frame of a fitted curve is not on the curve
        ]
    if entity.dxf.extrusion.z < 0:  # drawn from below: a mirrored plane
        corners = [(-x, y, -bulge) for x, y, bulge in corners]
    is_closed = bool(entity.is_closed)
    return _Polyline(
        str(entity.dxf.handle or ""), np.array(list(_straightened(corners, is_closed))), is_closed
    )


def _straightened(
    corners: list[tuple[float, float, float]], is_closed: bool
) -> Iterator[tuple[float, float]]:
    if not corners:
        raise ValueError("a polyline without vertices")
    for index, (x, y, bulge) in enumerate(corners):
        yield x, y
        if not bulge or (index + 1 == len(corners) and not is_closed):
            continue
        to_x, to_y, _ = corners[(index + 1) % len(corners)]
        angle = 4 * math.atan(bulge)
        # The centre lies beside the middle of the chord.
        away = (1 - bulge * bulge) / (4 * bulge)
        centre_x = (x + to_x) / 2 - away * (to_y - y)
        centre_y = (y + to_y) / 2 + away * (to_x - x)
        steps = math.ceil(abs(angle) / ARC_STEP)
        for step in range(1, steps):
            turn = angle * step / steps
            cos, sin, dx, dy = math.cos(turn), math.sin(turn), x - centre_x, y - centre_y
            yield centre_x + dx * cos - dy * sin, centre_y + dx * sin + dy * cos


def _chosen(layers: dict[str, _Layer], asked: str | None) -> str:
    drawn = {name: layer for name, layer in layers.items() if layer.polylines}
    names = "、".join(f"{name}（{len(layer.polylines)} 条）" for name, layer in list(drawn.items())[:20])
    if not drawn:
        found = sum((layer.others for layer in layers.values()), Counter())
        said = "、".join(f"{count} 个{kind}" for kind, count in found.most_common(6))
        raise refused("no_polylines", f"图中没有多段线{f'，只有{said}' if said else ''}。", _REDRAW)
    if asked:
        if asked in drawn:
            return asked
        raise refused("layers", f"图中没有带多段线的图层“{asked[:40]}”。", f"有：{names}。")
    closed = [name for name, layer in drawn.items() if any(map(_is_closed, layer.polylines))]
    if len(drawn) == 1 or len(closed) == 1:
        return (closed or list(drawn))[0]
    known = [name for wanted in BOUNDARY_LAYERS for name in closed if name.casefold() == wanted.casefold()]
    if known:
        return known[0]
    raise refused(
        "layers",
        f"图中有 {len(drawn)} 个图层带多段线：{names}。",
        "请用 --source-layer 指明边界在哪个图层，或只导出那一层。",
    )


def _is_closed(line: _Polyline) -> bool:
    return line.is_closed or (len(line.points) > 3 and _gap(line) <= CLOSED_WITHIN_M)


def _gap(line: _Polyline) -> float:
    return float(np.hypot(*(line.points[0] - line.points[-1])))


def _digits(line: _Polyline) -> digits.Fault | None:
    """What is wrong with the first vertex that no zone can hold, by the size of its numbers."""
    for east, north in (line.points[0], line.points.min(axis=0), line.points.max(axis=0)):
        if fault := digits.fault_of(f"{north:.3f}", f"{east:.3f}", float(north), float(east)):
            return fault
    return None


def _hint(code: str, unit: int) -> str:
    if code == "millimetres":
        return "请在 CAD 软件里把图形缩小到千分之一（单位改为米）后重新另存。"
    if code == "digits_dropped":
        return "图形可能被平移过，或坐标去掉了前几位：请移回原来的坐标后重新另存。"
    drawn = f"（图形单位写的是{UNITS[unit]}）" if unit in UNITS else ""
    return f"横坐标应为 Y（东，8 位带带号或 6 位），纵坐标应为 X（北，7 位），单位为米{drawn}。"


def _notices(name: str, layers: dict[str, _Layer], unit: int) -> list[Issue]:
    issues = []
    if unit in UNITS:
        said = f"图形单位写的是{UNITS[unit]}，坐标却是米的大小，按米读取。"
        issues.append(Issue("unit_doubtful", NOTICE, said, "请核对面积。"))
    others = "、".join(f"{count} 个{kind}" for kind, count in layers[name].others.most_common())
    if others:
        issues.append(Issue("others_left_out", NOTICE, f"图层“{name}”里还有{others}，没有读取。", _REDRAW))
    left = [one for one, layer in layers.items() if one != name and layer.polylines]
    if left:
        said = f"只读图层“{name}”；另有 {len(left)} 个图层带多段线，没有读取：{'、'.join(left[:10])}。"
        issues.append(Issue("layers_left_out", NOTICE, said, "要读别的图层，请用 --source-layer 指明。"))
    return issues


def _records(name: str, layer: _Layer, faults: list[digits.Fault | None], unit: int) -> Iterator[Record]:
    shapes: list[BaseGeometry | None] = []
    found: list[list[Issue]] = []
    for row, (line, fault) in enumerate(zip(layer.polylines, faults, strict=True), 1):
        issues: list[Issue] = []
        if fault:
            code, message, where, value = fault
            said = f"{_called(row, line)}：{message}"
            issues.append(Issue(code, ERROR, said, _hint(code, unit), row=row, field=where, value=value))
        shapes.append(_area(row, line, issues))
        found.append(issues)
    for inner, outer in _inside(shapes):
        said = f"{_called(inner + 1, layer.polylines[inner])}在第 {outer + 1} 条之内，两条各算一块。"
        hint = "若是扣除部分，请改用带内圈的格式（Shapefile、GPKG 或界址点 .txt）提交。"
        found[inner].append(Issue("polyline_inside", WARNING, said, hint, row=inner + 1))
    for row, (line, shape, issues) in enumerate(zip(layer.polylines, shapes, found, strict=True), 1):
        came = shapely.LineString(line.points).wkt if issues and len(line.points) > 1 else None
        yield Record(row, {"图层": name, "句柄": line.handle}, shape, tuple(issues), came)


def _called(row: int, line: _Polyline) -> str:
    return f"第 {row} 条多段线（句柄 {line.handle}）"


def _area(row: int, line: _Polyline, issues: list[Issue]) -> BaseGeometry | None:
    points, gap = line.points, _gap(line)
    if not _is_closed(line):
        said = f"{_called(row, line)}没有闭合，首尾相差 {gap:.3f} 米。"
        issues.append(Issue("not_closed", ERROR, said, "请在 CAD 软件里把它闭合后重新另存。", row=row))
        return None
    if gap and len(points) > 3 and gap <= CLOSED_WITHIN_M:
        points = points[:-1]
        issues.append(Issue("gap_closed", NOTICE, f"首尾相差 {gap:.4f} 米，已改为相同。", row=row))
    if len(np.unique(points, axis=0)) < 3:
        said = f"{_called(row, line)}不足三个不同的点，围不成面。"
        issues.append(Issue("too_few_points", ERROR, said, "请核对或删去。", row=row))
        return None
    return shapely.Polygon(points)


def _inside(shapes: list[BaseGeometry | None]) -> Iterable[tuple[int, int]]:
    """Pairs of a polyline and one that it lies in."""
    tree = shapely.STRtree([shape if shape is not None and shape.is_valid else None for shape in shapes])
    inner, outer = tree.query(tree.geometries, predicate="covered_by")
    return sorted({pair for pair in zip(inner.tolist(), outer.tolist(), strict=True) if pair[0] != pair[1]})
