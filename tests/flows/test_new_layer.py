"""A layer that nobody thought of is one TOML file: load, tile, legend, identify and check all work from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from loaders import pipeline
from spatial import catalog, crs
from spatial.answer import geojson
from spatial.releases import publish
from tests.factories import known_county
from tests.grid import grid

PLAN = grid("""
    A . B . . C
    . . . . . .
    D . E . . F
    . . . . . .
    G . H . . I
""")

LAYER = """
id             = "sand_fixing_belt"
title          = "防风固沙林带"
title_en       = "sand-fixing shelter belt"
group          = "三区三线"
kind           = "stored"
role           = "restriction"
geometry       = "MultiPolygon"
owner          = "林业和草原主管部门"
refresh_months = 12
key            = "code"
name_field     = "name"
read           = "public"

[fields.code]
title  = "林带编号"
type   = "text"
source = ["林带编号", "LDBH"]

[fields.name]
title  = "名称"
type   = "text"
source = ["名称", "MC"]

[fields.grade]
title   = "级别"
type    = "choice"
source  = ["级别", "JB"]
choices = { national = "国家级", regional = "自治区级" }

[tile]
minzoom = 6
fields  = ["name", "grade"]
label   = "name"

[style]
label    = "防风固沙林带"
label_en = "Shelter belt"
order    = 423
minzoom  = 6
fill     = { color = "#2F6B2E", opacity = 0.1 }
line     = { color = "#2F6B2E", width = 1.5 }
text     = { note = "名称", minzoom = 11 }
"""


@pytest.fixture
def own_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A deployment's own folder with one layer more."""
    folder = tmp_path / "catalog"
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "sand_fixing_belt.toml").write_text(LAYER, encoding="utf-8")
    monkeypatch.setenv("JINGTU_CATALOG_DIR", str(folder))
    catalog.current.cache_clear()
    yield folder
    catalog.current.cache_clear()


def test_a_new_reference_layer_is_one_file(
    own_catalog: Path, client: TestClient, bearer: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    known_county(but=("sand_fixing_belt",))
    me = bearer("clerk", "652301")
    asked = {
        "parcel": geojson(PLAN.polygon("ABED")),
        "action": "supply",
        "project": {"may_pollute_soil": False},
    }

    # Known to the catalog and not loaded, it is a gap at once.
    before = client.post("/checks", json=asked, headers=me).json()
    assert [(gap["layer"], gap["kind"]) for gap in before["gaps"]] == [("sand_fixing_belt", "never_loaded")]

    delivery = tmp_path / "林带.gpkg"
    rows = {"林带编号": ["示例-1"], "名称": ["示例林带"], "级别": ["国家级"]}
    geopandas.GeoDataFrame(rows, geometry=[PLAN.flat("BCFE").buffer(20)], crs="EPSG:4538").to_file(delivery)
    result = pipeline.load(delivery, "sand_fixing_belt", county="652301", release="新图层", commit=True)
    assert (result.outcome, result.rows.loaded) == ("accepted", 1)
    publish("新图层")

    after = client.post("/checks", json=asked, headers=me).json()
    assert after["complete"] is True
    hit = next(finding for finding in after["findings"] if finding["layer"] == "sand_fixing_belt")
    assert (hit["rule"], hit["verdict"], hit["feature"]["name"]) == ("DAT-05", "notice", "示例林带")
    assert hit["overlap_area_m2"] == pytest.approx(20 * 200, rel=1e-3)

    longitude, latitude = PLAN.point("F").coords[0]
    tile = client.get("/tiles/sand_fixing_belt/13/6082/2978.mvt")
    found = mapbox_vector_tile.decode(tile.content)["sand_fixing_belt"]["features"]
    assert [one["properties"]["name"] for one in found] == ["示例林带"]
    assert [one["properties"]["grade"] for one in found] == ["national"]

    identified = client.get("/identify", params={"lon": longitude - 1e-4, "lat": latitude + 1e-4}).json()
    assert "示例林带" in str(identified)
    legend = client.get("/legend").json()
    assert "防风固沙林带" in str(legend)
    assert "sand_fixing_belt" in client.get("/style.json").json()["sources"]
    assert client.get("/tiles/sand_fixing_belt.json").json()["vector_layers"][0]["id"] == "sand_fixing_belt"


def test_the_tile_asked_for_is_the_one_that_holds_the_place() -> None:
    # z13: x = (87.302 + 180) / 360 * 2^13 = 6082.6, as the test above asks
    longitude, _ = crs.to_storage(PLAN.flat("ABED").centroid, 4538).coords[0]
    assert int((longitude + 180) / 360 * 2**13) == 6082
