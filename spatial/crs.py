"""CGCS2000 and its zones: recognising a system, bringing geometry to EPSG:4490, and measuring on the ellipsoid.

Stored geometry is EPSG:4490, longitude before latitude, and an edge is a straight line in longitude and latitude.
Areas and lengths are those on the CGCS2000 ellipsoid under such edges (椭球面积: notice 〔2008〕32号 of the
land survey office, TD/T 1055-2019): only so do the pieces of a parcel add up to it. Codes: EPSG registry.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

STORAGE = 4490
WGS84 = 4326
MERCATOR = 3857
"""Web Mercator, for exchange with maps alone: no delivery may come in it (`parse`)."""
MERCATOR_EDGE_M = 20_037_508.342789244
AREA_OF_USE = (73.62, 16.70, 134.77, 53.56)
"""Of EPSG:4490, by the EPSG registry: west, south, east, north. The guards of migration 0003 say the same."""
A = 6378137.0
F = 1 / 298.257222101
E2 = F * (2 - F)
E = math.sqrt(E2)
B2 = A * A * (1 - E2)

LONGEST_PIECE_M = 70.0
"""A chord of this length in a zone keeps within 0.1 mm of the stored line."""
LONGEST_PIECE_DEG = 0.002
"""The same the other way round where 0.6 mm will do, as for a distance told to 1 cm: some 160 to 220 m."""

_GAUSS = ((0.5 - math.sqrt(0.15), 5 / 18), (0.5, 4 / 9), (0.5 + math.sqrt(0.15), 5 / 18))

OLD_DATUMS = {
    "1980西安坐标系": frozenset({4610, *range(2327, 2391)}),
    "1954北京坐标系": frozenset(
        {4214, *range(2401, 2443), *range(21413, 21424), *range(21453, 21464), *range(21473, 21484)}
    ),
}


@dataclass(eq=False)
class CrsRefused(ValueError):
    """The coordinate system cannot be used; `message` says why and `hint` what to do, both in Chinese."""

    code: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


@dataclass(frozen=True)
class Zone:
    """A Gauss-Krueger zone of CGCS2000: its number, width (3 or 6 degrees) and whether eastings carry the number."""

    number: int
    width: int
    prefixed: bool

    @property
    def central_meridian(self) -> int:
        return self.number * 3 if self.width == 3 else self.number * 6 - 3

    @property
    def epsg(self) -> int:
        if self.width == 3:
            return (4513 if self.prefixed else 4534) + self.number - 25
        return (4491 if self.prefixed else 4502) + self.number - 13

    def __str__(self) -> str:
        return f"CGCS2000 {self.width}°带 第{self.number}带（中央子午线 {self.central_meridian}°）"


def zone_epsg(number: int, *, width: int = 3, prefixed: bool = True) -> int:
    """EPSG code of a zone; raises CrsRefused when China has no such zone."""
    if number not in (range(25, 46) if width == 3 else range(13, 24)):
        raise CrsRefused(
            "zone_unknown",
            f"没有 {width} 度带第 {number} 带。",
            "3 度带为 25 至 45，6 度带为 13 至 23，请核对带号。",
        )
    return Zone(number, width, prefixed).epsg


def zone_of(epsg: int) -> Zone | None:
    """The zone that an EPSG code names, or None for a geographic system."""
    for first, width, prefixed, low, high in (
        (4491, 6, True, 13, 23),
        (4502, 6, False, 13, 23),
        (4513, 3, True, 25, 45),
        (4534, 3, False, 25, 45),
    ):
        if first <= epsg <= first + high - low:
            return Zone(epsg - first + low, width, prefixed)
    return None


def recognise(easting: float) -> Zone | None:
    """The zone whose number an easting carries in front (8 digits before the point), or None.

    13 to 23 are 6-degree zones and 25 to 45 are 3-degree zones; the ranges never meet in China.
    """
    number = int(abs(easting) // 1_000_000)
    if number in range(13, 24):
        return Zone(number, 6, True)
    return Zone(number, 3, True) if number in range(25, 46) else None


def parse(text: str | int) -> int:
    """EPSG code of "EPSG:4517", "4517" or a WKT/PROJ definition; raises CrsRefused for what cannot be used."""
    match = re.fullmatch(
        r"\s*(?:EPSG:{1,2}|urn:ogc:def:crs:EPSG:[\d.]*:)?(\d{4,6})\s*", str(text), re.IGNORECASE
    )
    if match:
        code = int(match.group(1))
    elif re.search(r"GCJ.?0?2|BD.?09|火星|百度|高德|腾讯", str(text), re.IGNORECASE):
        raise CrsRefused(
            "coordinates_shifted",
            "坐标是互联网地图加过偏移的（GCJ-02 或 BD-09），比实地偏两百米左右，没有官方的还原方法。",
            "请提供测绘成果，或在天地图、遥感影像上重新勾绘（CGCS2000），再提交。",
        )
    elif re.search(r"CRS:?84$", str(text)):
        code = WGS84
    else:
        code = _code_of_definition(str(text))
    for name, codes in OLD_DATUMS.items():
        if code in codes:
            raise old_datum(name)
    if code in (STORAGE, WGS84) or zone_of(code):
        return code
    raise CrsRefused(
        "crs_unsupported",
        f"不支持坐标系 EPSG:{code}。",
        "请转换为 CGCS2000（EPSG:4490 或其 3 度、6 度带）后再提交。",
    )


def old_datum(name: str) -> CrsRefused:
    """The refusal of a datum that has no public transformation of known accuracy to CGCS2000."""
    return CrsRefused(
        "needs_official_conversion",
        f"坐标系是 {name}，没有公开的精确转换参数。",
        "请由有资质的测绘单位转换到 CGCS2000 后再提交，原文件请留存。",
    )


def _code_of_definition(text: str) -> int:
    for words, name in ((("xian", "西安"), "1980西安坐标系"), (("beijing", "北京"), "1954北京坐标系")):
        if any(word in text.lower() for word in words):
            raise old_datum(name)
    try:
        definition = _definition(text.strip())
    except (pyproj.exceptions.CRSError, ValueError) as error:
        raise CrsRefused(
            "crs_unreadable", "看不懂坐标系说明。", "请写明 EPSG 代码，例如 EPSG:4490 或 EPSG:4517。"
        ) from error
    code = definition.to_epsg(min_confidence=60)
    if code is None and "china_2000" in text.lower().replace(" ", "_") and definition.is_geographic:
        code = STORAGE
    if code is None:
        raise CrsRefused(
            "crs_unreadable",
            f"坐标系“{definition.name}”没有对应的 EPSG 代码。",
            "请写明 EPSG 代码，例如 EPSG:4490 或 EPSG:4517。",
        )
    return int(code)


def _definition(text: str) -> pyproj.CRS:
    """A system in words. PROJ takes other texts for names of files and addresses, which it opens."""
    if text.startswith("{"):
        return pyproj.CRS.from_json(text)
    if re.match(r"[A-Z_]+\s*[\[(]", text, re.IGNORECASE):
        return pyproj.CRS.from_wkt(text)
    if text.startswith("+proj=") and not re.search(r"\+(init|nadgrids|geoidgrids|grids)\b", text):
        return pyproj.CRS.from_proj4(text)
    if re.fullmatch(r"[\w .()-]{3,80}", text):  # the name of a system, as some programs write it alone
        return pyproj.CRS.from_user_input(text)
    raise ValueError("not a definition")


@lru_cache(maxsize=64)
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _project(geometry: Any, source: int, target: int) -> Any:
    """A geometry, or an array of them, in another system."""
    transformer = _transformer(source, target)

    def move(points: np.ndarray) -> np.ndarray:
        x, y = transformer.transform(points[:, 0], points[:, 1])
        return np.column_stack([x, y])

    return shapely.transform(geometry, move)


def to_storage(geometry: BaseGeometry, epsg: int) -> BaseGeometry:
    """The geometry in EPSG:4490; `epsg` is a code that `parse` lets through, or Web Mercator.

    Projected edges are cut to 70 m first, because they are straight in the zone and not in longitude and latitude.
    WGS 84 is taken as it is: it differs from CGCS2000 by less than a metre and no better step is public.
    """
    if epsg in (STORAGE, WGS84):
        return geometry
    _require_zone(geometry, epsg)
    return _project(shapely.segmentize(geometry, LONGEST_PIECE_M), epsg, STORAGE)


def surely_in_zone(bounds: np.ndarray, zone: Zone) -> np.ndarray:
    """Which boxes (n by west, south, east, north) lie where a zone has its numbers, in China."""
    middle = 500_000 + (zone.number * 1_000_000 if zone.prefixed else 0)
    west, south, east, north = bounds.T
    return (west > middle - 400_000) & (east < middle + 400_000) & (south >= 1_000_000) & (north < 10_000_000)


def all_to_storage(shapes: np.ndarray, epsg: int) -> np.ndarray:
    """`to_storage` for an array of shapes that are `surely_in_zone`."""
    return _project(shapely.segmentize(shapes, LONGEST_PIECE_M), epsg, STORAGE)


def north_first(epsg: int) -> bool:
    """Whether the registry's axes are latitude or northing before longitude or easting; what is stored never is."""
    return bool(pyproj.CRS.from_epsg(epsg).axis_info[0].direction == "north")


def box_to_storage(box: tuple[float, float, float, float], epsg: int) -> BaseGeometry:
    """The ground of a box (west, south, east, north) of a system, in EPSG:4490; its edges bend in 50 pieces each.

    Not finite where the system does not reach.
    """
    west, south, east, north = box
    area = shapely.box(*box)
    if epsg in (STORAGE, WGS84):
        return area
    return _project(shapely.segmentize(area, max(east - west, north - south, 1e-3) / 50), epsg, STORAGE)


def _require_zone(geometry: BaseGeometry, epsg: int) -> None:
    """Refuse what no zone can hold, before it is cut into pieces: an edge round the world would fill the memory."""
    zone = zone_of(epsg)
    middle = 500_000 + (zone.number * 1_000_000 if zone and zone.prefixed else 0)
    west, south, east, north = geometry.bounds
    if epsg == MERCATOR:
        is_inside = max(map(abs, geometry.bounds)) <= MERCATOR_EDGE_M
    else:
        is_inside = (
            abs(west - middle) < 1_000_000
            and abs(east - middle) < 1_000_000
            and 0 < south <= north < 10_000_000
        )
    if not is_inside:
        raise CrsRefused(
            "outside_zone",
            f"坐标不在{zone or '网络墨卡托投影'}之内。",
            "请核对坐标系和带号，以及 X（北）、Y（东）是否写反。",
        )


def from_storage(geometry: BaseGeometry, epsg: int) -> BaseGeometry:
    """The geometry of EPSG:4490 in a zone, vertex by vertex, for exchange and print."""
    return geometry if epsg in (STORAGE, WGS84) else _project(geometry, STORAGE, epsg)


def home_zone(longitude: float) -> Zone:
    """The 3-degree zone, without prefix, in which a longitude lies."""
    return Zone(math.floor((longitude + 1.5) / 3), 3, False)


def _authalic(latitude: np.ndarray) -> np.ndarray:
    """Area between equator and a latitude (radians) per radian of longitude, m²; Snyder 1987, eq. 3-12."""
    s = np.sin(latitude)
    return B2 / 2 * (s / (1 - E2 * s * s) + np.log((1 + E * s) / (1 - E * s)) / (2 * E))


def area_m2(geometry: BaseGeometry) -> float:
    """Area in m² on the CGCS2000 ellipsoid of a geometry in EPSG:4490; 0 for what has no area."""
    polygons = [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon" and not p.is_empty]
    return float(sum(_ring_area(p.exterior) - sum(map(_ring_area, p.interiors)) for p in polygons))


def _ring_area(ring: BaseGeometry) -> float:
    points = np.radians(shapely.get_coordinates(ring))
    longitude = points[:, 0] - points[0, 0]
    latitude = points[:, 1]
    step = np.diff(latitude)
    # A constant adds nothing around a closed ring; taking it off keeps the sum small and its digits.
    floor = _authalic(latitude[:1])
    under = sum(weight * (_authalic(latitude[:-1] + at * step) - floor) for at, weight in _GAUSS)
    return abs(float(np.dot(np.diff(longitude), under)))


def areas_m2(shapes: np.ndarray) -> np.ndarray:
    """`area_m2` for an array of shapes at once."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, of_part = shapely.get_parts(parts, return_index=True)
        of_shape = of_shape[of_part]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(shapes))
    is_hole = np.diff(of_part, prepend=-1) == 0
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    points = np.radians(points)
    first = np.flatnonzero(np.diff(of_ring, prepend=-1))
    longitude = points[:, 0] - points[first[of_ring], 0]
    latitude = points[:, 1]
    # The step from the last point of a ring to the first of the next is none.
    across = np.diff(longitude, append=0.0)
    across[np.append(first[1:], len(points)) - 1] = 0.0
    step = np.diff(latitude, append=0.0)
    step[across == 0.0] = 0.0
    floor = _authalic(latitude[first])[of_ring]
    under = sum(weight * (_authalic(latitude + at * step) - floor) for at, weight in _GAUSS)
    area = np.abs(np.add.reduceat(across * under, first))
    return np.bincount(of_shape[of_part], np.where(is_hole, -area, area), len(shapes))


def length_m(geometry: BaseGeometry) -> float:
    """Length in m of lines, or of all rings of polygons, in EPSG:4490 on the CGCS2000 ellipsoid."""
    lines = [part for part in shapely.get_parts(geometry) if not part.is_empty]
    rings = [
        ring for part in lines if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors)
    ]
    curves = rings + [part for part in lines if part.geom_type in ("LineString", "LinearRing")]
    return float(sum(_curve_length(shapely.segmentize(curve, 0.01)) for curve in curves))


def _curve_length(curve: BaseGeometry) -> float:
    points = np.radians(shapely.get_coordinates(curve))
    step = np.diff(points, axis=0)
    middle = (points[1:, 1] + points[:-1, 1]) / 2
    w2 = 1 - E2 * np.sin(middle) ** 2
    meridian = A * (1 - E2) / w2**1.5
    parallel = A / np.sqrt(w2) * np.cos(middle)
    return float(np.hypot(meridian * step[:, 1], parallel * step[:, 0]).sum())


def degrees_for(metres: float, latitude: float) -> tuple[float, float]:
    """Degrees of longitude and of latitude that span at least so many metres at a latitude (degrees)."""
    widest = math.radians(min(abs(latitude) + 0.5, 89.0))
    return math.degrees(metres / (A * math.cos(widest))) * 1.01, math.degrees(metres / (A * (1 - E2))) * 1.01


@lru_cache(maxsize=64)
def _proj(epsg: int) -> pyproj.Proj:
    return pyproj.Proj(f"EPSG:{epsg}")


class LocalPlane:
    """Metres in a plane around a place: its 3-degree zone, rid of the zone's scale there.

    Within 1 km of the place a distance is right to some 3 mm (at its edge the scale of the zone changes by 3e-6 a km).
    """

    def __init__(self, longitude: float, latitude: float) -> None:
        self.epsg = home_zone(longitude).epsg
        self.scale = _proj(self.epsg).get_factors(longitude, latitude).meridional_scale

    def project(self, geometry: BaseGeometry) -> BaseGeometry:
        """Geometry of EPSG:4490 in metres, its edges cut so that they stay where they are."""
        return _project(shapely.segmentize(geometry, LONGEST_PIECE_DEG), STORAGE, self.epsg)

    def metres(self, distance: float) -> float:
        """A distance measured in the plane as metres on the ground."""
        return distance / self.scale
