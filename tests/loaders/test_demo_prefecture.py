"""The invented prefecture before it is loaded: the same every time, inside its counties, and like a real place."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest
import shapely

from loaders import demo
from loaders.demo import ground
from loaders.demo.plane import ribbon
from loaders.demo.towns import outline
from loaders.demo.water import zones
from spatial import catalog, crs

TODAY = date(2026, 11, 23)
NAMES = ("name", "unit", "source", "division")
FINGERPRINT = """
import hashlib, sys
from datetime import date
import shapely
from loaders import demo
made = hashlib.sha256()
for layer, rows in demo.make(date(2026, 11, 23)).rows.items():
    for row in rows:
        made.update(repr((layer, row.county, sorted(row.values.items(), key=str))).encode())
        made.update(shapely.to_wkb(row.shape, byte_order=1) if row.shape is not None else b"none")
made.update(repr(demo.examples()).encode())
print(made.hexdigest())
"""


@pytest.fixture(scope="module")
def prefecture() -> demo.Prefecture:
    return demo.make(TODAY)


def every_row(prefecture: demo.Prefecture) -> Iterator[demo.Row]:
    return itertools.chain.from_iterable(prefecture.rows.values())


@pytest.mark.long
def test_two_runs_make_the_same_to_the_last_byte() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].strip()) == 64


def test_shapes_do_not_depend_on_the_day(prefecture: demo.Prefecture) -> None:
    later = demo.make(date(2031, 2, 3))
    for layer, rows in prefecture.rows.items():
        assert [row.shape for row in rows] == [row.shape for row in later.rows[layer]], layer


def test_every_stored_layer_of_the_catalog_is_delivered_or_confirmed_empty(
    prefecture: demo.Prefecture,
) -> None:
    confirmed = {one.layer for one in demo.confirmations()}
    stored = {layer.id for layer in catalog.current().stored()}
    assert stored == {layer for layer, rows in prefecture.rows.items() if rows} | confirmed


def test_every_shape_is_valid_and_inside_its_county(prefecture: demo.Prefecture) -> None:
    # A millimetre: clipping snaps to the grid of stored coordinates.
    counties = {code: shapely.buffer(shape, 1e-8) for code, shape in ground.counties().items()}
    for shape in counties.values():
        shapely.prepare(shape)
    for row in every_row(prefecture):
        if row.shape is not None:
            assert row.shape.is_valid, row
            assert not row.shape.is_empty, row
            assert counties[row.county].covers(row.shape), (row.layer, row.values)


def test_every_invented_name_says_so_and_every_other_name_has_no_shape(prefecture: demo.Prefecture) -> None:
    real = []
    for row in every_row(prefecture):
        name = next((str(row.values[field]) for field in NAMES if row.values.get(field)), None)
        if name is None or row.layer == "admin_county" or "示例" in name:
            continue
        real.append((row.layer, row.county, name))
        assert row.shape is None, name
    # The three enterprises of the published plan whose county their name states.
    assert sorted(real) == [
        ("contaminated_plot", "652325", "原奇台县新亚皮革加工有限公司"),
        ("high_risk_site", "652302", "新疆新鑫矿业股份有限公司阜康冶炼厂"),
        ("suspected_plot", "652328", "木垒县正阳化工有限责任公司"),
    ]
    assert all("示例" in row.values["name"] for row in every_row(prefecture) if row.layer == "park")


def test_control_units_cover_each_county_once(prefecture: demo.Prefecture) -> None:
    units = prefecture.rows["eco_control_unit"]
    for code, county in ground.counties().items():
        mine = [row.shape for row in units if row.county == code]
        whole = crs.area_m2(county)
        assert sum(crs.area_m2(shape) for shape in mine) == pytest.approx(whole, rel=1e-6), code
        assert crs.area_m2(shapely.union_all(mine)) == pytest.approx(whole, rel=1e-6), code
    industrial = [row for row in units if row.values["element"] == "construction_land_risk"]
    assert len(industrial) == 24
    assert {row.values["unit_class"] for row in industrial} == {"key"}


def test_each_of_the_11_sources_has_its_three_zones_one_around_the_other() -> None:
    by_source: dict[str, dict[str, shapely.Geometry]] = {}
    for source, zone, shape in zones():
        by_source.setdefault(source.name, {})[zone] = shape
    assert len(by_source) == 11
    for name, found in by_source.items():
        assert set(found) == {"I", "II", "quasi"}
        areas = [crs.area_m2(found[zone]) for zone in ("I", "II", "quasi")]
        assert areas == sorted(areas), name
        assert shapely.intersection(found["I"], found["II"]).area == 0, name
        assert found["I"].intersects(found["II"]), name


def test_towns_parks_rivers_and_sources_keep_clear_of_each_other() -> None:
    homes = [(home.county, home.name, outline(home, 100)) for home in (*ground.TOWNS, *ground.CLUSTERS)]
    rivers = {name: ribbon(ground.river(name), 100) for name in ground.RIVERS}
    for one, other in itertools.combinations(homes, 2):
        assert not one[2].intersects(other[2]), (one[:2], other[:2])
    for county, name, shape in homes:
        assert ground.counties()[county].contains(shape), (county, name)
        assert not any(river.intersects(shape) for river in rivers.values()), (county, name)
        assert not any(zone.intersects(shape) for _, _, zone in zones()), (county, name)


def test_parcels_of_a_town_share_edges_and_never_ground(prefecture: demo.Prefecture) -> None:
    city = [row.shape for row in prefecture.rows["parcel"] if row.county == "652301"]
    tree = shapely.STRtree(city)
    left, right = tree.query(city, predicate="overlaps")
    assert all(
        crs.area_m2(shapely.intersection(city[a], city[b])) < 1.0 for a, b in zip(left, right, strict=True)
    )
    assert len({row.values["parcel_no"] for row in every_row(prefecture) if row.layer == "parcel"}) == len(
        prefecture.rows["parcel"]
    )


def test_there_are_examples_for_all_verdicts_in_the_county_of_the_demo_clerk() -> None:
    clerks = {
        example.verdict
        for example in demo.examples()
        if ground.counties()["652301"].contains(shapely.geometry.shape(example.body["parcel"]))
    }
    assert clerks == {"prohibit", "needs_investigation", "conditional", "undetermined", "notice", "clear"}
