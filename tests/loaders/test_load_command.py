"""`jingtu load`, `publish` and `unpublish` as they are typed."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.commands import load, publish, unpublish
from loaders.report import harmless
from spatial.models import Load
from tests.grid import grid
from tests.loaders import files

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A . B
    . . .
    D . E
""")
SHAPE = PLAN.polygon("ABED")


def run(command: Any, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args([str(word) for word in words])))


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    rows = [(SHAPE, {"DKBM": "A1"}), (None, {"DKBM": "A2", "HYLB": "=HYPERLINK(1)"})]
    return files.geojson(tmp_path / "a.geojson", rows)


def test_json_is_one_document_with_what_the_interface_says(delivery: Path, capsys: Any) -> None:
    assert run(load, "suspected_plot", delivery, "--county", "652301", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert {"outcome", "rows", "issues", "crs", "encoding", "release", "committed", "load"} <= set(document)
    assert document["rows"] == {"read": 2, "loaded": 2, "repaired": 1, "quarantined": 0, "refused": 0}
    assert (document["outcome"], document["committed"], document["crs"]) == ("repaired", False, "EPSG:4326")
    assert set(document["issues"][0]) == {
        "code", "severity", "row", "ring", "field", "value", "message", "hint", "place", "owner",
    }  # fmt: skip


def test_load_publish_and_back_in_words(delivery: Path, capsys: Any) -> None:
    assert run(load, "suspected_plot", delivery, "--county", "652301", "--release", "2026Q4") == 0
    assert "试读" in capsys.readouterr().out
    assert not Load.objects.exists()
    assert run(load, "suspected_plot", delivery, "--county", "652301", "--release", "2026Q4", "--commit") == 0
    assert "jingtu publish 2026Q4" in capsys.readouterr().out
    assert run(publish, "2026Q4") == 0
    assert run(publish, "2026Q4") == 1
    assert "已经发布" in capsys.readouterr().err
    assert run(unpublish, "2026Q4") == 0
    assert run(unpublish, "nothing") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("no_such_layer", "FILE"),
        ("suspected_plot", "FILE", "--county", "110000"),
        ("suspected_plot", "/no/such/file.shp"),
        ("suspected_plot", "FILE", "--report", "list.docx"),
    ],
)
def test_wrong_usage_is_two_and_nothing_on_standard_output(
    delivery: Path, capsys: Any, words: tuple[str, ...]
) -> None:
    assert run(load, *(delivery if word == "FILE" else word for word in words)) == 2
    said = capsys.readouterr()
    assert said.err
    assert not said.out


def test_refused_data_is_one_and_says_where_and_what_to_do(capsys: Any) -> None:
    sample = Path(__file__).parents[1] / "data" / "samples" / "broken_02_xian1980.txt"
    assert run(load, "parcel", sample, "--county", "652301", "--commit") == 1
    out = capsys.readouterr().out
    assert "第 5 行" in out
    assert "测绘单位" in out
    assert "没有装入任何一行" in out


@pytest.mark.parametrize("suffix", [".json", ".csv", ".xlsx"])
def test_the_report_holds_every_issue_and_no_formula(delivery: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"问题{suffix}"
    run(load, "suspected_plot", delivery, "--county", "652301", "--report", path)
    if suffix == ".json":
        assert len(json.loads(path.read_text(encoding="utf-8"))["issues"]) == 3
        return
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [list(row) for row in csv.reader(file)]
    else:
        rows = [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    assert len(rows) == 4
    assert rows[3][4] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("示例") == "示例"
    assert harmless(-1) == -1
