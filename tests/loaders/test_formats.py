"""What files of other programs say and leave out: encodings, systems, names, tables; see also test_round_trip."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
import xlsxwriter
from shapely.geometry.base import BaseGeometry

from loaders.formats import ADVICE, READERS, digest_of, opened
from loaders.parcels import read_parcels
from loaders.record import Delivery, FileRefused, Record
from spatial import crs
from tests.grid import grid
from tests.loaders import files

PLAN = grid("""
    A . B . C
    . . . . .
    D . E . F
    . G H . .
    . I J . .
    K . L . M
""")
SHAPE = PLAN.polygon("ABED")
HOLED = shapely.MultiPolygon(
    [(PLAN.polygon("ACMK").geoms[0].exterior, [PLAN.polygon("GHJI").geoms[0].exterior])]
)
WORDS = {"DKBM": "6523010001", "DKMC": "示例地块（一）", "BZ": "新疆·昌吉；“甲”"}
MILLIMETRE_DEG = 1e-8


def read(path: Path, **given: str) -> tuple[Delivery, list[Record]]:
    with opened(path, path.name) as (file, reader):
        delivery = reader(file, **given)
        return delivery, list(delivery.records)


def same(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapely.hausdorff_distance(one, other) < MILLIMETRE_DEG)


@pytest.mark.parametrize("cpg", [True, False], ids=["with .cpg", "without .cpg"])
def test_a_zipped_shapefile_in_gbk_is_read_with_or_without_its_cpg(tmp_path: Path, cpg: bool) -> None:
    path = files.zipped_shapefile(tmp_path / "交付.zip", [(SHAPE, WORDS)], cpg=cpg)
    delivery, (record,) = read(path)
    assert delivery.encoding == "gb18030"
    assert dict(record.values) == WORDS


def test_a_cpg_that_says_utf8_over_gbk_bytes_is_not_believed(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.shp", [(SHAPE, WORDS)], driver="ESRI Shapefile", encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    delivery, (record,) = read(path)
    assert [issue.code for issue in delivery.issues] == ["encoding_wrong"]
    assert dict(record.values) == WORDS


def test_names_in_a_zip_that_chinese_windows_made_are_understood(tmp_path: Path) -> None:
    inner = files.gdal(tmp_path / "a.geojson", [(SHAPE, WORDS)], driver="GeoJSON").read_bytes()
    # zipfile marks such a name as UTF-8; Windows writes GBK bytes and no mark.
    path = files.zipped(tmp_path / "b.zip", {"AAAA.geojson": inner})
    path.write_bytes(path.read_bytes().replace(b"AAAA.geojson", "地块.geojson".encode("gbk")))
    with opened(path, path.name) as (file, _):
        assert file.name == "地块.geojson"
    assert len(read(path)[1]) == 1


def test_a_six_degree_zone_is_told_from_the_three_degree_zone_of_the_same_meridian(tmp_path: Path) -> None:
    flat = crs.from_storage(SHAPE, 4504)
    path = files.gdal(tmp_path / "a.gpkg", [(flat, WORDS)], driver="GPKG", crs="EPSG:4504")
    file = read_parcels(path, path.name)
    assert file.crs == 4504
    assert same(file.parcels[0].geometry, SHAPE)


def test_a_shapefile_without_prj_is_asked_for_its_system_and_takes_the_given_one(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.shp", [(SHAPE, WORDS)], driver="ESRI Shapefile", crs=None)
    file = read_parcels(path, path.name)
    assert [issue.code for issue in file.issues] == ["crs_missing"]
    assert read_parcels(path, path.name, crs="EPSG:4490").ok


@pytest.mark.parametrize("epsg", ["EPSG:4610", "EPSG:4214", "EPSG:2353", "EPSG:2426"])
def test_an_old_datum_is_refused_in_any_format(tmp_path: Path, epsg: str) -> None:
    path = files.gdal(tmp_path / "a.gpkg", [(SHAPE, WORDS)], driver="GPKG", crs=epsg)
    file = read_parcels(path, path.name)
    assert [issue.code for issue in file.issues] == ["needs_official_conversion"]


def test_a_system_that_contradicts_the_file_is_refused(tmp_path: Path) -> None:
    path = files.gdal(tmp_path / "a.gpkg", [(SHAPE, WORDS)], driver="GPKG")
    assert [issue.code for issue in read_parcels(path, path.name, crs="EPSG:4517").issues] == ["crs_conflict"]


def test_height_is_dropped_and_told(tmp_path: Path) -> None:
    raised = shapely.force_3d(SHAPE, 500.0)
    path = files.gdal(tmp_path / "a.gpkg", [(raised, WORDS)], driver="GPKG", geometry_type="MultiPolygon Z")
    file = read_parcels(path, path.name)
    assert [(issue.code, issue.severity) for issue in file.issues] == [("height_dropped", "notice")]
    assert not file.parcels[0].geometry.has_z


def test_a_geojson_in_bytes_is_read_like_one_on_disk() -> None:
    text = shapely.to_geojson(SHAPE)
    file = read_parcels(text.encode(), "画的地块.geojson")
    assert file.ok
    assert same(file.parcels[0].geometry, SHAPE)


def test_swapped_axes_and_another_prefecture_are_named(tmp_path: Path) -> None:
    swapped = shapely.transform(SHAPE, lambda points: points[:, ::-1])
    away = shapely.transform(SHAPE, lambda points: np.add(points, [10.0, 0.0]))
    path = files.geojson(tmp_path / "a.geojson", [(swapped, {}), (away, {})])
    errors = [issue for issue in read_parcels(path, path.name).issues if issue.severity == "error"]
    assert [(issue.code, issue.row) for issue in errors] == [("axes_swapped", 1), ("outside_region", 2)]


TABLE = [
    ["企业名称", "行政区代码", "经度", "纬度"],
    ["示例化工厂", "652301", 87.3, 44.02],
    ["示例电镀厂", "652302", "88．01", "44.10"],
    ["示例无坐标厂", "652325", None, None],
    ["示例写错厂", "652325", "东经八十七", "44"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_csv_gives_points_rows_without_place_and_names_what_is_no_number(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "名单.csv"
    text = "\r\n".join(delimiter.join("" if cell is None else str(cell) for cell in row) for row in TABLE)
    path.write_bytes(text.encode(encoding))
    check_table(*read(path))


def test_an_xlsx_that_openpyxl_wrote_gives_the_same(tmp_path: Path) -> None:
    check_table(*read(files.xlsx(tmp_path / "名单.xlsx", TABLE)))


def check_table(delivery: Delivery, records: list[Record]) -> None:
    assert delivery.crs == 4490
    assert delivery.columns == ("企业名称", "行政区代码")
    assert [record.row for record in records] == [2, 3, 4, 5]
    assert [record.geometry and (record.geometry.x, record.geometry.y) for record in records] == [
        (87.3, 44.02),
        (88.01, 44.1),
        None,
        None,
    ]
    assert [record.values["企业名称"] for record in records] == [row[0] for row in TABLE[1:]]
    assert [[issue.code for issue in record.issues] for record in records] == [
        [],
        [],
        [],
        ["coordinate_unreadable"],
    ]


def test_plane_coordinates_in_a_table_are_told_apart_by_their_digits(tmp_path: Path) -> None:
    table = [["名称", "X", "Y"], ["北在前", 4876500.125, 29524570.0], ["东在前", 29524570.0, 4876500.125]]
    delivery, records = read(files.xlsx(tmp_path / "a.xlsx", table), crs="EPSG:4517")
    assert delivery.crs == 4517
    assert {(record.geometry.x, record.geometry.y) for record in records if record.geometry} == {
        (29524570.0, 4876500.125)
    }
    with pytest.raises(FileRefused, match="哪个坐标系"):
        read(files.xlsx(tmp_path / "b.xlsx", table))


def test_dates_and_whole_numbers_of_a_spreadsheet_keep_their_type(tmp_path: Path) -> None:
    table = [["名称", "日期", "数"], ["甲", datetime(2025, 3, 18), 7], ["乙", date(2025, 3, 19), 7.5]]
    _, records = read(files.xlsx(tmp_path / "a.xlsx", table))
    assert [record.values["数"] for record in records] == [7, 7.5]
    assert records[0].values["日期"] == datetime(2025, 3, 18)


@pytest.mark.parametrize("name", [*(f"a{suffix}" for suffix in ADVICE), "a", "a.exe"])
def test_a_format_that_nobody_reads_is_refused_with_advice(name: str) -> None:
    (issue,) = read_parcels(b"anything", name).issues
    assert issue.code == "format_unsupported"
    assert issue.hint.startswith("请") or "可以读取" in issue.hint


def test_no_suffix_is_both_read_and_refused_and_all_that_offices_send_has_advice() -> None:
    assert not set(READERS) & set(ADVICE)
    asked = {".dwg", ".mdb", ".accdb", ".wp", ".wl", ".wt", ".udb", ".udbx", ".rar", ".7z", ".pdf", ".jpg"}
    assert asked <= set(ADVICE)


def test_a_zip_with_only_what_nobody_reads_gets_the_same_advice(tmp_path: Path) -> None:
    (issue,) = read_parcels(files.zipped(tmp_path / "a.zip", {"地块.mdb": b"x"}), "a.zip").issues
    assert (issue.code, issue.hint) == ("zip_empty", ADVICE[".mdb"])


def test_a_folder_with_one_shapefile_is_read_and_any_of_its_parts_changes_its_digest(tmp_path: Path) -> None:
    folder = tmp_path / "交付"
    folder.mkdir()
    path = files.gdal(folder / "a.shp", [(SHAPE, WORDS)], driver="ESRI Shapefile", encoding="UTF-8")
    assert dict(read(folder)[1][0].values) == WORDS
    before = digest_of(path)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"6523010001", b"6523010002"))
    assert digest_of(path) != before
    assert digest_of(folder) == digest_of(path)


def test_a_folder_of_another_kind_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a.gdb").mkdir()
    (tmp_path / "a.gdb" / "x").write_text("x")
    (issue,) = read_parcels(tmp_path / "a.gdb", "a.gdb").issues
    assert (issue.code, ".zip" in issue.hint) == ("wrong_content", True)
    (tmp_path / "b").mkdir()
    (issue,) = read_parcels(tmp_path / "b", "b").issues
    assert issue.code == "folder_unreadable"


def test_a_second_sheet_with_cells_refuses_the_workbook_and_an_empty_one_does_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("空表")
    for line in (["地块编码", "地块名称"], ["N1", "示例"]):
        book.active.append(line)
    book.save(tmp_path / "one.xlsx")
    assert [one.values["地块编码"] for one in read(tmp_path / "one.xlsx")[1]] == ["N1"]
    book.create_sheet("第二页")["B7"] = "N2"
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(FileRefused, match="第二页") as refusal:
        read(tmp_path / "two.xlsx")
    assert refusal.value.issue.code == "several_sheets"


def test_a_formula_without_a_value_keeps_its_row_out_and_never_loses_it(tmp_path: Path) -> None:
    table = [["地块编码", "地块名称"], ["N1", "示例"], ['="N"&2', "示例"], ['="N"&3', '="x"']]
    _, records = read(files.xlsx(tmp_path / "a.xlsx", table))
    assert [(one.row, [issue.code for issue in one.issues]) for one in records] == [
        (2, []), (3, ["formula_without_value"]), (4, ["formula_without_value"]),
    ]  # fmt: skip
    with pytest.raises(FileRefused, match="列名"):
        read(files.xlsx(tmp_path / "b.xlsx", [["地块编码", '="地块"&"名称"'], ["N1", "示例"]]))


def test_a_formula_with_its_value_is_that_value_also_when_it_is_an_empty_text(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "written.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["地块编码", "地块名称"])
        sheet.write_formula(1, 0, '="N"&1', None, "N1")
        sheet.write_formula(1, 1, '=IF(A2="","x","")', None, "EMPTY")
    with zipfile.ZipFile(tmp_path / "written.xlsx") as book:
        parts = {name: book.read(name).replace(b"EMPTY", b"") for name in book.namelist()}
    files.zipped(tmp_path / "a.xlsx", parts)
    _, (record,) = read(tmp_path / "a.xlsx")
    assert (record.values["地块编码"], record.values["地块名称"], record.issues) == ("N1", None, ())


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (["A,B,C", "1,2,3", ",,", "", '" ",,'], {2: []}),
        (["A,B,C", "/,无,-"], {2: ["row_says_nothing"]}),
        (["A,B,C", '1,"2,3', '4,5",6'], {2: ["quote_over_lines"]}),
        (["A,B,C", '1,"2', '2",3'], {2: []}),
    ],
)
def test_no_line_of_a_csv_that_says_something_is_lost(
    tmp_path: Path, lines: list[str], codes: dict[int, list[str]]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    _, records = read(path)
    assert {one.row: [issue.code for issue in one.issues] for one in records} == codes


def test_a_quote_that_never_ends_refuses_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('A,B\n1,"2\n3,4\n', encoding="utf-8")
    with pytest.raises(FileRefused) as refusal:
        read(path)
    assert refusal.value.issue.code == "csv_unreadable"


def test_lines_above_the_column_names_are_told(tmp_path: Path) -> None:
    delivery, records = read(files.xlsx(tmp_path / "a.xlsx", [["附件 1"], ["编码", "名称"], ["1", "2"]]))
    assert [(issue.code, issue.severity) for issue in delivery.issues] == [("title_rows", "notice")]
    assert len(records) == 1
