"""Why a shape lies where it cannot: swapped axes, millimetres, digits or zone number left out, another zone, next door.

Nothing here moves a shape. What was probably done is named, and who sent the file mends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.formats import digits
from spatial.crs import Zone, recognise, zone_of

Bounds = tuple[float, float, float, float]
NEIGHBOUR_DEG = 3.0
"""What lies no further outside is taken for a neighbour's: the width of the prefectures around."""
_HINTS = {
    "axes_swapped": "应先东（Y）后北（X），请对调后重新提交。",
    "millimetres": "请换算为米后重新提交。",
    "digits_dropped": "请补上最前面的数字后重新提交。",
    "degrees": "请改正坐标系：经纬度应为 EPSG:4490（CGCS2000）或 EPSG:4326（WGS 84）。",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What was probably done, and what to do."""

    code: str
    message: str
    hint: str


def in_zone(bounds: Bounds, epsg: int) -> Reason | None:
    """Why numbers (west, south, east, north, as the file has them) do not fit the zone they are said to be in."""
    zone = zone_of(epsg)
    west, south, _, _ = bounds
    if zone is None:
        return None
    fits = digits.is_northing(south) and digits.is_easting(west)
    fault = None if fits else digits.fault_of(f"{south:.3f}", f"{west:.3f}", south, west)
    if fault:
        return Reason(fault[0], fault[1], _HINTS.get(fault[0], "请核对坐标和坐标系。"))
    found = recognise(west)
    if zone.prefixed and found is None:
        plain = Zone(zone.number, zone.width, False)
        said = f"Y（东）坐标 {west:.3f} 只有 6 位，少了带号 {zone.number}；坐标系 EPSG:{epsg} 的 Y 带带号。"
        return Reason(
            "zone_number_dropped", said, f"若确在第 {zone.number} 带，请用 EPSG:{plain.epsg}，或补上带号。"
        )
    if found is not None and found.number != zone.number:
        said = f"Y（东）坐标 {west:.3f} 的带号是 {found.number}，坐标系写的却是{zone}。"
        return Reason("wrong_zone", said, f"请核对带号：第 {found.number} 带是 EPSG:{found.epsg}。")
    if found is not None and not zone.prefixed:
        said = f"Y（东）坐标 {west:.3f} 带有带号 {found.number}，坐标系 EPSG:{epsg} 的 Y 却不带带号。"
        return Reason("zone_number_extra", said, f"若确在第 {found.number} 带，请用 EPSG:{found.epsg}。")
    return None


def in_region(bounds: Bounds, extent: Bounds, region: str, epsg: int | None) -> Reason:
    """Why a shape (degrees) lies outside the region; `epsg` is the system that the file's numbers were read in."""
    west, south, east, north = bounds
    numbers = f"{west:.4f}～{east:.4f}°E，{south:.4f}～{north:.4f}°N"
    if max(map(abs, bounds)) > 360:
        said = f"坐标系写的是经纬度，坐标却像以米为单位的平面坐标（{west:.3f}，{south:.3f}）。"
        return Reason("plane_coordinates", said, "请改正坐标系，例如 EPSG:4517（三度带 29 带，Y 带带号）。")
    if _within((south, west, north, east), extent):
        return Reason(
            "axes_swapped", f"经度和纬度写反了（{numbers}）。", "应先写经度、后写纬度，请对调后重新提交。"
        )
    zone = zone_of(epsg) if epsg else None
    if zone is not None and not zone.prefixed:
        # Zones differ in nothing but their central meridian.
        meridians = [
            zone.central_meridian + turn
            for turn in (-6, -3, 3, 6)
            if _within((west + turn, south, east + turn, north), extent)
        ]
        if meridians:
            others = "、".join(f"{one}°（三度带 {one // 3} 带）" for one in meridians)
            said = f"按{zone}读，图形不在{region}（{numbers}）；中央子午线若是 {others}，就在。"
            return Reason("wrong_zone", said, "带号可能写错了，请核对带号和中央子午线。")
    if _within(
        bounds,
        (
            extent[0] - NEIGHBOUR_DEG,
            extent[1] - NEIGHBOUR_DEG,
            extent[2] + NEIGHBOUR_DEG,
            extent[3] + NEIGHBOUR_DEG,
        ),
    ):
        said = f"图形在{region}{_side(bounds, extent)}（{numbers}），像是相邻地州的资料。"
        return Reason(
            "neighbouring_region", said, "请确认是否属于本地区；若属于，请核对坐标系、带号和中央子午线。"
        )
    return Reason(
        "outside_region",
        f"图形不在{region}范围内（{numbers}）。",
        "请核对坐标系、带号和中央子午线，或确认是否属于本地区。",
    )


def _within(bounds: Bounds, extent: Bounds) -> bool:
    return (
        extent[0] <= bounds[0]
        and bounds[2] <= extent[2]
        and extent[1] <= bounds[1]
        and bounds[3] <= extent[3]
    )


def _side(bounds: Bounds, extent: Bounds) -> str:
    west, south, east, north = bounds
    across = "以西" if west < extent[0] else "以东" if east > extent[2] else ""
    along = "以南" if south < extent[1] else "以北" if north > extent[3] else ""
    return "、".join(side for side in (across, along) if side)
