"""What a package says it does not know: of one revision, of ground without a county, of what did not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import shapely
from django.contrib.auth.models import User
from django.db import connections
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from api.errors import TooLarge
from api.packages_job import folder_of, make_package
from spatial import catalog, wall
from spatial.models import Account, Job, LeftOut
from tests.api.ogc import box
from tests.factories import LIVE, covered, feature, features, known_county, load_of, revision

pytestmark = pytest.mark.django_db(transaction=True)
BOX = [87.30, 43.99, 87.3355, 44.02]
LATER = Int4Multirange([Int4Range(2, None)])
Progress = Callable[[str, int, int | None], None]


def made(ground: list[float] = BOX, progress: Progress = lambda *_: None) -> tuple[dict[str, Any], Any]:
    """What is told of a package of an inspector of all counties, and its content."""
    wall.keep_rights(catalog.current())
    user = User.objects.create(username="inspector")
    Account.objects.create(user=user, role="inspector", counties=[])
    job = Job(kind=Job.Kind.PACKAGE, by=user, given={"bbox": ground, "name": "示例镇"})
    result = make_package(job, progress)  # type: ignore[arg-type]
    return result, json.loads((folder_of(job.pk) / "content").read_text(encoding="utf-8"))


def first_published() -> None:
    revision(2)
    feature("park", box(87.31, 44.0), name="新公园", revisions=LATER)
    covered("park", revisions=LATER)
    connections.close_all()


def test_a_layer_that_is_first_published_meanwhile_is_a_gap() -> None:
    known_county(but=("park",))
    begun = []

    def meanwhile(stage: str, done: int, total: int | None) -> None:
        if not begun:
            begun.append(stage)
            other = Thread(target=first_published)
            other.start()
            other.join()

    told, content = made(progress=meanwhile)
    assert begun and "park" not in content["found"]
    assert told["gaps"] == [{"layer": "park", "county": "652301", "state": "never_loaded"}]
    assert told["revision"] == 1


def test_where_no_county_is_known_nothing_is_and_that_is_said() -> None:
    told, _ = made()
    assert told["gaps"] == [{"layer": "admin_county", "county": "", "state": "no_county"}]


def test_a_box_that_reaches_beyond_all_counties_says_so_and_a_sliver_between_two_is_none() -> None:
    known_county(shape=shapely.MultiPolygon([shapely.box(87.0, 43.0, 87.3100, 45.0)]))
    told, _ = made()
    assert told["gaps"] == [{"layer": "admin_county", "county": "", "state": "no_county"}]
    known_county("652302", shapely.MultiPolygon([shapely.box(87.3103, 43.0, 88.0, 45.0)]))  # some 24 m
    User.objects.all().delete()
    assert made()[0]["gaps"] == []


def test_rows_that_wait_and_data_of_a_part_of_a_county_are_gaps() -> None:
    known_county(but=("park",))
    covered("park", area=box(86.5, 43.0).wkt)
    layer = load_of("suspected_plot")
    LeftOut.objects.create(layer="suspected_plot", county="652301", load=layer, rows=2, revisions=LIVE)
    told, _ = made()
    assert {(one["layer"], one["county"], one["state"]) for one in told["gaps"]} == {
        ("park", "652301", "partial"),
        ("suspected_plot", "652301", "partial"),
    }


def test_of_rows_without_a_place_that_do_not_fit_the_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known_county()
    features("suspected_plot", [{"shape": None, "code": f"S{n}", "name": f"第{n}块"} for n in range(5)])
    monkeypatch.setattr("api.packages_job.MOST_UNLOCATED", 2)
    told, content = made()
    assert len(content["nowhere"]["suspected_plot"]) == 2
    assert (told["unlocated"], told["left_off"]) == (5, {"suspected_plot": 3})


@pytest.mark.parametrize("most", [50, 20_000])  # too small for the tiles; for what goes with them
def test_what_is_larger_than_a_phone_can_prove_is_not_made(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    known_county()
    features("suspected_plot", [{"shape": None, "code": f"S{n}", "name": "远处" * 9} for n in range(300)])
    monkeypatch.setattr("api.packages_job.MOST_BYTES", most)
    packages = folder_of(Job().pk).parent
    before = set(packages.glob("*"))
    with pytest.raises(TooLarge):
        made()
    assert set(packages.glob("*")) == before
