"""One parcel in the forms in which it is handed in gives one answer; so do parcel and surroundings moved together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyproj
import pytest
import shapely
from fastapi.testclient import TestClient
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from spatial.checks import Question, run_check
from spatial.geometry import polygons_of
from tests.api.conftest import Bearer
from tests.factories import feature, known_county
from tests.loaders import files
from tests.spatial.test_differential import area_m2, drawn
from tests.spatial.test_metamorphic import ATTRIBUTES, SHOP, areas, said

ZONE = "EPSG:4517"  # CGCS2000, 3-degree zone 29, eastings with the zone's number
WEST, NORTH = 29524570.0, 4876500.0
TO_DEGREES = pyproj.Transformer.from_crs(ZONE, "EPSG:4490", always_xy=True)
USES = {"action": "use_change", "proposed_use": "MNR-2023:0901"}


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Metres east and south of the corner; every corner lies on a millimetre."""
    return shapely.box(WEST + x, NORTH - y - height, WEST + x + width, NORTH - y)


PARCELS = {
    "cut by a zone": box(0, 0, 100.123, 80.457),
    "touches a zone": box(200, 0, 100, 80),
    "with a hole": shapely.difference(box(0, 0, 100, 80), box(30, 20, 40, 30)),
    "a sliver of a zone": box(299.7, 0, 50, 80),
    "meets nothing": box(800, 800, 30, 30),
}
ZONES = {
    "eco_redline": box(60, -50, 40.5, 200),
    "suspected_plot": box(300, 0, 60, 80),
    "farmland_class": box(-500, -500, 520, 560),
}


def degrees(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda points: _moved(points))


def _moved(points: Any) -> Any:
    return shapely.get_coordinates(shapely.points(*TO_DEGREES.transform(points[:, 0], points[:, 1])))


def lines(shape: shapely.Polygon) -> str:
    """The lines of a boundary-point file: number, ring, north, east."""
    told, number = [], 0
    for ring_number, ring in enumerate([shape.exterior, *shape.interiors], 1):
        corners = list(ring.coords)[:-1]
        first = number + 1
        for east, north in corners:
            number += 1
            told.append(f"J{number},{ring_number},{north:.3f},{east:.3f}")
        told.append(f"J{first},{ring_number},{corners[0][1]:.3f},{corners[0][0]:.3f}")
    hectares = area_m2(degrees(shape)) / 10_000
    return "\n".join([f"{number},{hectares:.4f},P1,示例,面,,,,@", *told])


@pytest.mark.parametrize("name", PARCELS)
def test_a_parcel_is_answered_alike_in_whichever_form_it_comes(
    name: str, client: TestClient, bearer: Callable[..., Bearer], tmp_path: Path
) -> None:
    known_county()
    for layer, zone in ZONES.items():
        feature(layer, polygons_of(degrees(zone)), code=layer, **ATTRIBUTES[layer])
    parcel, me = PARCELS[name], bearer("clerk", "652301")

    def uploaded(path: Path, **form: str) -> dict[str, Any]:
        given = client.post(
            "/checks/upload", files={"file": (path.name, path.read_bytes())}, data=USES | form, headers=me
        )
        assert given.status_code == 201, given.text
        return given.json()  # type: ignore[no-any-return]

    use = {"system": "MNR-2023", "code": "0901"}
    body = {
        "parcel": shapely.geometry.mapping(parcel),
        "crs": ZONE,
        "action": "use_change",
        "proposed_use": use,
    }
    given = client.post("/checks", json=body, headers=me)
    assert given.status_code == 201, given.text
    row = {"DKBM": "P1"}
    answers = {
        "body": given.json(),
        "txt": uploaded(files.boundary_txt(tmp_path / "a.txt", lines(parcel))),
        "shapefile": uploaded(files.zipped_shapefile(tmp_path / "a.zip", [(parcel, row)], crs=ZONE)),
        "geojson": uploaded(files.geojson(tmp_path / "a.geojson", [(degrees(parcel), row)])),
    }
    first = answers["body"]
    expected = {layer: degrees(shapely.intersection(parcel, zone)) for layer, zone in ZONES.items()}
    for form, answer in answers.items():
        assert said(answer) == said(first), form
        assert areas(answer) == pytest.approx(areas(first), rel=1e-6, abs=0.011), form
        for told in answer["layers"]:
            if told["layer"] in expected:
                wanted = area_m2(polygons_of(expected[told["layer"]]))
                assert told["overlap_area_m2"] == pytest.approx(wanted, rel=1e-6, abs=0.011), (form, told)
    assert {one["layer"] for one in first["layers"] if one["state"] == "hit"} == {
        layer for layer, zone in ZONES.items() if shapely.intersection(parcel, zone).area > 0
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("north", [0.0, 0.07])
def test_parcel_and_surroundings_that_are_moved_together_are_answered_alike(seed: int, north: float) -> None:
    random = Random(seed)
    known_county()
    east = 0.0625  # far beyond every reach, and no rounding in binary fractions
    parcel = drawn(random)
    for number in range(30):
        layer, shape = random.choice(sorted(ATTRIBUTES)), drawn(random)
        moved = affinity.translate(shape, east, north)
        for code, one in ((f"A{number}", shape), (f"B{number}", polygons_of(moved))):
            feature(layer, one, code=code, **ATTRIBUTES[layer])

    def answered(shape: BaseGeometry) -> tuple[Any, list[float], list[Any]]:
        answer = run_check(Question(polygons_of(shape), **SHOP)).answer  # type: ignore[arg-type]
        found = sorted(
            (f["rule"], f["verdict"], f["layer"], (f["feature"] or {"code": "-"})["code"][1:])
            for f in answer["findings"]
        )
        return (answer["verdict"], answer["complete"]), areas(answer), found

    here, there = answered(parcel), answered(affinity.translate(parcel, east, north))
    assert there[0] == here[0]
    assert there[2] == here[2]
    # The ground under a square degree grows smaller to the north; along a parallel it stays the same.
    scale = area_m2(affinity.translate(parcel, east, north)) / area_m2(parcel)
    assert there[1] == pytest.approx(
        [scale * area for area in here[1]], rel=2e-5 if north else 1e-6, abs=0.03
    )
