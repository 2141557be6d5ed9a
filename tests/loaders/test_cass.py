"""CASS .dat files: east first; a boundary becomes a plot, other points stay points, every slip is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from loaders.parcels import ParcelFile, read_parcels
from spatial import crs
from tests.loaders.test_formats import SHAPE, read, same

CORNERS = shapely.get_coordinates(crs.from_storage(SHAPE, 4517))[:-1]


def dat(*lines: str, encoding: str = "gbk") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def boundary(label: str = "J{}", code: str = "", easting: str = "{:.4f}") -> list[str]:
    return [
        f"{label.format(n)},{code},{easting.format(east)},{north:.4f},512.3"
        for n, (east, north) in enumerate(CORNERS, 1)
    ]


def codes(file: ParcelFile) -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == "error"]


@pytest.mark.parametrize(
    "lines",
    [boundary(), boundary("{}", "JZD"), boundary("{}", "界址点"), [*boundary("{}"), boundary("{}")[0]]],
    ids=["numbered as boundary", "coded as boundary", "coded in Chinese", "closed"],
)
def test_the_points_of_a_boundary_are_a_plot_east_first(lines: list[str]) -> None:
    file = read_parcels(dat(*lines), "地块.dat", crs="EPSG:4517")
    assert file.ok
    assert same(file.parcels[0].geometry, SHAPE)
    assert {issue.code for issue in file.issues} <= {"points_joined", "ring_closed"}


def test_other_points_stay_points_with_their_chinese_code(tmp_path: Path) -> None:
    path = tmp_path / "井.dat"
    path.write_bytes(dat("1,监测井,29524570.000,4876500.000,512.3", "2,监测井,29524670.000,4876500.000"))
    delivery, records = read(path, crs="4517")
    assert [issue.code for issue in delivery.issues] == ["points_apart"]
    assert [(one.row, one.geometry and (one.geometry.x, one.geometry.y)) for one in records] == [
        (1, (29524570.0, 4876500.0)),
        (2, (29524670.0, 4876500.0)),
    ]
    assert records[0].values == {"点号": "1", "编码": "监测井", "高程": "512.3"}


def test_full_width_signs_and_blank_lines_are_read() -> None:
    lines = [line.replace(",", "，") for line in boundary()]
    assert read_parcels(dat("", *lines, "　", "\x1a"), "a.dat", crs="4517").ok


def test_the_system_is_asked_for_and_must_fit_the_numbers() -> None:
    assert codes(read_parcels(dat(*boundary()), "a.dat")) == ["crs_missing"]
    assert codes(read_parcels(dat(*boundary()), "a.dat", crs="4518")) == ["crs_conflict"]
    assert codes(read_parcels(dat(*boundary()), "a.dat", crs="4490")) == ["crs_not_projected"]
    assert codes(read_parcels(dat(*boundary()), "a.dat", crs="2353")) == ["needs_official_conversion"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("J9,,4876500,29524570,0", "axes_swapped"),
        ("J9,,29524570000,4876500000,0", "millimetres"),
        ("J9,,29524570,876500,0", "digits_dropped"),
        ("J9,,9524570,4876500,0", "digits_dropped"),
        ("J9,,24570,4876500,0", "digits_dropped"),
        ("J9,,87.3,44.01,0", "degrees"),
        ("J9,,12345678,4876500,0", "digits_dropped"),
        ("J9,,99524570,4876500,0", "coordinate_digits"),
        ("J9,,x,4876500,0", "coordinate_unreadable"),
        ("J9,,29524570", "line_unreadable"),
    ],
)
def test_every_slip_of_a_point_is_named_with_its_line(line: str, code: str) -> None:
    file = read_parcels(dat(*boundary(), line), "a.dat", crs="EPSG:4517")
    assert [(one.row, one.code) for one in file.issues if one.severity == "error"] == [
        (len(CORNERS) + 1, code)
    ]


def test_a_file_with_all_columns_exchanged_is_told_once() -> None:
    lines = [f"J{n},,{north:.3f},{east:.3f},0" for n, (east, north) in enumerate(CORNERS)]
    assert codes(read_parcels(dat(*lines), "a.dat", crs="4517")) == ["axes_swapped"]


@pytest.mark.parametrize("data", [b"x", b"a,b\nc", b"\n\n", b"1 2 3"])
def test_what_has_no_points_is_refused(data: bytes) -> None:
    assert codes(read_parcels(data, "a.dat", crs="4517")) == ["no_points"]
