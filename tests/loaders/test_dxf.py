"""DXF that ezdxf wrote: closed polylines of one layer, the system given, and every slip of a drawing named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely

from loaders import limits
from loaders.formats.dxf import read as read_dxf
from loaders.parcels import ParcelFile, read_parcels
from loaders.record import File
from spatial import crs
from tests.loaders.test_formats import SHAPE, same

CORNERS = shapely.get_coordinates(crs.from_storage(SHAPE, 4517))[:-1]
ZONE = {"crs": "EPSG:4517"}


def drawing(
    path: Path, *lines: tuple[str, Any, bool], version: str = "R2010", unit: int = 6, encoding: str = "utf-8"
) -> Path:
    """Polylines by layer, vertices, and whether they are closed."""
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = unit
    for layer, points, close in lines:
        document.modelspace().add_lwpolyline(points, close=close, dxfattribs={"layer": layer})
    if encoding == "gbk":
        document.encoding = encoding
    document.saveas(path, encoding=encoding)
    return path


def codes(file: ParcelFile, severity: str = "error") -> list[str]:
    return [issue.code for issue in file.issues if issue.severity == severity]


def moved(east: float = 0.0, north: float = 0.0, scale: float = 1.0) -> Sequence[Any]:
    return (np.add(CORNERS, (east, north)) * scale).tolist()


def test_an_old_polyline_a_mirrored_one_and_one_closed_by_its_last_point_are_read(tmp_path: Path) -> None:
    document = ezdxf.new("R12")
    document.modelspace().add_polyline2d(CORNERS.tolist(), close=True)
    document.modelspace().add_polyline2d([*CORNERS.tolist(), CORNERS[0].tolist()])
    document.saveas(tmp_path / "a.dxf")
    file = read_parcels(tmp_path / "a.dxf", "a.dxf", **ZONE)
    assert codes(file) == []
    assert all(same(parcel.geometry, SHAPE) for parcel in file.parcels) and len(file.parcels) == 2
    document = ezdxf.new()
    mirrored = (CORNERS * [-1, 1]).tolist()
    document.modelspace().add_lwpolyline(mirrored, close=True, dxfattribs={"extrusion": (0, 0, -1)})
    document.saveas(tmp_path / "b.dxf")
    assert same(read_parcels(tmp_path / "b.dxf", "b.dxf", **ZONE).parcels[0].geometry, SHAPE)


def test_an_arc_becomes_chords_within_a_millimetre_of_its_circle(tmp_path: Path) -> None:
    east, north = CORNERS[0]
    circle = [(east, north, 1.0), (east + 50, north, 1.0)]
    document = ezdxf.new()
    document.modelspace().add_lwpolyline(circle, format="xyb", close=True)
    document.saveas(tmp_path / "a.dxf")
    (record,) = read_dxf(File("a.dxf", tmp_path / "a.dxf"), **ZONE).records
    assert record.geometry is not None
    away = np.hypot(*(shapely.get_coordinates(record.geometry) - [east + 25, north]).T)
    assert np.abs(away - 25).max() < 1e-6
    assert record.geometry.area == pytest.approx(math.pi * 625, rel=2e-5)


def test_a_drawing_has_no_system_and_the_given_one_must_fit(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", ("JZX", CORNERS, True))
    assert codes(read_parcels(path, "a.dxf"))[0] == "crs_missing"
    assert codes(read_parcels(path, "a.dxf", crs="4518"))[0] == "crs_conflict"
    assert codes(read_parcels(path, "a.dxf", crs="2353"))[0] == "needs_official_conversion"


def test_the_layer_is_the_one_asked_for_the_only_one_or_one_that_is_called_a_boundary(tmp_path: Path) -> None:
    lines = [("道路", moved(500), True), ("建筑", moved(900), True)]
    path = drawing(tmp_path / "a.dxf", *lines)
    file = read_parcels(path, "a.dxf", **ZONE)
    assert codes(file) == ["layers"]
    assert "道路（1 条）" in file.issues[0].message
    asked = read_dxf(File("a.dxf", path, "建筑"), **ZONE)
    assert [record.values["图层"] for record in asked.records] == ["建筑"]
    path = drawing(tmp_path / "b.dxf", *lines, ("jzx", CORNERS, True))
    file = read_parcels(path, "b.dxf", **ZONE)
    assert same(file.parcels[0].geometry, SHAPE)
    assert codes(file, "notice") == ["layers_left_out"]


def test_an_unclosed_polyline_is_named_and_a_small_gap_closed(tmp_path: Path) -> None:
    gap = [*CORNERS.tolist(), (CORNERS[0] + [0.005, 0]).tolist()]
    path = drawing(tmp_path / "a.dxf", ("JZX", gap, False), ("JZX", moved(900), False))
    file = read_parcels(path, "a.dxf", **ZONE)
    assert [(one.row, one.code) for one in file.issues] == [(1, "gap_closed"), (2, "not_closed")]
    assert "句柄" in file.issues[1].message
    assert same(file.parcels[0].geometry, SHAPE)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (moved(scale=1000), "millimetres"),
        ((CORNERS[:, ::-1]).tolist(), "axes_swapped"),
        (moved(north=-4_000_000), "digits_dropped"),
        (moved(east=-20_000_000), "digits_dropped"),
        (shapely.get_coordinates(SHAPE).tolist(), "degrees"),
        (moved(east=70_000_000), "coordinate_digits"),
    ],
)
def test_numbers_that_cannot_be_right_refuse_the_drawing_and_say_why(
    tmp_path: Path, points: Any, code: str
) -> None:
    path = drawing(tmp_path / "a.dxf", ("JZX", points, True), unit=4)
    (issue,) = read_parcels(path, "a.dxf", **ZONE).issues
    assert (issue.code, issue.severity) == (code, "error")
    assert issue.hint


def test_a_drawing_in_metres_that_says_millimetres_is_read_and_told(tmp_path: Path) -> None:
    file = read_parcels(drawing(tmp_path / "a.dxf", ("JZX", CORNERS, True), unit=4), "a.dxf", **ZONE)
    assert file.ok
    assert codes(file, "notice") == ["unit_doubtful"]


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    document = ezdxf.new()
    space = document.modelspace()
    space.add_lwpolyline(CORNERS.tolist(), close=True, dxfattribs={"layer": "JZX"})
    inner = (CORNERS.mean(axis=0) + (CORNERS - CORNERS.mean(axis=0)) * 0.5).tolist()
    space.add_lwpolyline(inner, close=True, dxfattribs={"layer": "JZX"})
    space.add_line((0, 0), (1, 1), dxfattribs={"layer": "JZX"})
    space.add_hatch(dxfattribs={"layer": "JZX"})
    document.saveas(tmp_path / "a.dxf")
    file = read_parcels(tmp_path / "a.dxf", "a.dxf", **ZONE)
    assert [(one.row, one.code) for one in file.issues] == [(None, "others_left_out"), (2, "polyline_inside")]
    assert "1 个直线" in file.issues[0].message and "1 个填充" in file.issues[0].message


def test_a_drawing_without_polylines_is_refused_with_advice(tmp_path: Path) -> None:
    document = ezdxf.new()
    document.modelspace().add_line((0, 0), (1, 1))
    document.saveas(tmp_path / "a.dxf")
    (issue,) = read_parcels(tmp_path / "a.dxf", "a.dxf", **ZONE).issues
    assert (issue.code, "1 个直线" in issue.message) == ("no_polylines", True)


def test_a_truncated_a_binary_and_a_broken_drawing_are_refused(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", *[("JZX", moved(n * 10), True) for n in range(20)])
    data = path.read_bytes()
    for cut in (10, len(data) // 2, len(data) - 12):
        assert codes(read_parcels(data[:cut], "a.dxf", **ZONE))[0] in ("truncated", "wrong_content")
    assert codes(read_parcels(b"AutoCAD Binary DXF\r\n\x1a\0", "a.dxf", **ZONE)) == ["dxf_binary"]
    assert codes(read_parcels(b"x" * 50, "a.dxf", **ZONE)) == ["wrong_content"]
    broken = data.replace(b"LWPOLYLINE\n  5", b"LWPOLYLINE\nab5", 1)
    assert broken != data
    assert codes(read_parcels(broken, "a.dxf", **ZONE)) == ["dxf_unreadable"]
    infinite = data.replace(b" 10\n", b" 10\nnan\n 20\n1\n 10\n")
    assert codes(read_parcels(infinite, "a.dxf", **ZONE))


def test_too_many_polylines_and_vertices_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drawing(tmp_path / "a.dxf", *[("JZX", moved(n * 10), True) for n in range(20)])
    monkeypatch.setattr(limits, "ROWS", 10)
    assert codes(read_parcels(path, "a.dxf", **ZONE)) == ["too_many_rows"]
    monkeypatch.undo()
    monkeypatch.setattr(limits, "FILE_VERTICES", 50)
    assert codes(read_parcels(path, "a.dxf", **ZONE)) == ["too_many_rows"]
