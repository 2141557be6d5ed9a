"""Reports over HTTP, from the console and of a batch: made of what was stored, as its reader may see it."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pyogrio
import pytest
import shapely
from django.test import override_settings
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api.check_job import check_parcels
from api.commands import check_batch, report
from api.papers import FORMATS
from api.papers_job import file_of, make_papers, remove_old
from spatial.answer import geojson
from spatial.models import AuditEntry, CheckRun, Feature, Job
from tests.factories import feature, known_county, revision
from tests.grid import grid

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
    . . . . . .
    G . H . . I
""")
PARCEL = PLAN.polygon("ABED")
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
Bearer = Callable[..., dict[str, str]]


def text_of(paper: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=paper, capture_output=True, check=True)
    assert done.stderr == b""
    return "".join(done.stdout.decode().split())


def ask(client: TestClient, header: dict[str, str], shape: shapely.MultiPolygon = PARCEL) -> dict[str, Any]:
    body = {
        "parcel": geojson(shape),
        "action": "use_change",
        "proposed_use": {"system": "MNR-2023", "code": "0701"},
        "current_use": {"system": "MNR-2023", "code": "1001"},
        "project": {"may_pollute_soil": False, "livestock": False},
        "purpose": "昌土供〔2026〕18号",
    }
    return dict(client.post("/checks", json=body, headers=header).json())


def console(command: Any, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args([str(word) for word in words])))


def test_a_report_comes_in_every_format_and_each_leaves_a_trace(client: TestClient, bearer: Bearer) -> None:
    known_county()
    feature("risk_register_plot", PLAN.polygon("ABED"), code="6523010001", name="示例皮革旧址")
    me = bearer("clerk", "652301")
    told = ask(client, me)
    for format, media in FORMATS.items():
        answer = client.get(f"/checks/{told['id']}/report?format={format}", headers=me)
        if format == "zip":
            assert (answer.status_code, answer.json()["code"]) == (422, "not_signed")
            continue
        assert (answer.status_code, answer.headers["content-type"]) == (200, media), format
        assert answer.headers["content-disposition"] == f'attachment; filename="{told["number"]}.{format}"'
        assert AuditEntry.objects.filter(action="report", said__contains=f'"format": "{format}"').exists()
    text = text_of(client.get(f"/checks/{told['id']}/report?format=pdf", headers=me).content)
    for words in (
        told["number"],
        told["fingerprint"],
        "示例皮革旧址",
        "昌土供〔2026〕18号",
        "clerk0",
        "未申报",
    ):
        assert words in text, words
    assert (
        client.get(f"/checks/{told['id']}/report?format=odt", headers=me).json()["code"] == "format_unknown"
    )
    # The workbook's words are the answer's own.
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/checks/{told['id']}/report?format=xlsx", headers=me).content)
    )
    rules = [row[2] for row in book["查到的问题"].iter_rows(min_row=2, values_only=True)]
    assert rules == [one["rule"] for one in told["findings"]]


def test_who_may_not_see_a_plot_reads_neither_its_name_nor_its_shape(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    """Suspected plots are for the counties concerned: the finding stands there, the plot does not."""
    known_county()
    feature(
        "suspected_plot",
        PLAN.polygon("ABCFED"),
        county="652302",
        code="SECRET-1",
        name="秘密印染厂",
        status="suspected",
    )
    own, other = bearer("clerk", "652302"), bearer("clerk", "652301")
    shown = ask(client, own)
    hidden = ask(client, other)
    read = {}
    for header, told in ((own, shown), (other, hidden)):
        for format in ("pdf", "gpkg", "docx"):
            path = f"/checks/{told['id']}/report?format={format}"
            read[told["id"], format] = client.get(path, headers=header).content
    open_, closed = text_of(read[shown["id"], "pdf"]), text_of(read[hidden["id"], "pdf"])
    assert "秘密印染厂" in open_ and "疑似污染地块" in open_
    assert "秘密" not in closed and "SECRET" not in closed and "你无权查看此图层的内容" in closed
    assert "无权查看的图形没有画出" in closed
    document = docx.Document(io.BytesIO(read[hidden["id"], "docx"]))
    assert any("无权查看的图形没有画出" in one.text for one in document.paragraphs)
    shape = Feature.objects.get(code="SECRET-1").geom.wkb
    (tmp_path / "a.gpkg").write_bytes(read[shown["id"], "gpkg"])
    assert b"SECRET-1" in read[shown["id"], "gpkg"]
    assert b"SECRET-1" not in read[hidden["id"], "gpkg"] and "秘密".encode() not in read[hidden["id"], "gpkg"]
    assert bytes(shape)[20:] not in read[hidden["id"], "gpkg"]


def test_the_geopackage_says_of_which_features_it_has_but_a_part(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    known_county()
    zone = shapely.MultiPolygon([shapely.box(87.0, 43.8, 87.6, 44.3)])
    feature("drinking_water_zone", zone, code="Z1", name="大保护区", grade="二级")
    feature("risk_register_plot", PLAN.polygon("ABED"), code="R1", name="示例皮革旧址")
    me = bearer("clerk", "652301")
    path = tmp_path / "a.gpkg"
    path.write_bytes(client.get(f"/checks/{ask(client, me)['id']}/report?format=gpkg", headers=me).content)
    told = {
        (name, shape, place is None or place.equals(zone) or place.equals(PLAN.polygon("ABED")))
        for name, shape, place in pyogrio.read_dataframe(path, layer="findings")[
            ["where", "shape", "geometry"]
        ].values
    }
    assert {(shape, whole) for name, shape, whole in told if "大保护区" in name} == {
        ("只有图幅以内的部分", False)
    }
    assert {(shape, whole) for name, shape, whole in told if "皮革旧址" in name} == {("全形", True)}


def test_a_newer_release_changes_nothing_in_the_report(client: TestClient, bearer: Bearer) -> None:
    known_county()
    first = feature("risk_register_plot", PLAN.polygon("ABED"), code="R1", name="示例皮革旧址")
    feature("suspected_plot", PLAN.polygon("BCFE"), code="S1", name="示例邻厂", status="suspected")
    me = bearer("clerk", "652301")
    told = ask(client, me)
    before = client.get(f"/checks/{told['id']}/report?format=pdf", headers=me).content
    revision(2)
    Feature.objects.filter(pk=first.pk).update(revisions=Int4Multirange([Int4Range(1, 2)]))
    moved = Int4Multirange([Int4Range(2, None)])
    feature("risk_register_plot", PLAN.polygon("DEHG"), code="R1", name="改了名字", revisions=moved)
    feature(
        "suspected_plot",
        PLAN.polygon("DEHG"),
        code="S2",
        name="后来的厂",
        status="suspected",
        revisions=moved,
    )
    assert client.get(f"/checks/{told['id']}/report?format=pdf", headers=me).content == before
    assert "示例邻厂" in text_of(before)
    verified = client.get(f"/verify/{told['number']}?fingerprint={told['fingerprint']}").json()
    assert verified["unchanged"] is True


def test_the_area_that_a_file_declares_stands_beside_the_measured_one(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    me = bearer("clerk")
    file = SAMPLES / "valid_03_no_prefix_utf8bom.txt"
    known_county(shape=shapely.MultiPolygon([shapely.box(85.5, 42.8, 91, 46)]))
    told = client.post(
        "/checks/upload",
        files={"file": (file.name, file.read_bytes())},
        data={"action": "supply"},
        headers=me,
    ).json()
    run = CheckRun.objects.get(pk=told["id"])
    declared = run.request["declared_area_m2"]
    assert declared and abs(declared / told["parcel"]["area_m2"] - 1) < 0.01
    out = tmp_path / "a.pdf"
    with override_settings(JINGTU_ADDRESS="https://jingtu.example"):
        assert console(report, run.pk, "--out", out) == 0
        assert console(report, run.number, "--out", tmp_path / "b.pdf") == 0
    assert (tmp_path / "b.pdf").read_bytes() == out.read_bytes()
    text = text_of(out.read_bytes())
    assert f"{declared:,.2f}m²（椭球面积比申报".replace(",", "") in text
    assert f"https://jingtu.example/verify/{run.number}?fingerprint=" in text
    with pytest.raises(SystemExit):
        console(report, run.number, "--out", tmp_path / "a.odt")


def parcels(folder: Path) -> Path:
    rings = {"供-1": "ABED", "=1+1": "BCFE", "供-3": "DEHG"}
    told = [
        {"type": "Feature", "properties": {"parcel_no": name}, "geometry": geojson(PLAN.polygon(ring))}
        for name, ring in rings.items()
    ]
    path = folder / "plan.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": told}), encoding="utf-8")
    return path


def looked_at(packed: bytes, numbers: list[str]) -> None:
    """A zip of papers: workbook, summary and a report a parcel, each whole."""
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        assert held.testzip() is None
        reports = sorted(name for name in held.namelist() if name.startswith("地块报告/"))
        assert reports == [f"地块报告/{at:04d}_{number}.pdf" for at, number in enumerate(numbers, 1)]
        assert set(held.namelist()) - set(reports) == {"汇总.xlsx", "汇总.pdf"}
        for name, number in zip(reports, numbers, strict=True):
            assert number in text_of(held.read(name))
        summary = text_of(held.read("汇总.pdf"))
        assert all(number in summary for number in numbers) and "=1+1" in summary and "不得办理" in summary
        rows = list(
            openpyxl.load_workbook(io.BytesIO(held.read("汇总.xlsx")))["地块"].iter_rows(
                min_row=2, values_only=True
            )
        )
        assert [row[3] for row in rows] == numbers


def test_the_console_gives_a_batch_its_papers(transactional_db: None, tmp_path: Path) -> None:
    known_county()
    feature("risk_register_plot", PLAN.polygon("ABED"), code="R1", name="示例皮革旧址")
    out = tmp_path / "papers.zip"
    asked = ("--action", "supply", "--proposed-use", "0701", "--current-use", "1001")
    assert console(check_batch, parcels(tmp_path), "--out", out, *asked) == 0
    numbers = list(CheckRun.objects.order_by("number").values_list("number", flat=True))
    looked_at(out.read_bytes(), numbers)
    assert console(check_batch, parcels(tmp_path), "--out", tmp_path / "a.pdf", *asked) == 0
    assert "批量核查汇总" in text_of((tmp_path / "a.pdf").read_bytes())


def test_a_file_over_http_gets_its_papers_as_a_job_for_its_owner_alone(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    known_county()
    feature("risk_register_plot", PLAN.polygon("ABED"), code="R1", name="示例皮革旧址")
    me, other = bearer("clerk", "652301"), bearer("clerk", "652301")
    file = parcels(tmp_path).read_bytes()
    data = {"action": "supply", "proposed_use": "0701", "current_use": "1001"}
    sent = client.post(
        "/checks/upload", files={"file": ("../供地/plan.geojson", file)}, data=data, headers=me
    )
    checks = Job.objects.get(pk=sent.json()["job"])
    assert client.post(f"/jobs/{checks.pk}/papers", headers=me).status_code == 409
    done(checks, check_parcels)
    assert client.post(f"/jobs/{checks.pk}/papers", headers=other).status_code == 404
    asked = client.post(f"/jobs/{checks.pk}/papers", headers=me)
    assert (asked.status_code, asked.json()["kind"]) == (202, "papers")
    made = Job.objects.get(pk=asked.json()["job"])
    assert done(made, make_papers)["papers"] == 3
    path = f"/jobs/{made.pk}/papers"
    name = client.get(path, headers=me).headers["content-disposition"]
    assert "/" not in name and name.endswith("plan.geojson.zip")
    looked_at(client.get(path, headers=me).content, [
        CheckRun.objects.get(pk=one).number for one in Job.objects.get(pk=checks.pk).result["checks"]])  # fmt: skip
    assert "http://127.0.0.1/verify/" in text_of(first_report(client.get(path, headers=me).content))
    assert "批量核查汇总" in text_of(client.get(f"{path}?format=pdf", headers=me).content)
    openpyxl.load_workbook(io.BytesIO(client.get(f"{path}?format=xlsx", headers=me).content))
    assert client.get(path, headers=other).status_code == 404
    account = made.by.account
    account.counties = ["652302"]
    account.save()
    assert client.get(path, headers=me).status_code == 403
    account.counties = ["652301"]
    account.save()
    os.utime(file_of(made.pk), (0, 0))
    remove_old()
    assert client.get(path, headers=me).json()["code"] == "papers_gone"


def first_report(packed: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        return held.read(next(name for name in held.namelist() if name.startswith("地块报告/")))


def done(job: Job, work: Callable[[Job, Any], dict[str, Any]]) -> dict[str, Any]:
    """The work of a job as the worker does it, and its end."""
    told = work(job, lambda *_: None)
    Job.objects.filter(pk=job.pk).update(result=told, state="done")
    return told
