"""Every page there is, read from the program itself so that a new one is visited without being named again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import BrowserContext, Page

from api import page_paths
from api.app import PAGE_ROUTES
from spatial.urls import urlpatterns
from tests.flows.conftest import Demo
from tests.flows.test_page import Watch

ROUTER = Path(__file__).parents[2] / "web" / "src" / "state" / "pages.ts"
QUIET_MS = 60
POST_ALONE = ("accounts/logout/",)
THERE = (
    "Boolean(document.querySelector(document.querySelector('#app')"
    " ? '#page, [data-idle], .nomap img' : '.opblock, form, #content'))"
)


def page_names() -> list[str]:
    """The pages beside the map, as the page's own router names them."""
    told = re.search(r"export const PAGES = \[(.+?)\]", ROUTER.read_text(encoding="utf-8"), re.DOTALL)
    assert told
    return re.findall(r"'([a-z]+)'", told[1])


def served(path: str) -> bool:
    """Whether a browser that goes to this address is given the page."""
    return path in PAGE_ROUTES or bool(page_paths.PAGES.fullmatch(path))


def with_items() -> list[str]:
    """The pages whose addresses may name one thing; the sheet of releases is one beside those of the router."""
    return [name for name in [*page_names(), "releases"] if page_paths.PAGES.fullmatch(f"/{name}/1")]


def django_paths() -> list[str]:
    names = [str(one.pattern) for one in urlpatterns]
    return [f"/{name}" for name in names if name not in POST_ALONE]


def places(demo: Demo) -> list[tuple[str, list[str]]]:
    """All addresses of pages, each with the roles that go there; where one names a thing, with a thing of the demo.

    What the router knows is another page to each role; a thing is shown to whom it belongs; the rest is one for all.
    """
    everyone, stranger = ["public", *demo.accounts], ["public"]
    own = [("/", everyone), *((f"/{name}", everyone) for name in page_names())]
    things = [(f"/{name}/{_THINGS[name][1](demo)}", [_THINGS[name][0]]) for name in with_items()]
    rest = [(path, stranger) for path in PAGE_ROUTES if path.strip("/") not in ("", *page_names())]
    forms = [(path, [role]) for path in django_paths() for role in ("public", "administrator")]
    return [*own, *things, *rest, *forms]


def session(context: BrowserContext, demo: Demo, role: str) -> None:
    """Give a context the session of a role, as its form would; a stranger has none."""
    if role == "public":
        return
    with httpx2.Client(base_url=demo.url, timeout=60) as client:
        client.get("/accounts/login/")
        account = demo.accounts[role]
        told = {"username": account["username"], "password": account["password"]}
        client.post("/accounts/login/", data=told | {"csrfmiddlewaretoken": str(client.cookies["csrftoken"])})
        cookies = [
            {"name": one.name, "value": one.value or "", "url": demo.url} for one in client.cookies.jar
        ]
    assert "sessionid" in {one["name"] for one in cookies}
    context.add_cookies(cookies)  # type: ignore[arg-type]


def settled(page: Page, watch: Watch, seconds: float = 30) -> None:
    """Until the page stands and everything that it asked for has come."""
    end, calm = time.monotonic() + seconds, 0
    while calm < 2:
        assert time.monotonic() < end, f"{page.url} never came to rest: {watch.pending()}"
        page.wait_for_timeout(QUIET_MS)
        calm = calm + 1 if not watch.waits() and page.evaluate(THERE) else 0


# -- a thing of each kind -------------------------------------------------------------------------


def _asked(demo: Demo, role: str, method: str, path: str, **more: Any) -> Any:
    with demo.as_role(role) as client:
        answer = client.request(method, path, **more)
        assert answer.status_code < 400, answer.text
        return answer.json()


def _checked(demo: Demo) -> dict[str, Any]:
    body = next(one["body"] for one in demo.examples() if one["verdict"] == "prohibit")
    return dict(_asked(demo, "clerk", "POST", "/checks", json=body))


def _laid(demo: Demo) -> str:
    unit = _asked(demo, "planner", "GET", "/features/detailed_plan_unit?limit=1")["features"][0]
    body = {"area": {"layer": "detailed_plan_unit", "codes": [unit["code"]]}, "with": ["risk_register_plot"]}
    job = _asked(demo, "planner", "POST", "/overlays", json=body)["job"]
    while (told := _asked(demo, "planner", "GET", f"/jobs/{job}"))["state"] in ("queued", "running"):
        time.sleep(0.1)
    return str(told["result"]["overlay"])


def _opened_case(demo: Demo) -> str:
    asked = next(one["body"] for one in demo.examples() if one["id"] == "shop-to-homes")
    keys = ("parcel", "crs", "proposed_use", "current_use", "project")
    body = {"kind": "use_change", "title": "示例：商铺改住宅", **{k: asked[k] for k in keys if k in asked}}
    return str(_asked(demo, "clerk", "POST", "/cases", json=body)["number"])


_THINGS: dict[str, tuple[str, Callable[[Demo], str]]] = {
    "checks": ("clerk", lambda demo: str(_checked(demo)["id"])),
    "overlays": ("planner", _laid),
    "loads": ("steward", lambda demo: str(_asked(demo, "steward", "GET", "/loads")["loads"][0]["id"])),
    "releases": (
        "steward",
        lambda demo: str(_asked(demo, "steward", "GET", "/releases")["releases"][0]["name"]),
    ),
    "cases": ("clerk", _opened_case),
    "sites": ("inspector", lambda demo: str(_asked(demo, "inspector", "GET", "/sites")["sites"][0]["code"])),
    "field": ("inspector", lambda demo: "packs"),
    "help": ("public", lambda demo: "planner"),
    "verify": ("public", lambda demo: "{number}?fingerprint={fingerprint}".format(**_checked(demo))),
}
"""Whose it is and how to come by one: a new page whose addresses name things says it here."""
