"""The boundary-point TXT: the six samples against expected.json, and each variant of the format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loaders.parcels import ParcelFile, read_parcels
from spatial import crs
from tests.loaders.files import boundary_txt, square

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
VALID = sorted(name for name, said in EXPECTED.items() if "must_reject" not in said)
BROKEN = sorted(name for name, said in EXPECTED.items() if "must_reject" in said)


def read(path: Path, **given: str) -> ParcelFile:
    return read_parcels(path, path.name, **given)


def codes(file: ParcelFile, severity: str = "error") -> list[tuple[str, int | None]]:
    return [(issue.code, issue.row) for issue in file.issues if issue.severity == severity]


@pytest.mark.parametrize("name", VALID)
def test_a_valid_sample_gives_encoding_system_areas_and_corners_of_expected_json(name: str) -> None:
    said, file = EXPECTED[name], read(SAMPLES / name)
    assert file.ok
    assert (file.encoding, file.crs) == (said["encoding"], said["crs_epsg"])
    assert len(file.parcels) == len(said["plots"])
    for parcel, plot in zip(file.parcels, said["plots"], strict=True):
        rings = [ring for part in parcel.geometry.geoms for ring in (part.exterior, *part.interiors)]
        assert (parcel.no, parcel.points) == (plot["no"], plot["declared_points"])
        assert (len(rings), len(rings) - len(parcel.geometry.geoms)) == (plot["rings"], plot["holes"])
        assert crs.area_m2(parcel.geometry) == pytest.approx(plot["ellipsoid_area_m2"], abs=0.01)
        assert rings[0].coords[0] == pytest.approx(plot["first_vertex_lonlat"], abs=1e-8)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sample_is_refused_and_every_error_has_a_line_and_says_what_to_do(name: str) -> None:
    file = read(SAMPLES / name)
    assert not file.ok
    errors = [issue for issue in file.issues if issue.severity == "error"]
    assert errors
    assert all(issue.row and issue.message and issue.hint for issue in errors)


def test_the_sample_with_many_faults_names_each_of_them_at_its_line() -> None:
    file = read(SAMPLES / "broken_01_many_faults.txt")
    assert codes(file) == [
        ("axes_swapped", 17),
        ("not_closed", 19),
        ("plot_line_no_at", 25),
        ("plot_number_twice", 25),
    ]
    assert codes(file, "warning") == [("land_use_unclear", 13), ("point_count", 13), ("full_width", 27)]
    assert "0.800 米" in next(issue.message for issue in file.issues if issue.code == "not_closed")


def test_the_old_datum_is_refused_with_the_advice_to_have_it_converted() -> None:
    file = read(SAMPLES / "broken_02_xian1980.txt")
    assert file.encoding == "gbk"
    assert codes(file) == [("needs_official_conversion", 5)]
    assert "测绘单位" in file.issues[0].hint


def test_zone_conflict_bow_tie_and_a_hole_outside_are_each_found() -> None:
    file = read(SAMPLES / "broken_03_zone_and_topology.txt")
    assert codes(file) == [
        ("zone_conflict", 9),
        ("zone_conflict", 14),
        ("self_intersection", 14),
        ("hole_outside", 25),
    ]


def test_a_bow_tie_in_a_known_zone_says_where_the_lines_cross(tmp_path: Path) -> None:
    plot = "\n".join(
        ["5,1.0,A,示例,面,,,,@", "J1,1,4876500.000,29524000.000", "J2,1,4876400.000,29524100.000",
         "J3,1,4876500.000,29524100.000", "J4,1,4876400.000,29524000.000", "J1,1,4876500.000,29524000.000"]
    )  # fmt: skip
    (issue,) = read(boundary_txt(tmp_path / "a.txt", plot)).issues
    assert (issue.code, issue.ring) == ("self_intersection", 1)
    # 50.125 m south of a corner that expected.json places; a degree of latitude is 111,112 m there.
    assert issue.place == pytest.approx((87.29997157, 44.02370574 - 50.125 / 111_112), abs=5e-6)


@pytest.mark.parametrize(
    ("header", "epsg"),
    [
        ({"几度分带": "3度带"}, 4517),
        ({"几度分带": ""}, 4517),
        ({"带号": ""}, 4517),
        ({"带号": "", "几度分带": ""}, 4517),
        ({"坐标系": "CGCS2000"}, 4517),
        ({"坐标系": "国家2000"}, 4517),
        ({"精度": "3", "格式版本号": "1.00版本", "项目名称": "示例：一期"}, 4517),
    ],
)
def test_header_variants_that_agree_with_the_coordinates_are_read(
    tmp_path: Path, header: dict[str, str], epsg: int
) -> None:
    file = read(boundary_txt(tmp_path / "a.txt", square("A"), **header))
    assert (file.ok, file.crs) == (True, epsg)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"坐标系": "1980西安坐标系"}, "needs_official_conversion"),
        ({"坐标系": "80国家大地坐标系"}, "needs_official_conversion"),
        ({"坐标系": "1954北京坐标系"}, "needs_official_conversion"),
        ({"坐标系": ""}, "crs_missing"),
        ({"坐标系": "独立坐标系"}, "crs_unreadable"),
        ({"带号": "30"}, "zone_conflict"),
        ({"带号": "15", "几度分带": "6"}, "zone_conflict"),
        ({"带号": "15", "几度分带": "3"}, "zone_conflict"),
        ({"带号": "7"}, "zone_unknown"),
        ({"计量单位": "毫米"}, "unit_unsupported"),
        ({"投影类型": "墨卡托"}, "projection_unsupported"),
    ],
)
def test_a_header_that_cannot_be_believed_refuses_the_file(
    tmp_path: Path, header: dict[str, str], code: str
) -> None:
    file = read(boundary_txt(tmp_path / "a.txt", square("A"), **header))
    assert not file.ok
    assert code in {issue.code for issue in file.issues if issue.severity == "error"}


def test_the_sender_may_fill_what_the_header_leaves_out_but_not_overrule_it(tmp_path: Path) -> None:
    silent = boundary_txt(tmp_path / "a.txt", square("A"), 坐标系="", 带号="", 几度分带="")
    assert read(silent, crs="EPSG:4517").ok
    told = boundary_txt(tmp_path / "b.txt", square("A"))
    assert codes(read(told, crs="EPSG:4518")) == [("crs_conflict", None)]
    assert codes(read(told, crs="EPSG:2353"))[0][0] == "needs_official_conversion"


def test_six_digit_eastings_without_any_zone_are_asked_about(tmp_path: Path) -> None:
    plot = square("A").replace(",29524", ",524")
    assert codes(read(boundary_txt(tmp_path / "a.txt", plot, 带号="", 几度分带=""))) == [
        ("zone_missing", None)
    ]
    assert read(boundary_txt(tmp_path / "b.txt", plot)).crs == 4538


def test_a_file_with_both_columns_exchanged_is_refused_once_not_line_by_line(tmp_path: Path) -> None:
    lines = [line.split(",") for line in square("A").splitlines()]
    swapped = "\n".join(",".join([*f[:2], f[3], f[2]] if len(f) == 4 else f) for f in lines)
    assert codes(read(boundary_txt(tmp_path / "a.txt", swapped))) == [("axes_swapped", 13)]


def test_a_ring_inside_another_is_a_hole_whatever_its_number_and_another_part_is_a_part(
    tmp_path: Path,
) -> None:
    inner = square("x", 524600.0, 4876480.0, 20.0).splitlines()[1:]
    apart = square("x", 524800.0, 4876500.0, 100.0).splitlines()[1:]
    plot = square("A", ha="1.9600").splitlines() + inner + [line.replace(",1,", ",2,") for line in apart]
    plot[0] = plot[0].replace("5,", "15,")
    file = read(boundary_txt(tmp_path / "a.txt", "\n".join(plot)))
    assert file.ok
    (parcel,) = file.parcels
    assert [len(part.interiors) for part in parcel.geometry.geoms] == [1, 0]


@pytest.mark.parametrize(
    ("gap", "code", "ok"), [(0.0, None, True), (0.009, "gap_closed", True), (0.011, "not_closed", False)]
)
def test_a_closing_point_may_be_a_centimetre_off_and_no_more(
    tmp_path: Path, gap: float, code: str | None, ok: bool
) -> None:
    lines = square("A").splitlines()
    lines[-1] = f"J1,1,4876500.000,{29524570.0 + gap:.3f}"
    file = read(boundary_txt(tmp_path / "a.txt", "\n".join(lines)))
    assert file.ok is ok
    assert [issue.code for issue in file.issues] == ([code] if code else [])


@pytest.mark.parametrize(
    ("declared", "severity"),
    [("1.0000", None), ("1.0005", None), ("1.0050", "warning"), ("1.0200", "error"), ("10000", "notice")],
)
def test_the_declared_hectares_are_held_against_the_measured_area(
    tmp_path: Path, declared: str, severity: str | None
) -> None:
    file = read(boundary_txt(tmp_path / "a.txt", square("A", ha=declared)))
    assert [issue.severity for issue in file.issues] == ([severity] if severity else [])


def test_an_area_in_mu_is_recognised_in_the_advice(tmp_path: Path) -> None:
    (issue,) = read(boundary_txt(tmp_path / "a.txt", square("A", ha="15.0000"))).issues
    assert "亩" in issue.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_text_comes_through_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file = read(boundary_txt(tmp_path / "a.txt", square("A"), encoding))
    assert file.ok
    assert file.parcels[0].name == "示例地块(虚构)"


@pytest.mark.parametrize(
    "plot_line",
    [
        "5,1.0000,A,示例,面,,工业用地,@",
        "5,1.0000,A,示例,面,,工业用地,100102,@",
        "5,1.0000,A,示例,面,,工业用地,100102,备注,@",
        "5,1.0000,A,示例,面,L45G,工业用地,100102,,,,@",
        "5,1.0000,A,示例,东侧,面,,工业用地,100102,@",
    ],
)
def test_plot_lines_with_more_or_fewer_fields_keep_number_and_use(tmp_path: Path, plot_line: str) -> None:
    lines = [plot_line, *square("A").splitlines()[1:]]
    file = read(boundary_txt(tmp_path / "a.txt", "\n".join(lines)))
    assert file.ok
    assert (file.parcels[0].no, file.parcels[0].land_use.words) == ("A", "工业用地")


@pytest.mark.parametrize(
    ("words", "code", "system"),
    [
        ("居住用地", "070102", "MNR-2023"),
        ("城镇社区服务设施用地", "0702", "MNR-2023"),
        ("农村宅基地", "0702", "GBT21010-2017"),
        ("居住用地", "0702", None),
        ("工业用地", "070102", None),
        ("工业用地", "9999", None),
        ("工业用地", "", None),
    ],
)
def test_a_code_has_a_system_only_when_the_words_settle_it(
    tmp_path: Path, words: str, code: str, system: str | None
) -> None:
    lines = square("A").splitlines()
    lines[0] = f"5,1.0000,A,示例,面,,{words},{code},@"
    file = read(boundary_txt(tmp_path / "a.txt", "\n".join(lines)))
    assert file.parcels[0].land_use.system == system
    assert ("land_use_unclear" in {issue.code for issue in file.issues}) == (system is None and code != "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("J2,1,4876500.000,nan", "coordinate_unreadable"),
        ("J2,1,4.8765E+06,29524670.000", "coordinate_unreadable"),
        ("J2,a,4876500.000,29524670.000", "ring_number"),
        ("J2,1,4876500000.000,29524670000.000", "millimetres"),
        ("J2,1,76500.000,29524670.000", "digits_dropped"),
        ("J2,1,44.0237,87.3064", "degrees"),
        ("这里是备注", "line_unreadable"),
    ],
)
def test_a_point_line_that_cannot_be_right_is_named(tmp_path: Path, line: str, code: str) -> None:
    lines = square("A").splitlines()
    lines.insert(2, line) if code == "line_unreadable" else lines.__setitem__(2, line)
    file = read(boundary_txt(tmp_path / "a.txt", "\n".join(lines)))
    row = next(issue.row for issue in file.issues if issue.code == code)
    assert file.lines is not None
    assert file.lines[(row or 0) - 1] == line


def test_a_plot_in_the_wrong_zone_falls_outside_the_region(tmp_path: Path) -> None:
    plot = square("A").replace(",29524", ",39524")
    file = read(boundary_txt(tmp_path / "a.txt", plot, 带号="39"))
    assert codes(file) == [("outside_region", 12)]


def test_lines_and_points_are_no_plots(tmp_path: Path) -> None:
    file = read(boundary_txt(tmp_path / "a.txt", square("A").replace(",面,", ",线,")))
    assert ("not_a_polygon", 12) in codes(file)


def test_a_text_that_is_something_else_is_refused_with_the_layout(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("今天天气很好。\n", encoding="utf-8")
    file = read(path)
    assert [issue.code for issue in file.issues] == ["no_plots"]
