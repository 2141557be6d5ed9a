# ruff: noqa: E501 (a table of things)
"""Two counties with the same things in each, every thing with a word of its own that tells where it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from fastapi.testclient import TestClient

from api.overlays.job import make_overlay
from loaders.pipeline import load
from spatial.models import ApiToken, Feature, Inspection, Job
from spatial.recheck import recheck
from spatial.releases import publish
from tests.api.conftest import Bearer
from tests.api.test_field_work import PNG, attach, transport
from tests.api.test_registers import asks, event, line, notice
from tests.factories import known_county
from tests.loaders import files

A, B = "652301", "652302"
STAFF = ("clerk", "planner", "inspector", "steward", "auditor", "administrator")
WHOLE = ("clerk", "steward", "auditor")
"""Roles of which somebody is in charge of the whole region too."""
OVERSEERS = ("steward", "auditor", "administrator")
GROUND = {A: shapely.box(87.0, 44.0, 87.2, 44.2), B: shapely.box(87.3, 44.0, 87.5, 44.2)}


def square(county: str, at: int) -> Any:
    west, south, *_ = GROUND[county].bounds
    return shapely.box(west + at / 100, south + 0.01, west + at / 100 + 0.005, south + 0.015)


@dataclass(frozen=True)
class Asker:
    """Somebody who asks; no role is a stranger. `counties` empty: the whole region."""

    name: str
    role: str
    counties: tuple[str, ...]
    header: Bearer
    user: int | None = None

    def in_charge(self, *counties: str) -> bool:
        """Staff of one of these counties."""
        return self.role in STAFF and (not self.counties or bool(set(counties) & set(self.counties)))


@dataclass(frozen=True)
class World:
    """`words`: what shows that a thing was told → who may be told it. `keys`: by name, what addresses need."""

    askers: list[Asker]
    words: dict[str, Callable[[Asker], bool]]
    keys: dict[str, str]


def askers(bearer: Callable[..., Bearer]) -> Iterator[Asker]:
    yield Asker("stranger", "public", (), {})
    for role in STAFF:
        for counties in ((A,), (B,), ()) if role in WHOLE else ((A,), (B,)):
            header = bearer(role, *counties)
            user = ApiToken.objects.latest("pk").user_id
            yield Asker(f"{role} {'+'.join(counties) or 'all'}", role, counties, header, user)


def build(client: TestClient, bearer: Callable[..., Bearer], tmp_path: Path) -> World:
    """The world, made over HTTP as people would."""
    known_county(A, shapely.MultiPolygon([GROUND[A]]))
    known_county(B, shapely.MultiPolygon([GROUND[B]]))
    people = list(askers(bearer))
    whole = asks(client, next(one.header for one in people if one.name == "steward all"))
    words: dict[str, Callable[[Asker], bool]] = {}
    keys: dict[str, str] = {}
    for county, sign in ((A, "JIA"), (B, "YI")):
        own = _Own(client, people, county, sign)
        suspected = line(f"SUS{sign}", square(county, 1), name=f"SECRET{sign}") | {"county": county}
        whole("/registers/suspected_plot/notices",
              notice(f"NOTICE{sign}", "2026-01-10", [suspected], actor="county_ecology"))  # fmt: skip
        note = event("impose", "access", "2026-02-01", "county_ecology", note=f"NOTE{sign}")
        whole(f"/sites/SUS{sign}/events", {"after": 1, "events": [note]})
        bar = event(
            "bar_use", "MNR-2023:0701", "2026-02-02", "prefecture_ecology", detail={"text": f"BARRED{sign}"}
        )
        whole(f"/sites/SUS{sign}/events", {"after": 2, "events": [bar]})
        open_ = line(f"CON{sign}", square(county, 3), name=f"OPEN{sign}") | {"county": county}
        whole("/registers/contaminated_plot/notices", notice(f"OPENPAPER{sign}", "2026-01-11", [open_]))
        plot = event("impose", "access", "2026-02-01", "county_ecology", note=f"PLOTNOTE{sign}")
        whole(f"/sites/CON{sign}/events", {"after": 1, "events": [plot]})
        permit = [
            (
                square(county, 5),
                {"permit_no": f"PERMIT{sign}", "name": f"CLOSED{sign}", "permit_status": "revoked"},
            )
        ]
        path = files.geojson(tmp_path / f"LOADED{sign}.geojson", permit)
        load(path, "closed_permit_enterprise", county=county, release=f"RELEASE{sign}", commit=True)
        publish(f"RELEASE{sign}")
        parcel = dict(shapely.geometry.mapping(square(county, 8)))
        check = own.ask(
            "clerk", "/checks", {"parcel": parcel, "purpose": f"PURPOSE{sign}", "action": "use_change"}
        )
        over = {
            "title": f"OVERLAY{sign}",
            "area": dict(shapely.geometry.mapping(square(county, 1))),
            "with": ["suspected_plot", "contaminated_plot"],
        }
        laid = make_overlay(Job.objects.get(pk=own.ask("clerk", "/overlays", over, 202)["job"]), _silent)
        case = own.ask("clerk", "/cases", {"kind": "transfer", "title": f"CASE{sign}", "parcel": parcel})
        own.ask(
            "clerk", f"/cases/{case['number']}/steps", {"kind": "note", "after": 1, "note": f"STEP{sign}"}
        )
        manifest = whole(
            "/manifests",
            {**transport(), "site": f"SUS{sign}", "route": f"ROUTE{sign}", "receiver_county": county},
        )
        draw = whole(
            "/draws", {"lists": ["suspected_plot"], "county": county, "sites": 1, "inspectors_each": 1}
        )
        file = attach(client, own.header("inspector"), f"FILE{sign}.png", PNG, key=f"SUS{sign}").json()
        job = Job.objects.create(
            kind="load", layer="suspected_plot", title=f"JOB{sign}", counties=[county], state="done"
        )
        keys |= {f"check {sign}": check["id"], f"overlay {sign}": laid["overlay"], f"case {sign}": case["number"], f"manifest {sign}": manifest["number"],
                 f"draw {sign}": draw["number"], f"inspection {sign}": draw["inspections"][0], f"file {sign}": file["id"],
                 f"job {sign}": str(job.pk), f"number {sign}": check["number"],
                 f"feature {sign}": str(Feature.objects.get(layer="suspected_plot", code=f"SUS{sign}").pk),
                 f"load {sign}": str(Feature.objects.get(layer="closed_permit_enterprise", code=f"PERMIT{sign}").load_id)}  # fmt: skip
        words |= _words(county, sign, own.user("clerk"))
        words[keys[f"inspection {sign}"]] = words[f"SECRET{sign}"]
    # Something changes for both clerks, so that there are changes and messages.
    for county, sign in ((A, "JIA"), (B, "YI")):
        late = line(f"LATE{sign}", square(county, 8), name=f"LATE{sign}") | {"county": county}
        whole(
            "/registers/suspected_plot/notices",
            notice(f"LATENOTICE{sign}", "2026-03-01", [late], actor="county_ecology"),
        )
    recheck()
    assert Inspection.objects.count() == 2
    return World(people, words, keys)


def _silent(stage: str, done: int, total: int | None = None) -> None:
    """Nobody looks on."""


class _Own:
    """What is done by people of one county."""

    def __init__(self, client: TestClient, people: list[Asker], county: str, sign: str) -> None:
        self.client, self.people, self.county, self.sign = client, people, county, sign

    def _one(self, role: str) -> Asker:
        return next(one for one in self.people if one.role == role and one.counties == (self.county,))

    def header(self, role: str) -> Bearer:
        return self._one(role).header

    def user(self, role: str) -> int | None:
        return self._one(role).user

    def ask(self, role: str, path: str, body: Any, status: int = 201) -> Any:
        return asks(self.client, self.header(role))(path, body, status)


def _words(county: str, sign: str, clerk: int | None) -> dict[str, Callable[[Asker], bool]]:
    def staff(one: Asker) -> bool:
        return one.in_charge(county)

    def overseer(one: Asker) -> bool:
        return one.role in OVERSEERS and one.in_charge(county)

    def asker_or_overseer(one: Asker) -> bool:
        return one.user == clerk or overseer(one)

    def anyone(one: Asker) -> bool:
        return True

    return {
        f"SECRET{sign}": staff,
        f"NOTE{sign}": staff,
        f"BARRED{sign}": staff,
        f"PLOTNOTE{sign}": staff,
        f"NOTICE{sign}": staff,
        f"LATENOTICE{sign}": staff,
        f"OPEN{sign}": anyone,
        f"PERMIT{sign}": staff,
        f"CLOSED{sign}": staff,
        f"PURPOSE{sign}": asker_or_overseer,
        f"OVERLAY{sign}": asker_or_overseer,
        f"CASE{sign}": staff,
        f"STEP{sign}": staff,
        f"ROUTE{sign}": staff,
        f"FILE{sign}": staff,
        f"LOADED{sign}": overseer,
        f"JOB{sign}": overseer,
        f"LATE{sign}": staff,
    }
