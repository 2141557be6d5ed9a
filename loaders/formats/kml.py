"""KML and KMZ, read by our own code: nothing in them is followed, neither links nor entities of their DTD."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from loaders import limits
from loaders.formats import archive, geojson, origin
from loaders.formats.text import decode
from loaders.record import ERROR, NOTICE, Delivery, File, Issue, Record, refused
from spatial import crs as coordinate_systems

DEPTH = 64
NAME, DESCRIPTION, FOLDER = "name", "description", "folder"
PLACEMARK = re.compile(rb"<(\w+:)?Placemark\b")
_HEAD = re.compile(r"\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([\w.-]{1,40})["']""")
_MULTI = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The placemarks of a KML as records: longitude and latitude, WGS 84 unless `crs` says CGCS2000."""
    return _read(file.read_bytes(), crs, encoding)


def read_kmz(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The one KML with placemarks of a KMZ; one that only links to it, and pictures, are let be."""
    try:
        with zipfile.ZipFile(file.path) as packed:
            members = [one for one in archive.checked(packed) if one.filename.lower().endswith(".kml")]
            if sum(one.file_size for one in members) > limits.FILE_BYTES:
                raise refused("zip_too_large", "KMZ 解开后过大。", "请拆分后再提交。")
            found = [data for one in members if PLACEMARK.search(data := packed.read(one))]
    except archive.BROKEN as error:
        raise refused(
            "zip_unreadable", "KMZ 打不开，可能已损坏或不完整。", "请在地图软件里重新导出。"
        ) from error
    if len(found) != 1:
        raise refused(
            "zip_several" if found else "zip_empty",
            f"KMZ 里有 {len(found)} 个带地标的 KML。",
            "请在地图软件里重新导出为一个 KML。",
        )
    return _read(found[0], crs, encoding)


def _read(data: bytes, crs: str | None, encoding: str | None) -> Delivery:
    epsg = coordinate_systems.parse(crs) if crs else coordinate_systems.WGS84
    if coordinate_systems.zone_of(epsg):
        raise refused(
            "crs_conflict",
            f"KML 里是经纬度，指明的坐标系 EPSG:{epsg} 却是平面坐标。",
            "请用 --crs EPSG:4490 或 EPSG:4326，或去掉 --crs。",
        )
    head = _HEAD.match(data[:200].decode("ascii", "replace"))
    declared = _ENCODING.search(head.group()) if head else None
    text, encoding = decode(data, encoding or (declared.group(1).lower() if declared else None))
    placemarks, links = _placemarks(text)
    issues = origin.ask(text, crs)
    if links:
        said = f"KML 里有 {links} 个网络链接，没有打开，也没有装入。"
        issues.append(Issue("links_ignored", NOTICE, said, "请把链接的内容另存到同一个 KML 里再提交。"))
    records = [_record(row, folder, placemark) for row, (folder, placemark) in enumerate(placemarks, 1)]
    columns = dict.fromkeys(name for record in records for name in record.values)
    if len(columns) > limits.COLUMNS:
        raise refused(
            "too_many_columns",
            f"有 {len(columns)} 个字段，超过 {limits.COLUMNS} 个。",
            "请只导出需要的字段。",
        )
    return Delivery(records, tuple(columns), epsg, encoding, tuple(issues), count=len(records))


def _placemarks(text: str) -> tuple[list[tuple[str, Element]], int]:
    """Each placemark with the names of the folders around it, and how many links there are. Raises FileRefused."""
    found: list[tuple[str, Element]] = []
    around: list[Element] = []
    links = 0
    body = text.lstrip("\ufeff")
    head = _HEAD.match(body)
    body = body[head.end() :] if head else body
    try:
        for event, element in iterparse(
            io.BytesIO(body.encode()), events=("start", "end"), forbid_dtd=True, forbid_entities=True
        ):
            if event == "start":
                around.append(element)
                if len(around) > DEPTH:
                    raise refused("xml_too_deep", "KML 嵌套过深。", "请在地图软件里重新导出。")
                continue
            around.pop()
            if _tag(element) == "Placemark":
                names = (_text(folder, NAME) for folder in around if _tag(folder) == "Folder")
                found.append(("/".join(name for name in names if name), element))
                if len(found) > limits.ROWS:
                    raise refused("too_many_rows", f"地标超过 {limits.ROWS} 个。", "请拆分后再提交。")
            links += _tag(element) == "NetworkLink"
    except DefusedXmlException as error:
        raise refused(
            "xml_dtd", "KML 里有文档类型定义（DTD）或实体，不予读取。", "请在地图软件里重新导出。"
        ) from error
    except (ParseError, UnicodeEncodeError) as error:
        row = getattr(error, "position", (None,))[0]
        raise refused(
            "kml_unreadable", "不是有效的 KML，可能不完整。", "请在地图软件里重新导出。", row=row
        ) from error
    return found, links


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _tag(child) in names)


def _text(element: Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _children(element, name)), "")


def _record(row: int, folder: str, placemark: Element) -> Record:
    values = {NAME: _text(placemark, NAME), DESCRIPTION: _text(placemark, DESCRIPTION), FOLDER: folder}
    values = {name: value for name, value in values.items() if value}
    for extended in _children(placemark, "ExtendedData"):
        for data in _children(extended, "Data"):
            values[data.get("name", "")] = _text(data, "value")
        for schema in _children(extended, "SchemaData"):
            values |= {
                one.get("name", ""): (one.text or "").strip() for one in _children(schema, "SimpleData")
            }
    values.pop("", None)
    issues: list[Issue] = []
    shapes = [shape for child in placemark for shape in _shapes(child, row, issues)]
    if not shapes and not issues:
        return Record(row, values, None)
    if any(issue.severity == ERROR for issue in issues):
        return Record(row, values, None, tuple(issues), _as_it_came(placemark))
    kinds = {shape["type"] for shape in shapes}
    if len(kinds) > 1:
        hint = "请拆成几个地标，每个只有点、线或面。"
        fault = Issue("geometry_type", ERROR, "一个地标里混有点、线和面。", hint, row=row)
        return Record(row, values, None, (*issues, fault), _as_it_came(placemark))
    if len(shapes) == 1:
        (given,) = shapes
    else:
        given = {"type": _MULTI[kinds.pop()], "coordinates": [shape["coordinates"] for shape in shapes]}
    geometry, faults = geojson.geometry(given, row, geojson.GAP_DEGREES)
    told = (*issues, *faults)
    return Record(row, values, geometry, told, _as_it_came(placemark) if told else None)


def _as_it_came(placemark: Element) -> str:
    """A placemark of which no shape came, or not the same, for whoever mends it."""
    return ElementTree.tostring(placemark, encoding="unicode").strip()


def _shapes(element: Element, row: int, issues: list[Issue]) -> Iterator[dict[str, Any]]:
    """The simple shapes under an element of a placemark, as GeoJSON has them; faults are added to `issues`."""
    kind = _tag(element)
    if kind == "MultiGeometry":
        for child in element:
            yield from _shapes(child, row, issues)
    elif kind in ("Point", "LineString", "LinearRing"):
        line = _positions(element, row, issues)
        if kind == "Point":
            yield {"type": "Point", "coordinates": line[0] if line else []}
        else:
            yield {"type": "LineString", "coordinates": line}
    elif kind == "Polygon":
        rings = [
            _positions(ring, row, issues)
            for side in ("outerBoundaryIs", "innerBoundaryIs")
            for boundary in _children(element, side)
            for ring in _children(boundary, "LinearRing")
        ]
        yield {"type": "Polygon", "coordinates": rings}
    elif kind in ("Track", "MultiTrack", "Model"):
        issues.append(
            Issue("geometry_type", ERROR, f"不支持的图形类型 {kind}。", "请改画为点、线或面。", row=row)
        )


def _positions(element: Element, row: int, issues: list[Issue]) -> list[list[float]]:
    """lon,lat[,height] with blanks between; some programs write blanks after the commas too."""
    said = ",".join(part.strip() for part in _text(element, "coordinates").split(","))
    found: list[list[float]] = []
    for word in said.split():
        try:
            found.append([float(number) for number in word.split(",")][:3])
        except ValueError:
            issues.append(
                Issue(
                    "coordinate_unreadable",
                    ERROR,
                    f"坐标“{word[:40]}”读不出来。",
                    "应为“经度,纬度”或“经度,纬度,高程”，之间用空格分开。",
                    row=row,
                    value=word[:80],
                )
            )
            break
    return found
