"""`jingtu check-batch`: every row of the file is told of, in each kind of output, read back by other programs."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import shapely
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api.commands import check_batch
from spatial.batch import run as batches
from spatial.checks import Question
from spatial.models import Batch, CheckRun
from tests.factories import covered, feature, known_county, revision
from tests.grid import grid

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = grid("""
    A B C D
    E F G H
    I J K L
""")
QUESTION = Question(shapely.MultiPolygon())
SECOND = Int4Multirange([Int4Range(2, None)])
RINGS = {"P1": "ABFE", "=1+1": "BCGF", "P3": "CDHG", "P4": "EFJI"}


@pytest.fixture(autouse=True)
def data() -> None:
    """P3 lies on a contaminated plot, nothing else on anything, and one layer never came."""
    known_county(but=("eco_redline",))
    feature("contaminated_plot", PLAN.polygon("CDHG"), code="C1", name="示例电镀旧址", status="contaminated")


def file_of(folder: Path, **more: Any) -> Path:
    """The parcels as GeoJSON, one of them a bow tie and one without a shape."""
    shapes = {number: shapely.geometry.mapping(PLAN.polygon(ring)) for number, ring in RINGS.items()}
    corners = [
        PLAN.point(letter) for letter in "ABEF"
    ]  # not drawn as a polygon: cutting its edges would mend it
    shapes["bow"] = shapely.geometry.mapping(shapely.Polygon(corners))
    shapes["none"] = None
    told = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"parcel_no": number}, "geometry": shape}
            for number, shape in shapes.items()
        ],
    }
    path = folder / "parcels.geojson"
    path.write_text(json.dumps({**told, **more}), encoding="utf-8")
    return path


def check(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    check_batch.add_arguments(parser)
    return check_batch.run(parser.parse_args([str(argument) for argument in arguments]))


def test_a_workbook_has_a_summary_a_row_a_parcel_a_row_a_finding_and_the_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.xlsx"
    assert check(file_of(tmp_path), "--out", out, "--action", "use_change") == 0
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["汇总", "地块", "结论", "资料缺口"]
    summary = dict(book["汇总"].iter_rows(min_row=2, values_only=True))
    counts = {"读入地块": 6, "已核查": 4, "未核查（有错误）": 2, "核查不完整（缺资料）": 4}
    assert {what: summary[what] for what in counts} == counts
    assert "读入地块：6" in capsys.readouterr().out
    head, *rows = book["地块"].iter_rows(values_only=True)
    parcels = {row[2]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(rows) == 6 and list(parcels)[:4] == ["P1", "'=1+1", "P3", "P4"]
    assert book["地块"].freeze_panes == "A2"
    assert parcels["P3"]["椭球面积 m²"] == pytest.approx(10_000, rel=1e-3)
    assert parcels["P1"]["核查完整"] == "否"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    refused = [dict(zip(head, row, strict=True)) for row in rows if row[3] is None]
    assert [row["次序"] for row in refused] == [5, 6]
    assert all(row["结论"] is None and row["问题"] for row in refused)
    found = [row for row in book["结论"].iter_rows(min_row=2, values_only=True) if row[7] == "C1"]
    assert found and {row[1] for row in found if row[10]} == {"P3"}
    gaps = list(book["资料缺口"].iter_rows(min_row=2, values_only=True))
    assert {(row[1], row[5]) for row in gaps} == {(n, "never_loaded") for n in ("P1", "'=1+1", "P3", "P4")}


def read_geojson(path: Path) -> geopandas.GeoDataFrame:
    told = json.loads(path.read_text(encoding="utf-8"))
    return geopandas.GeoDataFrame.from_features(told, crs=told["crs"]["properties"]["name"])


READ = {".gpkg": geopandas.read_file, ".geojson": read_geojson, ".parquet": geopandas.read_parquet}


@pytest.mark.parametrize("suffix", READ)
def test_shapes_carry_the_verdict_in_4490_and_refused_rows_have_none(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    assert check(file_of(tmp_path), "--out", out) == 0
    frame = READ[suffix](out).sort_values("place")
    assert frame.crs.to_epsg() == 4490
    assert frame["place"].tolist() == [1, 2, 3, 4, 5, 6]
    assert frame["parcel_no"].tolist()[:4] == list(RINGS)
    for shape, ring in zip(frame.geometry[:4], RINGS.values(), strict=True):
        assert shape.equals(PLAN.polygon(ring))
    kept = {run.answer["parcel"]["parcel_no"]: run for run in CheckRun.objects.all()}
    for number, verdict, fingerprint in zip(
        frame["parcel_no"][:4], frame["verdict"][:4], frame["fingerprint"][:4], strict=True
    ):
        assert (verdict, fingerprint) == (kept[number].verdict, kept[number].fingerprint)
    assert frame["verdict"][4:].isna().all() and frame.geometry[4:].isna().all()
    assert (frame["issues"][4:].str.len() > 0).all()


def test_a_csv_has_a_row_for_every_parcel_and_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert check(file_of(tmp_path), "--out", out) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["地块编号"] for row in rows][:4] == ["P1", "'=1+1", "P3", "P4"]
    assert len(rows) == 6


@pytest.mark.parametrize("engine", ["postgis", "dask"])
def test_every_engine_gives_the_same_answers(tmp_path: Path, engine: str) -> None:
    file = file_of(tmp_path)
    assert check(file, "--out", tmp_path / "a.csv") == 0
    first = dict(CheckRun.objects.values_list("request__parcel_no", "fingerprint"))
    Batch.objects.all().delete()
    CheckRun.objects.all().delete()
    assert check(file, "--out", tmp_path / "b.csv", "--engine", engine) == 0
    assert dict(CheckRun.objects.values_list("request__parcel_no", "fingerprint")) == first


def test_the_same_asked_again_is_not_checked_again(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    assert check(file, "--out", tmp_path / "a.csv") == 0
    assert check(file, "--out", tmp_path / "b.csv") == 0
    assert CheckRun.objects.count() == 4
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_what_goes_live_while_a_batch_runs_is_not_in_half_of_it(
    tmp_path: Path,
) -> None:
    batch = batches.begin(QUESTION, "f", "1")
    rows = [batches.Asked(n, n, ring, PLAN.polygon(ring)) for n, ring in enumerate(RINGS.values(), 1)]

    def chunks() -> Iterator[list[batches.Asked]]:
        yield rows[:2]
        revision(2)
        for ring in RINGS.values():
            feature("suspected_plot", PLAN.polygon(ring), code=ring, status="suspected", revisions=SECOND)
        covered("eco_redline", revisions=SECOND)
        yield rows[2:]

    batches.go_on(batch, QUESTION, chunks(), lambda task, calls: (task(*call) for call in calls), tmp_path)
    answers = list(CheckRun.objects.values_list("answer", flat=True))
    assert [told["versions"]["revision"] for told in answers] == [1] * 4
    assert {finding["layer"] for told in answers for finding in told["findings"]}.isdisjoint(
        {"suspected_plot"}
    )
    assert all(told["gaps"] for told in answers)
    assert batches.begin(QUESTION, "f", "1").pk != batch.pk  # asked now, the newest data answer


def test_a_file_that_cannot_be_read_is_refused_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "parcels.geojson", tmp_path / "out.xlsx"
    file.write_text("no geojson", encoding="utf-8")
    assert check(file, "--out", out) == 1
    assert "没有核查" in capsys.readouterr().out
    assert not out.exists() and not Batch.objects.exists()


def test_a_suffix_that_nobody_writes_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        check(file_of(tmp_path), "--out", tmp_path / "out.docx")
    assert ended.value.code == 2
