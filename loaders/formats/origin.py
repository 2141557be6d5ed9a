"""Where longitudes and latitudes come from. Web maps shift theirs by some 200 m here and do not say so in the file.

Amap and Tencent use GCJ-02, Baidu BD-09. The inverse formulas are unofficial, so nothing is ever shifted back: who
sends the file is asked.
"""

from __future__ import annotations

import re

from loaders.record import NOTICE, WARNING, Issue
from spatial import crs

ASK = "请确认坐标来源：描自高德、腾讯地图（GCJ-02）或百度地图（BD-09）的会偏移两百米左右，不能使用。"
_WORDS = {
    "GCJ-02": r"gcj-?_?0?2|火星坐标|高德|amap|autonavi|腾讯地图|map\.qq\.com",
    "BD-09": r"bd-?_?09|百度|baidu",
}
_ANY = re.compile("|".join(f"(?P<{name.replace('-', '_')}>{words})" for name, words in _WORDS.items()), re.I)


def tell(epsg: int | None) -> list[Issue]:
    """A note that coordinates came in WGS 84: within a metre of CGCS2000, and no better step is public."""
    said = "坐标系是 WGS 84，与 CGCS2000 相差不到 1 米，坐标没有改动。"
    return [Issue("wgs84", NOTICE, said)] if epsg == crs.WGS84 else []


def ask(text: str, asked: str | None) -> list[Issue]:
    """What to ask the sender of a file of longitudes and latitudes that names no system, by its own words.

    `asked`: the system that the sender has stated; then nobody is asked, unless the file itself speaks against it.
    """
    found = _ANY.search(text)
    if found:
        system = (found.lastgroup or "").replace("_", "-")
        said = f"文件里有“{found.group()}”字样，坐标可能是 {system}，有偏移；没有改动坐标。"
        return [Issue("origin_suspected", WARNING, said, ASK, value=found.group())]
    if asked:
        return []
    said = "文件没有写坐标系，也没有写坐标描自哪里，按经纬度（WGS 84）读取，没有改动。"
    return [
        Issue(
            "origin_unknown",
            NOTICE,
            said,
            f"{ASK}确认后可用 --crs EPSG:{crs.STORAGE} 或 EPSG:{crs.WGS84} 写明。",
        )
    ]
