"""A provider's hold in a browser: set, asked about by somebody at the desk, released from the provider's weeks."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.actors import Actor
from tests import factories
from tests.browser.conftest import Open, sign_in
from tests.browser.test_every_screen import flaws_in_light_and_dark
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser


def wrong_with(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]
    return [*flaws_in_light_and_dark(page), *([f"{page.url} scrolls sideways"] if wide else [])]


@pytest.mark.parametrize("width", [1360, 390])
def test_a_hold_from_first_to_last_press(
    open_page: Open, served: Flask, clock: FrozenClock, width: int
) -> None:
    page = open_page(width=width)
    sign_in(page)
    page.goto("/patients/2")
    page.get_by_role("link", name="Put patient on hold").click()
    page.get_by_label("Reason").select_option("pregnancy")
    found = wrong_with(page)
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_role("heading", name="Holds")).to_be_visible()
    found += wrong_with(page)
    desk = open_page(width=width)
    with served.app_context(), unit_of_work() as session:
        factories.staff(session, Actor("Test", 1, None, frozenset({"admin"})), clock.now(), "front_desk")
    desk.goto("/sign-in")
    desk.get_by_label("E-mail address").fill("front_desk@example.org")
    desk.get_by_label("Password").fill(factories.PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    desk.wait_for_url("**/due")
    desk.goto("/patients/2")
    desk.get_by_role("link", name="to release").click()
    found += wrong_with(desk)
    desk.get_by_label("Note").fill("The baby is born")
    desk.get_by_role("button", name="Ask to release").click()
    expect(desk.get_by_text("asks to release it")).to_be_visible()
    found += wrong_with(desk)
    desk.goto("/work-list")
    found += wrong_with(desk)
    page.goto("/work-list")
    found += wrong_with(page)
    page.goto("/provider?provider=1")
    found += wrong_with(page)
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status").first).to_contain_text("Released from hold")
    expect(page.get_by_text("on hold since")).to_have_count(0)
    assert found == []
