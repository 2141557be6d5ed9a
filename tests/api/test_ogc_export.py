# ruff: noqa: E501 (programs)
"""Whole layers as files: every row and column, what the database holds, and that it was taken out."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import psycopg
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from fastapi.testclient import TestClient

from api.ogc import export
from api.ogc.files import WRITERS, Content
from spatial.models import AuditEntry, Feature
from tests.api.ogc import CRS84, EPSG, ITEMS, LAYER, box, dataset, get
from tests.factories import day, feature

Bearer = Callable[..., dict[str, str]]
MEDIA_TYPES = {
    "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8", "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3", "parquet": "application/vnd.apache.parquet",
}  # fmt: skip


@pytest.fixture
def rows(client: TestClient) -> dict[str, Feature]:
    return dataset()


def downloaded(client: TestClient, tmp_path: Path, query: str, path: str = ITEMS, **options: Any) -> Path:
    answer = client.get(f"{path}?{query}", **options)
    assert answer.status_code == 200, answer.text
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    file = tmp_path / name
    file.write_bytes(answer.content)
    return file


def read(file: Path) -> dict[str, dict[str, Any]]:
    """Rows by name, read by GDAL, pyarrow or json: plain values and `geometry`."""
    if file.suffix == ".geojson":
        told = json.loads(file.read_text())
        assert told["type"] == "FeatureCollection"
        return {
            one["properties"]["name"]: {
                **one["properties"],
                "geometry": shapely.geometry.shape(one["geometry"]) if one["geometry"] else None,
            }
            for one in told["features"]
        }
    if file.suffix == ".parquet":
        frame = geopandas.read_parquet(file)
    else:
        frame = pyogrio.read_dataframe(file)
    return {row["name"]: row for row in frame.to_dict("records")}


@pytest.mark.parametrize("f", MEDIA_TYPES)
def test_a_file_holds_every_row_as_the_database_does(
    client: TestClient, rows: dict[str, Feature], tmp_path: Path, f: str
) -> None:
    answer = client.get(f"{ITEMS}?f={f}&datetime=../..")
    assert answer.headers["content-type"] == MEDIA_TYPES[f]
    assert answer.headers["content-disposition"] == f'attachment; filename="{LAYER}.{f}"'
    file = downloaded(client, tmp_path, f"f={f}&datetime=../..")
    if f == "csv":
        told = {
            row["name"]: {**row, "geometry": shapely.from_wkt(row["geometry"]) if row["geometry"] else None}
            for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
        }
    else:
        told = read(file)
    assert set(told) == {"甲", "乙", "丙", "丁"}
    for name, row in rows.items():
        assert told[name]["code"] == row.code
        assert told[name]["county"] == row.county
        assert str(told[name]["has_boundary"]).lower() == str(row.has_boundary).lower()
        if f != "geojson":
            assert int(told[name]["feature_id"]) == row.pk
        shape = told[name]["geometry"]
        if row.geom is None:
            assert shape is None
        else:
            assert shapely.equals_exact(shape, shapely.from_wkb(bytes(row.geom.wkb)), tolerance=0)
    assert told["甲"]["status"] == "closed"


@pytest.mark.parametrize("f", ["fgb", "gpkg", "parquet"])
def test_a_file_is_in_the_system_of_the_store_unless_another_is_asked(
    client: TestClient, rows: dict[str, Feature], tmp_path: Path, f: str
) -> None:
    def system(query: str) -> Any:
        file = downloaded(client, tmp_path, f"f={f}{query}")
        return geopandas.read_parquet(file) if f == "parquet" else pyogrio.read_dataframe(file)

    assert system("").crs.to_epsg() == 4490
    assert client.get(f"{ITEMS}?f={f}").headers["content-crs"] == f"<{EPSG}4490>"
    zone = system(f"&crs={EPSG}4517")
    assert zone.crs.to_epsg() == 4517
    east, north = zone.geometry.iloc[0].bounds[:2]  # files have easting first
    assert (east, north) == pytest.approx((29_500_000, 4_873_000), abs=1000)
    assert system(f"&crs={CRS84}").crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326"))


def test_columns_have_the_types_of_the_catalog(client: TestClient, bearer: Bearer, tmp_path: Path) -> None:
    feature(
        LAYER,
        box(87.0, 44.0),
        code="007",
        name="甲",
        max_ratio_screening_class1=3.5,
        risk_assessment_reviewed=True,
    )
    feature(LAYER, box(87.1, 44.0), code="008", name="乙", max_ratio_screening_class1=4)
    feature(LAYER, box(87.2, 44.0), code="009", name="丙", max_ratio_screening_class1="much")
    file = downloaded(client, tmp_path, "f=parquet", headers=bearer("administrator"))
    table = pq.read_table(file)
    told = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert (told["code"], told["max_ratio_screening_class1"], told["risk_assessment_reviewed"]) == (
        "string",
        "double",
        "bool",
    )
    assert table["max_ratio_screening_class1"].to_pylist() == [3.5, 4.0, None]
    assert table["risk_assessment_reviewed"].to_pylist() == [True, None, None]
    assert json.loads(table.schema.metadata[b"geo"])["primary_column"] == "geometry"


def test_nothing_in_a_csv_is_a_formula(client: TestClient) -> None:
    for number, name in enumerate(["=1+1", "+1", "-1", "@x", "\t=1", 'a"b,c\nd', "plain"]):
        feature("park", box(87.0 + number / 10, 44.0), name=name)
    text = client.get("/ogc/collections/park/items?f=csv").text
    assert text.startswith("\ufeff")
    told = [row["name"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    assert told == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", 'a"b,c\nd', "plain"]


def test_a_file_takes_the_conditions_the_order_and_the_limit_of_the_question(
    client: TestClient, rows: dict[str, Feature], tmp_path: Path
) -> None:
    file = downloaded(client, tmp_path, "f=geojson&datetime=../..&bbox=86,43,88,45&sortby=-name&limit=2")
    assert [one["properties"]["name"] for one in json.loads(file.read_text())["features"]] == ["甲", "乙"]
    assert list(read(downloaded(client, tmp_path, "f=gpkg&datetime=2026-02-01"))) == ["甲", "乙", "丁"]


@pytest.mark.parametrize("f", MEDIA_TYPES)
def test_a_layer_without_rows_is_a_file_without_rows(client: TestClient, tmp_path: Path, f: str) -> None:
    file = downloaded(client, tmp_path, f"f={f}", "/ogc/collections/park/items")
    if f == "csv":
        assert len(file.read_text("utf-8-sig").splitlines()) == 1
    elif f == "geojson":
        assert json.loads(file.read_text()) == {"type": "FeatureCollection", "features": []}
    else:
        assert read(file) == {}


def test_a_derived_layer_is_exported_with_where_its_rows_come_from(
    client: TestClient, bearer: Bearer, tmp_path: Path
) -> None:
    feature("suspected_plot", shapely.Point(87.0, 44.0), code="1", name="点", status="suspected")
    path = "/ogc/collections/source_without_polygon/items"
    told = read(downloaded(client, tmp_path, "f=gpkg", path, headers=bearer("clerk", "652301")))
    assert told["点"]["list"] == "suspected_plot"
    assert told["点"]["geometry"].equals(shapely.Point(87.0, 44.0))


def said(action: str = "export") -> list[dict[str, Any]]:
    every = [json.loads(row.said) for row in AuditEntry.objects.order_by("number")]
    return [one for one in every if one["action"] == action]


def test_what_an_account_takes_out_and_what_is_not_public_is_kept(client: TestClient, bearer: Bearer) -> None:
    feature("suspected_plot", box(87.0, 44.0), code="1", name="甲")
    feature(LAYER, box(87.0, 44.0), code="1", name="甲")
    clerk = bearer("clerk", "652301")
    before = len(said())
    client.get(f"{ITEMS}?f=csv")
    client.get(ITEMS, headers=clerk)
    client.get("/ogc/collections/suspected_plot/items?f=csv")
    assert len(said()) == before  # public to a stranger, a page, and refused
    client.get(f"{ITEMS}?f=gpkg", headers=clerk)
    client.get("/ogc/collections/suspected_plot/items?f=csv&datetime=2026-08-01", headers=clerk)
    assert [
        (one["object"], one["how"], one["format"], one["role"], one["rows"]) for one in said()[before:]
    ] == [
        (LAYER, "begun", "gpkg", "clerk", 1),
        ("suspected_plot", "begun", "csv", "clerk", 1),
    ]
    assert said()[-1]["asked"] == "f=csv&datetime=2026-08-01"
    assert said()[-1]["counties"] == ["652301"]


def test_no_more_than_two_are_under_way_and_one_that_ends_makes_room(
    client: TestClient, rows: dict[str, Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 0)
    refused = client.get(f"{ITEMS}?f=csv")
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    monkeypatch.undo()
    for _ in range(3):
        for f in MEDIA_TYPES:
            assert client.get(f"{ITEMS}?f={f}").status_code == 200
    assert not export._running


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
import shapely
from api.ogc.files import WRITERS, Content
f, path = sys.argv[1], Path(sys.argv[2])
shape = shapely.multipolygons([shapely.Point(87, 44).buffer(0.01)])
content = Content("x", [("name", "text")], "EPSG:4490", ("MultiPolygon",))
rows = ([(n * 100 + m, str(n * m), shapely.affinity.translate(shape, n / 97, m / 89).wkb) for m in range(100)] for n in range(100))
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
try:
    WRITERS[f](path, content, rows)
except OSError as error:
    print("refused", error.errno)
"""


@pytest.mark.parametrize("f", WRITERS)
def test_a_file_that_finds_no_room_is_refused_and_not_sent_in_part(tmp_path: Path, f: str) -> None:
    words = [sys.executable, "-c", ON_A_FULL_DISK, f, str(tmp_path / f"a.{f}")]
    told = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("refused"), told


@pytest.mark.parametrize("f", WRITERS)
def test_what_the_database_says_in_the_middle_of_a_file_is_what_is_told(tmp_path: Path, f: str) -> None:
    def rows() -> Iterator[list[tuple[Any, ...]]]:
        yield [(1, "甲", box(87.0, 44.0).wkb)]
        raise psycopg.errors.QueryCanceled

    content = Content("x", [("name", "text")], "EPSG:4490", ("MultiPolygon",))
    with pytest.raises(psycopg.errors.QueryCanceled):
        WRITERS[f](tmp_path / f"a.{f}", content, rows())


def test_rows_of_another_day_are_not_in_the_file(client: TestClient) -> None:
    feature("park", box(87.0, 44.0), name="旧", valid_to=day("2020-01-01"))
    feature("park", box(87.0, 44.0), name="今")
    text = client.get("/ogc/collections/park/items?f=csv").text
    assert "今" in text and "旧" not in text
    assert get(client, "/ogc/collections/park/items?datetime=2019-01-01")["numberMatched"] == 2
