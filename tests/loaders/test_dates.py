"""Of which day a delivery is, and days that are still to come."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from api.commands import load as load_command
from loaders.pipeline import load
from loaders.result import LoadResult
from spatial.models import Feature, Load
from spatial.releases import CannotSwitch, confirm_empty
from tests.grid import grid
from tests.loaders import files

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A . B
    . . .
    D . E
""")
SHAPE = PLAN.polygon("ABED")


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def codes(result: LoadResult) -> list[tuple[str, str]]:
    return [(issue.code, issue.severity) for issue in result.issues if "date" in issue.code]


def boundary(path: Path, day: str) -> Path:
    return files.boundary_txt(path, files.square(path.stem), 数据产生日期=day)


def test_a_first_day_to_come_is_unknown_so_that_the_row_counts_from_ever_on(tmp_path: Path) -> None:
    rows = [
        (SHAPE, {"code": "A", "entry_date": "2062-03-01"}),
        (None, {"code": "B", "entry_date": timezone.localdate().isoformat()}),
        (None, {"code": "C", "entry_date": "2062-03-01", "exit_date": "2024-01-01"}),
    ]
    path = files.geojson(tmp_path / "a.geojson", rows)
    result = load(path, "contaminated_plot", county="652301", commit=True)
    assert result.rows.as_json() == {"read": 3, "loaded": 2, "repaired": 1, "quarantined": 1, "refused": 0}
    told = [(one.code, one.row, one.severity) for one in result.issues if one.row]
    assert told == [("date_in_future", 1, "warning"), ("dates_reversed", 3, "error")]
    late, now = Feature.objects.order_by("key")
    assert (late.valid_from, "entry_date" in late.attributes) == (None, False)
    assert now.valid_from == timezone.localdate()


def test_several_files_are_as_old_as_the_oldest(tmp_path: Path) -> None:
    paths = [boundary(tmp_path / "a.txt", "2019-01-01"), boundary(tmp_path / "b.txt", "2025-03-18")]
    result = load(paths, "parcel", county="652301")
    assert (result.data_date, codes(result)) == (date(2019, 1, 1), [])
    paths.append(boundary(tmp_path / "c.txt", ""))
    result = load(paths, "parcel", county="652301")
    assert (result.data_date, codes(result)) == (date(2019, 1, 1), [("data_date_assumed", "notice")])
    assert "c.txt" in next(one.message for one in result.issues if one.code == "data_date_assumed")


def test_a_file_without_a_day_is_of_today_and_that_is_told(tmp_path: Path) -> None:
    result = load(boundary(tmp_path / "a.txt", ""), "parcel", county="652301")
    assert (result.data_date, codes(result)) == (timezone.localdate(), [("data_date_assumed", "notice")])


def test_a_day_to_come_is_refused_from_a_file_and_from_a_person(tmp_path: Path) -> None:
    path = boundary(tmp_path / "a.txt", tomorrow().isoformat())
    result = load(path, "parcel", county="652301", commit=True)
    assert (result.outcome, codes(result)) == ("refused", [("data_date_future", "error")])
    assert result.rows.as_json() == {"read": 1, "loaded": 0, "repaired": 0, "quarantined": 0, "refused": 1}
    path = boundary(tmp_path / "b.txt", "2025-03-18")
    result = load(path, "parcel", county="652301", commit=True, data_date=tomorrow())
    assert (result.outcome, codes(result)) == ("refused", [("data_date_future", "error")])
    assert not Load.objects.exists()
    with pytest.raises(CannotSwitch, match="还没有到") as refusal:
        confirm_empty("suspected_plot", "652301", "王某（示例）", tomorrow())
    assert refusal.value.hint


def test_the_day_can_be_given_on_the_command_line(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    load_command.add_arguments(parser)
    path = boundary(tmp_path / "a.txt", "2025-03-18")
    words = ["parcel", str(path), "--county", "652301", "--data-date", "2024-12-31", "--commit"]
    assert load_command.run(parser.parse_args(words)) == 0
    assert Load.objects.get().data_date == date(2024, 12, 31)
    with pytest.raises(SystemExit) as wrong:
        parser.parse_args([*words[:-2], "31.12.2024"])
    assert wrong.value.code == 2
