"""The pages beside the map, and those that Django draws."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.flows.pictures.seat import PROBLEM, Seat, answered, at, held, state
from tests.flows.test_page_journeys import collection, delivery

RING = [[87.30, 44.02], [87.303, 44.02], [87.303, 44.022], [87.30, 44.022], [87.30, 44.02]]


# -- checks ---------------------------------------------------------------------------------------


@state("checks-empty", "planner")
def _(seat: Seat) -> None:
    answered("**/checks?limit=*", json={"checks": []})(seat)
    seat.go("/checks")
    seat.see("还没有核查")


@state("checks-list", "clerk")
def _(seat: Seat) -> None:
    seat.example("clear", True), seat.example("undetermined", False)
    seat.go("/checks")
    seat.page.locator("[data-check]").first.wait_for()


def _batch(seat: Seat) -> None:
    seat.go("/checks")
    seat.page.get_by_role("tab", name="批量核查").click()
    plots = [({"DKBH": f"示例{nth + 1}"}, [[x + 0.01 * nth, y] for x, y in RING]) for nth in range(5)]
    seat.page.set_input_files("#batch-file", collection("示例五块", plots))


@state("checks-batch", "clerk")
def _(seat: Seat) -> None:
    _batch(seat)


@state("checks-batch-progress", "clerk")
def _(seat: Seat) -> None:
    _batch(seat)
    held(seat, "**/jobs/*")
    held(seat, "**/jobs/**")
    seat.page.get_by_role("button", name="开始批量核查").click()
    seat.page.wait_for_timeout(900)


@state("checks-batch-done", "clerk")
def _(seat: Seat) -> None:
    _batch(seat)
    seat.page.get_by_role("button", name="开始批量核查").click()
    seat.see("图上 5 处＝表中 5 条")
    seat.page.locator("[data-batch] button").first.click()
    seat.page.wait_for_timeout(1500)


# -- overlays -------------------------------------------------------------------------------------


@state("overlays-empty", "planner")
def _(seat: Seat) -> None:
    answered("**/overlays?limit=*", json={"overlays": []})(seat)
    seat.go("/overlays")
    seat.page.locator("[data-new]").wait_for()
    seat.page.wait_for_timeout(400)


def _step1(seat: Seat) -> None:
    seat.go("/overlays/new")
    seat.page.locator("[data-unit]").nth(3).check()
    seat.page.locator("[data-unit]").nth(4).check()


@state("overlay-step1", "planner")
def _(seat: Seat) -> None:
    _step1(seat)
    seat.page.wait_for_timeout(1500)


@state("overlay-step1-draw", "planner")
def _(seat: Seat) -> None:
    seat.go("/overlays/new")
    seat.page.locator("input[value='draw']").check()
    seat.page.wait_for_timeout(2500)


def _step2(seat: Seat) -> None:
    _step1(seat)
    seat.click("[data-next]")
    seat.click("[data-restricting]")


@state("overlay-step2", "planner")
def _(seat: Seat) -> None:
    _step2(seat)


@state("overlay-step3", "planner")
def _(seat: Seat) -> None:
    _step2(seat)
    seat.click("[data-next]")
    seat.page.locator("[data-compare]").select_option("day")


_made: dict[str, str] = {}


def _overlay(seat: Seat) -> str:
    """The path of one that compares two days, made once."""
    if "path" not in _made:
        page = seat.page.context.new_page()
        other = Seat(page, seat.demo, seat.phone)
        _step2(other)
        other.click("[data-next]")
        page.locator("[data-compare]").select_option("day")
        page.get_by_label("对比日期").fill("2025-01-01")
        other.click("[data-start-overlay]")
        page.locator("[data-cell]").first.wait_for(timeout=60_000)
        _made["path"] = page.url.removeprefix(seat.demo.url)
        page.close()
    return _made["path"]


@state("overlay-running", "planner")
def _(seat: Seat) -> None:
    _step2(seat)
    seat.click("[data-next]")
    held(seat, "**/jobs/**")
    seat.click("[data-start-overlay]")
    seat.page.wait_for_timeout(900)


@state("overlay-result", "planner")
def _(seat: Seat) -> None:
    seat.go(_overlay(seat))
    seat.page.locator("[data-cell]").first.wait_for()
    seat.page.wait_for_timeout(1500)


@state("overlay-cell", "planner")
def _(seat: Seat) -> None:
    seat.go(_overlay(seat))
    seat.click("[data-cell]")
    seat.page.wait_for_timeout(1500)


@state("overlay-compare", "planner")
def _(seat: Seat) -> None:
    seat.go(_overlay(seat))
    seat.click("[data-side='both']")
    seat.page.wait_for_timeout(1200)


@state("overlay-swipe", "planner")
def _(seat: Seat) -> None:
    seat.go(_overlay(seat))
    seat.click("[data-swiping]")
    seat.page.locator("[data-swipe]").scroll_into_view_if_needed()
    seat.page.wait_for_timeout(2500)


@state("overlay-export", "planner")
def _(seat: Seat) -> None:
    seat.go(_overlay(seat))
    seat.click("[data-export]")


@state("overlays-list", "planner")
def _(seat: Seat) -> None:
    _overlay(seat)
    seat.go("/overlays")
    seat.page.locator("tbody tr").first.wait_for()


# -- data -----------------------------------------------------------------------------------------


@state("loads", "steward")
def _(seat: Seat) -> None:
    seat.go("/loads")
    seat.page.locator("tbody tr").first.wait_for()


def _tried(seat: Seat, release: str) -> None:
    seat.go("/loads")
    seat.page.set_input_files("#load-files", delivery("PICTURE"))
    seat.page.locator("[data-load='layer']").select_option("suspected_plot")
    seat.page.locator("[data-load='county']").select_option("")
    seat.page.locator("[data-load='release']").fill(release)
    seat.click("[data-try]")
    seat.page.locator("[data-issue]").first.wait_for()


@state("loads-tried", "steward")
def _(seat: Seat) -> None:
    _tried(seat, "示例批次")
    seat.page.locator("[data-issue] button").first.click()
    seat.page.wait_for_timeout(1200)


@state("loads-refused", "steward")
def _(seat: Seat) -> None:
    seat.go("/loads")
    seat.page.set_input_files(
        "#load-files", {"name": "坏.geojson", "mimeType": "application/json", "buffer": b'{"type": "Feature"'}
    )
    seat.page.locator("[data-load='layer']").select_option("suspected_plot")
    seat.click("[data-try]")
    seat.page.locator(".outcome, [role=alert]").first.wait_for()
    seat.page.wait_for_timeout(400)


@state("load-detail", "steward")
def _(seat: Seat) -> None:
    seat.go("/loads")
    seat.page.locator("tbody tr button").first.click()
    seat.page.wait_for_timeout(1500)


@state("releases", "steward")
def _(seat: Seat) -> None:
    if not any(one["name"] == "示例批次" for one in seat.api("steward", "GET", "/releases")["releases"]):
        page = seat.page.context.new_page()
        other = Seat(page, seat.demo, seat.phone)
        _tried(other, "示例批次")
        other.click("[data-commit]")
        page.locator("[data-releases]").wait_for()
        page.close()
    seat.go("/releases")
    seat.page.locator("[data-release='示例批次']").get_by_role("button", name="比较").click()
    seat.see("新增")


@state("release-publish", "steward")
def _(seat: Seat) -> None:
    seat.go("/releases")
    seat.page.locator("[data-release='示例批次'] [data-publish]").click()
    seat.page.locator("dialog[open] li").first.wait_for()


# -- cases and changes ----------------------------------------------------------------------------

_case: dict[str, str] = {}


def _opened_case(seat: Seat) -> str:
    if "number" not in _case:
        asked = next(one["body"] for one in seat.demo.examples() if one["id"] == "shop-to-homes")
        keys = ("parcel", "crs", "proposed_use", "current_use", "project")
        body = {
            "kind": "use_change",
            "title": "示例：商铺改住宅",
            **{key: asked[key] for key in keys if key in asked},
        }
        _case["number"] = seat.api("clerk", "POST", "/cases", json=body)["number"]
    return _case["number"]


@state("cases-empty", "planner")
def _(seat: Seat) -> None:
    answered("**/cases?limit=*", json={"cases": [], "next": None})(seat)
    seat.go("/cases")
    seat.page.wait_for_timeout(900)


@state("cases", "clerk")
def _(seat: Seat) -> None:
    _opened_case(seat)
    seat.go("/cases")
    seat.page.locator("tbody tr").first.wait_for()


@state("case", "clerk")
def _(seat: Seat) -> None:
    seat.go(f"/cases/{_opened_case(seat)}")
    seat.page.locator("ol li").first.wait_for()
    seat.page.wait_for_timeout(400)


@state("changes", "clerk")
def _(seat: Seat) -> None:
    seat.go("/changes")
    seat.page.wait_for_timeout(1200)


# -- sites ----------------------------------------------------------------------------------------


def _site(code: str) -> Callable[[Seat], None]:
    def reach(seat: Seat) -> None:
        seat.go(f"/sites/{code}")
        seat.page.locator("main.card header h1").wait_for()
        seat.page.wait_for_timeout(1500)

    return reach


at("sites", "inspector", "/sites", "[data-site]")
at("sites-stranger", "public", "/sites", "[data-site]")


@state("sites-none", "inspector")
def _(seat: Seat) -> None:
    seat.go("/sites?as_of=2020-01-01")
    seat.see("这一天名录上没有地块")


state("site", "inspector")(_site("6523014000001"))
state("site-clerk", "clerk")(_site("6523014000001"))
state("site-stranger", "public")(_site("6523014000001"))


def _with_measures(seat: Seat) -> None:
    """Two monitoring points beside the site, measured five times, live like any other data."""
    known = seat.api("steward", "GET", "/releases")["releases"]
    if any(one["name"] == "示例监测" for one in known):
        return
    rows = [
        [
            {
                "date": f"{2021 + nth}-06-01",
                "substance": name,
                "value": round(first * (1 - 0.13 * nth), 2),
                "unit": "mg/kg",
            }
            for nth in range(5)
            for name, first in (("砷", 58.0 + 9 * point), ("六价铬", 5.4 - point))
        ]
        for point in range(2)
    ]
    file = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"DWBH": f"示例监测点{at + 1}", "监测结果": told},
                "geometry": {"type": "Point", "coordinates": [87.2745 + 0.001 * at, 44.0090]},
            }
            for at, told in enumerate(rows)
        ],
    }
    sent = {"layer": "monitoring_point", "county": "652301", "release": "示例监测", "commit": "true"}
    files = {"files": ("监测点.geojson", json.dumps(file).encode())}
    job = seat.api("steward", "POST", "/loads", data=sent, files=files)["job"]
    while (told := seat.api("steward", "GET", f"/jobs/{job}"))["state"] in ("queued", "running"):
        seat.page.wait_for_timeout(200)
    assert told["state"] == "done" and told["result"]["committed"], told
    seat.api("steward", "POST", "/releases/示例监测/publish")


@state("site-measures", "inspector")
def _(seat: Seat) -> None:
    _with_measures(seat)
    _site("6523014000001")(seat)
    seat.page.locator(".card svg").last.wait_for()
    seat.page.get_by_role("heading", name="附近监测结果").scroll_into_view_if_needed()


@state("site-bottom", "inspector")
def _(seat: Seat) -> None:
    _site("6523014000001")(seat)
    seat.page.locator("main.card").evaluate("card => card.scrollTo(0, 9999)")


at("site-missing", "clerk", "/sites/0000000000000", "[role=alert]")

# -- the others -----------------------------------------------------------------------------------

at("audit", "auditor", "/audit", "tbody tr")
at("rules", "clerk", "/rules", "[data-rule]")
at("dashboard", "steward", "/dashboard", "tbody tr, table")
at("verify-empty", "public", "/verify", "form")


@state("dashboard-list", "steward")
def _(seat: Seat) -> None:
    seat.go("/dashboard")
    seat.page.get_by_role("button", name="重点监管单位").first.click()
    seat.page.locator(".behind tr").first.wait_for()


def _verify(print_of: str, number: str = "") -> Callable[[Seat], None]:
    def reach(seat: Seat) -> None:
        told = seat.api("clerk", "GET", f"/checks/{seat.example('clear', True)}")
        seat.go(f"/verify/{number or told['number']}?fingerprint={print_of or told['fingerprint']}")
        seat.page.locator(".told").wait_for()

    return reach


state("verify-unchanged", "public")(_verify(""))
state("verify-changed", "public")(_verify("sha256:0"))


@state("verify-unknown", "public")
def _(seat: Seat) -> None:
    seat.go("/verify/JT-652301-20200101-000001")
    seat.see("没有这个编号")


at("help", "clerk", "/help", "main")
at("barred", "clerk", "/loads", ".barred")
at("barred-stranger", "public", "/checks", ".barred")


@state("page-failed", "clerk")
def _(seat: Seat) -> None:
    answered("**/rules*", **PROBLEM)(seat)
    seat.go("/rules")
    seat.page.locator("[role=alert]").first.wait_for()


@state("page-session-ended", "clerk")
def _(seat: Seat) -> None:
    seat.go("/rules")
    seat.page.locator("[data-rule]").first.wait_for()
    seat.page.context.clear_cookies()
    seat.page.locator("[data-page='checks']").first.evaluate("one => one.click()")
    expect(seat.page.get_by_text("登录已过期").first).to_be_visible()


at("login", "public", "/accounts/login/", "form", page=False)
at("password", "clerk", "/accounts/password/", "form", page=False)
at("not-found", "public", "/accounts/nothing-here/", "body", page=False)
at("docs", "public", "/docs", ".opblock", page=False)
at("admin", "steward", "/admin/", "#content", page=False)


@state("login-wrong", "public", page=False)
def _(seat: Seat) -> None:
    seat.go("/accounts/login/")
    seat.page.fill("input[name=username]", "nobody")
    seat.page.fill("input[name=password]", "wrong")
    seat.page.keyboard.press("Enter")
    seat.see("不正确")


@state("page-expired", "public", page=False)
def _(seat: Seat) -> None:
    seat.go("/accounts/login/")
    seat.page.context.clear_cookies()
    seat.page.locator("form").evaluate("form => form.submit()")
    seat.see("页面已过期")
