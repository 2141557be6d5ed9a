"""The page of the field, with a line and without."""

from __future__ import annotations

from tests.flows.pictures.seat import Seat, state

HERE = {"longitude": 87.272, "latitude": 44.006}


def _field(seat: Seat, pane: str, accuracy: float = 5.0) -> None:
    seat.page.context.grant_permissions(["geolocation"])
    seat.page.context.set_geolocation({**HERE, "accuracy": accuracy})
    seat.go("/field")
    seat.page.locator("[data-locate]").click()
    seat.page.locator("[data-near]").first.wait_for()
    seat.page.locator(f"[data-pane='{pane}']").click()
    seat.page.wait_for_timeout(1500)


@state("field-begin", "inspector")
def _(seat: Seat) -> None:
    seat.go("/field")
    seat.page.locator("[data-locate]").wait_for()
    seat.page.wait_for_timeout(1500)


@state("field-near", "inspector")
def _(seat: Seat) -> None:
    _field(seat, "near")


@state("field-vague", "inspector")
def _(seat: Seat) -> None:
    _field(seat, "near", 85.0)


@state("field-mine", "inspector")
def _(seat: Seat) -> None:
    _field(seat, "mine")


def _form(seat: Seat) -> None:
    _field(seat, "mine")
    seat.page.locator("[data-inspection] button").first.click()
    seat.page.locator("[data-save]").wait_for()


@state("field-form", "inspector")
def _(seat: Seat) -> None:
    _form(seat)
    seat.page.locator("[data-item='soil_out'] input").last.check()


@state("field-form-faults", "inspector")
def _(seat: Seat) -> None:
    _form(seat)
    seat.page.locator("[data-save]").click()


@state("field-waiting", "inspector")
def _(seat: Seat) -> None:
    _form(seat)
    seat.page.context.set_offline(True)
    for item in seat.page.locator("[data-item]").all():
        item.locator("input").first.check()
    seat.page.locator("[data-save]").click()
    seat.page.locator("[data-saved]").wait_for()
    seat.page.locator("[data-pane='outbox']").click()


@state("field-package", "inspector")
def _(seat: Seat) -> None:
    _field(seat, "packs")
    seat.page.locator("[data-pack-name]").fill("示例镇")
    seat.page.locator("[data-prepare]").click()
    seat.page.locator("[data-size]").wait_for(timeout=60_000)


@state("field-outdoor", "inspector")
def _(seat: Seat) -> None:
    _field(seat, "near")
    seat.page.locator(".outdoor").click()
