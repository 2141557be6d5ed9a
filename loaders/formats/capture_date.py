"""The day on which an image was taken, where the file states it: never guessed from a name or the file's own date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from loaders.record import WARNING, Issue

TAKEN = (
    "ACQUISITIONDATETIME",
    "ACQUISITION_DATETIME",
    "ACQUISITIONDATE",
    "ACQUISITION_DATE",
    "ACQUISITION_TIME",
    "DATE_ACQUIRED",
    "SENSING_TIME",
    "IMAGING_TIME",
    "EXIF_DATETIMEORIGINAL",
    "拍摄日期",
    "拍摄时间",
    "成像时间",
    "获取时间",
)
WRITTEN = "TIFFTAG_DATETIME"
BEIJING = timezone(timedelta(hours=8))
UNSET = date(1970, 1, 1)
"""What a clock says that nobody has set."""
_ASK = "请核对拍摄日期；资料日期可用 --data-date 写明。"


def captured(tags: Mapping[str, str]) -> tuple[date | None, list[Issue]]:
    """The day that the tags of an image state, and what there is to tell. A day that cannot be is none."""
    plain = {name.upper(): text.strip() for name, text in tags.items() if text.strip()}
    for name in TAKEN:
        if name in plain:
            day = _day(plain[name])
            return day, [] if day else [_unusable(name, plain[name])]
    if WRITTEN not in plain:
        return None, [Issue("capture_date_unknown", WARNING, "影像没有写拍摄日期，时相未知。", _ASK)]
    day = _day(plain[WRITTEN])
    if day is None:
        return None, [_unusable(WRITTEN, plain[WRITTEN])]
    said = f"时相取自 TIFF 的日期标签（{day}）；有的软件在这里写处理日期，不是拍摄日期。"
    return day, [Issue("capture_date_of_file", WARNING, said, _ASK, value=plain[WRITTEN])]


def _unusable(name: str, text: str) -> Issue:
    said = f"影像写的拍摄日期“{text[:40]}”（{name}）不是可用的日期，时相未知。"
    return Issue("capture_date_unusable", WARNING, said, _ASK, value=text[:200])


def _day(text: str) -> date | None:
    """A day in Beijing; None for what is no day, what no clock has told, or what is still to come."""
    plain = re.sub(r"^(\d{4})[:/.年-](\d{1,2})[:/.月-](\d{1,2})日?", _dashes, text)
    plain = re.sub(r"\s*UTC$", "Z", plain)
    try:
        moment = datetime.fromisoformat(plain)
        day = (moment.astimezone(BEIJING) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
    has_been = date(1900, 1, 1) <= day <= datetime.now(UTC).astimezone(BEIJING).date()
    return day if has_been and day != UNSET else None


def _dashes(found: re.Match[str]) -> str:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
