"""A small dataset for the tests of the OGC API, and what the standards' abstract tests ask over and over."""

from __future__ import annotations

from typing import Any

import shapely
from fastapi.testclient import TestClient
from shapely.geometry.base import BaseGeometry

from spatial.models import Feature
from tests.factories import day, feature

HOME = "http://127.0.0.1/ogc"
LAYER = "contaminated_plot"
ITEMS = f"/ogc/collections/{LAYER}/items"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def box(west: float, south: float, side: float = 0.01) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(west, south, west + side, south + side)])


def dataset() -> dict[str, Feature]:
    """Plots by name: two in the west, one of them over since March; one in the east, from July; one without place."""
    return {
        "甲": feature(
            LAYER, box(87.0, 44.0), code="A", name="甲", max_ratio_screening_class1=10, status="closed"
        ),
        "乙": feature(LAYER, box(87.1, 44.1), code="B", name="乙", valid_to=day("2026-03-01")),
        "丙": feature(
            LAYER,
            box(89.5, 44.0),
            county="652325",
            code="C",
            name="丙",
            valid_from=day("2026-07-01"),
            status="confirmed",
        ),
        "丁": feature(LAYER, None, code="D", name="丁", status="closed"),
    }


def get(client: TestClient, path: str, status: int = 200, **options: Any) -> Any:
    answer = client.get(path, **options)
    assert answer.status_code == status, answer.text
    return answer.json()


def names(told: dict[str, Any]) -> list[str]:
    return [one["properties"]["name"] for one in told["features"]]


def links(told: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [one for one in told["links"] if one["rel"] == rel]


def path_of(href: str) -> str:
    assert href.startswith(HOME), href
    return href.removeprefix("http://127.0.0.1")


def shape_of(told: dict[str, Any]) -> BaseGeometry:
    return shapely.geometry.shape(told["geometry"])
