"""What the size of two plane coordinates says: swapped, millimetres, degrees, digits left out in front.

A northing in China has 7 digits before the point, an easting 8 with the zone number or 6 without; so most slips show.
"""

from __future__ import annotations

import math
import re

from spatial.crs import recognise

Fault = tuple[str, str, str, str]
"""Code, message, field (X north, Y east) and value of what is wrong with a coordinate."""

NUMBER = re.compile(r"[-+]?\d+(\.\d*)?")


def read(x: str, y: str) -> tuple[float, float, Fault | None]:
    """Northing and easting, in metres, of two texts without full-width signs; 0 and 0 where they are no numbers."""
    for name, value in (("X", x), ("Y", y)):
        if not NUMBER.fullmatch(value):
            return (
                0.0,
                0.0,
                ("coordinate_unreadable", f"{name} 坐标“{value[:40]}”不是普通小数。", name, value[:80]),
            )
    northing, easting = float(x), float(y)
    return northing, easting, fault_of(x, y, northing, easting)


def is_northing(value: float) -> bool:
    """7 digits before the point."""
    return 1_000_000 <= value < 10_000_000


def is_easting(value: float) -> bool:
    """8 digits before the point with a zone number that China has, or 6."""
    return 13_000_000 <= value < 46_000_000 or 100_000 <= value < 1_000_000


def fault_of(x: str, y: str, northing: float, easting: float) -> Fault | None:
    """What is wrong with a point by the size of its numbers; `x` and `y` are the numbers as they are written."""
    if is_northing(northing) and is_easting(easting):
        return None
    if not (math.isfinite(northing) and math.isfinite(easting)):
        name, value = ("Y", y) if math.isfinite(northing) else ("X", x)
        return (
            "coordinate_digits",
            f"{name} 坐标 {value[:40]}… 有 {len(value)} 位，不是坐标。",
            name,
            value[:80],
        )
    if is_northing(easting) and is_easting(northing):
        said = f"X、Y 写反了：{x} 有 {_digits(northing)} 位整数，是 Y（东）坐标，却写在 X（北）的位置。"
        return "axes_swapped", said, "X", x
    if abs(northing) <= 180 and abs(easting) <= 180:
        return "degrees", f"坐标 {x},{y} 是经纬度，不是以米为单位的平面坐标。", "X", x
    if is_northing(northing / 1000) and is_easting(easting / 1000):
        return "millimetres", f"坐标 {x},{y} 是毫米，不是米。", "X", x
    if is_easting(easting) and 0 < northing < 1_000_000:
        said = f"X 坐标 {x} 只有 {_digits(northing)} 位整数，少了最前面的数字，应为 7 位。"
        return "digits_dropped", said, "X", x
    if is_northing(northing) and (0 < easting < 100_000 or 1_000_000 <= easting < 13_000_000):
        said = f"Y 坐标 {y} 有 {_digits(easting)} 位整数，少了最前面的数字，应为 8 位（带带号）或 6 位。"
        return "digits_dropped", said, "Y", y
    if not is_northing(northing):
        return "coordinate_digits", f"X 坐标 {x} 有 {_digits(northing)} 位整数，应为 7 位。", "X", x
    said = f"Y 坐标 {y} 有 {_digits(easting)} 位整数，应为 8 位（带带号）或 6 位。"
    if recognise(easting) is None and _digits(easting) == 8:
        said = f"Y 坐标 {y} 的前两位不是带号：六度带为 13 至 23，三度带为 25 至 45。"
    return "coordinate_digits", said, "Y", y


def _digits(value: float) -> int:
    return len(str(int(abs(value))))
