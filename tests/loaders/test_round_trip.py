"""What another program wrote is in the database to the millimetre and to the letter, in every format and system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.db import connection
from geographiclib.geodesic import Geodesic
from shapely.geometry.base import BaseGeometry

from loaders.formats import READERS, opened
from loaders.pipeline import load
from spatial.releases import publish
from tests.loaders import files, written
from tests.loaders.written import CODE, DOCUMENT, NAME, WAYS, Way

LAYER = "suspected_plot"
FIELDS = {CODE: "code", NAME: "name", DOCUMENT: "document"}
ELLIPSOID = Geodesic(6_378_137.0, 1 / 298.257222101)
PLACES = {4518: (89.21, 44.03)}
ELSEWHERE = (87.31, 44.03)
TRIPS = [pytest.param(way, epsg, id=f"{way} in {epsg}") for way in WAYS for epsg in way.systems]


def rows_of(way: Way, epsg: int) -> list[written.Row]:
    shapes = written.shapes_at(*PLACES.get(epsg, ELSEWHERE))
    texts = {CODE: "65230100", NAME: way.name, DOCUMENT: "昌州环〔2026〕7号"}
    return [
        (shapes[kind], {name: f"{texts[name]}{number}" for name in way.texts})
        for number, kind in enumerate(way.shapes, 1)
    ]


@pytest.fixture(scope="session")
def by_gdal(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], Path]:
    """By way and system: all of GDAL's files, written by one process that knows nothing of our settings."""
    folder = tmp_path_factory.mktemp("gdal")
    paths = {}
    orders = []
    for number, way in enumerate(WAYS):
        for epsg in way.systems if way.order else ():
            path = folder / f"{number}-{epsg}" / f"地块{way.suffix}"
            path.parent.mkdir()
            orders.append(way.order(path, rows_of(way, epsg), epsg))
            paths[number, epsg] = path
    files.gdal_all(orders)
    return paths


def stored() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name, attributes ->> 'document', ST_AsBinary(geom) FROM spatial_feature"
            " WHERE layer = %s AND upper_inf(revisions) ORDER BY row",
            [LAYER],
        )
        found = cursor.fetchall()
    return [
        {CODE: code, NAME: name, DOCUMENT: document, "shape": shapely.from_wkb(bytes(shape))}
        for code, name, document, shape in found
    ]


def farthest_m(sent: BaseGeometry, stored: BaseGeometry, epsg: int) -> float:
    """How far any corner has moved, on the ellipsoid; infinite where a ring is lost.

    An edge that is straight in its zone bends a little in degrees and has more corners there: those are held against
    the edge, in the zone.
    """
    if shapely.get_num_geometries(sent) != shapely.get_num_geometries(stored) or holes(sent) != holes(stored):
        return float("inf")
    there = shapely.get_coordinates(stored)
    moved = [
        ELLIPSOID.Inverse(y, x, *there[np.hypot(*(there - (x, y)).T).argmin()][::-1])["s12"]
        for x, y in shapely.get_coordinates(sent)
    ]
    if epsg not in written.ZONES or sent.geom_type == "Point":
        return max(moved) if len(there) == len(moved) else float("inf")
    outline = shapely.MultiLineString(list(shapely.get_rings(shapely.get_parts(written.plane(sent, epsg)))))
    corners = shapely.points(shapely.get_coordinates(written.plane(stored, epsg)))
    return max(*moved, *shapely.distance(outline, corners))


def holes(shape: BaseGeometry) -> int:
    return int(sum(shapely.get_num_interior_rings(shapely.get_parts(shape))))


@pytest.mark.django_db
@pytest.mark.parametrize(("way", "epsg"), TRIPS)
def test_what_another_program_wrote_comes_back_within_a_millimetre_and_to_the_letter(
    way: Way, epsg: int, by_gdal: dict[tuple[int, int], Path], tmp_path: Path
) -> None:
    rows = rows_of(way, epsg)
    if way.write:
        path = way.write(tmp_path / f"地块{way.suffix}", rows, epsg)
    else:
        path = by_gdal[WAYS.index(way), epsg]
    stated = f"EPSG:{epsg}" if way.is_silent else None
    result = load(path, LAYER, county="652301", release="R1", crs=stated, commit=True)
    # geopandas writes the rings of a GeoJSON as they are, and the format wants them counter-clockwise.
    is_turned = any(issue.code == "ring_direction" for issue in result.issues)
    assert not is_turned or way.suffix in (".json", ".geojson")
    assert (result.outcome, result.crs) == ("repaired" if is_turned else "accepted", f"EPSG:{epsg}")
    publish("R1")
    found = stored()
    assert len(found) == len(rows)
    for (shape, texts), row in zip(rows, found, strict=True):
        assert {name: row[name] for name in texts} == texts
        assert farthest_m(shape, row["shape"], epsg) < 0.001
    if way.record:
        with opened(path, path.name) as (file, read):
            records = list(read(file, crs=stated).records)
        assert all(way.record.items() <= record.values.items() for record in records)


def test_every_format_that_is_read_has_its_way_and_every_system_a_format_that_has_it() -> None:
    assert {way.suffix for way in WAYS} == set(READERS)
    assert {epsg for way in WAYS for epsg in way.systems} == set(written.SYSTEMS)
