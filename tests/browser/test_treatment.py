"""Recording in a real browser: vials added one by one, stops read first; charts and weeks on a small screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws, flaws_in_light_and_dark
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser


def test_a_vial_is_added_with_one_press_and_typed_into_at_once(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/courses/1/treatments/new")
    lots = page.get_by_label("Lot number")
    expect(lots.locator("visible=true")).to_have_count(1)
    page.get_by_text("Add vial").first.click()
    expect(lots.locator("visible=true")).to_have_count(2)
    expect(lots.nth(1)).to_be_focused()
    lots.nth(0).fill("C1")
    page.get_by_label("Date given").fill("2026-11-10")
    lots.nth(1).fill("C2")
    page.locator("#vials-0-units").fill("100")
    page.locator("#vials-1-units").fill("55")
    page.get_by_role("button", name="Record the treatment").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(lots.nth(1)).to_have_value("C2")
    assert flaws(page) == []
    page.get_by_label("Why the early date is accepted").select_option("payer_approved")
    page.get_by_role("button", name="Record it as it is").click()
    page.wait_for_url("**/next?treatment=*")
    expect(page.get_by_text("Accepted by a provider.")).to_be_visible()
    assert flaws(page) == []


def test_charts_and_weeks_hold_on_a_small_screen(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    found = []
    for address in (
        "/provider?provider=1",
        "/patients/1",
        "/courses/1/next?treatment=1",
        "/treatments/1/void",
    ):
        page.goto(address)
        found += flaws_in_light_and_dark(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        expect(page.locator("h1")).to_be_visible()
    assert found == []


def test_why_says_what_to_say_and_unfolds_its_rules_by_keyboard(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    page.get_by_role("link", name="Why these dates").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The earliest ").first).to_be_visible()
    rules = dialog.get_by_role("table", name="Dates and the rules behind them")
    expect(rules).to_be_hidden()
    assert flaws(page) == []
    dialog.get_by_text("Rules and sources").focus()
    page.keyboard.press("Enter")
    expect(rules).to_be_visible()
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
