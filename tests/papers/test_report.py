"""The parcel report, read by programs of others: poppler, qpdf, LibreOffice's formats, GDAL, openssl."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pyogrio
import pytest
import rasterio
import shapely
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.papers.content import content_of
from api.papers.document import report_document
from api.papers.report import report_pdf
from api.papers.report_map import report_frame, report_map
from api.papers.shapes import report_geopackage
from api.papers.signature import signature_of
from api.papers.summary import ParcelLine, summary_pdf
from api.papers.workbook import report_workbook
from spatial import catalog, rules
from tests.papers.sample import GAP, ROWS, answer, finding, layer, many_cornered, open_answer, stored

APPROVED = Path(__file__).parent / "approved"
HOSTILE = (
    '=HYPERLINK("http://x","y")', "#include <x>", "</w:t><w:p/>", "a\u202eb\u200fc", "*b* _i_ $m$ @ref", "{{ 7*7 }}",
    "{% raw %}", "\x00\x0b\ud800\ufffe", "x" * 10_000, "-1+1", "<script>",
)  # fmt: skip
OVERRIDE = {
    "id": 1, "finding": {"rule": "REG-01", "layer": "risk_register_plot", "feature": "1", "county": "652301",
                         "gap": None},
    "reason": "经会议研究", "by": "steward1", "at": "2026-11-24T02:03:04+00:00", "withdrawn": None,
    "document_number": "昌政办〔2026〕9号", "document_date": "2026-11-24", "person": "王某", "new_verdict": "notice",
}  # fmt: skip


def made(told: dict[str, Any]) -> bytes:
    frame = report_frame(told)
    return report_pdf(stored(told), ROWS, frame, catalog.current(), rules.current(), ["图上为数据版本 16。"])


def content(told: dict[str, Any]) -> dict[str, Any]:
    return content_of(stored(told), catalog.current(), rules.current())


def run(*command: str, given: bytes = b"") -> str:
    """What another program says, which must be content and have nothing to complain of."""
    done = subprocess.run(command, input=given, capture_output=True, check=True)
    assert done.stderr == b"", done.stderr.decode()
    return done.stdout.decode(errors="replace")


def picture(path: Path) -> np.ndarray:
    with warnings.catch_warnings(action="ignore"), rasterio.open(path) as opened:
        return opened.read(1).astype(float)


def text_of(paper: bytes) -> str:
    """The text of a PDF as poppler finds it, without white space and breaks."""
    return squeezed(run("pdftotext", "-raw", "-", "-", given=paper))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u202f]+", "", text)


def test_the_text_of_the_pdf_holds_every_finding_number_and_basis() -> None:
    sliver = {"area_m2": 0.6, "perimeter_m": 9.5, "width_m": 0.1263, "sliver_area_m2": 1.0}
    findings = [
        finding(1),
        finding(2, overlap_area_m2=0.0, distance_m=216.4, relation="dwithin", verdict="notice", rule="ADJ-02"),
        finding(3, rule="DAT-02", relation="sliver", measures=sliver, verdict="notice", feature=None),
        finding(4, rule="CHG-01", verdict="undetermined", missing=["proposed_use", "project.livestock"]),
        finding(5, feature={"id": None, "code": None, "name": None, "hidden": True, "layer": "suspected_plot"},
                message="你无权查看此图层的内容，但它参与了核查：有命中。"),
    ]  # fmt: skip
    dispute = {
        **{key: OVERRIDE[key] for key in ("id", "finding", "reason", "by", "at", "withdrawn")},
        "reason": "边界有误",
    }
    told = open_answer(findings=findings, overrides=[OVERRIDE], disputes=[dispute])
    text = text_of(made(told))
    for one in findings:
        for part in (one["rule"], one["title"], one["reason"], f"{one['overlap_share']:.4%}"):
            assert squeezed(part) in text, part
        for basis in one["basis"]:
            assert squeezed(f"{basis['text']}{basis['article']}") in text
        if one["feature"] and one["feature"]["name"]:
            assert one["feature"]["name"] in text and one["feature"]["code"] in text
    for words in (
        "15270.70m²", "相距216.40m", "平均宽度0.1263m", "提示距离200m（系统默认值）",
        "缺少：拟用途、畜禽养殖", "你无权查看",
        GAP["message"], GAP["owner"], "2026-10-01", "2026Q4", "未入库", "昌政办〔2026〕9号", "边界有误", "44287.50m²",
        "44300.00m²", "-0.03%", "昌吉市", "林某（示例）", "2026年11月23日",
        "29524260.000", "4875985.000", "CGCS20003°带29", "不代替土壤污染状况调查",
        "核查不完整：应查22个图层，缺1项资料", "不得办理", told["number"],
    ):  # fmt: skip
        assert squeezed(words) in text, words


def test_every_page_has_headline_number_fingerprint_and_page_of_pages() -> None:
    told = open_answer(findings=[finding(n) for n in range(1, 61)])
    paper = made(told)
    pages = run("pdftotext", "-", "-", given=paper).split("\f")[:-1]
    assert len(pages) > 5
    for at, page in enumerate(pages, 1):
        page = squeezed(page)
        for words in (
            f"第{at}页共{len(pages)}页",
            told["fingerprint"],
            told["number"],
            "不得办理·核查不完整（缺1项）",
        ):
            assert words in page, (at, words)


@pytest.mark.parametrize(
    "told",
    [
        answer(findings=[finding(n) for n in range(1, 61)]),
        answer(many_cornered(500)),
        answer(
            parcel_no="N" * 200,
            purpose="名" * 300,
            findings=[finding(1, reason="很长" * 5000, title="K" * 90)],
        ),
    ],
    ids=["sixty findings", "five hundred points", "long texts"],
)
def test_pages_break_and_no_word_leaves_the_margins(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(made(told))
    words = run("pdftotext", "-bbox", str(tmp_path / "a.pdf"), "-")
    boxes = [tuple(map(float, box)) for box in re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', words)]  # fmt: skip
    assert len(boxes) > 100
    inner = [box for box in boxes if box[1] > 60 and box[3] < 780]
    assert min(box[0] for box in boxes) > 55 and max(box[2] for box in boxes) < 595.3 - 55
    assert len(inner) > 100
    text = squeezed(re.sub("<[^>]+>", "", words))
    for one in told["findings"]:
        assert one["feature"]["code"] in text
    if len(told["parcel"]["geometry"]["coordinates"][0][0]) == 501:
        assert all(f"J{n}" in text for n in range(1, 501))


RUNS = ("Changji-municipality-2026Q4", "652301001001GB00001", "Ж" * 300, "é" * 40, "B" * 29)
"""A release, a cadastral number of 19 signs (TD/T 1001), scripts beside the Latin one."""


@pytest.mark.parametrize("run_", RUNS)
def test_no_run_of_signs_without_a_space_leaves_its_column(run_: str, tmp_path: Path) -> None:
    told = open_answer(
        parcel_no=run_, purpose=run_, gaps=[{**GAP, "title": run_, "message": run_, "owner": run_}],
        layers=[layer(n, title="示例图层" + run_, release=run_) for n in range(3)],
        findings=[finding(1, reason=run_, basis=[{"text": run_, "article": None, "kind": "policy"}])],
    )  # fmt: skip
    assert not overlaps(made(told), tmp_path)
    line = ParcelLine(1, run_, "JT-652301-20261123-000017", "clear", True, 1.0, "昌吉市", 0, 0, "", None)
    batch = summary_pdf("示例", [("文件", run_)], [line], stored(told).at, catalog.current())
    assert not overlaps(batch, tmp_path)


def overlaps(paper: bytes, folder: Path) -> list[Any]:
    """Words of a page that stand on each other or over its margin, as poppler finds them; what lies under them in large
    letters is no word of it, and a label of the map is the same text twice, for its halo."""
    (folder / "a.pdf").write_bytes(paper)
    found: list[Any] = []
    for page in run("pdftotext", "-bbox", str(folder / "a.pdf"), "-").split("<page ")[1:]:
        words = [(*map(float, word[:4]), word[4]) for word in re.findall(
            r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)', page)]  # fmt: skip
        words = [word for word in words if word[3] - word[1] < 40]
        found += [word for word in words if word[2] > 595.3 - 55]
        found += [
            (one, other) for one, other in itertools.combinations(words, 2)
            if min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 6
            and one[4] != other[4]
        ]  # fmt: skip
    return found


def test_poppler_and_qpdf_have_nothing_to_complain_of_and_find_tags_and_bookmarks(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(made(open_answer()))
    path = str(tmp_path / "a.pdf")
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)
    told = run("pdfinfo", path)
    assert re.search(r"Tagged:\s+yes", told) and "A4" in told and "JT-652301-20261123-000017" in told
    run("pdftoppm", "-r", "20", path, str(tmp_path / "page"))
    objects = run("qpdf", "--json", path)
    assert all(
        name in objects for name in ("/Outlines", "/StructTreeRoot", '"/H1"', '"/TH"', '"/Figure"', "/Alt")
    )


def test_the_same_answer_gives_the_same_bytes_in_several_threads_too() -> None:
    with ThreadPoolExecutor(4) as threads:
        papers = set(threads.map(made, [answer() for _ in range(8)]))
    assert len(papers) == 1


def test_characters_of_rare_place_names_have_glyphs_and_others_are_told_by_number() -> None:
    rare = "䶮㙍𬒗𫟹䥽㴔昇堃𠅤"
    text = text_of(made(answer(parcel_no=rare + "\U0003ffff\ue000")))
    assert f"{rare}〔U+3FFFF〕〔U+E000〕" in text
    fonts = run("pdffonts", "-", given=made(answer(parcel_no=rare)))
    assert "NotoSansCJK" in fonts and "no" not in re.findall(r"(yes|no) (?:yes|no) (?:yes|no)\s+\d+", fonts)


def test_a_number_stands_whole_on_its_line_and_is_no_power_of_ten() -> None:
    measures = {"perimeter_m": 1_234_567.8912, "width_m": 0.1263, "sliver_area_m2": 1_000_000.0}
    told = answer(findings=[finding(1, measures=measures, overlap_area_m2=1_234_567.89)])
    said = content(told)["findings"][0]["numbers"]
    assert "重叠 1\u202f234\u202f567.89 m²" in said and "平均宽度 0.1263 m" in said
    assert "周长 1\u202f234\u202f567.8912 m" in said and "细碎面积限 1\u202f000\u202f000 m²" in said
    text = text_of(made(told))
    assert "周长1234567.8912m" in text and "细碎面积限1000000m²" in text


@pytest.mark.parametrize("name", ["complete", "open"])
def test_pages_look_as_they_did_when_a_person_looked_at_them(name: str, tmp_path: Path) -> None:
    """Approved pictures, looked at; renewed by copying what the failure names."""
    told = answer() if name == "complete" else open_answer(overrides=[OVERRIDE])
    (tmp_path / "a.pdf").write_bytes(made(told))
    run("pdftoppm", "-r", "50", "-gray", "-png", str(tmp_path / "a.pdf"), str(tmp_path / name))
    pages = sorted(tmp_path.glob(f"{name}-*.png"))
    assert len(pages) == len(list(APPROVED.glob(f"{name}-*.png")))
    for page in pages:
        seen, approved = (picture(one) for one in (page, APPROVED / page.name))
        assert seen.shape == approved.shape
        differing = (np.abs(seen - approved) > 60).mean()
        assert differing < 0.0015, f"{page}: {differing:.2%} of the points differ"


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_out_as_text(hostile: str) -> None:
    feature = {"id": "1", "code": hostile, "name": hostile, "layer": "risk_register_plot"}
    told = answer(parcel_no=hostile, purpose=hostile, gaps=[{**GAP, "message": hostile}],
                  findings=[finding(1, reason=hostile, title="名", feature=feature)])  # fmt: skip
    shown = content(told)
    expected = squeezed(shown["findings"][0]["reason"])
    assert len(expected) >= len(squeezed(hostile.replace("\x0b", "")))
    text = text_of(made(told))
    # What fills pages has their heads between.
    assert expected in text if len(expected) < 500 else text.count(expected[0]) >= len(expected)
    drawn = report_map(told, ROWS, report_frame(told), catalog.current())
    document = docx.Document(io.BytesIO(report_document(shown, drawn, "x")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(expected in squeezed(cell) for cell in cells)
    assert len(document.tables) == 6
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(shown)))
    values = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in values)
    assert any(expected in squeezed(str(cell.value)) for cell in values)


def test_the_map_of_the_document_is_true_to_scale_and_says_what_is_not_on_it() -> None:
    told = answer()
    frame = report_frame(told)
    drawn = report_map(told, ROWS, frame, catalog.current())
    notes = ["看报告的人无权查看的图形没有画出。", "只画 80 处。"]
    document = docx.Document(io.BytesIO(report_document(content(told), drawn, "x", None, notes)))
    assert frame.width_mm in [pytest.approx(one.width.mm, abs=0.01) for one in document.inline_shapes]
    assert set(notes) <= {one.text for one in document.paragraphs}


def test_the_workbook_has_numbers_frozen_heads_and_what_is_printed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(content(open_answer(overrides=[OVERRIDE])))))
    assert book.sheetnames == ["报告", "查到的问题", "资料缺口", "应查图层", "界址点", "决定与异议"]
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet.print_area and sheet.print_title_rows == "$1:$1"
    head, row = book["查到的问题"].iter_rows(values_only=True)
    found = dict(zip(head, row, strict=True))
    assert (found["重叠面积 m²"], found["重叠占地块"]) == (15_270.7, 0.204312)
    points = list(book["界址点"].iter_rows(min_row=2, values_only=True))
    assert points[1][1:] == ("J2", 4_875_985.0, 29_524_260.0)


def test_the_geopackage_holds_parcel_findings_and_tables_in_4490(tmp_path: Path) -> None:
    told = open_answer()
    path = tmp_path / "a.gpkg"
    path.write_bytes(report_geopackage(stored(told), content(told), ROWS))
    assert [str(name) for name, _ in pyogrio.list_layers(path)] == ["parcel", "findings", "gaps", "layers"]
    parcel = pyogrio.read_dataframe(path, layer="parcel")
    assert parcel.crs.to_epsg() == 4490
    assert parcel.geometry[0].equals(shapely.geometry.shape(told["parcel"]["geometry"]))
    assert parcel["fingerprint"][0] == told["fingerprint"]
    found = pyogrio.read_dataframe(path, layer="findings")
    assert found.geometry[0].equals(ROWS[0].shape) and "示例皮革旧址1" in found["where"][0]
    assert found["overlap_area_m2"][0] == 15_270.7


def test_a_signature_by_the_offices_key_is_proved_by_openssl(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Office")])
    day = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(day - timedelta(1)).not_valid_after(day + timedelta(1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "office.pem").write_bytes(pem)
    (tmp_path / "key.pem").write_bytes(pem + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
    paper = made(answer())
    (tmp_path / "a.pdf").write_bytes(paper)
    (tmp_path / "a.p7s").write_bytes(signature_of(paper, tmp_path / "key.pem"))
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "a.p7s", "-content", "a.pdf",
              "-CAfile", "office.pem", "-purpose", "any", "-out", "/dev/null"]  # fmt: skip
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "a.pdf").write_bytes(paper.replace(b"%PDF-1.7", b"%PDF-1.6"))
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True).returncode != 0


def test_an_offices_own_template_is_used_where_there_is_one(tmp_path: Path) -> None:
    own = docx.Document()
    own.add_paragraph("本局 {{ number }} {{ plate.title }}")
    own.save(str(tmp_path / "report.docx"))
    told = answer()
    drawn = report_map(told, ROWS, report_frame(told), catalog.current())
    document = docx.Document(io.BytesIO(report_document(content(told), drawn, "x", tmp_path)))
    assert [one.text for one in document.paragraphs] == ["本局 JT-652301-20261123-000017 不得办理"]


@pytest.mark.long
def test_libreoffice_opens_document_and_workbook(tmp_path: Path) -> None:
    told = open_answer(overrides=[OVERRIDE], findings=[finding(n) for n in range(1, 31)])
    shown = content(told)
    drawn = report_map(told, ROWS, report_frame(told), catalog.current())
    (tmp_path / "a.docx").write_bytes(report_document(shown, drawn, "https://jingtu.example/verify/x"))
    (tmp_path / "b.xlsx").write_bytes(report_workbook(shown))
    office = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/home", "--convert-to", "pdf"]
    for name in ("a.docx", "b.xlsx"):
        subprocess.run(
            [*office, "--outdir", str(tmp_path), str(tmp_path / name)], check=True, capture_output=True
        )
        text = text_of((tmp_path / name).with_suffix(".pdf").read_bytes())
        for words in (
            "名录地块禁止用作一住两公",
            "示例皮革旧址30",
            "15299.7",
            "生态环境法典第456条第2款",
            "昌政办〔2026〕9号",
        ):
            assert squeezed(words) in text, (name, words)
    with zipfile.ZipFile(tmp_path / "a.docx") as held:
        assert held.testzip() is None
