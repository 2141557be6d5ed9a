# ruff: noqa: E501 (tables of addresses)
"""Every route × role × county × object: what is told, and what must not be, in bodies, counts, tiles, ETags and codes.

The table of routes is compared with the application's own: a new route without a row fails. The same reads are made
once more with the application's filter switched off: then row-level security alone keeps every word.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import shapely
from django.contrib.auth.models import User
from django.utils import timezone
from fastapi.testclient import TestClient

from spatial.models import ApiToken, Case, CheckRun, Draw, Inspection, Load, Manifest, Site
from tests.api.conftest import Bearer
from tests.api.test_answers import ELSEWHERE
from tests.api.told import Held, checkers
from tests.api.world import A, Asker, B, World, build, square
from tests.factories import known_county
from tests.test_docs import routes

SIGNS = ("JIA", "YI")
COUNTY = {"JIA": A, "YI": B}
READS: dict[str, list[str]] = {
    "GET /": ["/"],
    "GET /help": ["/help"],
    "GET /docs": ["/docs"],
    "GET /openapi.json": ["/openapi.json"],
    "GET /healthz": ["/healthz"],
    "GET /readyz": ["/readyz"],
    "GET /metrics": ["/metrics"],
    "GET /me": ["/me"],
    "GET /catalog": ["/catalog"],
    "GET /landuse": ["/landuse"],
    "GET /examples": ["/examples"],
    "GET /style.json": ["/style.json"],
    "GET /legend": ["/legend"],
    "GET /lifecycle": ["/lifecycle"],
    "GET /rules": ["/rules"],
    "GET /tiles/{layers}.json": ["/tiles/suspected_plot.json", "/tiles/contaminated_plot,suspected_plot.json"],
    "GET /tiles/{layers}/{z}/{x}/{y}.mvt": ["{tile suspected_plot SIGN}", "{tile contaminated_plot,suspected_plot SIGN}"],
    "GET /features/{layer}": [
        "/features/suspected_plot", "/features/contaminated_plot", "/features/suspected_plot?q=SECRETSIGN",
        "/features/closed_permit_enterprise?county=COUNTY", "/features/source_without_polygon",
        "/features/suspected_plot?filter=name LIKE '%25SIGN' OR TRUE",
    ],
    "GET /features/{layer}/{feature_id}": ["/features/suspected_plot/{feature SIGN}"],
    "GET /identify": ["{identify SIGN}"],
    "GET /ogc/": ["/ogc/"],
    "GET /ogc/conformance": ["/ogc/conformance"],
    "GET /ogc/api": ["/ogc/api"],
    "GET /ogc/wmts": ["/ogc/wmts"],
    "GET /ogc/tileMatrixSets": ["/ogc/tileMatrixSets"],
    "GET /ogc/tileMatrixSets/{tileMatrixSetId}": ["/ogc/tileMatrixSets/WebMercatorQuad"],
    "GET /ogc/collections": ["/ogc/collections"],
    "GET /ogc/collections/{layer}": ["/ogc/collections/suspected_plot"],
    "GET /ogc/collections/{layer}/queryables": ["/ogc/collections/suspected_plot/queryables"],
    "GET /ogc/collections/{layer}/items": [
        "/ogc/collections/suspected_plot/items", "/ogc/collections/contaminated_plot/items",
        "/ogc/collections/suspected_plot/items?sortby=-name&bbox=80,40,95,50&datetime=../..",
        "/ogc/collections/suspected_plot/items?f=csv", "/ogc/collections/closed_permit_enterprise/items?f=geojson",
    ],
    "GET /ogc/collections/{layer}/items/{featureId}": ["/ogc/collections/suspected_plot/items/{feature SIGN}"],
    "GET /ogc/collections/{layer}/tiles": ["/ogc/collections/suspected_plot/tiles"],
    "GET /ogc/collections/{layer}/tiles/{tileMatrixSetId}": ["/ogc/collections/suspected_plot/tiles/WebMercatorQuad"],
    "GET /ogc/collections/{layer}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": ["{ogctile suspected_plot SIGN}"],
    "GET /search": ["/search?q=SECRET", "/search?q=SUSSIGN", "/search?q=OPEN"],
    "GET /checks": ["/checks"],
    "GET /checks/{check_id}": ["/checks/{check SIGN}"],
    "GET /checks/{check_id}/report": ["/checks/{check SIGN}/report", "/checks/{check SIGN}/report?format=geojson",
        "/checks/{check SIGN}/report?format=pdf"],
    "GET /overlays": ["/overlays"],
    "GET /overlays/{overlay_id}": ["/overlays/{overlay SIGN}"],
    "GET /overlays/{overlay_id}/shapes": ["/overlays/{overlay SIGN}/shapes"],
    "GET /overlays/{overlay_id}/report": ["/overlays/{overlay SIGN}/report", "/overlays/{overlay SIGN}/report?format=geojson"],
    "GET /changes": ["/changes"],
    "GET /verify/{number}": ["/verify/{number SIGN}"],
    "GET /loads": ["/loads"],
    "GET /loads/{load_id}": ["/loads/{load SIGN}"],
    "GET /loads/{load_id}/issues": ["/loads/{load SIGN}/issues"],
    "GET /loads/{load_id}/quarantine": ["/loads/{load SIGN}/quarantine"],
    "GET /releases": ["/releases"],
    "GET /releases/{name}/changes": ["/releases/RELEASESIGN/changes"],
    "GET /jobs/{job_id}": ["/jobs/{job SIGN}"],
    "GET /jobs/{job_id}/papers": ["/jobs/{job SIGN}/papers"],
    "GET /packages/{job_id}/{file}": ["/packages/{job SIGN}/content", "/packages/{job SIGN}/tiles"],
    "GET /jobs/{job_id}/issues": ["/jobs/{job SIGN}/issues?format=csv"],
    "GET /sites": ["/sites", "/sites?q=SECRET", "/sites?county=COUNTY"],
    "GET /sites/{code}": ["/sites/SUSSIGN", "/sites/CONSIGN", "/sites/SUSSIGN?as_of=2026-02-01"],
    "GET /sites/{code}/soil": ["/sites/SUSSIGN/soil"],
    "GET /registers": ["/registers"],
    "GET /registers/{layer}": ["/registers/suspected_plot", "/registers/contaminated_plot"],
    "GET /registers/{layer}/file": ["/registers/suspected_plot/file", "/registers/contaminated_plot/file"],
    "GET /registers/{layer}/notices": ["/registers/suspected_plot/notices", "/registers/contaminated_plot/notices"],
    "GET /barred-uses": ["/barred-uses"],
    "GET /cases": ["/cases"],
    "GET /cases/{number}": ["/cases/{case SIGN}"],
    "GET /messages": ["/messages"],
    "GET /candidates": ["/candidates"],
    "GET /dashboard": ["/dashboard"],
    "GET /manifests": ["/manifests"],
    "GET /manifests/{number}": ["/manifests/{manifest SIGN}"],
    "GET /draws/{number}": ["/draws/{draw SIGN}"],
    "GET /inspections": ["/inspections"],
    "GET /inspections/{number}": ["/inspections/{inspection SIGN}"],
    "GET /attachments": ["/attachments?subject=site&key=SUSSIGN"],
    "GET /attachments/{attachment_id}": ["/attachments/{file SIGN}"],
    "GET /audit": ["/audit?limit=1000"],
    "GET /audit/chain": ["/audit/chain"],
    "GET /raster/{layer}.json": ["/raster/imagery.json", "/raster/suspected_plot.json"],
    "GET /raster/{layer}/{z}/{x}/{y}.png": ["/raster/imagery/12/3041/1488.png", "/raster/suspected_plot/12/3041/1488.png"],
}  # fmt: skip
"""Route → addresses. SIGN and COUNTY are each county's; {…} is a key of the world."""
ALIKE = {"GET /", "GET /help", "GET /docs", "GET /openapi.json", "GET /healthz", "GET /readyz", "GET /metrics", "GET /landuse",
         "GET /examples", "GET /lifecycle", "GET /verify/{number}", "GET /ogc/", "GET /ogc/conformance", "GET /ogc/api",
         "GET /ogc/tileMatrixSets", "GET /ogc/tileMatrixSets/{tileMatrixSetId}"}  # fmt: skip
"""What has no asker: a few are enough to see that it says the same to all."""
STREAMS = {"GET /events", "GET /jobs/{job_id}/events"}
"""They do not end by themselves; tests of their own (test_jobs) look at what they tell to whom."""
SHOWN_IN = {
    "SECRET": (
        "/features/suspected_plot", "/features/suspected_plot?filter=name LIKE '%25SIGN' OR TRUE",
        "/search?q=SECRET", "/search?q=SUSSIGN", "/sites", "/sites?q=SECRET", "/sites/SUSSIGN",
        "/registers/suspected_plot", "/registers/suspected_plot/notices", "/features/suspected_plot/{feature SIGN}",
        "{identify SIGN}", "{tile suspected_plot SIGN}", "/inspections/{inspection SIGN}", "{ogctile suspected_plot SIGN}",
        "/ogc/collections/suspected_plot/items", "/ogc/collections/suspected_plot/items/{feature SIGN}",
    ),
    "OPEN": ("/features/contaminated_plot", "/ogc/collections/contaminated_plot/items", "/search?q=OPEN", "/sites/CONSIGN", "/registers/contaminated_plot"),
    "PURPOSE": ("/checks", "/checks/{check SIGN}", "/checks/{check SIGN}/report", "/changes"),
    "OVERLAY": ("/overlays", "/overlays/{overlay SIGN}", "/overlays/{overlay SIGN}/shapes", "/overlays/{overlay SIGN}/report"),
    "CASE": ("/cases", "/cases/{case SIGN}"),
    "STEP": ("/cases/{case SIGN}",),
    "ROUTE": ("/manifests", "/manifests/{manifest SIGN}"),
    "NOTE": ("/sites/SUSSIGN",),
    "BARRED": ("/barred-uses",),
    "LOADED": ("/loads", "/loads/{load SIGN}", "/releases"),
    "PERMIT": ("/candidates",),
    "FILE": ("/attachments?subject=site&key=SUSSIGN",),
    "JOB": ("/jobs/{job SIGN}",),
    "LATE": ("/features/suspected_plot", "/ogc/collections/suspected_plot/items"),
}  # fmt: skip
"""Word → addresses where whoever may see it must see it: a wall that hides everything is none."""
WRITES: dict[str, tuple[str, Any, str]] = {
    "POST /checks": ("/checks", {"parcel": "PARCEL"}, "staff"),
    "POST /checks/upload": ("/checks/upload", None, "staff"),
    "POST /overlays": ("/overlays", {"area": "PARCEL", "with": ["suspected_plot"]}, "staff"),
    "POST /overlays/upload": ("/overlays/upload", None, "staff"),
    "POST /parcels/preview": ("/parcels/preview", None, "staff"),
    "POST /parcels/preview/issues": ("/parcels/preview/issues", None, "staff"),
    "POST /parcels/preview/text": ("/parcels/preview/text", {"text": "x"}, "staff"),
    "POST /checks/{check_id}/overrides": ("/checks/{check SIGN}/overrides", {"finding": {"rule": "X"}, "document_number": "1",
        "document_date": "2026-01-01", "person": "p", "reason": "r"}, "deciders of the check"),
    "POST /checks/{check_id}/overrides/{remark_id}/withdraw": ("/checks/{check SIGN}/overrides/1/withdraw", {"reason": "r"},
        "deciders of the check"),
    "POST /checks/{check_id}/disputes": ("/checks/{check SIGN}/disputes", {"finding": {"rule": "X"}, "reason": "r"},
        "disputers of the check"),
    "POST /checks/{check_id}/disputes/{remark_id}/withdraw": ("/checks/{check SIGN}/disputes/1/withdraw", {"reason": "r"},
        "readers of the check"),
    "POST /loads": ("/loads", None, "editors"),
    "POST /releases/{name}/publish": ("/releases/RELEASESIGN/publish", {}, "editors"),
    "POST /releases/{name}/unpublish": ("/releases/NOTTHERE/unpublish", {}, "nobody"),
    "POST /coverage/confirm-empty": ("/coverage/confirm-empty", {"layer": "suspected_plot", "county": "COUNTY", "person": "p"},
        "editors"),
    "POST /jobs/{job_id}/papers": ("/jobs/{job SIGN}/papers", {}, "nobody"),
    "POST /jobs/{job_id}/cancel": ("/jobs/{job SIGN}/cancel", {}, "administrators"),
    "POST /sites/{code}/events": ("/sites/SUSSIGN/events", {"after": 0, "events": [{"kind": "impose", "what": "access",
        "on": "2026-01-01", "actor": "county_ecology", "document_number": "1", "document_date": "2026-01-01"}]}, "editors"),
    "POST /successions": ("/successions", {"sites": {"SUSSIGN": 0}, "parts": [{"code": "X", "name": "x", "shape": "PARCEL"}],
        "on": "2026-01-01", "actor": "county_ecology", "document_number": "1", "document_date": "2026-01-01"}, "editors"),
    "POST /registers/{layer}/notices": ("/registers/suspected_plot/notices", {"number": "NX", "date": "2026-01-01", "title": "t",
        "actor": "land_user", "leave": [{"code": "SUSSIGN"}]}, "editors"),
    "POST /cases": ("/cases", {"kind": "transfer", "title": "", "parcel": "PARCEL"}, "openers"),
    "POST /cases/{number}/steps": ("/cases/{case SIGN}/steps", {"kind": "note", "after": 99}, "doers"),
    "POST /cases/{number}/checks": ("/cases/{case SIGN}/checks", {}, "doers"),
    "POST /cases/{number}/follow": ("/cases/{case SIGN}/follow", {"follow": False}, "staff in charge"),
    "POST /messages/read": ("/messages/read", {}, "staff"),
    "POST /manifests": ("/manifests", {"site": "SUSSIGN"}, "editors"),
    "POST /manifests/{number}/steps": ("/manifests/{manifest SIGN}/steps", {"kind": "close", "after": 99}, "field"),
    "POST /draws": ("/draws", {"lists": ["suspected_plot"], "county": "COUNTY", "sites": 1000}, "drawers"),
    "POST /inspections/{number}/steps": ("/inspections/{inspection SIGN}/steps", {"kind": "note", "after": 99}, "field"),
    "POST /packages": ("/packages", {"bbox": [88, 44, 87, 45], "name": "x"}, "of the field"),
    "POST /attachments": ("/attachments", None, "staff"),
    "POST /maps": ("/maps", {"layers": [{"id": "suspected_plot"}], "centre": [87.1, 44.1], "scale": 50000}, "staff"),
    "POST /raster/{layer}/statistics": ("/raster/imagery/statistics", {"parcel": "PARCEL"}, "staff"),
}  # fmt: skip
"""Route → address, a body that is refused for its content by whoever may send it, and who may."""
MAY: dict[str, Callable[[Asker, str], bool]] = {
    "nobody": lambda one, county: False,
    "staff": lambda one, county: one.role != "public",
    "administrators": lambda one, county: one.role == "administrator" and one.in_charge(county),
    "staff in charge": lambda one, county: one.in_charge(county),
    "editors": lambda one, county: one.role in ("steward", "administrator") and one.in_charge(county),
    "drawers": lambda one, county: one.role in ("steward", "administrator"),
    "openers": lambda one, county: one.role in ("clerk", "planner", "steward", "administrator"),
    "doers": lambda one, county: one.role not in ("public", "auditor") and one.in_charge(county),
    "field": lambda one, county: one.role in ("inspector", "steward", "administrator") and one.in_charge(county),
    "of the field": lambda one, county: one.role in ("inspector", "steward", "administrator"),
    "readers of the check": lambda one, county: one.in_charge(county)
    and (one.role in ("steward", "auditor", "administrator") or (one.role == "clerk" and bool(one.counties))),
    "deciders of the check": lambda one, county: one.role in ("steward", "administrator") and one.in_charge(county),
    "disputers of the check": lambda one, county: one.in_charge(county)
    and (one.role in ("steward", "administrator") or (one.role == "clerk" and bool(one.counties))),
}  # fmt: skip


@pytest.fixture
def world(client: TestClient, bearer: Callable[..., Bearer], tmp_path: Path) -> World:
    return build(client, bearer, tmp_path)


def addresses(world: World, pattern: str) -> list[tuple[str, str]]:
    """Each address that a pattern stands for, with its county."""
    found = {}
    for sign in SIGNS:
        text = pattern.replace("SIGN", sign).replace("COUNTY", COUNTY[sign])
        if text.startswith("{tile"):
            found[tile(text[1:-1].split()[1], COUNTY[sign])] = COUNTY[sign]
        elif text.startswith("{ogctile"):
            layers, z, x, y = tile(text[1:-1].split()[1], COUNTY[sign]).removesuffix(".mvt").split("/")[2:]
            found[f"/ogc/collections/{layers}/tiles/WebMercatorQuad/{z}/{y}/{x}"] = COUNTY[sign]
        elif text.startswith("{identify"):
            place = square(COUNTY[sign], 1).centroid
            found[f"/identify?lon={place.x}&lat={place.y}"] = COUNTY[sign]
        else:
            for name, key in world.keys.items():
                text = text.replace(f"{{{name}}}", key)
            found.setdefault(text, COUNTY[sign])
    return list(found.items())


def tile(layers: str, county: str) -> str:
    z, place = 12, square(county, 1).centroid
    x = int((place.x + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(place.y))) / math.pi) / 2 * 2**z)
    return f"/tiles/{layers}/{z}/{x}/{y}.mvt"


def test_every_route_has_a_row() -> None:
    assert {*READS, *STREAMS, *WRITES} == set(routes())


def told_words(world: World, body: bytes, but: str) -> set[str]:
    """The words in an answer that are not in the address itself."""
    return {word for word in world.words if word.encode() in body and word not in but}


@pytest.mark.parametrize("everybody", [False, pytest.param(True, marks=pytest.mark.long)])
def test_nobody_reads_what_is_not_his_and_everybody_what_is(
    client: Held, world: World, everybody: bool
) -> None:
    # What holds for one county's people holds for the other's: of those one is enough, to see that they differ.
    people = [one for one in world.askers if everybody or B not in one.counties or one.role == "clerk"]
    for route, patterns in READS.items():
        for pattern in patterns:
            for address, _ in addresses(world, pattern):
                bodies: dict[str, tuple[int, bytes, str]] = {}
                askers = people[:3] if route in ALIKE else people
                for one in askers:
                    answer = client.get(address, headers=one.header)
                    assert answer.status_code in (200, 204, 401, 403, 404), (
                        route,
                        address,
                        one.name,
                        answer.text,
                    )
                    shown = told_words(world, answer.content, address)
                    leaked = {word for word in shown if not world.words[word](one)}
                    assert not leaked, f"{one.name} reads {leaked} at {address}"
                    if route != "GET /audit" and pattern.startswith(tuple(sum(SHOWN_IN.values(), ()))):
                        missed = expected(world, pattern, address, one) - shown
                        assert not missed, (
                            f"{one.name} does not read {missed} at {address}: {answer.status_code}"
                        )
                    bodies[one.name] = (answer.status_code, answer.content, answer.headers.get("etag", ""))
                if route not in ("GET /metrics", "GET /audit", "GET /cases/{number}"):
                    cached_alike(client, askers, address, bodies)
    assert {" ".join(route) for route in checkers().keys() - client.seen} == set(ELSEWHERE)


def expected(world: World, pattern: str, address: str, one: Asker) -> set[str]:
    """The words that an asker must find at an address."""
    found = set()
    for word, patterns in SHOWN_IN.items():
        for sign in SIGNS if pattern in patterns else ():
            here = "SIGN" not in pattern or (address, COUNTY[sign]) in addresses(world, pattern)
            if here and f"{word}{sign}" not in address and world.words[f"{word}{sign}"](one):
                found.add(f"{word}{sign}")
    return found


def cached_alike(
    client: TestClient, askers: list[Asker], address: str, bodies: dict[str, tuple[int, bytes, str]]
) -> None:
    """Asked again in the other order everybody is told the same; another's ETag is honoured only for the same body."""
    tagged: dict[str, bytes] = {}
    for _, body, tag in bodies.values():
        assert not tag or tagged.setdefault(tag, body) == body, f"one ETag, two answers at {address}"
    # What has no ETag is made anew each time; a few are enough to see it.
    for one in reversed(askers if tagged else askers[:3]):
        status, body, _ = bodies[one.name]
        again = client.get(address, headers=one.header)
        assert (again.status_code, again.content) == (status, body), (address, one.name)
        for tag, others in tagged.items():
            if others != body:
                answer = client.get(address, headers={**one.header, "If-None-Match": tag})
                assert answer.status_code != 304, (address, one.name)


def test_counts_are_of_what_one_may_see(client: TestClient, world: World) -> None:
    for one in world.askers:
        answer = client.get("/features/suspected_plot", headers=one.header)
        if one.role == "public":
            assert answer.status_code == 401
            continue
        plots = 4 if not one.counties else 2
        assert answer.json()["numberMatched"] == plots, one.name
        told = client.get("/catalog", headers=one.header).json()
        layers = {layer["id"]: layer for group in told["groups"] for layer in group["layers"]}
        counted = [state.get("features") for state in layers["suspected_plot"]["coverage"]]
        assert sum(count or 0 for count in counted) == plots, one.name
    stranger = client.get("/catalog").text
    assert "SECRET" not in stranger


def test_nobody_does_what_is_not_his(client: TestClient, world: World) -> None:
    before = (CheckRun.objects.count(), Case.objects.count(), Site.objects.count(), Manifest.objects.count(),
              Draw.objects.count(), Inspection.objects.count(), Load.objects.count())  # fmt: skip
    for route, (pattern, body, who) in WRITES.items():
        for address, county in addresses(world, pattern):
            for one in world.askers:
                sent = None if body is None else filled(body, county)
                answer = client.post(address, json=sent, headers=one.header)
                allowed = MAY[who](one, county)
                refused = answer.status_code in (401, 403, 404)
                if allowed:  # what is to be withdrawn is not there
                    assert not refused or "withdraw" in route, (route, address, one.name, answer.text)
                else:
                    # What a body lacks may be said first; then nothing was done either.
                    assert refused or answer.status_code == 422, (route, address, one.name, answer.text)
                if one.role == "public":
                    assert answer.status_code in (401, 404, 422), (route, one.name, answer.text)
    checks = sum(MAY["staff"](one, A) for one in world.askers)
    of_cases = sum(MAY["doers"](one, COUNTY[sign]) for one in world.askers for sign in SIGNS)
    assert CheckRun.objects.count() - before[0] == checks + of_cases
    assert before[1:] == (Case.objects.count(), Site.objects.count(), Manifest.objects.count(),
                          Draw.objects.count(), Inspection.objects.count(), Load.objects.count())  # fmt: skip


def filled(body: Any, county: str) -> Any:
    sign = next(sign for sign, code in COUNTY.items() if code == county)
    if isinstance(body, dict):
        return {filled(name, county): filled(value, county) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(one, county) for one in body]
    if body == "PARCEL":
        return dict(shapely.geometry.mapping(square(county, 11)))
    return body.replace("SIGN", sign).replace("COUNTY", county) if isinstance(body, str) else body


def test_an_account_that_is_closed_and_a_token_that_is_over_or_withdrawn_open_nothing(
    client: TestClient, world: World
) -> None:
    clerk = next(one for one in world.askers if one.name == f"clerk {A}")
    assert client.get("/cases", headers=clerk.header).status_code == 200
    token = ApiToken.objects.get(user_id=clerk.user)
    for change, back in (
        ({"expires_at": timezone.now()}, {"expires_at": None}),
        ({"digest": "0" * 64}, {"digest": token.digest}),
    ):
        ApiToken.objects.filter(pk=token.pk).update(**change)
        assert client.get("/cases", headers=clerk.header).status_code == 401
        ApiToken.objects.filter(pk=token.pk).update(**back)
    User.objects.filter(pk=clerk.user).update(is_active=False)
    assert client.get("/cases", headers=clerk.header).status_code == 401
    User.objects.filter(pk=clerk.user).update(is_active=True)
    user = User.objects.get(pk=clerk.user)
    user.account.counties = [B]
    user.account.save()
    assert b"CASEJIA" not in client.get("/cases", headers=clerk.header).content


def test_a_token_opens_no_more_than_its_scope(client: TestClient, bearer: Callable[..., Bearer]) -> None:
    known_county()
    bearer("steward", A)
    user = User.objects.latest("pk")
    parcel = dict(shapely.geometry.mapping(shapely.box(87.1, 44.1, 87.101, 44.101)))
    asked = {
        "/checks": ({"parcel": parcel}, {"read": 403, "check": 201, "all": 201}),
        "/parcels/preview/text": ({"text": "x"}, {"read": 403, "check": 200, "all": 200}),
        "/messages/read": ({}, {"read": 403, "check": 403, "all": 200}),
        f"/checks/{UUID(int=1)}/disputes": (
            {"finding": {"rule": "X"}, "reason": "r"},
            {"read": 403, "check": 403, "all": 404},
        ),
        "/cases/YT-1/steps": ({"kind": "note", "after": 1}, {"read": 403, "check": 403, "all": 404}),
    }
    for scope in ("read", "check", "all"):
        header = {"Authorization": f"Bearer {ApiToken.issue(user, 'test', scope=scope)}"}
        assert client.get("/cases", headers=header).status_code == 200
        for path, (body, expected) in asked.items():
            assert client.post(path, json=body, headers=header).status_code == expected[scope], (path, scope)
