"""In which zone a boundary-point file is: its header and the eastings' own digits must say the same.

Files disagree with their own header. Then neither is believed: the file is refused and the lines are named.
Prefixes 13 to 23 mean 6-degree zones and 25 to 45 mean 3-degree zones; the ranges never meet in China.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.record import ERROR, WARNING, Issue
from spatial import crs

ASK_CRS = "请补写文件头，或用 --crs 指明坐标系，例如 --crs EPSG:4517（三度带 29 带）。"


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A `key=value` line of the header."""

    row: int
    value: str


def crs_of(
    header: Mapping[str, HeaderLine], eastings: Sequence[tuple[int, float]], asked: str | None
) -> tuple[int | None, list[Issue]]:
    """EPSG code of the file, or None and the errors that forbid one.

    `eastings`: (line, metres) of every readable point. `asked`: what the sender says; it fills what the header
    leaves out and never overrules it.
    """
    try:
        wanted = crs.parse(asked) if asked else None
    except crs.CrsRefused as refusal:
        return None, [Issue(refusal.code, ERROR, refusal.message, refusal.hint, value=asked)]
    if wanted is not None and crs.zone_of(wanted) is None:
        return None, [
            Issue(
                "crs_not_projected", ERROR, f"界址点坐标以米为单位，EPSG:{wanted} 是经纬度坐标系。", ASK_CRS
            )
        ]
    issues = [*_datum(header, wanted), *_units(header)]
    width, number = _digits(header, "几度分带", "分带"), _digits(header, "带号")
    issues += _header_zone(header, width, number)
    prefixes = _prefixes(eastings)
    issues += _prefix_conflicts(header, width, number, prefixes, eastings)
    if any(issue.severity == ERROR for issue in issues):
        return None, issues
    found = _zone(width, number, prefixes, wanted)
    if isinstance(found, Issue):
        return None, [*issues, found]
    if wanted is not None and wanted != found.epsg:
        message = f"指明的坐标系 EPSG:{wanted} 与文件自己的 {found}（EPSG:{found.epsg}）不一致。"
        return None, [
            *issues,
            Issue("crs_conflict", ERROR, message, "请核对后改正文件或 --crs，两者不一致时都不采用。"),
        ]
    return found.epsg, issues


def _datum(header: Mapping[str, HeaderLine], wanted: int | None) -> list[Issue]:
    line = header.get("坐标系")
    words = line.value if line else ""
    where: dict[str, Any] = {"row": line.row if line else None, "field": "坐标系", "value": words or None}
    if "2000" in words:
        return []
    for digits, city, name in (("80", "西安", "1980西安坐标系"), ("54", "北京", "1954北京坐标系")):
        if digits in words or city in words:
            refusal = crs.old_datum(name)
            return [Issue(refusal.code, ERROR, refusal.message, refusal.hint, **where)]
    if words:
        return [
            Issue(
                "crs_unreadable",
                ERROR,
                f"不认识坐标系“{words}”。",
                "请改为 2000国家大地坐标系 的坐标后再提交。",
                **where,
            )
        ]
    if wanted is None:
        return [Issue("crs_missing", ERROR, "文件头没有写坐标系。", ASK_CRS, **where)]
    return []


def _units(header: Mapping[str, HeaderLine]) -> list[Issue]:
    issues = []
    unit, projection = header.get("计量单位"), header.get("投影类型")
    if unit and unit.value.lower() not in ("", "米", "m"):
        issues.append(
            Issue(
                "unit_unsupported",
                ERROR,
                f"计量单位是“{unit.value}”，只读以米为单位的坐标。",
                "请换算为米后再提交。",
                row=unit.row,
                field="计量单位",
                value=unit.value,
            )
        )
    if projection and projection.value and "高斯" not in projection.value:
        issues.append(
            Issue(
                "projection_unsupported",
                ERROR,
                f"投影类型是“{projection.value}”，只读高斯-克吕格投影。",
                "请转换为 CGCS2000 高斯-克吕格投影后再提交。",
                row=projection.row,
                field="投影类型",
                value=projection.value,
            )
        )
    shifts = header.get("转换参数")
    if shifts and re.search(r"[1-9]", shifts.value):
        issues.append(
            Issue(
                "parameters_ignored",
                WARNING,
                "文件头写了转换参数，没有采用。",
                "坐标按原样读取，请确认坐标已经转换完毕。",
                row=shifts.row,
                field="转换参数",
                value=shifts.value,
            )
        )
    return issues


def _digits(header: Mapping[str, HeaderLine], *names: str) -> int | None:
    for name in names:
        if name in header and (match := re.search(r"\d{1,9}", header[name].value)):
            return int(match.group())
    return None


def _width_of(number: int) -> int | None:
    return 6 if number in range(13, 24) else 3 if number in range(25, 46) else None


def _header_zone(header: Mapping[str, HeaderLine], width: int | None, number: int | None) -> list[Issue]:
    if number is None:
        return []
    right = _width_of(number)
    row = header["带号"].row
    if right is None:
        return [
            Issue(
                "zone_unknown",
                ERROR,
                f"没有第 {number} 带：六度带为 13 至 23，三度带为 25 至 45。",
                "请核对带号。",
                row=row,
                field="带号",
                value=str(number),
            )
        ]
    if width in (3, 6) and width != right:
        message = f"文件头自相矛盾：几度分带写 {width} 度，带号 {number} 却是 {right} 度带的带号。"
        return [
            Issue(
                "zone_conflict",
                ERROR,
                message,
                "请核对几度分带和带号，改正后重新提交。",
                row=row,
                field="带号",
                value=str(number),
            )
        ]
    if width not in (None, 3, 6):
        return [
            Issue(
                "zone_conflict",
                ERROR,
                f"几度分带写的是 {width}，应为 3 或 6。",
                "请改正文件头。",
                field="几度分带",
                value=str(width),
            )
        ]
    return []


def _prefixes(eastings: Sequence[tuple[int, float]]) -> dict[int, list[int]]:
    """Zone number in front of the eastings → lines; 0 for eastings without one."""
    found: dict[int, list[int]] = {}
    for row, easting in eastings:
        zone = crs.recognise(easting)
        found.setdefault(zone.number if zone else 0, []).append(row)
    return found


def _prefix_conflicts(
    header: Mapping[str, HeaderLine],
    width: int | None,
    number: int | None,
    prefixes: Mapping[int, list[int]],
    eastings: Sequence[tuple[int, float]],
) -> list[Issue]:
    values = dict(eastings)
    if len(prefixes) > 1:
        words = "，".join(
            f"{f'{zone} 带' if zone else '不带带号'} {len(rows)} 行（自第 {rows[0]} 行）"
            for zone, rows in prefixes.items()
        )
        row = sorted(prefixes.values(), key=len)[0][0]
        return [
            Issue(
                "zone_mixed",
                ERROR,
                f"同一文件里 Y 坐标的带号不同：{words}。",
                "请按带分成几个文件，或统一换到一个带。",
                row=row,
                field="Y",
                value=f"{values[row]:.3f}",
            )
        ]
    (prefix, rows) = next(iter(prefixes.items()), (0, []))
    if not prefix:
        return []
    said = []
    if number is not None and number != prefix:
        said.append(f"带号 {number}（第 {header['带号'].row} 行）")
    if width in (3, 6) and width != _width_of(prefix):
        line = header.get("几度分带") or header["分带"]
        said.append(f"{width} 度分带（第 {line.row} 行）")
    if not said:
        return []
    header_says = "、".join(said)
    message = (
        f"文件头写的是{header_says}，坐标 Y 却是 {prefix} 带（{_width_of(prefix)} 度带），共 {len(rows)} 行。"
    )
    return [
        Issue(
            "zone_conflict",
            ERROR,
            message,
            "文件头和坐标不一致时都不采用：请核对带号和分带，改正后重新提交。",
            row=rows[0],
            field="Y",
            value=f"{values[rows[0]]:.3f}",
        )
    ]


def _zone(
    width: int | None, number: int | None, prefixes: Mapping[int, list[int]], wanted: int | None
) -> crs.Zone | Issue:
    prefix = next(iter(prefixes), 0)
    if prefix:
        return crs.Zone(prefix, _width_of(prefix) or 3, True)
    if number is not None:
        return crs.Zone(number, _width_of(number) or 3, False)
    if wanted is not None:
        asked = crs.zone_of(wanted)
        if asked and not asked.prefixed and (width in (None, asked.width)):
            return asked
        message = f"坐标 Y 不带带号，指明的坐标系 EPSG:{wanted} 与它不符。"
        return Issue(
            "crs_conflict", ERROR, message, "请改用不带带号的 EPSG 代码，例如 EPSG:4538（三度带 29 带）。"
        )
    return Issue(
        "zone_missing", ERROR, "文件头没有带号，坐标 Y 也不带带号，无法判断在哪个带。", ASK_CRS, field="带号"
    )
