"""The index of a FlatGeobuf: GDAL finds by it what lies in a box, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from fastapi.testclient import TestClient

from api.ogc.files import Content, write_flatgeobuf
from tests.api.ogc import box
from tests.factories import features

CONTENT = Content("x", [("name", "text")], "EPSG:4490", ("MultiPolygon",))


def rows(many: int) -> Iterator[list[tuple[Any, ...]]]:
    """In no order of place, each twentieth without one, some hundred at a time."""
    chance = random.Random(many)
    found = [
        (number, f"名{number}",
         None if number % 20 == 7 else box(chance.uniform(80, 90), chance.uniform(40, 45), 0.05).wkb)
        for number in range(many)
    ]  # fmt: skip
    yield from (found[first : first + 300] for first in range(0, many, 300))


# 16 go into a node: one node, one and a bit, two levels and a bit, three.
@pytest.mark.parametrize("many", [1, 16, 17, 257, 4100])
def test_what_lies_in_a_box_is_found(tmp_path: Path, many: int) -> None:
    path = tmp_path / "a.fgb"
    write_flatgeobuf(path, CONTENT, rows(many))
    told = pyogrio.read_info(path)
    assert (told["features"], told["capabilities"]["fast_spatial_filter"]) == (many, True)
    every = pyogrio.read_dataframe(path)
    assert every["feature_id"].tolist() == list(range(many))
    assert told["total_bounds"] == pytest.approx(tuple(every.total_bounds), abs=0)
    for west, south in ((80, 40), (84.2, 41.1), (89.9, 44.9), (10, 10)):
        area = (west, south, west + 1, south + 0.5)
        wanted = every[every.geometry.intersects(shapely.box(*area))]
        assert set(pyogrio.read_dataframe(path, bbox=area)["feature_id"]) == set(wanted["feature_id"])
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_which_nothing_has_a_place_has_no_index(tmp_path: Path) -> None:
    path = tmp_path / "a.fgb"
    write_flatgeobuf(path, CONTENT, iter([[(1, "甲", None), (2, "乙", None)]]))
    assert pyogrio.read_dataframe(path)["name"].tolist() == ["甲", "乙"]
    assert not pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]


def test_neighbours_stand_near_each_other_unless_an_order_is_asked(
    client: TestClient, tmp_path: Path
) -> None:
    """West and east by turns in the table; in the file one side after the other."""
    features("park", [{"shape": box(86 + n % 2 * 4 + n / 1000, 44.0), "name": f"{n:02}"} for n in range(40)])

    def names(query: str) -> list[str]:
        file = tmp_path / "park.fgb"
        file.write_bytes(client.get(f"/ogc/collections/park/items?f=fgb{query}").content)
        return list(pyogrio.read_dataframe(file)["name"])

    sides = [int(name) % 2 for name in names("")]
    assert sum(one != other for one, other in pairwise(sides)) == 1
    assert names("&sortby=name") == [f"{n:02}" for n in range(40)]
    assert names("&limit=3") == ["00", "01", "02"]
