"""A person at a page of the demo, and the list of states that the pictures are taken of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import Page, Route, StorageState, expect

from api.english import english
from tests.flows.conftest import Demo
from tests.flows.test_page import SAMPLES, until

BOTH = ("desk", "phone")
CALM_MS = 350
sessions: dict[str, StorageState] = {}


@dataclass
class Seat:
    """A person at a page of the demo."""

    page: Page
    demo: Demo
    phone: bool

    def sign_in(self, role: str) -> None:
        if role not in sessions:
            page = self.page.context.new_page()
            page.goto(f"{self.demo.url}/accounts/login/")
            page.fill("input[name=username]", self.demo.accounts[role]["username"])
            page.fill("input[name=password]", self.demo.accounts[role]["password"])
            page.keyboard.press("Enter")
            page.wait_for_url(f"{self.demo.url}/", wait_until="commit")
            sessions[role] = page.context.storage_state()
            page.close()
        self.page.context.add_cookies(sessions[role]["cookies"])  # type: ignore[arg-type]

    def go(self, path: str) -> None:
        self.page.goto(f"{self.demo.url}{path}")

    def map(self, path: str = "/") -> None:
        """The map, drawn."""
        self.go(path)
        self.page.locator("[data-idle]").wait_for(timeout=60_000)

    def settle(self) -> None:
        """Until tiles and pictures are there and nothing moves."""
        if self.page.locator("[data-idle]").count() and "probe" in self.page.url:
            until(self.page, "!window.jingtuMap || window.jingtuMap.areTilesLoaded()", 30)
        self.page.wait_for_timeout(CALM_MS)

    def click(self, wanted: str) -> None:
        self.page.locator(wanted).first.click()

    def see(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=30_000)

    def api(self, role: str, method: str, path: str, **more: Any) -> Any:
        with self.demo.as_role(role) as client:
            answer = client.request(method, path, **more)
            assert answer.status_code < 400, answer.text
            return answer.json()

    def example(self, verdict: str, complete: bool) -> str:
        """The id of a stored check that came out so."""
        return _checked(self.demo.url, json.dumps(self.demo.accounts["clerk"]), verdict, complete)


def _mulei(body: dict[str, Any], at: tuple[float, float]) -> dict[str, Any]:
    x, y, d = *at, 0.0006
    ring = [[x - d, y], [x, y - d], [x + d, y], [x, y + d], [x - d, y]]
    return {**body, "action": "extension", "parcel": {"type": "Polygon", "coordinates": [ring]}}


@cache
def _checked(url: str, account: str, verdict: str, complete: bool) -> str:
    demo = Demo(url, SAMPLES, {"clerk": json.loads(account)}, 0)
    found = {(one["verdict"], one["complete"]): one["body"] for one in reversed(demo.examples())}
    works = next(one["body"] for one in demo.examples() if one["id"] == "works-extension")
    with demo.as_role("clerk") as client:
        if (verdict, complete) not in found:
            # Control units of the county of which a layer was never loaded: what forbids there is not all that may.
            for unit in client.get(
                "/features/eco_control_unit", params={"county": "652328", "limit": 20}
            ).json()["features"]:
                corners = _corners(unit["geometry"])
                middle = (
                    sum(x for x, _ in corners) / len(corners),
                    sum(y for _, y in corners) / len(corners),
                )
                body = _mulei(works, middle)
                made = client.post("/checks", json=body).json()
                found.setdefault((made["verdict"], made["complete"]), body)
        made = client.post("/checks", json=found[verdict, complete]).json()
    assert (made["verdict"], made["complete"]) == (verdict, complete)
    return str(made["id"])


def _corners(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    ring = geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"][0][0]
    return [(x, y) for x, y in ring[:-1]]


@dataclass(frozen=True)
class State:
    name: str
    role: str
    reach: Callable[[Seat], None]
    page: bool = True
    """Ours, with languages and lights; not Django's own forms or Swagger."""
    tour: bool = False
    sizes: tuple[str, ...] = field(default=BOTH)


STATES: list[State] = []


def state(name: str, role: str, **more: Any) -> Callable[[Callable[[Seat], None]], Callable[[Seat], None]]:
    def kept(reach: Callable[[Seat], None]) -> Callable[[Seat], None]:
        STATES.append(State(name, role, reach, **more))
        return reach

    return kept


def at(name: str, role: str, path: str, wait: str = "", **more: Any) -> None:
    """A state that its address leads to; `wait`: what is there once it is read."""

    def reach(seat: Seat) -> None:
        seat.go(path)
        if wait:
            seat.page.locator(wait).first.wait_for()
        seat.page.wait_for_timeout(600)

    STATES.append(State(name, role, reach, **more))


def in_english(route: Route) -> bool:
    return route.request.headers.get("accept-language", "").startswith("en")


def answered(path: str, **answer: Any) -> Callable[[Seat], None]:
    """From now on this path is answered so: states of the server that cannot be made to order."""

    def ready(seat: Seat) -> None:
        def told(route: Route) -> None:
            asks_page = route.request.resource_type == "document"
            if asks_page:
                route.continue_()
            elif "problem" in answer.get("content_type", "") and in_english(route):
                said = json.loads(answer["body"])
                told = {name: english(one) if isinstance(one, str) else one for name, one in said.items()}
                route.fulfill(**{**answer, "body": json.dumps(told)})
            else:
                route.fulfill(**answer)

        seat.page.route(path, told)

    return ready


PROBLEM: dict[str, Any] = {
    "status": 500,
    "content_type": "application/problem+json",
    "body": json.dumps(
        {
            "type": "about:blank",
            "title": "没有完成",
            "status": 500,
            "code": "internal",
            "detail": "没有完成，未得出任何结论。编号 7F3A21。",
            "hint": "请重试；仍不成功时把编号告诉管理员。",
        },
        ensure_ascii=False,
    ),
}
"""As api/failures.py answers a fault of the program."""


def held(seat: Seat, path: str) -> None:
    """From now on this path is never answered."""
    kept: list[Route] = []

    def keep(route: Route) -> None:
        asks_page = route.request.resource_type == "document"
        route.continue_() if asks_page else kept.append(route)

    seat.page.route(path, keep)
