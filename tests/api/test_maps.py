"""Sheets of the map: at the scale that they say, of what was asked, and of nothing that its asker may not see."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import Any

import pyproj
import pytest
import shapely
from django.test import override_settings
from fastapi.testclient import TestClient

from api.papers.map_sheet import Sheet
from spatial.models import AuditEntry
from tests.api.conftest import Bearer
from tests.factories import day, feature, known_county

A, B = "652301", "652302"


def square(west: float, south: float, side: float = 0.004) -> Any:
    return shapely.MultiPolygon([shapely.box(west, south, west + side, south + side)])


@pytest.fixture
def plots(client: TestClient) -> None:
    """Two counties side by side with a plot in each, and one that came later."""
    for county, west in ((A, 87.0), (B, 87.2)):
        known_county(county, shapely.MultiPolygon([shapely.box(west, 44.0, west + 0.2, 44.2)]))
        name = {A: "甲地旧厂", B: "乙地旧厂"}[county]
        feature("suspected_plot", square(87.19 if county == A else 87.21, 44.1), county, name=name, code=f"S{county}",
                status="suspected")  # fmt: skip
    feature(
        "contaminated_plot",
        square(87.185, 44.098),
        A,
        name="丙地旧厂",
        code="C1",
        status="confirmed",
    )
    feature("contaminated_plot", square(87.19, 44.11), A, name="丁地旧厂", code="C2", status="closed",
            valid_from=day("2025-06-01"))  # fmt: skip


def text_of(paper: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=paper, capture_output=True, check=True)
    return done.stdout.decode()


def body(*layers: Any, **more: Any) -> dict[str, Any]:
    return {
        "layers": [{"id": one} if isinstance(one, str) else one for one in layers],
        "centre": [87.2, 44.105],
        "scale": 25_000,
        **more,
    }


@pytest.mark.usefixtures("plots")
def test_a_sheet_has_what_its_asker_may_see_and_nothing_else(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    told = {}
    for name, header in (("A", bearer("steward", A)), ("all", bearer("steward"))):
        answer = client.post("/maps", json=body("suspected_plot", "contaminated_plot"), headers=header)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        told[name] = text_of(answer.content)
    assert "甲地旧厂" in told["A"] and "乙地旧厂" not in told["A"]
    assert "甲地旧厂" in told["all"] and "乙地旧厂" in told["all"]
    assert client.post("/maps", json=body("suspected_plot")).status_code == 401
    stranger = client.post("/maps", json=body("contaminated_plot"))
    assert "丙地旧厂" in text_of(stranger.content)


@pytest.mark.usefixtures("plots")
def test_filter_classes_and_day_narrow_the_sheet_as_they_narrow_the_map(client: TestClient) -> None:
    def drawn(**layer: Any) -> str:
        asked = {"id": "contaminated_plot", **layer}
        return text_of(client.post("/maps", json=body(asked, **more)).content)

    more: dict[str, Any] = {}
    assert {"丙地旧厂", "丁地旧厂"} <= set(re.findall(r"[丙丁]地旧厂", drawn()))
    only = drawn(filter="name LIKE '丁%'")
    assert "丁地旧厂" in only and "丙地旧厂" not in only and "只画符合筛选条件的" in only
    without = drawn(off=["closed"])
    assert "丙地旧厂" in without and "丁地旧厂" not in without and "关掉的 1 类没有画" in without
    more = {"as_of": "2025-01-01"}
    before = drawn()
    assert "丙地旧厂" in before and "丁地旧厂" not in before and "2025-01-01" in before


@pytest.mark.usefixtures("plots")
def test_a_sheet_says_its_scale_and_is_noted_in_the_audit_trail(
    client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    header = bearer("planner")
    asked = body("suspected_plot", title="〔2026〕\u202e示例图", upright=True)
    told = text_of(client.post("/maps", json=asked, headers=header).content)
    assert "1:25000" in re.sub(r"[\u202f ]", "", told)
    assert "〔U+202E〕" in told
    assert AuditEntry.objects.filter(action="export", object="suspected_plot").exists()
    picture = client.post("/maps", json={**asked, "title": "x", "format": "png"}, headers=header)
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.usefixtures("plots")
def test_what_cannot_be_drawn_is_refused_in_words(client: TestClient, bearer: Callable[..., Bearer]) -> None:
    header = bearer("steward")
    for asked, status, code in (
        (body("no_such_layer"), 404, "layer_unknown"),
        (body("imagery"), 422, "layer_not_drawn"),
        (body("contaminated_plot", centre=[0, 0]), 422, "body_invalid"),
        (body("contaminated_plot", scale=0), 422, "body_invalid"),
        (body({"id": "contaminated_plot", "filter": "owner = 'x'"}), 400, "filter_invalid"),
    ):
        answer = client.post("/maps", json=asked, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_the_frame_holds_the_ground_that_its_paper_has_room_for() -> None:
    frame = Sheet("a4", False, (87.3052, 44.0163), 25_000).frame()
    west, south, east, north = frame.ground.bounds
    assert (east - west, north - south) == pytest.approx((frame.width_mm * 25, frame.height_mm * 25))
    to_zone = pyproj.Transformer.from_crs(4490, 4517, always_xy=True)
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx(
        to_zone.transform(87.3052, 44.0163), abs=0.01
    )
    assert Sheet("a3", True, (87.3, 44.0), 1000).size == (297.0, 420.0)


def test_the_policy_is_widened_for_the_origin_of_the_basemap_and_nothing_else(client: TestClient) -> None:
    usual = client.get("/healthz").headers["content-security-policy"]
    assert "http" not in usual
    addresses = [
        "https://t0.tianditu.gov.cn/img_w/wmts?x={x}&y={y}&z={z}&tk=1",
        "https://maps.example:8443/a.pmtiles",
    ]
    with override_settings(JINGTU_BASEMAP=addresses):
        told = client.get("/healthz").headers["content-security-policy"]
        assert client.get("/catalog").json()["basemap"] == addresses
    origins = "https://t0.tianditu.gov.cn https://maps.example:8443"
    assert told == usual.replace("data: blob:;", f"data: blob: {origins};").replace(
        "connect-src 'self';", f"connect-src 'self' {origins};"
    )
