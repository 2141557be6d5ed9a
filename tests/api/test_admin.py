"""The admin obeys the account's role and counties of this moment, as every route does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
import shapely
from django.contrib.auth.models import User
from django.test import Client

from api.commands import user as user_command
from spatial import audit, remarks
from spatial.checks import Question, run_check
from spatial.models import Account, ApiToken, AuditEntry, CheckRun, Draw, Site
from spatial.registers.notices import Line, Paper, publish_notice
from spatial.registers.recording import Entry, add
from tests.api.conftest import hashed
from tests.factories import feature, known_county, load_of
from tests.grid import grid

pytestmark = pytest.mark.django_db
PLAN = grid("A . B\n. . .\nC . D")


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    def make(role: str, *counties: str) -> Client:
        user = User.objects.create(
            username=f"{role}{User.objects.count()}", password=hashed("a long enough one 1")
        )
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
    assert "示例W1" in listed and "示例W2" not in listed
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


def test_a_county_administrator_grants_no_county_that_is_not_his(
    signed_in: Callable[..., Client],
) -> None:
    page = signed_in("administrator", "652301")
    own = Account.objects.get()
    form = {"user": own.user_id, "role": "administrator"}
    for given in ({"whole_region": "on"}, {"counties": ["652302"]}, {"counties": ["652301", "652302"]}):
        page.post(f"/admin/spatial/account/{own.pk}/change/", form | given)
        own.refresh_from_db()
        assert own.counties == ["652301"]
    other = User.objects.create_user("neu", password="a long enough one 1")
    page.post("/admin/spatial/account/add/", {"user": other.pk, "role": "clerk", "whole_region": "on"})
    assert not Account.objects.filter(user=other).exists()
    page.post("/admin/spatial/account/add/", {"user": other.pk, "role": "clerk", "counties": ["652301"]})
    assert Account.objects.get(user=other).counties == ["652301"]


@pytest.mark.parametrize("counties", [(), ("652302",), ("652301", "652302")])
def test_a_county_administrator_touches_no_account_of_wider_or_other_scope(
    signed_in: Callable[..., Client], counties: tuple[str, ...]
) -> None:
    signed_in("administrator", *counties)
    boss = Account.objects.get()
    token = ApiToken.objects.create(user=boss.user, name="SECRETTOKEN", digest="0" * 64)
    page = signed_in("administrator", "652301")
    assert boss.user.username not in page.get("/admin/auth/user/").content.decode()
    assert f"account/{boss.pk}/" not in page.get("/admin/spatial/account/").content.decode()
    assert "SECRETTOKEN" not in page.get("/admin/spatial/apitoken/").content.decode()
    new = {"password1": "another long one 22", "password2": "another long one 22", "usable_password": "true"}
    page.post(f"/admin/auth/user/{boss.user_id}/password/", new)
    page.post(f"/admin/auth/user/{boss.user_id}/delete/", {"post": "yes"})
    page.post(f"/admin/spatial/apitoken/{token.pk}/delete/", {"post": "yes"})
    taken = {"user": boss.user_id, "role": "clerk", "counties": ["652301"]}
    page.post(f"/admin/spatial/account/{boss.pk}/change/", taken)
    boss.refresh_from_db()
    assert boss.user.check_password("a long enough one 1") and boss.role == "administrator"
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_nobody_is_made_more_than_his_role_says_by_djangos_own_flags(
    signed_in: Callable[..., Client],
) -> None:
    page = signed_in("administrator", "652301")
    other = User.objects.create_user("neu", password="a long enough one 1")
    form = {"username": "neu", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    page.post(f"/admin/auth/user/{other.pk}/change/", form)
    other.refresh_from_db()
    assert not other.is_staff and not other.is_superuser
    User.objects.create_superuser("wurzel", password="a long enough one 1")
    assert "wurzel" not in page.get("/admin/auth/user/").content.decode()


def test_an_answer_is_not_shown_unredacted(signed_in: Callable[..., Client]) -> None:
    known_county("652301")
    there = feature("suspected_plot", PLAN.polygon("ABDC"), "652302", code="SECRET-S2", status="suspected")
    user = User.objects.create_user("li")
    run = run_check(Question(PLAN.polygon("ABDC"), "use_change"), user.pk)
    assert "SECRET-S2" in str(run.answer)
    CheckRun.objects.filter(pk=run.pk).update(counties=["652301"])
    finding = next(one for one in run.answer["findings"] if one["feature"])
    remark = remarks.dispute(run, finding, reason="示例", by=user)
    page = signed_in("steward", "652301")
    for path in (f"checkrun/{run.pk}", f"remark/{remark.pk}"):
        told = page.get(f"/admin/spatial/{path}/change/").content.decode()
        assert run.number in told and "SECRET-S2" not in told and f'"{there.pk}"' not in told
        assert f"&quot;{there.pk}&quot;" not in told


def test_draws_and_deliveries_of_more_than_ones_own_counties_are_hidden(
    signed_in: Callable[..., Client],
) -> None:
    load = load_of("suspected_plot")
    load.counties, load.file_name = ["652301", "652302"], "SECRETFILE.shp"
    load.save()
    user = User.objects.create_user("li")
    drawn = {"sites": ["S1"], "inspectors": ["li"], "drawn": {"S1": ["li"]}, "counties": ["652301", "652302"]}
    Draw.objects.create(number="CC-SECRET", seed="0", by=user, **drawn)
    page = signed_in("steward", "652301")
    assert "SECRETFILE" not in page.get("/admin/spatial/load/").content.decode()
    assert "CC-SECRET" not in page.get("/admin/spatial/draw/").content.decode()
    whole = signed_in("steward")
    assert "SECRETFILE" in whole.get("/admin/spatial/load/").content.decode()
    assert "CC-SECRET" in whole.get("/admin/spatial/draw/").content.decode()


def test_what_is_seen_exported_and_deleted_in_the_admin_leaves_entries(
    site: Site, signed_in: Callable[..., Client]
) -> None:
    row = feature(
        "suspected_plot", PLAN.polygon("ABDC"), "652301", code="S1", name="示例甲厂", status="suspected"
    )
    page = signed_in("administrator", "652301")
    user = Account.objects.get(role="administrator").user
    for name in ("one", "two"):
        ApiToken.issue(user, name)
    began = audit.head().number
    page.get(f"/admin/spatial/site/{site.pk}/change/")
    page.get(f"/admin/spatial/feature/{row.pk}/change/")
    page.post("/admin/spatial/site/", {"action": "export", "_selected_action": [site.pk]})
    keys = list(ApiToken.objects.values_list("pk", flat=True))
    page.post(
        "/admin/spatial/apitoken/", {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    )
    assert not ApiToken.objects.exists()
    told = [json.loads(one.said) for one in AuditEntry.objects.filter(number__gt=began).order_by("number")]
    assert [(one["action"], one["object"]) for one in told] == [
        ("view", "site W1"),
        ("view", f"suspected_plot {row.pk}"),
        ("export", "sites"),
        ("account", "two"),
        ("account", "one"),
    ]
    assert {one["user"] for one in told} == {user.username} and told[2]["codes"] == ["W1"]
