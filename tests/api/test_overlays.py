"""Overlays over HTTP and on the console: as a job that can be cancelled, as files that other programs read."""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pyogrio
import pytest
import shapely
from defusedxml import ElementTree
from django.contrib.auth.models import User
from django.db import connection
from fastapi.testclient import TestClient

from api.commands import overlay as command
from api.errors import Refused
from api.jobs import Cancelled
from api.overlays.job import make_overlay
from api.overlays.output import MEDIA, exported
from spatial import answer
from spatial.models import Account, AreaOverlay, AuditEntry, Feature, Job, OverlayShape
from spatial.wall import asker, behind
from tests.api.conftest import Bearer
from tests.api.workers import ended, held, wait_until_blocked, worker
from tests.factories import feature, known_county
from tests.grid import grid
from tests.loaders import files

PLAN = grid("""
    A B C D
    E F G H
    I J K L
""")
RARE = "𠅤塬示例" + "㐂"
"""A place name with characters that GBK has and one that it has not."""
LONG = "示" * 10_000
HOSTILE = {
    "formula": '=HYPERLINK("http://x","y")',
    "typst": '#include "/etc/passwd" $x$ *b* @ref <l>',
    "xml": "</w:t></w:r><script>&amp;]]>",
    "turn": "甲\u202e乙\u200f丙",
}
LAYERS = ["contaminated_plot", "eco_redline", "permanent_basic_farmland", "suspected_plot"]


def geometry(ring: str) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(PLAN.polygon(ring)))


def body(**given: Any) -> dict[str, Any]:
    return {"area": geometry("ACGE"), "with": LAYERS, "action": "use_change", **given}


@pytest.fixture
def data(transactional_db: None) -> None:
    known_county(but=("permanent_basic_farmland",))
    feature("contaminated_plot", PLAN.polygon("ABFE"), code="C1", name="示例旧址", status="contaminated")
    feature("eco_redline", PLAN.polygon("BCGF"), name=RARE)
    feature("suspected_plot", PLAN.polygon("ABFE"), code="S1", name="示例疑似", status="suspected")


@pytest.fixture
def planner(bearer: Callable[..., Bearer]) -> Bearer:
    return bearer("planner", "652301")


def worked(client: TestClient, header: Bearer, **given: Any) -> AreaOverlay:
    """An overlay asked over HTTP and made as the worker makes it."""
    sent = client.post("/overlays", json=body(**given), headers=header)
    assert sent.status_code == 202, sent.text
    return made(sent.json()["job"])


def made(key: str) -> AreaOverlay:
    job = Job.objects.get(pk=key)
    return AreaOverlay.objects.get(pk=make_overlay(job, lambda *_: None)["overlay"])  # type: ignore[arg-type]


@pytest.fixture
def url(test_database_url: str) -> str:
    with psycopg.connect(test_database_url, autocommit=True) as database:
        database.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return test_database_url


@pytest.mark.usefixtures("data")
def test_a_job_makes_the_overlay_and_one_that_is_cancelled_in_the_middle_leaves_nothing(
    client: TestClient, url: str, planner: Bearer
) -> None:
    entries = AuditEntry.objects.filter(action="overlay")
    earlier = entries.count()
    first = client.post("/overlays", json=body(title="示例单元"), headers=planner)
    assert first.status_code == 202 and first.headers["location"] == f"/jobs/{first.json()['job']}"
    with worker(url):
        told = ended(client, first.json()["job"], planner)
        assert told["state"] == "done" and told["kind"] == "overlay", told
        one = client.get(f"/overlays/{told['result']['overlay']}", headers=planner).json()
        assert (one["title"], one["number"]) == ("示例单元", told["result"]["number"])
        assert one["fingerprint"] == answer.fingerprint(one) and one["versions"]["revision"] == 1
        before = AreaOverlay.objects.count()
        with held(url, "LOCK TABLE spatial_coverage IN ACCESS EXCLUSIVE MODE"):
            second = client.post("/overlays", json=body(), headers=planner).json()["job"]
            wait_until_blocked(url)
            assert client.post(f"/jobs/{second}/cancel", headers=planner).status_code == 200
        assert ended(client, second, planner)["state"] == "cancelled"
    assert AreaOverlay.objects.count() == before == 1
    assert set(OverlayShape.objects.values_list("overlay_id", flat=True)) == {AreaOverlay.objects.get().pk}
    assert entries.count() == earlier + 1


@pytest.mark.usefixtures("data")
def test_a_job_that_is_begun_again_finds_what_it_has_made_and_asks_the_rights_of_now(
    client: TestClient, planner: Bearer
) -> None:
    sent = client.post("/overlays", json=body(), headers=planner).json()["job"]
    assert made(sent).pk == made(sent).pk and AreaOverlay.objects.count() == 1
    other = client.post("/overlays", json=body(), headers=planner).json()["job"]

    def progress(stage: str, done: int, total: int | None = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make_overlay(Job.objects.get(pk=other), progress)  # type: ignore[arg-type]
    Account.objects.filter(user=User.objects.latest("pk")).update(counties=["652302"])
    again = made(other)
    assert {row["state"] for row in again.answer["layers"] if row["layer"] == "suspected_plot"} == {
        "forbidden"
    }
    assert not OverlayShape.objects.filter(overlay=again, kind="hit", layer="suspected_plot").exists()


@pytest.mark.usefixtures("data")
def test_an_overlay_is_its_askers_and_of_those_who_oversee_all_its_counties(
    client: TestClient, planner: Bearer, bearer: Callable[..., Bearer]
) -> None:
    one = worked(client, planner)
    address = f"/overlays/{one.pk}"
    seen = {
        "own": planner, "steward": bearer("steward", "652301"), "auditor": bearer("auditor"),
    }  # fmt: skip
    unseen = {
        "planner": bearer("planner", "652301"), "steward": bearer("steward", "652302"),
        "administrator": bearer("administrator", "652302"),
    }  # fmt: skip
    for header in seen.values():
        assert client.get(address, headers=header).status_code == 200
        assert [row["number"] for row in client.get("/overlays", headers=header).json()["overlays"]] == [
            one.number
        ]
    for header in unseen.values():
        assert client.get(address, headers=header).status_code == 404
        assert client.get(f"{address}/report?format=gpkg", headers=header).status_code == 404
        assert client.get("/overlays", headers=header).json() == {"overlays": []}
    assert client.get(address).status_code == 401
    Account.objects.filter(user=one.asked_by).update(counties=["652302"])  # he sees those rows no more
    assert client.get(address, headers=planner).status_code == 403
    assert client.get(f"{address}/report?format=xlsx", headers=planner).status_code == 403


def test_an_overlay_beside_all_counties_is_its_askers_and_of_the_whole_region(
    client: TestClient, planner: Bearer, bearer: Callable[..., Bearer]
) -> None:
    known_county(shape=shapely.MultiPolygon([shapely.box(88.5, 43, 89, 44)]))
    one = worked(client, planner)
    assert one.counties == []
    for header, seen in (
        (planner, 200),
        (bearer("auditor"), 200),
        (bearer("steward", "652302"), 404),
        (bearer("administrator", "652301"), 404),
    ):
        assert client.get(f"/overlays/{one.pk}", headers=header).status_code == seen
        assert len(client.get("/overlays", headers=header).json()["overlays"]) == (seen == 200)
    for who, rows in ((asker(None, "steward", ["652302"], False), 0), (asker(None, "auditor", [], True), 1)):
        with behind(who), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM spatial_areaoverlay")
            assert cursor.fetchone() == (rows,)


@pytest.mark.usefixtures("data")
def test_a_number_proves_that_an_overlay_is_unchanged_until_a_shape_is_altered(
    client: TestClient, planner: Bearer
) -> None:
    one = worked(client, planner)
    proof = client.get(f"/verify/{one.number}?fingerprint={one.fingerprint}").json()
    assert (proof["exists"], proof["unchanged"]) == (True, True)
    OverlayShape.objects.filter(overlay=one, kind="piece").order_by("order")[:1].get().delete()
    assert client.get(f"/verify/{one.number}").json()["unchanged"] is False


def fetched(client: TestClient, header: Bearer, one: AreaOverlay, format: str, folder: Path) -> Path:
    answer_ = client.get(f"/overlays/{one.pk}/report?format={format}", headers=header)
    assert answer_.status_code == 200, answer_.text
    assert answer_.headers["content-type"].startswith(MEDIA[format])
    assert "%E5%8F%A0%E5%8A%A0" in answer_.headers["content-disposition"]  # 叠加
    path = folder / f"out.{'zip' if format == 'shp' else format}"
    path.write_bytes(answer_.content)
    return path


@pytest.mark.usefixtures("data")
def test_a_workbook_has_a_sheet_a_question_with_real_numbers_that_add_up(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    one = worked(client, planner, compare={"area": geometry("BDHF")})
    book = openpyxl.load_workbook(fetched(client, planner, one, "xlsx", tmp_path))
    assert book.sheetnames == [
        "汇总", "用途×结论", "用途×压占（分摊）", "用途×图层（可重叠）", "冲突", "地块", "图层", "资料缺口", "其他意见",
        "对比", "对比 冲突",
    ]  # fmt: skip
    whole = one.answer["area"]["area_m2"]
    for name in ("用途×结论", "用途×压占（分摊）"):
        sheet = book[name]
        *rows, total = list(sheet.iter_rows(min_row=4, values_only=True))
        assert "相加" in sheet["A2"].value
        assert total[-1] == pytest.approx(whole, rel=1e-6) == pytest.approx(sum(total[1:-1]), rel=1e-6)
        assert all(row[-1] == pytest.approx(sum(row[1:-1]), rel=1e-6) for row in rows)
    assert "不能相加" in book["用途×图层（可重叠）"]["A2"].value
    for sheet in book:
        assert sheet.freeze_panes == "B4" and sheet.print_area and sheet.print_title_rows == "$3:$3"
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert len(list(book["冲突"].iter_rows(min_row=4))) == len(one.answer["conflicts"]) > 0
    assert {row[-1] for row in book["对比"].iter_rows(min_row=4, values_only=True)} <= {
        "▼ 好转",
        "▲ 变差",
        "不变",
        "乙资料不全，不能比较",
    }


@pytest.mark.usefixtures("data")
def test_gdal_reads_the_geopackage_and_qgis_finds_its_styles(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    one = worked(client, planner)
    path = fetched(client, planner, one, "gpkg", tmp_path)
    names = {name for name, kind in pyogrio.list_layers(path).tolist() if kind}
    assert names == {"plots", "pieces", "hits"}
    pieces = pyogrio.read_dataframe(path, layer="pieces")
    assert pieces.crs.to_epsg() == 4490 and pieces.geometry.is_valid.all()
    stored = [
        shapely.from_wkb(bytes(row.geom.wkb)) for row in one.shapes.filter(kind="piece").order_by("order")
    ]
    assert all(a.equals(b) for a, b in zip(pieces.geometry, stored, strict=True))
    assert pieces["area_m2"].sum() == pytest.approx(one.answer["area"]["area_m2"], rel=1e-6)
    hits = pyogrio.read_dataframe(path, layer="hits")
    assert RARE in set(hits["name"]) and "生态保护红线" in set(hits["layer_title"])
    with sqlite3.connect(path) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
        # what makes QGIS take it: the table is told among the contents, and names its column of shapes
        assert database.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone() == ("attributes",)
        columns = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        told = dict(database.execute("SELECT f_table_name, f_geometry_column FROM layer_styles"))
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert told == columns
    for table, qml in styles.items():
        root = ElementTree.fromstring(qml)
        renderer = root.find("renderer-v2")
        assert renderer is not None and renderer.get("attr") in pyogrio.read_info(path, layer=table)["fields"]
        symbols = {symbol.get("name") for symbol in renderer.findall("symbols/symbol")}
        categories = renderer.findall("categories/category")
        assert {category.get("symbol") for category in categories} == symbols
        values = {category.get("value") for category in categories}
        assert set(pyogrio.read_dataframe(path, layer=table)[renderer.get("attr")]) <= values


@pytest.mark.usefixtures("data")
def test_lines_and_points_have_tables_of_their_own_and_no_area(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    feature("riverbank_source_reach", PLAN.line("AG"), name="示例河段")
    feature("outfall", PLAN.polygon("ABFE").centroid, name="示例排污口")
    one = worked(client, planner, **{"with": ["riverbank_source_reach", "outfall", "eco_redline"]})
    path = fetched(client, planner, one, "gpkg", tmp_path)
    kinds = {name: kind for name, kind in pyogrio.list_layers(path).tolist() if kind}
    assert (kinds["hits_line"], kinds["hits_point"]) == ("MultiLineString", "Point")
    with zipfile.ZipFile(fetched(client, planner, one, "shp", tmp_path)) as packed:
        assert {"hits.shp", "hits_line.shp", "hits_point.shp"} <= set(packed.namelist())
    (line,) = pyogrio.read_dataframe(path, layer="hits_line").itertuples()
    assert line.name == "示例河段" and line.length_m == pytest.approx(100 * 5**0.5, rel=1e-3)
    assert {row["layer"] for row in one.answer["by_layer"]} == {"eco_redline"}
    assert {row["layer"]: row["features"] for row in one.answer["layers"]} == {
        "riverbank_source_reach": 1, "outfall": 1, "eco_redline": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("data")
def test_gdal_reads_the_shapefile_in_gbk_and_nothing_of_its_chinese_is_lost(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    one = worked(client, planner)
    path = fetched(client, planner, one, "shp", tmp_path)
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        suffixes = {Path(name).suffix for name in packed.namelist() if name.startswith("pieces")}
        assert suffixes == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
        assert packed.read("pieces.cpg").strip().upper() in (b"GBK", b"936", b"CP936")
        assert b"China_Geodetic_Coordinate_System_2000" in packed.read("pieces.prj")
        assert "生态保护红线".encode("gbk") in packed.read("hits.dbf")
        packed.extractall(tmp_path / "shp")
    hits = pyogrio.read_dataframe(tmp_path / "shp" / "hits.shp")
    assert list(hits.columns) == [
        "次序",
        "地块",
        "规划用途",
        "图层代码",
        "图层",
        "要素编号",
        "要素名称",
        "面积",
        "长度",
        "geometry",
    ]
    assert RARE.replace("𠅤", "〓").replace("㐂", "〓") in set(hits["要素名称"])
    stored = [
        shapely.from_wkb(bytes(row.geom.wkb)) for row in one.shapes.filter(kind="hit").order_by("order")
    ]
    assert all(
        a.normalize().equals_exact(b.normalize(), 1e-12) or a.equals(b)
        for a, b in zip(hits.geometry, stored, strict=True)
    )


@pytest.mark.usefixtures("data")
def test_the_geojson_holds_every_shape_with_what_is_told_of_it(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    one = worked(client, planner)
    told = json.loads(fetched(client, planner, one, "geojson", tmp_path).read_text("utf-8"))
    assert len(told["features"]) == one.shapes.count()
    assert told["overlay"]["fingerprint"] == one.fingerprint
    areas = [
        feature["properties"]["area_m2"]
        for feature in told["features"]
        if feature["properties"]["kind"] == "piece"
    ]
    assert sum(areas) == pytest.approx(one.answer["area"]["area_m2"], rel=1e-6)


def test_hostile_texts_come_out_as_text_in_every_format(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    known_county()
    for kind, text in HOSTILE.items():
        feature("contaminated_plot", PLAN.polygon("ABFE"), code=kind, name=text, status="contaminated")
    feature("contaminated_plot", PLAN.polygon("BCGF"), code="long", name="长", status="contaminated")
    area = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"parcel_no": HOSTILE["formula"], "name": HOSTILE["turn"]},
                "geometry": geometry("ACGE"),
            }
        ],
    }
    one = worked(client, planner, area=area, title=HOSTILE["xml"])
    # Longer than a name can be stored: what the writers make of it all the same.
    row = one.shapes.get(kind="hit", told__code="long")
    OverlayShape.objects.filter(pk=row.pk).update(told={**row.told, "name": LONG})
    (longest,) = [
        place for place, told in enumerate(one.answer["conflicts"]) if told["feature"]["code"] == "long"
    ][:1]
    one.answer["conflicts"][longest]["feature"]["name"] = LONG
    one.save()
    wanted = {*HOSTILE.values(), LONG}
    book = openpyxl.load_workbook(fetched(client, planner, one, "xlsx", tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    texts = {str(cell.value) for cell in cells}
    assert {text if text[0] != "=" else f"'{text}" for text in wanted} <= texts
    gpkg = fetched(client, planner, one, "gpkg", tmp_path)
    assert wanted <= set(pyogrio.read_dataframe(gpkg, layer="hits")["name"])
    features = json.loads(fetched(client, planner, one, "geojson", tmp_path).read_text("utf-8"))["features"]
    assert wanted <= {feature["properties"].get("name") for feature in features}
    document = "".join(document_texts(fetched(client, planner, one, "docx", tmp_path)))
    paper = fetched(client, planner, one, "pdf", tmp_path)
    said = subprocess.run(
        ["pdftotext", "-raw", paper, "-"], capture_output=True, text=True, check=True
    ).stdout
    for text in (document, said):
        held = "".join(text.split()).replace("\u200b", "")
        for told in (HOSTILE["formula"], HOSTILE["typst"], HOSTILE["xml"], "甲〔U+202E〕乙〔U+200F〕丙"):
            assert "".join(told.split()) in held, told
        assert held.count("示") >= len(LONG)
    with zipfile.ZipFile(io.BytesIO(fetched(client, planner, one, "shp", tmp_path).read_bytes())) as packed:
        packed.extractall(tmp_path / "shp")
    names = set(pyogrio.read_dataframe(tmp_path / "shp" / "hits.shp")["要素名称"])
    assert {HOSTILE["formula"], HOSTILE["typst"], HOSTILE["xml"], "甲〓乙〓丙", LONG[:127]} <= names


@pytest.mark.usefixtures("data")
def test_no_outline_of_another_countys_planned_use_comes_out_and_a_code_of_it_is_refused(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    row = feature("planned_land_use", PLAN.polygon("ABFE"), county="652302", code_system="MNR-2023")
    Feature.objects.filter(pk=row.pk).update(attributes={**row.attributes, "code": "0701"})
    feature("detailed_plan_unit", PLAN.polygon("ABFE"), county="652302", code="U2", planned_use="0701")
    one = worked(client, planner)
    plots = pyogrio.read_dataframe(fetched(client, planner, one, "gpkg", tmp_path), layer="plots")
    assert [
        (shape.equals(PLAN.polygon("ACGE")), use)
        for shape, use in zip(plots.geometry, plots["use"], strict=True)
    ] == [(True, "规划用途未知")]
    with pytest.raises(Refused) as refused:
        worked(client, planner, area={"layer": "detailed_plan_unit", "codes": ["U2"]})
    assert refused.value.code == "area_codes_unknown" and "U2" in refused.value.detail


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"with": ["no_such"]}, 404, "layer_unknown"),
    ({"with": ["released_plot"]}, 422, "layer_not_laid"),
    ({"with": ["imagery"]}, 422, "layer_not_laid"),
    ({"with": []}, 422, "body_invalid"),
    ({"area": {"layer": "outfall"}}, 422, "layer_not_laid"),
    ({"area": {"layer": "detailed_plan_unit", "codes": "x"}}, 422, "area_invalid"),
    ({"area": {"layer": "detailed_plan_unit", "codes": ["U\x00"]}}, 422, "control_character"),
    ({"area": {"type": "FeatureCollection", "features": []}}, 422, "area_empty"),
    ({"area": {"type": "FeatureCollection", "features": [None]}}, 422, "geometry_unreadable"),
    ({"area": {"type": "Point", "coordinates": [87.3, 44.0]}}, 422, "not_a_polygon"),
    ({"compare": {}}, 422, "body_invalid"),
    ({"action": "no_such"}, 422, "action_unknown"),
    ({"as_of": "1990-01-01"}, 422, "day_out_of_range"),
]


@pytest.mark.usefixtures("data")
def test_what_cannot_be_laid_is_refused_with_its_place(client: TestClient, planner: Bearer) -> None:
    for given, status, code in WRONG:
        sent = client.post("/overlays", json=body(**given), headers=planner)
        assert (sent.status_code, sent.json()["code"]) == (status, code), (given, sent.text)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("data")
def test_a_file_is_an_area_too_and_a_second_one_a_variant(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    long = (
        "名" * 600 + ".geojson",
        files.geojson(tmp_path / "a.geojson", [(PLAN.polygon("ABFE"), {})]).read_bytes(),
    )
    told = {"with": LAYERS[0]}
    sent = client.post("/overlays/upload", data=told, files={"file": long}, headers=planner)
    assert made(sent.json()["job"]).title == "名" * 300
    first = files.geojson(
        tmp_path / "甲.geojson",
        [(PLAN.polygon("ACGE"), {"地块编号": "D1", "规划用途代码": "0701", "规划用途": "城镇住宅用地"})],
    )
    second = files.geojson(tmp_path / "乙.geojson", [(PLAN.polygon("BDHF"), {"地块编号": "D1"})])
    sent = client.post(
        "/overlays/upload",
        data={"with": ",".join(LAYERS), "action": "supply", "title": "示例供地"},
        files={"file": (first.name, first.read_bytes()), "compare": (second.name, second.read_bytes())},
        headers=planner,
    )
    assert sent.status_code == 202, sent.text
    one = made(sent.json()["job"]).answer
    assert [(row["no"], row["planned_use"]) for row in one["plots"]] == [
        ("D1", {"system": "MNR-2023", "code": "0701"})
    ]
    assert one["other"]["area"]["title"] == "乙.geojson" and one["change"]["conflicts"]


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.mark.usefixtures("data")
def test_the_console_lays_layers_on_a_file_or_on_features_of_a_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature("detailed_plan_unit", PLAN.polygon("ACGE"), code="U1", planned_use="0701")
    file = files.geojson(tmp_path / "area.geojson", [(PLAN.polygon("ACGE"), {"地块编号": "D1"})])
    assert run(file, "--with", *LAYERS, "--out", tmp_path / "a.gpkg") == 0
    assert (
        run("detailed_plan_unit:U1", "--with", LAYERS[0], "--with", LAYERS[1], "--out", tmp_path / "b.zip")
        == 0
    )
    said = capsys.readouterr().out
    by_file, by_layer = AreaOverlay.objects.order_by("made_at")
    assert by_file.number in said and "核查不完整" in said
    assert [row["use"] for row in by_layer.answer["plots"]] == ["07"]
    assert {path.name for path in tmp_path.iterdir()} == {"area.geojson", "a.gpkg", "b.zip"}
    for wrong in (
        ("no-such", "--with", "eco_redline", "--out", tmp_path / "c.gpkg"),
        (file, "--with", "eco_redline", "--out", tmp_path / "c.dwg"),
    ):
        with pytest.raises(SystemExit) as ended_:
            run(*wrong)
        assert ended_.value.code == 2


@pytest.mark.usefixtures("data")
def test_the_papers_hold_every_conflict_and_number(
    client: TestClient, planner: Bearer, tmp_path: Path
) -> None:
    one = worked(client, planner, compare={"area": geometry("BDHF")}, title="示例单元")
    told = client.get(f"/overlays/{one.pk}", headers=planner).json()
    made = {format: fetched(client, planner, one, format, tmp_path) for format in ("pdf", "docx")}
    pages = subprocess.run(
        ["pdftotext", "-raw", made["pdf"], "-"], capture_output=True, text=True, check=True
    ).stdout
    for format, text in (("pdf", pages), ("docx", "\n".join(document_texts(made["docx"])))):
        said = "".join(text.split()).replace("\u200b", "")
        for row in (*told["conflicts"], *told["change"]["conflicts"]):
            title = {**told["other"]["rules"], **told["rules"]}[row["rule"]]["title"]
            assert row["rule"] in said and "".join(title.split()) in said, (format, title)
        for row in told["conflicts"]:
            assert f"{row['overlap_area_m2'] or 0.0:,.2f}".replace(",", "") in said.replace("\u202f", ""), (
                format,
                row,
            )
        for gap in told["gaps"]:
            assert gap["message"] in said, format
        assert one.fingerprint in said and one.number in said and "核查不完整" in said
        assert "资料不全，无法判定" in said and "不能相加" in said
    checked = subprocess.run(["qpdf", "--check", made["pdf"]], capture_output=True, text=True, check=True)
    assert "No syntax or stream encoding errors found" in checked.stdout
    again = exported(one, told, "pdf", "http://127.0.0.1")[0]
    assert again == exported(one, told, "pdf", "http://127.0.0.1")[0]


def document_texts(path: Path) -> list[str]:
    """Every text of a DOCX, head and foot of its pages among them."""
    found = []
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if name.startswith("word/") and name.endswith(".xml"):
                root = ElementTree.fromstring(packed.read(name))
                found += [one.text or "" for one in root.iter() if one.tag.endswith("}t")]
    return found
