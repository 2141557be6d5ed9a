"""The region and its counties: codes, names, zones, column names of their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from spatial.catalog.reading import Table, read_toml

CODE = re.compile(r"[1-9]\d{5}")
ZONES = range(25, 46)
"""3-degree Gauss-Kruger zones of China (central meridian = 3° × zone)."""
FARTHEST_M = 10_000
"""No default distance is looked at farther than this."""


@dataclass(frozen=True, slots=True)
class County:
    """A county. `zones`: its 3-degree zones. `former_codes`: codes it had, still found in old records.

    `columns`: layer → field → column names only this county uses, looked at first. `refresh_months`: layer →
    months, instead of the layer's own. `publish`: layers it shows to everyone though the layer file does not.
    """

    code: str
    name: str
    name_en: str
    former_codes: tuple[str, ...]
    former_names: tuple[str, ...]
    zones: tuple[int, ...]
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    refresh_months: Mapping[str, int]
    publish: frozenset[str]


@dataclass(frozen=True, slots=True)
class Region:
    """The prefecture. `extent`: (west, south, east, north) degrees, EPSG:4490; a coordinate outside is a fault.

    `elsewhere`: codes found in old or neighbouring records that do not belong here → why not.
    """

    code: str
    name: str
    name_en: str
    extent: tuple[float, float, float, float]
    zones: tuple[int, ...]
    counties: tuple[str, ...]
    elsewhere: Mapping[str, str]


def read_region(file: Path, counties: Mapping[str, County]) -> Region:
    """The region of these counties: those that it lists in its order, then the rest by code."""
    table = read_toml(file)
    listed = _codes(table, "counties", [])
    for code in listed:
        if code not in counties:
            table.fail("counties", f"没有县级文件 counties/{code}.toml")
    rest = tuple(sorted(set(counties) - set(listed)))
    extent = table.numbers("extent")
    if len(extent) != 4 or not (-180 <= extent[0] < extent[2] <= 180 and -90 <= extent[1] < extent[3] <= 90):
        table.fail("extent", "应为 [西, 南, 东, 北]，单位度，西小于东、南小于北")
    west, south, east, north = (float(degrees) for degrees in extent)
    return table.done(
        Region(
            code=_code(table, "code"),
            name=table.text("name"),
            name_en=table.text("name_en"),
            extent=(west, south, east, north),
            zones=_zones(table),
            counties=(*listed, *rest),
            elsewhere=table.labels("elsewhere", {}),
        )
    )


def read_distances(file: Path) -> Mapping[str, float]:
    """Metres by the name of a parameter of the rules, in place of its default; which may be set, the rules know."""
    if not file.exists():
        return MappingProxyType({})
    table = read_toml(file)
    metres = {name: table.number(name) for name in table.values}
    for name, value in metres.items():
        if not 0 < value <= FARTHEST_M:
            table.fail(name, f"应大于 0，不超过 {FARTHEST_M} 米")
    return table.done(MappingProxyType(metres))


def read_county(file: Path) -> County:
    table = read_toml(file)
    if _code(table, "code") != file.stem:
        table.fail("code", f"应与文件名相同（{file.stem}）")
    columns = {
        layer: inner.done(MappingProxyType({field: inner.texts(field) for field in inner.values}))
        for layer, inner in table.tables("columns").items()
    }
    return table.done(
        County(
            code=file.stem,
            name=table.text("name"),
            name_en=table.text("name_en"),
            former_codes=_codes(table, "former_codes", []),
            former_names=table.texts("former_names", []),
            zones=_zones(table),
            columns=MappingProxyType(columns),
            refresh_months=_months(table.table("refresh_months")),
            publish=frozenset(table.texts("publish", [])),
        )
    )


def _months(table: Table | None) -> Mapping[str, int]:
    if table is None:
        return MappingProxyType({})
    months = {layer: table.whole(layer) for layer in table.values}
    for layer, number in months.items():
        if number < 1:
            table.fail(layer, "应不小于 1")
    return table.done(MappingProxyType(months))


def _code(table: Table, key: str) -> str:
    code: str = table.text(key)
    if not CODE.fullmatch(code):
        table.fail(key, f"应为六位行政区划代码，现为 {code!r}")
    return code


def _codes(table: Table, key: str, default: object) -> tuple[str, ...]:
    codes = table.texts(key, default)
    for code in codes:
        if not CODE.fullmatch(code):
            table.fail(key, f"应为六位行政区划代码，现为 {code!r}")
    return codes


def _zones(table: Table) -> tuple[int, ...]:
    zones = table.numbers("zones")
    if not zones or not all(zone in ZONES for zone in zones):
        table.fail("zones", f"应为三度带带号（{ZONES[0]} 到 {ZONES[-1]}）的列表")
    return tuple(int(zone) for zone in zones)
