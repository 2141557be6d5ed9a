"""What a person at the terminal sees of a long load, and what a log holds of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from api.progress_bar import ProgressBar, told
from loaders.pipeline import load
from tests.grid import grid
from tests.loaders import files

PLAN = grid("""
    A . B
    . . .
    D . E
""")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_tells_share_rate_and_time_left() -> None:
    line = told("rows", 250, 1000, 10.0)  # 25 rows a second, 750 left: half a minute
    assert "25% 250/1000 行" in line and "25 行/秒" in line and "还需 30 秒" in line
    assert "还需 5 分 00 秒" in told("rows", 100, 400, 100.0)


def test_where_nobody_knows_how_many_rows_come_it_tells_how_many_came() -> None:
    assert told("rows", 250, None, 10.0) == "读取 250 行 25 行/秒"


@pytest.mark.django_db
def test_a_terminal_gets_one_line_drawn_anew_and_a_log_of_a_short_load_stays_empty(tmp_path: Path) -> None:
    rows = [(PLAN.polygon("ABED"), {"DKBM": str(number)}) for number in range(500)]
    path = files.geojson(tmp_path / "a.geojson", rows)
    terminal, log = Terminal(), io.StringIO()
    for out in (terminal, log):
        bar = ProgressBar(out)
        load(path, "suspected_plot", county="652301", progress=bar)
        bar.close()
    assert "500/500" in terminal.getvalue() and "\n" not in terminal.getvalue()
    assert log.getvalue() == ""
