"""Tables of places: degrees in every Chinese form, WKT, a vertex a row; each by openpyxl and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import shapely

from loaders.formats.angles import BadAngle, parse
from loaders.parcels import ParcelFile, read_parcels
from loaders.record import FileRefused
from spatial import crs
from spatial.geometry import normalise
from tests.loaders import files
from tests.loaders.test_formats import HOLED, SHAPE, read, same

Table = Sequence[Sequence[Any]]


def written(folder: Path, kind: str, table: Table) -> Path:
    if kind == "xlsx":
        return files.xlsx(folder / "表.xlsx", table)
    with (folder / "表.csv").open("w", encoding="gb18030", newline="") as opened:
        csv.writer(opened).writerows(table)
    return folder / "表.csv"


def codes(file: ParcelFile, severity: str = "error") -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == severity]


@pytest.mark.parametrize(
    "text",
    [
        "87°18′04.4″", "87度18分04.4秒", "87°18'4.4\"", "87° 18′ 4.4″", "８７°１８′０４．４″", "87：18：04.4",
        "东经87°18′04.4″", "E87°18′04.4″", "87°18′04.4″E", "87 18 04.4", "87º18’04.4”", "87°18′04.4′′", "87-18-04.4",
    ],
)  # fmt: skip
def test_degrees_minutes_seconds_in_any_form_are_the_same_place(text: str) -> None:
    assert parse(text, is_longitude=True) == pytest.approx(87.30122222222222, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("87度18分", 87.3),
        ("87°18.5′", 87 + 18.5 / 60),
        ("87.3", 87.3),
        ("87.3°", 87.3),
        (87.3, 87.3),
        (87, 87.0),
        ("87°", 87.0),
    ],
)
def test_shorter_forms_mean_what_they_say(text: Any, degrees: float) -> None:
    assert parse(text, is_longitude=True) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "degrees"),
    [
        ("87.1800", 87.3),
        (87.18, 87.3),
        ("87.180440", 87.30122222222222),
        (87.18044, 87.30122222222222),
        ("87.3", 87.5),
        ("87", 87.0),
    ],
)
def test_packed_degrees_are_unpacked_only_where_the_column_says_so(value: Any, degrees: float) -> None:
    assert parse(value, is_longitude=True, packed=True) == pytest.approx(degrees, abs=1e-12)
    assert parse(value, is_longitude=True) == float(value)


@pytest.mark.parametrize(
    ("text", "packed", "code"),
    [
        ("87°60′00″", False, "angle_parts"),
        ("87°18′60″", False, "angle_parts"),
        ("87.1860", True, "angle_parts"),
        ("87.7500", True, "angle_parts"),
        ("87°18.5′30″", False, "angle_parts"),
        ("N44°01′", False, "axes_swapped"),
        ("W87°18′", False, "outside_region"),
        ("八十七度", False, "coordinate_unreadable"),
        ("1e2", False, "coordinate_unreadable"),
        ("87°18′", True, "coordinate_unreadable"),
        ("nan", False, "coordinate_unreadable"),
        ("inf", True, "coordinate_unreadable"),
    ],
)
def test_what_is_no_angle_is_named(text: str, packed: bool, code: str) -> None:
    with pytest.raises(BadAngle) as bad:
        parse(text, is_longitude=True, packed=packed)
    assert bad.value.code == code


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        (("经度", "纬度"), ("87°18′00.0″", "44度01分12秒")),
        (("经度（ddd.mmssss）", "纬度(dd.mmssss)"), ("87.1800", "44.0112")),
        (("经度（°）", "纬度（°）"), (87.3, 44.02)),
    ],
)
def test_a_table_of_degrees_gives_points(tmp_path: Path, kind: str, titles: Any, cells: Any) -> None:
    _, (record,) = read(written(tmp_path, kind, [["名称", *titles], ["示例厂", *cells]]))
    assert record.geometry is not None
    assert same(record.geometry, shapely.Point(87.3, 44.02))
    assert dict(record.values) == {"名称": "示例厂"}


@pytest.mark.parametrize(
    "titles", [("高德经度", "高德纬度"), ("bd_lng", "bd_lat"), ("gcj02_lon", "gcj02_lat")]
)
def test_columns_that_say_they_are_shifted_are_refused(tmp_path: Path, titles: tuple[str, str]) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(written(tmp_path, "csv", [["名称", *titles], ["甲", 87.3, 44.02]]))
    assert refusal.value.issue.code == "coordinates_shifted"


def test_the_short_name_of_web_maps_is_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, "csv", [["名称", "lng", "lat"], ["甲", 87.3, 44.02]])
    assert [issue.code for issue in read(path)[0].issues] == ["origin_unknown"]
    assert not read(path, crs="EPSG:4490")[0].issues


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("shape", [SHAPE, HOLED], ids=["plain", "with a hole"])
@pytest.mark.parametrize("prefix", ["", "SRID=4490;"])
def test_a_column_of_wkt_round_trips(
    tmp_path: Path, kind: str, shape: shapely.MultiPolygon, prefix: str
) -> None:
    table = [
        ["地块编号", "名称", "WKT"],
        ["1", "示例（一）", prefix + shape.wkt],
        ["2", "坏", "POLYGON ((87"],
        ["3", "无", None],
    ]
    delivery, records = read(written(tmp_path, kind, table))
    assert (delivery.crs, delivery.columns) == (4490, ("地块编号", "名称"))
    assert records[0].geometry is not None and same(records[0].geometry, shape)
    assert [[issue.code for issue in one.issues] for one in records] == [[], ["wkt_unreadable"], []]


def test_wkt_in_metres_is_asked_for_its_system_and_may_not_change_it(tmp_path: Path) -> None:
    flat = crs.from_storage(SHAPE, 4517).wkt
    path = written(tmp_path, "csv", [["编号", "wkt"], ["1", flat], ["2", f"SRID=4518;{flat}"]])
    with pytest.raises(FileRefused, match="哪个坐标系"):
        read(path)
    assert [[issue.code for issue in one.issues] for one in read(path, crs="4517")[1]] == [
        [],
        ["crs_conflict"],
    ]


def test_a_wkt_longer_than_any_text_is_read(tmp_path: Path) -> None:
    many = shapely.Point(87.3, 44.0).buffer(0.01, quad_segs=1000)
    assert len(many.wkt) > 100_000
    file = read_parcels(written(tmp_path, "csv", [["编号", "wkt"], ["1", many.wkt]]), "a.csv")
    assert file.ok and same(file.parcels[0].geometry, normalise(many))


def vertices(epsg: int, *, rings: bool = True, close: bool = True, merged: bool = False) -> Table:
    """A plot with a hole and a plain one, a vertex a row, X north and Y east."""
    degrees = crs.zone_of(epsg) is None
    titles = ["经度", "纬度"] if degrees else ["Y坐标", "X坐标"]
    table: list[list[Any]] = [["地块编号", "地块名称", *(["圈号"] if rings else []), "点号", *titles]]
    for number, shape in (("DK-1", HOLED), ("DK-2", SHAPE)):
        (polygon,) = crs.from_storage(shape, epsg).geoms
        count = 0
        for ring, line in enumerate((polygon.exterior, *polygon.interiors), 1):
            corners = list(line.coords)[: None if close else -1]
            for index, place in enumerate(corners):
                label = f"J{count + 1 + (index if index < len(line.coords) - 1 else 0)}"
                names = (
                    [number, f"示例{number}"] if not merged or (index == 0 and ring == 1) else [None, None]
                )
                table.append([*names, *([ring] if rings else []), label, *place])
            count += len(line.coords) - 1
    return table


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("epsg", [4490, 4517, 4538])
@pytest.mark.parametrize("more", [{}, {"close": False}, {"merged": True}, {"rings": False}], ids=str)
def test_a_vertex_a_row_gives_the_plots(tmp_path: Path, kind: str, epsg: int, more: dict[str, bool]) -> None:
    path = written(tmp_path, kind, vertices(epsg, **more))
    file = read_parcels(path, path.name, crs=f"EPSG:{epsg}")
    assert codes(file) == codes(file, "warning") == []
    assert [(parcel.no, parcel.name) for parcel in file.parcels] == [
        ("DK-1", "示例DK-1"),
        ("DK-2", "示例DK-2"),
    ]
    assert same(file.parcels[0].geometry, HOLED) and same(file.parcels[1].geometry, SHAPE)
    expected = {"close": "ring_closed", "merged": "plot_number_filled"}
    assert set(codes(file, "notice")) == {expected[name] for name in more if name in expected}


def test_every_fault_of_a_vertex_names_its_line(tmp_path: Path) -> None:
    table = [list(row) for row in vertices(4517)]
    lines = {3: ("X坐标", 876500.0), 4: ("Y坐标", None), 12: ("圈号", "甲"), 14: ("X坐标", 4.8e9)}
    for line, (title, value) in lines.items():
        table[line - 1][table[0].index(title)] = value
    table[13][table[0].index("Y坐标")] = 29524570000.0
    path = written(tmp_path, "xlsx", table)
    file = read_parcels(path, path.name, crs="EPSG:4517")
    found = [(issue.row, issue.code) for issue in file.issues if issue.severity == "error"]
    assert found == [
        (3, "digits_dropped"), (4, "coordinate_missing"), (12, "ring_number"), (14, "millimetres")
    ]  # fmt: skip


def test_a_plot_in_two_places_and_cells_that_differ_are_told(tmp_path: Path) -> None:
    table = [list(row) for row in vertices(4517)]
    table[2][1] = "另一个名字"
    table.append(list(table[1]))
    file = read_parcels(written(tmp_path, "xlsx", table), "a.xlsx", crs="EPSG:4517")
    told = [(issue.row, issue.code) for issue in file.issues if issue.severity != "notice"]
    assert told[0] == (2, "plot_values_differ")
    assert (len(table), "plot_rows_apart") in told


def test_sampling_points_of_a_plot_stay_points(tmp_path: Path) -> None:
    table = [
        ["地块编号", "点号", "经度", "纬度"],
        *[["DK-1", f"S{n}", 87.3 + n / 1000, 44.02] for n in range(5)],
    ]
    _, records = read(written(tmp_path, "csv", table))
    assert len(records) == 5
    assert records[0].values == {"地块编号": "DK-1", "点号": "S0"}


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        (4876500000.0, 29524570000.0, "millimetres"),
        (876500.0, 29524570.0, "digits_dropped"),
        (4876500.0, 9524570.0, "digits_dropped"),
        (87.3, 44.02, "degrees"),
        ("4.8765E+06", 29524570.0, "coordinate_unreadable"),
        (4876500.0, None, "coordinate_missing"),
    ],
)
def test_a_slip_in_plane_coordinates_is_named(tmp_path: Path, x: Any, y: Any, code: str) -> None:
    _, (record,) = read(written(tmp_path, "csv", [["名称", "X", "Y"], ["甲", x, y]]), crs="EPSG:4517")
    assert [issue.code for issue in record.issues] == [code]
