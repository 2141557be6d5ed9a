# ruff: noqa: E501 (tables)
"""Pages of the OGC API: each row once, in the order that was asked, whatever is published meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from django.core import signing
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial.models import Feature
from tests.api.ogc import ITEMS, LAYER, box, get, links, path_of
from tests.factories import feature, revision
from tiles import collection

Bearer = Callable[..., dict[str, str]]


def walk(
    client: TestClient, address: str, between: Callable[[], None] | None = None, **options: Any
) -> list[Any]:
    """The pages one after the other."""
    pages = []
    following: str | None = address
    while following:
        pages.append(get(client, following, **options))
        following = next((path_of(one["href"]) for one in links(pages[-1], "next")), None)
        if between and len(pages) == 1:
            between()
    return pages


def ids(pages: list[Any]) -> list[str]:
    return [one["id"] for page in pages for one in page["features"]]


def plot(number: int, **given: Any) -> Feature:
    return feature(LAYER, box(87.0 + number / 100, 44.0), code=str(number), **given)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_follow_each_other_and_hold_every_row_once(client: TestClient, limit: int) -> None:
    wanted = [str(plot(number).pk) for number in range(7)]
    pages = walk(client, f"{ITEMS}?limit={limit}")
    assert ids(pages) == wanted
    assert {page["numberMatched"] for page in pages} == {7}
    assert sum(page["numberReturned"] for page in pages) == 7
    assert not links(pages[-1], "next")


@pytest.mark.parametrize(
    "sortby",
    ["name", "-name", "max_ratio_screening_class1", "-max_ratio_screening_class1", "status,-name", "-county,max_ratio_screening_class1",
     "-status,-max_ratio_screening_class1,name"],
)  # fmt: skip
def test_a_sorted_walk_is_what_sorting_the_whole_gives(
    client: TestClient, bearer: Bearer, sortby: str
) -> None:
    draw = random.Random(sortby)
    rows = []
    for number in range(25):
        given = {
            "name": draw.choice(["甲", "乙", "丙", None]),
            "status": draw.choice(["closed", "confirmed", None]),
            "max_ratio_screening_class1": draw.choice([None, 2, 10, 9.5, -1, 1e10]),
        }
        row = plot(
            number,
            county=draw.choice(["652301", "652302"]),
            **{k: v for k, v in given.items() if v is not None},
        )
        rows.append({**given, "county": row.county, "id": row.pk})
    for part in reversed(sortby.split(",")):
        name = part.lstrip("-")
        known = sorted(
            (row for row in rows if row[name] is not None), key=lambda row: row[name], reverse=part[0] == "-"
        )
        rows = known + [row for row in rows if row[name] is None]
    pages = walk(client, f"{ITEMS}?sortby={sortby}&limit=4", headers=bearer("administrator"))
    assert ids(pages) == [str(row["id"]) for row in rows]


@pytest.mark.parametrize("sortby", ["", "&sortby=-name"])
def test_a_walk_is_of_one_revision_whatever_is_published_meanwhile(client: TestClient, sortby: str) -> None:
    rows = [plot(number, name=f"{number}") for number in range(6)]
    wanted = [str(row.pk) for row in (rows[::-1] if sortby else rows)]

    def publish() -> None:
        """The first and the last row are replaced, one goes, one comes."""
        revision(2)
        for row in (rows[0], rows[5], rows[3]):
            row.revisions = Int4Multirange([Int4Range(1, 2)])
            row.save()
        later = Int4Multirange([Int4Range(2, None)])
        for name in ("0", "5", "9"):
            feature(LAYER, box(87.5, 44.0), code=name, name=name, revisions=later)

    pages = walk(client, f"{ITEMS}?limit=2{sortby}", publish)
    assert ids(pages) == wanted
    assert {page["numberMatched"] for page in pages} == {6}
    assert len(ids(walk(client, f"{ITEMS}?limit=2{sortby}"))) == 6
    assert ids(walk(client, f"{ITEMS}?limit=2{sortby}")) != wanted


def test_a_page_of_large_shapes_is_shorter_and_no_row_is_left_out(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(1)
    sizes = [3, 2000, 3, 3, 1000, 1000, 1000, 3, 5000]
    rows = []
    for number, size in enumerate(sizes):
        ring = shapely.Point(87 + number / 10, 44).buffer(0.04, quad_segs=size)
        noisy = shapely.transform(
            ring, lambda at: at + [[draw.random() * 1e-12, 0]] * len(at)
        )  # hard to compress
        rows.append(feature(LAYER, shapely.MultiPolygon([noisy]), code=str(number), name=f"{number}"))
    monkeypatch.setattr(collection, "PAGE_BYTES", 150_000)
    for query in ("limit=1000", "limit=2", "limit=1000&sortby=-name"):
        pages = walk(client, f"{ITEMS}?{query}")
        told = [one for page in pages for one in page["features"]]
        wanted = rows[::-1] if "sortby" in query else rows
        assert [one["id"] for one in told] == [str(row.pk) for row in wanted]
        assert {page["numberMatched"] for page in pages} == {len(sizes)}
        assert 3 <= len(pages) < len(sizes)
        assert all(page["numberReturned"] == len(page["features"]) > 0 for page in pages)


def test_a_place_is_good_for_its_own_question_and_its_own_rights_only(
    client: TestClient, bearer: Bearer
) -> None:
    for number in range(4):
        plot(number)
        feature("suspected_plot", box(87.0, 44.0), code=str(number))
    (next_,) = links(get(client, f"{ITEMS}?limit=1"), "next")
    after = path_of(next_["href"]).partition("after=")[2]
    assert get(client, f"{ITEMS}?limit=3&after={after}")["numberReturned"] == 3
    for other in (
        f"{ITEMS}?bbox=80,40,90,50",
        f"{ITEMS}?sortby=name",
        f"{ITEMS}?datetime=2020-01-01",
        "/ogc/collections/park/items?",
    ):
        assert get(client, f"{other}&after={after}", 400)["code"] == "parameter_invalid"
    path = "/ogc/collections/suspected_plot/items"
    (next_,) = links(get(client, f"{path}?limit=1", headers=bearer("administrator")), "next")
    clerk = bearer("clerk", "652302")
    assert get(client, path_of(next_["href"]), 400, headers=clerk)["code"] == "parameter_invalid"


def test_a_place_that_was_made_up_or_altered_is_refused(client: TestClient) -> None:
    for number in range(3):
        plot(number)
    (next_,) = links(get(client, f"{ITEMS}?limit=1"), "next")
    after = path_of(next_["href"]).partition("after=")[2]
    for wrong in (after[:-1], after.swapcase(), "", "1", signing.dumps([1], salt="another")):
        assert client.get(ITEMS, params={"after": wrong}).status_code == 400


def test_rows_and_properties_that_the_asker_may_not_see_are_nowhere(
    client: TestClient, bearer: Bearer
) -> None:
    ours = feature("suspected_plot", box(87.0, 44.0), county="652301", code="A1", name="本县地块")
    theirs = feature("suspected_plot", box(87.5, 44.0), county="652302", code="B2", name="邻县地块")
    clerk = bearer("clerk", "652301")
    path = "/ogc/collections/suspected_plot/items"
    told = get(client, path, headers=clerk)
    assert (told["numberMatched"], [one["id"] for one in told["features"]]) == (1, [str(ours.pk)])
    hidden = get(client, f"{path}/{theirs.pk}", 404, headers=clerk)
    assert hidden == get(client, f"{path}/{theirs.pk}", 404, headers=clerk)
    assert "邻县地块" not in client.get(f"{path}?f=csv", headers=clerk).text
    for address in (path, f"{path}?f=csv", f"{path}/{ours.pk}", "/ogc/collections/suspected_plot/queryables"):
        assert client.get(address).status_code == 401
    feature(LAYER, box(87.0, 44.0), code="1", name="示例", max_ratio_screening_class1=3.5)
    for address in (ITEMS, f"{ITEMS}?f=geojson", f"{ITEMS}?f=csv", f"/ogc/collections/{LAYER}/queryables"):
        assert "max_ratio_screening_class1" not in client.get(address).text
        assert "max_ratio_screening_class1" in client.get(address, headers=clerk).text
    assert get(client, f"{ITEMS}?sortby=max_ratio_screening_class1", 400)["code"] == "parameter_invalid"


def test_an_unchanged_page_is_304_in_its_own_format_only(client: TestClient) -> None:
    plot(1)
    first = client.get(ITEMS)
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(ITEMS, headers=tag).status_code == 304
    assert client.get(f"{ITEMS}?f=csv", headers=tag).status_code == 200
    revision(2)
    assert client.get(ITEMS, headers=tag).status_code == 200


def test_a_walk_by_texts_longer_than_an_address_holds_every_row_once(client: TestClient) -> None:
    wanted = [str(plot(number, document="很长的文件名" * 4000 + str(number)).pk) for number in range(4)]
    assert ids(walk(client, f"{ITEMS}?sortby=document,-code&limit=1")) == wanted
    assert ids(walk(client, f"{ITEMS}?sortby=-document&limit=3")) == wanted[::-1]
