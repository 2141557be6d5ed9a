"""The admin obeys the account's role and counties of this moment, as every route does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import shapely
from django.contrib.auth.models import User
from django.test import Client

from api.commands import user as user_command
from spatial.models import Account, Site
from spatial.registers.notices import Line, Paper, publish_notice
from spatial.registers.recording import Entry, add
from tests.factories import feature, known_county
from tests.grid import grid

pytestmark = pytest.mark.django_db
PLAN = grid("A . B\n. . .\nC . D")


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    def make(role: str, *counties: str) -> Client:
        user = User.objects.create_user(f"{role}{User.objects.count()}", password="a long enough one 1")
        Account.objects.create(user=user, role=role, counties=list(counties))
        page = Client()
        page.force_login(user)
        return page

    return make


def suspected(page: Client) -> str:
    answer = page.get("/admin/spatial/feature/", {"layer": "suspected_plot"})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_a_steward_of_one_county_sees_no_row_of_another(signed_in: Callable[..., Client]) -> None:
    here = feature(
        "suspected_plot", PLAN.polygon("ABDC"), "652301", code="S1", name="示例甲厂", status="suspected"
    )
    there = feature(
        "suspected_plot", PLAN.polygon("ABDC"), "652328", code="S2", name="示例乙厂", status="suspected"
    )
    page = signed_in("steward", "652301")
    listed = suspected(page)
    assert "示例甲厂" in listed
    assert "示例乙厂" not in listed
    assert page.get(f"/admin/spatial/feature/{here.id}/change/").status_code == 200
    assert page.get(f"/admin/spatial/feature/{there.id}/change/").status_code in (302, 404)
    assert "示例乙厂" in suspected(signed_in("steward"))


@pytest.mark.parametrize("role", ["clerk", "planner", "inspector", "auditor"])
def test_other_roles_do_not_reach_the_admin(signed_in: Callable[..., Client], role: str) -> None:
    feature("suspected_plot", PLAN.polygon("ABDC"), "652301", code="S1", name="示例甲厂", status="suspected")
    assert suspected(signed_in(role)) == "302"


def test_who_loses_the_role_loses_the_admin_at_the_next_request(signed_in: Callable[..., Client]) -> None:
    page = signed_in("administrator")
    assert page.get("/admin/auth/user/").status_code == 200
    account = Account.objects.get()
    account.role = Account.Role.CLERK
    account.save()
    assert page.get("/admin/auth/user/").status_code == 302
    assert suspected(page) == "302"
    assert not User.objects.get().is_superuser


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"counties": ["652301"]}, ["652301"]),
        ({"whole_region": "on"}, []),
        ({}, None),
        ({"counties": ["652301"], "whole_region": "on"}, None),
        ({"counties": ["1"]}, None),
    ],
)
def test_the_whole_region_is_said_and_never_the_meaning_of_an_empty_box(
    signed_in: Callable[..., Client], given: dict[str, object], kept: list[str] | None
) -> None:
    page = signed_in("administrator")
    other = User.objects.create_user("neu", password="a long enough one 1")
    page.post("/admin/spatial/account/add/", {"user": other.pk, "role": "clerk", **given})
    made = Account.objects.filter(user=other).first()
    assert (made.counties if made else None) == kept


def test_the_console_asks_for_counties_or_the_whole_region_and_for_a_strong_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import argparse
    import io

    from api.errors import Refused

    parser = argparse.ArgumentParser()
    user_command.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["add", "wang", "--role", "clerk"])
    monkeypatch.setattr("sys.stdin", io.StringIO("a\n"))
    with pytest.raises(Refused):
        user_command.run(parser.parse_args(["add", "wang", "--role", "clerk", "--county", "652301"]))
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert user_command.run(parser.parse_args(["add", "wang", "--role", "clerk", "--county", "652301"])) == 0
    assert Account.objects.get().counties == ["652301"]
    assert "口令" in capsys.readouterr().out


@pytest.fixture
def site(django_user_model: type[User]) -> Site:
    """A site with a listing, a restriction, a new boundary and a correction, in Changji; and another elsewhere."""
    user = django_user_model.objects.create_user("registrar")
    known_county("652301")
    shape = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.31, 44.01)])
    for code, county in (("W1", "652301"), ("W2", "652302")):
        line = Line(code, name=f"示例{code}", county=county, shape=shape)
        publish_notice(
            "contaminated_plot", Paper(code, date(2026, 1, 1), "公告", "prefecture_ecology"), [line], [], user
        )
    moved = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.32, 44.01)])
    paper = ("county_ecology", "昌环〔2026〕7号", date(2026, 2, 1))
    entries = [
        Entry("impose", "access", date(2026, 2, 1), *paper),
        Entry("rebound", "", date(2026, 3, 1), *paper, shape=moved),
        Entry("impose", "access", date(2026, 1, 15), *paper, corrects=2),
    ]
    add("W1", entries, after=1, by=user)
    return Site.objects.get(code="W1")


def test_a_site_shows_its_map_its_life_and_what_each_version_says_otherwise(
    site: Site, signed_in: Callable[..., Client]
) -> None:
    page = signed_in("steward", "652301")
    listed = page.get("/admin/spatial/site/").content.decode()
    assert "W1" in listed and "W2" not in listed
    told = page.get(f"/admin/spatial/site/{site.pk}/change/").content.decode()
    drawn = told.partition('aria-label="地块位置"')[2].partition("</svg>")[0]
    assert "stroke-dasharray" in drawn and "http" not in drawn
    assert "昌环〔2026〕7号" in told and "由第 4 条更正" in told and "边界变更" in told
    assert "状态：— → confirmed" in told
    other = Site.objects.get(code="W2")
    assert page.get(f"/admin/spatial/site/{other.pk}/change/").status_code in (302, 404)


def test_sites_are_exported_as_the_list_shows_them_and_nothing_changes(
    site: Site, signed_in: Callable[..., Client]
) -> None:
    Site.objects.filter(pk=site.pk).update(name="=1+1")
    page = signed_in("steward", "652301")
    form = {"action": "export", "_selected_action": [site.pk, Site.objects.get(code="W2").pk]}
    rows = page.post("/admin/spatial/site/", form).content.decode("utf-8-sig").splitlines()
    assert rows == ["地块编码,名称,县市,阶段,期限", "W1,'=1+1,652301,未纳入管理,—"]


@pytest.mark.parametrize("name", ["siteevent", "notice", "case", "manifest", "draw", "inspection"])
def test_the_pages_of_registers_open_and_refuse_to_change(
    site: Site, signed_in: Callable[..., Client], name: str
) -> None:
    page = signed_in("administrator")
    assert page.get(f"/admin/spatial/{name}/").status_code == 200
    assert page.get(f"/admin/spatial/{name}/add/").status_code == 403
    assert signed_in("clerk").get(f"/admin/spatial/{name}/").status_code == 302
