"""Soil that leaves a plot arrives or is missed; sites and inspectors are drawn so that others can draw the same."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.contrib.auth.models import User
from django.utils import timezone
from fastapi.testclient import TestClient

from spatial import integrity
from spatial.attachments import path_of
from spatial.models import Account, ApiToken, Attachment, Draw, Feature, Site
from tests.api.conftest import Bearer
from tests.api.test_registers import Ask, asks, line, notice
from tests.factories import known_county

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


@pytest.fixture
def steward(client: TestClient, bearer: Callable[..., Bearer]) -> Ask:
    """A steward of the whole region, and seven plots on the list."""
    known_county()
    ask = asks(client, bearer("steward"))
    plots = [line(f"W{n}", shapely.box(87.3 + n / 100, 44.0, 87.305 + n / 100, 44.005)) for n in range(7)]
    ask("/registers/contaminated_plot/notices", notice("公告1", "2026-01-10", plots))
    return ask


def transport(**more: Any) -> dict[str, Any]:
    due = (timezone.now() + timedelta(hours=8)).isoformat()
    return {
        "site": "W1",
        "receiver": "示例水泥窑",
        "receiver_county": "652302",
        "soil": "重金属污染土",
        "carrier": "示例运输",
        "vehicle": "新B00000",
        "route": "G335",
        "plan_document": "备案〔2026〕3号",
        "planned_t": 30,
        "due": due,
        **more,
    }


def test_soil_is_weighed_at_both_ends_and_a_difference_is_explained(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    there = asks(client, bearer("inspector", "652302"))
    made = steward("/manifests", transport())
    path = f"/manifests/{made['number']}"
    steward(f"{path}/steps", {"kind": "receive", "after": 1, "tonnes": 30}, 409)
    steward(f"{path}/steps", {"kind": "depart", "after": 1}, 422)
    steward(f"{path}/steps", {"kind": "depart", "after": 1, "tonnes": 0}, 422)
    steward(f"{path}/steps", {"kind": "depart", "after": 1, "tonnes": 31.5, "note": "雨后含水"})
    assert steward("/sites/W1/soil") == {
        "site": "W1", "left_t": 31.5, "received_t": 0.0, "underway_t": 31.5, "unaccounted_t": 0.0,
    }  # fmt: skip
    assert steward(f"{path}/steps", {"kind": "cancel", "after": 2}, 409)["code"] == "manifest_state"
    came = there(f"{path}/steps", {"kind": "receive", "after": 2, "tonnes": 28})
    assert came["state"] == "differs"
    assert [one["number"] for one in steward("/manifests?missing=true")["manifests"]] == [made["number"]]
    assert steward("/sites/W1/soil")["unaccounted_t"] == 3.5
    steward(f"{path}/steps", {"kind": "close", "after": 3}, 409)
    steward(f"{path}/steps", {"kind": "explain", "after": 3}, 422)
    ended = steward(f"{path}/steps", {"kind": "explain", "after": 3, "note": "途中排水"})
    assert ended["state"] == "closed" and steward("/manifests?missing=true")["manifests"] == []


def test_soil_that_does_not_arrive_in_time_is_missed_and_both_ends_see_it(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    late = steward("/manifests", transport(due=(timezone.now() - timedelta(hours=1)).isoformat()))
    assert steward("/manifests?missing=true")["manifests"] == []
    steward(f"/manifests/{late['number']}/steps", {"kind": "depart", "after": 1, "tonnes": 30})
    receiver = asks(client, bearer("inspector", "652302"))
    assert [one["overdue"] for one in receiver("/manifests?missing=true")["manifests"]] == [True]
    receiver(f"/manifests/{late['number']}/steps", {"kind": "receive", "after": 2, "tonnes": 29.9})
    assert receiver("/manifests?missing=true")["manifests"] == []
    other = asks(client, bearer("inspector", "652303"))
    other(f"/manifests/{late['number']}", status=404)
    assert other("/manifests")["manifests"] == []


def test_no_more_leaves_than_was_reported(steward: Ask) -> None:
    """Soil law 41: the transport is reported beforehand, its quantity too."""
    path = f"/manifests/{steward('/manifests', transport())['number']}/steps"
    much = {"kind": "depart", "after": 1, "tonnes": 33.001, "note": "雨后含水"}
    assert steward(path, much, 422)["code"] == "over_plan"
    assert steward(path, {"kind": "depart", "after": 1, "tonnes": 30.001}, 422)["code"] == "note_missing"
    assert steward(path, {**much, "tonnes": 33})["departed_t"] == 33.0


def test_a_hundredth_of_every_load_does_not_vanish(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    there = asks(client, bearer("inspector", "652302"))

    def carried(left: float, came: float) -> tuple[str, str]:
        made = steward("/manifests", transport(planned_t=left))["number"]
        steward(f"/manifests/{made}/steps", {"kind": "depart", "after": 1, "tonnes": left})
        told = there(f"/manifests/{made}/steps", {"kind": "receive", "after": 2, "tonnes": came})
        return made, told["state"]

    assert [carried(40, 39.6)[1] for _ in range(2)] == ["received", "received"]
    third, state = carried(40, 39.7)
    assert state == "differs"  # 0.4 + 0.4 + 0.3 t
    assert [one["number"] for one in steward("/manifests?missing=true")["manifests"]] == [third]
    steward(f"/manifests/{third}/steps", {"kind": "explain", "after": 3, "note": "两磅相差"})
    assert carried(40, 39.7)[1] == "received"
    assert carried(1000, 990)[1] == "differs"


def test_soil_goes_to_a_county_that_there_is(steward: Ask) -> None:
    assert steward("/manifests", transport(receiver_county="999999"), 422)["code"] == "county_unknown"
    steward("/manifests", transport(receiver_county=""))


def test_nobody_weighs_both_ends(steward: Ask, client: TestClient, bearer: Callable[..., Bearer]) -> None:
    here, there = asks(client, bearer("inspector", "652301")), asks(client, bearer("inspector", "652302"))
    path = f"/manifests/{steward('/manifests', transport())['number']}/steps"
    there(path, {"kind": "depart", "after": 1, "tonnes": 30}, 403)
    here(path, {"kind": "depart", "after": 1, "tonnes": 30})
    here(path, {"kind": "receive", "after": 2, "tonnes": 30}, 403)
    there(path, {"kind": "receive", "after": 2, "tonnes": 30})
    for county in ("652301", ""):
        path = f"/manifests/{steward('/manifests', transport(receiver_county=county))['number']}/steps"
        here(path, {"kind": "depart", "after": 1, "tonnes": 30})
        assert here(path, {"kind": "receive", "after": 2, "tonnes": 30}, 409)["code"] == "same_weigher"
        steward(path, {"kind": "receive", "after": 2, "tonnes": 30})


def test_a_step_sent_twice_weighs_once(steward: Ask) -> None:
    number = steward("/manifests", transport())["number"]
    body = {"kind": "depart", "after": 1, "tonnes": 30}
    first = steward(f"/manifests/{number}/steps", body, **{"Idempotency-Key": "k"})
    assert steward(f"/manifests/{number}/steps", body, **{"Idempotency-Key": "k"}) == first
    assert first["last_step"] == 2


@pytest.fixture
def drawn(steward: Ask, client: TestClient, bearer: Callable[..., Bearer]) -> Any:
    for county in ((), (), ("652301",), ("652302",)):
        bearer("inspector", *county)
    return steward("/draws", {"lists": ["contaminated_plot"], "sites": 3, "inspectors_each": 2})


def test_others_draw_the_same_with_the_seed_and_a_hash(steward: Ask, drawn: Any) -> None:
    told = steward(f"/draws/{drawn['number']}")
    assert told["sites"] == [f"W{n}" for n in range(7)] and len(told["inspectors"]) == 3

    def rank(text: str) -> str:
        return hashlib.sha256(f"{told['seed']}:{text}".encode()).hexdigest()

    codes = sorted(told["sites"], key=rank)[:3]
    assert list(told["drawn"]) == codes or set(told["drawn"]) == set(codes)
    assert told["candidates"] == dict.fromkeys(codes, told["inspectors"])
    for code in codes:
        assert told["drawn"][code] == sorted(told["inspectors"], key=lambda one: rank(f"{code}:{one}"))[:2]
    assert len(told["inspections"]) == 3
    again = steward("/draws", {"lists": ["contaminated_plot"], "sites": 3})
    assert again["seed"] != told["seed"]
    assert Draw.objects.count() == 2
    assert steward("/draws", {"lists": ["contaminated_plot"], "sites": 8}, 422)["code"] == "draw_too_large"


def test_each_county_is_visited_by_inspectors_who_are_in_charge_of_it(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    there = shapely.box(87.5, 44.0, 87.505, 44.005)
    entered = notice("公告2", "2026-01-10", [line("E1", there, county="652302")])
    Feature.objects.filter(layer="admin_county").delete()
    steward("/registers/contaminated_plot/notices", entered)
    own: dict[str, list[str]] = {}
    for county in ("652301", "652301", "652302", "652302"):
        token = bearer("inspector", county)["Authorization"].removeprefix("Bearer ")
        own.setdefault(county, []).append(
            ApiToken.objects.get(digest=ApiToken.digest_of(token)).user.get_username()
        )
    body = {"lists": ["contaminated_plot"], "sites": 8, "inspectors_each": 2}
    told = steward("/draws", body)
    for code, names in told["drawn"].items():
        county = "652302" if code == "E1" else "652301"
        assert sorted(names) == sorted(own[county])
        ranks = [hashlib.sha256(f"{told['seed']}:{code}:{one}".encode()).hexdigest() for one in names]
        assert ranks == sorted(ranks) and told["candidates"][code] == sorted(own[county])
    refused = steward("/draws", {**body, "inspectors_each": 3}, 422)
    assert refused["code"] == "draw_too_large" and "652302" in refused["detail"]


def test_only_who_was_drawn_visits_and_what_was_found_is_followed_until_it_is_mended(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], drawn: Any
) -> None:
    number = drawn["inspections"][0]
    path = f"/inspections/{number}"
    one = steward(path)
    good = {item: {"ok": True} for item in steward("/inspections")["checklist"]}
    bad = good | {"boundary": {"ok": False, "text": "围挡倒塌"}}
    visit = {"kind": "visit", "after": 1, "findings": bad}
    steward(f"{path}/steps", visit, 404)
    token = ApiToken.issue(User.objects.get(username=one["inspectors"][0]), "test")
    inspector = asks(client, {"Authorization": f"Bearer {token}"})
    assert inspector("/inspections?mine=true&state=drawn")["inspections"]
    assert inspector(f"{path}/steps", {**visit, "findings": {}}, 422)["code"] == "checklist_incomplete"
    assert inspector(f"{path}/steps", visit)["state"] == "follow_up"
    early = steward(f"{path}/steps", {"kind": "verify", "after": 2, "findings": good}, 409)
    assert early["code"] == "not_rectified"
    steward(f"{path}/steps", {"kind": "verify", "after": 2, "findings": bad})
    steward(f"{path}/steps", {"kind": "rectify", "after": 3, "note": "已修复"})
    assert steward(f"{path}/steps", {"kind": "verify", "after": 4, "findings": good})["state"] == "closed"
    assert steward(f"{path}/steps", {"kind": "note", "after": 5}, 409)["code"] == "inspection_state"


def attach(
    client: TestClient, who: Bearer, name: str, content: bytes, subject: str = "site", key: str = "W1"
) -> Any:
    return client.post(
        "/attachments", files={"file": (name, content)}, data={"subject": subject, "key": key}, headers=who
    )


def zipped(*names: str) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return into.getvalue()


def test_a_file_is_kept_by_its_hash_and_read_by_who_may_see_its_site(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    here, elsewhere = bearer("inspector", "652301"), bearer("inspector", "652302")
    made = attach(client, here, "现场 照片.png", PNG)
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["sha256"] == hashlib.sha256(PNG).hexdigest() and told["media_type"] == "image/png"
    got = client.get(f"/attachments/{told['id']}", headers=here)
    assert got.content == PNG and got.headers["content-disposition"].startswith("attachment;")
    assert client.get(f"/attachments/{told['id']}", headers=elsewhere).status_code == 404
    assert client.get("/attachments?subject=site&key=W1", headers=elsewhere).status_code == 404
    assert len(client.get("/attachments?subject=site&key=W1", headers=here).json()["attachments"]) == 1
    path_of(told["sha256"]).write_bytes(PNG + b"x")
    broken = client.get(f"/attachments/{told['id']}", headers=here)
    assert broken.status_code == 422 and broken.json()["code"] == "file_damaged"
    path = path_of(told["sha256"])
    assert [one for one in integrity.faults() if str(path) in one] == [
        f"附件“现场 照片.png”（site {Site.objects.get(code='W1').pk}）已损坏：{path}"
    ]
    attach(client, bearer("steward"), "again.png", PNG)  # the same file, uploaded again, mends it
    assert client.get(f"/attachments/{told['id']}", headers=here).content == PNG
    path.unlink()
    assert len([one for one in integrity.faults() if f"缺失：{path}" in one]) == 2


def odd(at: int, value: bytes, name: bytes = b"word/document.xml") -> bytes:
    """A zip whose central directory has a value of its own at an offset, and a name."""
    raw = bytearray(zipped("word/document.xml"))
    entry = raw.rindex(b"PK\x01\x02")
    raw[entry + at : entry + at + len(value)] = value
    raw[entry + 46 : entry + 46 + len(name)] = name
    return bytes(raw)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", odd(6, b"\xc8\x00")),
        ("a.docx", odd(8, b"\x00\x08", b"\xff\xfe")),
        ("a.pdf", PNG),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.docx", zipped("word/document.xml", "word/vbaProject.bin")),
        ("a.docx", zipped("evil.exe")),
        ("a.xlsx", b"PK\x03\x04broken"),
        ("a.exe", b"MZ" + b"\0" * 90),
        ("a.png", b""),
    ],
)
def test_what_is_not_what_it_says_is_not_kept(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer], name: str, content: bytes
) -> None:
    answer = attach(client, bearer("steward"), name, content)
    assert answer.status_code == 422 and answer.json()["code"] == "file_type"
    assert Attachment.objects.count() == 0


def test_a_macro_is_found_whatever_its_part_is_called(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
        archive.writestr(
            "[Content_Types].xml", f'<Override PartName="/word/document.xml" ContentType="{kind}"/>'
        )
        archive.writestr("word/document.xml", "x")
    assert attach(client, bearer("steward"), "a.docx", into.getvalue()).json()["code"] == "file_type"


def test_a_file_that_was_damaged_is_mended_by_the_same_file(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    who, content = bearer("steward"), PNG + b"once more"
    first = attach(client, who, "a.png", content).json()
    path_of(first["sha256"]).write_bytes(b"half")
    second = attach(client, who, "a.png", content).json()
    for one in (first, second):
        assert client.get(f"/attachments/{one['id']}", headers=who).content == content


def test_office_files_are_kept(steward: Ask, client: TestClient, bearer: Callable[..., Bearer]) -> None:
    who = bearer("steward")
    for name, inner in (("a.docx", "word/document.xml"), ("b.xlsx", "xl/workbook.xml")):
        assert attach(client, who, name, zipped(inner)).status_code == 201
    assert attach(client, who, "../../etc/passwd.png", PNG).json()["name"] == "passwd.png"
    assert Account.objects.count() == 2


def test_an_attachment_that_is_sent_twice_is_one(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    who = bearer("steward") | {"Idempotency-Key": "k"}
    first, second = attach(client, who, "a.png", PNG), attach(client, who, "a.png", PNG)
    assert first.json() == second.json() and Attachment.objects.count() == 1
    assert attach(client, who, "b.png", PNG).json()["code"] == "key_used"


def test_the_receiving_end_sees_what_comes_from_a_plot_that_is_not_public_and_counts_it(
    steward: Ask, client: TestClient, bearer: Callable[..., Bearer]
) -> None:
    enter = notice("名录1", "2026-01-10", [line("S9")], actor="county_ecology")
    steward("/registers/suspected_plot/notices", enter)
    late = (timezone.now() - timedelta(hours=1)).isoformat()
    number = steward("/manifests", {**transport(due=late), "site": "S9"})["number"]
    steward(f"/manifests/{number}/steps", {"kind": "depart", "after": 1, "tonnes": 30})
    receiver = asks(client, bearer("inspector", "652302"))
    assert [one["number"] for one in receiver("/manifests?missing=true")["manifests"]] == [number]
    soil = {one["id"]: one for one in receiver("/dashboard")["deadlines"]}["soil"]
    assert (soil["value"], soil["list"]) == (1, "/manifests?missing=true")
    receiver("/sites/S9", status=404)
    third = asks(client, bearer("inspector", "652323"))
    assert third("/manifests")["manifests"] == []
