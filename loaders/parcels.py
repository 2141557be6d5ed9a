"""A file that somebody hands in to have its parcels checked: all of it is right, or none of it is judged."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from loaders.formats import opened, refusal_of
from loaders.land_use import StatedUse, read_use
from loaders.record import ERROR, Delivery, FileRefused, Issue, refused
from loaders.row import Row
from loaders.shapes import repair, reproject, validate_shape
from spatial import catalog
from spatial.crs import CrsRefused

NUMBER_COLUMNS = (
    "parcel_no",
    "地块编号",
    "宗地代码",
    "宗地号",
    "地块编码",
    "地块号",
    "zddm",
    "dkbh",
    "dkbm",
    "编号",
    "no",
    "id",
)
NAME_COLUMNS = ("name", "地块名称", "项目名称", "名称", "dkmc", "xmmc", "mc")
USE_COLUMNS = ("用途", "规划用途", "proposed_use", "yt", "ghyt")
LONGEST_NAME = 500
CODE_COLUMNS = ("地类编码", "用途编码", "规划用途代码", "dlbm", "land_use_code")


@dataclass(frozen=True, slots=True)
class ParcelIn:
    """A parcel as handed in. `geometry`: MultiPolygon, EPSG:4490. `row`: line or feature it stands on."""

    no: str
    name: str
    geometry: BaseGeometry
    row: int
    declared_area_m2: float | None
    points: int | None
    land_use: StatedUse
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """What a file says. `ok` is false as soon as one error stands: then no parcel of it is to be judged.

    `crs` is the EPSG code the coordinates came in; `lines` the text of a boundary-point file.
    """

    parcels: tuple[ParcelIn, ...]
    issues: tuple[Issue, ...]
    crs: int | None
    encoding: str
    lines: tuple[str, ...] | None
    ok: bool


def read_parcels(
    path_or_bytes: Path | bytes,
    name: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    source_layer: str | None = None,
) -> ParcelFile:
    """The parcels of a file in any format that the loaders read, and everything that is wrong with it.

    `source_layer`: the layer or sheet that is meant, where the file has several.

    Reads in the caller's own process, as the command line does with a person's own file; what a stranger sends goes
    through loaders.sandbox.
    """
    try:
        with opened(path_or_bytes, name, source_layer) as (file, reader):
            delivery: Delivery = reader(file, crs=crs, encoding=encoding)
            rows = _rows(delivery)
    except (FileRefused, CrsRefused) as error:
        return ParcelFile((), (refusal_of(error),), None, encoding or "", None, False)
    for row in rows:
        _require_names(row)
    issues = [*delivery.issues, *(issue for row in rows for issue in row.issues)]
    if not rows:
        issues.append(Issue("no_rows", ERROR, "文件里没有地块。", "请核对是否导出了正确的图层。"))
    parcels = tuple(
        _parcel(order, row) for order, row in enumerate(rows, 1) if not row.is_refused and delivery.crs
    )
    issues.sort(key=lambda issue: issue.row or 0)
    ok = not any(issue.severity == ERROR for issue in issues)
    return ParcelFile(parcels, tuple(issues), delivery.crs, delivery.encoding, delivery.lines, ok)


@dataclass(frozen=True, slots=True)
class OneOfMany:
    """A row of a file of many: its parcel, None where an error stands among its issues."""

    row: int
    no: str
    parcel: ParcelIn | None
    issues: tuple[Issue, ...]


@contextmanager
def many_parcels(
    path: Path,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    source_layer: str | None = None,
    at_once: int = 500,
) -> Iterator[tuple[Delivery, Iterator[list[OneOfMany]]]]:
    """The rows of a file so many at once, every one of them: what is wrong with one row keeps no other from a check.

    Raises FileRefused or CrsRefused where nothing of the file can be read.
    """
    with opened(path, path.name, source_layer) as (file, reader):
        delivery: Delivery = reader(file, crs=crs, encoding=encoding)
        for issue in delivery.issues:
            if issue.severity == ERROR:
                raise FileRefused(issue)
        if delivery.crs is None:
            raise refused(
                "no_shapes",
                "文件没有可用的图形或坐标系。",
                "请提交带边界的数据；没有写明坐标系的，用 --crs 写明，例如 EPSG:4517。",
            )
        yield delivery, _many(delivery, at_once)


def _many(delivery: Delivery, at_once: int) -> Iterator[list[OneOfMany]]:
    records, order = iter(delivery.records), 0
    while some := list(islice(records, at_once)):
        rows = _through_steps([Row(record) for record in some], delivery)
        found = []
        for row in rows:
            order += 1
            _require_names(row)
            no = "" if row.is_refused else _first(row, NUMBER_COLUMNS) or str(order)
            parcel = None if row.is_refused else _parcel(order, row)
            found.append(OneOfMany(row.row, no, parcel, tuple(row.issues)))
        yield found


def _rows(delivery: Delivery) -> list[Row]:
    return _through_steps([Row(record) for record in delivery.records], delivery)


def _through_steps(rows: list[Row], delivery: Delivery) -> list[Row]:
    region = catalog.current().region
    if delivery.crs is not None:
        repair(rows)
        reproject(rows, delivery.crs)
    if delivery.crs is not None or not delivery.lines:
        validate_shape(rows, ("MultiPolygon",), region.extent, region.name, epsg=delivery.crs)
    return rows


def _first(row: Row, columns: tuple[str, ...]) -> str:
    """The first of these columns that says anything, as text; a list or an object is no name."""
    plain = {str(name).lower(): value for name, value in row.original.items()}
    given = (plain.get(column) for column in columns)
    return next((str(v).strip() for v in given if isinstance(v, str | int | float) and v != ""), "")


def _require_names(row: Row) -> None:
    """Numbers and names are shown and stored: no control characters, no halves of characters, not endless."""
    for columns in (NUMBER_COLUMNS, NAME_COLUMNS, USE_COLUMNS, CODE_COLUMNS):
        text = _first(row, columns)
        if len(text) > LONGEST_NAME:
            row.error(
                "text_too_long", f"编号、名称或用途有 {len(text)} 个字，超过 {LONGEST_NAME} 个。", "请核对。"
            )
        elif any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
            row.error("control_character", "编号、名称或用途里有不可见的控制字符。", "请重新输入这一项。")


def _finite(value: Any) -> float | None:
    """A number that is one: JSON may hold infinity, or a whole number that no float can."""
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _parcel(order: int, row: Row) -> ParcelIn:
    points = row.original.get("declared_points")
    return ParcelIn(
        no=_first(row, NUMBER_COLUMNS) or str(order),
        name=_first(row, NAME_COLUMNS),
        geometry=row.geometry,
        row=row.row,
        declared_area_m2=_finite(row.original.get("declared_area_m2")),
        points=int(points) if isinstance(points, int) and _finite(points) is not None else None,
        land_use=read_use(_first(row, USE_COLUMNS), _first(row, CODE_COLUMNS))[0],
        attributes=row.original,
    )
