"""Which columns of a table hold places: a point a row, a vertex a row, or WKT; or none, as in most registers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from loaders.formats import origin
from loaders.formats.text import narrow
from loaders.record import Issue, refused
from spatial import crs as coordinate_systems

LONGITUDE = ("经度", "lon", "lng", "longitude", "东经", "中心经度", "jd", "中心点经度", "经度坐标")
LATITUDE = ("纬度", "lat", "latitude", "北纬", "中心纬度", "wd", "中心点纬度", "纬度坐标")
X_NAMES = ("x", "x坐标", "中心x", "中心点x", "北坐标", "纵坐标")
Y_NAMES = ("y", "y坐标", "中心y", "中心点y", "东坐标", "横坐标")
WKT_NAMES = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape", "图形")
VERTEX_NAMES = ("界址点号", "界址点", "界址点编号", "拐点", "拐点号", "拐点编号", "顶点", "顶点号", "vertex")
POINT_NAMES = (*VERTEX_NAMES, "点号", "point", "point_no")
RING_NAMES = ("圈号", "环号", "圈", "ring", "ring_no")
PLOT_NAMES = (
    "地块编号", "地块号", "地块编码", "宗地代码", "宗地号", "图斑编号", "dkbh", "dkbm", "zddm", "parcel_no",
    "plot", "地块", "地块名称", "dkmc", "项目名称",
)  # fmt: skip
_UNIT = re.compile(r"(.+?)[(\[](.*)[)\]]")
_PACKED = re.compile(r"d{2,3}\.?mm\.?s{2,}|度\.分秒", re.IGNORECASE)
_SHIFTED = re.compile(
    r"(gcj-?_?(?:02)?|bd-?_?(?:09)?|高德|百度|腾讯|amap|baidu|火星)(?:坐标|地图)?[_-]?(.+)", re.IGNORECASE
)
_WKT = re.compile(
    r"(?:SRID=(\d+);)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)[\sZM]*\(+\s*(-?\d+(?:\.\d*)?)\s", re.I
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table hold. `pair`: the two of coordinates, (longitude, latitude) in degrees; () for none.

    `packed`: which of the pair say ddd.mmssss. `point`, `ring`, `plot`: of tables with a vertex a row, where there.
    """

    kind: Literal["none", "degrees", "plane", "wkt"] = "none"
    epsg: int | None = None
    pair: tuple[str, ...] = ()
    packed: tuple[bool, ...] = ()
    wkt: str = ""
    point: str = ""
    ring: str = ""
    plot: str = ""
    issues: tuple[Issue, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The columns whose cells become the shape."""
        return (*self.pair, *([self.wkt] if self.wkt else []))


def find(columns: Sequence[str], asked: str | None, cells: Iterable[Sequence[Any]]) -> Columns:
    """What the columns hold, by their names; `cells` are the rows. Raises FileRefused, CrsRefused."""
    wanted = coordinate_systems.parse(asked) if asked else None
    units = {name: match for name in columns if (match := _UNIT.fullmatch(_plain(name)))}
    by_name = {_plain(name): name for name in reversed(columns) if name}
    for name, match in units.items():
        by_name.setdefault(match[1].strip(), name)

    def first(names: tuple[str, ...]) -> str:
        return next((by_name[name] for name in names if name in by_name), "")

    _refuse_shifted(by_name)
    point, ring, plot = first(POINT_NAMES), first(RING_NAMES), first(PLOT_NAMES)
    east, north = first(LONGITUDE), first(LATITUDE)
    if east and north:
        if wanted is not None and coordinate_systems.zone_of(wanted):
            raise refused(
                "crs_conflict",
                f"列“{east}”“{north}”是经纬度，指明的坐标系 EPSG:{wanted} 却是平面坐标。",
                "请去掉 --crs 或改正列名。",
            )
        packed = tuple(
            bool(_PACKED.search(units[name][2])) if name in units else False for name in (east, north)
        )
        # The short name is that of the web maps' interfaces.
        issues = origin.ask("", asked) if _plain(east) == "lng" else []
        return Columns(
            "degrees",
            wanted or coordinate_systems.STORAGE,
            (east, north),
            packed,
            point=point,
            ring=ring,
            plot=plot,
            issues=tuple(issues),
        )
    if east or north:
        raise refused(
            "coordinate_column", f"只有“{east or north}”一列，缺少另一列坐标。", "经度和纬度应各有一列。"
        )
    if (wkt := first(WKT_NAMES)) and (found := _first_wkt(cells, list(columns).index(wkt))):
        return Columns("wkt", _wkt_crs(found, wanted), wkt=wkt)
    x, y = first(X_NAMES), first(Y_NAMES)
    if x and y:
        if wanted is None:
            raise refused(
                "crs_missing",
                f"有坐标列“{x}”“{y}”，但不知道是哪个坐标系。",
                "请用 --crs 指明，例如 --crs EPSG:4490 或 EPSG:4517。",
            )
        kind: Literal["plane", "degrees"] = "plane" if coordinate_systems.zone_of(wanted) else "degrees"
        return Columns(kind, wanted, (x, y), (False, False), point=point, ring=ring, plot=plot)
    return Columns()


def _plain(name: str) -> str:
    return narrow(name).strip().lower()


def _refuse_shifted(by_name: dict[str, str]) -> None:
    for plain, name in by_name.items():
        match = _SHIFTED.fullmatch(plain)
        if match and match[2] in (*LONGITUDE, *LATITUDE):
            try:
                coordinate_systems.parse("GCJ-02")
            except coordinate_systems.CrsRefused as refusal:
                said = f"列“{name}”：{refusal.message}"
                raise refused(refusal.code, said, refusal.hint, field=name) from refusal


def _first_wkt(cells: Iterable[Sequence[Any]], index: int) -> re.Match[str] | None:
    given = (
        row[index] for row in cells if len(row) > index and isinstance(row[index], str) and row[index].strip()
    )
    return next((match for cell in given if (match := _WKT.match(cell.strip()))), None)


def _wkt_crs(found: re.Match[str], wanted: int | None) -> int:
    """The system of a column of WKT: its own SRID, the one that is asked, or CGCS2000 for what must be degrees."""
    stated = coordinate_systems.parse(found[1]) if found[1] and found[1] != "0" else None
    if stated and wanted and stated != wanted:
        raise refused(
            "crs_conflict",
            f"指明的坐标系 EPSG:{wanted} 与文件写的 EPSG:{stated} 不一致。",
            "请核对后改正其中一个。",
        )
    if stated or wanted:
        return stated or wanted or 0
    if abs(float(found[2])) <= 180:
        return coordinate_systems.STORAGE
    raise refused(
        "crs_missing", "WKT 是平面坐标，但不知道是哪个坐标系。", "请用 --crs 指明，例如 --crs EPSG:4517。"
    )
