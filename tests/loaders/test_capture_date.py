"""The day on which an image was taken: stated, read by Beijing's days, or unknown; never guessed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from loaders.formats.capture_date import captured


@pytest.mark.parametrize(
    ("tags", "day"),
    [
        ({"ACQUISITIONDATETIME": "2025-06-10 05:32:11"}, date(2025, 6, 10)),
        ({"AcquisitionDateTime": "2025-06-10T05:32:11.024Z"}, date(2025, 6, 10)),
        ({"ACQUISITION_DATE": "2025-06-09T20:30:00Z"}, date(2025, 6, 10)),
        ({"ACQUISITION_DATE": "2025-06-09T20:30:00"}, date(2025, 6, 9)),
        ({"SENSING_TIME": "2025-06-09 16:00:00 UTC"}, date(2025, 6, 10)),
        ({"DATE_ACQUIRED": "20250610"}, date(2025, 6, 10)),
        ({"EXIF_DateTimeOriginal": "2025:06:10 13:05:00"}, date(2025, 6, 10)),
        ({"拍摄日期": "2025年6月1日"}, date(2025, 6, 1)),
        ({"TIFFTAG_DATETIME": "2026:01:05 08:00:00", "ACQUISITION_DATE": "2025-06-10"}, date(2025, 6, 10)),
    ],
)
def test_a_day_that_is_stated_is_read_and_needs_no_word(tags: dict[str, str], day: date) -> None:
    assert captured(tags) == (day, [])


def test_the_date_tag_of_the_tiff_is_taken_and_asked_about() -> None:
    day, (issue,) = captured({"TIFFTAG_DATETIME": "2025:06:10 12:30:00"})
    assert (day, issue.code, issue.severity) == (date(2025, 6, 10), "capture_date_of_file", "warning")
    assert "2025-06-10" in issue.message


def test_without_any_statement_the_day_is_unknown_and_told() -> None:
    day, (issue,) = captured({"AREA_OR_POINT": "Area", "TIFFTAG_DATETIME": " "})
    assert (day, issue.code, issue.severity) == (None, "capture_date_unknown", "warning")


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00", "1970:01:01 00:00:00", "2025:13:40 00:00:00", "unknown", "2025", "10/06/2025",
        "99999-01-01", "1850-01-01",
        pytest.param((datetime.now() + timedelta(days=3)).strftime("%Y:%m:%d %H:%M:%S"), id="in three days"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tag", ["TIFFTAG_DATETIME", "ACQUISITION_DATE"])
def test_what_is_no_day_or_cannot_be_one_is_unknown_and_quoted(tag: str, text: str) -> None:
    day, (issue,) = captured({tag: text})
    assert (day, issue.code, issue.value) == (None, "capture_date_unusable", text)


def test_a_statement_that_cannot_be_read_is_not_replaced_by_another() -> None:
    day, (issue,) = captured({"ACQUISITION_DATE": "unknown", "TIFFTAG_DATETIME": "2025:06:10 12:30:00"})
    assert (day, issue.code) == (None, "capture_date_unusable")
