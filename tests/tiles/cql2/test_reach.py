"""What a filter reaches: the index, behind the wall too; other coordinate systems; the list of what may be asked."""

from __future__ import annotations

from typing import Any

import pyproj
import pytest
import shapely
from django.db import connection
from psycopg import sql

from spatial import catalog, wall
from tests.factories import feature
from tests.tiles.ask import DAY, rows, view
from tests.tiles.cql2.asking import ALL, LAYER, taken
from tiles import features
from tiles.cql2 import FilterRefused, parse, queryables
from tiles.features import Filter
from tiles.rows import Moment

AUTHORITY = "http://www.opengis.net/def/crs/EPSG/0/"
IN_ZONE = pyproj.Transformer.from_crs(4490, 4517)
"""Latitude, longitude to northing, easting: the order of the registry, zone 29 of 3 degrees, central meridian 87."""
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def _requires_index(asked: Filter) -> None:
    statement, values = features.matched(catalog.current(), ALL, Moment(1, DAY), asked)
    told = rows((sql.SQL("EXPLAIN {}").format(statement), values))
    plan = "\n".join(line["QUERY PLAN"] for line in told)
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "geom &&" in condition or "&& geom" in condition, plan


@pytest.mark.django_db
def test_boxes_and_every_spatial_function_but_disjoint_reach_the_index_behind_the_wall() -> None:
    for number in range(300):
        feature(LAYER, shapely.MultiPolygon([shapely.box(80 + number / 10, 44, 80.05 + number / 10, 44.05)]))
    wall.keep_rights(catalog.current())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE spatial_feature")
    with wall.behind(wall.asker(None, "public", [], whole=False)):
        _requires_index(Filter(bbox=(87.0, 44.0, 87.05, 44.05)))
        for word in ("INTERSECTS", "WITHIN", "CONTAINS", "TOUCHES", "CROSSES", "OVERLAPS", "EQUALS"):
            for text in (f"S_{word}(geometry, BBOX(87,44,87.05,44.05))", f"S_{word}(POINT(87 44), geometry)"):
                _requires_index(Filter(condition=parse(text, "cql2-text")))


def _shape(text: str, filter_crs: str | None) -> Any:
    return parse(text, "cql2-text", filter_crs).args[1].geometry  # type: ignore[union-attr]


def test_coordinates_are_read_in_the_system_that_is_named() -> None:
    here = shapely.Point(87.3, 44.0)
    assert _shape("S_WITHIN(geometry, POINT(87.3 44.0))", None) == here
    for system in (CRS84, CRS84.replace("http:", "https:"), "EPSG:4490", "EPSG:4326"):
        assert _shape("S_WITHIN(geometry, POINT(87.3 44.0))", system) == here
    for code in (4326, 4490):  # the registry's order: latitude first
        assert _shape("S_WITHIN(geometry, POINT(44.0 87.3))", f"{AUTHORITY}{code}") == here
    north, east = IN_ZONE.transform(44.0, 87.3)
    assert north < 5_000_000 < 29_000_000 < east
    for text, system in (
        (f"S_WITHIN(geometry, POINT({east} {north}))", "EPSG:4517"),
        (f"S_WITHIN(geometry, POINT({north} {east}))", f"{AUTHORITY}4517"),
    ):
        assert _shape(text, system).distance(here) < 1e-6


@pytest.mark.django_db
def test_a_box_in_a_zone_finds_what_the_same_box_in_degrees_finds() -> None:
    inside = feature(LAYER, shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.301, 44.001)])).id
    feature(LAYER, shapely.MultiPolygon([shapely.box(87.5, 44.0, 87.501, 44.001)]))
    south, west = IN_ZONE.transform(43.999, 87.299)
    zone = f"S_WITHIN(geometry, BBOX({west}, {south}, {west + 300}, {south + 300}))"
    assert taken(parse(zone, "cql2-text", "EPSG:4517")) == {inside}


@pytest.mark.parametrize(
    ("system", "text", "why"),
    [
        ("EPSG:2326", "POINT(1 2)", "不支持坐标系"),
        ("EPSG:3857", "POINT(20037509 0)", "坐标不在"),
        ("EPSG:2343", "POINT(1 2)", "没有公开的精确转换参数"),
        ("EPSG:4517; drop table x", "POINT(1 2)", "不认识坐标系"),
        ("+proj=pipeline +step +init=/etc/passwd", "POINT(1 2)", "不认识坐标系"),
        (f"{AUTHORITY}99999999", "POINT(1 2)", "不认识坐标系"),
        ("", "POINT(1 2)", "不认识坐标系"),
        ("EPSG:4517", "POINT(87.3 44.0)", "坐标不在"),
        ("EPSG:4517", "POINT(1e308 1e308)", "坐标不在"),
        ("EPSG:4517", "LINESTRING(1e308 -1e308, -1e308 1e308)", "图形太大"),
        # Some 2,000 km to and fro: in pieces of 70 m it would be more than a million points.
        ("EPSG:4517", f"LINESTRING({', '.join(f'29{i % 2}00000 {i + 1}' for i in range(90))})", "图形太大"),
        ("EPSG:4517", "BBOX(29524300, 4873900, 29524000, 4874300)", "顺序"),
    ],
)  # fmt: skip
def test_a_system_that_is_not_known_and_places_outside_it_are_refused(
    system: str, text: str, why: str
) -> None:
    with pytest.raises(FilterRefused) as refused:
        parse(f"S_WITHIN(geometry, {text})", "cql2-text", system)
    assert why in refused.value.told()


def test_queryables_are_the_fields_that_may_be_seen_with_their_types() -> None:
    told = queryables(view("contaminated_plot"))
    assert told["title"] == "污染地块"
    assert told["additionalProperties"] is False
    assert told["properties"]["geometry"] == {
        "title": "图形", "format": "geometry-any", "x-ogc-role": "primary-geometry",
    }  # fmt: skip
    assert told["properties"]["entry_date"] == {"title": "列入日期", "type": "string", "format": "date"}
    assert told["properties"]["risk_grade"] == {
        "title": "风险等级",
        "type": "string",
        "enum": ["high", "medium", "low"],
    }
    assert told["properties"]["has_boundary"]["type"] == "boolean"
    assert told["properties"]["max_ratio_control_class1"]["type"] == "number"
    assert set(queryables(view("contaminated_plot", fields=["name"]))["properties"]) == {"name", "geometry"}


def test_what_every_row_has_is_queryable_and_lists_and_tables_are_not() -> None:
    for layer in catalog.current().layers.values():
        properties = queryables(view(layer.id))["properties"]
        assert {"code", "name", "county", "has_boundary", "geometry"} <= set(properties)
        fields = {name for name, field in layer.fields.items() if field.type not in ("list", "table")}
        assert set(properties) == fields | {"code", "name", "county", "has_boundary", "geometry"}
        assert all({"type", "format"} & set(one) for one in properties.values())
